"""Is what we read what was written? Our own pages come back, and the pieces that music21 carries are read by both.

`python -m benchmarks.reading` is the whole proof; words choose a part of it: `own`, `printed` (measures as they stand on
paper), `played` (repeats played out), `musescore`. A difference is counted under the first reason that holds for its file."""
import sys
import tempfile
from collections import Counter
from pathlib import Path

from benchmarks.timing import sized, table
from melodynb.corpus import load_corpus

TESTS = Path(__file__).parent.parent/'tests'
sys.path.insert(0, str(TESTS))
import engines  # noqa: E402
import readings  # noqa: E402
import rhythms  # noqa: E402


def own():
    "Pages of ours, read back."
    sets = {name: load_corpus(name)[:sized(None, 2)] for name in ('folk', 'chorales', 'madrigals')}
    sets['random rhythms'] = [rhythms.score(seed) for seed in range(sized(1000, 3))]
    sets['piano'] = [rhythms.chords(seed) for seed in range(sized(100, 1))]
    rows = []
    for name, scores in sets.items():
        off = [score for score in scores if readings.differences(score)]
        rows.append((name, len(scores), sum(len(score.notes) for score in scores), len(off)))
    table('Our pages, read back', ('', 'scores', 'notes', 'scores that differ'), rows)


def compared(play):
    "How the pieces of music21 fare, by what differs."
    counts, notes = Counter(), 0
    for path in readings.library(sized(1, 120)):
        try: theirs = readings.from_library(path, play)
        except Exception as error: # of music21, which cannot play out every piece
            counts[f'music21 cannot: {type(error).__name__}'] += 1
            continue
        ours = readings.read(path, play)
        notes += len(ours.notes)
        counts[readings.reason(path, ours, theirs, play)] += 1
    rows = [(why, number) for why, number in counts.most_common()]
    title = 'Pieces of music21, ' + ('repeats played out' if play else 'as printed')
    table(f'{title}: {sum(counts.values())} pieces, {notes:,} notes', ('', 'pieces'), rows)


def musescore():
    "Pages of ours as MuseScore's engine writes them again, read by us."
    with tempfile.TemporaryDirectory() as place:
        engine = Path(place)/'engine'
        if missing := engines.install(engine): return print(f'left out: {missing}')
        rows = []
        for name in ('folk', 'chorales', 'madrigals'):
            scores = load_corpus(name)
            some = scores[::max(1, len(scores)//sized(40, 1))]
            far = [score for score in some if readings.far_in_musescore(score, engine, Path(place))]
            rows.append((name, len(some), len(far)))
        table("Written again by MuseScore's engine", ('', 'scores', 'scores that differ'), rows)


def main(words):
    parts = {'own': own, 'printed': lambda: compared(False), 'played': lambda: compared(True), 'musescore': musescore}
    if unknown := {*words} - parts.keys():
        sys.exit(f'no part is called {", ".join(unknown)}; there are {", ".join(parts)}')
    for word in words or parts: parts[word]()


if __name__ == '__main__': main(sys.argv[1:])
