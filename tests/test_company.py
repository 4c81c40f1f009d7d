"""A given voice stays note for note, whatever the network says of the others; what cannot be sung gets a sentence."""
import warnings
from dataclasses import replace

import numpy as np
import pytest
from scores import without_an_idea

from melodynb.company import Company, accompany, beats_of, by_shapes, harmony, shapes, voice_ranges
from melodynb.corpus import load_corpus
from melodynb.sample import sample
from melodynb.score import NEAR, Change, MelodyError, Note, Score, Track

VOICES = 'Soprano', 'Alto', 'Tenor', 'Bass'


@pytest.fixture(scope='module')
def untrained(): return without_an_idea('chorales')


def quiet(*given, **named):
    with warnings.catch_warnings():
        warnings.simplefilter('ignore')
        return accompany(*given, **named)


def check_choir(choir, melody, voice):
    assert tuple(track.name for track in choir.tracks) == VOICES
    assert choir.tracks[voice].notes == melody.notes
    first, end = melody.notes[0].start, melody.end
    for track in choir.tracks:
        assert all(a.end <= b.start + NEAR for a, b in zip(track.notes, track.notes[1:]))
        assert all(first - NEAR <= n.start and n.end <= end + 1/8 and 0 <= n.pitch <= 127 for n in track.notes)
    assert (choir.meter, choir.changes, choir.bpm) == (melody.meter, melody.changes, melody.bpm)


@pytest.mark.parametrize('number', range(0, 360, 60))
@pytest.mark.parametrize('voice', range(4))
def test_any_voice_of_a_chorale_stays(untrained, number, voice):
    chorale = load_corpus('chorales')[number].bars(4)
    melody = replace(chorale, tracks=chorale.tracks[voice:voice + 1])
    check_choir(quiet(melody, untrained, voice=VOICES[voice], seed=number), melody.melody(), voice)


@pytest.mark.parametrize('voice', range(4))
def test_the_others_have_read_every_note_of_the_given_voice(untrained, voice):
    "The melody of the answer is that of the score; this one is that of the tokens."
    model, tokenizer = untrained
    for number in range(0, 360, 90):
        chorale = load_corpus('chorales')[number].bars(4)
        given = Company(replace(chorale, tracks=chorale.tracks[voice:voice + 1]), tokenizer, VOICES[voice])
        ids = sample(model, given.prompt, steps=4000, allowed=given.rule, stop=tokenizer.end, seed=number)
        heard = tokenizer.decode(tokenizer.encode(given.heard))
        assert ids[-1] == tokenizer.end
        assert tokenizer.decode(ids).tracks[voice].notes == heard.tracks[voice].notes


@pytest.mark.parametrize('number', range(0, 2800, 400))
def test_a_tune_of_any_meter_stays(untrained, number):
    tune = load_corpus('folk')[number].bars(6)
    check_choir(quiet(tune, untrained, seed=number), tune.melody(), 0)


def melody(*notes, **fields): return Score((Track(tuple(Note(*note) for note in notes)),), **fields)


def test_triplets_gaps_and_other_meters_stay(untrained):
    line = melody((67, .5, 1/3), (69, 5/6, 1/3), (71, 7/6, 1/3), (72, 4, 1), (74, 9.1, .25), (67, 14, 2), key='G major')
    for meter in ((4, 4), (3, 4), (11, 8), (7, 8)):
        tune = replace(line, meter=meter)
        check_choir(quiet(tune, untrained, seed=1), tune.melody(), 0)
    turned = replace(line, meter=(4, 4), changes=(Change(8, 'meter', (3, 4)), Change(8, 'key', 'C major')))
    check_choir(quiet(turned, untrained, seed=1), turned.melody(), 0)


def test_a_melody_elsewhere_comes_back_with_its_choir_around_it(untrained):
    low = melody(*((40 + 2*i, i, 1) for i in range(6)), key='E major')
    with pytest.warns(UserWarning, match='bars are moved back'): choir = accompany(low, untrained, seed=0)
    check_choir(choir, low.melody(), 0)
    asked = Company(low, untrained[1])
    assert asked.shift == 24 and all(note.pitch >= 57 for note in asked.heard.notes)


def test_seeds_give_each_its_own_and_always_the_same(untrained):
    tune = load_corpus('chorales')[0].bars(3).melody()
    one, two = accompany(tune, untrained, seed=[5, 6])
    assert one == accompany(tune, untrained, seed=5) and one.tracks[1:] != two.tracks[1:]


@pytest.mark.parametrize('asked, said', [
    (dict(voice='Flute'), 'choose one of Soprano, Alto, Tenor, Bass'),
    (dict(voice=0), 'choose one of Soprano'),
    (dict(model='remi-folk'), "choose model='remi-chorales'"),
    (dict(model='char-gpt'), "choose model='remi-chorales'"),
])
def test_a_wish_that_cannot_be_granted_gets_a_sentence(asked, said):
    with pytest.raises(MelodyError, match=said): accompany(load_corpus('chorales')[0].melody(), **asked)


def test_a_melody_beyond_its_singer(untrained):
    with pytest.raises(MelodyError, match='the Bass sings 36 to 64'):
        accompany(melody((24, 0, 1), (96, 1, 1)), untrained, voice='Bass')
    with pytest.warns(UserWarning, match='2 semitones beyond'):
        accompany(melody((60, 0, 1), (83, 1, 1), key='C major'), untrained, seed=0)
    with pytest.raises(MelodyError, match='no notes outside drum tracks'):
        accompany(Score((Track((Note(40, 0, 1),), drums=True),)), untrained)


def test_rubbish_gets_a_sentence(untrained):
    tune = melody((60, 0, 1), key='C major')
    with pytest.raises(MelodyError, match='a list of one or more'): accompany(tune, untrained, seed=[])
    with pytest.raises(MelodyError, match='touch the tonic'): by_shapes(tune, {})
    with pytest.raises(MelodyError, match='key=None'): by_shapes(melody((60, 0, 1)), {})
    assert {counts.shape for counts in harmony([]).values()} == {(0, 2)}


def test_what_lies_below_the_melody_is_said(untrained):
    with pytest.warns(UserWarning, match='notes below it are left out'):
        accompany(load_corpus('chorales')[0].bars(2), untrained, seed=0)


# Harmony

def choir(*voices, key='C major'):
    "Voices that change on each beat."
    tracks = (Track(tuple(Note(pitch, beat, 1) for beat, pitch in enumerate(voice))) for voice in voices)
    return Score(tuple(tracks), key=key)


def test_harmony_counts_what_was_planted():
    parallel = choir([72, 74, 76], [67, 67, 67], [64, 65, 60], [48, 50, 52])  # octaves of the outer voices, twice
    found = {name: counts.tolist()[0] for name, counts in harmony([parallel]).items()}
    assert found['parallel fifths and octaves'][0] == 2
    assert found['beats with crossed voices'] == [0, 3]
    assert found['ends on the tonic'] == [0, 1]
    clean = choir([72, 71, 72], [67, 67, 67], [64, 62, 64], [48, 55, 48])
    found = {name: counts.tolist()[0] for name, counts in harmony([clean]).items()}
    assert found['beats with a chord'] == [3, 3] and found['parallel fifths and octaves'][0] == 0
    assert found['ends on the tonic'] == [1, 1]
    assert harmony([choir([60], [64], [67], [48])])['beats with crossed voices'].tolist() == [[1, 1]]
    assert harmony([choir([61], [60], [59], [58])])['beats with a chord'].tolist() == [[0, 1]]


def test_bach_keeps_his_rules():
    sums = {name: counts.sum(0) for name, counts in harmony(load_corpus('chorales')[::8]).items()}
    rates = {name: found/all for name, (found, all) in sums.items()}
    assert rates['beats with a chord'] > .85 and rates['ends on the tonic'] > .85
    assert rates['parallel fifths and octaves'] < .02 and rates['beats with crossed voices'] < .05


def test_chords_by_chance_are_chords_that_were_there():
    training = load_corpus('chorales')[::20]
    known = shapes(training)
    tune = replace(training[0].melody(), key=training[0].key)
    drawn = by_shapes(tune, known, seed=3)
    assert drawn == by_shapes(tune, known, seed=3) and drawn.tracks[0].notes == tune.notes
    there = {tuple(below) for chords in known.values() for below in chords}
    for top, *others in zip(*(track.notes for track in drawn.tracks)):
        assert tuple(note.pitch - top.pitch for note in others) in there


def test_voices_have_the_ranges_of_singers():
    assert list(voice_ranges()) == list(VOICES)
    assert np.all(np.diff([low for low, _ in voice_ranges().values()]) < 0)
    assert beats_of(choir([60, 62], [55, 0])).tolist() == [[60, 55], [62, 0]]
