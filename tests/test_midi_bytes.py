"""Our own pass over the bytes of a MIDI file against mido, pretty_midi, miditoolkit and symusic.

The files are generated, one kind of thing after the other, with the notes that are right beside them. Where another
reader is known to read a kind otherwise, DIFFERENT says so, and how; everywhere else all agree."""
import io
import random
import struct
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from melodynb.midi_bytes import MidiBytes, midi_text
from melodynb.score import Note, read_midi, write_midi

FIXTURES = Path(__file__).parent/'fixtures'
END = b'\0\xff\x2f\0'


# Files by hand

def vlq(number):
    "A number in bytes of seven bits."
    data = [number & 127]
    while number := number >> 7: data.append(number & 127 | 128)
    return bytes(data[::-1])


def smf(*tracks, kind=1, ticks=480, longer=b'', declared=None):
    "A MIDI file of the events of its tracks."
    count = len(tracks) if declared is None else declared
    head = struct.pack('>4sIHHH', b'MThd', 6 + len(longer), kind, count, ticks) + longer
    return head + b''.join(struct.pack('>4sI', b'MTrk', len(t)) + t for t in tracks)


class Writer:
    "Events at ticks, in any order, as the bytes of a track."
    def __init__(self, running=False):
        self.events, self.running = [], running

    def put(self, tick, *data): self.events.append((tick, bytes(data)))

    def note(self, tick, length, pitch, velocity=80, channel=0, soft=False):
        self.put(tick, 0x90 + channel, pitch, velocity)
        self.put(tick + length, *((0x90 + channel, pitch, 0) if soft else (0x80 + channel, pitch, 64)))

    def track(self, end=0):
        found, now, status = b'', 0, None
        for tick, data in sorted(self.events, key=lambda event: event[0]):
            shared = self.running and data[0] == status and data[0] < 0xf0
            found += vlq(tick - now) + (data[1:] if shared else data)
            now, status = tick, data[0] if data[0] < 0xf0 else None
        return found + vlq(end) + END[1:]


KINDS = {}

def kind(make):
    "Register what makes a file of one kind and the notes that are right: (pitch, start, length, velocity, program, drums)."
    KINDS[make.__name__] = make
    return make


def line(dice, writer, channel=0, program=0, count=None, soft=False):
    "A tune on one channel; its notes."
    tick, found = 0, []
    for _ in range(count or dice.randint(5, 40)):
        tick, length = tick + dice.choice([0, 60, 240, 480, 5000]), dice.choice([1, 60, 240, 479, 20000])
        pitch, velocity = dice.randint(0, 127), dice.randint(1, 127)
        if any(p == pitch and tick <= start + had and start <= tick + length for p, start, had, *_ in found): continue
        writer.note(tick, length, pitch, velocity, channel, soft)
        found.append((pitch, tick, length, velocity, program, channel == 9))
    return found


@kind
def plain(dice):
    writer = Writer()
    return [writer], line(dice, writer)


@kind
def running_status(dice):
    writer = Writer(running=True)
    return [writer], line(dice, writer, soft=True)


@kind
def many_channels_in_one_track(dice):
    writer, found = Writer(running=dice.random() < .5), []
    for channel in dice.sample(range(16), 5):
        program = dice.randint(0, 127)
        writer.put(0, 0xc0 + channel, program)
        found += line(dice, writer, channel, program)
    return [writer], found


@kind
def many_tracks(dice):
    writers, found = [], []
    for channel in range(dice.randint(2, 8)):
        writers.append(Writer())
        writers[-1].put(0, 0xc0 + channel, 5*channel)
        found += line(dice, writers[-1], channel, 5*channel)
    return writers, found


@kind
def programs_in_mid_track(dice):
    writer, found = Writer(), []
    for part in range(4):
        program = dice.randint(0, 127)
        writer.put(2000*part, 0xc0, program)
        for step in range(4):
            writer.note(2000*part + 400*step, 300, 60 + step)
            found.append((60 + step, 2000*part + 400*step, 300, 80, program, False))
    return [writer], found


@kind
def controllers_and_pressures(dice):
    writer = Writer(running=True)
    found = line(dice, writer)
    for _ in range(200):
        tick = dice.randint(0, 9000)
        writer.put(tick, *dice.choice([(0xb0, 64, 127), (0xd0, 55), (0xe0, 3, 64), (0xa0, 60, 5), (0xb3, 7, 90)]))
    return [writer], found


@kind
def metas_everywhere(dice):
    writer = Writer(running=True)
    found = line(dice, writer)
    for _ in range(30):
        text = bytes(dice.choices(range(256), k=dice.choice([0, 5, 127, 128, 300])))
        writer.put(dice.randint(0, 9000), 0xff, dice.choice([1, 2, 5, 7, 0x7f]), *vlq(len(text)), *text)
    return [writer], found


@kind
def whole_sysex(dice):
    writer = Writer()
    for tick in (0, 0, 700): writer.put(tick, 0xf0, 5, 0x7e, 0x7f, 9, 1, 0xf7)
    return [writer], line(dice, writer)


@kind
def repeated_notes(dice):
    "One ends where the next of its pitch begins, the end written first."
    writer = Writer()
    for step in range(20): writer.note(100*step, 100, 60, 50 + step)
    writer.events.sort(key=lambda event: (event[0], event[1][0] == 0x90))
    return [writer], [(60, 100*step, 100, 50 + step, 0, False) for step in range(20)]


@kind
def ends_without_a_beginning(dice):
    writer = Writer()
    for pitch in range(1, 10): writer.put(0, 0x80, pitch, 0)
    return [writer], line(dice, writer)


@kind
def type_0(dice):
    tracks, found = many_channels_in_one_track(dice)
    return tracks, found, dict(kind=0)


@kind
def odd_resolution(dice):
    tracks, found = plain(dice)
    return tracks, found, dict(ticks=dice.choice([1, 96, 1000, 32767]))


# Kinds that others read otherwise

@kind
def overlaps(dice):
    "First in, first out."
    writer = Writer()
    for step in range(10): writer.note(100*step, 250, 60, 50 + step)
    return [writer], [(60, 100*step, 250, 50 + step, 0, False) for step in range(10)]


@kind
def no_length(dice):
    writer = Writer()
    writer.note(0, 0, 60)
    writer.note(480, 480, 62)
    return [writer], [(60, 0, 1, 80, 0, False), (62, 480, 480, 80, 0, False)]


@kind
def no_end(dice):
    writer, pitch = Writer(), dice.randint(0, 59)
    writer.put(240, 0x90, pitch, 70)
    writer.note(0, 960, 60)
    return [writer], [(60, 0, 960, 80, 0, False), (pitch, 240, 720, 70, 0, False)]


@kind
def program_of_another_track(dice):
    first, second, program = Writer(), Writer(), dice.randint(1, 127)
    first.put(0, 0xc3, program)
    return [first, second], line(dice, second, 3, program)


@kind
def running_across_sysex(dice):
    body = b'\0\x90\x3c\x50' b'\0\xf0\5\x7e\x7f\x09\1\xf7' b'\x83\x60\x3c\0' b'\0\x3e\x50' b'\x83\x60\x3e\0' + END
    return [body], [(60, 0, 480, 80, 0, False), (62, 480, 480, 80, 0, False)]


@kind
def sysex_in_parts(dice):
    writer = Writer()
    writer.put(0, 0xf0, 3, 0x43, 1, 2)
    writer.put(16, 0xf7, 2, 1, 0xf7)
    writer.note(16, 480, 60)
    return [writer], [(60, 16, 480, 80, 0, False)]


@kind
def a_clock_in_between(dice):
    return [b'\0\x90\x3c\x50' b'\0\xf8' b'\x10\x3c\0' + END], [(60, 0, 16, 80, 0, False)]


@kind
def pressure_across_a_meta(dice):
    body = b'\0\xd0\1\5\2\0\xff\1\1a\5\3' b'\0\x90\x3c\x50\x10\x80\x3c\0' + END
    return [body], [(60, 10, 16, 80, 0, False)]


@kind
def a_longer_header(dice):
    tracks, found = plain(dice)
    return tracks, found, dict(longer=b'more')


@kind
def fewer_tracks_than_declared(dice):
    tracks, found = plain(dice)
    return tracks, found, dict(declared=3)


DIFFERENT = { # kind -> readers, and what they do
    'overlaps': {'pretty_midi': 'ends all notes of a key at its first end'},
    'no_length': {'pretty_midi': 'drops it', 'miditoolkit': 'length 0', 'symusic': 'length 0', 'mido': 'length 0'},
    'no_end': dict.fromkeys(['pretty_midi', 'miditoolkit', 'symusic', 'mido'], 'drop it'),
    'program_of_another_track': dict.fromkeys(['pretty_midi', 'miditoolkit', 'symusic'], 'program 0'),
    'running_across_sysex': dict.fromkeys(['pretty_midi', 'miditoolkit', 'symusic', 'mido'], 'read data as waits'),
    'sysex_in_parts': {'symusic': 'reads the second part as waits'},
    'a_clock_in_between': dict.fromkeys(['pretty_midi', 'miditoolkit', 'symusic', 'mido'], 'refuse or lose it'),
    'a_longer_header': {'symusic': 'refuses it'},
    'fewer_tracks_than_declared': dict.fromkeys(['pretty_midi', 'miditoolkit', 'mido'], 'refuse it'),
}


def made(name, seed):
    "A file of one kind, and its notes."
    tracks, notes, *more = KINDS[name](random.Random(f'{name} {seed}'))
    options = more[0] if more else {}
    tracks = [track if isinstance(track, bytes) else track.track() for track in tracks]
    return smf(*tracks, **options), sorted(notes), options.get('ticks', 480)


# Readers: the notes as above, sorted; mido knows no programs here

def by_us(data, ticks):
    rows = [(track, note) for track in read_midi(data, max_seconds=1e9).tracks for note in track.notes]
    return sorted((n.pitch, round(n.start*ticks), round(n.duration*ticks), n.velocity, t.program, t.drums) for t, n in rows)


def by_symusic(data, ticks):
    import symusic
    rows = [(track, note) for track in symusic.Score.from_midi(data).tracks for note in track.notes]
    return sorted((n.pitch, n.time, n.duration, n.velocity, t.program, t.is_drum) for t, n in rows)


def by_pretty_midi(data, ticks):
    import pretty_midi
    midi = pretty_midi.PrettyMIDI(io.BytesIO(data))
    def at(seconds): return int(midi.time_to_tick(seconds))
    rows = [(track, note) for track in midi.instruments for note in track.notes]
    return sorted((n.pitch, at(n.start), at(n.end) - at(n.start), n.velocity, int(t.program), t.is_drum) for t, n in rows)


def by_miditoolkit(data, ticks):
    import miditoolkit
    rows = [(track, note) for track in miditoolkit.MidiFile(file=io.BytesIO(data)).instruments for note in track.notes]
    return sorted((n.pitch, n.start, n.end - n.start, n.velocity, int(t.program), t.is_drum) for t, n in rows)


def by_mido(data, ticks):
    "Notes without programs, first in first out: mido itself leaves at events."
    import mido
    found, begun = [], {}
    for number, track in enumerate(mido.MidiFile(file=io.BytesIO(data)).tracks):
        tick = 0
        for event in track:
            tick += event.time
            if event.type not in ('note_on', 'note_off'): continue
            same = begun.setdefault((number, event.channel, event.note), [])
            if event.type == 'note_on' and event.velocity: same.append((tick, event.velocity))
            elif same:
                start, velocity = same.pop(0)
                found.append((event.note, start, tick - start, velocity))
    return sorted(found)


OTHERS = {'symusic': by_symusic, 'pretty_midi': by_pretty_midi, 'miditoolkit': by_miditoolkit, 'mido': by_mido}


@pytest.mark.parametrize('name', KINDS)
def test_every_kind_is_read_as_it_was_made(name):
    for seed in range(8):
        data, notes, ticks = made(name, seed)
        assert by_us(data, ticks) == notes, seed


@pytest.mark.parametrize('reader', OTHERS)
@pytest.mark.parametrize('name', KINDS)
def test_others_agree_where_we_say_so(name, reader):
    if not find_spec(reader): pytest.skip(f'{reader} is not installed')
    data, notes, ticks = made(name, 0)
    expected = sorted(note[:4] for note in notes) if reader == 'mido' else notes
    try: found = OTHERS[reader](data, ticks)
    except Exception as error: found = type(error).__name__
    assert (found != expected) == (reader in DIFFERENT.get(name, {})), found


@pytest.mark.parametrize('name', sorted(set(KINDS) - set(DIFFERENT)))
def test_both_of_our_ways_lead_to_one_place(name):
    "The library's notes, where the count agrees, and those of our own pass."
    import symusic
    data, _, ticks = made(name, 1)
    found = MidiBytes(data, spans_of(data))
    theirs = symusic.Score.from_midi(data)
    assert found.agrees(theirs.note_num()) and not found.agrees(theirs.note_num() + 1)
    ours, told = found.to_symusic(ticks)
    assert [table(track) for track in ours.tracks] == [table(track) for track in theirs.tracks if len(track.notes)] and not told


def spans_of(data):
    "Where the tracks of a whole file stand."
    found, place = [], 8 + int.from_bytes(data[4:8], 'big')
    while place < len(data):
        size = int.from_bytes(data[place + 4:place + 8], 'big')
        found.append((place + 8, place + 8 + size))
        place += 8 + size
    return found


def table(track):
    "All that a symusic track says."
    rows = sorted((n.time, n.duration, n.pitch, n.velocity) for n in track.notes)
    return track.name, track.program, track.is_drum, rows


# The cases that once came out wrong

def test_running_status_across_a_sysex_in_one_of_two_tracks():
    score = read_midi(FIXTURES/'rs_after_sysex_one_of_two.mid')
    assert [[n.pitch for n in track.notes] for track in score.tracks] == [[60, 62], [48, 50]]
    assert {n.duration for n in score.notes} == {1.} and score.remark == ''


def test_a_note_without_an_end():
    score = read_midi(FIXTURES/'no_off.mid')
    assert score.notes == (Note(60, 0, 2), Note(62, 1, 1))
    assert score.remark == '1 note has no end and lasts to the end of track 1'


def test_text_behind_the_last_track():
    score = read_midi(FIXTURES/'trailing_text.mid')
    assert score.notes == (Note(60, 0, 1),) and score.remark == ''


def test_a_program_from_another_track():
    score = read_midi(FIXTURES/'prog_other_track.mid')
    assert [track.program for track in score.tracks] == [40] and score.bpm == 100


def test_a_track_with_a_program_of_its_own_keeps_it():
    "Also where another track sets the same channel later; before its own, the other's holds."
    first, second = Writer(), Writer()
    first.put(0, 0xc0, 40)
    first.note(0, 480, 60)
    first.put(960, 0xc0, 41)
    second.note(0, 480, 62)
    second.put(480, 0xc0, 7)
    second.note(1440, 480, 64)
    score = read_midi(smf(first.track(), second.track()))
    assert [(track.program, [n.pitch for n in track.notes]) for track in score.tracks] == [(40, [60]), (7, [64]), (40, [62])]


def test_all_notes_off_ends_a_note():
    writer = Writer()
    writer.put(0, 0x90, 60, 80)
    writer.put(480, 0xb0, 123, 0)
    writer.note(480, 480, 62)
    score = read_midi(smf(writer.track(960)))
    assert score.notes == (Note(60, 0, 1), Note(62, 1, 1)) and score.remark == ''


@pytest.mark.parametrize('tracks, options, words', [
    (2, dict(declared=1), 'the header declares 1 of 2 tracks, the others were left out'),
    (1, dict(declared=2), 'the header declares 2 tracks, the file ends after 1')])
def test_a_header_that_miscounts_is_told(tracks, options, words):
    data, notes, _ = made('plain', 0)
    body = data[22:]
    assert read_midi(smf(*[body]*tracks, **options)).remark == words


def test_what_stands_behind_the_end_of_a_track_is_told():
    writer = Writer()
    writer.note(0, 480, 60)
    score = read_midi(smf(writer.track() + writer.track()))
    assert len(score.notes) == 1 and score.remark == 'what stands behind the end of track 1 was left out'
    assert read_midi(smf(writer.track() + bytes(3))).remark == ''


@pytest.mark.parametrize('text, encoding', [
    ('Flöte', 'utf-8'), ('Flöte', 'latin-1'), ('Für Elise', 'cp1252'), ('Mädchenträume', 'latin-1'), ('Don’t', 'cp1252'),
    ('ピアノ', 'shift_jis'), ('夜想曲 第2番', 'shift_jis'), ('ピアノ', 'utf-8'), ('', 'utf-8')])
def test_text_is_what_its_bytes_fit(text, encoding):
    data = text.encode(encoding)
    writer = Writer()
    writer.put(0, 0xff, 3, *vlq(len(data)), *data)
    writer.note(0, 480, 60)
    assert midi_text(data) == text
    assert read_midi(smf(writer.track())).tracks[0].name == text


def test_any_bytes_are_some_text():
    dice = np.random.default_rng(0)
    for size in range(40): assert isinstance(midi_text(dice.integers(0, 256, size, dtype=np.uint8).tobytes()), str)


# Whatever comes

def test_bytes_changed_anywhere_give_music_or_a_sentence():
    "And all music can be written and read again."
    from melodynb.score import MidiError
    dice, read = random.Random(0), 0
    for seed in range(600):
        data, *_ = made(dice.choice(list(KINDS)), seed)
        data = bytearray(data)
        for _ in range(dice.randint(1, 4)): data[dice.randrange(14, len(data))] = dice.randrange(256)
        try: score = read_midi(bytes(data), max_seconds=1e9)
        except MidiError as error: assert '\n' not in str(error) and len(str(error)) < 300
        else:
            read += 1
            assert '\n' not in score.remark and len(score.remark) < 600
            if score.end < 8000: assert [t.program for t in read_midi(write_midi(score), max_seconds=1e9).tracks]
    assert read > 100
