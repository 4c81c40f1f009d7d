"""Builds melodynb/data/folk.xz from two tune books in the public domain that lie inside the installed music21 package:
O'Neill's Music of Ireland (1903) and Ryan's Mammoth Collection (1883).

    python data/build_folk.py [--check]   # --check: compare with the shipped file, write nothing
"""
import re
from collections import Counter
from dataclasses import replace
from fractions import Fraction
from itertools import accumulate, pairwise
from typing import Iterator

from collection import Piece, deliver, music21_corpus
from melodynb.abc_notation import AbcTune
from one_line import Line, one_line, read_book, split_book

BOOKS = dict(oneill='oneills1850', ryan='ryansMammoth')
NOTES = range(24, 601)          # a tune has at least 24 notes, and at most 600
FINEST = 32                     # a length below 1/32 of a quarter is a slip of the transcriber
CORRECTIONS = {'K:Bn': 'K:Bm'}  # slips that change every note; the books have B minor

# What O'Neill's book holds where a tune does not say its dance: the last number of each part.
PARTS = {700: 'air', 1115: 'jig', 1175: 'slip jig', 1555: 'reel', 1780: 'hornpipe',
         1800: 'long dance', 1850: 'march'}
STEPS = dict(reel=104, hornpipe=80, clog=76, strathspey=60, fling=70, walkaround=92,
             slip=108, jig=112, slide=114, long=80) # a minute
STEP = {'2/2': 2, '4/4': 2, '6/4': 3, '6/8': 1.5, '9/8': 1.5, '12/8': 1.5, '3/8': 1.5} # quarter notes
BPM = dict(air={'2/4': 63, '3/8': 60}, march={'2/4': 92, '6/8': 156, '4/4': 104},
           waltz={'3/4': 132}) # quarter notes a minute
SLOWER = 'slow', 'tender', 'plaintive', 'mourn', 'feeling'
FASTER = 'spirit', 'gai', 'live', 'quick', 'cheer', 'animat', 'brisk'


def tunes() -> Iterator[tuple[str, str, AbcTune]]:
    "Book, name and tune, in the order of the books."
    for book, folder in BOOKS.items():
        for path in sorted((music21_corpus()/folder).glob('*.abc')):
            for text in split_book(path.read_text(encoding='utf-8')):
                for wrong, right in CORRECTIONS.items(): text = text.replace(wrong, right)
                tune, = read_book(text)
                number = re.search(r'^X:\s*0*(\d+)', text)[1]
                yield book, number if book == 'oneill' else path.stem, tune


def clean_title(title: str) -> str:
    "Words with one capital, the kind of dance in brackets: 'ACACIA -- REEL' becomes 'Acacia (reel)'."
    title = re.sub(r'(?<=\w):(?=\w)', '', title) # one book writes 'fermat:a' so that nothing looks like a link
    title = re.sub(r'\s+', ' ', title).strip(' ."')
    title = re.sub(r'^(.*), (The|A|An)$', r'\2 \1', title)
    if title.isupper() or re.search(r"'S\b", title):
        title = re.sub(r"[A-Za-z]+('[A-Za-z]+)*", lambda word: word[0].capitalize(), title)
    return re.sub(r'[,.]?\s+--?\s+([\w ]+)$', lambda dance: f' ({dance[1].lower()})', title)


def dance(book: str, number: str, tune: AbcTune) -> str:
    "The kind of dance: as the tune says it, or as its part of the book has it."
    named = tune.first('R').lower()
    if named or book != 'oneill': return named or tune.first('T').lower()
    last = next((last for last in PARTS if int(number) <= last), max(PARTS))
    return PARTS[last]


def pace(words: str) -> float:
    "How much faster or slower than usual the book's words ask for."
    if any(word in words for word in FASTER): return 1.3
    return .8 if any(word in words for word in SLOWER) else 1.


def bpm(dance: str, meter: str, words: str) -> int: # quarter notes a minute
    "A tempo at which it sounds like the dance; for airs, what the book's words ask for."
    kind = next((kind for kind in (*STEPS, *BPM) if kind in dance), '')
    if kind in STEPS: return round(STEPS[kind]*STEP.get(meter, 1))
    return round(BPM.get(kind, {}).get(meter, 92)*pace(words))


def upbeat(line: Line, bar: Fraction) -> Fraction: # quarter notes
    "What sounds before the first bar line, if it is less than a bar."
    first = next((time for time, _ in line.bars if time), bar)
    return first if first < bar else Fraction(0)


def fit_parts(line: Line, bar: Fraction) -> Line:
    """The tune with bars that go on through all its parts. Where a part's last bar and the next part's upbeat do not
    add up to a bar, the last note of the part holds on, or stops earlier, as someone plays it who goes straight on."""
    events = list(line.events)
    shifts = [(Fraction(0), Fraction(0))] # from when, and by how much
    ends = {end: index for index, end in enumerate(accumulate(length for _, length in events))}
    for (time, ends_part), (after, _) in pairwise(line.bars):
        if not ends_part or time not in ends: continue
        ahead = after - time if after - time < bar else 0
        over = (time + shifts[-1][1] + ahead - upbeat(line, bar)) % bar
        pitch, length = events[ends[time]]
        change = -over if over <= bar/2 and over < length else -over % bar
        events[ends[time]] = pitch, length + change
        shifts.append((time, shifts[-1][1] + change))
    def now(time): return time + [shift for since, shift in shifts if since <= time][-1]
    bars = [(now(time), ends_part) for time, ends_part in line.bars]
    return replace(line, events=events, bars=bars, changes=[(now(time), *change) for time, *change in line.changes])


def refusal(line: Line) -> str:
    "Why a tune is left out; '' if it is not."
    notes = sum(pitch is not None for pitch, _ in line.events)
    if notes not in NOTES: return f'not {NOTES[0]} to {NOTES[-1]} notes'
    return 'a slip in its lengths' if any(length.denominator > FINEST for _, length in line.events) else ''


def piece(id: str, book: str, number: str, tune: AbcTune, line: Line) -> Piece:
    meter = line.head['meter']
    bar = 4*Fraction(meter)
    if all(what != 'meter' for _, what, _ in line.changes): line = fit_parts(line, bar)
    rest = line.events[0][1] if line.events[0][0] is None else Fraction(0)
    silence = (rest - upbeat(line, bar)) % bar # before the first note; no whole bars of it
    at_first = {what: value for time, what, value in line.changes if not time}
    changes = [(float(time - rest + silence), what, value) for time, what, value in line.changes if time]
    tempo = bpm(dance(book, number, tune), meter, ' '.join(tune.fields.get('N', [])).lower())
    key = at_first.get('key', line.head['key'])
    events = [(None, silence)]*bool(silence) + line.events[bool(rest):]
    return Piece(id, clean_title(tune.first('T')), tempo, meter, key, {'Melody': events}, changes=changes)


def main():
    pieces, seen, refused = [], Counter(), Counter()
    for book, number, tune in tunes():
        line = one_line(tune)
        refused[refusal(line)] += 1
        if refusal(line): continue
        id = f'{book}/{number}'
        seen[id] += 1
        if seen[id] > 1: id = f'{id}.{seen[id]}'
        pieces.append(piece(id, book, number, tune, line))
    print('left out:', {why: count for why, count in refused.items() if why})
    deliver('folk.xz', pieces)


if __name__ == '__main__': main()
