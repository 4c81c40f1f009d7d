"""Builds melodynb/data/chorales.xz: the four-voice Bach chorales inside the installed music21 package.

    python data/build_chorales.py [--check]            # --check: compare with the shipped file, write nothing
    python data/build_chorales.py --match JSB16.json   # write data/jsb_split.tsv from the separated-voices JSB file
"""
import json
import sys
from collections import Counter, defaultdict
from fractions import Fraction
from itertools import chain, product
from pathlib import Path

from collection import Piece, Voice, deliver, music21_corpus

from melodynb.musicxml import Sheet, Sound, read_sheet
from melodynb.score import MODES, key_fifths, key_tonic

VOICES = 'Soprano', 'Alto', 'Tenor', 'Bass'
BPM = 76 # quarter notes a minute, about as a congregation sings
SPLIT = Path(__file__).with_name('jsb_split.tsv')
ENOUGH = .2 # shared windows that make two pieces one; none lies between .06 and .25
TONICS = [letter + sign for sign in ('', 'b', '#') for letter in 'CDEFGAB']


def chorales() -> dict[str, Sheet]:
    "By number, such as '269' or '244.10', every sheet with one part for each voice."
    files = [path for path in (music21_corpus()/'bach').iterdir() if path.suffix in ('.mxl', '.xml')]
    sheets = {path.stem.removeprefix('bwv'): read_sheet(path) for path in files}
    whole = [number for number, sheet in sheets.items() if set(VOICES) <= set(sheet.parts)]
    return {number: sheets[number] for number in sorted(whole, key=natural)}


def natural(number: str) -> list:
    "Sorts '9.7' before '10.7'."
    parts = number.replace('-', '.').split('.')
    return [(not part.isdigit(), int(part) if part.isdigit() else 0, part) for part in parts]


def hymn(title: str) -> str:
    "A title as it is written; the tables misprint one."
    return title.replace('’', "'").replace('AAch', 'Ach').strip()


def hymns() -> dict[str, str]:
    "The first line of the hymn by BWV number, as music21's tables of chorales have it."
    from music21.corpus.chorales import ChoraleList, ChoraleListRKBWV
    entries = [*ChoraleList().byBudapest.values(), *ChoraleListRKBWV().byRiemenschneider.values()]
    return {str(entry['bwv']): hymn(entry['title']) for entry in entries}


def lead_in(sheet: Sheet) -> Fraction: # quarter notes, negative where bars are left out
    "Silence that makes the upbeat end its bar; bars in which only instruments play are left out."
    bar = 4*Fraction(sheet.meters[0])
    silence = max(bar - sheet.measures[1], Fraction(0))
    first = min(sheet.parts[name][0].start for name in VOICES)
    return silence - (first + silence)//bar*bar


def voice(sounds: list[Sound], offset: Fraction) -> Voice:
    "A part as a row of notes and rests."
    events, end = [], -offset
    for sound in sounds:
        if sound.start > end: events.append((None, sound.start - end))
        events.append((sound.pitch, sound.length))
        end = sound.start + sound.length
    return events


def key_of(sheet: Sheet) -> str:
    """The tonic is the last note of the bass; the signature then tells the mode,
    and where it cannot the file's own mode does."""
    fifths, named = sheet.keys[0]
    keys = [key for key in map(' '.join, product(TONICS, MODES)) if key_fifths(key) == fifths]
    last = sheet.parts['Bass'][-1].pitch % 12
    usual = [key for key in keys if key.split()[1] not in ('locrian', 'lydian')]
    ending = [key for key in usual if key_tonic(key) == last]
    return (ending or [key for key in keys if key.endswith(named or 'major')])[0]


def piece(number: str, sheet: Sheet, title: str, split: str) -> Piece:
    offset = lead_in(sheet)
    changes = [(float(start + offset), 'meter', meter) for start, meter in sheet.meters.items() if start]
    voices = {name: voice(sheet.parts[name], offset) for name in VOICES}
    name = f'BWV {number}, {title}' if title else f'BWV {number}'
    return Piece(f'bwv{number}', name, BPM, sheet.meters[0], key_of(sheet), voices, split, changes)


def frames(sheet: Sheet) -> list[tuple[int, ...]]:
    "What the four voices sound at every sixteenth, -1 for silence, as the JSB files have it."
    grid = [[-1]*4 for _ in range(int(4*sheet.measures[-1]))]
    for column, name in enumerate(VOICES):
        for sound in sheet.parts[name]:
            steps = range(int(4*sound.start), int(4*(sound.start + sound.length)))
            for step in steps: grid[step][column] = sound.pitch
    return list(map(tuple, grid))


def windows(frames: list, length: int = 16) -> set:
    "Every stretch of four beats, whatever its key."
    stretches = {tuple(frames[start:start + length]) for start in range(len(frames) - length + 1)}
    return set(map(in_any_key, stretches))


def in_any_key(stretch: tuple) -> tuple:
    "Its pitches as steps from the first of them, None for silence."
    first = stretch[0][0]
    return tuple(pitch - first if pitch >= 0 else None for pitch in chain.from_iterable(stretch))


class Published:
    "The pieces of the JSB file, found again by their windows."

    def __init__(self, path: Path):
        self.owners, self.sizes, self.splits = defaultdict(list), [], []
        for split, pieces in json.loads(path.read_text()).items():
            for piece in pieces: self.add(split, windows([tuple(map(int, frame)) for frame in piece]))

    def add(self, split: str, own: set):
        for window in own: self.owners[window].append(len(self.splits))
        self.splits.append(split)
        self.sizes.append(len(own))

    def find(self, own: set) -> tuple[str, float]:
        "The split of the piece that shares most windows, 'none' below `ENOUGH`, and that share of the shorter one."
        shared = Counter(chain.from_iterable(self.owners.get(window, ()) for window in own))
        shares = ((count/min(len(own), self.sizes[owner]), -owner) for owner, count in shared.items())
        share, owner = max(shares, default=(0., 0))
        return self.splits[-owner] if share >= ENOUGH else 'none', round(share, 2)


def match(sheets: dict[str, Sheet], path: Path) -> list[tuple[str, str, float]]:
    "For every chorale its id, its split in the JSB file, and how much it shares with the piece there."
    published = Published(path)
    return [(f'bwv{number}', *published.find(windows(frames(sheet)))) for number, sheet in sheets.items()]


def main():
    sheets = chorales()
    if '--match' in sys.argv:
        rows = match(sheets, Path(sys.argv[sys.argv.index('--match') + 1]))
        table = [('id', 'split', 'share'), *rows]
        SPLIT.write_text(''.join(f'{id}\t{split}\t{share}\n' for id, split, share in table))
        return print(Counter(split for _, split, _ in rows))
    splits = {id: split for id, split, _ in map(str.split, SPLIT.read_text().splitlines()[1:])}
    titles = hymns()
    pieces = []
    for number, sheet in sheets.items():
        pieces.append(piece(number, sheet, titles.get(number, ''), splits[f'bwv{number}']))
    deliver('chorales.xz', pieces)


if __name__ == '__main__': main()
