"Properties of training that need more than one process, or one that dies."
import json, multiprocessing, os, random, signal, subprocess, sys, threading, time
from itertools import chain
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from melodynb.models import Decoder
from melodynb.score import MelodyError
from melodynb.tokenizers import CharTokenizer
from melodynb.train import History, _read_state, _write_state, cross_entropy, fit, tune_losses, updates

TOKENIZER = CharTokenizer()
QUIET = dict(os.environ, OMP_NUM_THREADS='1', TOKENIZERS_PARALLELISM='false', CUDA_VISIBLE_DEVICES='')


def letters(tunes:int, seed:int)->list[str]:
    "Random walks, as letters."
    rng = np.random.default_rng(seed)
    walks = [np.cumsum(rng.integers(-2, 3, rng.integers(30, 60))) for _ in range(tunes)]
    vocab = np.array(TOKENIZER.vocab)
    return [''.join(vocab[1 + walk % 13]) for walk in walks]


def setting(dropout:float=0., rows:int=5):
    "A small model, batches of an odd number of rows, and held-out tunes of uneven length."
    torch.manual_seed(0)
    model = Decoder(len(TOKENIZER), context=24, width=16, layers=1, heads=2, dropout=dropout)
    train = TOKENIZER.batches(letters(20, 0), context=24, batch_size=rows)
    return model, train, TOKENIZER.held_out(letters(7, 1), context=24, batch_size=4)


def weights(model:nn.Module)->dict:
    return {name: tensor.clone() for name, tensor in model.state_dict().items()}


def same(one:dict, other:dict)->bool:
    return one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)


PLAN = dict(steps=40, lr=5e-3, every=7, save_every=3, seed=3, log=None)


def be_killed(folder:Path, moment:float|str|None):
    "Train with dropout and checkpoints until killed, after so many seconds or at a 'rename'; keep the end."
    def die(*_): os.kill(os.getpid(), signal.SIGKILL)
    def unhurried(logits, targets):
        time.sleep(.02)
        return cross_entropy(logits, targets)
    torch.set_num_threads(1)
    model, train, valid = setting(dropout=.3)
    if moment == 'rename': os.replace = die
    elif moment: threading.Timer(moment, die).start()
    history = fit(model, train, valid, checkpoint=folder/'run', resume=True, loss_fn=unhurried, **PLAN)
    torch.save((weights(model), history.to_json()), folder/'end.pt')


def be_one_of_several(folder:str):
    "Train in as many processes as torchrun started."
    model, train, valid = setting()
    second = os.environ.get('RANK') == '1'
    if second: nn.init.normal_(model.head.weight) # the first process's weights must win
    history = fit(model, train, valid, accumulate=2, **(PLAN | dict(steps=20)))
    together = torch.distributed.is_initialized()
    state = dict(history=history.to_json(), processes=torch.distributed.get_world_size() if together else 1)
    Path(folder, f'rank{os.environ.get("RANK", 0)}.json').write_text(json.dumps(state))
    if together:
        torch.distributed.barrier() # neither leaves while the other still listens
        torch.distributed.destroy_process_group()


def run(folder:Path, *launcher:str)->subprocess.Popen:
    command = [sys.executable, *launcher, __file__, str(folder)]
    return subprocess.Popen(command, env=QUIET, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def live(folder:Path, moment:float|str|None=None)->int:
    "The exit code of one life of `be_killed`, in a process of its own."
    fork = multiprocessing.get_context('forkserver')
    fork.set_forkserver_preload(['melodynb.train', 'melodynb.models', 'accelerate', 'safetensors.torch'])
    process = fork.Process(target=be_killed, args=(folder, moment))
    process.start()
    process.join(300)
    return process.exitcode


def test_killed_at_any_moment_ends_in_the_same_bits(tmp_path):
    straight, killed, rng = tmp_path/'straight', tmp_path/'killed', random.Random(0)
    for folder in (straight, killed): folder.mkdir()
    moments = [rng.uniform(.1, .3), 'rename', rng.uniform(.1, .3), 'rename']
    moments += [rng.uniform(.05, .6) for _ in range(4)]
    exits = [live(killed, moment) for moment in moments] # the whole run takes .8 seconds or more
    assert exits[:3] == [-signal.SIGKILL]*3
    assert live(straight) == live(killed) == 0
    one, first = torch.load(straight/'end.pt', weights_only=True)
    other, second = torch.load(killed/'end.pt', weights_only=True)
    assert same(one, other)
    assert all_but_the_seconds(first) == all_but_the_seconds(second)


def all_but_the_seconds(text:str)->list:
    "The rows of a history that was written down."
    return [row[:3] + row[4:] for row in History.from_json(text)]


def test_two_processes_train_as_one(tmp_path):
    one, two = tmp_path/'one', tmp_path/'two'
    for folder in (one, two): folder.mkdir()
    alone = run(one)
    meeting = '--rdzv_backend=c10d', '--rdzv_endpoint=127.0.0.1:0'
    both = run(two, '-m', 'torch.distributed.run', '--nproc_per_node=2', *meeting)
    try:
        for process in (alone, both): assert process.wait(500) == 0, process.stdout.read()
    finally:
        for process in (alone, both): process.kill()
    told = [json.loads(path.read_text()) for path in (one/'rank0.json', two/'rank0.json', two/'rank1.json')]
    assert [state['processes'] for state in told] == [1, 2, 2]
    alone, *ranks = (losses(state['history']) for state in told)
    for rank in ranks: np.testing.assert_allclose(rank, alone, atol=1e-5)


def losses(text:str)->np.ndarray: # (rows, 3): step, training loss, validation loss
    return np.array([row[:3] for row in History.from_json(text)])


def test_gathered_batches_resume_where_they_stood(tmp_path):
    "Five batches an epoch and three an update: updates straddle epochs, and the checkpoint must know the place."
    plan = PLAN | dict(accumulate=3, every=5, save_every=5)
    model, train, valid = setting(dropout=.3)
    whole = fit(model, train, valid, **plan)
    straight, (model, train, valid) = weights(model), setting(dropout=.3)
    class Interrupted:
        "The usual loss for so many calls; one name for both runs, as a checkpoint knows its loss by it."
        def __init__(self, calls): self.calls = calls
        def __call__(self, logits, targets):
            self.calls -= model.training
            if self.calls < 0: raise KeyboardInterrupt
            return cross_entropy(logits, targets)
    first = fit(model, train, valid, checkpoint=tmp_path, loss_fn=Interrupted(51), **plan)
    assert 'interrupted' in first.stopped and first[-1].step == 15
    model, train, valid = setting(dropout=.3)
    rest = fit(model, train, valid, checkpoint=tmp_path, resume=True, loss_fn=Interrupted(10**6), **plan)
    assert same(straight, weights(model))
    assert [row[:3] for row in rest] == [row[:3] for row in whole]


# Averaged weights

AVERAGED = PLAN | dict(average=.9)


def averaged_by_hand(steps:int, average:float)->tuple[dict, dict]: # the averaged weights, and the newest
    "What `average` says, over the newest weights of runs that end after 1, 2 .. updates."
    model, train, _ = setting()
    mean = weights(model)
    plan = dict(PLAN, steps=steps, schedule='constant', warmup=0)
    for step, _ in enumerate(updates(model, train, **{name: plan[name] for name in (
            'steps', 'lr', 'seed', 'schedule', 'warmup')})):
        kept = min(average, (1 + step)/(10 + step))
        newest = weights(model)
        mean = {name: kept*mean[name] + (1 - kept)*newest[name] for name in mean}
    return mean, newest


@pytest.mark.parametrize('average', [.3, .9])
def test_averaged_weights_are_what_is_examined_and_kept(average):
    mean, newest = averaged_by_hand(12, average)
    plan = dict(PLAN, steps=12, every=12, schedule='constant', warmup=0, average=average)
    model, train, valid = setting()
    history = fit(model, train, valid, **plan)
    found = weights(model)
    assert history.best.step == 12
    for name in mean: torch.testing.assert_close(found[name], mean[name], atol=1e-6, rtol=1e-5)
    assert not torch.allclose(found['head.weight'], newest['head.weight'], atol=1e-4)
    nats = tune_losses(model, valid)
    assert history[-1].valid == pytest.approx(nats[:, 0].sum()/nats[:, 1].sum(), abs=1e-5)
    alone, train, _ = setting()
    fit(alone, train, **plan)
    assert same(weights(alone), found) # without an exam the averaged weights are kept, too


def test_the_training_does_not_feel_the_average():
    runs = []
    for average in (0, .9):
        model, train, valid = setting(dropout=.3)
        runs.append(fit(model, train, valid, **PLAN, average=average))
    plain, averaged = runs
    assert [row.train for row in plain] == [row.train for row in averaged]
    assert [row.valid for row in plain][1:] != [row.valid for row in averaged][1:]


@pytest.mark.parametrize('calls', [9, 14, 33])
def test_averaged_weights_are_resumed_to_the_last_bit(tmp_path, calls):
    straight, train, valid = setting(dropout=.3)
    whole = fit(straight, train, valid, **AVERAGED)
    def pulled(logits, targets, left=iter(range(calls, -1, -1))):
        if not next(left): raise KeyboardInterrupt
        return cross_entropy(logits, targets)
    pulled.__qualname__ = cross_entropy.__qualname__
    again, train, valid = setting(dropout=.3)
    first = fit(again, train, valid, checkpoint=tmp_path, loss_fn=pulled, **AVERAGED)
    assert 'interrupted' in first.stopped
    last, train, valid = setting(dropout=.3)
    rest = fit(last, train, valid, checkpoint=tmp_path, resume=True, loss_fn=cross_entropy, **AVERAGED)
    assert same(weights(straight), weights(last))
    assert [row[:3] for row in rest] == [row[:3] for row in whole]


def test_a_checkpoint_of_before_there_were_averages_goes_on(tmp_path):
    model, train, valid = setting()
    whole = fit(model, train, valid, checkpoint=tmp_path, **PLAN)
    tensors, state = _read_state(tmp_path/'checkpoint.safetensors')
    for name in ('average', 'precision'): del state['facts'][name]
    _write_state(tmp_path/'checkpoint.safetensors', tensors, state)
    again, train, valid = setting()
    assert fit(again, train, valid, checkpoint=tmp_path, resume=True, **PLAN).to_json() == whole.to_json()
    assert same(weights(again), weights(model))
    with pytest.raises(MelodyError, match='was made with average=0.0, not average=0.9'):
        fit(setting()[0], train, valid, checkpoint=tmp_path, resume=True, **AVERAGED)


def test_what_cannot_be_averaged_is_as_new_as_the_rest():
    class Counted(nn.Embedding):
        def __init__(self):
            super().__init__(5, 5)
            self.register_buffer('calls', torch.tensor(0))
        def forward(self, ids):
            self.calls += self.training
            return super().forward(ids)
    model = Counted()
    batch = torch.arange(4)[None], torch.arange(1, 5)[None]
    fit(model, [batch], steps=6, average=.5, log=None)
    assert model.calls == 6


@pytest.mark.parametrize('average', [1, 1., -.1, 2, float('nan'), float('inf')])
def test_an_average_that_is_none_is_one_sentence(average):
    model, train, _ = setting()
    with pytest.raises(MelodyError, match='average=.*give a share, 0 or more and below 1, such as .999') as error:
        fit(model, train, steps=2, average=average, log=None)
    assert '\n' not in str(error.value)


# Precision

def test_bfloat16_is_not_far_from_single_precision():
    ends = {}
    for precision in (None, 'no', 'bf16'):
        model, train, valid = setting()
        seen = []
        def loss(logits, targets):
            seen.append(logits.dtype)
            return cross_entropy(logits, targets)
        history = fit(model, train, valid, precision=precision, loss_fn=loss, **PLAN)
        assert {weight.dtype for weight in model.parameters()} == {torch.float32} and set(seen) == {torch.float32}
        assert 'forward' not in vars(model)
        ends[precision] = weights(model), history
    assert same(ends[None][0], ends['no'][0])
    assert not same(ends['bf16'][0], ends['no'][0]) # it was really used
    assert abs(ends['bf16'][1][-1].valid - ends['no'][1][-1].valid) < .03


@pytest.mark.parametrize('precision', ['fp8', 'fp16', 16, True, '', ['bf16']])
def test_a_precision_that_is_none_is_one_sentence(precision):
    model, train, _ = setting()
    with pytest.raises(MelodyError, match="use 'bf16', 'no', or None"):
        fit(model, train, steps=2, precision=precision, log=None)


def test_a_precision_is_not_passed_over_in_silence():
    from accelerate import Accelerator
    from accelerate.state import AcceleratorState
    model, train, _ = setting()
    running = updates(model, train, steps=3)
    next(running)
    other = setting()[0]
    with pytest.raises(MelodyError, match="precision='bf16' cannot be had in this process"):
        fit(other, train, steps=1, precision='bf16', log=None)
    fit(other, train, steps=1, precision='no', log=None)
    assert len(list(running)) == 2
    try:
        own = Accelerator(cpu=True)
        for ask in (fit, updates):
            with pytest.raises(MelodyError, match="precision='no': it is settled by the accelerator"):
                ask(other, train, steps=1, precision='no', accelerator=own)
    finally: AcceleratorState._reset_state(reset_partial_state=True)
    fit(other, train, steps=1, precision='bf16', log=None) # and nothing has stayed behind


def test_dropout_and_order_follow_the_seed():
    ends = []
    for seed in (0, 0, 1):
        model, train, _ = setting(dropout=.3)
        fit(model, train, steps=5, seed=seed, log=None)
        ends.append(weights(model))
    assert same(ends[0], ends[1]) and not same(ends[0], ends[2])


def test_gradients_are_clipped_where_they_are_longer_and_only_there():
    ends = []
    for clip in (None, 1e6, .01):
        model, train, _ = setting()
        fit(model, train, steps=4, clip=clip, log=None)
        ends.append(weights(model))
    assert same(ends[0], ends[1]) and not same(ends[0], ends[2])


def test_shuffling_loader_resumes_exactly(tmp_path):
    "A DataLoader draws its order from torch's dice; a resumed run must read the same rows."
    from torch.utils.data import DataLoader, TensorDataset
    ids = torch.randint(14, (40, 12), generator=torch.Generator().manual_seed(0))
    def loader(): return DataLoader(TensorDataset(ids[:, :-1], ids[:, 1:]), batch_size=8, shuffle=True)
    def dying(at):
        def loss(logits, targets, left=iter(range(at, -1, -1))):
            if next(left, 1) == 0: raise SystemError
            return cross_entropy(logits, targets)
        loss.__qualname__ = 'loss'
        return loss
    straight, halved = (setting(dropout=.3)[0] for _ in range(2))
    plan = dict(steps=13, save_every=4, log=None, checkpoint=tmp_path/'a')
    fit(straight, loader(), loss_fn=dying(10**6), **plan)
    plan['checkpoint'] = tmp_path/'b'
    with pytest.raises(SystemError): fit(halved, loader(), loss_fn=dying(11), **plan)
    fit(halved, loader(), loss_fn=dying(10**6), resume=True, **plan)
    assert same(weights(straight), weights(halved))


@pytest.mark.parametrize('change, sentence', [
    (dict(lr=1.), 'lr=0.005'), (dict(steps=41), 'steps=40'), (dict(seed=4), 'seed=3'),
    (dict(every=5), 'every=7'), (dict(betas=(.5, .5)), 'betas='), (dict(rows=6), 'other training data'),
    (dict(width=32), 'a model of another shape'), (dict(frozen=True), 'a model of another shape'),
    (dict(valid=None), 'other held-out data'),
])
def test_another_run_is_not_resumed(tmp_path, change, sentence):
    model, train, valid = setting()
    fit(model, train, valid, checkpoint=tmp_path, **(PLAN | dict(steps=40)))
    before = (tmp_path/'checkpoint.safetensors').read_bytes()
    other, train, valid = setting(rows=change.pop('rows', 5))
    width = change.pop('width', None)
    if width: other = Decoder(len(TOKENIZER), context=24, width=width, layers=1, heads=2)
    if change.pop('frozen', False): other.tokens.weight.requires_grad_(False)
    if 'valid' in change: valid = change.pop('valid')
    with pytest.raises(MelodyError, match=sentence):
        fit(other, train, valid, checkpoint=tmp_path, resume=True, **(PLAN | change))
    assert (tmp_path/'checkpoint.safetensors').read_bytes() == before


def test_other_frozen_weights_are_noticed(tmp_path):
    plan = PLAN | dict(steps=3, checkpoint=tmp_path, resume=True)
    for scale, expected in ((1, None), (1, None), (2, 'frozen')):
        model, train, _ = setting()
        model.tokens.weight.requires_grad_(False).mul_(scale)
        if expected is None: fit(model, train, **plan)
        else:
            with pytest.raises(MelodyError, match=expected): fit(model, train, **plan)


def test_finished_run_resumes_to_its_end(tmp_path):
    model, train, valid = setting()
    first = fit(model, train, valid, checkpoint=tmp_path, **PLAN)
    end = weights(model)
    model, train, valid = setting()
    second = fit(model, train, valid, checkpoint=tmp_path, resume=True, **PLAN)
    assert same(end, weights(model)) and first.rows == second.rows


def test_any_flipped_byte_is_noticed(tmp_path):
    model, train, _ = setting()
    plan = dict(steps=2, log=None, checkpoint=tmp_path)
    fit(model, train, **plan)
    path = tmp_path/'checkpoint.safetensors'
    rng = random.Random(0)
    whole = path.read_bytes()
    for place in [*range(0, 9), *(rng.randrange(len(whole)) for _ in range(60))]:
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1 << rng.randrange(8)]) + whole[place+1:])
        try: fit(model, train, resume=True, **plan)
        except MelodyError as error: assert 'checkpoint' in str(error) and '\n' not in str(error)
        else: pytest.fail(f'byte {place} of {len(whole)} was changed and nobody saw it')
    for size in (0, 7, 8, 100, len(whole)//2, len(whole)-1):
        path.write_bytes(whole[:size])
        with pytest.raises(MelodyError, match='damaged'): fit(model, train, resume=True, **plan)


def test_broken_loss_keeps_the_best():
    model, train, valid = setting()
    losses = iter([1.]*12 + [float('nan')]*9)
    def breaking(logits, targets): return cross_entropy(logits, targets) * next(losses)
    with pytest.raises(MelodyError, match='step 12: the loss is nan'): # the first call examines the untrained model
        fit(model, train, valid, steps=20, every=5, log=None, lr=1e-2, loss_fn=breaking)
    assert all(torch.isfinite(tensor).all() for tensor in weights(model).values())


def test_half_precision_leaves_the_model_as_it_was():
    from accelerate import Accelerator
    from accelerate.state import AcceleratorState
    try:
        model, train, valid = setting()
        history = fit(model, train, valid, accelerator=Accelerator(mixed_precision='bf16', cpu=True), **PLAN)
    finally: AcceleratorState._reset_state(reset_partial_state=True)
    assert 'forward' not in vars(model) and '_original_forward' not in vars(model)
    assert model.head.weight.dtype == torch.float32 and history.best.valid < history[0].valid
    logits = model(torch.zeros(1, 3, dtype=torch.long))
    assert logits.dtype == torch.float32


def test_nothing_stays_behind_that_stops_a_launcher():
    from accelerate.state import AcceleratorState, PartialState
    model, train, _ = setting()
    fit(model, train, steps=1, log=None)
    assert not AcceleratorState._shared_state and not PartialState._shared_state


def test_one_batch_can_be_learned_by_heart():
    model, train, _ = setting()
    batch = [next(iter(train))]
    history = fit(model, batch, steps=400, lr=1e-2, log=None, weight_decay=0.)
    assert history[-1].train < .25 < 2 < history[0].train


def test_notebook_keeps_the_curve_and_no_widget(tmp_path):
    nbformat, nbclient = pytest.importorskip('nbformat'), pytest.importorskip('nbclient')
    lines = ['import torch', 'from melodynb.train import fit', 'ids = [[[1, 2, 3]]]*2',
             'fit(torch.nn.Embedding(4, 4), [ids], [ids], steps=60, every=20);']
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell('\n'.join(lines))])
    nbclient.NotebookClient(notebook, timeout=120, resources={'metadata': {'path': str(tmp_path)}}).execute()
    outputs = notebook.cells[0].outputs
    displayed = [output.data for output in outputs if output.output_type == 'display_data']
    shown = list(chain.from_iterable(displayed))
    assert shown.count('image/png') == 1 and not any('widget' in kind for kind in shown)
    text = ''.join(output.text for output in outputs if output.output_type == 'stream')
    assert text.startswith('0.000016 M parameters\nstep 0: train loss') and 'step 60: ' in text
    assert '60 updates in' in str(outputs[0].data)


if __name__ == '__main__': be_one_of_several(sys.argv[1])
