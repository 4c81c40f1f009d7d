"""Does the page say what the ear hears? Every score is written and read back by three readers; and how fast that is.

`python -m benchmarks.notation` is the whole proof: all tunes, chorales and madrigals, pieces of every model, random
rhythms of all kinds. An independent reader and music21 read everything, MuseScore's own engine a share. Words choose
a part of it: `people`, `models`, `dice`, `musescore`, `speed`."""
import sys
import tempfile
from functools import partial
from itertools import islice
from pathlib import Path

from benchmarks.timing import medians, sized, table
from melodynb.corpus import load_corpus
from melodynb.notation import to_musicxml
from melodynb.recipe import Recipe, make
from melodynb.score import to_music21

TESTS = Path(__file__).parent.parent/'tests'
sys.path.insert(0, str(TESTS))
import engines  # noqa: E402
import rhythms  # noqa: E402
from round_trips import assert_music21, assert_musescore, assert_same  # noqa: E402

MODELS = 'char-gpt', 'remi-folk', 'remi-chorales', 'remi-piano'


def people(count):
    "Scores by the names of their collections."
    return {name: load_corpus(name)[:count] for name in ('folk', 'chorales', 'madrigals')}


def written(name, count):
    "Pieces of a model."
    return (make(Recipe(name, seed=seed, bars=8)).score for seed in range(count))


def models(count): return {name: written(name, count) for name in MODELS}


def dice(count): return {'dice': map(rhythms.score, range(count)), 'chords': map(rhythms.chords, range(count//10))}


def checked(name, scores, readers):
    "A row: how many scores and notes there are, and how many scores a reader finds different."
    pieces = notes = 0
    off = dict.fromkeys(readers, 0)
    for score in scores:
        pieces, notes = pieces + 1, notes + len(score.notes)
        for reader, check in readers.items():
            try: check(score)
            except AssertionError as error:
                off[reader] += 1
                print(f'{name}, {reader}: {score!r}: {str(error)[:200]}')
    return name, pieces, notes, *off.values()


def read_back(sets, readers, title):
    "The table of a proof."
    rows = [checked(name, scores, readers) for name, scores in sets.items()]
    table(title, ('', 'scores', 'notes', *(f'off in {reader}' for reader in readers)), rows)


def with_musescore():
    "A share of everything, through MuseScore's engine."
    with tempfile.TemporaryDirectory() as place:
        engine = Path(place)/'engine'
        if missing := engines.install(engine): return print(f'left out: {missing}')
        share = sized(50, 1)
        few = {name: scores[::max(1, len(scores)//share)][:share] for name, scores in people(None).items()}
        few |= {name: islice(scores, share) for name, scores in (models(share) | dice(10*share)).items()}
        readers = {'MuseScore': lambda score: assert_musescore(score, engine, Path(place))}
        read_back(few, readers, "Read back by MuseScore's engine")


def music21_export(score):
    "The same score as MusicXML by music21."
    from music21.musicxml.m21ToXml import GeneralObjectExporter
    return GeneralObjectExporter(to_music21(score)).parse()


def list_of(write, scores): return [*map(write, scores)]


def speed():
    "Seconds for some scores, beside music21's export of the same ones."
    rows = []
    for name, scores in people(sized(12, 1)).items():
        writers = {'melodynb': to_musicxml, 'music21': music21_export}
        spent = medians({writer: partial(list_of, write, scores) for writer, write in writers.items()}, rounds=3)
        rows.append((name, *spent.values(), spent['music21']/spent['melodynb']))
    table('MusicXML of some scores', ('', 'melodynb, s', 'music21, s', 'times as fast'), rows)


def main(words):
    both = {'an independent reader': assert_same, 'music21': assert_music21}
    parts = {'people': lambda: read_back(people(sized(None, 1)), both, 'People, read back'),
             'models': lambda: read_back(models(sized(300, 1)), both, 'Models, read back'),
             'dice': lambda: read_back(dice(sized(5000, 10)), both, 'Random rhythms, read back'),
             'musescore': with_musescore, 'speed': speed}
    if unknown := {*words} - parts.keys():
        sys.exit(f'no part is called {", ".join(unknown)}; there are {", ".join(parts)}')
    for word in words or parts: parts[word]()


if __name__ == '__main__': main(sys.argv[1:])
