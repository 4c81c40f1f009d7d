"""What a folk tune is for the collection: one melody line, straight through, every length an exact fraction.

`melodynb.abc_notation` reads the book. Here a chord gives its top note, and nothing is repeated: the second ending is
taken where there are two.
"""
import re
from bisect import bisect_left
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain, pairwise

from melodynb.abc_notation import AbcTune, read_tunes

IN_PRINT = '%%propagate-accidentals octave\n' # an accidental holds in its own octave


def read_book(text: str) -> list[AbcTune]:
    return read_tunes(IN_PRINT + text)


def split_book(text: str) -> list[str]:
    "The text of every tune of a book; each begins with its `X:` line."
    return re.split(r'^(?=X:)', text, flags=re.M)[1:]


@dataclass
class Line:
    "A tune straight through; times in quarter notes."
    events: list[tuple[int | None, Fraction]]   # pitch or None for a rest, and length; one after another
    bars: list[tuple[Fraction, bool]]           # where a written bar line stands, and whether a part ends there
    head: dict[str, str]                        # 'meter' and 'key' as the head of the tune says them
    changes: list[tuple[Fraction, str, str]]    # time, 'meter' or 'key', value: those within the music


def first_endings(voice, longest: int = 40) -> list[range]:
    "The events of first endings that a second ending follows."
    found = []
    for one, two in pairwise(bar for bar in voice.bars if bar.ending):
        events = range(one.position, two.position)
        if one.ending[0] == '1' and two.ending[0] != '1' and 0 < len(events) <= longest: found.append(events)
    return found


def top_notes(voice):
    "Pitch or None, length, and whether it goes on from the event before: the highest note of each."
    tied = None
    for event in voice.events:
        pitch, ties = max(event.notes, default=(None, False))
        yield pitch, event.length, pitch is not None and pitch == tied
        tied = pitch if ties else None


def one_line(tune: AbcTune) -> Line:
    "First endings left out, ties and neighbouring rests joined, no rest at the end."
    voice = next(iter(tune.voices.values()))
    skipped = set(chain.from_iterable(first_endings(voice)))
    events, times = [], [Fraction(0)]
    for position, (pitch, written, tied) in enumerate(top_notes(voice)):
        length = Fraction(0) if position in skipped else written
        times.append(times[-1] + length)
        joined = events and events[-1][0] == pitch and (tied or pitch is None)
        if joined: events[-1] = pitch, events[-1][1] + length
        elif length: events.append((pitch, length))
    while events and events[-1][0] is None: events.pop()
    bars = {}
    for bar in voice.bars[:-1]: # the last one is the end of the text
        time = times[bar.position]
        bars[time] = bars.get(time, False) or bar.ends_part
    head, changes = said(voice, times)
    return Line(events, sorted(bars.items()), head, changes)


def said(voice, times) -> tuple[dict, list]:
    "The meter and the key of the head, and those that come later, in the time of the line."
    starts = [event.start for event in voice.events]
    head, found = {}, []
    for at, what, value in voice.changes:
        text = f'{value[0]}/{value[1]}' if what == 'meter' else value
        if what == 'bpm': continue
        if at == 0 and what not in head: head[what] = text
        else: found.append((times[bisect_left(starts, at)], what, text))
    return head, found
