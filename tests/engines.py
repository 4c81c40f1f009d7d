"Other people's programs from npm, and readers of MusicXML: music21, and MuseScore's own engine."
import shutil
import subprocess
import tempfile
from contextlib import suppress
from fractions import Fraction
from pathlib import Path

import pytest
import sheets

HERE = Path(__file__).parent
TICK = Fraction(1, 480)  # of MuseScore, in quarter notes


def install(folder, name='webmscore'):
    "Put a package of npm, such as MuseScore's engine, into a folder; None, or a sentence that says why there is none."
    if not shutil.which('npm'): return f'npm is not here, and {name} comes from it: install Node.js'
    if (folder/'node_modules').exists(): return None
    with tempfile.TemporaryDirectory(dir=folder.parent) as workshop:
        fault = npm_install(workshop, name)
        if not fault: put(Path(workshop)/'node_modules', folder)
    return fault


def kept(name, request, tmp_path_factory):
    "The folder of a package of npm, kept between the runs of the tests where pytest keeps anything."
    cache = getattr(request.config, 'cache', None)
    folder = cache.mkdir(name) if cache else tmp_path_factory.mktemp(name)
    missing = install(folder, name)
    if missing: pytest.skip(missing)
    return folder


def npm_install(workshop, name):
    shutil.copy(HERE/name/'package.json', workshop)
    command = ['npm', 'install', '--no-audit', '--no-fund', '--ignore-scripts', '--silent']
    done = subprocess.run(command, cwd=workshop, capture_output=True, text=True, timeout=300)
    return None if done.returncode == 0 else f'{name} could not be installed: {done.stderr[-200:]}'


def put(modules, folder):
    "Move the whole package into its place at once: who looks while another process installs finds none or all of it."
    folder.mkdir(parents=True, exist_ok=True)
    with suppress(OSError): modules.rename(folder/'node_modules') # another process was first
    assert any((folder/'node_modules').iterdir()), folder


def reread(path, engine):
    "The page that MuseScore's engine, which lies in `engine`, writes of the page at `path`: its path."
    command = ['node', HERE/'webmscore'/'reread.cjs', engine, path]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr[-2000:]
    return path.with_suffix('.reread.musicxml')


def musescore(page, engine, folder):
    "What MuseScore's engine, which lies in `engine`, understands of a page; it counts in 480ths of a quarter."
    path = folder/'page.musicxml'
    path.write_bytes(page)
    return sheets.read(reread(path, engine).read_bytes(), TICK)


def exact(number): return Fraction(number).limit_denominator(10080)


def music21_notes(page):
    "For each staff that music21 reads its notes as (start, end, pitch); a drum has no pitch."
    from music21 import converter
    stream = converter.parseData(page.decode(), format='musicxml')
    return stream, [sorted(staff_notes(part), key=str) for part in stream.parts]


def staff_notes(part):
    "Notes of one staff, ties merged voice by voice."
    found, open_ties = [], {}
    for measure in part.getElementsByClass('Measure'):
        for voice in measure.voices or [measure]:
            start = measure.offset + (voice.offset if measure.voices else 0)
            name = voice.id if measure.voices else None
            for sign in voice.notes:
                for one in getattr(sign, 'notes', None) or (sign,):
                    add(one, exact(start + sign.offset), exact(sign.quarterLength), name, found, open_ties)
    assert not any(open_ties.values()), open_ties
    return [tuple(note) for note in found]


def tied(open_ties, pitch, start, voice):
    "The note that goes on here: of two voices that hold one pitch, the one in this voice."
    held = open_ties[pitch, start]
    return held.pop(voice if voice in held else next(iter(held)))


def add(one, start, length, voice, found, open_ties):
    pitch = one.pitch.midi if hasattr(one, 'pitch') else None
    tie = one.tie.type if one.tie else ''
    if tie in ('stop', 'continue'): note = tied(open_ties, pitch, start, voice)
    else:
        note = [start, start, pitch]
        found.append(note)
    note[1] = start + length
    if tie in ('start', 'continue'): open_ties.setdefault((pitch, note[1]), {})[voice] = note
