"""Letters: the round trip of scores and of nonsense, and rows that count every symbol once."""
import json
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from melodynb.corpus import augment, load_corpus
from melodynb.score import MelodyError, Note, Score, Track
from melodynb.tokenizers import LETTERS, BaseTokenizer, CharTokenizer, HeldOut, Tokenizer

TOKENIZERS = {'letters': CharTokenizer(), 'octaves': CharTokenizer(octaves=True)}
PITCHES = {'letters': st.integers(60, 71), 'octaves': st.integers(36, 107)}
tokenizers = pytest.mark.parametrize('name', TOKENIZERS)


@pytest.fixture(scope='module')
def folk(): return load_corpus('folk')


def on_grid(pitches): # None is a rest; at the ends and twice in a row there is none
    line = [p for p, before in zip(pitches, [None, *pitches]) if p is not None or before is not None]
    while line and line[-1] is None: line.pop()
    return Score((Track(tuple(Note(p, i, 1) for i, p in enumerate(line) if p is not None)),))


@tokenizers
@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_a_score_on_the_grid_survives(name, data):
    tok = TOKENIZERS[name]
    score = on_grid(data.draw(st.lists(st.one_of(PITCHES[name], st.none()), max_size=60)))
    if score.notes: assert tok.decode(tok.encode(score)) == score


@tokenizers
@given(ids=st.lists(st.one_of(st.integers(-3, 80), st.integers(), st.none(), st.floats(), st.text(max_size=2)), max_size=80))
@settings(max_examples=80, deadline=None)
def test_any_ids_decode_to_a_score(name, ids):
    tok = TOKENIZERS[name]
    score = tok.decode(ids)
    assert isinstance(score, Score) and all(tune.end for tune in tok.decode_all(ids) if tune.notes)
    if score.notes: tok.encode(score)


@pytest.mark.parametrize('make', [np.array, tuple, lambda ids: np.array(ids, dtype=np.uint8), lambda ids: iter(ids)])
def test_ids_may_come_in_any_container(make):
    tok = TOKENIZERS['letters']
    assert tok.decode(make([3, 4, 5])) == tok.decode([3, 4, 5])


def test_torch_ids_decode_as_well():
    torch = pytest.importorskip('torch')
    tok = TOKENIZERS['letters']
    assert tok.decode(torch.tensor([3, 4, 99])) == tok.decode([3, 4]) == tok.decode([torch.tensor(3), torch.tensor(4)])


def test_every_tune_has_one_letter_a_note_and_one_a_rest(folk):
    plain, wide = TOKENIZERS.values()
    for score in folk[::5]:
        text = plain.text(plain.encode(score))
        assert text.replace('R', '') == ''.join(LETTERS[n.pitch%12] for n in score.notes)
        assert not text.startswith('R') and not text.endswith('R') and 'RR' not in text
        assert text == ''.join(s[0] for s in wide.symbols(wide.encode(score)))
        assert [n.pitch for n in wide.decode(wide.encode(score)).notes] == [n.pitch for n in score.notes]


def test_voices_follow_the_top_line():
    chorale = load_corpus('chorales')[0]
    tok = TOKENIZERS['letters']
    assert tok.encode(chorale) == tok.encode(chorale.melody())


@tokenizers
def test_moving_ids_is_moving_scores(name, folk):
    tok, some = TOKENIZERS[name], folk[:40]
    by_ids = tok.batches(some, transpositions=range(-5, 7)).ids
    by_scores = tok.batches(augment(some, range(-5, 7))).ids
    assert np.array_equal(by_ids, by_scores)


def test_every_epoch_holds_the_same_music_in_another_order(folk):
    batches = TOKENIZERS['letters'].batches(folk[:100], context=32, batch_size=16, seed=3)
    rings = [batches.ring(n) for n in range(3)]
    assert all(Counter(ring.tolist()) == Counter(batches.ids.tolist()) for ring in rings)
    assert not np.array_equal(rings[0], rings[1])
    again = TOKENIZERS['letters'].batches(folk[:100], context=32, batch_size=16, seed=3)
    other = TOKENIZERS['letters'].batches(folk[:100], context=32, batch_size=16, seed=4)
    assert np.array_equal(again.ring(2), rings[2]) and not np.array_equal(other.ring(2), rings[2])


@given(sizes=st.lists(st.integers(1, 40), min_size=1, max_size=12), context=st.integers(1, 50), rows=st.integers(1, 9), epoch=st.integers(0, 5))
@settings(max_examples=100, deadline=None)
def test_targets_are_one_step_ahead_and_shapes_hold(sizes, context, rows, epoch):
    tok = TOKENIZERS['letters']
    batches = tok.batches([[3 + i % 11 for i in range(size)] for size in sizes], context=context, batch_size=rows)
    got = list(batches.epoch(epoch))
    assert len(got) == len(batches) >= 1
    ring = ''.join(map(chr, batches.ring(epoch)))
    for inputs, targets in got:
        assert inputs.shape == targets.shape == (batches.batch_size, context) and inputs.dtype == targets.dtype == np.int64
        assert np.array_equal(inputs[:, 1:], targets[:, :-1])
        assert chr(inputs[0, -1]) + chr(targets[0, -1]) in ring + ring[0]


@given(sizes=st.lists(st.integers(1, 70), min_size=1, max_size=9), context=st.integers(1, 80), rows=st.integers(1, 5))
@settings(max_examples=60, deadline=None)
def test_held_out_scores_every_symbol_once_with_enough_context(sizes, context, rows):
    rng = np.random.default_rng(sum(sizes))
    tunes = [rng.integers(1, 14, size).tolist() for size in sizes]
    exam = TOKENIZERS['letters'].held_out(tunes, context=context, batch_size=rows)
    scored = [[] for _ in tunes]
    for tune_of, (inputs, targets) in zip(exam.tunes, exam):
        for tune, given, wanted in zip(tune_of, inputs, targets):
            first = np.flatnonzero(wanted >= 0)[0]
            scored[tune] += [(tuple(given[max(0, i - context//2):i + 1]), wanted[i]) for i in np.flatnonzero(wanted >= 0)]
            assert inputs.shape[1] <= context and (first == 0 or first >= min(context//2, context - 1))
    for tune, found in zip(tunes, scored): assert Counter(w for _, w in found) == Counter([*tune, 0])
    assert exam.symbols == sum(sizes) + len(sizes)


def test_held_out_does_not_depend_on_the_batch_size(folk):
    "A context-free score, summed, must agree; so must the context that each symbol is given."
    tok, sums = TOKENIZERS['letters'], []
    for rows in (1, 7, 64):
        seen = Counter()
        for inputs, targets in tok.held_out(folk[:60], context=48, batch_size=rows):
            for given, wanted in zip(inputs, targets):
                for i in np.flatnonzero(wanted >= 0): seen[given[:i + 1].tobytes(), int(wanted[i])] += 1
        sums.append(seen)
    assert sums[0] == sums[1] == sums[2]


def test_an_opening_of_several_ids_is_given_not_scored():
    (inputs, targets), = HeldOut([np.array([7, 8, 1, 2, 9])], opening=2)
    assert inputs.tolist() == [[7, 8, 1, 2]] and targets.tolist() == [[-100, 1, 2, 9]]


@tokenizers
def test_a_record_brings_the_tokenizer_back(name):
    tok = TOKENIZERS[name]
    again = BaseTokenizer.from_dict(json.loads(json.dumps(tok.to_dict())))
    assert type(again) is CharTokenizer and again.vocab == tok.vocab and again.start == tok.start and again.end == tok.end
    assert isinstance(again, Tokenizer) and {again.kind(i) for i in range(len(again))} == {'pitch', 'rhythm', 'structure'}


@pytest.mark.parametrize('record', [None, [], {}, {'class': 'CharTokenizer'}, {'class': 'CharTokenizer', 'options': [1], 'vocab': []},
    {'class': 'os.system', 'vocab': []}, {'class': 'CharTokenizer', 'options': {'octaves': True}, 'vocab': CharTokenizer().vocab},
    {'class': [], 'vocab': []}, {'class': 'BaseTokenizer', 'options': {'vocab': 3}, 'vocab': 3}])
def test_a_hostile_record_gets_one_sentence(record):
    with pytest.raises(MelodyError): CharTokenizer.from_dict(record)


@pytest.mark.parametrize('text', ['', '\n', 'H', 'CDE?', 'C D', 'CD\nEF', 'é'])
def test_wrong_letters_get_one_sentence(text):
    for tok in TOKENIZERS.values():
        with pytest.raises(MelodyError) as error: tok.encode(text)
        assert '\n' not in str(error.value)
