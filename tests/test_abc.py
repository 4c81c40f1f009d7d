"ABC notation: small tunes whose right reading is known, what is written comes back, and what abc2midi reads of both."
import shutil
import sys
import time
import warnings
from pathlib import Path

import pytest

from melodynb.abc_notation import is_abc, read_abc, to_abc
from melodynb.corpus import load_corpus
from melodynb.score import Change, MelodyError, Note, Score, Track
import rhythms
from scores import line, score

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))


def read(body, key='C', meter='4/4', unit='1/4', **options):
    return read_abc(f'X:1\nT:t\nM:{meter}\nL:{unit}\nK:{key}\n{body}\n', **options)[0]


def pitches(body, **fields): return [note.pitch for note in read(body, **fields).notes]


def lengths(body, **fields): return [note.duration for note in read(body, **fields).notes]


def silent(s): return s.map_notes(lambda note: note._replace(velocity=80)) # as loud as ABC has it


# What stands in a line

@pytest.mark.parametrize('body, fields, right', [
    ("C,CcC'c'", {}, [48, 60, 72, 72, 84]),                  # octaves by case, comma and apostrophe
    ('F|^FFF|F', {}, [65, 66, 66, 66, 65]),                  # an accidental holds to the bar line
    ('^Ff|f', {}, [66, 78, 77]),                             # in all octaves, as standard 2.1 has it
    ('%%propagate-accidentals octave\n^Ff|', {}, [66, 77]),
    ('%%propagate-accidentals not\n^FFf|', {}, [66, 65, 77]),
    ('FC|=FF|F', dict(key='D'), [66, 61, 65, 65, 66]),       # a natural against the signature
    ('^^F__B', {}, [67, 69]),
    ('^F4-|F2F2|F4', {}, [66, 65, 65]),                      # a tie takes its accidental over the bar line
    ('C2-|C2 D', {}, [60, 62]),
    ('C4-||C4-|[K:D]C2F', {}, [60, 66]),                     # through several bars, and a new key
    ('[CEG]2 [K:D] F', {}, [60, 64, 67, 66]),
    ('+CE+ +fermata+G', {}, [60, 64, 67]),                   # chords as they were written before
    ('"Am"C{de}D!trill!~E .F uG (AB)', {}, [60, 62, 64, 65, 67, 69, 71]),
    ('C D % E\nF \\\nG', {}, [60, 62, 65, 67]),              # comments, continued lines
    ('FGc', dict(key='HP'), [66, 67, 73]),                   # the pipes: written without, sounding with sharps
    ('CEB', dict(key='C octave=-1'), [48, 52, 59]),
    ('C', dict(key='C clef=treble-8'), [48]),
    ('B', dict(key='C clef=bass'), [71]),                    # `=b` is no accidental
    ('C', dict(key='C transpose=-2'), [58]),
    ('BF', dict(key='D exp _b'), [70, 65]),
    ('FCB', dict(key='G^c _b'), [66, 61, 70]),
    ('C,,,,,,,,D', {}, [62]),                                # under MIDI's lowest note, and told
])
def test_pitches(body, fields, right): assert pitches(body, **fields) == right


@pytest.mark.parametrize('body, fields, right', [
    ('CD2E/F//G3/2A/4', dict(unit='1/8'), [.5, 1, .25, .125, .75, .125]),
    ('C>D E<F G>>A B<<<c', dict(unit='1/4'), [1.5, .5, .5, 1.5, 1.75, .25, .125, 1.875]),
    ('A2-A>B', {}, [3.5, .5]),                               # `>` lengthens the tied note, not the whole
    ('[CE]>[DF]', {}, [1.5, 1.5, .5, .5]),
    ('z>C', {}, [.5]),
    ('(3CDE F', dict(unit='1/8'), [1/3, 1/3, 1/3, .5]),
    ('(2CD E', dict(meter='6/8', unit='1/8'), [.75, .75, .5]),
    ('(4CDEF', dict(meter='6/8', unit='1/8'), [.375]*4),
    ('(5CDEFG', dict(meter='6/8', unit='1/8'), [.3]*5),      # five in the time of three
    ('(5CDEFG', dict(meter='2/4', unit='1/8'), [.2]*5),      # or of two
    ('(6CDEFGA (8CDEFGABc', dict(unit='1/8'), [1/6]*6 + [3/16]*8),
    ('(3:2:2CD E', dict(unit='1/8'), [1/3, 1/3, .5]),
    ('(3::2CD E (5:4CDEFG', dict(unit='1/8'), [1/3, 1/3, .5] + [.4]*5),
    ('(3[CE]zD E', dict(unit='1/8'), [1/3, 1/3, 1/3, .5]),   # chords and rests count
    ('[C2E2]2 [CE]/ [C-E]2C', {}, [4, 4, .5, .5, 3, 2]),
    ('[CE]-[CE] z [CE]-|[CE]', {}, [2, 2, 2, 2]),
])
def test_lengths(body, fields, right): assert lengths(body, **fields) == pytest.approx(right)


@pytest.mark.parametrize('body, right', [
    ('C|z2x2|D|', [0, 5]), ('C4|Z|D', [0, 8]), ('C4|Z2|D', [0, 12]), ('zzC2|D4', [2, 4]),
    ('C4&E2G2|D4', [0, 0, 2, 4]), ('C2y2D2|', [0, 2])])
def test_onsets(body, right):
    found = read(body)
    assert [note.start for note in found.notes] == [start + 3*(body == 'C|z2x2|D|') for start in right]


# Repeats

@pytest.mark.parametrize('body, right', [
    ('C|D|E|', 'CDE'), ('C|D:|E|', 'CDCDE'), ('C|:D|E:|:F:|', 'CDEDEFF'), ('C|D::E:|', 'CDCDEE'),
    ('|:C|1D:|2E||F|', 'CDCEF'), ('|:C|[1D:|[2E|]F|', 'CDCEF'), ('|:C|1,3D:|2E:|4F||', 'CDCECDCF'),
    ('|:C|1-3D:|4E|]', 'CDCDCDCE'), ('|::C::|D|', 'CCCD'), ('|:C|1D:|', 'CDC'), ('C|1D|2E||', 'CDCE'),
    ('C|D||E:|', 'CDECDE'), ('|:C:||:D:|', 'CCDD'), ('|:C:|\n|:D:|', 'CCDD'), ('C[|]:|D', 'CCD'),
    ('|:C|1D:|2E||F|G:|', 'CDCEFGFG'), ('C|:D|:|', 'CD')])
def test_repeats(body, right):
    assert pitches(body) == [{'C': 60, 'D': 62, 'E': 64, 'F': 65, 'G': 67}[letter] for letter in right]


def test_repeats_can_be_left():
    assert pitches('C|D:|1E:|2F|', repeats='ignore') == [60, 62, 64, 65]


def test_a_tie_goes_on_where_a_repeat_leads():
    assert lengths('|:C2D2-|1D4:|2D2E2|]') == [2, 6, 2, 4, 2]


def test_a_key_of_a_repeated_part_comes_back():
    found = read('F4|:F4|[K:D]F4:|')
    assert [note.pitch for note in found.notes] == [65, 65, 66, 65, 66]
    assert [c for c in found.changes] == [Change(8, 'key', 'D major'), Change(12, 'key', 'C major'), Change(16, 'key',
    'D major')]


# The head

@pytest.mark.parametrize('text, right', [
    ('D', 'D major'), ('Am', 'A minor'), ('EM', 'E minor'), ('Bb', 'Bb major'), ('D Mix % note', 'D mixolydian'),
    ('ADorian', 'A dorian'), ('F#m', 'F# minor'), ('Glydian', 'G lydian'), ('E phr bass', 'E phrygian'), ('Bloc',
    'B locrian'),
    ('Dion', 'D major'), ('Gaeo', 'G minor'), ('none', None), ('', None), ('C clef=alto', 'C major'), ('Hp', 'A mixolydian')])
def test_keys(text, right): assert read('C', key=text).key == right


@pytest.mark.parametrize('text, right', [
    ('C', (4, 4)), ('C|', (2, 2)), ('6/8', (6, 8)), ('2+3/8', (5, 8)), ('(2+3+2)/8', (7, 8)), ('none', (4, 4)),
    ('5', (4, 4))])
def test_meters(text, right):
    found = read('C', meter=text)
    assert found.meter == right and bool(found.remark) == (text in ('none', '5'))


@pytest.mark.parametrize('text, right', [
    ('1/4=90', 90), ('3/8=60', 90), ('C=120', 60), ('C3=40', 60), ('120', 60), ('"Slowly" 1/2=50', 100),
    ('1/4=72.5 "x"', 72.5),
    ('1/4 3/8=40', 100), ('"Slowly"', 120), ('quick', 120), ('1/4=9999', 120)])
def test_tempos(text, right): assert read_abc(f'X:1\nM:4/4\nL:1/8\nQ:{text}\nK:C\nC')[0].bpm == right


@pytest.mark.parametrize('meter, length', [('4/4', .5), ('3/4', .5), ('2/4', .25), ('6/8', .5), ('none', .5)])
def test_the_usual_unit(meter, length): assert read_abc(f'X:1\nM:{meter}\nK:C\nC')[0].notes[0].duration == length


def test_fields_in_the_music():
    found = read('CDEF|[M:3/4][Q:1/4=90]CDE|[L:1/8]C2D2E2|\nK:G\nF6|')
    assert found.changes == (Change(4, 'bpm', 90), Change(4, 'meter', (3, 4)), Change(10, 'key', 'G major'))
    assert (found.notes[-1].pitch, found.notes[-1].duration, found.end) == (66, 3, 13)


def test_a_book():
    text = ('%abc-2.1\nM:3/4\nL:1/4\n\nfree text\n\nX:1\nT:One\nK:C\nCDE|\n\nABC nonsense\n\n'
            'X:7\nT:Two\nT:or three\nM:4/4\nK:D\nF|\n')
    one, two = read_abc(text)
    assert (one.title, one.meter, len(one.notes), two.title, two.meter, two.notes[0].pitch) == ('One', (3, 4), 3,
    'Two', (4, 4), 66)
    assert 'lines behind an empty line (1)' in one.remark and not two.remark


def test_titles_and_letters():
    title = r"Caf\'e \% 5 &amp; M\"uller % no"
    assert read_abc(f'X:1\nT:{title}\nM:4/4\nK:C\nC')[0].title == 'Café % 5 & Müller'
    for encoding in ('utf-8', 'utf-8-sig', 'cp1252', 'utf-16'):
        assert read_abc('X:1\nT:Ménage\nM:4/4\nK:C\nC'.encode(encoding))[0].title == 'Ménage'


def test_what_mail_did_is_undone():
    assert pitches('^F=20=\nG =3DF') == [66, 67, 65]
    assert read_abc('X:1\nM:4/4\nQ:1/4=200\nK:C\nC')[0].bpm == 200


def test_voices_become_tracks():
    head = 'X:1\nM:4/4\nL:1/4\nV:1 name="Flute"\nV:2 clef=bass octave=-1\nK:C\n'
    found = read_abc(head + '[V:1]C^CDE|\n[V:2]C4|\nV:1\nC4|\nV:2\n%%MIDI program 42\nz2C2|')[0]
    assert [track.name for track in found.tracks] == ['Flute', ''] and found.tracks[1].program == 42
    assert [note[:3] for note in found.tracks[1].notes] == [(48, 0, 4), (48, 6, 2)]
    assert [note.pitch for note in found.tracks[0].notes] == [60, 61, 62, 64, 60]


# Bars

def test_an_upbeat_is_silence():
    found = read('G|CDEF|GAB:|')
    assert found.notes[0].start == 3 and found.bar_lines()[:2] == [0, 4]
    assert read('G3 z|CDEF|').notes[0].start == 0
    assert read('GA').notes[0].start == 0                    # one bar is no upbeat


def test_a_short_measure_keeps_later_bar_lines():
    found = read('CDEF|GAB|cBAG|F4|')
    assert found.changes == (Change(4, 'meter', (3, 4)), Change(7, 'meter', (4, 4)))
    assert found.bar_lines()[:5] == [0, 4, 7, 11, 15]
    assert not read('G|CDEF|GAB:|c|BAGF|EDC|]').changes[2:]  # completed by the next part's upbeat


# What is passed over

@pytest.mark.parametrize('body, words', [
    ('{AB}C', 'grace notes (2)'), ('"Am"C', 'chord symbols (1)'), ('"^slow"C', 'annotations (1)'), ('!trill!C~D',
    'decorations (2)'),
    ('(CD)', 'slurs (1)'), ('C\nw: one', 'lines of words (1)'), ('C ; D', "';' is no sign"), ('C,,,,,,,,D', 'outside MIDI'),
    ('C/0D', 'divided by 0'), ('C\n[K:H]', 'K:'), ('C\nP:A', 'orders of parts (1)'), ('%%MIDI drum d\nC', '%%MIDI drum (1)'),
    ('V:1\nC4|\nV:2\nC|', 'not equally long')])
def test_it_is_told(body, words): assert words in read(body).remark


def test_nothing_is_told_of_a_plain_tune(): assert read('|:C>D (3EFG A2|[1B4:|[2c4|]').remark == ''


# Bad input

@pytest.mark.parametrize('source, words', [
    ('', 'no line K:'), ('\n', 'no line K:'), ('nowhere.abc', 'is not there'), (b'', 'no line K:'), (b'MThd\0\0',
    'no line K:'), (3, 'cannot be read'),
    ('X:1\nK:C\n', 'none of them has a note'), ('X:1\nT:words only\n', 'no line K:'), ('X:1\nK:C\n' + 'C9999'*900,
    'max_seconds')])
def test_refusals(source, words):
    with pytest.raises(MelodyError, match=words) as found: read_abc(source)
    assert len(str(found.value)) < 400 and '\n' not in str(found.value)


def test_bounds():
    with pytest.raises(MelodyError, match='larger max_bytes'): read_abc('X:1\nK:C\nCDE', max_bytes=9)
    with pytest.raises(MelodyError, match='larger max_notes'): read_abc('X:1\nK:C\nCDE', max_notes=2)
    with pytest.raises(MelodyError, match='larger one'): read_abc('X:1\nK:C\nCDE', max_seconds=.1)
    with pytest.raises(MelodyError, match="'ignore'"): read('C', repeats=2)


@pytest.mark.parametrize('sign', ['[', '[A', '(', '{', '"', '!', '|:', ':', '/', '+C/', '[K:', '&', '-', '>', '[1',
    '(9', '%', "'", '\\', 'C/'])
def test_no_row_of_signs_takes_long(sign):
    start = time.process_time()
    try: read_abc('X:1\nM:4/4\nL:1/4\nK:C\nCDEF|' + sign*20000)
    except MelodyError: pass
    assert time.process_time() - start < 2


@pytest.mark.parametrize('data, right', [
    ('X:1\nT:t\nK:C\n', True), (b'%abc-2.1\n', True), ('\ufeff%abc', True), (b'MThd', False),
    ('<?xml version="1.0"?>', False),
    ('K: is a letter', False), (b'PK\3\4', False), ('', False)])
def test_is_abc(data, right): assert is_abc(data) is right


# There and back

@pytest.mark.parametrize('name, step', [('folk', 12), ('chorales', 20)])
def test_what_is_written_is_read(name, step):
    for one in load_corpus(name)[::step]: assert read_abc(to_abc(one))[0] == one


@pytest.mark.parametrize('make', [rhythms.score, rhythms.chords])
def test_every_rhythm_comes_back(make):
    for seed in range(40):
        one = silent(make(seed))
        assert read_abc(to_abc(one))[0] == one


@pytest.mark.parametrize('one', [
    line([60, 62, 64], title='100 % "\\sure" & more', key='F# minor'), line([60], key='Cb major', bpm=72.123456),
    line([61, 70], key='G# minor'),
    score((60, 7.5, 1)), score((60, .5, 1)), score((60, 0, 1), (60, 0, 1)), score((60, 0, 9), (60, 2, 1)),
    score((60, 1, 1), changes=((2, 'meter', '3/4'),)), score((60, 0, 1), changes=((30, 'bpm', 90),)), score((60, 0, 4),
    changes=((1, 'key', 'D major'), (2, 'key', None))),
    Score((Track([Note(36, 0, 1)], drums=True), Track([Note(60, 1, 1)], 40, 'Viola "x"'.replace('"', "'")), Track()))])
def test_odd_scores_come_back(one): assert read_abc(to_abc(one))[0] == one


def test_what_abc_cannot_hold_is_told():
    with pytest.warns(UserWarning, match='loudness'): to_abc(score((60, 0, 1, 99)))
    with pytest.warns(UserWarning, match='10080th'): to_abc(score((60, .00005, 1)))
    with pytest.warns(UserWarning, match='line breaks'): to_abc(score((60, 0, 1), title='a\nb'))
    with pytest.raises(MelodyError, match='no notes'): to_abc(Score())
    with warnings.catch_warnings():
        warnings.simplefilter('error')
        to_abc(load_corpus('folk')[0])


# Another reader

@pytest.fixture(scope='module')
def abc_books():
    if not shutil.which('abc2midi'): pytest.skip('no abc2midi (Debian package abcmidi)')
    pytest.importorskip('music21')
    from benchmarks import abc_books
    return abc_books


def test_abc2midi_reads_the_books_alike(abc_books, tmp_path):
    folders = *abc_books.BOOKS.values(), *abc_books.OTHERS
    found = [abc_books.kind(text, tmp_path) for folder in folders
             for text in abc_books.even(abc_books.tunes(folder), 8)]
    assert len(found) > 40 and found.count('') >= .9*len(found)


def test_abc2midi_reads_what_we_write(abc_books, tmp_path):
    for one in load_corpus('folk')[::150]:
        other = abc_books.theirs(to_abc(one).replace('L:1/8', 'L:1/8\n%%MIDI chordattack 0'), tmp_path)
        assert abc_books.agree(abc_books.settled((n.start, n.pitch, n.duration) for n in one.notes), other), one.title
