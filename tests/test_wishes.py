"""Wishes of `compose` beyond key and meter: range, rhythm, density; and ways to cut the odds."""
import math

import numpy as np
import pytest
import torch

from melodynb.compose import compose
from melodynb.corpus import load_corpus
from melodynb.recipe import Recipe, make
from melodynb.sample import filter_logits
from melodynb.score import MelodyError, Note, Score, Track

FOLK = load_corpus('folk')
JIG = Score((Track((Note(67, 0, 1), Note(69, 1, .5), Note(71, 1.5, 1.5))),), meter=(6, 8))


def pitches_of(score): return {note.pitch for track in score.tracks for note in track.notes}


@pytest.mark.parametrize('model', ['remi-folk', 'remi-chorales', 'remi-piano'])
def test_a_range_holds_for_every_model_and_voice(model):
    low, high = 60, 72
    for score in compose(model, bars=4, pitches=(low, high), revisions=0, seed=range(4)):
        assert score.notes and min(pitches_of(score)) >= low and max(pitches_of(score)) <= high


def test_a_range_of_one_note_is_a_drone():
    assert pitches_of(compose(bars=2, pitches=(67, 67), revisions=0, seed=1)) == {67}


@pytest.mark.parametrize('rhythm', [JIG, FOLK[5].bars(2, 3), FOLK[1000].bars(4, 5)])
def test_every_bar_has_the_rhythm_that_was_asked_for(rhythm):
    onsets = [round(n.start*12) for n in rhythm.bars(1).line] # on the grid of the model
    for score in compose(bars=6, rhythm=rhythm, seed=range(3), temperature=1., top_p=None):
        assert score.meter == rhythm.meter
        lines = score.bar_lines()
        for start, stop in zip(lines, lines[1:]):
            bar = [n for n in score.notes if start - 1e-6 < n.start < stop - 1e-6]
            assert [round((n.start - start)*12) for n in bar] == onsets
            assert all(n.end <= stop + 1e-6 for n in bar)


@pytest.mark.parametrize('model', ['remi-chorales', 'remi-piano'])
def test_a_rhythm_holds_for_several_voices(model):
    for score in compose(model, bars=3, rhythm=JIG, revisions=0, seed=range(3)):
        lines = score.bar_lines()
        for start, stop in zip(lines, lines[1:]):
            onsets = {round(n.start - start, 3) for n in score.notes if start - 1e-6 < n.start < stop - 1e-6}
            assert onsets == {0, 1, 1.5}


@pytest.mark.parametrize('wish, words', [
    (dict(density=0), '1 to 24'), (dict(density=2.5), 'whole number'), (dict(pitches=(80, 60)), 'from 48 to 100'),
    (dict(pitches=(10, 60)), 'from 48 to 100'), (dict(pitches=60), 'lowest and the highest'),
    (dict(rhythm=JIG, meter='4/4'), 'leave one of them out'), (dict(rhythm=JIG, density=4), 'leave one of them out'),
    (dict(rhythm=Score((Track((Note(60, 9, 1),)),))), 'no note in its first bar'),
    (dict(rhythm='jig'), 'give a Score'), (dict(model='remi-chorales', density=4), 'not taught the word')])
def test_wishes_that_cannot_be_granted_get_a_sentence(wish, words):
    with pytest.raises(MelodyError, match=words) as error: compose(bars=2, seed=0, **wish)
    assert len(str(error.value).splitlines()) == 1


def test_a_recipe_holds_wishes_and_is_made_again():
    recipe = Recipe(bars=4, density=6, pitches=(60, 79), seed=4, revisions=0)
    result = make(recipe)
    assert make(Recipe.from_json(result.recipe.to_json())).score == result.score
    assert pitches_of(result.score) <= set(range(60, 80))
    assert result.score.notes == compose(bars=4, density=6, pitches=(60, 79), seed=4, revisions=0).notes
    with pytest.raises(MelodyError, match='knows no density'): make(Recipe('char-gpt', density=4))
    with pytest.raises(MelodyError, match='an opening says it itself'):
        make(Recipe(opening='notes:C D E F', density=4))


def typical_by_hand(row, share):
    "Whole definition of Meister et al., with a loop."
    odds = [math.exp(x) for x in row]
    odds = [x/sum(odds) for x in odds]
    entropy = -sum(x*math.log(x) for x in odds if x)
    order = sorted(range(len(odds)), key=lambda i: abs(-math.log(odds[i]) - entropy) if odds[i] else math.inf)
    kept, mass = set(), 0.
    for i in order:
        if mass >= share: break
        kept.add(i)
        mass += odds[i]
    return kept


@pytest.mark.parametrize('seed', range(20))
def test_typical_and_min_p_keep_what_their_papers_say(seed):
    rng = np.random.default_rng(seed)
    row = rng.normal(0, rng.uniform(.5, 4), rng.integers(2, 30))
    share = float(rng.uniform(.05, .99))
    logits = torch.tensor(row[None])
    kept = filter_logits(logits, typical=share).isfinite()[0]
    assert set(np.flatnonzero(kept.numpy())) == typical_by_hand(row.tolist(), share)
    kept = filter_logits(logits, min_p=share).isfinite()[0].numpy()
    odds = np.exp(row)
    assert (kept == (odds >= share*odds.max() - 1e-12)).all()
    assert filter_logits(logits, typical=1., min_p=None).equal(logits)


def test_what_a_grammar_forbids_stays_forbidden():
    logits = torch.tensor([[0., -math.inf, 0., -math.inf]])
    for rule in (dict(typical=.9), dict(min_p=.5), dict(typical=.01, min_p=.5)):
        kept = filter_logits(logits, **rule).isfinite()[0]
        assert kept.any() and not kept[1] and not kept[3]
