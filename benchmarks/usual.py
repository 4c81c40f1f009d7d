"""What a user waits for: a job for each thing that the package does, by names that every revision has.

`python -m benchmarks.usual` times all of them, or those that are named. `python -m benchmarks.against REVISION` runs this
file with the package of another revision, too, so no job may use a name that is new.
"""
import argparse
import json
import subprocess
import sys
import tempfile
import time
from functools import lru_cache
from itertools import count
from pathlib import Path

import torch

from benchmarks.timing import fastest, sized, table

JOBS = {}  # name -> what is timed
SEED = count()  # another one for each call, so that nothing is found where it was kept


def job(make):
    "Register what the function below prepares: it gives back the function that is timed."
    JOBS[make.__name__.replace('_', ' ')] = make
    return make


@lru_cache
def tunes():
    "Folk tunes to train on, and others."
    from melodynb.corpus import load_corpus, split_by_family
    train, _, test = split_by_family(load_corpus('folk'))
    return train[:sized(None, 100)], test[:sized(None, 24)]


def model_of(name):
    "A model that ships, with its tokenizer."
    from melodynb.models import load
    return load(name)


@job
def import_the_package():
    def run(): subprocess.run([sys.executable, '-c', 'import melodynb.corpus'], check=True)
    return run


@job
def families_of_tunes():
    from melodynb.corpus import families
    some = tunes()[0][:sized(400, 40)]
    return lambda: families(some)


@job
def letters_of_tunes():
    from melodynb.tokenizers import CharTokenizer
    tokenizer = CharTokenizer()
    return lambda: [tokenizer.decode(tokenizer.encode(tune)) for tune in tunes()[1]]


@job
def remi_of_tunes():
    _, tokenizer = model_of('remi-folk')
    return lambda: [tokenizer.decode(tokenizer.encode(tune)) for tune in tunes()[1]]


@job
def midi_and_back():
    from melodynb.score import read_midi, write_midi
    return lambda: [read_midi(write_midi(tune)) for tune in tunes()[1]]


@job
def reading_midi():
    from melodynb.score import read_midi, write_midi
    files = [write_midi(tune) for tune in tunes()[0][:2000]]
    return lambda: [read_midi(data) for data in files]


@job
def text_and_back():
    from melodynb.text import from_text, to_text
    return lambda: [from_text(to_text(tune)) for tune in tunes()[1]]


@job
def sound():
    from melodynb.audio import render
    tune = tunes()[1][0].bars(sized(16, 2))
    return lambda: render(tune)


@job
def engraving():
    from melodynb.display import engrave
    some = tunes()[1][:sized(8, 1)]
    return lambda: [engrave(tune) for tune in some]


@job
def musicxml():
    from melodynb.display import to_musicxml
    some = tunes()[1][:sized(8, 1)]
    return lambda: [to_musicxml(tune) for tune in some]


@job
def player():
    from melodynb.display import Player
    tune = tunes()[1][1].bars(sized(16, 2))
    return lambda: Player(tune)._repr_html_()


@job
def training_letters():
    from melodynb.char_gpt import CharGPT
    from melodynb.tokenizers import CharTokenizer
    from melodynb.train import fit
    batches = CharTokenizer().batches(tunes()[0], context=128, batch_size=8)
    return lambda: fit(CharGPT(context=128), batches, steps=sized(8, 1), lr=1e-3, log=None)


@job
def a_training_step():
    from melodynb.char_gpt import CharGPT
    from melodynb.tokenizers import CharTokenizer
    from melodynb.train import fit
    batches = CharTokenizer().batches(tunes()[0], context=256, batch_size=sized(64, 2))
    return lambda: fit(CharGPT(), batches, steps=sized(3, 1), lr=1e-3, log=None)


@job
def writing_letters():
    from melodynb.studio import Recipe, make
    return lambda: make(Recipe('char-gpt', bars=sized(64, 2), seed=next(SEED)))


@job
def writing_words():
    from melodynb.studio import Recipe, make
    return lambda: make(Recipe('lora-folk', bars=sized(8, 1), seed=next(SEED)))


@job
def composing():
    from melodynb.remi_transformer import compose
    return lambda: compose(bars=sized(8, 2), seed=next(SEED) % 4, revisions=0)


@job
def extending():
    from melodynb.remi_transformer import extend
    opening = tunes()[1][0].bars(2)
    return lambda: extend(opening, bars=sized(8, 1), seed=0)


@job
def filling_a_gap():
    from melodynb.bart import fill
    pair = model_of('bart-folk')
    tune = next(tune for tune in tunes()[1] if len(tune.bar_starts()) >= 8).bars(8)
    return lambda: fill(tune, 3, 5, *pair, seed=0)


@job
def counting():
    from melodynb.metrics import KneserNey
    train, test = tunes()
    return lambda: KneserNey(5).fit(train[:sized(300, 20)]).nll(test[:sized(50, 5)])


@job
def evaluating():
    from melodynb.metrics import evaluate
    _, test = tunes()
    half = len(test[:sized(80, 12)])//2
    return lambda: evaluate(test[:half], test[half:2*half])


@job
def looking_for_copies():
    from melodynb.metrics import CopyIndex, copy_report
    train, test = tunes()
    half = len(test)//2
    return lambda: copy_report(test[:half], CopyIndex(train), test[half:])


@job
def telling_apart():
    from melodynb.metrics import tell_apart
    test = tunes()[1][:sized(80, 24)]
    return lambda: tell_apart(test[::2], test[1::2], notes=24)


@job
def bits_of_notes():
    from melodynb.compare import bits_per_note
    pair = model_of('remi-folk')
    return lambda: bits_per_note(*pair, tunes()[1][:sized(16, 2)])


@job
def saving_and_loading():
    from melodynb.models import load, save
    model, tokenizer = model_of('char-gpt')
    def run():
        with tempfile.TemporaryDirectory() as folder:
            save(model, tokenizer, Path(folder)/'kept')
            load(Path(folder)/'kept')
    return run


CHILDREN = 'import the package',  # jobs whose time passes in another process


def spent(names, rounds):
    "Seconds of the fastest run of each job; the processor's time where one thread does all."
    clocks = {name: time.perf_counter if name in CHILDREN else time.process_time for name in names}
    return {name: fastest({name: JOBS[name]()}, rounds, clocks[name])[name] for name in names}


def main():
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument('names', nargs='*', metavar='JOB', help=f'only these: {", ".join(JOBS)}')
    ask.add_argument('--rounds', type=int, default=3)
    ask.add_argument('--json', action='store_true', help='print seconds by name, for a program')
    asked = ask.parse_args()
    if unknown := sorted(set(asked.names) - JOBS.keys()):
        ask.error(f'no job is called {", ".join(unknown)}; there are {", ".join(JOBS)}')
    torch.set_num_threads(1)
    found = spent(asked.names or list(JOBS), asked.rounds)
    if asked.json: print(json.dumps(found))
    else: table('What a user waits for, one thread', ('', 'seconds'), list(found.items()))


if __name__ == '__main__': main()
