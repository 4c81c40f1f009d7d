"""Sound in multiples of real time for every engine, and engraving in seconds.

Both run on one thread, so the processor's time is counted: a busy machine does not change the figures."""
import time
from functools import partial
from itertools import product

from benchmarks.timing import medians, sized, table
from melodynb.audio import render
from melodynb.corpus import load_corpus
from melodynb.display import Player, engrave
from melodynb.score import MelodyError


def engines(score):
    "The engines that work on this machine."
    for engine in 'additive', 'fluidsynth':
        try: render(score.bars(1), engine=engine)
        except MelodyError as error: print(f'left out: {error}')
        else: yield engine


def sounds(name, score):
    "One piece through every engine."
    length = float(score.seconds_at(score.end))
    jobs = {engine: partial(render, score, engine=engine) for engine in engines(score)}
    spent = medians(jobs, clock=time.process_time)
    table(f'Sound of {name} of {length:.0f} s at 44,100 samples a second', ('engine', 'seconds', 'times real time'),
          [(engine, time, length/time) for engine, time in spent.items()])


def pictures(pieces):
    "Every piece as an engraving, and as a player."
    jobs = {f'{show.__name__}, {name}': partial(show, pieces[name]) for show, name in product((engrave, Player), pieces)}
    table('From score to picture', ('', 'seconds'), list(medians(jobs, rounds=3, clock=time.process_time).items()))


def main():
    bars = sized(10_000, 1)  # as many as there are
    pieces = {'a folk tune': load_corpus('folk')[1000].bars(bars),
              'a chorale': load_corpus('chorales')[0].bars(bars)}
    for name, score in pieces.items(): sounds(name, score)
    pictures(pieces)


if __name__ == '__main__': main()
