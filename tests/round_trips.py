"A score is written, and what readers that are not ours find on the page is the score."
import re
import warnings
from collections import Counter
from fractions import Fraction

from pytest import approx

import engines
import sheets
from melodynb.notation import to_musicxml
from melodynb.score import GRID, key_fifths


def exact(beats): return Fraction(round(beats*GRID), GRID)


def sounding(score, page):
    "The notes of each track as a page must have them; an upbeat takes the silence before it away."
    first = min(exact(n.start) for n in score.notes) - min(note[0] for part in page.parts for note in part.notes)
    def seen(n, track):
        return [exact(n.start) - first, exact(n.end) - first, n.pitch, n.velocity, track.program, track.drums]
    return first, [sorted(seen(n, track) for n in track.notes) for track in score.tracks if track.notes]


def assert_same(score):
    "What an independent reader finds on the page is the score: notes, bars, meters, keys, tempos, names, title."
    page = sheets.read(to_musicxml(score))
    skipped, tracks = sounding(score, page)
    assert [sorted(part.notes) for part in page.parts] == tracks
    assert page.title == score.title and all(part.name for part in page.parts)
    end = page.parts[0].measures[-1]
    def stretches(what):
        places = {max(Fraction(0), exact(start) - skipped): value for start, value in score.stretches(what)}
        return {start: value for start, value in places.items() if start < end}
    assert page.tempos == {start: (approx(bpm), bpm) for start, bpm in stretches('bpm').items()}
    assert page.meters == changed(stretches('meter'))
    if score.key and page.keys:
        keys = {start: (key_fifths(key), key.split()[1]) for start, key in stretches('key').items()}
        assert page.keys == changed(keys)
    bars = [exact(start) - skipped for start in score.bar_starts()]
    assert page.parts[0].measures[1:-1] == [start for start in bars if start > 0]


def changed(values):
    "Without what is as it was."
    found = {}
    for start, value in sorted(values.items()):
        if value != next(reversed(found.values()), None): found[start] = value
    return found


def assert_music21(score):
    "music21 finds the notes that the independent reader finds; of drums, which it does not tell apart, their number."
    page = to_musicxml(score)
    with warnings.catch_warnings():
        warnings.simplefilter('ignore') # of drums and instruments that it has no name for
        stream, staves = engines.music21_notes(page)
    right = [note for part in sheets.read(page).parts for note in part.notes]
    found = [note for staff in staves for note in staff]
    pitched = Counter((start, end, pitch) for start, end, pitch, *_, drum in right if not drum)
    assert Counter(note for note in found if note[2] is not None) == pitched
    assert sum(note[2] is None for note in found) == sum(note[5] for note in right)
    assert words(stream.metadata.title or '') == words(score.title)


def words(title):
    "Of a title in any order, for music21 puts the article of 'Kerry Reel, The' in front."
    return sorted(re.findall(r'\w+', title))


def far(mine, theirs):
    "Whether two notes differ by more than a tick of MuseScore, or in pitch, program or being a drum."
    late = any(abs(a - b) > engines.TICK for a, b in zip(mine[:2], theirs[:2]))
    return late or mine[2] != theirs[2] or mine[4:] != theirs[4:]


def assert_musescore(score, engine, folder):
    "MuseScore's engine finds the same notes, keys and tempos, to one of its ticks."
    page = to_musicxml(score)
    mine, theirs = sheets.read(page), engines.musescore(page, engine, folder)
    assert len(mine.parts) == len(theirs.parts)
    for a, b in zip(mine.parts, theirs.parts):
        assert len(a.notes) == len(b.notes)
        assert not [pair for pair in zip(sorted(a.notes), sorted(b.notes)) if far(*pair)]
    assert theirs.keys.get(0, (None,))[0] == mine.keys.get(0, (None,))[0]
    assert played_tempos(theirs) == approx(played_tempos(mine), abs=.01)


def played_tempos(page): return [played for _, played in page.tempos.values()]
