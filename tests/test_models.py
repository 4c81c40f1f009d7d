"Properties of the Transformer parts that no single cell of the notebook shows."
import copy

import pytest
import torch
import torch.nn as nn
import torch.nn.functional as F
from hypothesis import given, settings, strategies as st

from melodynb.models import Attention, Block, Decoder, FeedForward, KVCache, attention_maps, turned_by
from melodynb.score import MelodyError

POSITIONS = 'learned', 'sinusoidal', 'rotary'
SWITCHES = [*(dict(position=position) for position in POSITIONS),
            dict(position='sinusoidal', scaled=True, final_norm=False), dict(position='rotary', scaled=True)]


def tiny(**changes):
    torch.manual_seed(0)
    return Decoder(**{**dict(vocab_size=11, context=24, width=16, layers=3, heads=2), **changes}).eval()


def ids_of(*shape, seed=1): return torch.randint(11, shape, generator=torch.Generator().manual_seed(seed))


def test_the_seed_sizes_have_exactly_943502_parameters():
    assert sum(p.numel() for p in Decoder(vocab_size=14).parameters()) == 943_502


@pytest.mark.parametrize('position', POSITIONS)
@torch.no_grad()
def test_no_later_token_changes_an_earlier_logit(position):
    model, ids = tiny(position=position), ids_of(1, 20)
    before = model(ids)
    for at in range(20):
        changed = ids.clone()
        changed[0, at] = (ids[0, at] + 1) % 11
        moved = (model(changed) - before).abs().amax(-1)[0]
        assert moved[:at].max() < 1e-6 if at else True
        assert moved[at] > 1e-4


@torch.no_grad()
def test_attention_is_the_published_formula():
    "Against PyTorch's own multi-head attention with the same weights."
    torch.manual_seed(0)
    ours, theirs = Attention(16, 4, bias=True), nn.MultiheadAttention(16, 4, batch_first=True)
    theirs.in_proj_weight.copy_(ours.qkv.weight)
    theirs.in_proj_bias.copy_(ours.qkv.bias)
    theirs.out_proj.load_state_dict(ours.out.state_dict())
    x = torch.randn(2, 7, 16)
    hidden = torch.ones(7, 7, dtype=torch.bool).triu(1)
    found, weights = theirs(x, x, x, attn_mask=hidden, average_attn_weights=False)
    torch.testing.assert_close(ours(x), found, atol=1e-6, rtol=1e-5)
    torch.testing.assert_close(ours.weights(x), weights, atol=1e-6, rtol=1e-5)


@torch.no_grad()
def test_rotary_feels_only_the_distance():
    attention, token = Attention(16, 2, turns=24), torch.randn(1, 1, 16)
    query, key, _ = attention.roles(token.expand(1, 24, 16))
    scores = query @ key.mT
    for distance in range(24):
        line = scores.diagonal(-distance, -2, -1)
        torch.testing.assert_close(line, line[..., :1].expand_as(line), atol=1e-4, rtol=1e-4)


def turns_of(angles): # (B,T,D/2) -> cosines and sines (2,B,1,T,D/2)
    return torch.stack([angles.cos(), angles.sin()])[:, :, None]


@torch.no_grad()
def test_angles_may_be_given_for_each_piece_and_place():
    "Equal angles are equal places; those of the number give what a rotary model has by itself; each piece has its own."
    torch.manual_seed(0)
    numbered, told, x = Attention(16, 2, turns=9), Attention(16, 2), torch.randn(2, 9, 16)
    told.load_state_dict(numbered.state_dict())
    speeds = 10_000.**(-torch.arange(4)/4)
    by_number = (torch.arange(9.)[:, None]*speeds).expand(2, 9, 4)
    near = dict(atol=1e-6, rtol=1e-5)
    for ask in (Attention.forward, Attention.weights):
        torch.testing.assert_close(ask(told, x, turns=turns_of(by_number)), ask(numbered, x), **near)
        assert not torch.allclose(ask(told, x), ask(numbered, x), atol=1e-3)
    torch.testing.assert_close(told(x, turns=turns_of(torch.ones(2, 9, 4))), told(x), **near)
    uneven = torch.stack([by_number[0], 3*by_number[0]])
    each = [told(x[i:i + 1], turns=turns_of(uneven[i:i + 1])) for i in range(2)]
    torch.testing.assert_close(told(x, turns=turns_of(uneven)), torch.cat(each), **near)
    block = Block(told, FeedForward(16)).eval()
    assert not torch.allclose(block(x, turns=turns_of(by_number)), block(x), atol=1e-4)


class Clocked(Decoder):
    "Turns by what its tokens say, and louder for each of them that it has read."
    def forward(self, ids, cache=None):
        angles = self.angles(ids)
        x = self.embed(ids, cache)
        for block in self.blocks: x = block(x, cache, turns_of(angles))
        return 2*self.head(self.norm(x))

    def angles(self, ids): return ids[..., None]*torch.arange(1., 1 + self.width//self.heads//2)

    def step_in(self, cache):
        enter = Decoder.step_in(self, cache)
        def told(ids):
            angles = self.angles(ids)
            return enter(ids)[0], turned_by(angles.cos(), angles.sin())
        return told

    def step_out(self, cache):
        leave = Decoder.step_out(self, cache)
        return lambda x: 2*leave(x)


@torch.inference_mode()
def test_a_network_that_says_how_it_begins_and_ends_goes_the_short_way(monkeypatch):
    torch.manual_seed(0)
    model = Clocked(vocab_size=11, context=24, width=16, layers=2, heads=2).eval()
    rows = torch.stack([ids_of(12), F.pad(ids_of(9, seed=2), (3, 0))])
    whole = [model(rows[:1])[0, 5:], model(rows[1:, 3:])[0, 2:]]
    cache = model.new_cache(2, torch.tensor([0, 3]))
    model(rows[:, :5], cache)
    step = model.stepper(cache)
    monkeypatch.setattr(Clocked, 'forward', None) # it is not called any more
    found = torch.stack([step(rows[:, place]) for place in range(5, 12)], 1)
    for one, other in zip(found, whole): torch.testing.assert_close(one, other, atol=1e-5, rtol=1e-5)


@torch.inference_mode()
def test_maps_of_attention_see_given_angles():
    torch.manual_seed(0)
    model = Clocked(vocab_size=11, context=24, width=16, layers=2, heads=2).eval()
    ids = ids_of(9)
    maps = attention_maps(model, ids)
    x = model.embed(ids[None])
    own = model.blocks[0].attention.weights(model.blocks[0].norm1(x), turns_of(model.angles(ids[None])))
    torch.testing.assert_close(maps[0], own[0], atol=1e-6, rtol=1e-5)


@pytest.mark.parametrize('options', SWITCHES)
@settings(max_examples=15, deadline=None)
@given(cuts=st.lists(st.integers(1, 6), min_size=1, max_size=6), shorter=st.integers(0, 5))
@torch.inference_mode()
def test_any_portions_and_any_padding_give_the_same_logits(options, cuts, shorter):
    "Portions with a cache, single positions through the stepper, a padded neighbour: all equal the whole."
    model, T = tiny(**options), min(24, sum(cuts) + 6)
    long, short = ids_of(T), ids_of(T - shorter, seed=2)
    rows = torch.stack([long, F.pad(short, (shorter, 0))])
    cache = model.new_cache(2, torch.tensor([0, shorter]))
    parts, done = [model(rows[:, :6], cache)], 6
    step = model.stepper(cache)
    for size in cuts:
        part = rows[:, done:done + size]
        if not part.numel(): break
        parts.append(step(part[:, 0])[:, None] if size == 1 else model(part, cache))
        done += part.shape[1]
    found = torch.cat(parts, 1)
    near = dict(atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(found[0], model(long[None])[0, :done], **near)
    torch.testing.assert_close(found[1, shorter:], model(short[None])[0, :done - shorter], **near)


@pytest.mark.parametrize('options', [
    {}, dict(position='rotary'), dict(tied=True), dict(activation='gelu', qkv_bias=True), dict(dropout=.1),
    dict(position='sinusoidal', scaled=True), dict(final_norm=False), dict(scaled=True, tied=True)])
def test_one_batch_can_be_overfitted(options):
    model, ids = tiny(width=32, **options).train(), ids_of(2, 20)
    optimizer = torch.optim.AdamW(model.parameters(), lr=4e-3, weight_decay=0.)
    for _ in range(90):
        loss = F.cross_entropy(model(ids[:, :-1]).flatten(0, 1), ids[:, 1:].flatten())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    with torch.no_grad(): logits = model.eval()(ids[:, :-1])
    loss = F.cross_entropy(logits.flatten(0, 1), ids[:, 1:].flatten())
    assert loss < .2, f'{options}: {loss:.3f} nats after 90 steps, a uniform guess has 2.4'


def test_every_parameter_gets_a_gradient():
    for options in SWITCHES:
        model = tiny(**options)
        model(ids_of(2, 24)).square().sum().backward()
        assert all(p.grad is not None and p.grad.abs().sum() > 0 for p in model.parameters())


def test_tied_head_shares_and_stays_shared():
    model = tiny(tied=True)
    assert model.head.weight is model.tokens.weight
    twin = copy.deepcopy(model)
    assert twin.head.weight is twin.tokens.weight and twin.head.weight is not model.head.weight


def test_an_untrained_model_is_nearly_uniform():
    model = Decoder(vocab_size=14).eval()
    ids = torch.randint(14, (2, 128))
    loss = F.cross_entropy(model(ids[:, :-1]).flatten(0, 1), ids[:, 1:].flatten()).item()
    assert abs(loss - 2.639) < .1


def test_attention_maps_leave_the_model_as_it_was():
    model = tiny(dropout=.5).train()
    maps = attention_maps(model, ids_of(9))
    assert maps.shape == (3, 2, 9, 9) and model.training
    assert torch.equal(maps.triu(1), torch.zeros_like(maps))
    torch.testing.assert_close(maps.sum(-1), torch.ones(3, 2, 9))
    assert not any(part._forward_hooks for part in model.modules())


@torch.inference_mode()
def test_stepper_steps_aside_for_what_it_does_not_know():
    "A changed forward, a replaced layer and a hook are all heard; so is what changes one half of the short way."
    class Louder(Decoder):
        def forward(self, ids, cache=None): return 2*super().forward(ids, cache)
    class Loudest(Clocked):
        def forward(self, ids, cache=None): return 2*super().forward(ids, cache)
    class Shifted(Clocked):
        def embed(self, ids, cache=None): return super().embed(ids, cache) + 1
    class Wrapped(nn.Linear): pass
    torch.manual_seed(0)
    louder, *others = (kind(vocab_size=11, width=16, heads=2).eval() for kind in (Louder, Loudest, Shifted))
    wrapped, hooked = tiny(), tiny()
    wrapped.blocks[0].feed.wide = Wrapped(16, 64)
    hooked.blocks[0].register_forward_hook(lambda part, inputs, found: found + 1)
    for model in (louder, *others, wrapped, hooked):
        cache = model.new_cache()
        step = model.stepper(cache)
        found = torch.stack([step(id[None]) for id in ids_of(5)], 1)
        torch.testing.assert_close(found, model(ids_of(1, 5)), atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize('changes, sentence', [
    (dict(width=15), 'width=15: it does not fit 2 heads; choose a multiple of 2'), (dict(heads=0), 'heads=0'),
    (dict(layers=10**9), 'layers=1000000000: choose 1 to 256'), (dict(width=10**9), 'width=1000000000'),
    (dict(context=0), 'context=0'), (dict(vocab_size=0), 'vocab_size=0'), (dict(dropout=1.), 'dropout=1.0'),
    (dict(position='spiral'), "position='spiral'"), (dict(activation='sine'), "activation='sine'"),
    (dict(position='rotary', width=6, heads=2), 'multiple of 4')])
def test_impossible_sizes_are_one_sentence(changes, sentence):
    with pytest.raises(MelodyError, match=sentence) as error: tiny(**changes)
    assert '\n' not in str(error.value)


def test_foreign_ids_and_long_pieces_are_one_sentence():
    model = tiny()
    with pytest.raises(MelodyError, match='id 11 is not in the vocabulary of 11'):
        model(torch.tensor([[1, 11]]))
    with pytest.raises(MelodyError, match='id -1 is not'): model(torch.tensor([[-1]]))
    with pytest.raises(MelodyError, match='25 ids are more than the context of 24'): model(ids_of(1, 25))
    cache = model.new_cache()
    model(ids_of(1, 24), cache)
    with pytest.raises(MelodyError, match='25 ids'): model(ids_of(1, 1), cache)


def test_the_cache_belongs_to_no_gradient():
    model = tiny()
    cache = model.new_cache(2)
    assert isinstance(cache, KVCache) and not any(memory.requires_grad for memory in cache.memory)
