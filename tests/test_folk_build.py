"How a tune of a book becomes a line of the collection, and the build of the two collections."
import importlib.util
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT/'data'))

from build_folk import bpm, clean_title, fit_parts  # noqa: E402
from one_line import one_line, read_book  # noqa: E402


def read(body, key='C', meter='4/4', unit='1/8'):
    "Pitches and lengths of a tune, straight through."
    tune, = read_book(f'X:1\nT:t\nM:{meter}\nL:{unit}\nK:{key}\n{body}\n')
    return [(pitch, str(length)) for pitch, length in one_line(tune).events]


def pitches(body, **fields): return [pitch for pitch, _ in read(body, **fields)]


def lengths(body, **fields): return [length for _, length in read(body, **fields)]


@pytest.mark.parametrize('body, fields, expected', [
    ('^Ff', {}, [66, 77]),                                     # an accidental holds in its own octave, as in print
    ('^F-|F F', dict(key='C'), [66, 65]),
    ('[CEG]2 [K:D] F', {}, [67, 66]),                          # the top note of a chord; a key in the line
])
def test_pitches(body, fields, expected): assert pitches(body, **fields) == expected


@pytest.mark.parametrize('body, fields, expected', [
    ('C z D z z E z', {}, ['1/2', '1/2', '1/2', '1', '1/2']),  # rests join, none at the end
    ('C Z D', {}, ['1/2', '4', '1/2']),                        # a bar of rest
    ('[C2E2] [CE]2 [cE2]', {}, ['1', '1', '1/2']),             # a chord is as long as its first note
    ('[b2-B2-] [b2B2]', {}, ['2']),                            # the top note's tie counts
    ('[b2B2-] [b2B2]', {}, ['1', '1']),
])
def test_lengths(body, fields, expected): assert lengths(body, **fields)[:len(expected)] == expected


def test_first_endings_give_way_to_second_ones():
    assert pitches('C D|1 E F:|2 G A||') == [60, 62, 67, 69]
    assert pitches('C D|1 E F:|') == [60, 62, 64, 65]


@pytest.mark.parametrize('title, clean', [
    ('ACACIA -- REEL', 'Acacia (reel)'), ('Fare You Well', 'Fare You Well'),
    ("A'BEE'S WING.", "A'bee's Wing"),
])
def test_titles(title, clean): assert clean_title(title) == clean


def test_parts_join_without_moving_the_bars():
    def bars(body):
        tune, = read_book(f'X:1\nM:4/4\nL:1/4\nK:C\n{body}')
        line = fit_parts(one_line(tune), Fraction(4))
        return [int(time) for time, _ in line.bars]
    assert bars('G|CDEF|GABc||CDEF|') == [1, 5, 9, 13]
    assert bars('G|CDEF|GAB||CDEF|') == [1, 5, 9, 13]     # the part ends a beat early: its last note holds on
    assert bars('G|CDEF|G2B2||G|CDEF|') == [1, 5, 8, 9, 13] # a beat too many: its last note stops earlier


def test_a_reel_is_quicker_than_a_hornpipe_and_a_slow_air():
    assert bpm('reel', '2/2', '') > bpm('hornpipe', '2/2', '') > bpm('air', '4/4', 'slow')


@pytest.mark.parametrize('script', ['build_folk.py', 'build_chorales.py'])
@pytest.mark.skipif(importlib.util.find_spec('music21') is None, reason='the music lies inside music21')
def test_build_gives_what_is_shipped(script):
    done = subprocess.run([sys.executable, ROOT/'data'/script, '--check'], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
