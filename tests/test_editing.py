"Bars written again and notes changed by hand: what is outside stays, every state comes again, what cannot be is a sentence."
import json
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given, settings, strategies as st

from melodynb.display import Player
from melodynb.editing import Edit, Edited, change, edit, follow, from_link, read_edits, rewrite, to_link
from melodynb.recipe import Recipe, make, midi_opening, packed
from melodynb.score import GRID, MelodyError, Note, Score, Track, read_midi

TUNE = make(Recipe(seed=5, bars=8))


@pytest.mark.parametrize('bars', [(0, 2), (2, 4), (6, 8), (3, 4)])
def test_what_is_outside_stays_note_for_note(bars):
    lines = TUNE.score.bar_lines()
    proposals = rewrite(TUNE, bars, most=2)
    stays = [n for n in TUNE.score.notes if not lines[bars[0]] <= n.start < lines[bars[1]]]
    for one in proposals:
        kept = [n for i, n in enumerate(one.score.notes) if i not in one.new]
        assert kept == stays and one.before is TUNE
        assert make(one.recipe).score == one.score
    assert len({TUNE.score.notes, *(one.score.notes for one in proposals)}) == len(proposals) + 1


@pytest.mark.parametrize('bars', [(7, 12), (-1, 2), (3, 3), ('a', 'b')])
def test_a_selection_outside_the_piece_is_a_sentence(bars):
    with pytest.raises(MelodyError, match='choose 0 <= first|give an opening'): rewrite(TUNE, bars)


def test_stopping_ends_the_proposals():
    assert len(rewrite(TUNE, (2, 4), listen=lambda score, share: True)) <= 1


def test_stop_is_heard_between_proposals_that_come_too_fast_to_ask(monkeypatch):
    monkeypatch.setattr('melodynb.editing.make', lambda recipe, listen: make(recipe))
    assert len(rewrite(TUNE, (2, 4), listen=lambda score, share: True)) == 1


RUBBISH = [(3, (2, 4), {}), (TUNE, None, {}), (TUNE, 3, {}), (TUNE, (2,), {}), (TUNE, (4, 2), {}), (TUNE, (2, 4), dict(seed='a')),
           (TUNE, (2, 4), dict(model='nobody'))]


@pytest.mark.parametrize('result, bars, wishes', RUBBISH)
def test_rubbish_is_no_wish_for_other_bars(result, bars, wishes):
    with pytest.raises(MelodyError): rewrite(result, bars, wishes)


def test_only_a_piece_is_edited():
    with pytest.raises(MelodyError, match='give what `make` gave'): edit(3)


whats = st.sampled_from(['move', 'lengthen', 'delete', 'add'])
wishes = st.lists(st.tuples(whats, st.integers(0, 10**6), st.integers(-8, 8), st.integers(-30, 30)), max_size=8)


@settings(max_examples=40, deadline=None)
@given(wishes)
def test_any_edits_are_music_that_is_made_again_or_a_sentence(wishes):
    result = TUNE
    for what, place, quarters, steps in wishes:
        note = result.score.notes[place % len(result.score.notes)]
        try: result = edit(result, Edit(what, note, quarters/4, steps))
        except MelodyError as error: assert len(str(error)) > 20
    if result is TUNE: return
    assert [Edit(what, Note(*note), *rest) for what, note, *rest in json.loads(json.dumps(result.edits))] == [*result.edits]
    recipe, edits = read_edits(result.to_json())
    assert recipe == TUNE.recipe and edit(TUNE, *edits).score == result.score
    back, steps = result, 0
    while back.edits: back, steps = back.undo(), steps + 1
    assert back.score == TUNE.score and back.new == TUNE.new and back.title == TUNE.title
    for _ in range(steps): back = back.redo()
    assert back.score == result.score
    touched = Counter(result.score.notes) - Counter(TUNE.score.notes)
    assert Counter(result.score.notes[i] for i in result.new) == Counter(result.score.notes) - touched


def test_an_edited_piece_is_made_again_from_its_text():
    first = TUNE.score.notes[0]
    changed = edit(TUNE, Edit('move', first, steps=2), Edit('add', Note(60, 3, 1)))
    assert follow(changed.to_json()).score == changed.score
    assert '2 edits by hand' in changed.sentence() and changed.title.endswith(', edited')
    assert packed(changed)[0] == 'remi-folk-seed-5-edited.mid'


@pytest.mark.parametrize('text', ['', '[]', '{"edits": 3, "recipe": {}}', '{"edits": [], "recipe": 3}',
                                  '{"edits": [["move", [60, 0]]], "recipe": {}}', '{"edits": ["x"], "recipe": {}}',
                                  '{"edits": [["move", [60, 0, 1], "far"]], "recipe": {}}',
                                  '{"edits": [[[], []]], "recipe": {}}',
                                  '{"edits": [["add", ["c", 0, 1]]], "recipe": {}}',
                                  '{"edits": [["add", [[60], 0, 1]]], "recipe": {}}',
                                  '{"edits": [["add", [true, 0, 1]]], "recipe": {}}'])
def test_any_text_is_a_piece_or_a_sentence(text):
    with pytest.raises(MelodyError): read_edits(text)


def test_no_text_holds_more_edits_than_a_hand_makes(monkeypatch):
    monkeypatch.setattr('melodynb.editing._MOST_EDITS', 1)
    note = TUNE.score.notes[0]
    one, two = edit(TUNE, Edit('delete', note)), edit(TUNE, Edit('delete', note), Edit('add', note))
    assert len(read_edits(one.to_json())[1]) == 1
    with pytest.raises(MelodyError, match='1 times at most'): read_edits(two.to_json())


IMPOSSIBLE = dict(pitch=Edit('move', TUNE.score.notes[0], steps=99), early=Edit('move', TUNE.score.notes[0], -99),
                  none=Edit('lengthen', TUNE.score.notes[0], -TUNE.score.notes[0].duration),
                  gone=Edit('delete', Note(1, 2, 3)), far=Edit('add', Note(60, 9999, 1)),
                  track=Edit('add', Note(60, 0, 1), track=7), odd=Edit('move', TUNE.score.notes[0], float('inf')))


@pytest.mark.parametrize('one', IMPOSSIBLE.values(), ids=IMPOSSIBLE)
def test_what_cannot_be_done_is_a_sentence_and_nothing_is_lost(one):
    before = TUNE.score
    with pytest.raises(MelodyError): edit(TUNE, one)
    assert TUNE.score is before


def test_the_last_note_stays():
    alone = Score((Track((Note(60, 0, 1),)),))
    with pytest.raises(MelodyError, match='at least one'): change(alone, Edit('delete', Note(60, 0, 1)))


def test_a_note_in_the_second_track_stays_in_it():
    two = Score((Track((Note(60, 0, 1),)), Track((Note(48, 0, 1), Note(50, 1, 1)))))
    moved = change(two, Edit('move', Note(50, 1, 1), 1/GRID))
    assert moved.tracks[0] == two.tracks[0] and moved.tracks[1].notes[1].start > 1


# The seam

def test_a_piece_of_one_hand_has_no_seam_and_one_of_two_has_a_legend():
    longer = make(Recipe(seed=2, bars=2, opening=midi_opening(TUNE.titled)))
    assert TUNE.seam is None and 'legend seam' not in TUNE.player.html
    given, page = len(TUNE.score.notes), longer.player.html
    assert longer.seam == {*range(given, len(longer.score.notes))}
    assert 'given' in page and 'written by the model' in page
    assert page.count("fill-opacity='.12'") == 1 and page.count("stroke-width='26'") >= len(longer.seam)
    assert longer.title in page


@pytest.mark.parametrize('engraving', [True, False])
def test_the_legend_speaks_of_the_score_only_where_there_is_one(engraving):
    page = Player(TUNE.score, new=[1, 2], engraving=engraving).html
    assert ('in the score' in page) == engraving


def test_title_file_and_what_is_in_it_agree():
    longer = make(Recipe(seed=2, bars=2, opening=midi_opening(TUNE.titled)))
    third = make(Recipe(seed=3, bars=2, opening=midi_opening(longer.titled)))
    again = make(Recipe(seed=4, opening=midi_opening(third.titled), gap=(2, 3)))
    for piece, title in ((longer, 'remi-folk, seed 5, then remi-folk, seed 2'),
                         (third, 'remi-folk, seed 5, … then remi-folk, seed 3'),
                         (again, 'remi-folk, seed 5, … new bars by remi-folk, seed 4')):
        name, data = packed(piece)
        assert piece.title == title and read_midi(data).title == title
        assert name.endswith(f'seed-{piece.recipe.seed}.mid')


def test_every_note_that_a_model_wrote_can_be_asked_before_a_continue_too():
    longer = replace(make(Recipe(seed=2, bars=2, opening=midi_opening(TUNE.titled))), before=TUNE)
    third = replace(make(Recipe(seed=3, bars=2, opening=midi_opening(longer.titled))), before=longer)
    for note in range(0, len(third.score.notes), 7):
        piece, place = third.whose(note)
        assert piece.score.notes[place] == third.score.notes[note] and place in piece.new
        assert [one.chosen for one in piece.odds(place)].count(True) == 1
    assert isinstance(edit(TUNE, Edit('delete', TUNE.score.notes[0])), Edited)


@settings(max_examples=50, deadline=None)
@given(st.text(min_size=1, max_size=200))
def test_a_text_survives_a_link(text):
    link = to_link(text)
    assert link.startswith('#melodynb=') and link.isascii() and from_link(f'  https://example.org/a?b#c{link}\n') == text
    with pytest.raises(MelodyError, match='copy all of it'): from_link(link[:-2])


def test_a_link_is_followed_and_a_text_without_one_stays():
    changed = edit(TUNE, Edit('move', TUNE.score.notes[0], steps=1))
    assert follow(to_link(changed.to_json())).score == changed.score
    for text in '', 'x', '{"seed": 1}': assert from_link(text) == text


def test_a_link_that_unpacks_to_more_than_any_piece_is_a_sentence(monkeypatch):
    monkeypatch.setattr('melodynb.editing._MOST_TEXT', 100)
    with pytest.raises(MelodyError, match='copy all of it'): from_link(to_link('a'*101))
