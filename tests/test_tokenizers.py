"""Letters: the round trip of scores and of nonsense, and rows that count every symbol once."""
import json
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from melodynb.corpus import augment, load_corpus
from melodynb.score import MelodyError, Note, Score, Track
from melodynb.corpus import LETTERS
from melodynb.tokenizers import BaseTokenizer, CharTokenizer, HeldOut, Tokenizer, WholePieces, moved

TOKENIZERS = {'letters': CharTokenizer(), 'octaves': CharTokenizer(octaves=True)}
PITCHES = {'letters': st.integers(60, 71), 'octaves': st.integers(36, 107)}
tokenizers = pytest.mark.parametrize('name', TOKENIZERS)


@pytest.fixture(scope='module')
def folk(): return load_corpus('folk')


def on_grid(pitches):
    "One beat a pitch; None is a rest, and at the ends and twice in a row there is none."
    line = [p for p, before in zip(pitches, [None, *pitches]) if p is not None or before is not None]
    while line and line[-1] is None: line.pop()
    notes = (Note(pitch, beat, 1) for beat, pitch in enumerate(line) if pitch is not None)
    return Score((Track(tuple(notes)),))


@tokenizers
@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_a_score_on_the_grid_survives(name, data):
    tok = TOKENIZERS[name]
    score = on_grid(data.draw(st.lists(st.one_of(PITCHES[name], st.none()), max_size=60)))
    if score.notes: assert tok.decode(tok.encode(score)) == score


anything = st.one_of(st.integers(-3, 80), st.integers(), st.none(), st.floats(), st.text(max_size=2))


@tokenizers
@given(ids=st.lists(anything, max_size=80))
@settings(max_examples=80, deadline=None)
def test_any_ids_decode_to_a_score(name, ids):
    tok = TOKENIZERS[name]
    score = tok.decode(ids)
    assert isinstance(score, Score) and all(tune.end for tune in tok.decode_all(ids) if tune.notes)
    if score.notes: tok.encode(score)


def as_bytes(ids): return np.array(ids, dtype=np.uint8)


@pytest.mark.parametrize('make', [np.array, tuple, as_bytes, iter])
def test_ids_may_come_in_any_container(make):
    tok = TOKENIZERS['letters']
    assert tok.decode(make([3, 4, 5])) == tok.decode([3, 4, 5])


def test_torch_ids_decode_as_well():
    torch = pytest.importorskip('torch')
    tok = TOKENIZERS['letters']
    assert tok.decode(torch.tensor([3, 4, 99])) == tok.decode([3, 4])
    assert tok.decode([torch.tensor(3), torch.tensor(4)]) == tok.decode([3, 4])


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
    tok = TOKENIZERS['letters']
    batches = tok.batches(folk[:100], context=32, batch_size=16, seed=3)
    rings = [batches.ring(n) for n in range(3)]
    assert all(Counter(ring.tolist()) == Counter(batches.ids.tolist()) for ring in rings)
    assert not np.array_equal(rings[0], rings[1])
    again = tok.batches(folk[:100], context=32, batch_size=16, seed=3)
    other = tok.batches(folk[:100], context=32, batch_size=16, seed=4)
    assert np.array_equal(again.ring(2), rings[2]) and not np.array_equal(other.ring(2), rings[2])


@given(sizes=st.lists(st.integers(1, 40), min_size=1, max_size=12), context=st.integers(1, 50),
       rows=st.integers(1, 9), epoch=st.integers(0, 5))
@settings(max_examples=100, deadline=None)
def test_targets_are_one_step_ahead_and_shapes_hold(sizes, context, rows, epoch):
    tok = TOKENIZERS['letters']
    tunes = [(3 + np.arange(size) % 11).tolist() for size in sizes]
    batches = tok.batches(tunes, context=context, batch_size=rows)
    got = list(batches.epoch(epoch))
    assert len(got) == len(batches) >= 1
    ring = ''.join(map(chr, batches.ring(epoch)))
    for inputs, targets in got:
        assert inputs.shape == targets.shape == (batches.batch_size, context)
        assert inputs.dtype == targets.dtype == np.int64
        assert np.array_equal(inputs[:, 1:], targets[:, :-1])
        assert chr(inputs[0, -1]) + chr(targets[0, -1]) in ring + ring[0]


@given(sizes=st.lists(st.integers(2, 40), min_size=1, max_size=40), symbols=st.integers(1, 90),
       epoch=st.integers(0, 3))
@settings(max_examples=80, deadline=None)
def test_whole_pieces_are_read_once_each_from_their_beginning(sizes, symbols, epoch):
    pieces = [100*number + np.arange(size) for number, size in enumerate(sizes)]
    read = []
    for inputs, targets in WholePieces(pieces, context=40, symbols=symbols).epoch(epoch):
        assert inputs.dtype == targets.dtype == np.int64 and inputs.shape == targets.shape
        assert inputs.shape[0]*(inputs.shape[1] + 1) <= symbols or len(inputs) == 1
        counts = targets >= 0
        assert counts.any(0).all() and (np.diff(counts.astype(int)) <= 0).all() # what fills up stands at the right
        for given, wanted, count in zip(inputs, targets, counts): read.append([given[0], *wanted[count]])
        assert np.array_equal(inputs[:, 1:][counts[:, 1:]], targets[:, :-1][counts[:, 1:]])
    assert sorted(read) == sorted(piece.tolist() for piece in pieces)


def test_of_long_pieces_a_part_is_read_half_of_the_time_the_first():
    rows = WholePieces([np.arange(500)], context=20)
    begun = [int(next(rows.epoch(number))[0][0, 0]) for number in range(400)]
    assert all(len(next(rows.epoch(number))[0][0]) == 20 for number in range(40))
    assert .4 < begun.count(0)/len(begun) < .6 and max(begun) > 400 and len(set(begun)) > 100


def test_whole_pieces_depend_on_the_seed_and_the_epoch_alone(folk):
    tok = TOKENIZERS['letters']
    def read(seed, epoch):
        rows = WholePieces(tok.pieces(folk[:80]), seed=seed, symbols=600, change=moved(tok, range(12)))
        return [block.tolist() for batch in rows.epoch(epoch) for block in batch]
    assert read(3, 2) == read(3, 2) != read(3, 1) != read(4, 1)
    assert read(3, 0) == [block.tolist() for batch in WholePieces(
        tok.pieces(folk[:80]), seed=3, symbols=600, change=moved(tok, range(12))) for block in batch]


@tokenizers
def test_a_change_moves_a_piece_as_its_score_moves(name, folk):
    tok, tune = TOKENIZERS[name], folk[0]
    piece = tok.pieces([tune])[0]
    for steps in range(-5, 7):
        found = moved(tok, [steps])(piece, np.random.default_rng(0))
        assert np.array_equal(found, tok.pieces([tune.transpose(steps)])[0])


def test_what_would_leave_the_vocabulary_stays_as_it_is():
    tok = TOKENIZERS['octaves']
    high = tok.pieces([Score((Track((Note(107, 0, 1),)),))])[0]
    dice = np.random.default_rng(0)
    assert {tuple(moved(tok, [9, -12])(high, dice)) for _ in range(40)} == {
        tuple(high), tuple(tok.pieces([Score((Track((Note(95, 0, 1),)),))])[0])}


@pytest.mark.parametrize('wish, sentence', [
    (dict(pieces=[]), 'batches of 0 pieces'), (dict(context=0), 'context=0'), (dict(symbols=0), 'symbols=0'),
    (dict(symbols=2.5), 'symbols=2.5'), (dict(change=3), 'change=3: give a function'),
    (dict(pieces=[[]]), 'a piece of 0 symbols'), (dict(pieces=[[1, 2], [5]]), 'a piece of 1 symbols')], ids=str)
def test_rows_that_cannot_be_made_get_one_sentence(wish, sentence):
    with pytest.raises(MelodyError, match=sentence) as error: list(WholePieces(**(dict(pieces=[[1, 2, 3]]) | wish)))
    assert '\n' not in str(error.value)


def test_a_change_of_nothing_gets_one_sentence():
    with pytest.raises(MelodyError, match='transpositions are 0 steps'): moved(TOKENIZERS['letters'], [])
    with pytest.raises(MelodyError, match='cannot transpose ids'): moved(BaseTokenizer('ab'), [1])


def exam_rows(exam):
    "Tune, inputs and targets of each row, and the places of the targets that count."
    for tunes, (inputs, targets) in zip(exam.tunes, exam):
        for tune, given, wanted in zip(tunes, inputs, targets):
            yield tune, given, wanted, np.flatnonzero(wanted >= 0)


@given(sizes=st.lists(st.integers(1, 70), min_size=1, max_size=9), context=st.integers(1, 80),
       rows=st.integers(1, 5))
@settings(max_examples=60, deadline=None)
def test_held_out_scores_every_symbol_once_with_enough_context(sizes, context, rows):
    rng = np.random.default_rng(sum(sizes))
    tunes = [rng.integers(1, 14, size).tolist() for size in sizes]
    exam = TOKENIZERS['letters'].held_out(tunes, context=context, batch_size=rows)
    scored = [Counter() for _ in tunes]
    for tune, given, wanted, places in exam_rows(exam):
        scored[tune].update(wanted[places].tolist())
        assert len(given) <= context and (places[0] == 0 or places[0] >= min(context//2, context - 1))
    assert scored == [Counter([*tune, 0]) for tune in tunes]
    assert exam.symbols == sum(sizes) + len(sizes)


def test_held_out_does_not_depend_on_the_batch_size(folk):
    "A context-free score, summed, must agree; so must the context that each symbol is given."
    def seen(rows):
        exam = TOKENIZERS['letters'].held_out(folk[:60], context=48, batch_size=rows)
        found = Counter()
        for _, given, wanted, places in exam_rows(exam):
            found.update((given[:place + 1].tobytes(), int(wanted[place])) for place in places)
        return found
    assert seen(1) == seen(7) == seen(64)


def test_an_opening_of_several_ids_is_given_not_scored():
    (inputs, targets), = HeldOut([np.array([7, 8, 1, 2, 9])], opening=2)
    assert inputs.tolist() == [[7, 8, 1, 2]] and targets.tolist() == [[-100, 1, 2, 9]]


@tokenizers
def test_a_record_brings_the_tokenizer_back(name):
    tok = TOKENIZERS[name]
    again = BaseTokenizer.from_dict(json.loads(json.dumps(tok.to_dict())))
    assert type(again) is CharTokenizer and again.vocab == tok.vocab
    assert again.start == tok.start and again.end == tok.end and isinstance(again, Tokenizer)
    assert {again.kind(i) for i in range(len(again))} == {'pitch', 'rhythm', 'structure'}


RECORDS = [
    None, [], {}, {'class': 'CharTokenizer'}, {'class': 'CharTokenizer', 'options': [1], 'vocab': []},
    {'class': 'NoTokenizer', 'vocab': []}, {'class': [], 'vocab': []},
    {'class': 'CharTokenizer', 'options': {'octaves': True}, 'vocab': CharTokenizer().vocab},
    {'class': 'BaseTokenizer', 'options': {'vocab': 3}, 'vocab': 3}]


@pytest.mark.parametrize('record', RECORDS)
def test_a_record_of_nothing_known_gets_one_sentence(record):
    with pytest.raises(MelodyError) as error: CharTokenizer.from_dict(record)
    assert '\n' not in str(error.value)


@pytest.mark.parametrize('text', ['', '\n', 'H', 'CDE?', 'C D', 'CD\nEF', 'é'])
def test_wrong_letters_get_one_sentence(text):
    for tok in TOKENIZERS.values():
        with pytest.raises(MelodyError) as error: tok.encode(text)
        assert '\n' not in str(error.value)
