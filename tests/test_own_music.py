"""Facts of bars, who gets the credit, and a lesson that goes on where it stopped."""

import numpy as np
import pytest
import torch
from torch.nn.functional import cross_entropy

from melodynb import own_music
from melodynb.models import load
from melodynb.own_music import (
    FACTS, OWN_RECIPES, PEOPLE, Lesson, bar_facts, credits, fact_rates, own_rows, pull, read_own_music, second_lesson,
    token_credits, train_own_music)
from melodynb.remi_transformer import split_music
from melodynb.score import MelodyError, Note, Score, Track

AGAIN, BEFORE, TWO, FOUR, EIGHT, RHYTHM, OUTSIDE, REST, END = range(len(FACTS))


def tune(bars, key='C major', upbeat=()):
    "A tune in 4/4: each bar a row of pitches of equal length."
    notes = [Note(pitch, 4 - len(upbeat) + place, 1) for place, pitch in enumerate(upbeat)]
    first = 1 if upbeat else 0
    for number, pitches in enumerate(bars, start=first):
        notes += [Note(pitch, 4*number + place*4/len(pitches), 4/len(pitches)) for place, pitch in enumerate(pitches)]
    return Score((Track(tuple(notes)),), key=key)


A, B, C, D = (60, 62, 64, 65), (67, 65, 64, 62), (72, 71, 69, 67), (64, 62, 60)


def test_a_bar_that_comes_again_is_seen_at_every_distance():
    table = bar_facts(tune([A, B, A, C, A, B, B, D]))
    assert np.isnan(table[0, AGAIN])
    assert table[1:, AGAIN].tolist() == [0, 1, 0, 1, 1, 1, 0]
    assert table[1:, BEFORE].tolist() == [0, 0, 0, 0, 0, 1, 0]
    assert table[2:, TWO].tolist() == [1, 0, 1, 0, 0, 0]
    assert table[4:, FOUR].tolist() == [1, 1, 0, 0]
    assert table[4:, RHYTHM].tolist() == [1, 1, 1, 0]
    assert np.isnan(table[:, EIGHT]).all()


def test_an_upbeat_is_no_bar():
    plain, upbeat = bar_facts(tune([A, B, A, D])), bar_facts(tune([A, B, A, D], upbeat=(67,)))
    np.testing.assert_array_equal(plain, upbeat)


def test_home_is_the_tonic_of_the_key_that_is_named():
    for key, ends in ('C major', 1), ('G major', 0):
        table = bar_facts(tune([A, B, A, D], key))
        assert table[-1, END] == ends and np.isnan(table[:-1, END]).all()
    nine = bar_facts(tune([A]*7 + [(60,)] + [B]))
    assert nine[7, REST] == 1 and np.isnan(np.delete(nine[:, REST], 7)).all()
    assert np.isnan(bar_facts(tune([A]*7 + [(60,)]))[:, REST]).all() # its eighth bar is its last
    assert bar_facts(tune([A, (61, 63, 60, 60)]))[:, OUTSIDE].tolist() == [0, .5]


def test_a_tune_without_a_key_tells_nothing_of_keys():
    table = bar_facts(tune([A, B], key=None))
    assert np.isnan(table[:, [OUTSIDE, REST, END]]).all()


def test_rates_count_bars_and_not_pieces():
    one, three = np.full((1, len(FACTS)), np.nan), np.full((3, len(FACTS)), np.nan)
    one[0, AGAIN], three[:, AGAIN] = 1, [0, 0, 1]
    rates = fact_rates([one, three])
    assert rates[AGAIN] == .5 and np.isnan(rates[1:]).all()


def test_nothing_is_pulled_where_nothing_is_missing():
    rates = np.full(len(FACTS), .5)
    assert not pull(rates, [rates]).any()
    assert (pull(rates, [rates - .1]) > 0).all() and (pull(rates, [rates + .1]) < 0).all()
    assert (pull(rates, [rates - .1, rates]) > 0).all() # it was missing a round ago
    assert not pull(np.full(len(FACTS), np.nan), [rates]).any() # people's bars do not tell


def test_credits_add_up_to_nothing_and_closing_bars_share():
    tables = [bar_facts(tune(bars)) for bars in ([A, B, A, D], [A, B, C, C], [A, B, C, (60,)])]
    wish = np.zeros(len(FACTS))
    wish[AGAIN] = 1
    worth = credits(tables, wish)
    assert worth[0][2] > 0 > worth[0][1] and abs(sum(map(np.sum, worth))) < 1e-9
    wish[:] = 0
    wish[END] = 1
    worth = credits(tables, wish)
    assert worth[0].tolist()[:2] == [0, 0] and worth[0][2] == worth[0][3] > 0 > worth[1][3]
    assert max(abs(each).max() for each in credits(tables, 1000*wish)) == 4


@pytest.fixture(scope='module')
def written():
    model, tokenizer = load('remi-folk')
    return model, tokenizer, own_rows(model, tokenizer, 4, seed=5)


def test_every_token_has_the_credit_of_its_bar(written):
    _, tokenizer, rows = written
    for row in rows:
        bars = len(bar_facts(tokenizer.decode(row)))
        found = token_credits(tokenizer, row, np.arange(1., bars + 1))
        assert len(found) == len(row) and found[0] == 0 and found[-1] == bars
        assert (np.diff(found) >= 0).all() and set(found) >= set(range(1, bars + 1))


def test_the_loss_is_people_plus_credits(written):
    model, tokenizer, rows = written
    worth = [np.linspace(-1, 1, len(row)) for row in rows]
    lesson = Lesson(rows, worth, rows[::-1], seed=0, rows=2)
    assert len(lesson) == len(list(lesson)) == -(-len(rows)//2)
    inputs, targets = next(iter(lesson))
    inputs, targets = torch.from_numpy(inputs), torch.from_numpy(targets)
    with torch.no_grad(): logits = model(inputs)
    half = len(inputs)//2
    people = cross_entropy(logits[half:].flatten(0, 1), targets[half:].flatten())
    prices = cross_entropy(logits[:half].flatten(0, 1), targets[:half].flatten(), reduction='none')
    own = prices.double() @ lesson.weights[:half].flatten()
    assert float(lesson.loss(logits, targets)) == pytest.approx(float(PEOPLE*people + own), rel=1e-4)


def test_an_interrupted_lesson_goes_on_as_if_nothing_had_been(tmp_path, monkeypatch):
    monkeypatch.setitem(OWN_RECIPES, 'tiny', OWN_RECIPES['tiny'] | dict(rounds=2, pieces=3))
    whole = train_own_music(tmp_path/'whole', size='tiny', seed=1)
    real = own_music._round
    def stopped(school, earlier, held_out):
        if earlier: raise KeyboardInterrupt
        return real(school, earlier, held_out)
    monkeypatch.setattr(own_music, '_round', stopped)
    with pytest.raises(KeyboardInterrupt): train_own_music(tmp_path/'again', size='tiny', seed=1)
    monkeypatch.setattr(own_music, '_round', real)
    again = train_own_music(tmp_path/'again', size='tiny', seed=1)
    def rates(told): return [one['rates'] for one in told]
    assert rates(again) == rates(whole) and len(whole) == 3
    (one, _), (two, _) = load(tmp_path/'whole'), load(tmp_path/'again')
    for name, weight in one.state_dict().items(): # sums may round otherwise where memory lies otherwise
        assert torch.allclose(weight, two.state_dict()[name], atol=1e-3), name
    assert 'own_music' in (tmp_path/'whole'/'README.md').read_text()


def test_what_it_cannot_teach_it_says():
    model, tokenizer = load('remi-folk')
    with pytest.raises(MelodyError, match='pieces that came to an end'): own_rows(model, tokenizer, 1, seed=0, steps=5)
    with pytest.raises(MelodyError, match='give the folder of a BarTransformer'):
        own_music._begun(own_music.Path('nowhere'), 'char-gpt')
    with pytest.raises(MelodyError, match='number of pieces=0: give the facts of at least one'): fact_rates([])
    with pytest.raises(MelodyError, match='number of pieces=0'): second_lesson(model, tokenizer, [], size='tiny')
    with pytest.raises(MelodyError, match='a CharGPT has no second lesson'):
        second_lesson(*load('char-gpt'), [], size='tiny')


def test_the_record_tells_every_round():
    for run in read_own_music():
        assert len(run['told']) == OWN_RECIPES[run['size']]['rounds'] + 1
        assert all(len(told['rates']) == len(FACTS) for told in run['told'])
