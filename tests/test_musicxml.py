"Printed music as it sounds: upbeats, repeats, keys in concert pitch, tempos, drums; and our own pages come back."
import io
import sys
import zipfile
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
import readings  # noqa: E402
import rhythms  # noqa: E402
from melodynb.corpus import load_corpus  # noqa: E402
from melodynb.musicxml import read_musicxml  # noqa: E402
from melodynb.notation import to_musicxml  # noqa: E402
from melodynb.score import Change, MelodyError, Note, Score, Track  # noqa: E402

CASES = Path(__file__).parent/'fixtures'/'musicxml'


def case(name): return read_musicxml(CASES/f'{name}.musicxml')


def struck(step, octave=4, length=1, inside='', **attributes):
    "A note, with more elements behind its duration."
    given = ''.join(f' {name}="{value}"' for name, value in attributes.items())
    pitch = f'<pitch><step>{step}</step><octave>{octave}</octave></pitch>'
    return f'<note{given}>{pitch}<duration>{length}</duration>{inside}</note>'


def signs(beats=4, unit=4, more=''):
    time = f'<time><beats>{beats}</beats><beat-type>{unit}</beat-type></time>'
    return f'<attributes><divisions>4</divisions>{more}{time}</attributes>'


def page(*measures, listed='<part-name>P</part-name>', head=''):
    "A file of one part; measures are texts, or (attributes, text)."
    pairs = [each if isinstance(each, tuple) else ('', each) for each in measures]
    inside = ''.join(f'<measure{about}>{text}</measure>' for about, text in pairs)
    parts = f'<part-list><score-part id="P1">{listed}</score-part></part-list>'
    return f'<score-partwise>{head}{parts}<part id="P1">{inside}</part></score-partwise>'.encode()


def pitches(data, **how): return [n.pitch for n in read_musicxml(data, **how).notes]


WHOLE = signs() + struck('C', length=16)


# The table of cases

def test_an_upbeat_stands_before_the_bar_line():
    score = case('pickup34')
    assert [n.start for n in score.notes[:2]] == [2., 3.] and score.meter == (3, 4) and not score.changes


def test_a_key_is_in_concert_pitch(): assert case('clarinet_key').key == 'C major'


def test_a_key_changes():
    score = case('key_change')
    assert score.key == 'G major' and score.changes == (Change(4., 'key', 'G minor'),)


def test_a_printed_tempo_counts(): assert case('metronome_only').bpm == 90


# Bars

def test_a_bar_around_a_repeat_sign_is_one_bar():
    score = read_musicxml(page(WHOLE, struck('D', length=12), struck('E', length=4), struck('F', length=16)))
    assert score.changes == () and score.bar_starts() == [0, 4, 8]


def test_a_short_bar_has_its_own_meter():
    score = read_musicxml(page(WHOLE, struck('D', length=8), struck('E', length=16), struck('F', length=16)))
    assert score.changes == (Change(4., 'meter', (2, 4)), Change(6., 'meter', (4, 4)))
    assert [n.start for n in score.notes] == score.bar_starts()


def test_a_long_bar_and_an_empty_one():
    score = read_musicxml(page(signs(3) + struck('C', length=20), struck('D', length=12), '', struck('E', length=12)))
    assert score.meter == (5, 4) and score.notes[-1].start == 11 and score.bar_starts()[-1] == 11


def test_a_meter_of_parts():
    text = '<attributes><divisions>4</divisions><time><beats>3+2</beats><beat-type>8</beat-type>' \
           '<beats>1</beats><beat-type>4</beat-type></time></attributes>'
    assert read_musicxml(page(text + struck('C', length=14))).meter == (7, 8)


# The way through

BACK = '<barline><repeat direction="backward"{}/></barline>'


def test_repeats_are_played_out_or_not():
    text = page(signs() + struck('C', length=16) + BACK.format(''), struck('D', length=16))
    assert pitches(text) == [60, 60, 62] and pitches(text, repeats='ignore') == [60, 62]
    thrice = page(signs() + struck('C', length=16) + BACK.format(' times="3"'))
    assert pitches(thrice) == [60]*3


def ending(number, text, stop='stop', more=''):
    start = f'<barline><ending number="{number}" type="start"/></barline>'
    return f'{start}{text}<barline><ending number="{number}" type="{stop}"/>{more}</barline>'


def test_endings():
    repeat = '<repeat direction="backward"/>'
    first, second = ending(1, struck('D', length=16), more=repeat), ending(2, struck('E', length=16), 'discontinue')
    assert pitches(page(WHOLE, first, second, struck('F', length=16))) == [60, 62, 60, 64, 65]
    both = ending('1, 2', struck('D', length=16), more=repeat)
    assert pitches(page(WHOLE, both, ending(3, struck('E', length=16)))) == [60, 62, 60, 62, 60, 64]


def test_an_upbeat_is_repeated_in_its_bar():
    text = page((' number="0" implicit="yes"', signs() + struck('G', length=4)), struck('C', length=16),
                struck('D', length=12) + BACK.format(''))
    score = read_musicxml(text)
    assert [n.start for n in score.notes] == [3, 4, 8, 11, 12, 16] and not score.changes


@pytest.mark.parametrize('mark', [
    '<sound {}="yes"/>', '<direction><direction-type><words>{}</words></direction-type></direction>'])
def test_da_capo_al_fine(mark):
    named = ('dacapo', 'fine') if 'sound' in mark else ('D.C. al Fine', 'Fine')
    text = page(WHOLE + mark.format(named[1]), struck('D', length=16) + mark.format(named[0]))
    score = read_musicxml(text)
    assert [n.pitch for n in score.notes] == [60, 62, 60] and score.remark == ''


def test_dal_segno_al_coda():
    def sound(name): return f'<direction><sound {name}="x"/></direction>'
    text = page(WHOLE, sound('segno') + struck('D', length=16) + sound('tocoda'),
                struck('E', length=16) + sound('dalsegno'), sound('coda') + struck('F', length=16))
    assert pitches(text) == [60, 62, 64, 62, 65]


def test_what_leads_nowhere_is_told():
    odd = '<direction><direction-type><words>D.C. twice, then the Trio</words></direction-type></direction>'
    score = read_musicxml(page(WHOLE + odd + '<sound dalsegno="x"/>'))
    assert 'twice' in score.remark and 'no Segno' in score.remark and len(score.notes) == 1


def test_a_jump_back_brings_back_what_held_there():
    new = '<attributes><key><fifths>2</fifths></key></attributes><sound tempo="60"/>'
    score = read_musicxml(page(signs(more='<key><fifths>0</fifths></key>') + struck('C', length=16),
                               new + struck('D', length=16) + BACK.format('')))
    assert [(c.start, c.value) for c in score.changes if c.what == 'key'] == [
        (4, 'D major'), (8, 'C major'), (12, 'D major')]
    assert [c.value for c in score.changes if c.what == 'bpm'] == [60, 120, 60]


# Signs

@pytest.mark.parametrize('mark,bpm', [
    ('<beat-unit>half</beat-unit><per-minute>60</per-minute>', 120),
    ('<beat-unit>eighth</beat-unit><beat-unit-dot/><beat-unit-dot/><per-minute>c. 80</per-minute>', 70),
    ('<beat-unit>quarter</beat-unit><per-minute>72,5</per-minute>', 72.5),
    ('<beat-unit>quarter</beat-unit><beat-unit>half</beat-unit>', 120)])
def test_marks_of_tempo(mark, bpm):
    text = f'<direction><direction-type><metronome>{mark}</metronome></direction-type></direction>'
    assert read_musicxml(page(signs() + text + struck('C', length=16))).bpm == bpm


def test_what_is_played_comes_before_what_is_printed():
    mark = '<metronome><beat-unit>quarter</beat-unit><per-minute>60</per-minute></metronome>'
    text = f'<direction><direction-type>{mark}</direction-type><sound tempo="66"/></direction>'
    assert read_musicxml(page(signs() + text + struck('C', length=16))).bpm == 66


def test_an_offset_moves_a_tempo():
    text = '<direction><offset>8</offset><sound tempo="60"/></direction>'
    assert read_musicxml(page(signs() + text + struck('C', length=16))).changes == (Change(2., 'bpm', 60.),)


def test_a_tempo_that_nobody_can_play_is_told():
    score = read_musicxml(page(signs() + '<sound tempo="2"/>' + struck('C', length=16)))
    assert score.bpm == 4 and score.remark == 'a tempo of 2 read as 4'


def test_velocities():
    loud = '<direction><sound dynamics="100"/></direction>'
    text = page(signs() + struck('C', length=4, dynamics=50) + struck('D', length=4) + loud + struck('E', length=8))
    assert [n.velocity for n in read_musicxml(text).notes] == [45, 80, 90]


def test_small_notes_are_told():
    grace = '<note><grace/><pitch><step>C</step><octave>4</octave></pitch></note>'
    cue = '<note><cue/><pitch><step>C</step><octave>4</octave></pitch><duration>8</duration></note>'
    score = read_musicxml(page(signs() + 2*grace + cue + struck('C', length=8)))
    assert score.remark == '2 grace notes left out; 1 cue note left out' and score.notes[0].start == 2


def test_what_a_score_has_no_place_for_is_told():
    "A repeat sign for whole measures, and a pitch between two keys."
    style = '<attributes><measure-style><measure-repeat type="{}">1</measure-repeat></measure-style></attributes>'
    between = struck('C', length=16).replace('<step>C</step>', '<step>C</step><alter>1.5</alter>')
    rest = '<note><rest measure="yes"/><duration>16</duration></note>'
    text = page(signs() + between, style.format('start') + rest, style.format('stop') + struck('D', length=16))
    assert read_musicxml(text).remark == '1 quarter tone left out; 1 measure-repeat sign left out'
    assert not read_musicxml(page(signs() + between.replace('1.5', '1.0'))).remark


def test_ties_go_through_voices():
    text = page(signs() + struck('C', 4, 16, '<tie type="start"/><voice>1</voice>'),
                struck('C', 4, 8, '<tie type="stop"/><voice>2</voice>') + struck('C', 4, 8))
    assert [(n.start, n.duration) for n in read_musicxml(text).notes] == [(0, 6), (6, 2)]


# Instruments

KIT = ('<part-name>Kit</part-name>'
       '<score-instrument id="I1"><instrument-name>Kick</instrument-name></score-instrument>'
       '<midi-instrument id="I1"><midi-channel>10</midi-channel><midi-unpitched>37</midi-unpitched></midi-instrument>')


def drum(inside=''):
    place = '<unpitched><display-step>G</display-step><display-octave>5</display-octave></unpitched>'
    return f'<note>{place}<duration>4</duration>{inside}</note>'


def test_drums_are_drums():
    score = read_musicxml(page(signs() + drum('<instrument id="I1"/>') + drum('<instrument id="I9"/>'), listed=KIT))
    assert score.tracks == (Track((Note(36, 0, 1), Note(42, 1, 1)), 0, 'Kit', drums=True),)
    assert [n.pitch for n in read_musicxml(page(signs() + drum())).notes] == [42]


def test_programs_of_a_player_who_changes():
    listed = '<part-name>Reed</part-name>' + ''.join(
        f'<score-instrument id="I{k}"/>'
        f'<midi-instrument id="I{k}"><midi-program>{k}</midi-program></midi-instrument>' for k in (72, 74))
    score = read_musicxml(page(signs() + struck('C', 4, 8, '<instrument id="I74"/>') + struck('D', 4, 8), listed=listed))
    assert [(track.program, track.name, len(track.notes)) for track in score.tracks] == [(73, 'Reed', 1), (71, 'Reed', 1)]


def test_titles(tmp_path):
    path = tmp_path/'A song.xml'
    for head, title in (('', 'A song'), ('<movement-title>Air</movement-title>', 'Air'),
                        ('<work><work-title>Suite</work-title></work>', 'Suite')):
        path.write_bytes(page(WHOLE, head=head))
        assert read_musicxml(path).title == title


def test_timewise_is_the_same():
    text = page(WHOLE, struck('D', length=16)).decode()
    turned = text.replace('partwise', 'timewise')
    turned = turned.replace('<part id="P1"><measure>', '<measure><part id="P1">')
    turned = turned.replace('</measure></part>', '</part></measure>')
    turned = turned.replace('</measure><measure>', '</part></measure><measure><part id="P1">')
    assert read_musicxml(turned.encode()) == read_musicxml(text.encode())


# Our own pages

@pytest.mark.parametrize('seed', range(60))
def test_random_pages_come_back(seed): assert readings.differences(rhythms.score(seed)) == []


@pytest.mark.parametrize('seed', range(4))
def test_pages_of_a_piano_come_back(seed): assert readings.differences(rhythms.chords(seed)) == []


@pytest.mark.parametrize('name', ['folk', 'chorales', 'madrigals'])
def test_pages_of_people_come_back(name):
    scores = load_corpus(name)
    for score in scores[::max(1, len(scores)//8)]: assert readings.differences(score) == [], score


def test_a_key_without_a_mode_is_major_and_none_is_none():
    "What our page of a score without a key says is a guess: a signature, and no mode."
    assert read_musicxml(to_musicxml(Score((Track((Note(60, 0, 4),)),)))).key == 'C major'
    none = signs(more='<key><fifths>2</fifths><mode>none</mode></key>')
    assert read_musicxml(page(none + struck('C', length=16))).key is None


# Strangers

def packed(text, kind=zipfile.ZIP_DEFLATED):
    out = io.BytesIO()
    with zipfile.ZipFile(out, 'w', kind) as archive:
        archive.writestr('META-INF/container.xml', '<container><rootfile full-path="a.xml"/></container>')
        archive.writestr('a.xml', text)
    return out.getvalue()


@pytest.mark.parametrize('data,words', [
    (b'', 'is empty, 0 bytes'), (page(WHOLE)[:-50], 'cannot be read'), (b'<html/>', 'it is a <html>'),
    (page(signs()), 'no notes'), (b'<!DOCTYPE a [<!ENTITY b "c">]><score-partwise/>', "the entity 'b'"),
    (b'<!DOCTYPE a [<!ENTITY % b SYSTEM "file:///b">%b;]><score-partwise/>', "the entity 'b'"),
    (b'<!DOCTYPE a [<!ATTLIST a b CDATA "c">]><score-partwise/>', "default for the attribute 'b'"),
    (packed(packed(page(WHOLE))), 'archive again'), (packed(page(WHOLE), zipfile.ZIP_LZMA), 'packed by method 14'),
    (packed(page(WHOLE))[:-30], 'cannot be read'),
    (page(signs() + '<attributes><divisions>1e300</divisions></attributes>' + struck('C')), 'is not below'),
    (page(signs() + '<attributes><divisions>0</divisions></attributes>' + struck('C')), 'cannot be read')])
def test_bad_input_is_one_sentence(data, words):
    with pytest.raises(MelodyError, match=words) as caught: read_musicxml(data)
    assert '\n' not in str(caught.value) and len(str(caught.value)) < 300


@pytest.mark.parametrize('data,limit', [
    (page(WHOLE), dict(max_bytes=100)), (packed(page(WHOLE + ' '*5000)), dict(max_bytes=1000)),
    (page(WHOLE + '<a/>'*200), dict(max_bytes=1200)), (page(WHOLE + BACK.format(' times="900"')), dict(max_notes=90)),
    (page(WHOLE, *[struck('D', length=16)]*9), dict(max_notes=9)), (page(WHOLE), dict(max_seconds=1))])
def test_limits_say_how_to_raise_them(data, limit):
    name = next(iter(limit))
    words = f'the limit is .*pass a larger {name} if you trust it'
    with pytest.raises(MelodyError, match=words): read_musicxml(data, **limit)
    assert read_musicxml(data).notes


def test_every_cut_of_a_page_is_a_score_or_a_sentence():
    data = bytes(to_musicxml(load_corpus('folk')[7].bars(1)))
    for place in range(0, len(data), 37):
        try: read_musicxml(data[:place])
        except MelodyError as error: assert '\n' not in str(error)
