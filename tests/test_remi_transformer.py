"Properties of attempt 4: its switches, its losses, its rules, and the studies that take it apart."
import json
from functools import partial
from itertools import product

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from melodynb.corpus import load_corpus
from melodynb.models import load, save
from melodynb.remi import RemiGrammar, RemiTokenizer
from melodynb.remi_studies import (
    FIVE_KINDS, ONE_LINE, STUDIES, Ahead, RemiTransformer, count_errors, follows, grammar_masks, order_errors,
    record_studies, structural, study, under_grammar, windows)
from melodynb.remi_transformer import TOKENIZERS
from melodynb.sample import sample
from melodynb.score import MelodyError
from melodynb.tokenizers import Batches, HeldOut
from melodynb.train import cross_entropy

SWITCHES = [
    dict(),
    dict(scaled=False),
    dict(final_norm=False),
    dict(position='rotary'),
    dict(position='learned', scaled=False, final_norm=False),
    dict(position='rotary', final_norm=False, activation='gelu'),
]
KINDS_OF_TOKENIZERS = {
    'folk': TOKENIZERS['folk'],
    'chorales': TOKENIZERS['chorales'],
    'five kinds': FIVE_KINDS,
    'one track': partial(RemiTokenizer, grid=8, longest=16, velocities=4),
}


def tiny(vocab_size=40, **changes):
    torch.manual_seed(0)
    sizes = dict(context=32, width=16, layers=2, heads=2) | changes
    return RemiTransformer(vocab_size, **sizes).eval()


def ids_of(*shape, seed=1): return torch.randint(40, shape, generator=torch.Generator().manual_seed(seed))


@pytest.fixture(scope='module')
def scores(): return {name: load_corpus(name)[:30] for name in ('folk', 'chorales')}


def pieces_of(name, scores):
    music = scores['folk' if name == 'folk' else 'chorales'][:6]
    return KINDS_OF_TOKENIZERS[name]().pieces(music)


@pytest.fixture(scope='module')
def few(scores):
    five = FIVE_KINDS()
    return five, five.pieces(scores['chorales'][:4])


@pytest.mark.parametrize('switches', SWITCHES)
@torch.inference_mode()
def test_any_switch_keeps_shape_causality_and_cache(switches):
    model, ids = tiny(**switches), ids_of(2, 30)
    whole = model(ids)
    assert whole.shape == (2, 30, 40) and model.context == 32 and model.vocab_size == 40
    changed = ids.clone()
    changed[:, 17] = (ids[:, 17] + 1) % 40
    moved = (model(changed) - whole).abs().amax((0, 2))
    assert moved[:17].max() < 1e-6 and moved[17] > 1e-5
    cache = model.new_cache(2)
    parts = [model(ids[:, :5], cache)]
    step = model.stepper(cache)
    parts += [step(ids[:, t])[:, None] for t in range(5, 30)]
    torch.testing.assert_close(torch.cat(parts, 1), whole, atol=1e-5, rtol=1e-4)


def count(model): return sum(weight.numel() for weight in model.parameters())


@pytest.mark.parametrize('changes, extra', [
    (dict(scaled=False), 0), (dict(final_norm=False), -32), (dict(position='rotary'), 0),
    (dict(position='learned'), 32*16), (dict(activation='gelu'), 0),
])
@torch.no_grad()
def test_each_switch_changes_what_is_said_and_nothing_else(changes, extra):
    plain, other, ids = tiny(), tiny(**changes), ids_of(1, 20)
    assert count(other) - count(plain) == extra
    weights = plain.state_dict()
    if changes.get('position') != 'learned':
        shared = {name: weight for name, weight in other.state_dict().items() if name in weights}
        assert all(torch.equal(weight, weights[name]) for name, weight in shared.items())
    assert not torch.allclose(other(ids), plain(ids), atol=1e-4)


@pytest.mark.parametrize('switches', SWITCHES)
def test_saved_and_loaded_it_is_the_same(switches, tmp_path):
    model, tokenizer = tiny(129, **switches), FIVE_KINDS()
    save(model, tokenizer, tmp_path/'model')
    twin, vocabulary = load(tmp_path/'model')
    assert type(twin) is RemiTransformer and vocabulary.vocab == tokenizer.vocab
    with torch.no_grad(): assert torch.equal(twin(ids_of(1, 12)), model(ids_of(1, 12)))


@pytest.mark.parametrize('switches', SWITCHES[:4])
def test_one_batch_can_be_overfitted(switches, few):
    five, pieces = few
    model = tiny(len(five), width=32, dropout=0., **switches).train()
    batch = next(iter(Batches(pieces, context=24, batch_size=2)))
    inputs, targets = map(torch.from_numpy, batch)
    loss = structural(five, smoothing=0.)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-2, weight_decay=0.)
    for _ in range(80):
        value = loss(model(inputs), targets)
        optimizer.zero_grad()
        value.backward()
        optimizer.step()
    assert value < .3, f'{switches}: {value:.3f} after 80 steps, a uniform guess has {np.log(len(five)):.1f}'


@pytest.mark.parametrize('name', KINDS_OF_TOKENIZERS)
def test_what_follows_is_what_the_grammar_says(name, scores):
    "Real music uses no other pair, no place of it allows another, and every pair is allowed in some place."
    tokenizer, pieces = KINDS_OF_TOKENIZERS[name](), pieces_of(name, scores)
    allowed = follows(tokenizer)
    for piece in pieces: assert allowed[piece[:-1], piece[1:]].all()
    stream, masks = np.concatenate(pieces), grammar_masks(tokenizer, pieces)
    starts = np.cumsum([0] + [len(piece) for piece in pieces])[:-1]
    inner = np.setdiff1d(np.arange(len(stream)), starts)
    assert not (masks[inner] & ~allowed[stream[inner - 1]]).any()
    kinds = np.array(tokenizer.kinds)
    for kind in ('Bar', 'Position', 'Pitch', 'Duration'):
        seen = masks[inner[kinds[stream[inner - 1]] == kind]].any(0)
        row = allowed[np.flatnonzero(kinds == kind)[0]]
        assert set(kinds[row]) == set(kinds[seen])


def test_the_rule_of_the_account_forbids_chords_and_nothing_else(few):
    five, pieces = few
    kinds = np.array(five.kinds)
    lost = follows(five) & ~follows(five, chords=False)
    assert set(kinds[lost.any(1)]) == {'Duration'} and set(kinds[lost.any(0)]) == {'Pitch'}
    folk = TOKENIZERS['folk']()
    assert np.array_equal(follows(folk), follows(folk, chords=False)) # one note at a time has no chords


@pytest.mark.parametrize('shift', (1, 2))
def test_structural_loss_by_hand(few, shift):
    "The probability on forbidden kinds, summed by hand over every pair of counted targets."
    five, pieces = few
    targets = torch.from_numpy(np.stack([piece[1:31] for piece in pieces[:2]]).astype(np.int64))
    targets[0, :4] = targets[1, 10] = -100
    logits = torch.randn(2, 30, len(five), generator=torch.Generator().manual_seed(0)).requires_grad_()
    chances, wrong = logits.softmax(-1).detach().numpy(), ~follows(five)
    counted = [(row, t) for row, t in product(range(2), range(shift, 30))
               if targets[row, t] != -100 and targets[row, t - shift] != -100]
    by_hand = [chances[row, t][wrong[targets[row, t - shift]]].sum() for row, t in counted]
    plain = cross_entropy(logits, targets, label_smoothing=.05)
    loss = structural(five, weight=.3, shift=shift)(logits, targets)
    torch.testing.assert_close(loss, plain + .3*np.mean(by_hand).item(), atol=1e-5, rtol=1e-5)
    assert structural(five, weight=0.)(logits, targets) == plain
    bare = F.cross_entropy(logits.flatten(0, 1), targets.flatten())
    assert torch.equal(structural(five, weight=0., smoothing=0.)(logits, targets), bare)
    (loss - plain).backward()
    assert logits.grad.abs().sum() > 0 and not logits.grad[1, 10].any()


def test_ahead_moves_targets_and_nothing_else(few):
    _, pieces = few
    batches = Batches(pieces, context=20, batch_size=3, seed=5)
    for epoch in (0, 1):
        for (x, y), (read, asked) in zip(batches.epoch(epoch), Ahead(batches).epoch(epoch)):
            assert np.array_equal(read, x[:, :-1]) and np.array_equal(asked, y[:, 1:])
            assert np.array_equal(asked[:, :-2], read[:, 2:])
    held = HeldOut(pieces, context=20, batch_size=3)
    assert len(Ahead(held, 2)) == len(held)
    for before, after in zip(held, Ahead(held, 0)): assert all(map(np.array_equal, before, after))


def test_under_grammar_scores_every_token_once_and_the_mask_only_helps(few):
    five, pieces = few
    model, masks = tiny(len(five)), grammar_masks(five, pieces)
    nats, legal, lost = under_grammar(model, pieces, masks).T
    starts = np.cumsum([0] + [len(piece) for piece in pieces])[:-1]
    assert np.array_equal(np.flatnonzero(np.isnan(nats)), starts)
    scored = ~np.isnan(nats)
    np.testing.assert_allclose(legal[scored], nats[scored] + np.log1p(-lost[scored]), atol=1e-3)
    ids = torch.from_numpy(pieces[0][None, :30].astype(np.int64))
    with torch.no_grad(): first = model(ids)[0].log_softmax(-1)
    np.testing.assert_allclose(nats[1:30], -first[np.arange(29), pieces[0][1:30]], atol=1e-4)


@pytest.mark.parametrize('name', KINDS_OF_TOKENIZERS)
def test_under_the_mask_an_untrained_network_makes_no_error(name):
    tokenizer = KINDS_OF_TOKENIZERS[name]()
    model = tiny(len(tokenizer))
    errors = count_errors(model, tokenizer, 1600, allowed=tokenizer.grammar)
    assert set(errors) == {'tokens'} and errors['tokens'] > 100
    assert count_errors(model, tokenizer, 800)['order'] > 0
    rule = RemiGrammar(tokenizer, bars=3, meter='4/4')
    song = sample(model, tokenizer.start, steps=2000, seed=0, allowed=rule, stop=tokenizer.end)
    assert song[-1] == tokenizer.end and tokenizer.grammar.errors(song) == []


def test_errors_are_counted_by_kind_and_by_class(few):
    five, pieces = few
    ids = pieces[0].tolist()
    assert order_errors(five, ids) == {'tokens': len(ids), 'order': 0}
    kinds = [five.kinds[id] for id in ids]
    at = kinds.index('Velocity')
    wrong = ids[:at] + [five.ids['Bar']] # a kind that may not follow
    assert order_errors(five, wrong) == {'tokens': at + 1, 'order': 1, 'Bar': 1}
    at = list(zip(kinds, kinds[1:])).index(('Duration', 'Pitch')) + 1
    wrong = ids[:at] + [ids[at - 3]] # the note that is there already
    assert order_errors(five, wrong) == {'tokens': at + 1, 'order': 0, 'Pitch': 1}


def test_the_studies_read_folk_tunes_as_the_trained_model_does():
    assert ONE_LINE().to_dict() == TOKENIZERS['folk']().to_dict()


def test_windows_overlap_and_keep_what_follows():
    rows = windows([np.arange(50), np.arange(50, 100)], length=32, stride=8)
    assert rows.shape == (9, 33) and (np.diff(rows, axis=1) == 1).all()
    assert rows[:, 0].tolist() == list(range(0, 72, 8))


def test_a_study_repeats_and_its_record_goes_on(tmp_path):
    path, lines = tmp_path/'record.json', []
    first = record_studies(path, ['windows'], seeds=[0], size='tiny', log=lines.append)
    assert len(first) == len(lines) == 1 and json.loads(path.read_text()) == first
    both = record_studies(path, ['windows'], seeds=[0, 1], size='tiny', log=lines.append)
    assert both[:1] == first and len(both) == len(lines) == 2
    assert [*tmp_path.iterdir()] == [path]
    again = study('windows', 'overlapping windows', 0, 'tiny')[1]
    assert again['curve'] == both[0]['curve'] != both[1]['curve']


@pytest.mark.parametrize('name', ['shift', 'structure', 'parts'])
def test_every_variant_changes_the_figures(name):
    rows = [study(name, variant, 0, 'tiny')[1] for variant in STUDIES[name]]
    assert len({json.dumps(row['curve'] + [*row['kinds'].values()]) for row in rows}) == len(rows)
    columns = {'study', 'variant', 'seed', 'size', 'steps', 'parameters', 'threads', 'seconds'}
    assert all(columns | {'curve', 'kinds'} <= set(row) for row in rows)


@pytest.mark.parametrize('call, sentence', [
    (lambda: study('shape', 'one ahead', size='tiny'), "study 'shape'"),
    (lambda: study('shift', 'three ahead', size='tiny'), "variant 'three ahead'"),
    (lambda: record_studies('nowhere.json', ['shape']), "study 'shape'"),
    (lambda: tiny(position='spiral'), "'spiral'"),
    (lambda: tiny(width=15), 'width=15'),
])
def test_what_cannot_be_is_one_sentence(call, sentence):
    with pytest.raises(MelodyError, match=sentence) as error: call()
    assert '\n' not in str(error.value)
