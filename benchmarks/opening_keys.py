"""The key of an opening, of test tunes whose key is known: our reader, nothing but Bayes' rule, and what was used before.

All three learned from the training tunes. The same signature counts as right. An opening begins with its tune, or at its
ninth bar.
"""
import numpy as np

from benchmarks.timing import sized, table
from melodynb.corpus import load_corpus, split_by_family
from melodynb.metrics import KeyFinder, KeyReader
from melodynb.score import NEAR, Score, Track, key_fifths, key_parts, key_tonic

LENGTHS = (3, 5), (6, 8), (9, 12)  # notes
COUNT = sized(500, 20)             # openings of each


def openings(tunes, low, high, count, seed=0):
    "Openings without a key, each with the key that holds where it begins."
    rng, found = np.random.default_rng(seed), []
    while len(found) < count:
        tune = tunes[rng.integers(len(tunes))]
        lines = tune.bar_starts()
        begin = lines[rng.choice([0, 8]) % len(lines)]
        notes = [note for note in tune.notes if note.start >= begin - NEAR][:rng.integers(low, high + 1)]
        if len(notes) < low: continue
        moved = tuple(note._replace(start=max(0., note.start - begin)) for note in notes)
        found.append((Score((Track(moved),), meter=tune.meter), tune.at('key', notes[0].start)))
    return found


class Bayes:
    "The likeliest key: how often tunes have it, and how often its degrees sound."
    def __init__(self, tunes):
        self.degrees, self.keys = {}, {}
        for tune in tunes:
            key = key_tonic(tune.key), key_parts(tune.key)[1]
            degrees = [(note.pitch - key[0]) % 12 for note in tune.notes]
            self.degrees[key[1]] = self.degrees.get(key[1], np.ones(12)) + np.bincount(degrees, minlength=12)
            self.keys[key] = self.keys.get(key, 0) + 1

    def __call__(self, score):
        notes = np.array([note.pitch for note in score.notes])
        odds = {}
        for (tonic, mode), tunes in self.keys.items():
            shares = np.log(self.degrees[mode]/self.degrees[mode].sum())
            fifths = key_fifths(f'C {mode}') + 7*tonic
            odds.setdefault(fifths % 12, []).append(np.log(tunes) + shares[(notes - tonic) % 12].sum())
        return max(odds, key=lambda fifths: np.logaddexp.reduce(odds[fifths]))


def before(finder, score):
    "As it was: the likely tonic of a whole tune, major or minor by its third."
    tonic = finder(score)
    low, high = np.bincount([(note.pitch - tonic) % 12 for note in score.notes], minlength=12)[3:5]
    return (7*tonic - 3*(low > high)) % 12


def shares():
    "Percent of openings with the right signature, by length: ours, Bayes, before."
    train, _, test = split_by_family(load_corpus('folk'))
    ours, bayes, finder = KeyReader().fit(train), Bayes(train), KeyFinder().fit(train)
    readers = (lambda score: key_fifths(ours(score)) % 12), bayes, (lambda score: before(finder, score))
    for low, high in LENGTHS:
        cut = openings(test, low, high, COUNT)
        yield (low, high), [100*np.mean([read(score) == key_fifths(key) % 12 for score, key in cut]) for read in readers]


def main():
    rows = [(f'{low} to {high} notes', *map(float, found)) for (low, high), found in shares()]
    table(f'Signatures of {COUNT} openings found, %', ('', 'ours', 'Bayes', 'before'), rows)


if __name__ == '__main__': main()
