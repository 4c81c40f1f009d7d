"""Builds melodynb/data/chorales.xz: the four-voice Bach chorales inside the installed music21 package.

    python data/build_chorales.py [--check]            # --check: compare with the shipped file, write nothing
    python data/build_chorales.py --match JSB16.json   # write data/jsb_split.tsv from the separated-voices JSB file
"""
import json
import sys
from collections import Counter, defaultdict
from fractions import Fraction
from pathlib import Path

from collection import Piece, Voice, deliver, music21_corpus

from melodynb.corpus import Sheet, Sound, read_sheet
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
    return {number: sheets[number] for number in sorted(sheets, key=natural) if set(VOICES) <= set(sheets[number].parts)}


def natural(number: str) -> list:
    "Sorts '9.7' before '10.7'."
    return [(not part.isdigit(), int(part) if part.isdigit() else 0, part) for part in number.replace('-', '.').split('.')]


def hymns() -> dict[str, str]:
    "The first line of the hymn by BWV number, as music21's tables of chorales have it."
    from music21.corpus.chorales import ChoraleList, ChoraleListRKBWV
    entries = [*ChoraleList().byBudapest.values(), *ChoraleListRKBWV().byRiemenschneider.values()]
    return {str(entry['bwv']): entry['title'].replace('’', "'").replace('AAch', 'Ach').strip() for entry in entries} # the tables misprint one


def lead_in(sheet: Sheet) -> Fraction: # quarter notes, negative where bars are left out
    "Silence before the file's first note, so that the upbeat ends its bar; bars in which only instruments play are left out."
    bar = 4*Fraction(sheet.meters[0])
    silence = max(bar - sheet.measures[1], Fraction(0))
    first = min(sheet.parts[name][0].start for name in VOICES)
    return silence - (first + silence)//bar*bar


def voice(sounds: list[Sound], offset: Fraction) -> Voice:
    "A part as a chain of notes and rests."
    chain, end = [], -offset
    for sound in sounds:
        if sound.start > end: chain.append((None, sound.start - end))
        chain.append((sound.pitch, sound.length))
        end = sound.start + sound.length
    return chain


def key_of(sheet: Sheet) -> str:
    "The tonic is the last note of the bass; the signature then tells the mode, and where it cannot the file's own mode does."
    fifths, named = sheet.keys[0]
    keys = [f'{tonic} {mode}' for tonic in TONICS for mode in MODES if key_fifths(f'{tonic} {mode}') == fifths]
    ending = [key for key in keys if key_tonic(key) == sheet.parts['Bass'][-1].pitch % 12 and key.split()[1] not in ('locrian', 'lydian')]
    return (ending or [key for key in keys if key.endswith(named or 'major')])[0]


def piece(number: str, sheet: Sheet, title: str, split: str) -> Piece:
    offset = lead_in(sheet)
    changes = [(float(start + offset), 'meter', meter) for start, meter in sheet.meters.items() if start]
    voices = {name: voice(sheet.parts[name], offset) for name in VOICES}
    return Piece(f'bwv{number}', f'BWV {number}' + (f', {title}' if title else ''), BPM, sheet.meters[0], key_of(sheet), voices, split, changes)


def frames(sheet: Sheet) -> list[tuple[int, ...]]:
    "What the four voices sound at every sixteenth, -1 for silence, as the JSB files have it."
    grid = [[-1]*4 for _ in range(int(4*sheet.measures[-1]))]
    for column, name in enumerate(VOICES):
        for sound in sheet.parts[name]:
            for step in range(int(4*sound.start), int(4*(sound.start + sound.length))): grid[step][column] = sound.pitch
    return list(map(tuple, grid))


def windows(frames: list, length: int = 16) -> set:
    "Every stretch of four beats, whatever its key."
    stretches = {tuple(frames[start:start + length]) for start in range(len(frames) - length + 1)}
    return {tuple(pitch - stretch[0][0] if pitch >= 0 else None for frame in stretch for pitch in frame) for stretch in stretches}


def match(sheets: dict[str, Sheet], path: Path) -> list[tuple[str, str, float]]:
    "For every chorale the split of the JSB piece it shares most windows with ('none' below `ENOUGH`), and that share of the shorter one."
    owners, sizes, splits = defaultdict(list), [], []
    for split, pieces in json.loads(path.read_text()).items():
        for stretch in (windows([tuple(map(int, frame)) for frame in piece]) for piece in pieces):
            for window in stretch: owners[window].append(len(splits))
            splits.append(split)
            sizes.append(len(stretch))
    rows = []
    for number, sheet in sheets.items():
        own = windows(frames(sheet))
        shared = Counter(owner for window in own for owner in owners.get(window, ()))
        share, owner = max(((count/min(len(own), sizes[owner]), -owner) for owner, count in shared.items()), default=(0., 0))
        rows.append((f'bwv{number}', splits[-owner] if share >= ENOUGH else 'none', round(share, 2)))
    return rows


def main():
    sheets = chorales()
    if '--match' in sys.argv:
        rows = match(sheets, Path(sys.argv[sys.argv.index('--match') + 1]))
        SPLIT.write_text(''.join(f'{id}\t{split}\t{share}\n' for id, split, share in [('id', 'split', 'share'), *rows]))
        return print(Counter(split for _, split, _ in rows))
    splits = {id: split for id, split, _ in map(str.split, SPLIT.read_text().splitlines()[1:])}
    titles = hymns()
    deliver('chorales.xz', [piece(number, sheet, titles.get(number, ''), splits[f'bwv{number}']) for number, sheet in sheets.items()])


if __name__ == '__main__': main()
