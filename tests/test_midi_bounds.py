"""Whatever comes, `read_midi` gives a Score or one sentence, and looks at no more than its limits allow.

The files here are small and ordinary: whole, cut off, or with a wrong word in them. What a limit
does is tried with a low limit, never with a monstrous file."""
import io
import os
import struct

import pytest

from melodynb import score as module
from melodynb.score import MelodyError, MidiError, Note, Score, Track, read_midi, write_midi

END = b'\0\xff\x2f\0'
NOTE = b'\0\x90\x3c\x50' + b'\x83\x60\x80\x3c\x50' # middle C, 480 ticks long


def smf(body, ticks=480, kind=0, claim=None):
    "A MIDI file of one track; `claim` is how many bytes the track says it has, if not those that it has."
    header = struct.pack('>4sIHHH', b'MThd', 6, kind, 1, ticks)
    return header + struct.pack('>4sI', b'MTrk', len(body) if claim is None else claim) + body


@pytest.fixture
def tune():
    "Twelve beats, two instruments, and four changes."
    melody = Track([Note(60 + k % 12, k/2, .5) for k in range(24)], 3, 'é')
    beat = Track([Note(36 + k, k/3, 1/3) for k in range(12)], drums=True)
    changes = [(3, 'bpm', 60), (6, 'meter', '3/4'), (6, 'key', 'Gb major'), (9, 'bpm', 90)]
    return Score([melody, beat], 97.3, '6/8', 'D dorian', 'Tést', changes)


def is_a_sentence(text):
    return '\n' not in text and len(text) < 300


def test_plain_file():
    assert read_midi(smf(NOTE + END)) == Score([Track([Note(60, 0, 1)])])


# Refused

REFUSED = {
    'empty': (b'', '0 bytes'),
    'text': (b'X:1\nK:C\nCDEF|\n', 'Standard MIDI File'),
    'header alone': (smf(b'')[:14], 'no notes'),
    'half a header': (b'MThd\0\0', 'Standard MIDI File'),
    'a claim too long': (smf(NOTE + END, claim=500), 'claims 500 bytes, 13 are left'),
    'a claim too short': (smf(NOTE + END, claim=5), 'damaged|cut short'),
    'type 2': (smf(NOTE + END, kind=2), 'type 2'),
    'type 9': (smf(NOTE + END, kind=9), 'type 9'),
    'no ticks': (smf(NOTE + END, ticks=0), '0 ticks'),
    'film frames': (smf(NOTE + END, ticks=0xe728), 'film frames'),
    'tempo 0': (smf(b'\0\xff\x51\3\0\0\0' + NOTE + END), '0 microseconds'),
    'pitch 188': (smf(b'\0\x90\xbc\x50\x10\x80\xbc\x50' + END), 'damaged|whole MIDI number'),
    'no notes': (smf(END), 'no notes'),
    'a header too short': (smf(NOTE + END)[:7] + b'\4' + smf(NOTE + END)[8:], 'its header has 4 bytes, not 6'),
    'an event that is none': (smf(NOTE + b'\0\xf4' + END), 'damaged .no event begins with f4, at byte 31'),
    'data without a status': (smf(b'\0\x3c\x50' + NOTE + END), 'damaged .no event can be read at byte 22'),
}

@pytest.mark.parametrize('name', REFUSED)
def test_refused_in_one_sentence(name):
    data, words = REFUSED[name]
    with pytest.raises(MidiError, match=words) as caught: read_midi(data)
    assert is_a_sentence(str(caught.value))


def test_a_file_cut_anywhere_is_refused(tune):
    "Or read, where what is left is a whole file: all chunks up to there."
    data = write_midi(tune)
    whole = 0
    for place in range(len(data)):
        try: read_midi(data[:place])
        except MidiError as error: assert is_a_sentence(str(error)), place
        else: whole += 1
    assert whole < 4*8 # at most in the eight bytes after each chunk


# Odd, and read

READ = {
    'a note of no length': (b'\0\x90\x3c\x50\0\x80\x3c\x50', 'notes', (Note(60, 0, 1/480),)),
    'meter 0/4': (b'\0\xff\x58\4\0\2\x18\x08' + NOTE, 'meter', (4, 4)),
    'meter 4/128': (b'\0\xff\x58\4\4\7\x18\x08' + NOTE, 'meter', (4, 4)),
    'nine sharps': (b'\0\xff\x59\2\x09\0' + NOTE, 'key', None),
    'a tempo too fast': (b'\0\xff\x51\3\0\xc3\x50' + NOTE, 'bpm', 1000),
    'a tempo too slow': (b'\0\xff\x51\3\xf4\x24\0' + NOTE, 'bpm', 4),
    'two tempos at one place': (b'\0\xff\x51\3\7\xa1\x20\0\xff\x51\3\x0f\x42\x40' + NOTE, 'bpm', 60),
    'a marker that is no key': (b'\0\xff\x06\x0bKey: so-so!' + NOTE, 'key', None),
    'no end of track': (NOTE, 'notes', (Note(60, 0, 1),)),
    'a note that never stops': (b'\0\x90\x3c\x50' + NOTE.replace(b'\x3c', b'\x3e'), 'notes',
                                (Note(60, 0, 1), Note(62, 0, 1))),
}

TOLD = {
    'a tempo too fast': 'a tempo outside 4 to 1000, read as the nearest of them (beat 0: 1,200.0)',
    'a tempo too slow': 'a tempo outside 4 to 1000, read as the nearest of them (beat 0: 3.8)',
    'meter 0/4': 'a meter passed over (beat 0: 0/4)', 'meter 4/128': 'a meter passed over (beat 0: 4/128)',
    'nine sharps': 'a key passed over (beat 0: signature +9, mode 0)',
    'a note that never stops': '1 note has no end and lasts to the end of track 1',
}

@pytest.mark.parametrize('name', READ)
def test_odd_but_readable(name):
    body, field, value = READ[name]
    score = read_midi(smf(body + END))
    assert getattr(score, field) == value
    assert score.bar_starts() and is_a_sentence(repr(score)) and read_midi(write_midi(score)) == score
    assert score.remark == TOLD.get(name, '')


def test_notes_of_one_pitch_may_overlap():
    score = read_midi(smf(b'\0\x90\x3c\x50\x10\x90\x3c\x51\x10\x80\x3c\0\x10\x80\x3c\0' + END))
    assert [note.velocity for note in score.notes] == [80, 81]


def test_a_name_may_be_in_another_encoding():
    name = 'café'.encode('latin-1')
    score = read_midi(smf(b'\0\xff\x03' + bytes([len(name)]) + name + NOTE + END))
    assert score.tracks[0].name == 'café' and read_midi(write_midi(score)) == score


def test_every_pitch_and_every_loudness_is_read():
    data = bytearray(smf(NOTE + END))
    begin = data.index(b'\x90')
    stop = data.index(b'\x80')
    for value in range(1, 128):
        data[begin + 1] = data[begin + 2] = data[stop + 1] = value
        assert read_midi(data).notes == (Note(value, 0, 1, value),)


def test_of_several_tracks_a_damaged_one_is_told():
    "And read up to the fault; a file of which no track is whole is refused."
    good, bad = NOTE + END, NOTE.replace(b'\x3c', b'\x40') + b'\0\x90\xbc\x50' + END
    two = smf(good)[:10] + b'\0\2' + smf(good)[12:] + struct.pack('>4sI', b'MTrk', len(bad)) + bad
    score = read_midi(two)
    assert [track.notes for track in score.tracks] == [(Note(60, 0, 1),), (Note(64, 0, 1),)]
    assert score.remark == 'damaged, and read up to the fault: track 2 (no event can be read at byte 52)'


# Limits, lowered

def test_each_limit_names_itself(tune):
    data = write_midi(tune)
    for words, limit in {
        'more than 100 bytes: pass a larger max_bytes': dict(max_bytes=100),
        '36 notes, the limit is 35: pass a larger max_notes': dict(max_notes=35),
        'lasts 10 seconds, the limit is 1: pass a larger max_seconds': dict(max_seconds=1),
    }.items():
        with pytest.raises(MidiError, match=words) as caught: read_midi(data, **limit)
        assert is_a_sentence(str(caught.value))


def test_music_within_its_limits_is_read(tune):
    data = write_midi(tune)
    seconds = float(tune.seconds_at(tune.end))
    assert read_midi(data, max_bytes=len(data), max_notes=36, max_seconds=seconds + .001) == tune
    with pytest.raises(MidiError, match='max_bytes'): read_midi(data, max_bytes=len(data) - 1)
    with pytest.raises(MidiError, match='max_seconds'): read_midi(data, max_seconds=seconds - .001)


@pytest.mark.parametrize('change', [('meter', '3/4'), ('key', 'G major'), ('bpm', 60)])
def test_a_change_after_the_last_note_counts_as_length(change):
    score = Score([Track([Note(60, 0, 1)])], changes=[(40, *change)])
    assert read_midi(write_midi(score)) == score
    with pytest.raises(MidiError, match='lasts 20 seconds'): read_midi(write_midi(score), max_seconds=10)


def test_a_late_note_counts_as_length():
    score = Score([Track([Note(60, 40, 1)])])
    with pytest.raises(MidiError, match='max_seconds'): read_midi(write_midi(score), max_seconds=1)


TURNS = {'bpm': (60, 90), 'meter': ('3/4', '4/4'), 'key': ('D dorian', 'G dorian')}

@pytest.mark.parametrize('what', TURNS)
def test_changes_and_markers_are_counted(what):
    changes = [(k, what, TURNS[what][k % 2]) for k in range(1, 9)]
    score = Score([Track([Note(60, k, 1) for k in range(9)])], changes=changes)
    data = write_midi(score)
    assert read_midi(data) == score
    words = r'\d changes and markers, the limit is 9'
    with pytest.raises(MidiError, match=words): read_midi(data, max_notes=9)


def test_events_that_are_no_notes_are_counted():
    "Three times as many as notes, and a thousand."
    pedal = b''.join(b'\0\xc0\5' for _ in range(1100))
    assert read_midi(smf(pedal + NOTE + END)).tracks[0].program == 5
    with pytest.raises(MidiError, match='more than 1,030 events that are no notes: pass a larger max_notes'):
        read_midi(smf(pedal + NOTE + END), max_notes=10)


def test_ends_of_notes_are_counted():
    "Five for each note that there may be."
    ends = b''.join(b'\0\x80\x40\0' for _ in range(15))
    assert len(read_midi(smf(NOTE + ends + END), max_notes=4).notes) == 1
    with pytest.raises(MidiError, match='16 ends of notes, the limit is 15'): read_midi(smf(NOTE + ends + END), max_notes=3)


def test_tracks_are_counted(monkeypatch):
    body = NOTE + END
    data = smf(body)[:10] + b'\0\5' + smf(body)[12:14] + 5*smf(body)[14:]
    assert len(read_midi(data).tracks) == 5
    monkeypatch.setattr(module, '_MOST_TRACKS', 4)
    with pytest.raises(MidiError, match='more than 4 tracks: merge some'): read_midi(data)


# Each limit stands before the work that it bounds

class Watched(io.BytesIO):
    "A file that remembers how many bytes were asked of it."
    def read(self, size=-1):
        self.asked = size
        return super().read(size)


def test_no_more_bytes_are_read_than_the_limit_allows(tune):
    file = Watched(write_midi(tune))
    with pytest.raises(MidiError, match='max_bytes'): read_midi(file, max_bytes=100)
    assert file.asked == 101


@pytest.mark.parametrize('limit,value,work', [('max_bytes', 100, '_parsed'), ('max_notes', 35, 'from_symusic')])
def test_what_is_too_much_is_not_worked_on(tune, monkeypatch, limit, value, work):
    def worked(*_): raise AssertionError(f'{work} was called')
    monkeypatch.setattr(module, work, worked)
    with pytest.raises(MidiError, match='pass a larger'): read_midi(write_midi(tune), **{limit: value})
    with pytest.raises(AssertionError, match='was called'): read_midi(write_midi(tune))


def test_a_chunk_that_lies_is_not_parsed(monkeypatch):
    def worked(*_): raise AssertionError('parsed')
    monkeypatch.setattr(module, '_parsed', worked)
    with pytest.raises(MidiError, match='cut short'): read_midi(smf(NOTE + END, claim=14))


# Paths, and writing

def test_paths_and_files(tmp_path):
    song = tmp_path/'A Tune.mid'
    song.write_bytes(smf(NOTE + END))
    assert read_midi(song).title == read_midi(str(song)).title == 'A Tune'
    with song.open('rb') as file: assert read_midi(file).title == ''
    with song.open() as text, pytest.raises(MidiError, match='rb'): read_midi(text)


def test_what_is_no_midi_file_is_named(tmp_path):
    (tmp_path/'text.mid').write_text('no music')
    (tmp_path/'empty.mid').touch()
    wrong = {tmp_path: 'folder', tmp_path/'none.mid': 'not there', tmp_path/'text.mid': 'Standard MIDI',
             tmp_path/'empty.mid': '0 bytes', os.devnull: 'device', 'a\0b': 'cannot be read|not there',
             7: 'give a path', None: 'give a path'}
    for source, words in wrong.items():
        with pytest.raises(MidiError, match=words): read_midi(source)


def test_writing_takes_nobodys_place(tmp_path):
    score = Score([Track([Note(60, 0, 1)])], title='mine')
    path = tmp_path/'tune.mid'
    path.write_bytes(b'precious')
    with pytest.raises(FileExistsError, match='exist_ok=True'): write_midi(score, path)
    assert path.read_bytes() == b'precious'
    assert read_midi(write_midi(score, path, exist_ok=True)) == score
    nowhere = tmp_path/'no'/'tune.mid'
    with pytest.raises(FileNotFoundError, match='make its folder'): write_midi(score, nowhere)
    with pytest.raises(IsADirectoryError, match='file name'): write_midi(score, tmp_path)
    odd = Score(score.tracks, title='\ud800')
    with pytest.raises(MidiError, match='Unicode'): write_midi(odd, tmp_path/'odd.mid')
    assert [file.name for file in tmp_path.iterdir()] == ['tune.mid']


def test_ticks_can_be_chosen_and_are_bounded():
    score = Score([Track([Note(60, .5, .5)])])
    assert write_midi(score, ticks_per_beat=96)[12:14] == b'\0\x60'
    assert read_midi(write_midi(score, ticks_per_beat=2)) == score
    for ticks in (0, -1, 32768, 1.5):
        with pytest.raises(MidiError, match='32767'): write_midi(score, ticks_per_beat=ticks)


def test_music_too_long_for_a_file_is_not_written():
    "2**28 ticks are the longest wait that a file can hold; at the most ticks a beat that is beat 8192."
    late = Score([Track([Note(60, 8192.5, 1)])])
    with pytest.raises(MelodyError, match=r'beat 8193.5; .*cut it with beats\(0, 8192\)'):
        write_midi(late, ticks_per_beat=32767)
    assert read_midi(write_midi(late)).notes == late.notes
