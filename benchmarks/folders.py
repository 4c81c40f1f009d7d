"""A folder of 2,000 varied MIDI files: into tokens, against miditok's own loop, and into scores, against pretty_midi.

Each job is a process of its own, in turns. Counted is the processor's time of all that it starts, and the most memory
that all of them hold at once. miditok's loop is the one that its pages show, in two processes: read a file, encode it,
keep the ids; at the end they are written into one file, as ours are."""
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from benchmarks.timing import sized, table

ROOT = Path(__file__).resolve().parent.parent
FILES = sized(2000, 12)
TOKENS = {
    'encode_folder': '''
import sys
from melodynb.remi import RemiTokenizer
from melodynb.token_file import encode_folder
made = encode_folder(sys.argv[1], RemiTokenizer(), sys.argv[2], processes=2)
print(len(made) + len(made.skipped)) # twins are skipped''',
    'miditok, a loop in two processes': '''
import sys
from multiprocessing import Pool
from pathlib import Path
import numpy as np
from miditok import REMI, TokenizerConfig
from symusic import Score
tokenizer = REMI(TokenizerConfig(use_programs=True, one_token_stream_for_programs=True, use_tempos=True,
                                 use_time_signatures=True))
def encode(path): return np.array(tokenizer(Score(path)).ids, dtype=np.uint16)
if __name__ == '__main__':
    with Pool(2) as pool: pieces = pool.map(encode, sorted(Path(sys.argv[1]).rglob('*.mid')))
    np.save(sys.argv[2], np.concatenate(pieces))
    print(len(pieces))'''}
SCORES = {
    'from_midi_folder': '''
import sys
from melodynb.corpus import from_midi_folder
print(len(from_midi_folder(sys.argv[1])))''',
    'pretty_midi, each file': '''
import sys
from pathlib import Path
from pretty_midi import PrettyMIDI
print(len([PrettyMIDI(str(path)) for path in sorted(Path(sys.argv[1]).rglob('*.mid'))]))'''}


def varied(folder):
    "Tunes, chorales and madrigals, cut and moved by chance, at several resolutions."
    from melodynb.corpus import load_corpus
    from melodynb.score import write_midi
    rng = random.Random(0)
    pieces = [*load_corpus('folk')[::2], *load_corpus('chorales'), *load_corpus('madrigals')]
    for number in range(FILES):
        piece = rng.choice(pieces).transpose(rng.randrange(-3, 4)).bars(rng.randrange(8, 200))
        write_midi(piece, folder/f'{number:04}.mid', ticks_per_beat=rng.choice([None, 480, 960]))


def held(process):
    "Bytes that a process and those that it started hold, what they share counted once where the system tells."
    import psutil
    total = 0
    try:
        for one in [process, *process.children(recursive=True)]:
            about = one.memory_full_info()
            total += getattr(about, 'pss', about.rss)
    except psutil.Error: pass
    return total


def measured(code, folder):
    "Processor seconds and the most bytes of a program and all that it starts."
    import psutil
    env = {**os.environ, 'PYTHONPATH': str(ROOT), 'OMP_NUM_THREADS': '1', 'TQDM_DISABLE': '1'}
    with tempfile.TemporaryDirectory() as out:
        (Path(out)/'program.py').write_text(code)
        before = sum(os.times()[2:4])
        command = [sys.executable, 'program.py', str(folder), 'out']
        with subprocess.Popen(command, cwd=out, env=env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as run:
            about, most = psutil.Process(run.pid), 0
            while run.poll() is None:
                most = max(most, held(about))
                time.sleep(.05)
            assert run.returncode == 0 and int(run.stdout.read().split()[-1]) == FILES, code
    return sum(os.times()[2:4]) - before, most


def compared(title, programs, folder, rounds=3):
    "The programs in turns, each against the first."
    found = {name: [] for name in programs}
    for _ in range(sized(rounds, 1)):
        for name, code in programs.items(): found[name].append(measured(code, folder))
    spent = {name: [median(column) for column in zip(*rows)] for name, rows in found.items()}
    (seconds, bytes), *_ = spent.values()
    table(title, ('median', 'processor seconds', 'times the first', 'MB', 'times the first'),
          [(name, s, s/seconds, b/1e6, b/bytes) for name, (s, b) in spent.items()])


def main():
    with tempfile.TemporaryDirectory() as home:
        varied(Path(home))
        compared(f'{FILES:,} MIDI files into tokens, two processes', TOKENS, home)
        compared(f'{FILES:,} MIDI files into scores', SCORES, home)


if __name__ == '__main__': main()
