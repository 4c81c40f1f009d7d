"""Loading the folk tunes, against parsing the same tune books with music21.

music21 needs minutes for the books, so it parses a sample: tunes spread evenly over both books, scaled to their number.
The cost is per tune, and reading and splitting the books is not counted, so the ratio is on the low side.
"""
import subprocess
import sys
import time
from pathlib import Path
from statistics import median

from benchmarks.timing import seconds, sized, table
from melodynb.corpus import load_corpus

SAMPLE = sized(60, 2)


def tune_books():
    "The text of every tune in O'Neill's and Ryan's books inside the installed music21."
    import music21
    folder, tunes = Path(music21.__file__).parent/'corpus', []
    for book in sorted([*folder.glob('oneills1850/*.abc'), *folder.glob('ryansMammoth/*.abc')]):
        text = book.read_text(encoding='utf-8', errors='replace')
        tunes += ['X:' + part for part in ('\n' + text).split('\nX:')[1:]]
    return tunes


def first_load():
    "Processor seconds of the first load in a new process (later ones find it in memory)."
    code = ('import time; from melodynb.corpus import load_corpus; start = time.process_time()\n'
            'load_corpus("folk"); print(time.process_time() - start)')
    return float(subprocess.run([sys.executable, '-c', code], capture_output=True, text=True, check=True).stdout)


def parse(tunes):
    "Let music21 read tunes. It cannot read some of them; what it spent on those counts too."
    from music21 import converter
    for tune in tunes:
        try: converter.parse(tune, format='abc')
        except Exception: pass


def main():
    tunes, loads = tune_books(), len(load_corpus('folk'))
    sample = tunes[::len(tunes)//SAMPLE][:SAMPLE]
    parse(sample[:3])
    times = [(first_load(), seconds(lambda: parse(sample), time.process_time)) for _ in range(sized(3, 1))]
    ours, theirs = (median(column) for column in zip(*times))
    scaled = theirs/len(sample)*len(tunes)
    table('Folk tunes into scores', ('', 'tunes', 'processor seconds', 'times ours'),
          [('load_corpus, first call', loads, ours, 1.),
           ('music21, a sample', len(sample), theirs, theirs/ours),
           ('music21, scaled to the books', len(tunes), scaled, scaled/ours)])


if __name__ == '__main__': main()
