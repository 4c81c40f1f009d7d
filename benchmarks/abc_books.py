"""Our ABC reader against abc2midi (Debian package abcmidi): does every note begin, sound and end alike?

    python -m benchmarks.abc_books [--show]   # --show: every tune that differs, and its first difference

Both read the two shipped tune books, as a whole, and tunes from other books in music21's corpus. Repeats and endings are
played by both. What abc2midi would play in its own way is taken out of the text: grace notes, ornaments, annotations,
chord symbols, the swing that it gives to `R:hornpipe`.
"""
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

from benchmarks.timing import TINY, sized, table
from melodynb.abc_notation import read_tunes

BOOKS = dict(oneill='oneills1850', ryan='ryansMammoth')
OTHERS = 'airdsAirs', 'miscFolk', 'nottingham-dataset', 'essenFolksong', 'josquin'
TOLERANCE = 1/100  # beats; abc2midi rounds to 480 ticks, and lets go of a note one tick early
LEFT_OUT = ((r'"[^"]*"', ''), (r'\{[^}]*\}', ''), (r'![^!|\s]+!', ''), (r'\\$', ''),
            (r'[~.HLMOPRSTuv](?=[\^_=A-Ga-g(~.HLMOPRSTuv\[|])', ''))
BARS = r':*(?:\[?\|[\]|:]*)+|::+', r'\|\s*\[?\d(?![\d/])[\d,.-]*', r'\[\d[\d,.-]*'
HEAD = 'X:1', 'T:-', '%%MIDI chordattack 0' # the notes of a chord together


def corpus():
    "The folder of music inside the installed music21."
    import music21
    return Path(music21.__file__).parent/'corpus'


def tunes(folder):
    "The text of every tune of a folder."
    for path in sorted((corpus()/folder).glob('*.abc')):
        text = path.read_text(encoding='utf-8', errors='replace').replace('\r\n', '\n')
        yield from re.split(r'^(?=X:)', text, flags=re.M)[1:]


def even(texts, count):
    "So many of them, spread evenly."
    texts = list(texts)
    return [texts[k*len(texts)//count] for k in range(min(count, len(texts)))]


def plain(text):
    "A tune without what the two would play differently on purpose."
    lines = []
    for line in text.split('\n')[1:]:
        if lines and not line.strip() and any(kept[:2] == 'K:' for kept in lines): break
        line = line if line.startswith('%%') else re.sub(r'(?<!\\)%.*', '', line).rstrip()
        if re.match(r'[A-Za-z]:(?![|:\]])', line): kept = line[0] in 'MLKVQ'
        else:
            for pattern, new in LEFT_OUT: line = re.sub(pattern, new, line)
            kept = line.strip()
        if kept: lines.append(line)
    return '\n'.join([*HEAD, *lines, ''])


def theirs(text, folder):
    "Start, pitch and length in beats of what abc2midi plays, from the first note on."
    import symusic
    book, midi = folder/'tune.abc', folder/'tune.mid'
    book.write_text(text, encoding='utf-8')
    midi.unlink(missing_ok=True)
    subprocess.run(['abc2midi', book, '-o', midi, '-silent', '-NFER'], capture_output=True)
    if not midi.exists(): return []
    score = symusic.Score(midi)
    beat = score.ticks_per_quarter
    return settled((note.start/beat, note.pitch, note.duration/beat) for track in score.tracks for note in track.notes)


def ours(text, **options):
    "The same as we play it."
    score = read_tunes(text)[0].score(**options)
    return settled((note.start, note.pitch, note.duration) for note in score.notes)


def settled(notes):
    notes = sorted((round(start, 2), pitch, length) for start, pitch, length in notes)
    return [(start - notes[0][0], pitch, length) for start, pitch, length in notes]


def same(one, other):
    return one[1] == other[1] and max(abs(one[0] - other[0]), abs(one[2] - other[2])) <= 2*TOLERANCE


def agree(one, other): return len(one) == len(other) and all(map(same, one, other))


def once(text):
    "A tune without repeats and endings."
    lines = []
    for line in text.split('\n'):
        if not re.match(r'[A-Za-z]:(?![|:\]])|%', line):
            for pattern in BARS: line = re.sub(pattern, '|', line)
        lines.append(line)
    return '\n'.join(lines)


def kind(text, folder):
    "How abc2midi reads a tune otherwise; '' if it does not."
    text = plain(text)
    mine, other = ours(text), theirs(text, folder)
    if agree(mine, other): return ''
    straight = once(text)
    what = 'repeats or endings' if agree(ours(straight), theirs(straight, folder)) else 'notes'
    if '--show' in sys.argv:
        print(what)
        show(text, mine, other)
    return what


def show(text, mine, other):
    "The tune, and the first notes that differ."
    first = next((k for k, pair in enumerate(zip(mine, other)) if not same(*pair)), min(len(mine), len(other)))
    print('-'*60, text, read_tunes(text)[0].score().remark, sep='\n')
    for name, notes in ('ours', mine), ('abc2midi', other):
        print(name, len(notes), 'from note', first, *(f'{p}@{s:.2f}+{n:.2f}' for s, p, n in notes[first:first + 6]))


def main():
    if not shutil.which('abc2midi'): print('abc2midi is not installed (Debian package abcmidi): nothing is compared')
    books = {name: list(tunes(folder)) for name, folder in BOOKS.items()}
    if TINY: books = {name: even(texts, 3) for name, texts in books.items()}
    books['other books'] = [text for folder in OTHERS for text in even(tunes(folder), sized(70, 1))]
    rows = [(name, *compared(texts)) for name, texts in books.items()]
    table('Tunes that abc2midi plays as we do, note for note',
          ('', 'tunes', 'alike', 'other repeats', 'other notes', 'alike, %'), rows)


def compared(texts):
    "How many tunes, how many of each kind, and the share that is alike."
    if not shutil.which('abc2midi'): return len(texts), 0, 0, 0, 0.
    with tempfile.TemporaryDirectory() as folder:
        found = Counter(kind(text, Path(folder)) for text in texts)
    return len(texts), found[''], found['repeats or endings'], found['notes'], 100*found['']/len(texts)


if __name__ == '__main__': main()
