"What `read_musicxml` makes of pages, beside the score that was written, and beside music21 and MuseScore's engine."
import warnings
from collections import Counter
from importlib.util import find_spec
from pathlib import Path
from xml.etree import ElementTree
from zipfile import ZipFile

from pytest import approx

import engines
from melodynb.musicxml import read_musicxml
from melodynb.notation import printable, to_musicxml
from melodynb.score import GRID, key_fifths


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


# The pieces that music21 carries

def library(every):
    "Each `every`th of about 300 pieces: a quarter of the chorales, half of the old songs and madrigals, and all others."
    folder = Path(find_spec('music21').origin).parent/'corpus'
    paths = sorted(path for path in folder.rglob('*') if path.suffix in ('.mxl', '.xml', '.musicxml'))
    many = {'bach': 4, 'trecento': 2, 'monteverdi': 2}
    found, seen = [], Counter()
    for path in paths:
        name = path.parent.name
        if seen[name] % many.get(name, 1) == 0: found.append(path)
        seen[name] += 1
    return found[::every]


def read(path, play): return read_musicxml(path, repeats='play' if play else 'ignore', max_bytes=10**8)


def tree(path):
    "The root element of a trusted file."
    if path.suffix != '.mxl': return ElementTree.parse(path).getroot()
    with ZipFile(path) as archive:
        name = ElementTree.fromstring(archive.read('META-INF/container.xml')).find('.//{*}rootfile').get('full-path')
        return ElementTree.fromstring(archive.read(name))


def fillings(part):
    "How far each measure of a part gets, in quarter notes."
    divisions, found = 1, []
    for measure in part.iterfind('measure'):
        place = end = 0
        for element in measure:
            divisions = float(element.findtext('divisions') or divisions)
            length = float(element.findtext('duration') or 0)/divisions
            if element.tag == 'backup': length = -length
            if element.find('chord') is None and element.find('grace') is None: place += length
            end = max(end, place)
        found.append(round(end, 4))
    return found


def is_ragged(root):
    "Whether the parts differ in how long they are in some measure: music21 lets them drift apart, here they wait."
    return any(len({*lengths} - {0}) > 1 for lengths in zip(*map(fillings, root.findall('part'))))


def has_uneven_chords(root):
    "Whether notes of one chord have different lengths: music21 gives all of them that of the first."
    last = None
    for note in root.iter('note'):
        length = note.findtext('duration')
        if note.find('chord') is not None and length != last: return True
        last = length
    return False


def jumps(root): return any({'dacapo', 'dalsegno'} & {*sound.keys()} for sound in root.iter('sound'))


def has(root, tag): return next(root.iter(tag), None) is not None


REASONS = {  # in this order; those of the second half count where repeats are played
    'parts of unequal measures drift apart in music21': is_ragged,
    'chords of unequal lengths': has_uneven_chords,
    'cue notes, which music21 plays': lambda root: has(root, 'cue'),
    'da capo and dal segno of <sound>, which music21 does not play': jumps,
    'repeats or endings': lambda root: has(root, 'repeat')}


def reason(path, ours, theirs, play):
    "'the same', or why two readings of a file may differ."
    if sounds(ours) == sounds(theirs): return 'the same'
    root = tree(path)
    kinds = [*REASONS.items()][:None if play else 3]
    return next((why for why, holds in kinds if holds(root)), f'not explained: {path.name}')


# MuseScore's engine

def far_in_musescore(score, engine, folder):
    "Whether the page that MuseScore's engine writes of ours, read by us, differs by more than one of its ticks."
    path = folder/'page.musicxml'
    path.write_bytes(to_musicxml(score))
    back = read_musicxml(engines.reread(path, engine))
    mine = sorted((n.pitch, n.start, n.end) for n in score.notes)
    theirs = sorted((n.pitch, n.start, n.end) for n in back.notes)
    def near(a, b): return a[0] == b[0] and all(abs(x - y) < .005 for x, y in zip(a[1:], b[1:]))
    return len(mine) != len(theirs) or not all(map(near, mine, theirs)) or not same_signature(score, back)


def same_signature(score, back):
    "The engine leaves modes out, and keys that change within a bar."
    return not score.key or key_fifths(score.key) == key_fifths(back.key)
