"The ABC reader on small tunes whose right reading is known, and the build of the two collections."
import importlib.util
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT/'data'))

from abc_notation import TuneReader, one_line, read_key, read_length, split_book  # noqa: E402
from build_folk import bpm, clean_title, fit_parts  # noqa: E402


def read(body, key='C', meter='4/4', unit='1/8'):
    "Pitches and lengths of a tune, straight through."
    text = f'X:1\nT:t\nM:{meter}\nL:{unit}\nK:{key}\n{body}\n'
    tune = TuneReader().read(split_book(text)[0].split('\n'))
    return [(pitch, str(length)) for pitch, length in one_line(tune).events]


def pitches(body, **fields): return [pitch for pitch, _ in read(body, **fields)]


def lengths(body, **fields): return [length for _, length in read(body, **fields)]


@pytest.mark.parametrize('text, value', [
    ('', 1), ('3', 3), ('/', '1/2'), ('//', '1/4'), ('3/2', '3/2'), ('/4', '1/4'), ('3/', '3/2'),
])
def test_length(text, value): assert read_length(text) == Fraction(value)


@pytest.mark.parametrize('text, key', [
    ('D', 'D major'), ('Am', 'A minor'), ('EM', 'E minor'), ('Bb', 'Bb major'),
    ('D Mix % note', 'D mixolydian'), ('ADorian', 'A dorian'), ('F#m', 'F# minor'), ('Glydian', 'G lydian'),
])
def test_key(text, key): assert read_key(text)[0] == key


def test_a_key_may_add_accidentals(): assert read_key('Dmix=c')[1] == dict(F=1, C=0)


@pytest.mark.parametrize('body, fields, expected', [
    ("C,CcC'c'", {}, [48, 60, 72, 72, 84]),                    # octaves by case, comma and apostrophe
    ('F|^FFf|F', dict(key='C'), [65, 66, 66, 77, 65]),         # an accidental: its octave, to the bar line
    ('FC|=FF|F', dict(key='D'), [66, 61, 65, 65, 66]),         # a natural against the signature
    ('^F-|F F', dict(key='C'), [66, 65, 65]),                  # no tie where the pitch differs
    ('C2-|C2 D', {}, [60, 62]),                                # a tie is one note
    ('[CEG]2 [K:D] F', {}, [67, 66]),                          # the top note of a chord; a key in the line
    ('+CE+ G', {}, [64, 67]),                                  # chords as they were written before
    ('"Am"C{de}D!trill!~E .F uG', {}, [60, 62, 64, 65, 67]),   # what surrounds a note
])
def test_pitches(body, fields, expected): assert pitches(body, **fields) == expected


@pytest.mark.parametrize('body, fields, expected', [
    ('CD2E/F//G3/2', {}, ['1/2', '1', '1/4', '1/8', '3/4']),
    ('C>D E<F G>>A', {}, ['3/4', '1/4', '1/4', '3/4', '7/8', '1/8']),
    ('A2-A>B', {}, ['7/4', '1/4']),                            # `>` lengthens the tied note, not the whole
    ('(3CDE F', {}, ['1/3', '1/3', '1/3', '1/2']),
    ('(2CD E', dict(meter='6/8'), ['3/4', '3/4', '1/2']),
    ('(3:2:2CD E', {}, ['1/3', '1/3', '1/2']),
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


def test_what_mail_did_is_undone():
    assert pitches('^F=20=\nG =3DF', key='C') == [66, 67, 65]


def test_what_is_no_music_is_left_out():
    assert pitches('C % D\n%%scale 0.7\nw: words EFG\nE') == [60, 64]


@pytest.mark.parametrize('title, clean', [
    ('ACACIA -- REEL', 'Acacia (reel)'), ('Fare You Well', 'Fare You Well'),
    ("A'BEE'S WING.", "A'bee's Wing"),
])
def test_titles(title, clean): assert clean_title(title) == clean


def test_parts_join_without_moving_the_bars():
    def bars(body):
        tune = TuneReader().read(f'M:4/4\nL:1/4\nK:C\n{body}'.split('\n'))
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
