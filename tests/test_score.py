"A score is a value: it survives every way out of the package and back, and arithmetic does not wear it down."
import copy, pickle, subprocess, sys
from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from melodynb.score import (Change, MODES, MelodyError, Note, Score, Track, from_music21, from_pretty_midi, from_symusic, key_fifths,
                            read_midi, signature_key, to_music21, to_pretty_midi, to_symusic, transpose_key, write_midi)

def not_nested(notes):
    "Without those that lie inside a longer note of the same pitch: MIDI cannot tell which of the two stops."
    kept = []
    for n in sorted(notes, key=lambda n: (n.start, n.pitch, n.duration, n.velocity)):
        if not any(k.pitch == n.pitch and k.start < n.start and k.end > n.end - 1e-6 for k in kept): kept.append(n)
    return kept

places = st.builds(lambda steps, grid: float(Fraction(steps, grid)), st.integers(0, 96), st.sampled_from([1, 2, 3, 4, 5, 6, 7, 8, 12, 16]))
lengths = places.filter(lambda beats: beats > 0)
notes = st.lists(st.builds(Note, st.integers(0, 127), places, lengths, st.integers(1, 127)), min_size=1, max_size=12).map(not_nested)
words = st.text(st.characters(exclude_categories=['Cs']), max_size=12)
tracks = st.builds(Track, notes, st.integers(0, 127), words, st.booleans())
keys = st.one_of(st.none(), st.builds('{} {}'.format, st.sampled_from(['C', 'F#', 'Gb', 'Bb', 'D#', 'A', 'Cb']), st.sampled_from([*MODES])))
bpms = st.integers(40, 10000).map(lambda tenths: tenths/10)
meters = st.tuples(st.integers(1, 255), st.sampled_from([1, 2, 4, 8, 16, 32, 64]))
values = st.one_of(st.tuples(st.just('bpm'), bpms), st.tuples(st.just('meter'), meters), st.tuples(st.just('key'), keys))
changes = st.lists(st.builds(lambda start, value: Change(start, *value), lengths, values), max_size=4, unique_by=lambda c: c[:2])
scores = st.builds(Score, st.lists(tracks, min_size=1, max_size=4), bpms, meters, keys, words, changes)

@settings(max_examples=100, deadline=None)
@given(scores)
def test_midi_keeps_every_score(score): assert read_midi(write_midi(score)) == score

@settings(max_examples=40, deadline=None)
@given(scores)
def test_symusic_keeps_every_score(score): assert from_symusic(to_symusic(score)) == score

@settings(max_examples=25, deadline=None)
@given(scores)
def test_pretty_midi_keeps_every_score(score): assert from_pretty_midi(to_pretty_midi(score)) == score

@settings(max_examples=40, deadline=None)
@given(scores)
def test_values(score):
    for twin in (copy.deepcopy(score), pickle.loads(pickle.dumps(score)), score.map_notes(lambda n: n), score.transpose(0)):
        assert twin == score and hash(twin) == hash(score)
    assert '\n' not in repr(score)
    assert list(score.notes) == sorted(score.notes, key=lambda n: (n.start, n.pitch, n.duration, n.velocity))

@settings(max_examples=40, deadline=None)
@given(scores, st.integers(0, 30))
def test_bars_partition_the_notes(score, first):
    starts = score.bar_starts()
    assert starts[0] == 0 and all(a < b for a, b in zip(starts, starts[1:]))
    assert starts[-1] < score.end <= starts[-1] + max(4*beats/unit for _, (beats, unit) in score.stretches('meter')) + 1e-6
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
    tempos = [*range(4, 1001), *(tenths/10 for tenths in range(40, 10001)), 66.67, 123.456]
    score = Score([Track([Note(60, 0, len(tempos))])], changes=[(k, 'bpm', bpm) for k, bpm in enumerate(tempos, start=1)])
    assert [bpm for _, bpm in read_midi(write_midi(score)).stretches('bpm')] == [120, *tempos]

def test_forty_tracks_share_channels_and_stay_apart():
    score = Score([Track([Note(30 + k, 0, 1)], k, f'voice {k}', drums=k % 9 == 0) for k in range(40)])
    assert read_midi(write_midi(score)) == score

def test_adding_thirds_is_exact():
    now, notes = 0., []
    for k in range(3000): notes.append(Note(60, now, 1/3)); now += 1/3
    assert Track(notes) == Track([Note(60, float(Fraction(k, 3)), float(Fraction(1, 3))) for k in range(3000)])

def test_no_heavy_import():
    code = "import sys, melodynb.score; print(*{'music21', 'torch', 'matplotlib', 'symusic', 'pretty_midi', 'IPython'} & {*sys.modules})"
    assert subprocess.run([sys.executable, '-c', code], capture_output=True, text=True, check=True).stdout.split() == []

@pytest.mark.parametrize('wrong', [Note(60.5, 0, 1), Note(60, 0, float('inf')), Note(60, 0, -1), Note(10**400, 0, 1), Note(None, 0, 1), (60,), 'C4', None])
def test_what_is_no_note_is_named(wrong):
    with pytest.raises(MelodyError, match='must be|no note'): Track([Note(60, 0, 1), wrong])

# music21

def two_hands():
    right = Track([Note(72 + k % 3, float(Fraction(k, 3)), 1/3, 90) for k in range(24)], 6, 'right')
    left = Track([Note(pitch, 2.*k, 2., 60) for k in range(4) for pitch in (48, 55)], 32, 'left')
    return Score([right, left], bpm=90, meter='2/4', key='Bb mixolydian', title='Étude', changes=[(4, 'bpm', 72.5), (4, 'key', 'F# minor'), (6, 'meter', '3/8')])

def test_music21_round_trip():
    score = two_hands()
    stream = to_music21(score)
    assert from_music21(stream) == score
    assert from_music21(stream.makeNotation()) == score
    assert [len(part.getElementsByClass('Chord')) for part in stream.parts] == [0, 4]

def test_music21_drums_and_overlaps():
    score = Score([Track([Note(38, k/2, .25, 100) for k in range(8)], name='kit', drums=True), Track([Note(60, 0, 4), Note(64, 1, 2), Note(62, 2, 4)])])
    assert from_music21(to_music21(score)) == score
    assert from_music21(to_music21(score).makeNotation()) == score

def test_music21_ties_upbeats_graces_symbols_and_transposition():
    import music21 as m
    part = m.stream.Part()
    for number, words in enumerate(['g', 'c1', 'c2', 'e']):
        part.append(m.stream.Measure(number=number))
    upbeat, first, second, third = part.getElementsByClass('Measure')
    upbeat.append([m.meter.TimeSignature('4/4'), m.note.Note('G4', quarterLength=1)])
    upbeat.paddingLeft = 3
    tied = [m.chord.Chord(['C4', 'E4'], quarterLength=4) for _ in range(2)]
    tied[0].tie, tied[1].tie = m.tie.Tie('start'), m.tie.Tie('stop')
    first.append(tied[0]); second.append([m.note.Note('D5').getGrace(), tied[1]])
    third.insert(0, m.harmony.ChordSymbol('Cm7')); third.append(m.note.Note('C4', quarterLength=4))
    for offset, bar in zip((0, 1, 5, 9), (upbeat, first, second, third)): part.setElementOffset(bar, offset)
    expected = ((67, 3, 1), (60, 4, 8), (64, 4, 8), (60, 12, 4))
    assert tuple(n[:3] for n in from_music21(part).notes) == expected
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
    assert score.bpm == 90 and score.tracks[0] == Track([Note(60 + k, float(Fraction(k, 3)), 1/3) for k in range(6)], name='piano')

def test_seconds_agree_with_pretty_midi():
    score = two_hands()
    ours = score.seconds_at([n.end for n in score.tracks[0].notes])
    theirs = [n.end for n in to_pretty_midi(score).instruments[0].notes]
    assert np.allclose(ours, theirs, atol=1e-4)
