"Music on request from the models of attempt 4: what the form of a piece promises, and what an opening keeps."
import json
import runpy
import warnings
from collections import Counter
from dataclasses import replace
from itertools import chain
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings, strategies as st

from melodynb import compose as form_room, remi_studies, remi_transformer as attempt
from melodynb.compose import MOST_BARS, Form, compose, extend, in_its_key, _in_its_mode, rests
from melodynb.corpus import load_corpus
from melodynb.figures import per_symbol
from melodynb.models import load
from melodynb.remi import METERS, RemiGrammar
from melodynb.remi_transformer import (
    TOKENIZERS, bits_per_note, first_bars, kind_losses, main, music_only, training_settings)
from melodynb.remi_studies import RemiTransformer
from melodynb.score import MelodyError, Note, Score, Track, read_midi, write_midi
from melodynb.tokenizers import CharTokenizer
from melodynb.train import tune_losses

COLLECTIONS = 'folk', 'chorales', 'piano'


def untrained(data, context=64):
    "A composer without any idea of music, and its tokenizer."
    torch.manual_seed(0)
    tokenizer = TOKENIZERS[data]()
    model = RemiTransformer(len(tokenizer), context=context, width=16, layers=1, heads=2, position='rotary')
    return model.eval(), tokenizer


@pytest.fixture(scope='module')
def composers(): return {data: untrained(data) for data in COLLECTIONS}


def quietly(*args, **options):
    "`extend` without its reports."
    with warnings.catch_warnings():
        warnings.simplefilter('ignore')
        return extend(*args, **options)


def reports(*args, **options):
    "What `extend` says beside its result."
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter('always')
        extend(*args, **options)
    return [str(warning.message) for warning in said]


# The form of a piece

@pytest.mark.parametrize('data', COLLECTIONS)
@given(bars=st.integers(1, 20), meter=st.sampled_from([None, *METERS]),
       key=st.sampled_from([None, 'E minor', 'Ab lydian']),
       bpm=st.sampled_from([None, 24, 101.5]), seed=st.integers(0, 2**20))
@settings(max_examples=8, deadline=None, derandomize=True)
def test_a_piece_has_the_form_that_was_asked_for(composers, data, bars, meter, key, bpm, seed):
    piece = compose(composers[data], bars=bars, meter=meter, key=key, bpm=bpm, seed=seed)
    assert len(piece.bar_starts()) == bars
    assert meter in (None, '%d/%d' % piece.meter)
    assert key in (None, piece.key) and piece.key is not None
    assert bpm in (None, piece.bpm)
    assert {change.what for change in piece.changes} <= ({'bpm'} if bpm is None else set())
    assert max(note.start for note in piece.notes) >= piece.bar_starts()[-1]


@pytest.mark.parametrize('data', COLLECTIONS)
def test_the_form_forbids_more_than_the_grammar_and_nothing_less(composers, data):
    _, tokenizer = composers[data]
    form, place = Form(tokenizer, 3), RemiGrammar(tokenizer, 3).start([])
    for id in tokenizer.piece(compose(composers[data], bars=3, seed=5)):
        assert place.allowed[id]
        place.push(int(id))
    assert form.errors(tokenizer.piece(compose(composers[data], bars=3, seed=5))) == []


def test_a_crowded_bar_is_closed(composers, monkeypatch):
    monkeypatch.setattr(form_room, 'MOST_TOKENS', 8)
    pieces = compose(composers['piano'], bars=4, meter='4/4', seed=list(range(5)))
    assert all(len(piece.bar_starts()) == 4 and len(piece.notes) <= 4*6 for piece in pieces)


def test_a_solo_voice_is_free_when_the_last_bar_begins(composers):
    for data in ('folk', 'chorales'):
        for piece in compose(composers[data], bars=2, meter='4/2', seed=range(8)):
            assert all(note.end <= 8 for note in piece.notes if note.start < 8)


def test_places_of_one_form_keep_their_own_meters():
    tokenizer = TOKENIZERS['folk']()
    form = Form(tokenizer, 4)
    for meter in ('2/2', '4/4', '2/2'): # bars of one length
        opening = ('Start', 'Bar_4', f'Meter_{meter}', 'Key_C major',
                   'Position_0', 'Tempo_120', 'Pitch_60', 'Duration_1', 'Bar_3')
        place = form.start([tokenizer.ids[name] for name in opening])
        assert tokenizer.symbols(np.flatnonzero(place.allowed)) == [f'Meter_{meter}']


def test_seeds_repeat_and_differ(composers):
    first, again, other = (compose(composers['folk'], bars=4, seed=seed) for seed in (1, 1, 2))
    assert first == again and first.notes != other.notes
    several = compose(composers['folk'], bars=4, seed=[1, 2])
    assert [piece.notes for piece in several] == [first.notes, other.notes]
    assert len({compose(composers['folk'], bars=4).notes for _ in range(3)}) == 3


def test_a_piece_rests_where_its_last_bass_note_is_the_tonic():
    held = Track([Note(60, 0, 4)])
    assert rests(Score((Track([Note(67, 2, 2)]), held), key='C major'))
    assert not rests(Score((held,), key='F major'))


def before_beat(piece, beat): return [note.pitch for note in piece.notes if note.start < beat]


@pytest.mark.parametrize('data', ['folk', 'piano'])
def test_endings_are_tried_until_one_rests_on_the_tonic(composers, data):
    options = dict(bars=4, meter='3/4', seed=range(6))
    first = compose(composers[data], revisions=0, **options)
    tried = compose(composers[data], revisions=8, **options)
    assert sum(map(rests, tried)) > sum(map(rests, first))
    assert all(len(piece.bar_starts()) == 4 for piece in tried)
    for before, after in zip(first, tried):
        pairs = zip(before_beat(before, 6), before_beat(after, 6), strict=True)
        moved = {high - low for low, high in pairs}
        assert len(moved) == 1 and abs(moved.pop()) <= 6 # two bars as they were, in another key
        assert after == in_its_key(after)


def test_a_piece_survives_a_midi_file(composers):
    for data in COLLECTIONS:
        piece = compose(composers[data], bars=6, key='D dorian', meter='3/4', bpm=90, seed=3)
        back = read_midi(write_midi(piece))
        assert Counter(back.notes) == Counter(piece.notes) or data == 'piano' # a key held inside its own note
        assert (back.key, back.meter, back.bpm) == (piece.key, piece.meter, piece.bpm)
        assert len(back.bar_starts()) == 6


# What an opening keeps

def performance(seed=0, notes=120):
    "Played without a grid, over the whole keyboard."
    rng = np.random.default_rng(seed)
    def played(at):
        pitch, length, velocity = rng.integers(21, 109), rng.random()*3 + .02, rng.integers(20, 127)
        return Note(int(pitch), float(at), float(length), int(velocity))
    return Score((Track([played(at) for at in np.sort(rng.random(notes)*40)]),), bpm=93.7)


def two_hands_and_drums():
    right = Track([Note(72 + beat % 5, beat, 1, 90) for beat in range(13)], name='right')
    left = Track([Note(40, 2*i, 5, 50) for i in range(7)], 3, 'left')
    drums = Track([Note(36, beat, .5) for beat in range(9)], drums=True)
    changes = [(6, 'bpm', 90), (9, 'key', 'C minor')]
    return Score((right, left, drums), meter='3/4', key='F minor', changes=changes)


OPENINGS = {
    'a performance': performance(),
    'two hands and drums': two_hands_and_drums(),
    'a chorale': load_corpus('chorales')[3],
    'a tune': load_corpus('folk')[5].bars(6),
    'an unknown meter': Score((Track([Note(60 + i % 5, i/2, .5) for i in range(30)]),), meter='11/8'),
    'a contrabass': Score((Track([Note(12 + i % 5, i/2, .5, 33) for i in range(30)]),), meter='3/4'),
    'one note': Score((Track([Note(60, 0, 1)]),)),
    'a late, long note': Score((Track([Note(60, 7.99, 30)]),)),
}


@pytest.mark.parametrize('name', OPENINGS)
@pytest.mark.parametrize('data', COLLECTIONS)
def test_an_opening_stays_as_it_is(composers, data, name):
    opening = OPENINGS[name]
    longer = quietly(opening, bars=3, model=composers[data], seed=2)
    for before, after in zip(opening.tracks, longer.tracks):
        assert not Counter(before.notes) - Counter(after.notes)
        assert (before.name, before.program, before.drums) == (after.name, after.program, after.drums)
    for field in ('bpm', 'meter', 'key', 'title'): assert getattr(opening, field) == getattr(longer, field)
    for what in ('bpm', 'key'):
        kept = [change for change in opening.changes if change.what == what]
        assert [change for change in longer.changes if change.what == what] == kept


@pytest.mark.parametrize('name', OPENINGS)
@pytest.mark.parametrize('data', COLLECTIONS)
def test_new_notes_begin_at_the_next_bar_line_and_fill_the_bars_asked_for(composers, data, name):
    opening = OPENINGS[name]
    longer = quietly(opening, bars=3, model=composers[data], seed=2)
    new = Counter(longer.notes) - Counter(opening.notes)
    last = max(note.start for note in opening.notes)
    join = next(line for line in [*longer.bar_starts(), np.inf] if line > round(last*12)/12 + 1e-6)
    assert new and min(note.start for note in new) >= join - 1e-6
    beats, unit = longer.at('meter', join + 1e-6)
    length = 4*beats/unit
    assert join + 2*length <= max(note.start for note in new)
    assert max(note.end for note in new) <= max(join + 3*length, opening.end) + 1e-6
    played = chain.from_iterable(track.notes for track in opening.tracks if not track.drums)
    assert {note.velocity for note in new} == {round(np.mean([note.velocity for note in played]))}


def test_a_file_and_its_score_are_continued_alike(composers, tmp_path):
    opening = read_midi(write_midi(two_hands_and_drums()))
    path = write_midi(two_hands_and_drums(), tmp_path/'mine.mid')
    options = dict(bars=2, model=composers['piano'], seed=1)
    longer = quietly(opening, **options)
    assert longer.notes == quietly(path, **options).notes == quietly(path.read_bytes(), **options).notes
    assert not Counter(opening.notes) - Counter(read_midi(write_midi(longer)).notes)


def test_voices_stay_voices_and_hands_stay_hands(composers):
    chorale = load_corpus('chorales')[0].bars(4)
    longer = extend(chorale, bars=4, model=untrained('chorales', 512), seed=0)
    assert len(longer.tracks) == 4
    for before, after in zip(chorale.tracks, longer.tracks): assert len(after.notes) > len(before.notes)
    tune = quietly(OPENINGS['a tune'], bars=4, model=composers['chorales'], seed=0)
    assert [track.name for track in tune.tracks[1:]] == ['Soprano', 'Alto', 'Tenor', 'Bass']
    assert tune.tracks[0] == OPENINGS['a tune'].tracks[0]
    played = quietly(two_hands_and_drums(), bars=4, model=composers['piano'], seed=0)
    right, left, drums = played.tracks
    assert drums == two_hands_and_drums().tracks[2]
    assert min(note.pitch for note in right.notes[13:]) >= max(note.pitch for note in left.notes[7:])


def test_what_the_model_cannot_read_is_reported(composers):
    fits = untrained('piano', 512)
    assert reports(OPENINGS['one note'], bars=1, model=fits, key='C major') == []
    def said(name, model): return ' '.join(reports(OPENINGS[name], bars=1, model=model))
    assert '48 tokens of an opening at most' in said('a performance', composers['piano'])
    assert 'semitones higher' in said('a contrabass', composers['folk'])
    assert 'one at a time' in said('a chorale', composers['folk'])
    assert '11/8' in said('an unknown meter', fits)


def test_a_note_that_rings_is_not_cut_by_the_same_key(composers):
    ringing = Score((Track([Note(pitch, 0, 40) for pitch in range(21, 109)]),))
    longer = quietly(ringing, bars=4, model=composers['piano'], seed=0)
    assert not Counter(ringing.notes) - Counter(read_midi(write_midi(longer)).notes)


def test_what_changes_behind_the_last_note_is_not_where_the_music_is():
    opening = Score((Track([Note(60, 0, 1)]),), changes=[(5, 'bpm', 40), (8, 'meter', '3/4'), (9, 'key', 'D major')])
    with pytest.warns(UserWarning, match='behind its last note is left out'): longer = extend(opening, bars=2, seed=0)
    assert (longer.at('bpm', longer.end), longer.at('meter', longer.end), longer.changes) == (120, (4, 4), ())
    under = replace(opening, tracks=(Track([Note(60, 0, 1), Note(62, 6, 1)]),), changes=[(5, 'bpm', 40)])
    assert quietly(under, bars=2, seed=0).at('bpm', 20) == 40


def within_longer(track):
    "Notes that begin after a note of their pitch and end before it."
    return [(a, b) for a in track.notes for b in track.notes
            if a.pitch == b.pitch and a.start < b.start and b.end < a.end - 1e-6]


@pytest.mark.parametrize('seed', range(6))
def test_what_is_written_survives_midi(composers, seed):
    "An untrained model strikes keys that are down already, and so its own notes must not end within one another."
    longer = quietly(OPENINGS['one note'], bars=8, model=composers['piano'], seed=seed)
    assert not any(map(within_longer, longer.tracks))
    assert Counter(read_midi(write_midi(longer)).notes) == Counter(longer.notes)


def test_a_key_that_is_down_stays_down():
    "New notes among themselves, and under one of the opening."
    new = Score((Track([Note(64, 0, 4), Note(64, 1, 1), Note(64, 2, 3), Note(60, 1, 1)]),))
    longer = form_room.appended(Score((Track([Note(60, 0, 8)]),)), new, 4.)
    assert Counter(longer.notes) == Counter([
        Note(60, 0, 8), Note(64, 4, 4), Note(64, 5, 3), Note(64, 6, 3), Note(60, 5, 3)])


# Refusals

@pytest.mark.parametrize('wish, sentence', [
    (dict(bars=0), f'bars=0: ask for a whole number of bars, 1 to {MOST_BARS}'),
    (dict(bars=-3), 'bars=-3'), (dict(bars=2.5), 'bars=2.5'), (dict(bars='many'), "bars='many'"),
    (dict(bars=MOST_BARS + 1), f'1 to {MOST_BARS}'),
    (dict(key='H major'), "key='H major'"), (dict(key='C happy'), 'modes: major'),
    (dict(meter='5/16'), 'not in the vocabulary'), (dict(meter='waltz'), "meter='waltz'"),
    (dict(bpm=500), 'bpm=500: ask for 24 to 264'), (dict(bpm='fast'), "bpm='fast'"),
    (dict(temperature=0), 'temperature=0: choose a number above 0'),
    (dict(temperature=-1), 'temperature=-1'), (dict(temperature=float('nan')), 'temperature=nan'),
    (dict(top_p=0), 'top_p=0'), (dict(top_p=1.5), 'top_p=1.5'),
    (dict(revisions=-1), 'revisions=-1'), (dict(revisions=1.5), 'choose 0 to 64'),
])
def test_a_wish_that_cannot_be_granted_is_refused_in_a_sentence(composers, wish, sentence):
    with pytest.raises(MelodyError) as refusal: compose(composers['folk'], **wish)
    assert sentence in str(refusal.value) and '\n' not in str(refusal.value)


@pytest.mark.parametrize('music, sentence', [
    (Score(), 'has no notes outside drum tracks'),
    (Score((Track([Note(36, 0, 1)], drums=True),)), 'has no notes outside drum tracks'),
    (b'', 'is empty, 0 bytes'), (b'MThd', 'header of a MIDI file'), (write_midi(Score()), 'holds no notes'),
    ('nowhere.mid', 'is not there'), (17, 'cannot be read'),
])
def test_an_opening_that_is_none_is_refused_in_a_sentence(composers, music, sentence):
    with pytest.raises(MelodyError) as refusal: extend(music, model=composers['piano'])
    assert sentence in str(refusal.value) and '\n' not in str(refusal.value)


def test_a_model_without_remi_tokens_is_refused():
    model, _ = untrained('folk')
    for other in ('char-gpt', (model, CharTokenizer()), (model, TOKENIZERS['jsb']())):
        with pytest.raises(MelodyError, match='writes no REMI tokens'): compose(other)
        with pytest.raises(MelodyError, match='writes no REMI'): extend(OPENINGS['one note'], model=other)
    with pytest.raises(MelodyError, match='not shipped'): compose('remi-opera')


# Figures

def test_surprise_by_kind_adds_up(composers):
    model, tokenizer = composers['chorales']
    chorales = load_corpus('chorales')[:3]
    losses = kind_losses(model, tokenizer, chorales)
    whole = tune_losses(model, music_only(tokenizer, chorales, model.context))
    assert np.allclose(sum(losses.values()), whole, rtol=1e-5)
    notes = [len(tokenizer.decode(tokenizer.encode(score)).notes) for score in chorales]
    assert bits_per_note(losses)[:, 1].tolist() == notes


def test_beginnings_are_as_long_as_one_another():
    chorales = load_corpus('chorales')[:30]
    lengths = [len(score.bar_starts()) for score in first_bars(chorales, 12)]
    assert lengths and set(lengths) == {12} and first_bars(chorales, 200) == []


def test_a_training_has_its_settings_and_their_old_name():
    model, rows, plan = training_settings('voices', 'tiny')
    assert model['context'] == rows['context'] and plan['steps'] == 12 and attempt.recipe is training_settings
    with pytest.raises(MelodyError, match='there are recipes for'): training_settings('jazz')


def test_the_old_room_still_has_the_names():
    assert all(getattr(attempt, name) is getattr(remi_studies, name) for name in remi_studies.__all__)
    for name in ('Form', 'MOST_BARS', 'MOST_TOKENS', 'compose', 'extend', 'in_its_key', 'rests'):
        assert getattr(attempt, name) is getattr(form_room, name)


def test_a_command_makes_a_model_with_its_figures_and_its_card(tmp_path, monkeypatch, capsys):
    monkeypatch.setitem(attempt.RECIPES['voices']['tiny'], 'steps', 2) # one dictionary for all of them
    chorales = load_corpus('chorales')
    monkeypatch.setattr(attempt, 'split_music', lambda data: (chorales[:3], chorales[3:6], chorales[6:9]))
    for data, vocabulary in (('chorales', 493), ('voices', 238)):
        main([str(tmp_path/data), '--data', data, '--size', 'tiny'])
        model, tokenizer = load(tmp_path/data)
        figures = json.loads((tmp_path/data/'figures.json').read_text())
        assert (figures['vocabulary'], figures['pieces'], figures['data']) == (vocabulary, [3, 3, 3], data)
        told = f'--data {data} --size tiny --seed 0', 'held-out test pieces', 'limits'
        assert all(what in model.card for what in told)
    again = tune_losses(model, music_only(tokenizer, chorales[6:9], model.context))
    assert per_symbol(again) == pytest.approx(figures['test'][0], rel=1e-4)
    with pytest.raises(SystemExit): main([str(tmp_path/'voices')])
    with pytest.raises(SystemExit): main([str(tmp_path/'new'), '--data', 'jsb'])
    said = capsys.readouterr().err
    assert 'choose a new folder' in said and 'name it with jsb' in said and not (tmp_path/'new').exists()


def test_the_heading_has_the_mode_that_sounds():
    notes = tuple(Note(pitch, i, 1) for i, pitch in enumerate((60, 63, 67, 63, 60)))
    minor = Score((Track(notes),), key='C major')
    assert _in_its_mode(minor).key == 'C minor' and _in_its_mode(minor).notes == minor.notes
    assert _in_its_mode(replace(minor, key='C dorian')).key == 'C dorian'
    major = minor.map_notes(lambda note: note._replace(pitch=note.pitch + (note.pitch == 63)))
    assert _in_its_mode(major).key == 'C major'


def test_the_stored_counts_of_the_key_finder_are_those_of_the_collections():
    counted = runpy.run_path(str(Path(__file__).parent.parent/'data'/'build_keys.py'))
    assert counted['STORED'].read_text() == counted['counted']()
