"Text is a value too: every score on the grid comes back, every text is read or refused in a sentence, soon."
import json
import random
import re
from fractions import Fraction
from itertools import product

import pytest
from hypothesis import example, given, settings, strategies as st

from melodynb.corpus import load_corpus
from melodynb.score import GRID, Change, MelodyError, Note, Score, Track, read_midi, write_midi
from melodynb.text import (
    LENGTHS, WORD, TextError, chunks, from_text, length_name, read_word, salvage, text_loss,
    to_text)

QUICK = settings(max_examples=50, deadline=None)

grids = st.sampled_from([1, 2, 3, 4, 6, 12, 24, 48, 96, 480, 960, GRID])
awkward = ['title', 'bpm', 'instruments', 'changes', 'key', '"', '\\', '[C4_q]', 'a\r\nb', '🎻']
names = st.text(st.characters(exclude_categories=['Cs']), max_size=10) | st.sampled_from(awkward)
keys = st.sampled_from([None, 'D major', 'Bb dorian', 'F# minor'])

def on_grid(grid, tracks, bpm, meter, key, title, changes):
    "A score on a grid, of the usual loudness: what a text keeps."
    def track(notes, *about):
        return Track([Note(pitch, start/grid, length/grid) for pitch, start, length in notes], *about)
    turns = [(start/grid, *what) for start, what in changes.values()]
    return grid, Score([track(*made) for made in tracks], bpm, meter, key, title, turns)

notes = st.sets(st.tuples(st.integers(0, 127), st.integers(0, 400), st.integers(1, 900)), max_size=8)
tracks = st.lists(st.tuples(notes, st.integers(0, 127), names, st.booleans()), max_size=3)
turns = st.sampled_from([('bpm', 60), ('bpm', 99.75), ('meter', '3/4'), ('key', 'Bb dorian'), ('key', None)])
def one_at_a_place(found): return {(start, what[0]): (start, what) for start, what in found}
changes = st.lists(st.tuples(st.integers(1, 900), turns), max_size=4).map(one_at_a_place)
heads = st.sampled_from([4, 72.5, 120, 1000]), st.sampled_from(['4/4', '6/8', '255/64']), keys, names, changes
scores = st.builds(on_grid, grids, tracks, *heads)
simple = st.builds(on_grid, st.just(24), tracks, *heads)

# There and back

@QUICK
@given(scores, st.sampled_from([1, 4, 100_000]))
def test_text_keeps_every_score_on_its_grid(made, longest_rest):
    grid, score = made
    assert from_text(to_text(score, grid=grid, longest_rest=longest_rest)) == score
    assert not text_loss(score, grid=grid)
    assert salvage(to_text(score, grid=grid)) == score

@pytest.mark.parametrize('name', ['folk', 'chorales', 'madrigals'])
def test_loss_is_forecast_for_every_piece(name):
    for score in load_corpus(name)[::6]: assert (from_text(to_text(score)) == score) == (not text_loss(score))

def to_nearest(note, others):
    "Beats from a note to the nearest one of the same pitch."
    same = [other for other in others if other.pitch == note.pitch]
    return min(max(abs(note.start - other.start), abs(note.end - other.end)) for other in same)

@QUICK
@given(scores, st.integers(1, 30), st.lists(st.integers(1, 127), min_size=1))
def test_loss_agrees_with_the_round_trip(made, grid, loudness):
    score = made[1]
    loud = iter(loudness*60)
    score = score.map_notes(lambda n: n._replace(velocity=next(loud)))
    loss, back = text_loss(score, grid=grid), from_text(to_text(score, grid=grid))
    assert loss or back == score
    assert len(back.notes) == loss.notes - loss.merged
    assert bool(loss.levelled) == any(n.velocity != 80 for n in score.notes)
    for track, other in zip(score.tracks, back.tracks):
        assert all(to_nearest(note, other.notes) <= loss.furthest + 1e-5 for note in track.notes)
    assert not text_loss(back, grid=grid)

@pytest.mark.parametrize('ticks', [96, 100, 384, 480, 1000])
def test_files_of_people_are_forecast_too(ticks):
    dice = random.Random(ticks)
    def thrown():
        start, length = dice.randrange(9*ticks)/ticks, dice.randint(1, 3*ticks)/ticks
        return Note(dice.randint(30, 90), start, length, dice.randint(1, 127))
    notes = [thrown() for _ in range(60)]
    score = read_midi(write_midi(Score([Track(notes)], changes=[Change(4, 'bpm', 90)]), ticks_per_beat=ticks))
    loss, back = text_loss(score), from_text(to_text(score))
    assert not loss.changes and back.changes == score.changes
    assert loss.moved and len(back.notes) == loss.notes - loss.merged
    assert loss.furthest <= 1/16 and not text_loss(back)
    assert read_midi(write_midi(back)).tracks == back.tracks or loss.merged # and on to MIDI again

def test_changes_off_the_grid_are_counted():
    changes = [(1.01, 'bpm', 90), (1.02, 'bpm', 80), (2, 'meter', '3/4'), (.001, 'key', 'D major')]
    score = Score([Track([Note(60, 0, 1)])], changes=changes)
    back = from_text(to_text(score))
    assert text_loss(score).changes == 3 and 'changes of tempo, meter or key moved' in str(text_loss(score))
    moved = [(change.start, change.value) for change in back.changes]
    assert moved == [(1/24, 'D major'), (1, 80), (2, (3, 4))]

NO_CHANGES = ['32 bpm', 'x bpm 90', '3 bpm 3', '3 tempo 90', '0 bpm 90', '1/0 bpm 90', '-1 bpm 90',
              '3 meter 4', '3 key H', '3 bpm nan', '']

@pytest.mark.parametrize('change', NO_CHANGES)
def test_what_is_no_change_is_refused_in_place(change):
    text = f'{{"bpm": 60,\n "changes": ["2 bpm 90", "{change}"]}}'
    with pytest.raises(TextError, match='expected a change such as') as error: from_text(text)
    assert (error.value.line, error.value.column) == (2, 26)

def test_notes_that_fall_together_are_counted():
    close = [Note(60, 0, 1), Note(60, 0, 1, 90), Note(60, .01, 1), Note(60, 0, 2), Note(62, 0, 1)]
    score = Score([Track(close), Track([Note(60, 0, 1)])])
    assert text_loss(score).merged == 2 and len(from_text(to_text(score)).notes) == 4
    assert '2 merged with another' in str(text_loss(score))

def test_a_note_too_short_for_the_grid_is_heard():
    score = Score([Track([Note(60, 1, .001)])])
    assert from_text(to_text(score)) == Score([Track([Note(60, 1, 1/24)])])
    assert text_loss(score).furthest == pytest.approx(1/24 - .001)

@pytest.mark.parametrize('rest', [.25, 4, 100_000])
def test_every_track_lasts_as_long_as_the_score_and_no_rest_too_long(rest):
    for score in load_corpus('madrigals')[:8]:
        lines = re.findall(r'(?<=": )\[(.*?)\]', to_text(score, longest_rest=rest).split('"instruments"')[1])
        assert len(lines) == len(score.tracks)
        for line in lines:
            words = [*map(read_word, line.split())]
            assert float(sum(beats for _, beats in words)) == score.end
            assert all(pitches or beats <= rest for pitches, beats in words)

# Words

NATURALS = dict(C=0, D=2, E=4, F=5, G=7, A=9, B=11)
SIGNS = {'': 0, '#': 1, '##': 2, '-': -1, '--': -2, 'b': -1, 'bb': -2}

@pytest.mark.parametrize('sign', SIGNS)
def test_every_pitch_in_every_spelling(sign):
    for letter, octave in product(NATURALS, range(-1, 10)):
        word = f'{letter}{sign}{octave if octave >= 0 else "(-1)"}_q'
        pitch = NATURALS[letter] + SIGNS[sign] + 12*(octave + 1)
        if 0 <= pitch <= 127: assert read_word(word) == ((pitch,), 1)
        else:
            with pytest.raises(MelodyError, match='no note'): read_word(word)

@QUICK
@given(st.integers(1, 10**6), st.sampled_from([1, 7, 24, 480, 960, GRID]))
def test_every_length_reads_as_it_was_written(steps, grid):
    beats = Fraction(steps, grid)
    assert read_word(f'Rest_{length_name(beats)}') == ((), beats)
    assert WORD.fullmatch(f'C4_{length_name(beats)}')

NO_WORDS = ['C4_quick', 'C4_q4', 'Rest_s/2', 'C4_1/0', 'C4_0', 'C4_0.0', 'C4_-1', 'C4_1e3', 'C4_٤',
            'c4_q', 'C4 _q', 'C4_q ', 'Rest.C4_q', 'C4._q', 'C10_q', '_q', '']

@pytest.mark.parametrize('text', NO_WORDS)
def test_what_is_no_word_is_refused(text):
    with pytest.raises(MelodyError): read_word(text)

def test_letters_are_not_cut_out_of_longer_words():
    assert WORD.findall('C4_quick C4_q4 Rest_s/2 C4_hold.') == []
    assert from_text('{"P": [B3.B3.Cb4_q]}').notes == (Note(59, 0, 1),)
    assert [read_word(f'C4_{letter}')[1] for letter in LENGTHS] == list(LENGTHS.values())

# What is not the form

TUNE = Track([Note(60, 0, 1), Note(64, 0, 2/3), Note(63, 1.5, 1)], 5, 'a"b\n')
KIT = Track([Note(38, 0, .5)], 0, 'kit', True)
VALID = to_text(Score([TUNE, KIT], 92.5, '6/8', 'Bb dorian', '🎻'))
PIECES = [*'{}[]":,\\\n ./#-0٤\0', '\r\n', 'Rest_', 'C4', '_q', '9'*30, '1/3', '"title"', '"instruments": [',
          '"bpm": 1e999', '\ud800']

def test_letters_of_all_languages_stay_letters(): assert '🎻' in VALID and 'a\\"b\\n' in VALID

new = st.sampled_from(PIECES) | st.text(max_size=3)
edits = st.lists(st.tuples(st.integers(0, len(VALID)), st.integers(0, 6), new), max_size=6)

def edited(changes):
    text = VALID
    for place, gone, new in changes: text = text[:place] + new + text[place + gone:]
    return text

@settings(max_examples=400, deadline=None)
@given(edits)
@example([])
def test_a_damaged_text_is_read_or_refused_in_a_sentence(changes):
    text = edited(changes)
    try: score = from_text(text)
    except MelodyError as error:
        assert '\n' not in str(error)
        if isinstance(error, TextError):
            lines = text.replace('\r\n', '\n').replace('\r', '\n').split('\n')
            assert 1 <= error.line <= len(lines)
            assert 1 <= error.column <= len(lines[error.line - 1]) + 1
    else: assert isinstance(to_text(score), str)
    assert isinstance(salvage(text), Score)

@QUICK
@given(st.text(st.sampled_from('{}[]":,\\ \nRestC4_q.#-/19'), max_size=200))
def test_nonsense_is_refused_and_salvaged(text):
    try: from_text(text)
    except MelodyError: pass
    assert isinstance(salvage(text), Score)

@pytest.mark.parametrize('name', ['folk', 'chorales', 'madrigals'])
def test_a_torn_text_loses_nothing_but_what_was_torn_off(name):
    for score in load_corpus(name)[:10]:
        text = to_text(score)
        assert salvage(text[:-1]) == salvage('It goes: ' + text.replace(']', ']]')) == from_text(text)
    two = Track([Note(60, 0, 4), Note(62, 1, 1)], name='a')
    two_lines = Score([two, Track([Note(64, 0, 1)], name='b')], title='C4_q')
    assert salvage(to_text(two_lines)[:-2]) == two_lines

ANYTHING = [None, b'C4_q', 5, [], 'C4_q', '\ud800', '[C4_1000000 C4_1000000', '"'*999, '[C4_q'*999]

@pytest.mark.parametrize('anything', ANYTHING)
def test_salvage_takes_anything(anything): assert isinstance(salvage(anything), Score)

def test_the_place_of_an_error_is_where_an_editor_shows_it():
    for ending in ('\n', '\r\n', '\r'):
        text = ending.join(['{"é🎻": [C4_q', '', '   D4_q E5q]}'])
        with pytest.raises(TextError) as caught: from_text(text)
        assert (caught.value.line, caught.value.column) == (3, 9)
    words = 'line 2, column 3: expected .*found the end of the text'
    with pytest.raises(TextError, match=words): from_text('{"P":\n [ \n\n')

def test_a_field_stands_before_the_tracks_once():
    with pytest.raises(TextError, match=r"column 22: expected '\['"): from_text('{"P": [C4_q], "bpm": 90}')
    with pytest.raises(TextError, match=r"expected '\['"): from_text('{"bpm": 90, "bpm": 80}')
    tracks = from_text('{"key": [C4_q], "bpm": [], "instruments": []}').tracks
    assert [track.name for track in tracks] == ['key', 'bpm', 'instruments']

# Time and size: a reader that went back and forth would need minutes for these

SAME = {'braces': '{', 'brackets': '[', 'quotes': '"', 'backslashes': '\\', 'blanks': ' ', 'lines': '\r\n',
        'tracks': '"a":[],', 'names': '"a":', 'escaped quotes': '\\"', 'chord without end': 'C4.',
        'notes': 'C4_q ', 'fractions': 'C4_1/9', 'digits': '9', 'signs': 'C#', 'letters': 'Re', 'commas': ','}
STRINGS = 'quotes', 'backslashes', 'escaped quotes', 'notes'
BEGINNINGS = [*product(['{"P": ['], SAME), *product(['{"P": "'], STRINGS)]

@pytest.mark.timeout(20)
@pytest.mark.parametrize('begin,name', BEGINNINGS)
def test_one_thing_again_and_again_is_refused_soon(begin, name):
    text = begin + SAME[name]*(100_000//len(SAME[name]))
    with pytest.raises(MelodyError): from_text(text)
    assert isinstance(salvage(text), Score)

@pytest.mark.timeout(20)
@pytest.mark.parametrize('part,found', {'C4.': 0, 'C#': 0, 'Rest_': 0, 'C4.C4_1/': 1}.items())
def test_words_are_found_in_time_that_grows_as_the_text_does(part, found):
    assert len(WORD.findall(part*20_000)) == found*20_000

def test_a_text_may_be_as_long_as_the_caller_allows():
    text = to_text(load_corpus('folk')[0])
    assert from_text(text, max_characters=len(text)) == from_text(text)
    with pytest.raises(MelodyError, match=f'the limit is {len(text) - 1:,}: cut the score'):
        from_text(text, max_characters=len(text) - 1)

def test_lengths_without_a_common_step_are_added_on_the_finest_grid():
    "These three have a common step of some 10**17 to a beat; the finest grid has 10**12."
    parts = 900_001, 900_007, 900_019
    score = from_text('{"P": [' + ' '.join(f'C4_1/{part}' for part in parts) + ']}')
    exact = sum(Fraction(1, part) for part in parts)
    assert len(score.notes) == 3 and score.end == pytest.approx(float(exact), abs=1e-11)
    steps = score.end*10**12
    assert steps == pytest.approx(round(steps), abs=1e-4)

def test_many_voices_and_tracks_have_a_limit():
    crowd = Score([Track([Note(60, k/64, 100) for k in range(1001)])])
    with pytest.raises(MelodyError, match='1,000 notes at once'): to_text(crowd, grid=64)
    with pytest.raises(MelodyError, match='1,001 tracks'): to_text(Score([Track()]*1001))
    tracks = '"a": [],'*1001
    with pytest.raises(TextError, match='no more than 1,000 tracks'): from_text(f'{{{tracks}}}')

# Other people's files

def test_indented_json_with_quoted_notes():
    score = load_corpus('chorales')[5]
    def words(track): return to_text(Score([track])).split('": [')[-1].rstrip(']}').split()
    written = {track.name: words(track) for track in score.tracks}
    for indent in (None, 2):
        tracks = from_text(json.dumps(written, indent=indent)).tracks
        assert [track.notes for track in tracks] == [track.notes for track in score.tracks]

@pytest.mark.parametrize('name', ['folk', 'chorales', 'madrigals'])
def test_white_space_and_commas_are_free(name):
    for score in load_corpus(name)[:10]:
        text = to_text(score)
        head, music = text.split('"instruments"')
        for free in (', ', '\n', ' \t\r\n ,'):
            loose = re.sub(r'(?<=[a-z0-9]) (?=[A-R])(?=\S*_)', free, music)
            assert from_text(f'{head}"instruments"{loose}') == from_text(text)

# Chunks

@QUICK
@given(simple, st.integers(100, 800))
def test_chunks_fit_and_hold_every_note(made, most):
    score = made[1]
    try: parts = chunks(score, most)
    except MelodyError as error: assert 'with its header has size' in str(error)
    else:
        assert all(len(part) <= most for part in parts)
        assert sum(len(from_text(part).notes) for part in parts) == len(score.notes)

def test_chunks_of_all_madrigals_hold_all_voices():
    for score in load_corpus('madrigals')[::3]:
        parts = [from_text(part) for part in chunks(score, 2000)]
        assert sum(len(part.notes) for part in parts) == len(score.notes)
        bars = [0]
        for part in parts: bars.append(bars[-1] + len(part.bar_starts()))
        assert bars[-1] == len(score.bar_starts())
        for begin, end in zip(bars, bars[1:-1]): # not one more bar would fit
            assert len(to_text(score.bars(begin, end + 1))) > 2000
        assert {(len(part.tracks), part.title) for part in parts} == {(len(score.tracks), score.title)}
