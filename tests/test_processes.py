"""Several processes compute what one computes, and write what one writes.

They meet over gloo, as those of `torchrun` do: what it gives to each process, its number among so many and a place to
meet, they get here. `tests/test_train.py` starts the real one."""
import os
import socket
from pathlib import Path

import numpy as np
import pytest
import torch

from melodynb import token_file
from melodynb.bar_transformer import BarTransformer, Rearranged, bar_settings, bar_tokenizer
from melodynb.char_gpt import CharGPT, training_settings
from melodynb.corpus import load_corpus
from melodynb.remi import RemiTokenizer
from melodynb.remi_transformer import RemiTransformer, music_only
from melodynb.remi_transformer import training_settings as remi_settings
from melodynb.score import MelodyError, write_midi
from melodynb.token_file import _Journal, encode_folder
from melodynb.tokenizers import CharTokenizer, WholePieces
from melodynb.train import History, cross_entropy, fit
from tests import forked


def one_of_several(rank:int, world:int, port:int, work, folder:Path, *given):
    "As a launcher starts a process; what `work` returns is kept under its number."
    places = dict(RANK=rank, LOCAL_RANK=rank, WORLD_SIZE=world, LOCAL_WORLD_SIZE=world, MASTER_PORT=port)
    os.environ.update({name: str(value) for name, value in places.items() if world > 1})
    os.environ.update(MASTER_ADDR='127.0.0.1', OMP_NUM_THREADS='1', CUDA_VISIBLE_DEVICES='')
    torch.set_num_threads(1)
    torch.save(work(folder, *given), folder/f'{world}-{rank}.pt')
    if world > 1:
        torch.distributed.barrier()
        torch.distributed.destroy_process_group()


def started(world:int, work, folder:Path, *given)->list:
    "So many processes, at work."
    with socket.socket() as free:
        free.bind(('127.0.0.1', 0))
        port = free.getsockname()[1]
    make = forked.processes().Process
    processes = [make(target=one_of_several, args=(rank, world, port, work, folder, *given)) for rank in range(world)]
    for process in processes: process.start()
    return processes


def together(world:int, work, folder:Path, *given)->list:
    "What `work` returned in each of so many processes."
    processes = started(world, work, folder, *given)
    try:
        for process in processes: process.join(200)
    finally:
        for process in processes: process.kill()
    assert [process.exitcode for process in processes] == [0]*world
    return [torch.load(folder/f'{world}-{rank}.pt', weights_only=True) for rank in range(world)]


def attempt_1():
    sizes, rows, plan = training_settings('tiny')
    t, tunes = CharTokenizer(), load_corpus('folk')
    exam = t.held_out(tunes[200:212], context=sizes['context'])
    return lambda: CharGPT(**sizes, dropout=0.), t.batches(tunes[:200], seed=0, **rows), exam, plan


def attempt_4():
    sizes, rows, plan = remi_settings('folk', 'tiny')
    t, tunes = RemiTokenizer(solo=True), load_corpus('folk')
    exam = music_only(t, tunes[60:70], sizes['context'])
    return lambda: RemiTransformer(len(t), **sizes | dict(dropout=0.)), t.batches(tunes[:60], seed=0, **rows), exam, plan


def attempt_4_that_knows_where_it_is():
    sizes, rows, plan = bar_settings('tiny')
    t, tunes = bar_tokenizer('folk'), load_corpus('folk')
    change = Rearranged(t, sizes['context'])
    batches = WholePieces(t.pieces(tunes[:60]), seed=0, change=change, **rows)
    exam = music_only(t, tunes[60:70], sizes['context'])
    return lambda: BarTransformer.of(t, **sizes), batches, exam, plan | dict(precision='no')


ATTEMPTS = attempt_1, attempt_4, attempt_4_that_knows_where_it_is


def losses(history:History)->list: # step, training loss, held-out loss
    return [list(row[:3]) for row in history]


def trained(folder:Path)->list:
    "Six updates of each attempt."
    found = []
    for attempt in ATTEMPTS:
        make, batches, exam, plan = attempt()
        torch.manual_seed(int(os.environ.get('RANK', 0))) # the first process's weights must win
        found.append(losses(fit(make(), batches, exam, **plan | dict(steps=6, every=2), log=None)))
    return found


@pytest.fixture(scope='module')
def alone(tmp_path_factory): return together(1, trained, tmp_path_factory.mktemp('alone'))[0]


@pytest.mark.parametrize('world', [2, 4])
def test_several_processes_train_as_one(tmp_path, alone, world):
    for found in together(world, trained, tmp_path):
        for one, several in zip(alone, found, strict=True):
            np.testing.assert_allclose(several, one, rtol=0, atol=1e-6)


class Stops:
    "The usual loss, until so many calls in training."
    def __init__(self, model, calls:int): self.model, self.calls = model, calls

    def __call__(self, logits, targets):
        self.calls -= self.model.training
        if self.calls < 0: raise KeyboardInterrupt
        return cross_entropy(logits, targets)


def a_stretch(folder:Path, updates:int|None)->tuple:
    "So many updates from where the checkpoint stands, or to the end of twelve; losses and weights."
    make, batches, exam, plan = attempt_1()
    torch.manual_seed(0)
    model = make()
    how = plan | dict(steps=12, every=3, save_every=1, average=.9, checkpoint=folder/'run', resume=True, log=None)
    history = fit(model, batches, exam, loss_fn=Stops(model, 100 if updates is None else updates), **how)
    return losses(history), model.state_dict()


def test_a_checkpoint_moves_between_one_two_and_four_processes(tmp_path):
    straight, moved = tmp_path/'straight', tmp_path/'moved'
    for folder in (straight, moved): folder.mkdir()
    for world in (2, 1, 4, 2): found = together(world, a_stretch, moved, 3)
    (rows, weights), = together(1, a_stretch, straight, None)
    assert [row[0] for row in rows] == [0, 3, 6, 9, 12]
    for those_rows, those_weights in found:
        np.testing.assert_allclose(those_rows, rows, rtol=0, atol=1e-5)
        for name, weight in weights.items(): torch.testing.assert_close(those_weights[name], weight, rtol=0, atol=1e-4)


# A folder as tokens

TOK = RemiTokenizer(solo=True)


@pytest.fixture(scope='module')
def music(tmp_path_factory):
    folder = tmp_path_factory.mktemp('music')
    for number, tune in enumerate(load_corpus('folk')[:40]): write_midi(tune, folder/f'{number:02}.mid')
    write_midi(load_corpus('folk')[3], folder/'copy.mid')
    (folder/'broken.mid').write_bytes(b'none')
    return folder


@pytest.fixture(scope='module')
def straight(tmp_path_factory, music):
    "What one process writes."
    return encode_folder(music, TOK, tmp_path_factory.mktemp('straight')/'tokens', processes=1).path.read_bytes()


def encoded(folder:Path, music:Path)->tuple: # pieces, files that gave none, and files that this process read
    read = []
    answer = token_file._answer
    def counted(tokenizer, path, bounds):
        read.append(path)
        return answer(tokenizer, path, bounds)
    token_file._answer = counted
    made = encode_folder(music, TOK, folder/'tokens', processes=1)
    return len(made), sorted(made.skipped), len(read)


@pytest.mark.parametrize('world', [2, 3])
def test_a_folder_that_is_shared_out_gives_the_same_bytes(tmp_path, music, straight, world):
    assert together(world, encoded, tmp_path, music) == [(40, ['broken.mid', 'copy.mid'], 42//world)]*world
    assert (tmp_path/'tokens').read_bytes() == straight
    before = (tmp_path/'tokens').stat().st_mtime_ns
    assert [read for *_, read in together(world, encoded, tmp_path, music)] == [0]*world # nothing is left to do
    assert (tmp_path/'tokens').stat().st_mtime_ns == before
    assert sorted(path.name for path in tmp_path.glob('tokens*')) == ['tokens']


def cut_short(folder:Path, music:Path):
    "The second process dies over the sixth of its files."
    add = _Journal.add
    def counted(self, entry, ids):
        if self.folder.name == '1' and len(self.files) == 5: os._exit(7)
        add(self, entry, ids)
    _Journal.add = counted
    return encoded(folder, music)


@pytest.mark.parametrize('world', [1, 3])
def test_what_was_shared_out_goes_on_with_any_number_of_processes(tmp_path, music, straight, world):
    first, second = started(2, cut_short, tmp_path, music)
    second.join(100)
    first.join(30) # it hears that the other has gone
    first.kill()
    assert second.exitcode == 7 and first.exitcode != 0
    assert len((tmp_path/'tokens.part'/'1'/'journal').read_bytes().splitlines()) == 6
    read = [read for *_, read in together(world, encoded, tmp_path, music)]
    assert sum(read) <= 42 - 5 - 1 # what the dead one wrote is not read again, nor what the other did
    assert (tmp_path/'tokens').read_bytes() == straight


def refused(folder:Path, music:Path)->list:
    "What each of them says where one of them fails, at the start or over its share."
    said = []
    for place in (folder/'nothing', music):
        if place == music and os.environ['RANK'] == '1': _Journal.add = fail
        try: encode_folder(place, TOK, folder/'tokens', processes=1)
        except (MelodyError, OSError) as error: said.append(str(error))
    return said


def fail(self, entry, ids): raise OSError(28, 'No space left on device')


def test_a_failure_in_one_process_is_told_in_all(tmp_path, music):
    one, other = together(2, refused, tmp_path, music)
    assert one == other and len(one) == 2
    assert 'is not a folder' in one[0] and 'No space left' in one[1]
    assert not (tmp_path/'tokens').exists()
