"Files and folders whole or not at all: killed before every step of a save, on a full disk, in a place that is closed."
import errno
import io
import json
import multiprocessing
import os
import platform
import shutil
import signal
import subprocess
import sys
from functools import lru_cache, partial
from pathlib import Path

import pytest
import torch

from melodynb import files
from melodynb.audio import write_mp3, write_wav
from melodynb.cli import main
from melodynb.corpus import from_letters
from melodynb.display import Player, engrave
from melodynb.files import alone, is_folder, write_file, write_folder
from melodynb.listening import listening_test
from melodynb.models import Decoder, load, save
from melodynb.pretrained import CausalText, TextTokenizer, add_lora, add_rows, borrow, save_adapter
from melodynb.score import MelodyError, write_midi
from melodynb.tokenizers import CharTokenizer
from melodynb.train import fit, record_runs

LETTERS = CharTokenizer()
FORK = pytest.mark.skipif(not hasattr(os, 'fork'), reason='no fork on this system')
STEPS = [(os, 'replace'), (os, 'fsync'), (os, 'link'), (os, 'unlink'), (os, 'rmdir'), (Path, 'rename'), (Path, 'mkdir'),
         (Path, 'write_bytes'), (Path, 'unlink'), (files, '_exchange'), (files, '_unlock')]


def model_of(width):
    torch.manual_seed(0)
    return Decoder(vocab_size=14, context=8, width=width, layers=1, heads=2)


def in_a_child(run, *arguments):
    "The exit code of a function in a process of its own."
    process = multiprocessing.get_context('fork').Process(target=run, args=arguments)
    process.start()
    process.join(60)
    return process.exitcode


def die_before(step, run):
    "Kill this process before its so-many-th step into the file system."
    left = iter(range(step, -1, -1))

    def counted(before, *arguments, **options):
        if not next(left, 1): os.kill(os.getpid(), signal.SIGKILL)
        return before(*arguments, **options)

    for home, name in STEPS:
        before = getattr(home, name)
        setattr(home, name, (lambda *a, _before=before, **o: counted(_before, *a, **o)))
    run()


def save_again(folder, exchange=True):
    if not exchange: files._exchange = lambda one, other: False
    save(model_of(16), LETTERS, folder, card='# 16', exist_ok=True)


@FORK
@pytest.mark.parametrize('exchange', [True, False])
def test_a_save_killed_before_any_of_its_steps_leaves_a_whole_model(tmp_path, exchange):
    "The old or the new one, its card with it, the owner's notes with both; the next save leaves nothing beside them."
    steps, found = 0, set()
    while True:
        folder = tmp_path/f'{steps}'/'model'
        save(model_of(8), LETTERS, folder, card='# 8')
        (folder/'notes.txt').write_text('mine')
        end = in_a_child(die_before, steps, partial(save_again, folder, exchange))
        model, _ = load(folder)
        assert model.card.strip().endswith(f'# {model.width}') and (folder/'notes.txt').read_text() == 'mine'
        found.add(model.width)
        if end == 0: break
        assert end == -signal.SIGKILL
        save(model_of(8), LETTERS, folder, exist_ok=True)
        assert [path.name for path in folder.parent.iterdir()] == ['model']
        steps += 1
    assert steps > 15 and found == {8, 16}


@FORK
def test_a_file_killed_before_any_of_its_steps_is_the_old_or_the_new(tmp_path):
    steps, found = 0, set()
    while True:
        path = tmp_path/f'{steps}'/'it'
        path.parent.mkdir()
        path.write_bytes(b'old')
        end = in_a_child(die_before, steps, lambda: write_file(path, b'new', exist_ok=True))
        found.add(path.read_bytes())
        if end == 0: break
        write_file(path, b'next', exist_ok=True)
        assert [one.name for one in path.parent.iterdir()] == ['it']
        steps += 1
    assert steps > 3 and found == {b'old', b'new'}


def test_the_work_of_the_living_is_left_alone(tmp_path):
    "Another save begins, and ends, while one is in the middle."
    def slowly(made):
        (made/'a').write_text('slow')
        write_folder(tmp_path/'pair', lambda quick: (quick/'a').write_text('quick'), ('a',))
        assert (tmp_path/'pair'/'a').read_text() == 'quick' and (made/'a').exists()
    write_folder(tmp_path/'pair', slowly, ('a',))
    assert (tmp_path/'pair'/'a').read_text() == 'slow' and [path.name for path in tmp_path.iterdir()] == ['pair']


def test_what_else_is_in_a_folder_comes_along(tmp_path):
    folder = tmp_path/'m'
    (folder/'deep'/'er').mkdir(parents=True)
    (folder/'deep'/'er'/'note').write_text('mine')
    (folder/'link').symlink_to('deep')
    folder.chmod(0o750)
    write_folder(tmp_path/'m', lambda made: (made/'a').touch(), ('a',))
    assert (folder/'deep'/'er'/'note').read_text() == 'mine' and os.readlink(folder/'link') == 'deep'
    assert folder.stat().st_mode & 0o777 == 0o750
    (tmp_path/'door').symlink_to(folder)
    write_folder(tmp_path/'door', lambda made: (made/'b').touch(), ('b',))
    assert (tmp_path/'door').is_symlink() and (folder/'b').exists()


def test_devices_and_odd_names(tmp_path):
    for name in ('[a]*?.mid', 'größer.mid', ' .mid'):
        for _ in range(2): assert write_file(tmp_path/name, b'x', exist_ok=True).read_bytes() == b'x'
    assert len([*tmp_path.iterdir()]) == 3
    if os.path.exists(os.devnull) and os.name != 'nt':
        with pytest.raises(FileExistsError, match='device'): write_file(os.devnull, b'x', exist_ok=True)
    with pytest.raises(OSError, match='cannot be written'): write_file(tmp_path/('x'*300), b'x')
    assert not is_folder(tmp_path/('x'*300)) and not is_folder('a\0b')


# One at a time

def test_a_second_fit_is_refused_in_a_sentence(tmp_path):
    batches = LETTERS.batches(['CDEF'*9]*4, context=8, batch_size=2)

    def second(logits, targets):
        with pytest.raises(MelodyError, match='written by another run: wait for it, or choose another folder'):
            fit(model_of(8), batches, steps=1, checkpoint=tmp_path/'run', resume=True, log=None)
        return torch.nn.functional.cross_entropy(logits.flatten(0, 1), targets.flatten())
    fit(model_of(8), batches, steps=2, checkpoint=tmp_path/'run', loss_fn=second, log=None)
    assert [path.name for path in (tmp_path/'run').iterdir()] == ['checkpoint.safetensors']


def test_a_lock_dies_with_its_process(tmp_path):
    code = f"from melodynb.files import alone\nwith alone({str(tmp_path/'door')!r}, ValueError()): print(1, flush=True), input()"
    other = subprocess.Popen([sys.executable, '-c', code], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    other.stdout.readline()
    with pytest.raises(MelodyError, match='busy'):
        with alone(tmp_path/'door', MelodyError('busy')): pass
    other.kill()
    other.wait()
    with alone(tmp_path/'door', MelodyError('busy')): pass
    assert not [*tmp_path.iterdir()]


class FakeLocks:
    "What `msvcrt` of Windows does, as far as it is asked here: a lock on a byte of an open file."
    LK_NBLCK = 2
    held = set()

    def locking(self, file, mode, count):
        place = os.fstat(file).st_ino
        if place in self.held: raise PermissionError(errno.EACCES, 'Permission denied')
        self.held.add(place)


def test_the_lock_of_windows_is_asked_for_as_it_wants(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, 'msvcrt', FakeLocks())
    with open(tmp_path/'door', 'ab') as one, open(tmp_path/'door', 'ab') as two:
        with monkeypatch.context() as system:
            system.setattr(os, 'name', 'nt')
            found = files._seize(one), files._seize(two)
    assert found == (True, False)


# Full disks and closed places

def with_little_room(run, size, log):
    "Run a function whose files may not grow above a size, as on a full disk; what it says goes into a file."
    import resource
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
    said = io.StringIO()
    sys.stderr = said
    status = run()
    none = resource.RLIM_INFINITY, resource.RLIM_INFINITY
    if os.geteuid(): resource.setrlimit(resource.RLIMIT_FSIZE, none)
    os.write(log, json.dumps([status, said.getvalue()]).encode())


def told_with_little_room(run, size):
    "The status and the words of a function on a full disk."
    ours, log = os.pipe()
    assert in_a_child(with_little_room, run, size, log) == 0
    os.close(log)
    with open(ours) as file: return json.loads(file.read())


def sentence(run):
    "Whether a writer ends in one sentence of the system's kind."
    try: run()
    except OSError as error: return str(error)
    return 'nothing was said'


TUNE = from_letters('CDEFGABc'*30)
WRITERS = {
    'model': lambda folder: save(model_of(32), LETTERS, folder/'it', exist_ok=True),
    'file': lambda folder: write_file(folder/'it', b'0'*9000, exist_ok=True),
    'MIDI': lambda folder: write_midi(TUNE, folder/'it', exist_ok=True),
    'WAV': lambda folder: write_wav(TUNE.bars(1), folder/'it.wav', exist_ok=True),
    'player': lambda folder: Player(TUNE.bars(1)).save(folder/'it.html', exist_ok=True),
    'checkpoint': lambda folder: fit(model_of(32), LETTERS.batches(['CDEF'*9]*4, context=8, batch_size=2), steps=1,
                                     checkpoint=folder/'it', resume=True, log=None),
    'MP3': lambda folder: write_mp3(TUNE.bars(1), folder/'it.mp3', exist_ok=True),
    'picture': lambda folder: engrave(TUNE.bars(2)).save(folder/'it.svg', exist_ok=True),
    'listening test': lambda folder: a_listening_test(folder/'it'),
    'record of runs': lambda folder: record_runs(folder/'it', [dict(seed=len(list(folder.iterdir())))], a_run, print),
    'adapter': lambda folder: save_adapter(an_adapter(), TextTokenizer(words=['C4_q', 'D4_q']), folder/'it',
                                           exist_ok=True),
}


def a_run(seed): return dict(seed=seed, seconds=1, notes='a'*1000)


def a_listening_test(folder):
    groups = dict(people=[TUNE.transpose(steps).bars(1) for steps in (0, 1, 2)],
                  ours=[TUNE.transpose(steps).bars(1) for steps in (3, 4, 5)])
    listening_test(groups, folder, seconds=3, exist_ok=True)


@lru_cache
def an_adapter():
    network = borrow('gpt2-stand-in')
    add_rows(network, 2)
    return CausalText(add_lora(network, rank=2))


@FORK
@pytest.mark.parametrize('what', WRITERS)
def test_a_full_disk_is_one_sentence_and_what_was_there_stays(tmp_path, what):
    write = WRITERS[what]
    write(tmp_path)
    before = {path: path.read_bytes() for path in tmp_path.rglob('*') if path.is_file()}
    if what == 'checkpoint':
        (tmp_path/'it'/'checkpoint.safetensors').unlink()
        before = {}
    said, _ = told_with_little_room(partial(sentence, partial(write, tmp_path)), 500)
    assert 'cannot be written' in said and 'make room' in said and '\n' not in said, said
    assert {path: path.read_bytes() for path in tmp_path.rglob('*') if path.is_file()} == before


@FORK
def test_a_full_disk_in_encode_folder_and_then_room(tmp_path):
    from melodynb.token_file import encode_folder
    (tmp_path/'music').mkdir()
    for number in range(8): write_midi(from_letters('CDEF'*(40 + number)), tmp_path/'music'/f'{number}.mid')
    run = partial(encode_folder, tmp_path/'music', LETTERS, tmp_path/'it', processes=1)
    said, _ = told_with_little_room(partial(sentence, run), 700)
    assert 'it cannot be written' in said and not (tmp_path/'it').exists()
    assert len(run()) == 8 and sorted(path.name for path in tmp_path.iterdir()) == ['it', 'music']


COMMANDS = ['generate --model char-gpt --bars 2 --out a.mid', 'text-to-midi tune.txt', 'text-to-wav tune.txt',
            'notebooks course', 'generate --model char-gpt --bars 2 --out a.mp3',
            'train --midi music --into m --size tiny --steps 1', 'continue music/3.mid --bars 1 --out longer.mid',
            'midi-to-text music/3.mid song.txt', 'mark handed-in --csv marks.csv']


@FORK
@pytest.mark.parametrize('line', COMMANDS)
def test_every_command_ends_in_a_sentence_on_a_full_disk(tmp_path, monkeypatch, line):
    monkeypatch.chdir(tmp_path)
    Path('tune.txt').write_text('{"P": [C4_q, ' + 'D4_q, '*40 + 'E4_q]}')
    shutil.copytree(Path(__file__).parent/'../nbs/workshop', 'handed-in', ignore=shutil.ignore_patterns('*.png'))
    Path('music').mkdir()
    for number in range(12): write_midi(TUNE.transpose(number - 6), f'music/{number}.mid')
    before = sorted(Path('.').rglob('*'))
    status, said = told_with_little_room(partial(main, line.split()), 60)
    last = said.strip().split('\n')[-1]
    assert status == 1 and 'cannot be written' in last and 'Traceback' not in said, said
    if line.split()[0] not in ('train', 'notebooks'): assert sorted(Path('.').rglob('*')) == before


@pytest.mark.skipif(not os.path.exists('/dev/full'), reason='this system has no device that is always full')
def test_standard_output_that_is_full_is_a_sentence(tmp_path):
    (tmp_path/'tune.txt').write_text('{"P": [C4_q, D4_q]}')
    with open('/dev/full', 'w') as full:
        done = subprocess.run([sys.executable, '-m', 'melodynb.cli', 'text-to-midi', str(tmp_path/'tune.txt'), '-'],
                              stdout=full, stderr=subprocess.PIPE, text=True)
    assert done.returncode == 1 and done.stderr.startswith('melodynb: standard output cannot be written'), done.stderr
    assert done.stderr.count('\n') == 1


def test_a_closed_place_is_a_sentence(tmp_path, monkeypatch, capsys):
    "Root may write anywhere, so the system's answer is given in its place."
    def closed(self, *options, **more): raise PermissionError(errno.EROFS, 'Read-only file system', str(self))
    monkeypatch.setattr(Path, 'mkdir', closed)
    for run in (partial(save, model_of(8), LETTERS, tmp_path/'m'),
                partial(fit, model_of(8), [], steps=1, checkpoint=tmp_path/'c', log=None)):
        with pytest.raises(PermissionError, match='cannot be written .Read-only file system.*choose another place'): run()
    assert main(['notebooks', str(tmp_path/'course')]) == 1
    said = capsys.readouterr().err
    assert 'course cannot be written (Read-only file system)' in said and 'choose another place' in said


# Memory

HELD = '''
import psutil
from melodynb.files import give_back
bytearray(20_000_000)
large = [bytearray(2_000_000) for _ in range(60)]
small = bytes(100_000)
del large
before = psutil.Process().memory_info().rss
give_back()
print(before - psutil.Process().memory_info().rss)
'''


@pytest.mark.skipif('glibc' not in platform.libc_ver(), reason='another C library hands nothing back when asked')
def test_memory_that_is_free_goes_back_to_the_system():
    done = subprocess.run([sys.executable, '-c', HELD], capture_output=True, text=True, check=True)
    assert int(done.stdout) > 60_000_000
