"The page says what the ear hears: each kind of rhythm, sign and mark, read back by readers that are not ours."
import re
from fractions import Fraction

import numpy as np
import pytest

import engines
import rhythms
import sheets
from melodynb.corpus import load_corpus
from melodynb.display import engrave
from melodynb.models import load
from melodynb.notation import notate, to_musicxml
from melodynb.recipe import Recipe, make
from melodynb.score import Change, MelodyError, Note, Score, Track
from round_trips import assert_music21, assert_musescore, assert_same, exact

third, fifth, sixth, seventh = (Fraction(1, k) for k in (3, 5, 6, 7))


def melody(*notes, **fields):
    return Score([Track([Note(*note) for note in notes])], **fields)


def line(*lengths, **fields):
    "Notes one after the other, in beats; a negative length is a rest."
    places = [sum(map(abs, lengths[:k])) for k in range(len(lengths))]
    notes = [(67 + k % 3, float(place), float(length)) for k, (place, length) in enumerate(zip(places, lengths))]
    return melody(*(note for note in notes if note[2] > 0), key='C major', **fields)


def signs(score):
    "What stands on the page: values with their dots, r for a rest, tuplets as 3:2, ties as ~."
    from xml.etree import ElementTree
    found = []
    for note in ElementTree.fromstring(to_musicxml(score)).iter('note'):
        bend = note.find('time-modification')
        kind = '' if bend is None else f'{bend.findtext("actual-notes")}:{bend.findtext("normal-notes")} '
        tie = '~' if note.find('tie[@type="start"]') is not None else ''
        rest = 'r' if note.find('rest') is not None else ''
        if note.find('rest[@measure]') is None:
            found.append(f'{kind}{rest}{note.findtext("type")}{"."*len(note.findall("dot"))}{tie}')
    return found


# Exact for exact scores

WRITTEN = [
    (melody((60, 0, .75), (62, 1, .75), (64, 2, .75), (65, 3, 1)), ['eighth.', 'r16th']*3 + ['quarter']),
    (melody((60, 0, .25), (62, 1, .25), (64, 2, .25), (65, 3, 1)), ['16th', 'r16th', 'reighth']*3 + ['quarter']),
    (line(*[1/16]*16, 3), ['64th']*16 + ['half.']),
    (line(*[fifth]*5, 3), ['5:4 16th']*5 + ['half.']),
    (line(sixth, sixth, sixth, .25, .25, 1, meter=(2, 4)),
     ['3:2 16th']*3 + ['16th']*2 + ['quarter']),
    (line(*[Fraction(1, 12)]*12, 3), ['6:4 32nd']*12 + ['half.']),
    (line(*[seventh]*7, third, 2*third, 2), ['7:4 16th']*7 + ['3:2 eighth', '3:2 quarter', 'half']),
    (line(*[sixth]*6, 3), ['6:4 16th']*6 + ['half.']),
    (line(*[2*third]*3, 2), ['3:2 quarter']*3 + ['half']),
    (line(*[4*third]*3), ['3:2 half']*3),
    (line(.25, third, third, third, .75, 2), ['16th', '3:2 eighth', '3:2 eighth', '3:2 eighth', 'eighth.', 'half']),
    (line(.75, .75, .375, .375, .375, .375, meter=(6, 8)), ['2:3 eighth']*2 + ['4:3 eighth']*4),
    (line(.5, 1, .5, 2), ['eighth', 'quarter', 'eighth', 'half']),
    (line(1.5, 1, 1.5), ['quarter.', 'eighth~', 'eighth', 'quarter.']),
    (line(3, 2, 3), ['half.', 'quarter~', 'quarter', 'half.']),
    (line(fifth, -4*fifth, 1, 2), ['5:4 16th', '5:4 rquarter', 'quarter', 'half']),
]


@pytest.mark.parametrize('score, right', WRITTEN, ids=[' '.join(right[:4]) for _, right in WRITTEN])
def test_a_rhythm_is_written_as_it_is(score, right):
    assert signs(score) == right
    assert to_musicxml(score).remark == engrave(score).remark == ''
    assert_same(score)


@pytest.mark.parametrize('first', range(0, 120, 30))
def test_dice_come_back_as_they_were(first):
    for seed in range(first, first + 30): assert_same(rhythms.score(seed))


def test_a_piano_that_holds_its_notes_comes_back_as_it_was():
    for seed in range(8): assert_same(rhythms.chords(seed))


def test_people_come_back_as_they_were():
    for name, step in (('folk', 60), ('chorales', 40), ('madrigals', 16)):
        for score in load_corpus(name)[::step]: assert_same(score)


@pytest.mark.parametrize('name', ['char-gpt', 'remi-folk', 'remi-chorales', 'remi-piano'])
def test_what_models_write_comes_back_as_it_was(name):
    for seed in range(2): assert_same(make(Recipe(name, seed=seed, bars=4)).score)


def test_music21_finds_the_same():
    tunes = load_corpus('folk')[::400] + load_corpus('chorales')[::150] + load_corpus('madrigals')[::40]
    held = melody((60, 0, 5), (60, 2, 4), (67, 0, 8)) # two voices hold one pitch over a bar line
    dice = [*map(rhythms.score, range(24)), *map(rhythms.chords, range(2))]
    for score in [*tunes, *dice, held]: assert_music21(score)


@pytest.fixture(scope='module')
def engine(request, tmp_path_factory): return engines.kept('webmscore', request, tmp_path_factory)


@pytest.mark.parametrize('score', [
    load_corpus('folk')[4], load_corpus('chorales')[3], rhythms.score(7), rhythms.score(5), rhythms.chords(1)],
    ids=['folk', 'chorale', 'dice', 'more dice', 'piano'])
def test_musescore_finds_the_same(score, engine, tmp_path): assert_musescore(score, engine, tmp_path)


# Loose scores

def test_every_change_is_counted():
    "A melody as hands play it: the remark counts what an independent reader finds moved."
    rng = np.random.default_rng(3)
    def played(n):
        start = n.start and max(0, n.start + rng.normal(0, .03))
        return n._replace(start=start, duration=n.duration*rng.uniform(.6, 1))
    for tune in [tune for tune in load_corpus('folk')[:40] if tune.notes[0].start == 0][:8]:
        score = tune.bars(8).map_notes(played)
        page = to_musicxml(score)
        found = sorted(sheets.read(page).parts[0].notes)
        assert len(found) == len(score.notes)
        for place, kind in enumerate(('beginning', 'end')):
            moved = sum(abs(float(a[place]) - b) > .01 for a, b in zip(found, (times(n)[place] for n in score.notes)))
            assert re.search(rf'\b{moved} {kind}s? moved', page.remark)


def times(n): return n.start, n.end


def test_notes_that_share_a_head_are_counted():
    score = melody((60, 0, 1), (60, .02, 1), (64, 1.03, .9), (65, 1.98, 1))
    page = to_musicxml(score)
    assert len(sheets.read(page).parts[0].notes) == 3 and '1 note merged' in page.remark


def test_a_gate_is_no_rhythm_but_is_told():
    score = melody(*((60 + k % 5, k, .95) for k in range(8)))
    assert signs(score) == ['quarter']*8
    assert '8 ends moved' in to_musicxml(score).remark and to_musicxml(score).remark in engrave(score).remark


def test_elevenths_are_moved_and_told():
    score = line(*[Fraction(1, 11)]*11, 3)
    page = to_musicxml(score)
    assert len(sheets.read(page).parts[0].notes) == 12 and 'moved' in page.remark


def test_the_clock_of_a_file_is_no_change():
    "Sevenths as a MIDI file counts them, in 480ths."
    score = melody(*((60 + k, round(k/7*480)/480, round(480/7)/480) for k in range(7)), (60, 1, 3))
    assert signs(score) == ['7:4 16th']*7 + ['half.'] and to_musicxml(score).remark == ''


# All of the score

def test_drums_are_drums():
    kit = Track([Note(pitch, k, 1) for k, pitch in enumerate((36, 42, 42, 38))], drums=True)
    page = to_musicxml(Score([kit]))
    assert sorted(note[2] for note in sheets.read(page).parts[0].notes) == [36, 38, 42, 42]
    assert b'<midi-channel>10</midi-channel>' in page and b'<midi-unpitched>37</midi-unpitched>' in page
    assert b'Bass Drum' in page and b'<sign>percussion</sign>' in page


def test_instruments_have_names():
    score = Score([Track([Note(72, 0, 4)], 73), Track([Note(48, 0, 4)], 42, 'Low & <slow>\x07')])
    page = sheets.read(to_musicxml(score))
    assert [part.name for part in page.parts] == ['Flute', 'Low & <slow>']
    assert [part.notes[0][4] for part in page.parts] == [73, 42]


@pytest.mark.parametrize('meter, bpm, printed', [
    ('4/4', 72.5, 'quarter 72.5'), ('6/8', 120, 'quarter. 80'), ('6/8', 50, 'quarter 50'),
    ('2/2', 120, 'half 60'), ('4/4', 119.999, 'quarter 119.999'), ('3/8', 90, 'quarter. 60')])
def test_the_tempo_is_exact(meter, bpm, printed):
    from xml.etree import ElementTree
    page = to_musicxml(melody((60, 0, 1), meter=meter, bpm=bpm))
    assert sheets.read(page).tempos == {0: (pytest.approx(bpm), bpm)}
    mark = ElementTree.fromstring(page).find('.//metronome')
    unit = mark.findtext('beat-unit') + '.'*len(mark.findall('beat-unit-dot'))
    assert f'{unit} {mark.findtext("per-minute")}' == printed


def test_a_mode_is_named_and_a_guess_is_not():
    assert sheets.read(to_musicxml(melody((67, 0, 1), key='G minor'))).keys == {0: (-2, 'minor')}
    assert sheets.read(to_musicxml(melody((67, 0, 1), key='A dorian'))).keys == {0: (1, 'dorian')}
    assert sheets.read(to_musicxml(melody((60, 0, 1)))).keys[0][1] == ''


def test_an_upbeat_has_no_number():
    page = to_musicxml(melody((67, 3, 1), (72, 4, 4)))
    assert b'<measure number="0" implicit="yes">' in page and page.count(b'implicit') == 1
    assert '>0<' not in engrave(melody((67, 3, 1), (72, 4, 4)))


def test_changes_stand_where_they_are():
    changes = [Change(1.5, 'bpm', 90), Change(2, 'key', 'Eb major'), Change(4, 'meter', '3/4')]
    page = sheets.read(to_musicxml(melody(*((60, k, 1) for k in range(7)), key='C major', changes=changes)))
    assert page.tempos == {0: (120, 120), Fraction(3, 2): (90, 90)}
    assert page.keys == {0: (0, 'major'), 2: (-3, 'major')} and page.meters == {0: (4, 4), 4: (3, 4)}


def test_control_characters_leave_a_page_that_can_be_read():
    mean = 'A\x00\x0b\x1f\u2028B]]>&<"\ud800'
    score = Score([Track([Note(60, 0, 1)], name=mean), Track([Note(60, 0, 1)], name=mean)], title=mean)
    assert sheets.read(to_musicxml(score)).title == 'AB]]>&<"'
    engrave(score)


@pytest.mark.parametrize('program', [43, 56, 59, 60, 64, 65, 66, 67, 69, 71, 72, 105])
def test_what_is_written_is_what_sounds(program, tmp_path):
    "Transposing instruments, through a file of music21 and through ours."
    from music21 import converter

    from melodynb.score import from_music21, to_music21
    score = Score([Track([Note(60, 0, 4)], program)], key='C major')
    path = to_music21(score).write('musicxml', tmp_path/'page.musicxml')
    ours = converter.parseData(to_musicxml(score).decode(), format='musicxml')
    for stream in (converter.parse(path), ours, notate(score)):
        assert [n.pitch.midi for n in stream.recurse().notes] == [60]
        assert from_music21(stream).notes[0].pitch == 60


# Signs

def test_a_courtesy_reminds_of_the_bar_before():
    page = to_musicxml(melody((66, 0, 4), (65, 4, 4), (65, 8, 4), key='C major')).decode()
    assert page.count('<accidental>sharp<') == 1
    assert page.count('<accidental cautionary="yes">natural<') == 1


def test_two_voices_do_not_lean_on_each_others_signs():
    "The lower voice has an F sharp after the upper one has sung an F: in the order in which they sound."
    upper = [(77, 0, 2), (78, 2, 2)]
    score = melody(*upper, (60, 0, 4), key='C major')
    assert to_musicxml(score).decode().count('<accidental>sharp<') == 1


def test_notes_of_a_stream_keep_their_names():
    for score in (load_corpus('chorales')[0], rhythms.chords(3), rhythms.score(4)):
        heads = [one for sign in notate(score).recurse().notes for one in getattr(sign, 'notes', None) or (sign,)]
        named = [one for one in heads if '-' not in str(one.id) and hasattr(one, 'pitch')]
        assert named and all(score.notes[int(one.id[1:])].pitch == one.pitch.midi for one in named)


# Bad input

def test_a_page_of_nothing_is_refused():
    for score in (Score(), Score([Track()])):
        with pytest.raises(MelodyError, match='0 notes'): to_musicxml(score)


def test_a_silent_track_has_no_part():
    page = sheets.read(to_musicxml(Score([Track([Note(60, 0, 1)]), Track()])))
    assert len(page.parts) == 1


def test_many_bars_and_many_tracks_are_a_right_page():
    long = melody(*((60 + k % 12, 4*k, 4) for k in range(2500)))
    assert len(sheets.read(to_musicxml(long)).parts[0].measures) == 2501
    wide = Score([Track([Note(36 + k % 60, 0, 4)], k) for k in range(64)])
    assert [part.notes[0][4] for part in sheets.read(to_musicxml(wide)).parts] == [*range(64)]


def test_a_meter_that_changes_where_no_sign_can_stand_is_a_right_page():
    score = melody((60, 0, 1), (62, 1, 3), (64, 4, 4), changes=[Change(1/3, 'meter', '3/4')])
    page = sheets.read(to_musicxml(score))
    assert [note[:3] for note in page.parts[0].notes] == [[0, 1, 60], [1, 4, 62], [4, 8, 64]]


def test_notes_shorter_than_paper_are_told():
    score = melody((60, 0, 1e-5), (62, 1, 1))
    page = to_musicxml(score)
    assert len(sheets.read(page).parts[0].notes) == 2 and '1 end moved' in page.remark


# What reads well

def played(score, rng, sd):
    "A tune as hands play it at 100 beats a minute; `sd` in milliseconds."
    def loose(n):
        start = max(0, n.start + rng.normal(0, sd/600))
        return n._replace(start=start, duration=n.duration*rng.uniform(.6, 1))
    return [loose(n) for n in score.notes]


def test_nearly_every_note_of_a_played_tune_comes_back():
    rng, right, count = np.random.default_rng(0), 0, 0
    for tune in [tune.bars(16) for tune in load_corpus('folk')[::100] if tune.notes[0].start == 0][:12]:
        page = to_musicxml(Score([Track(played(tune, rng, 15))], meter=tune.meter, key=tune.key))
        found = {tuple(note[:3]) for note in sheets.read(page).parts[0].notes}
        right += sum((exact(n.start), exact(n.end), n.pitch) in found for n in tune.notes)
        count += len(tune.notes)
    assert right > .95*count


def test_a_step_of_the_clock_costs_no_voice():
    "As notation programs save MIDI: every note ends one of 480 steps early."
    held = [Note(72, 0, 2), *(Note(60 + k, k/2, .5) for k in range(4))]
    saved = [n._replace(duration=n.duration - 1/480) for n in held]
    page = to_musicxml(Score([Track(saved)]))
    found = sorted(note[:3] for note in sheets.read(page).parts[0].notes)
    assert found == sorted([n.start, n.end, n.pitch] for n in held) and page.remark == ''


def test_a_gate_costs_no_voice():
    held = [*(Note(72 + k, 2*k, 2*.95) for k in range(4)), *(Note(60 + k % 3, k/2, .5*.95) for k in range(16))]
    found = sorted(note[:3] for note in sheets.read(to_musicxml(Score([Track(held)]))).parts[0].notes)
    assert [end - start for start, end, pitch in found if pitch >= 72] == [2]*4
    assert [end - start for start, end, pitch in found if pitch < 72] == [Fraction(1, 2)]*16


def test_a_rest_that_counts_a_pulse_is_shown():
    lower = [Note(60, 4*k + .5, .5) for k in range(2)]
    page = to_musicxml(Score([Track([*(Note(72, 4*k, 4) for k in range(2)), *lower])])).decode()
    shown = re.findall('<note><rest/>.*?</note>', page)
    assert len(shown) == 2 and all('<type>eighth</type>' in rest for rest in shown)


def test_a_hand_that_moves_away_changes_its_clef():
    left = [Note(pitch, 4*bar + k, 1) for bar, pitch in enumerate((48, 79, 81, 36)) for k in range(4)]
    right = [Note(84, 4*k, 4) for k in range(4)]
    hands = Score([Track(right), Track(left)])
    page = to_musicxml(hands, for_eyes=True).decode()
    assert re.findall('<clef number="2"><sign>(.)</sign>', page) == [*'FGF']
    found = [note[:3] for note in sorted(sheets.read(page).parts[0].notes) if note[2] < 84]
    assert found == [[n.start, n.end, n.pitch] for n in left]
