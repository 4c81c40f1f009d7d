"A baseline that remembers: causal, a probability, in step with itself, and better where a tune repeats."
import numpy as np
import pytest

from melodynb.corpus import load_corpus, split_by_family
from melodynb.models import load
from melodynb.ngrams import KneserNey
from melodynb.recall import Recall
from melodynb.score import MelodyError
from melodynb.tokenizers import CharTokenizer

TRAIN, VALID, TEST = split_by_family(load_corpus('folk'))
LETTERS = CharTokenizer()
MIXTURES = 'linear', 'log-linear'


@pytest.fixture(scope='module')
def recalls():
    return {mixture: Recall(4, mixture=mixture).fit(TRAIN[:120], range(0, 12, 4), VALID[:20]) for mixture in MIXTURES}


@pytest.fixture(scope='module')
def remi():
    tokenizer = load('remi-folk')[1]
    return Recall(4, tokenizer).fit(TRAIN[:40], valid=VALID[:6])


def odds(model, pieces):
    "Log odds of each piece, place by place."
    found = [[] for _ in pieces]
    for logs, _, piece in model.log_odds(pieces):
        for row, place in zip(logs, piece): found[place].append(row)
    return list(map(np.array, found))


@pytest.mark.parametrize('mixture', MIXTURES)
def test_nothing_before_a_change_moves(recalls, mixture):
    "In every second test tune one symbol is changed."
    pieces, rng = LETTERS.pieces(TEST[::2]), np.random.default_rng(0)
    changed, places = [], []
    for piece in pieces:
        place = int(rng.integers(1, len(piece) - 1))
        other = piece.copy()
        other[place] = 1 + piece[place] % (len(LETTERS) - 1)
        changed.append(other)
        places.append(place)
    before, after = odds(recalls[mixture], pieces), odds(recalls[mixture], changed)
    for one, other, place in zip(before, after, places):
        assert np.array_equal(one[:place], other[:place])
    assert any(not np.allclose(one[place:], other[place:]) for one, other, place in zip(before, after, places))


@pytest.mark.parametrize('mixture', MIXTURES)
def test_all_ways_to_ask_agree(recalls, mixture):
    model, tune = recalls[mixture], LETTERS.encode(TEST[3])
    piece = LETTERS.piece(TEST[3])
    table = odds(model, [piece])[0]
    assert np.allclose(np.exp(table).sum(axis=1), 1)
    assert np.allclose(model.log_probs(tune), table[np.arange(len(table)), piece[1:]])
    assert np.allclose(model.probabilities(tune[:30]), np.exp(table[30]))
    alone = np.array([model.piece_losses([one])[0] for one in LETTERS.pieces(TEST[:4])])
    assert np.allclose(model.losses(TEST[:4]), alone)


def test_the_linear_mixture_has_twelve_weights(recalls):
    weights, = recalls['linear'].weights
    assert weights.shape == (12,) and weights[-1] > weights[0] # the longer the match, the more it is believed


@pytest.mark.parametrize('mixture', MIXTURES)
def test_a_phrase_that_comes_again_is_cheap(recalls, mixture):
    rng = np.random.default_rng(2)
    phrase = rng.integers(2, len(LETTERS), 30).tolist() # no tune that was ever counted
    surprise = -recalls[mixture].log_probs(phrase + phrase)
    plain = -KneserNey(4).fit(TRAIN[:120]).log_probs(phrase + phrase)
    assert surprise[36:60].mean() < .6*surprise[:30].mean()
    assert plain[36:60].mean() > .9*plain[:30].mean()


def test_memory_pays_on_held_out_tunes(recalls):
    plain = KneserNey(4).fit(TRAIN[:120], transpositions=range(0, 12, 4)).nll(TEST[:40])
    linear, loglinear = (recalls[mixture].nll(TEST[:40]) for mixture in MIXTURES)
    assert plain > linear + .2 > loglinear


def test_it_writes_tunes_that_close():
    short = sorted(TRAIN, key=lambda tune: len(tune.notes))[:60]
    model = Recall(3).fit(short)
    stream = model.sample(400, seed=1)
    assert len(stream) == 400 and stream == model.sample(400, seed=1) != model.sample(400, seed=2)
    assert stream[:100] == model.sample(100, seed=1)
    assert 2 < stream.count(LETTERS.end) < 40


def test_a_model_that_never_ends_says_so(recalls, monkeypatch):
    monkeypatch.setattr(recalls['linear'], 'longest', 1)
    with pytest.raises(MelodyError, match='none of 16 tunes ended within 1 symbols'): recalls['linear'].sample(50)


def test_remi_under_its_grammar(remi):
    piece = remi.tokenizer.piece(TEST[0])
    place, table = remi.tokenizer.grammar.start([]), odds(remi, [piece])[0]
    start = len(remi.tokenizer.start)
    for index, id in enumerate(piece):
        if index >= start: assert np.exp(table[index - start])[~place.allowed].sum() < 1e-4
        place.push(int(id))
    tunes = remi.sample(300, seed=0)
    closed = tunes[:len(tunes) - tunes[::-1].index(remi.tokenizer.end)] if remi.tokenizer.end in tunes else []
    for tune in np.split(closed, np.flatnonzero(np.array(closed) == remi.tokenizer.end) + 1)[:-1]:
        assert remi.tokenizer.grammar.errors([*remi.tokenizer.start, *tune]) == []


def test_without_valid_a_tenth_is_kept_back():
    one = Recall(3).fit(TRAIN[:40])
    rest = [tune for place, tune in enumerate(TRAIN[:40]) if place % 10]
    other = Recall(3).fit(rest, valid=TRAIN[:40:10])
    assert np.isclose(one.nll(TEST[:5]), other.nll(TEST[:5]))


@pytest.mark.parametrize('wish, reason', [
    (lambda: Recall(0), 'order=0'), (lambda: Recall('5'), "order='5'"), (lambda: Recall().fit(5), 'give a list'),
    (lambda: Recall(mixture='x'), "choose 'linear' or 'log-linear'"),
    (lambda: Recall().fit(TRAIN[:1]), 'give 2 or more'), (lambda: Recall().fit([]), 'give 2 or more'),
    (lambda: Recall().nll(TEST[:2]), 'call fit'), (lambda: Recall().sample(5), 'call fit'),
    (lambda: Recall().fit(TRAIN[:20], valid=[]), 'to weigh on')])
def test_bad_wishes(wish, reason):
    with pytest.raises(MelodyError, match=reason): wish()
