"Call and response: what hands play becomes notes, the given ones stay, a duet comes again, what cannot be is a sentence."
import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from melodynb.duet import Duet, Stroke, answer, phrase, read_turns, replay
from melodynb.editing import Edit, edit, follow
from melodynb.recipe import Recipe, make, midi_opening
from melodynb.score import MelodyError, Note, Score

CALL = phrase([(62, 0, .5), (66, .62, .25), (69, .9, .25), (74, 1.2, .5), (73, 1.8, .9)])
WISHES = Recipe(seed=7)
keys = st.tuples(st.integers(0, 127), st.floats(0, 60), st.floats(0, 20), st.integers(0, 127))


@settings(max_examples=100, deadline=None)
@given(st.lists(keys, min_size=1, max_size=30), st.sampled_from([None, 40, 117.5]), st.sampled_from([1, 2, 3, 4, 12]))
def test_whatever_is_played_lies_on_the_grid(played, bpm, grid):
    score = phrase(played, bpm, grid)
    steps = np.array([(n.start*grid, n.duration*grid) for n in score.notes])
    assert np.allclose(steps, np.rint(steps)) and (steps[:, 1] >= 1).all() and score.notes[0].start == 0
    assert {n.pitch for n in score.notes} == {one[0] for one in played} and len(score.notes) <= len(played)
    loose = phrase(played, bpm, None)
    assert len(loose.notes) == len(played)


RHYTHMS = (1, 1, 1, 1, 2, 2), (1, .5, .5, 1, 1, .5, .5, 2), (1.5, .5, 1, 1, 1.5, .5, 2), (.5, .25, .25, .5, .5, 1, 1)


@pytest.mark.parametrize('rhythm', RHYTHMS, ids=str)
@pytest.mark.parametrize('bpm', [66, 84, 100, 126])
def test_proportions_are_heard_whatever_the_tempo(rhythm, bpm):
    rng = np.random.default_rng(bpm)
    starts = np.cumsum([0, *rhythm[:-1]])*60/bpm
    score = phrase([Stroke(60, at + rng.normal(0, .015), .7*beats*60/bpm) for at, beats in zip(starts, rhythm)])
    found = np.diff([n.start for n in score.notes])
    assert np.allclose(found/found[0], np.array(rhythm[:-1])/rhythm[0])
    assert any(abs(score.bpm/bpm/times - 1) < .04 for times in (.5, 1, 2))


@pytest.mark.parametrize('seconds, beats', [(.3, 1), (.5, 1), (.6, 1), (.9, 1.75), (.1, .25)])
def test_fingers_come_up_early_or_late(seconds, beats):
    "Almost held is held, a little too long is not; half through the next note is, and a tap stays short."
    score = phrase([(60, 0, seconds), (64, .5, .5)], bpm=120)
    assert score.notes[0].duration == beats


def test_chords_stay_chords():
    score = phrase([(60, 0, .5), (64, .02, .5), (67, .01, .5), (60, .6, .5)], bpm=100)
    assert [n.start for n in score.notes] == [0, 0, 0, 1] and [n.duration for n in score.notes] == [1, 1, 1, .75]


@pytest.fixture(scope='module')
def duet():
    first = answer(None, CALL, WISHES)
    second = answer(first, phrase([(74, 5, .5), (71, 5.5, .5)], bpm=CALL.bpm), replace(WISHES, temperature=1.2))
    return answer(second, CALL, WISHES, bars=2)


def test_what_was_given_stays_note_for_note_in_whole_bars(duet):
    assert duet.score.notes[:len(CALL.notes)] == CALL.notes and len(duet.turns) == 3
    before = duet.before
    assert set(before.score.notes) < set(duet.score.notes) and duet.score.bpm == CALL.bpm
    played = [n for i, n in enumerate(duet.score.notes) if i not in duet.seam]
    assert len(played) == sum(len(turn.notes) for turn in duet.turns)
    given_ = [n for n in duet.score.notes if n not in before.score.notes and n not in set(duet.answers)]
    assert given_[0].start % 4 == 0 and [n.pitch for n in given_] == [n.pitch for n in CALL.notes]
    assert [turn.recipe.seed for turn in duet.turns] == [7, 8, 9] and duet.turns[2].recipe.bars == 2


def test_a_duet_comes_again(duet):
    again = replay(read_turns(duet.to_json()))
    assert again.score == duet.score and again.to_json() == duet.to_json() and again.seam == duet.seam
    assert make(duet.recipe).score.notes == duet.score.notes
    assert read_turns(WISHES.to_json()) is None and read_turns('no text of ours') is None


def test_an_answer_that_was_stopped_comes_again():
    heard = []
    stopped = answer(None, CALL, Recipe(seed=1, bars=1), bars=200, listen=lambda score, share: heard.append(1) or len(heard) > 1)
    assert stopped.turns[0].recipe.tokens and replay(read_turns(stopped.to_json())).score == stopped.score


def test_a_duet_is_a_piece_like_any_other(duet):
    changed = edit(duet, Edit('move', duet.score.notes[0], steps=2))
    assert follow(changed.to_json()).score.notes == changed.score.notes
    longer = make(Recipe(opening=midi_opening(duet.titled), bars=2))
    assert longer.title == 'Duet with remi-folk, then remi-folk, seed 0' and longer.score.notes[:5] == duet.score.notes[:5]
    early = min(i for i in duet.seam if i not in duet.new)
    result, note = duet.whose(early)
    assert isinstance(result, Duet) and result is not duet and result.odds(note)


@pytest.mark.parametrize('model', ['char-gpt', 'remi-chorales'])
def test_other_models_answer_too(model):
    assert answer(None, CALL, Recipe(model=model, seed=2)).new


RUBBISH = [
    [], 3, None, 'ab', [3], [(60, 0)], [(60, 0, 1, 2, 3)], [(128, 0, 1)], [(-1, 0, 1)], [(60.5, 0, 1)], [(60, 0, -1)],
    [(60, float('inf'), 1)], [(60, float('nan'), 1)], [('C', 0, 1)], [(60, 0, 1), (60, 1e6, 1)], [(60, 0, 1)]*401, [(60, 0, [1])]]


@pytest.mark.parametrize('strokes', RUBBISH, ids=lambda strokes: str(strokes)[:30])
def test_what_no_keyboard_plays_is_a_sentence(strokes):
    with pytest.raises(MelodyError): phrase(strokes)


turn = dict(notes=[[60, 0, 1, 80]], recipe={})
TEXTS = [
    dict(turns=[turn]), dict(bpm=90, meter='4/4', turns=3), dict(bpm=90, meter='4/4', turns=[]),
    dict(bpm=90, meter='4/4', turns=[3]),
    dict(bpm=90, meter='4/4', turns=[dict(turn, notes=[])]), dict(bpm=90, meter='4/4', turns=[dict(turn, notes=[[1]])]),
    dict(bpm=90, meter='4/4', turns=[dict(turn, notes=[['x', 0, 1, 80]])]), dict(bpm=-1, meter='4/4', turns=[turn]),
    dict(bpm=90, meter='x', turns=[turn]), dict(bpm=90, meter='4/4', turns=[dict(turn, recipe=dict(seed='x'))]),
    dict(bpm=90, meter='4/4', turns=[turn]*65), dict(bpm='x', meter='4/4', turns=[turn]),
    dict(bpm=90, meter='4/4', turns=[turn], more=1)]


@pytest.mark.parametrize('text', TEXTS, ids=str)
def test_damaged_turns_are_a_sentence(text):
    with pytest.raises(MelodyError): read_turns(json.dumps(text))


def test_rubbish_is_no_duet(duet):
    for args in (3, CALL, WISHES), (None, Score(), WISHES), (None, CALL, 3), (None, 'CALL', WISHES):
        with pytest.raises(MelodyError): answer(*args)
    with pytest.raises(MelodyError, match='at most'): answer(replace(duet, turns=duet.turns*22), CALL, WISHES)
    assert Note(60, 0, 1) in phrase([(60, 3, .6)]).notes
