"The Studio without a browser: pieces against the library's own functions, its widgets, and a kernel."
import base64
import json
import threading
import time
from collections import ChainMap
from dataclasses import replace
from html.parser import HTMLParser
from functools import partial
from itertools import chain
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from melodynb import studio as engine
from melodynb.compose import compose
from melodynb.compose import extend
from melodynb.duet import read_turns, replay
from melodynb.editing import from_link, to_link
from melodynb.display import pitch_name
from melodynb.score import MelodyError, Note, Score, Track, read_midi, write_midi
from melodynb.studio import KINDS, Studio, save, uploaded
from melodynb.recipe import Recipe, make, midi_opening, opening_score, tune_opening, writers

HOSTILE = '<script>alert(1)</script>"><img src=x onerror=alert(2)>'
REMI = 'remi-folk', 'remi-chorales', 'remi-piano'


def score_of(notes=4, title=''):
    return Score((Track(tuple(Note(60 + 2*k, k, 1) for k in range(notes)), name=title),), title=title)


class Tags(HTMLParser):
    "The elements that a browser would make of a page."
    def __init__(self, page):
        super().__init__()
        self.found = []
        self.feed(page)

    def handle_starttag(self, tag, attributes): self.found.append((tag, dict(attributes)))


def stung(page):
    tags = Tags(page).found
    return [tag for tag, attributes in tags if 'onerror' in attributes or attributes.get('src') == 'x']


def chosen(odds):
    "The one that came."
    return next(one for one in odds if one.chosen)


def page_of(output): return output.outputs[0]['data']['text/html']


# The engine

@pytest.mark.parametrize('model', REMI)
def test_it_writes_what_compose_and_extend_write(model):
    wishes = dict(bars=4, seed=5, temperature=1.1, top_p=.8)
    result = make(Recipe(model=model, meter='3/4', **wishes))
    assert result.score == compose(model, meter='3/4', **wishes)
    longer = make(Recipe(model=model, opening=midi_opening(result.score), **wishes))
    assert longer.score == extend(result.score, model=model, **wishes)
    assert set(longer.score.notes) >= set(result.score.notes)


RECIPES = [
    Recipe(bars=3),
    Recipe(model='char-gpt', opening='notes:C E G', bars=3, top_k=4),
    Recipe(grammar=False, bars=2, seed=3),
    Recipe(model='remi-chorales', opening='tune:chorales/3/2', bars=2),
    Recipe(model='remi-piano', bars=2, key='E minor', top_p=None)]


@pytest.mark.parametrize('recipe', RECIPES, ids=str)
def test_a_recipe_is_enough(recipe):
    first, again = make(recipe), make(Recipe.from_json(recipe.to_json()))
    assert first.score == again.score and first.ids == again.ids and first.recipe == again.recipe == recipe
    for note in range(0, len(first.score.notes), 5):
        if first.places.get(note, -1) < max(1, first.pen.given): continue
        odds = first.odds(note, 10_000)
        assert sum(one.share for one in odds) == pytest.approx(1, abs=1e-4)
        assert [one.share > 0 for one in odds if one.chosen] == [True]
        assert sum(first.attention(note, 1, 1).values()) == pytest.approx(1, abs=1e-4)


@pytest.mark.parametrize('model', writers())
def test_every_note_that_was_written_has_its_token(model):
    result = make(Recipe(model=model, opening=tune_opening('folk', 1000, 2), bars=3, seed=2))
    written = [place for place, token in result.places.items() if token >= result.pen.given]
    assert len(written) == len(result.written.notes) > 0
    names = {place: chosen(result.odds(place)).label for place in written}
    for place, name in names.items():
        assert pitch_name(result.score.notes[place].pitch).startswith(name[0]) or len(name) > 1


def test_long_pieces_can_be_asked_too():
    "The window has moved on when the last notes are chosen; what was chosen must have been possible in it."
    result = make(Recipe(model='remi-piano', bars=40, seed=1, top_k=3, top_p=None))
    assert len(result.ids) > 2*result.pen.model.context
    for note in list(result.places)[::37]: assert chosen(result.odds(note)).share > 0


@pytest.mark.parametrize('after', [1, 4])
def test_a_piece_that_was_stopped_comes_back(after):
    heard = []
    def listen(score, share):
        heard.append(score)
        return len(heard) == after*20
    result = make(Recipe(bars=30, seed=4), listen, every=0)
    assert result.recipe.tokens == after*20 and result.score == heard[-1] == make(result.recipe).score
    assert all(len(a.notes) <= len(b.notes) for a, b in zip(heard, heard[1:]))


def test_stop_while_endings_are_tried():
    "The ending that was there stays; some pieces need no other, and are not stopped."
    stopped = []
    for seed in range(12):
        result = make(Recipe(bars=3, seed=seed), lambda score, share: share == 1, every=0)
        assert make(result.recipe).score == result.score
        if result.recipe.revisions == 0: stopped.append(result)
    assert stopped
    for result in stopped:
        assert result.recipe.tokens is None
        assert result.score == compose(bars=3, seed=result.recipe.seed, revisions=0)


def test_odds_name_the_notes_that_are_heard():
    "Also where a piece was moved into its key after it was written."
    moved = set()
    for seed in range(12):
        result = make(Recipe(bars=3, seed=seed))
        moved.add(result.pen.moved)
        assert set(result.places) == set(range(len(result.score.notes)))
        for place in list(result.places)[::6]:
            assert pitch_name(result.score.notes[place].pitch) == chosen(result.odds(place)).label
    assert len(moved) > 1


values = dict(
    bars=st.integers(1, 256), seed=st.integers(0, 2**53), temperature=st.floats(.01, 100),
    top_k=st.none() | st.integers(1, 500), top_p=st.none() | st.floats(.01, 1), grammar=st.booleans(),
    revisions=st.integers(0, 64), tokens=st.none() | st.integers(1, 10**6),
    key=st.none() | st.sampled_from(['D major', 'F# minor', 'Eb dorian']),
    meter=st.none() | st.sampled_from(['6/8', '4/4']))
beginnings = st.sampled_from(['tune:', 'notes:', 'midi:'])
openings = st.text(max_size=60) | st.builds(str.__add__, beginnings, st.text(max_size=40))
anything = st.none() | st.integers() | st.text(max_size=9) | st.lists(st.integers(), max_size=2)
wishes = st.dictionaries(st.sampled_from([*values, 'model', 'other']), anything)


@settings(max_examples=50, deadline=None)
@given(st.fixed_dictionaries({}, optional=values))
def test_recipes_survive_json(wishes):
    recipe = Recipe(**wishes)
    assert Recipe.from_json(recipe.to_json()) == recipe and '\n' not in recipe.sentence()


@settings(max_examples=100, deadline=None)
@given(openings)
def test_any_opening_is_music_or_a_sentence(text):
    try: assert opening_score(text) is None or opening_score(text).notes
    except MelodyError as error: assert len(str(error)) > 20


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=60) | wishes.map(json.dumps))
def test_any_text_is_a_recipe_or_a_sentence(text):
    try: assert isinstance(Recipe.from_json(text), Recipe)
    except MelodyError as error: assert str(error)


def test_files_never_replace_another(tmp_path):
    result = make(Recipe(bars=2))
    paths = [save(result, tmp_path) for _ in range(4)]
    assert len(set(paths)) == 4 and {read_midi(path) for path in paths} == {result.score}
    for kind, (ending, _) in KINDS.items():
        if kind in ('PNG', 'PDF'): continue # they need a program: see test_pictures
        assert save(result, tmp_path/'deep'/'er', kind).suffix == ending
    odd = replace(result, recipe=replace(result.recipe, seed=7), score=replace(result.score, title=HOSTILE))
    assert save(odd, tmp_path, 'SVG').parent == tmp_path


# The widgets

@pytest.fixture
def studio(tmp_path): return Studio(folder=tmp_path)


def test_a_session(studio, tmp_path):
    for press in 'Generate', 'Again', 'Continue':
        studio.buttons[press].click()
        assert studio.wait() and not studio.error.value
    first, second, third = studio.results
    assert [first.recipe.seed, second.recipe.seed] == [0, 1]
    assert set(third.score.notes) > set(second.score.notes)
    assert third.recipe.to_json() in studio.history.text.value and 'Made by: ' in page_of(studio.sound)
    studio.buttons['Save'].click()
    assert [path.name for path in tmp_path.iterdir()] == ['remi-folk-seed-1-then-remi-folk-seed-1.mid']
    assert 'remi-folk-seed-1-then-remi-folk-seed-1.mid' in studio.status.value
    studio.history.list.value = 0
    studio.history.put()
    assert studio.wishes.recipe() == first.recipe
    studio.history.remake()
    assert studio.wait().score == first.score and len(studio.results) == 4


def test_stop_ends_the_thread_at_once(studio):
    studio.wishes.model.value, studio.wishes.bars.value = 'remi-chorales', 64
    studio.generate()
    while not studio.live.value and studio.thread.is_alive(): time.sleep(.01)
    assert not studio.buttons['Stop'].disabled and studio.buttons['Generate'].disabled
    studio.buttons['Stop'].click()
    result = studio.wait(30)
    assert not studio.thread.is_alive() and result.recipe.tokens and len(result.score.bar_starts()) < 64
    assert 'stopped by you' in studio.status.value and studio.buttons['Stop'].disabled
    assert make(result.recipe).score == result.score


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.fixed_dictionaries({}, optional={name: values[name] for name in sorted({*values} - {'tokens'})}))
def test_the_controls_can_be_set_to_any_recipe(studio, wishes):
    recipe = Recipe(**wishes)
    if not recipe.grammar: recipe = replace(recipe, key=None, meter=None) # nothing would enforce them
    studio.wishes.put(recipe)
    rounded = dict(temperature=round(recipe.temperature, 4), top_p=recipe.top_p and round(recipe.top_p, 4))
    found = studio.wishes.recipe()
    if rounded['top_p'] == 1 and found.top_p is None: rounded['top_p'] = None # neither forbids anything
    assert found == replace(recipe, **rounded)


OPENINGS = 'tune:chorales/340/20', 'tune:folk/0/1', 'tune:madrigals/3/2', 'notes:C c5 R', ''


@pytest.mark.parametrize('opening', OPENINGS)
def test_the_controls_can_be_set_to_any_opening(studio, opening):
    studio.openings.put(opening)
    assert studio.openings.text() == opening


def test_a_model_that_cannot_write_is_not_put_on_the_controls(studio):
    before = studio.wishes.recipe()
    studio.history.text.value = Recipe(model='bart-folk', seed=9).to_json()
    studio.history.put()
    assert 'fills holes' in studio.error.value and studio.wishes.recipe() == before


def test_what_a_model_does_not_know_is_left_open(studio):
    studio.wishes.key.value, studio.wishes.meter.value = 'D major', '6/8'
    studio.wishes.model.value = 'char-gpt'
    assert studio.wishes.key.disabled and studio.wishes.recipe().key is None
    studio.wishes.model.value = 'remi-folk'
    studio.openings.kind.value = 'tune'
    assert studio.wishes.meter.disabled and studio.wishes.recipe().opening == 'tune:folk/0/4'
    studio.openings.kind.value, studio.wishes.grammar.value = '', False
    assert studio.wishes.key.disabled


@pytest.mark.parametrize('value', [{}, ()])
def test_no_upload(value): assert uploaded(value) is None


def upload(studio, version, name, data):
    "As if someone had chosen a file, in the way of ipywidgets 7 or 8."
    seven = {name: {'metadata': {'name': name}, 'content': data}}
    eight = {'name': name, 'content': memoryview(data)},
    studio.openings.kind.value = 'midi'
    studio.openings.midi.upload = SimpleNamespace(value=seven if version == 7 else eight)
    studio.openings.midi.read_file()


@pytest.mark.parametrize('version', [7, 8])
def test_hostile_titles_are_text(studio, version):
    upload(studio, version, f'{HOSTILE}.mid', write_midi(score_of(title=HOSTILE)))
    studio.openings.preview.hear()
    studio.generate()
    studio.wait()
    studio.drawers.value = 'closer'
    studio.again()
    studio.wait()
    studio.versus.blind.value = False
    studio.versus.compare()
    studio.versus.vote(1)
    outputs = studio.sound, studio.openings.preview.heard, studio.versus.sound
    texts = studio.openings.midi.file, studio.status, studio.versus.told, studio.closer.odds
    pages = [*map(page_of, outputs), *(box.value for box in texts)]
    assert HOSTILE in studio.result.score.title and not [page[:80] for page in pages if stung(page)]
    assert any('&lt;img' in page for page in pages)


CHORDS = Score((Track((Note(60, 0, 2), Note(64, 0, 2), Note(67, 0, 2), Note(62, 2, 1))),), key='C major')
FOUR = Score(tuple(Track(tuple(Note(48 + 7*part, beat, 1) for beat in range(4))) for part in range(4)))
DRUMS = Score((Track((Note(36, 0, 1),), drums=True),))
LOOSE = Score((Track((Note(60, 0, 1), Note(62, 1.03, .9), Note(64, 2, 1))),))


@pytest.mark.parametrize('score, model, said', [
    (CHORDS, 'remi-piano', 'Up to 3 of its notes sound together'), (FOUR, 'remi-chorales', '4 parts of one line each'),
    (score_of(), 'remi-folk', 'It is one line'), (DRUMS, '', 'drums only'),
    (LOOSE, 'remi-folk', '1 of 3 notes begin between the steps')])
def test_a_file_is_told_to_people(studio, score, model, said):
    upload(studio, 8, 'mine.mid', write_midi(score))
    told = studio.openings.midi.file.value
    assert said in told and f'mine.mid: {len(score.notes)} note' in told and 'Score(' not in told
    studio.openings.midi.fitting.click()
    assert studio.wishes.model.value == (model or 'remi-folk')


def test_abc_is_told_too(studio):
    upload(studio, 7, 'tune.abc', b'X:1\nT:A tune\nM:6/8\nL:1/8\nK:D\nA|d2d ded|c2B ABc|\n')
    assert '11 notes in 1 part, 3 bars of 6/8 in D major' in studio.openings.midi.file.value


DAMAGED = dict(empty=b'', sound=b'RIFF', header=b'MThd\0\0\0\6\0\0\0\1',
               lying=b'MThd\0\0\0\6\0\1\0\1\1\xe0MTrk\0\0\0\x40')


@pytest.mark.parametrize('version', [7, 8])
@pytest.mark.parametrize('data', DAMAGED.values(), ids=DAMAGED)
def test_damaged_files_are_sentences(studio, version, data):
    upload(studio, version, '<b>bad</b>.mid', data)
    said = studio.error.value
    assert 'role=alert' in said and '&lt;b&gt;bad' in said and '<b>' not in said
    studio.generate()
    assert 'upload one' in studio.error.value and studio.thread is None


def test_a_damaged_file_takes_the_advice_on_the_last_one_away(studio):
    panel = studio.openings.midi
    upload(studio, 8, 'mine.mid', write_midi(FOUR))
    assert panel.fitting.layout.display != 'none' and panel.suited == 'remi-chorales'
    upload(studio, 8, 'bad.mid', b'RIFF')
    assert panel.fitting.layout.display == 'none' and not panel.suited and not panel.file.value


def test_whatever_breaks_is_a_sentence(studio, monkeypatch):
    monkeypatch.setattr(engine, 'make', lambda *_: 1/0)
    studio.generate()
    studio.wait()
    assert 'role=alert' in studio.error.value and 'ZeroDivisionError' in studio.error.value
    assert not studio.buttons['Generate'].disabled


def test_a_piece_that_is_done_at_once_leaves_it_ready(studio, monkeypatch):
    class AtOnce(threading.Thread):
        def start(self):
            super().start()
            self.join()
    monkeypatch.setattr(engine.threading, 'Thread', AtOnce)
    studio.start(Recipe(seed=1, bars=1))
    assert 'Writing' not in studio.status.value
    assert studio.buttons['Stop'].disabled and not studio.buttons['Generate'].disabled


@pytest.fixture
def made(studio):
    "A Studio with a piece of eight bars."
    studio.start(Recipe(seed=5, bars=8))
    studio.wait()
    return studio


def test_bars_are_written_again_and_one_proposal_is_taken(made):
    made.drawers.value = 'rewriting'
    made.rewriting.choice.span.value = 3, 4
    assert 'Bars 3 to 4 are chosen' in made.rewriting.choice.picture.value and made.rewriting.choice.gap() == (2, 4)
    made.rewriting.write()
    first = made.wait()
    assert len(made.rewriting.proposals) == 3 and 'choose one' in made.status.value and not made.error.value
    assert page_of(made.rewriting.sound).count('data-player') > 2
    made.rewriting.takes[1].click()
    lines = first.score.bar_lines()
    kept = [n for i, n in enumerate(made.result.score.notes) if i not in made.result.new]
    assert kept == [n for n in first.score.notes if not lines[2] <= n.start < lines[4]]
    assert len(made.results) == 2 and made.result.before is first and not made.rewriting.proposals
    assert make(made.result.recipe).score == made.result.score


def test_clicks_on_notes_choose_bars(made):
    made.drawers.value = 'rewriting'
    lines, notes = made.result.score.bar_lines(), made.result.score.notes
    def click(bar): made.picked.value = f'{next(i for i, n in enumerate(notes) if n.start >= lines[bar])} {bar}'
    click(5)
    assert made.rewriting.choice.span.value == (6, 6)
    click(2)
    assert made.rewriting.choice.span.value == (3, 6)
    click(7)
    assert made.rewriting.choice.span.value == (8, 8)
    for odd in 'x', '', '99999 1', '-1 2': made.picked.value = odd
    assert made.rewriting.choice.span.value == (8, 8)


def test_notes_are_changed_undone_and_made_again(made):
    made.drawers.value = 'editing'
    before, first = made.result.score, made.result.score.notes[4]
    made.editing.note.value = 5
    for press in 'Higher', 'Longer': made.editing.buttons[press].click()
    changed = made.result.score
    assert first not in changed.notes and made.editing.chosen().pitch == first.pitch + 1
    assert len(made.results) == 2 and '2 edits by hand' in made.status.value
    for press in 'Undo', 'Undo': made.editing.buttons[press].click()
    assert made.result.score == before and made.editing.buttons['Undo'].disabled
    for press in 'Redo', 'Redo': made.editing.buttons[press].click()
    assert made.result.score == changed and made.editing.buttons['Redo'].disabled
    made.history.list.value = 1
    made.history.remake()
    assert made.wait().score == changed and not made.error.value
    made.go_on()
    assert made.wait().score.notes[:len(changed.notes)] == changed.notes and 'edited, then' in made.result.title


def test_an_edit_that_cannot_be_is_a_sentence_and_nothing_is_lost(made):
    made.drawers.value = 'editing'
    made.editing.step.value, made.editing.note.value = 1., 1
    before = made.result.score
    for press in 'Earlier', 'Earlier', 'Shorter', 'Shorter', 'Shorter', 'Shorter':
        if not made.error.value: made.editing.buttons[press].click()
    assert 'role=alert' in made.error.value and made.results[0].score == before
    count = len(made.result.score.notes)
    for _ in range(count): made.editing.buttons['Delete'].click()
    assert len(made.result.score.notes) == 1 and 'at least one' in made.error.value


def test_look_closer_opens_before_a_continue_and_after_edits(made):
    made.go_on()
    made.wait()
    made.drawers.value = 'closer'
    for note in 1, 20, len(made.result.score.notes):
        made.closer.question.note.value = note
        assert '◀ chosen' in made.closer.odds.value and 'looked most at' in made.closer.looked.value


def test_again_uses_what_was_moved_since(made):
    made.start(Recipe(seed=9, bars=3, meter='6/8'))
    made.wait()
    made.again()
    assert made.wait().recipe == replace(made.results[1].recipe, seed=10)
    made.wishes.temperature.value, made.wishes.bars.value = 1.2, 5
    made.again()
    assert made.wait().recipe == replace(made.results[1].recipe, seed=11, temperature=1.2, bars=5)
    made.wishes.seed.value = 99
    made.again()
    assert made.wait().recipe.seed == 99


STROKES = [[62, 5, .5, 80], [66, 5.6, .3, 80], [69, 5.9, .3, 80], [74, 6.2, .6, 80]]


def play(studio, strokes=STROKES, done=True, turn=None):
    "As if the page had written what was played."
    turn = studio.duet.turn if turn is None else turn
    studio.duet.played.value = json.dumps(dict(turn=turn, done=done, strokes=strokes, count=time.time()))


@pytest.fixture
def called(studio):
    "A Studio that listens."
    studio.openings.kind.value = 'played'
    studio.duet.begin.click()
    return studio


def test_a_phrase_is_quantised_and_answered_in_turns_until_stop(called):
    duet = called.duet
    assert 'data-phase="listen"' in duet.sign.value and not called.buttons['Stop'].disabled
    play(called, STROKES[:2], done=False)
    assert 'You played 2 notes in 1 bar' in duet.told.value and '<img' in duet.picture.value and called.thread is None
    for turn in 1, 2:
        play(called)
        result = called.wait()
        assert len(result.turns) == turn and f'Turn {turn} is answered' in called.status.value and not called.error.value
        assert 'data-from="0.000"' not in duet.sign.value and 'data-phase="listen"' in duet.sign.value
    assert called.results == [result] and [n.pitch for n in result.score.notes[:4]] == [one[0] for one in STROKES]
    called.buttons['Stop'].click()
    assert 'turns are over' in called.status.value and 'data-phase="off"' in duet.sign.value and called.buttons['Stop'].disabled
    called.history.remake()
    assert called.wait().score == result.score and len(called.results) == 2
    called.history.put()
    assert called.wishes.seed.value == 1


def test_stop_while_it_answers_keeps_what_was_written(called):
    called.wishes.model.value = 'remi-chorales'
    play(called, [[60, beat, .9, 80] for beat in range(0, 64)])
    called.buttons['Stop'].click()
    result = called.wait()
    assert not called.duet.on and 'The duet has 1 turn' in called.status.value and called.results == [result]
    assert replay(read_turns(result.to_json())).score == result.score


@pytest.mark.parametrize('text', ['x', '3', '{}', '{"turn": 1, "strokes": 3}', '{"strokes": [[]], "turn": %d}', '[' * 70_000,
                                  '{"strokes": [[999, 0, 1]], "turn": %d}', '{"strokes": [], "turn": %d}'])
def test_what_the_page_never_writes_is_a_sentence(called, text):
    called.duet.played.value = text.replace('%d', str(called.duet.turn))
    assert 'role=alert' in called.error.value and called.thread is None and called.duet.on


def test_a_phrase_of_an_earlier_turn_is_not_taken_for_this_one(called):
    play(called, turn=called.duet.turn - 1)
    assert called.duet.call is None and called.thread is None
    called.duet.begin.click()
    assert 'No note was heard' in called.error.value


def test_what_cannot_be_answered_is_said_and_it_is_the_turn_of_the_person(called, monkeypatch):
    def refuse(*_, **__): raise MelodyError('no answer to <b>this</b>')
    monkeypatch.setattr(engine, 'answer', refuse)
    play(called)
    called.wait()
    assert '&lt;b&gt;' in called.error.value and 'data-phase="listen"' in called.duet.sign.value
    assert called.openings.text().startswith('midi:')


def test_a_phrase_can_open_any_piece(called):
    with pytest.raises(MelodyError, match='no phrase was played'): called.openings.text()
    play(called, done=False)
    called.generate()
    assert called.wait().recipe.opening.startswith('midi:') and not called.duet.on
    assert [n.pitch for n in called.result.score.notes[:4]] == [one[0] for one in STROKES]


def test_a_drawer_is_filled_before_it_is_seen(made):
    "Else its slider ends at 1 or 2 for a moment, and an arrow key that is pressed then has nowhere to go."
    seen = {}
    sliders = dict(closer=made.closer.question.note, rewriting=made.rewriting.choice.span, editing=made.editing.note)
    def look(name, change):
        if change['new'] == '': seen[name] = sliders[name].max
    for name in sliders: made.inside[name].box.layout.observe(partial(look, name), 'display')
    for name in sliders: made.drawers.value = name
    notes = len(made.result.score.notes)
    assert seen == dict(closer=notes, rewriting=8, editing=notes)


def test_bars_that_are_being_chosen_stay_chosen_when_a_piece_comes(made):
    made.drawers.value = 'rewriting'
    made.rewriting.choice.span.value = 3, 6
    moved = []
    made.rewriting.choice.span.observe(moved.append, 'value')
    made.start(Recipe(seed=6, bars=8))
    made.wait()
    assert not moved


def test_a_note_that_was_dragged_is_an_edit_that_can_be_undone(made):
    made.drawers.value = 'editing'
    notes = made.result.score.notes
    assert made.editing.picture.value.count('data-note') == len(notes) and 'data-step="0.5000"' in made.editing.picture.value
    made.editing.step.value = .25
    assert 'data-step="0.2500"' in made.editing.picture.value
    made.picked.value = 'drag 3 2 -1 0 1'
    made.picked.value = 'drag 5 1 0 1 2'
    assert [(one.what, one.note, one.beats, one.steps) for one in made.result.edits][0] == ('move', notes[3], .5, -1)
    assert made.result.edits[1].what == 'lengthen' and made.result.edits[1].beats == .25
    for _ in range(2): made.editing.undo()
    assert made.result.score.notes == notes


@pytest.mark.parametrize('told, said', [
    ('drag 0 -999 0 0 1', 'begins at beat 0'), ('drag 0 0 99 0 1', '127'), ('drag 0 -99 0 1 1', 'delete it instead'),
    ('drag 99999 1 1 0 1', ''), ('drag x', ''), ('drag 1 1 1 7 1', ''), ('\u0663 1', '')])
def test_a_drag_that_cannot_be_is_a_sentence_or_nothing(made, told, said):
    made.drawers.value = 'editing'
    made.picked.value = told
    assert said in made.error.value and bool(made.error.value) == bool(said) and made.results == [made.result]


def test_a_bell_is_answered(studio):
    studio.bell.value = '7'
    assert studio.bell.value == ''


def test_the_page_itself_holds_the_piece_as_a_file_and_as_a_link(made):
    page = page_of(made.sound)
    tags = Tags(page).found
    [link] = [attributes for tag, attributes in tags if 'download' in attributes]
    assert base64.b64decode(link['href'].partition(',')[2]) == write_midi(made.result.titled)
    [button] = [attributes for tag, attributes in tags if attributes.get('class') == 'melodynb-link']
    assert from_link(button['data-end']) == made.result.to_json()


def test_a_link_that_is_opened_makes_its_piece(studio):
    recipe = Recipe(seed=9, bars=2)
    studio.picked.value = f'link {to_link(recipe.to_json())}'
    assert studio.wait().recipe == recipe and studio.drawers.value == 'history'
    studio.history.text.value = f'https://example.org/lab/tree/a.ipynb{to_link(recipe.to_json())}'
    studio.history.remake()
    studio.wait()
    assert len(studio.results) == 2 and studio.results[0].score == studio.results[1].score


@pytest.mark.parametrize('text, said', [
    (to_link(Recipe().to_json())[:-6], 'copy all of it'), (to_link('x'), 'is no recipe'), (to_link('["turns"]'), 'is no recipe'),
    (to_link(Recipe(model='somebody/theirs').to_json()), 'if you trust it'), (to_link('{"turns": 1}'), 'from { to }')])
def test_a_link_to_nothing_of_ours_is_a_sentence(studio, text, said):
    studio.picked.value = f'link {text}'
    assert said in studio.error.value and studio.thread is None


def test_what_an_opening_fixes_is_shown_and_can_be_overruled(studio):
    wishes = studio.wishes
    assert wishes.overrule.layout.display == 'none' and wishes.key.options[0] == ('as it comes', '')
    upload(studio, 8, 'tune.abc', b'X:1\nT:A tune\nM:6/8\nL:1/8\nK:D\nA|d2d ded|c2B ABc|\n')
    assert wishes.key.options[0][0] == 'D major, as the opening' and wishes.meter.options[0][0] == '6/8, as the opening'
    assert wishes.key.disabled and wishes.meter.disabled and wishes.overrule.layout.display != 'none'
    wishes.overrule.value = True
    wishes.key.value, wishes.meter.value, wishes.bars.value = 'B minor', '3/4', 2
    studio.generate()
    result = studio.wait()
    assert (result.recipe.key, result.recipe.meter) == ('B minor', '3/4') and not studio.error.value
    assert result.score.at('meter', result.score.end) == (3, 4)
    wishes.overrule.value = False
    assert wishes.key.disabled and studio.wishes.recipe().key is None
    wishes.put(result.recipe)
    assert wishes.overrule.value and wishes.recipe() == result.recipe
    studio.openings.kind.value = ''
    assert wishes.key.options[0] == ('as it comes', '') and not wishes.key.disabled


def test_history_can_be_read_before_anything_was_made(studio):
    assert [name for _, name in studio.drawers.options] == ['', 'history']
    studio.drawers.value = 'history'
    studio.start(Recipe(bars=1))
    studio.wait()
    assert len(studio.drawers.options) == 6 and studio.drawers.value == 'history'


@pytest.mark.parametrize('kind', ['MIDI', 'MusicXML', 'ABC', 'WAV', 'recipe'])
def test_a_file_for_the_browser_holds_what_a_file_in_a_folder_does(made, kind, tmp_path):
    made.kind.value = kind
    made.download()
    [link] = [attributes for tag, attributes in Tags(made.link.value).found if tag == 'a']
    data = base64.b64decode(link['href'].partition(',')[2])
    path = save(made.result, tmp_path/'same', kind)
    assert path.name == link['download'] and path.read_bytes() == data


@pytest.mark.parametrize('act', ['again', 'go_on', 'keep', 'download'])
def test_nothing_to_work_on_is_a_sentence(studio, act):
    getattr(studio, act)()
    assert 'press Generate first' in studio.error.value


def test_a_blind_pair_tells_no_names_before_the_vote(studio):
    for seed in 3, 4:
        studio.start(Recipe(seed=seed, bars=2))
        studio.wait()
    orders = set()
    for _ in range(12):
        studio.versus.compare()
        page = page_of(studio.versus.sound)
        orders.add(tuple(studio.versus.pair))
        assert 'seed' not in Tags(page).found[0][1].get('aria-label', '') and 'remi-folk' not in page
        assert 'data-player' not in page_of(studio.sound)
        studio.versus.vote(None)
        assert 'A was' in studio.versus.told.value and 'data-player' in page_of(studio.sound)
    assert orders == {(0, 1), (1, 0)} and '0 of 12' in studio.versus.told.value


def test_threads_are_told_when_the_session_ends(studio):
    "A piece that nobody waits for any more is not written to its end."
    assert studio.watch(Recipe(), score_of(), .5) is False
    studio.halt.set()
    assert studio.watch(Recipe(), score_of(), .5) is True and threading.main_thread().is_alive()


def test_without_a_kernel_there_is_a_player(studio):
    shown = studio._repr_mimebundle_()
    assert shown['application/vnd.jupyter.widget-view+json']['model_id'] == studio.panel.model_id
    sources = [attributes['src'] for tag, attributes in Tags(shown['text/html']).found if tag == 'audio']
    assert any(source.startswith('data:') for source in sources)
    assert len(shown['text/html']) < 150_000


def data_of(cell):
    "All that a cell shows, by its kind."
    return dict(ChainMap(*(output.get('data', {}) for output in cell.outputs)))


def test_in_a_kernel():
    from nbclient import NotebookClient
    from nbformat.v4 import new_code_cell, new_notebook
    cells = ['from melodynb.studio import Studio\nstudio = Studio(seed=6)\nstudio',
             'studio.generate()\nstudio.wait().recipe.seed',
             'studio.error.value or studio.status.value']
    notebook = new_notebook(cells=[new_code_cell(source) for source in cells])
    where = {'metadata': {'path': str(Path(__file__).parent)}}
    NotebookClient(notebook, timeout=300, kernel_name='python3', resources=where).execute()
    outputs = list(chain.from_iterable(cell.outputs for cell in notebook.cells))
    assert not [output for output in outputs if output.output_type == 'error']
    shown, seed, said = map(data_of, notebook.cells)
    assert {'text/html', 'application/vnd.jupyter.widget-view+json'} <= set(shown)
    assert seed['text/plain'] == '6' and 'Piece 1' in said['text/plain']


def test_a_model_that_only_fills_holes_is_refused_in_a_sentence():
    with pytest.raises(MelodyError, match='fills holes and writes nothing by itself'):
        make(Recipe(model='bart-folk'))


def test_words_are_written_as_the_form_demands():
    result = make(Recipe(model='lora-folk', bars=4, seed=1, key='G major', meter='6/8'))
    assert result.score.key == 'G major' and result.score.meter == (6, 8) and 0 < result.score.end <= 12
    note = len(result.score.notes)//2
    layers, heads = result.heads
    assert (layers, heads) == (3, result.pen.model.network.config.num_attention_heads)
    assert sum(result.attention(note, layers - 1, 0).values()) == pytest.approx(1, abs=1e-4)
    assert sum(one.share for one in result.odds(note, 10_000)) == pytest.approx(1, abs=1e-4)
    assert make(result.recipe).score == result.score and 'copied' in result.verdict().lower()
    recipe = Recipe(model='lora-folk', bars=30, seed=2)
    stopped = make(recipe, lambda score, share: len(score.notes) > 5, every=0)
    assert stopped.recipe.tokens and make(stopped.recipe).score == stopped.score
