"""What it costs as it grows: a piece by its length, an update by its context, a leaderboard by its contestants.

One thread, processor's time. A cost that grows as the length does doubles from row to row, where `times the last` says 2."""
import time
from functools import partial

import torch

from benchmarks.timing import TINY, medians, seconds, sized, table
from melodynb.models import Decoder, load
from melodynb.sample import sample
from melodynb.train import updates


def ratios(spent):
    "Rows with the ratio to the row before."
    last = None
    for name, now in spent.items():
        yield name, now, now/last if last else ''
        last = now


def writing():
    "Pieces of attempt 4, past its window, too; memory is what the cache of the network holds."
    model, t = load('remi-folk')
    lengths = [256, 512, 1024, 2048, 4096][:sized(None, 2)]
    def write(length): return lambda: sample(model, t.start, steps=length//sized(1, 16), seed=0, allowed=t.grammar)
    spent = medians({length: write(length) for length in lengths}, rounds=3, clock=time.process_time)
    cache = 2*len(model.blocks)*model.width*4*model.context/1e6
    table(f'Writing tokens with remi-folk, window {model.context}; its cache holds {cache:.1f} MB however long the piece is',
          ('tokens', 'seconds', 'times the last'), list(ratios(spent)))


def stepping():
    "An update of the network of attempt 1 over 4,096 letters, in rows of so many."
    def update(context):
        model = Decoder(vocab_size=14, context=context, width=192, layers=2, heads=4)
        batch = tuple(torch.randint(14, (2, 4096//context, context)))
        return partial(next, updates(model, [batch], steps=10**6))
    contexts = [64, 128, 256, 512, 1024, 2048][:sized(None, 2)]
    spent = medians({context: update(context) for context in contexts}, rounds=5, clock=time.process_time)
    table('An update over 4,096 letters', ('context', 'seconds', 'times the last'), list(ratios(spent)))


def ranking():
    "The leaderboard of all that ship, and some more; a baseline or people would cost the same in each."
    from melodynb.compare import leaderboard
    pair = load('char-gpt')
    def rank(count):
        more = {f'the same {number}': pair for number in range(count)}
        return seconds(lambda: leaderboard(baselines=False, tunes=12, pieces=10, seeds=1, **more), time.process_time)
    rank(0) # what is kept from the first
    spent = {count: rank(count) for count in (1, 2, 4, 8)}
    table('A leaderboard with so many more contestants', ('contestants more', 'seconds', 'times the last'),
          list(ratios(spent)))


def main():
    torch.set_num_threads(1)
    writing()
    stepping()
    if not TINY: ranking() # half a minute with those that ship alone


if __name__ == '__main__': main()
