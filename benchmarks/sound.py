"""Sound in multiples of real time for every engine, and engraving in seconds.

Both run on one thread, so the processor's time is counted: a busy machine does not change the figures."""
import time

from benchmarks.timing import medians, table
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


def main():
    pieces = {'a folk tune': load_corpus('folk')[1000], 'a chorale': load_corpus('chorales')[0]}
    for name, score in pieces.items():
        length = float(score.seconds_at(score.end))
        jobs = {engine: (lambda engine=engine: render(score, engine=engine)) for engine in engines(score)}
        rows = [(engine, spent, length/spent) for engine, spent in medians(jobs, clock=time.process_time).items()]
        table(f'Sound of {name} of {length:.0f} s at 44,100 samples a second', ('engine', 'seconds', 'times real time'), rows)
    jobs = {f'{what.__name__}, {name}': (lambda what=what, score=score: what(score)) for what in (engrave, Player) for name, score in pieces.items()}
    table('From score to picture', ('', 'seconds'), list(medians(jobs, rounds=3, clock=time.process_time).items()))


if __name__ == '__main__': main()
