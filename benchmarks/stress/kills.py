"""Processes killed without a warning while they write: what is there afterwards must be whole, and go on.

`python -m benchmarks.stress.kills` kills each writer so many times at moments of chance and prints how often all
was well; `--times`, `--seed` and names of writers choose. A moment is a share of the time that the whole work took
without a kill; a run that ends before its moment does not count, and makes that time shorter."""
import argparse
import contextlib
import http.server
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from benchmarks.timing import sized, table

ROOT = Path(__file__).resolve().parents[2]
WRITERS = {}  # name -> what it writes, and how one sees that it is whole


def writer(make):
    WRITERS[make.__name__.replace('_', ' ')] = make
    return make


def begun(code, folder):
    "A process of its own that runs some code in a folder; it says when it is about to begin."
    env = {**os.environ, 'PYTHONPATH': str(ROOT), 'OMP_NUM_THREADS': '1', 'MELODYNB_SIZE': 'tiny', 'TQDM_DISABLE': '1'}
    process = subprocess.Popen([sys.executable, '-c', code], cwd=folder, env=env, stdout=subprocess.PIPE,
                               stderr=subprocess.DEVNULL)
    while process.stdout.readline().strip() not in (b'begin', b''): pass
    return process


def to_the_end(code, folder):
    "Seconds that it takes without a kill."
    process = begun(code, folder)
    start = time.monotonic()
    if process.wait(): sys.exit(f'it fails without a kill:\n{code}')
    return time.monotonic() - start


def die(code, folder, moment):
    "Let it run for so many seconds, then kill it; the seconds that it took where it had ended before, else None."
    process = begun(code, folder)
    start = time.monotonic()
    try: process.wait(moment)
    except subprocess.TimeoutExpired: pass
    ended = None if process.poll() is None else time.monotonic() - start
    if ended is None: process.send_signal(getattr(signal, 'SIGKILL', signal.SIGTERM))
    process.wait()
    return ended


def leftovers(folder):
    "What killed processes left beside their places."
    return [path for path in Path(folder).rglob('.*') if path.suffix in ('.new', '.old', '.lock')]

# Each writer gives: code that writes in the folder where it runs, and what looks afterwards: an error where not all is well.


SAVES = """
import torch
from melodynb.models import Decoder, save
from melodynb.tokenizers import CharTokenizer
models = [Decoder(vocab_size=14, context=8, width=width, layers=1, heads=2) for width in (8, 16)]
save(models[0], CharTokenizer(), 'model', card='# 8', exist_ok=True)
print('begin', flush=True)
for turn in range({turns}):
    save(models[turn % 2], CharTokenizer(), 'model', card=f'# {{models[turn % 2].width}}', exist_ok=True)
"""


@writer
def a_loop_of_saves():
    from melodynb.models import load

    def look(folder):
        model, _ = load(folder/'model')
        assert model.card.strip().endswith(f'# {model.width}'), 'a card of another model'
    return SAVES.format(turns=60), look


@writer
def a_save_without_the_exchange_of_names():
    "As on Windows, where a folder goes aside before the new one comes."
    from melodynb.models import load
    code = 'import melodynb.files\nmelodynb.files._exchange = lambda one, other: False\n' + SAVES.format(turns=60)
    return code, lambda folder: load(folder/'model')


FIT = """
import torch
from melodynb.char_gpt import CharGPT
from melodynb.corpus import load_corpus
from melodynb.tokenizers import CharTokenizer
from melodynb.train import fit
t = CharTokenizer()
torch.manual_seed(0)
model = CharGPT(context=32, width=16, layers=1, heads=2)
batches = t.batches(load_corpus('folk')[:20], context=32, batch_size=4, seed=0)
print('begin', flush=True)
fit(model, batches, steps=60, every=10, save_every=1, checkpoint='run', resume=True, log=None)
torch.save(model.state_dict(), 'end.pt')
"""


@writer
def fit():
    "After the kill it goes on to the same numbers as a run without one."
    with tempfile.TemporaryDirectory() as folder:
        to_the_end(FIT, folder)
        straight = (Path(folder)/'end.pt').read_bytes()

    def look(folder):
        to_the_end(FIT, folder)
        assert (folder/'end.pt').read_bytes() == straight, 'other weights'
    return FIT, look


def tunes_in_a_folder(count):
    "So many tunes as MIDI files; the folder goes with what is returned."
    from melodynb.corpus import load_corpus
    from melodynb.score import write_midi
    music = tempfile.TemporaryDirectory()
    for number, tune in enumerate(load_corpus('folk')[:count]): write_midi(tune, Path(music.name)/f'{number:03}.mid')
    return music


@writer
def encode_folder():
    "After the kill it goes on to the same bytes as a run without one."
    music = tunes_in_a_folder(120)
    code = ("from melodynb.remi import RemiTokenizer\nfrom melodynb.token_file import encode_folder\n"
            "print('begin', flush=True)\n"
            f"encode_folder({music.name!r}, RemiTokenizer(), 'music.tokens', processes=1)\n")
    with tempfile.TemporaryDirectory() as folder:
        to_the_end(code, folder)
        straight = (Path(folder)/'music.tokens').read_bytes()

    def look(folder, kept=music):
        to_the_end(code, folder)
        assert (folder/'music.tokens').read_bytes() == straight, 'other bytes'
        assert sorted(path.name for path in folder.iterdir()) == ['music.tokens'], 'leftovers'
    return code, look


@writer
def melodynb_train():
    "After the kill the same command goes on to the same weights as without one."
    music = tunes_in_a_folder(30)
    asked = ['train', '--midi', music.name, '--into', 'model', '--size', 'tiny', '--steps', '10']
    code = ("import sys, torch\nfrom melodynb.cli import main\nimport melodynb.token_file, melodynb.remi_transformer\n"
            f"print('begin', flush=True)\nsys.exit(main({asked!r}))")
    with tempfile.TemporaryDirectory() as folder:
        to_the_end(code, folder)
        straight = weights_in(folder)

    def look(folder, kept=music):
        if not (folder/'model').exists(): to_the_end(code, folder)
        assert weights_in(folder) == straight, 'other weights'
        assert (folder/'model'/'history.json').is_file(), 'no history'
        assert not leftovers(folder), 'leftovers'
    return code, look


def weights_in(folder):
    "The bytes of a model's weights, of a model that loads."
    from melodynb.models import load
    load(Path(folder)/'model')
    return (Path(folder)/'model'/'model.safetensors').read_bytes()


@writer
def one_file():
    "A file of two megabytes, written again and again over itself."
    code = ("from melodynb.files import write_file\nfrom pathlib import Path\n"
            "write_file('it', b'0'*2_000_000, exist_ok=True)\nprint('begin', flush=True)\n"
            "for turn in range(100): write_file('it', b'%d' % (turn % 10)*2_000_000, exist_ok=True)")

    def look(folder):
        found = (folder/'it').read_bytes()
        assert len(found) == 2_000_000 and len({*found}) == 1, 'half a file'
    return code, look


class Slowly(http.server.BaseHTTPRequestHandler):
    "Gives two megabytes in a second."
    def do_GET(self):
        self.send_response(200)
        self.send_header('Content-Length', str(2_000_000))
        self.end_headers()
        with contextlib.suppress(OSError):
            for _ in range(100):
                self.wfile.write(b'0'*20_000)
                time.sleep(.01)

    def log_message(self, *words): pass


@writer
def a_download():
    "From a server on this machine: the file is not there, or whole."
    server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Slowly)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    code = ("from pathlib import Path\nfrom melodynb.lieder import _download\nimport urllib.request\n"
            f"print('begin', flush=True)\n_download('http://127.0.0.1:{server.server_port}', Path('it'))")

    def look(folder):
        assert not (folder/'it').exists() or (folder/'it').read_bytes() == b'0'*2_000_000, 'half a file'
        to_the_end(code, folder)
        assert [path.name for path in folder.iterdir()] == ['it'], 'leftovers'
    return code, look


def tried(name, times, seed):
    "A row of the table: how often it was killed, and how often all was well."
    rng = random.Random(seed)
    code, look = WRITERS[name]()
    with tempfile.TemporaryDirectory() as folder: whole = to_the_end(code, folder)
    moments, well = [], 0
    while len(moments) < times:
        moment = rng.random()
        with tempfile.TemporaryDirectory() as folder:
            ended = die(code, folder, moment*whole)
            if ended is not None: # the machine has become faster
                whole = min(ended, .95*whole)
                continue
            moments.append(round(moment, 3))
            try: look(Path(folder))
            except Exception as error:
                print(f'{name}, killed at {moment:.3f} of {whole:.3f} s: {error!r:.300}', flush=True)
            else: well += 1
    print(f'{name}: moments {json.dumps(moments)}', flush=True)
    return name, times, well, f'{whole:.2f}'


def main():
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument('names', nargs='*', metavar='WRITER', help=f'only these: {", ".join(WRITERS)}')
    ask.add_argument('--times', type=int, default=sized(20, 1))
    ask.add_argument('--seed', type=int, default=0)
    asked = ask.parse_args()
    if unknown := sorted({*asked.names} - WRITERS.keys()): ask.error(f'no writer is called {", ".join(unknown)}')
    rows = [tried(name, asked.times, asked.seed) for name in asked.names or WRITERS]
    table('Killed while writing', ('', 'kills', 'whole afterwards', 'seconds without a kill'), rows)
    sys.exit(any(well < times for _, times, well, _ in rows))


if __name__ == '__main__': main()
