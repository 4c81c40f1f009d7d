"""Checks our ABC reader against abc2midi (Debian package abcmidi): does every note have the same pitch and onset?

    python data/compare_abc2midi.py [--show]   # --show: the first difference of every tune that differs

Both read the same music: what our reader leaves out on purpose (grace notes, ornaments, annotations, chord symbols)
and what abc2midi would play in its own way (repeats, endings, the swing it gives to `R:hornpipe`) is taken out of the
text before abc2midi sees it. So every written note is compared once, in written order, second endings after first ones.
"""
import re
import subprocess
import sys
import tempfile
from collections import Counter
from fractions import Fraction
from itertools import chain
from pathlib import Path

from abc_notation import Tune, TuneReader, split_book
from collection import music21_corpus

BOOKS = 'oneills1850', 'ryansMammoth'
TOLERANCE = Fraction(1, 100) # quarter notes; abc2midi rounds to 480 ticks

LEFT_OUT = ((r'"[^"]*"', ''), (r'\{[^}]*\}', ''), (r'![^!|\s]+!', ''),
            (r'[~.HLMOPRSTuv](?=[\^_=A-Ga-g(~.HLMOPRSTuv\[|])', ''))
BARS = (r':*(?:\[?\|[\]|:]*)+|::+|(?<=\s)\](?=\s|$)', '|'), (r'\|\s*\[?\d(?![\d/])[\d,.-]*', '|'), (r'\[\d', '')
HEADER = 'X:1', 'T:-', '%%MIDI chordattack 0' # the notes of a chord together


def plain(text: str) -> str:
    "A tune without what the two would play differently."
    lines = []
    for line in text.split('\n')[1:]:
        line = line.split('%')[0].rstrip()
        if re.match(r'[A-Za-z]:(?![|:\]])', line): kept = line[0] in 'MLK'
        else:
            for pattern, new in (*LEFT_OUT, *BARS): line = re.sub(pattern, new, line)
            kept = line.strip()
        if kept: lines.append(line)
    return '\n'.join([*HEADER, *lines, ''])


def played_by_abc2midi(text: str, folder: Path) -> list[tuple[Fraction, int]]:
    "Onset and pitch of every note, the highest where several begin together."
    import symusic
    book = folder/'tune.abc'
    midi = folder/'tune.mid'
    book.write_text(plain(text))
    midi.unlink(missing_ok=True)
    subprocess.run(['abc2midi', book, '-o', midi, '-silent', '-NFER'], capture_output=True)
    return onsets(symusic.Score(midi)) if midi.exists() else []


def onsets(midi) -> list[tuple[Fraction, int]]:
    notes = chain.from_iterable(track.notes for track in midi.tracks)
    found = sorted((Fraction(note.time - 1, midi.ticks_per_quarter), note.pitch) for note in notes)
    return sorted(dict(found).items())


def written(tune: Tune) -> list[tuple[Fraction, int]]:
    "Onset and pitch of every note as our reader has it, endings one after another."
    time, notes = Fraction(0), []
    for event in tune.events:
        if event.pitch is not None and not event.tied and event.length: notes.append((time, event.pitch))
        time += event.length
    return notes


class EveryOctave(TuneReader):
    def place(self, letter, octave): return letter


class TimeOfThree(TuneReader):
    def read_tuplet(self, token):
        super().read_tuplet(token)
        if self.meter == '3/4' and token['notes'] in '579' and not token['time']: self.tuplet *= Fraction(3, 2)


READERS = {
    '': TuneReader,
    'an accidental also holds in other octaves': EveryOctave,
    'five or nine notes in 3/4 fill the time of three': TimeOfThree,
}


def same(one, other) -> bool:
    "Whether two notes have one pitch and one onset."
    return abs(one[0] - other[0]) <= TOLERANCE and one[1] == other[1]


def agree(ours, theirs) -> bool:
    return len(ours) == len(theirs) and all(map(same, ours, theirs))


def difference(text: str, theirs) -> str:
    "What abc2midi reads otherwise; '' if nothing."
    for kind, reader in READERS.items():
        if agree(written(reader().read(text.split('\n'))), theirs): return kind
    return 'other'


def show(text: str, theirs):
    "The tune, and the first notes that differ with those around them."
    ours = written(TuneReader().read(text.split('\n')))
    differing = (place for place, pair in enumerate(zip(ours, theirs)) if not same(*pair))
    first = next(differing, min(len(ours), len(theirs)))
    print(text)
    for name, notes in ('ours', ours), ('abc2midi', theirs):
        some = [f'{pitch}@{float(time):.3f}' for time, pitch in notes[first:first + 6]]
        print(name, f'{len(notes)} notes, from note {first}:', *some)


def compared(text: str, folder: Path) -> str:
    "What abc2midi reads otherwise in a tune; '' if nothing."
    theirs = played_by_abc2midi(text, folder)
    kind = difference(text, theirs)
    if kind == 'other' and '--show' in sys.argv: show(text, theirs)
    return kind


def main():
    total = Counter()
    for book in BOOKS:
        paths = sorted((music21_corpus()/book).glob('*.abc'))
        texts = chain.from_iterable(split_book(path.read_text()) for path in paths)
        with tempfile.TemporaryDirectory() as folder:
            found = Counter(compared(text, Path(folder)) for text in texts)
        report(book, found)
        total += found
    report('both books', total)


def report(name: str, found: Counter):
    tunes = sum(found.values())
    print(f'{name}: {found[""]:,} of {tunes:,} tunes agree on every pitch and onset, {found[""]/tunes:.2%}')
    for kind, count in found.most_common():
        if kind: print(f'  {count:4}  {kind}')


if __name__ == '__main__': main()
