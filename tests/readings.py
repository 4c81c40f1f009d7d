"What `read_musicxml` makes of pages, beside the score that was written, and beside music21 and MuseScore's engine."
import warnings
from collections import Counter
from fractions import Fraction

from pytest import approx

import engines
from melodynb.display import printable
from melodynb.musicxml import read_musicxml
from melodynb.notation import to_musicxml
from melodynb.score import GRID


def step(beats): return round(beats*GRID)


def notes(track): return sorted((step(n.start), step(n.end), n.pitch, n.velocity) for n in track.notes)


def stretches(score, what):
    "Where a tempo, meter or key begins, as far as there is music, without what is as it was."
    found = []
    for start, value in score.stretches(what):
        if found and (value == found[-1][1] or start >= score.end): continue
        found.append((step(start), value))
    return found


def name(track, back):
    "The name that a page must give back: one that was given."
    return printable(track.name) or back


def differences(score):
    "In what the score that is read from our page of a score differs from it."
    back = read_musicxml(to_musicxml(score))
    sounding = [track for track in score.tracks if track.notes]
    pairs = list(zip(sounding, back.tracks))
    checks = {
        'tracks': len(sounding) == len(back.tracks),
        'notes': all(notes(a) == notes(b) for a, b in pairs),
        'programs': all((a.program, a.drums) == (b.program, b.drums) for a, b in pairs),
        'names': all(name(a, b.name) == b.name for a, b in pairs),
        'bars': [*map(step, score.bar_starts())] == [*map(step, back.bar_starts())],
        'meters': stretches(score, 'meter') == stretches(back, 'meter'),
        'keys': stretches(score, 'key') == stretches(back, 'key'),
        'tempos': stretches(score, 'bpm') == [(at, approx(bpm)) for at, bpm in stretches(back, 'bpm')],
        'title': printable(score.title) == back.title}
    return [what for what, same in checks.items() if not same]


def from_library(path, play):
    "What music21 makes of a file, with its repeats played out or not."
    from music21 import converter
    from melodynb.score import from_music21
    with warnings.catch_warnings():
        warnings.simplefilter('ignore')
        stream = converter.parse(path, forceSource=True)
        if play: stream = stream.expandRepeats()
        return from_music21(stream)


def sounds(score):
    "All that sounds, in steps, whatever track it is on; of a drum only when."
    found = Counter()
    for track in score.tracks:
        found.update((step(n.start), step(n.end), None if track.drums else n.pitch) for n in track.notes)
    return found
