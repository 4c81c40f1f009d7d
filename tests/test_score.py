"A score is a value: it survives every way out of the package and back, and arithmetic does not wear it down."
import copy
import html
import os
import pickle
import subprocess
import sys
from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from melodynb import score as module
from melodynb.score import (
    MODES, Change, MelodyError, Note, Score, Track, _columns, demand, from_music21, from_pretty_midi,
    from_symusic, key_fifths, read_midi, signature_key, to_music21, to_pretty_midi, to_symusic,
    transpose_key, write_midi)

def is_inside(note, longer):
    "Whether a note lies inside a longer one of the same pitch."
    return longer.pitch == note.pitch and longer.start < note.start and longer.end > note.end - 1e-6

def not_nested(notes):
    "Without those that lie inside a longer note of the same pitch: MIDI cannot tell which of the two stops."
    kept = []
    for note in sorted(notes, key=lambda n: (n.start, n.pitch, n.duration, n.velocity)):
        if not any(is_inside(note, longer) for longer in kept): kept.append(note)
    return kept

def on_a_step(steps, grid): return float(Fraction(steps, grid))
def as_tempo(tenths): return tenths/10

grids = st.sampled_from([1, 2, 3, 4, 5, 6, 7, 8, 12, 16])
places = st.builds(on_a_step, st.integers(0, 96), grids)
lengths = places.filter(lambda beats: beats > 0)
note = st.builds(Note, st.integers(0, 127), places, lengths, st.integers(1, 127))
notes = st.lists(note, min_size=1, max_size=12).map(not_nested)
words = st.text(st.characters(exclude_categories=['Cs']), max_size=12)
tracks = st.builds(Track, notes, st.integers(0, 127), words, st.booleans())
tonics = st.sampled_from(['C', 'F#', 'Gb', 'Bb', 'D#', 'A', 'Cb'])
keys = st.one_of(st.none(), st.builds('{} {}'.format, tonics, st.sampled_from([*MODES])))
bpms = st.integers(40, 10000).map(as_tempo)
meters = st.tuples(st.integers(1, 255), st.sampled_from([1, 2, 4, 8, 16, 32, 64]))
kinds = dict(bpm=bpms, meter=meters, key=keys)
values = st.one_of(*(st.tuples(st.just(what), value) for what, value in kinds.items()))
change = st.builds(lambda start, value: Change(start, *value), lengths, values)
changes = st.lists(change, max_size=4, unique_by=lambda c: c[:2])
scores = st.builds(Score, st.lists(tracks, min_size=1, max_size=4), bpms, meters, keys, words, changes)

@settings(max_examples=100, deadline=None)
@given(scores)
def test_midi_keeps_every_score(score): assert read_midi(write_midi(score)) == score

@settings(max_examples=40, deadline=None)
@given(scores)
def test_symusic_keeps_every_score(score): assert from_symusic(to_symusic(score)) == score

def changes_tempo(score):
    "Whether each new tempo is another one: pretty_midi keeps no change that changes nothing."
    tempos = [bpm for _, bpm in score.stretches('bpm')]
    return all(before != after for before, after in zip(tempos, tempos[1:]))

@settings(max_examples=25, deadline=None)
@given(scores.filter(changes_tempo))
def test_pretty_midi_keeps_every_score(score): assert from_pretty_midi(to_pretty_midi(score)) == score

@settings(max_examples=40, deadline=None)
@given(scores)
def test_values(score):
    copied = copy.deepcopy(score), pickle.loads(pickle.dumps(score))
    for twin in (*copied, score.map_notes(lambda n: n), score.transpose(0)):
        assert twin == score and hash(twin) == hash(score)
    assert '\n' not in repr(score)
    assert list(score.notes) == sorted(score.notes, key=lambda n: (n.start, n.pitch, n.duration, n.velocity))

@settings(max_examples=40, deadline=None)
@given(scores, st.integers(0, 30))
def test_bars_partition_the_notes(score, first):
    starts = score.bar_starts()
    assert starts[0] == 0 and all(a < b for a, b in zip(starts, starts[1:]))
    longest = max(4*beats/unit for _, (beats, unit) in score.stretches('meter'))
    assert starts[-1] < score.end <= starts[-1] + longest + 1e-6
    assert score.bar_lines()[:-1] == starts and starts[-1] < score.bar_lines()[-1] <= starts[-1] + longest
    cut = min(first, len(starts) - 1)
    head = len(score.bars(cut).notes) if cut else 0
    assert head + len(score.bars(cut, len(starts)).notes) == len(score.notes)

@settings(max_examples=40, deadline=None)
@given(notes, st.integers(1, 40))
def test_cutting_in_two_steps_or_one(notes, thirds):
    score = Score([Track(notes)])
    assert score.beats(thirds/3, 200).beats(1/3, 300) == score.beats((thirds + 1)/3, 200)

@pytest.mark.parametrize('steps', range(-11, 12))
def test_transposing_there_and_back(steps):
    for key in ('C major', 'D dorian', 'F# minor', 'Bb mixolydian', 'Eb major'):
        score = Score([Track([Note(60, 0, 1)])], key=key)
        assert score.transpose(steps).transpose(-steps) == score
        assert abs(key_fifths(transpose_key(key, steps))) <= 6

def test_a_signature_names_its_key():
    for tonic, sign, mode in product('ABCDEFG', ('', 'b', '#'), MODES):
        key = f'{tonic}{sign} {mode}'
        assert signature_key(key_fifths(key), mode) == key
    for fifths, mode in ((30, 'minor'), (-14, 'major'), (0, 'blues'), (0, '')):
        with pytest.raises(MelodyError): signature_key(fifths, mode)

def test_every_usual_tempo_survives():
    tempos = [*range(4, 1001), *map(as_tempo, range(40, 10001)), 66.67, 123.456]
    changes = [(k, 'bpm', bpm) for k, bpm in enumerate(tempos, start=1)]
    score = Score([Track([Note(60, 0, len(tempos))])], changes=changes)
    assert [bpm for _, bpm in read_midi(write_midi(score)).stretches('bpm')] == [120, *tempos]

def test_forty_tracks_share_channels_and_stay_apart():
    score = Score([Track([Note(30 + k, 0, 1)], k, f'voice {k}', drums=k % 9 == 0) for k in range(40)])
    assert read_midi(write_midi(score)) == score

def test_adding_thirds_is_exact():
    notes = [Note(60, 0., 1/3)]
    for _ in range(2999): notes.append(Note(60, notes[-1].end, 1/3))
    assert Track(notes) == Track([Note(60, float(Fraction(k, 3)), 1/3) for k in range(3000)])

def fresh(code):
    "What code prints in an interpreter of its own."
    command = [sys.executable, '-c', f'import sys; {code}']
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout

def test_no_heavy_import():
    heavy = {'music21', 'torch', 'matplotlib', 'symusic', 'pretty_midi', 'IPython', 'melodynb.display'}
    assert fresh(f'import melodynb.score; print(*{heavy} & {{*sys.modules}})').split() == []

WRONG = [Note(60.5, 0, 1), Note(60, 0, float('inf')), Note(60, 0, -1), Note(10**400, 0, 1),
         Note(None, 0, 1), (60,), 'C4', None]

@pytest.mark.parametrize('wrong', WRONG)
def test_what_is_no_note_is_named(wrong):
    with pytest.raises(MelodyError, match='must be|no note'): Track([Note(60, 0, 1), wrong])

@settings(max_examples=40, deadline=None)
@given(scores)
def test_columns_are_the_notes(score):
    table = _columns(score.notes)
    assert table.dtype == np.float64 and [Note(*row) for row in table.T] == [*score.notes]

@pytest.mark.parametrize('wrong', [(60, 0, 1), Note('C4', 0, 1), Note([60], 0, 1), 60, None])
def test_columns_refuse_what_is_not_four_numbers(wrong):
    with pytest.raises(MelodyError, match='give four numbers'): _columns([wrong])
    with pytest.raises(MelodyError, match='give four numbers'): _columns([Note(60, 0, 1), wrong])

# Places, the line, and wishes

@settings(max_examples=40, deadline=None)
@given(scores)
def test_what_holds_is_the_last_change_so_far(score):
    for what in ('bpm', 'meter', 'key'):
        assert score.at(what, 0) == getattr(score, what)
        for change in score.changes:
            if change.what == what: assert score.at(what, change.start) == change.value

@settings(max_examples=40, deadline=None)
@given(scores)
def test_a_line_has_one_note_at_a_time(score):
    starts = [note.start for note in score.line]
    assert starts == sorted({*starts})
    assert score.melody().line == score.melody().notes

@pytest.mark.parametrize('length, heard', [(1.25, True), (1.5, True), (2, False), (3, False)])
def test_a_lower_note_is_heard_until_a_higher_one_sounds_through_half_of_it(length, heard):
    above, below = Note(72, 0, length), Note(60, 1, 2)
    assert (below in Score([Track([above, below])]).melody().line) is heard

@pytest.mark.parametrize('value', [3, 'x'*10_000, None, [1, 2]])
def test_a_wish_is_granted_or_named(value):
    assert demand(True, 'wish', value, 'ask for less') is None
    with pytest.raises(MelodyError, match=r'^wish=.{1,60}: ask for less$'):
        demand(False, 'wish', value, 'ask for less')

# How it shows itself

def test_a_player_is_found_when_it_is_asked_for():
    made = 'from melodynb.score import Note, Score, Track; score = Score([Track([Note(60, 0, 1)])])'
    there = "'melodynb.display' in sys.modules"
    assert fresh(f"{made}; print({there}, '<audio' in score._repr_html_(), {there})").split() == ['False', 'True', 'True']

def test_pretty_midi_comes_without_a_word():
    "Where CI is set, pyfluidsynth below it prints; it is set in every run of these tests."
    assert os.environ['CI'] and fresh('from melodynb.score import quiet_pretty_midi; quiet_pretty_midi()') == ''

def test_without_a_player_the_line_of_text_is_shown(monkeypatch):
    monkeypatch.setattr('importlib.metadata.entry_points', lambda **_: ())
    module._view.cache_clear()
    shown = Score(title='<b>')._repr_html_()
    module._view.cache_clear()
    assert shown == f'<pre>{html.escape(repr(Score(title="<b>")))}</pre>' and '<b>' not in shown

# music21

def two_hands():
    right = Track([Note(72 + k % 3, float(Fraction(k, 3)), 1/3, 90) for k in range(24)], 6, 'right')
    left = Track([Note(pitch, 2.*k, 2., 60) for k, pitch in product(range(4), (48, 55))], 32, 'left')
    changes = [(4, 'bpm', 72.5), (4, 'key', 'F# minor'), (6, 'meter', '3/8')]
    return Score([right, left], bpm=90, meter='2/4', key='Bb mixolydian', title='Étude', changes=changes)

def test_music21_round_trip():
    score = two_hands()
    stream = to_music21(score)
    assert from_music21(stream) == score
    assert from_music21(stream.makeNotation()) == score
    assert [len(part.getElementsByClass('Chord')) for part in stream.parts] == [0, 4]

def test_music21_drums_and_overlaps():
    kit = Track([Note(38, k/2, .25, 100) for k in range(8)], name='kit', drums=True)
    score = Score([kit, Track([Note(60, 0, 4), Note(64, 1, 2), Note(62, 2, 4)])])
    assert from_music21(to_music21(score)) == score
    assert from_music21(to_music21(score).makeNotation()) == score

def bars_of_music21():
    "An upbeat; a chord tied over a bar line, with a grace note between; a chord symbol and a note."
    import music21 as m
    upbeat, first, second, third = (m.stream.Measure(number=number) for number in range(4))
    upbeat.append([m.meter.TimeSignature('4/4'), m.note.Note('G4', quarterLength=1)])
    upbeat.paddingLeft = 3
    begun, ended = (m.chord.Chord(['C4', 'E4'], quarterLength=4) for _ in range(2))
    begun.tie = m.tie.Tie('start')
    ended.tie = m.tie.Tie('stop')
    first.append(begun)
    second.append([m.note.Note('D5').getGrace(), ended])
    third.insert(0, m.harmony.ChordSymbol('Cm7'))
    third.append(m.note.Note('C4', quarterLength=4))
    return upbeat, first, second, third

def test_music21_ties_upbeats_graces_and_symbols():
    import music21 as m
    part = m.stream.Part()
    for offset, bar in zip((0, 1, 5, 9), bars_of_music21()): part.insert(offset, bar)
    expected = ((67, 3, 1), (60, 4, 8), (64, 4, 8), (60, 12, 4))
    assert tuple(n[:3] for n in from_music21(part).notes) == expected

def test_music21_transposing_instruments_are_read_as_they_sound():
    import music21 as m
    clarinet = m.stream.Part([m.instrument.Clarinet(), m.note.Note('D4')])
    clarinet.atSoundingPitch = False
    assert from_music21(clarinet).notes[0].pitch == 60

def test_music21_refusals():
    import music21 as m
    opus = m.stream.Opus([m.stream.Score(), m.stream.Score()])
    with pytest.raises(MelodyError, match='one by one'): from_music21(opus)
    with pytest.raises(MelodyError, match='no music21 stream'): from_music21('bwv66.6')

# pretty_midi

def test_pretty_midi_made_by_hand():
    import pretty_midi as pm
    midi = pm.PrettyMIDI(initial_tempo=90)
    piano = pm.Instrument(0, name='piano')
    piano.notes = [pm.Note(80, 60 + k, k*2/9, (k + 1)*2/9) for k in range(6)]
    midi.instruments.append(piano)
    score = from_pretty_midi(midi)
    thirds = [Note(60 + k, float(Fraction(k, 3)), 1/3) for k in range(6)]
    assert score.bpm == 90 and score.tracks[0] == Track(thirds, name='piano')

def test_seconds_agree_with_pretty_midi():
    score = two_hands()
    ours = score.seconds_at([n.end for n in score.tracks[0].notes])
    theirs = [n.end for n in to_pretty_midi(score).instruments[0].notes]
    assert np.allclose(ours, theirs, atol=1e-4)


def test_any_stream_of_music21_gives_its_notes():
    "A measure, a voice, a plain stream, a flattened score, an empty one."
    from music21 import corpus, note, stream
    hymn = corpus.parse('bwv66.6')
    two = [note.Note(60), note.Note(62)]
    for made in (stream.Stream(two), stream.Voice(two), stream.Measure(two), stream.Part(two), stream.Score(two)):
        assert from_music21(made).notes == (Note(60, 0, 1), Note(62, 1, 1)), type(made).__name__
    assert len(from_music21(hymn.parts[0].measure(2)).notes) == len(hymn.parts[0].measure(2).flatten().notes)
    assert len(from_music21(hymn.flatten()).notes) == len(from_music21(hymn).notes)
    assert from_music21(hymn.parts[0].flatten()).key == 'F# minor'
    assert from_music21(stream.Stream()) == Score((Track(),))
    nested = stream.Stream(hymn.parts[:2])
    assert len(from_music21(nested).tracks) == 2
