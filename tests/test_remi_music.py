"Music on request from the models of attempt 4: what the form of a piece promises, and what an opening keeps."
import json
import warnings
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings, strategies as st

from melodynb import remi_transformer as attempt
from melodynb.corpus import load_corpus
from melodynb.models import load
from melodynb.remi import METERS, RemiGrammar
from melodynb.remi_transformer import (MOST_BARS, TOKENIZERS, Form, RemiTransformer, bits_per_note, compose, extend, first_bars, in_its_key,
                                       kind_losses, main, music_only, rests, tune_losses)
from melodynb.metrics import per_symbol
from melodynb.score import Change, MelodyError, Note, Score, Track, read_midi, write_midi
from melodynb.tokenizers import CharTokenizer

COLLECTIONS = 'folk', 'chorales', 'piano'


def untrained(data, context=64):
    "A composer without any idea of music, and its tokenizer."
    torch.manual_seed(0)
    tokenizer = TOKENIZERS[data]()
    return RemiTransformer(len(tokenizer), context=context, width=16, layers=1, heads=2, position='rotary').eval(), tokenizer


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
@given(bars=st.integers(1, 20), meter=st.sampled_from([None, *METERS]), key=st.sampled_from([None, 'E minor', 'Ab lydian']),
       bpm=st.sampled_from([None, 24, 101.5]), seed=st.integers(0, 2**20))
@settings(max_examples=8, deadline=None, derandomize=True)
def test_a_piece_has_the_form_that_was_asked_for(composers, data, bars, meter, key, bpm, seed):
    piece = compose(composers[data], bars=bars, meter=meter, key=key, bpm=bpm, seed=seed)
    assert len(piece.bar_starts()) == bars
    assert meter in (None, '%d/%d' % piece.meter) and key in (None, piece.key) and bpm in (None, piece.bpm)
    assert piece.key is not None and {change.what for change in piece.changes} <= ({'bpm'} if bpm is None else set())
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
    monkeypatch.setattr(attempt, 'MOST_TOKENS', 8)
    piece = compose(composers['piano'], bars=4, meter='4/4', seed=list(range(5)))
    assert all(len(one.bar_starts()) == 4 and len(one.notes) <= 4*6 for one in piece)


def test_a_solo_voice_is_free_when_the_last_bar_begins(composers):
    for data in ('folk', 'chorales'):
        for piece in compose(composers[data], bars=2, meter='4/2', seed=range(8)):
            assert all(note.end <= 8 for note in piece.notes if note.start < 8)


def test_places_of_one_form_keep_their_own_meters():
    tokenizer = TOKENIZERS['folk']()
    form = Form(tokenizer, 4)
    for meter in ('2/2', '4/4', '2/2'): # bars of one length
        opening = f'Start Bar_4 Meter_{meter} Key_C=major Position_0 Tempo_120 Pitch_60 Duration_1 Bar_3'.split()
        place = form.start([tokenizer.ids[name.replace('=', ' ')] for name in opening])
        assert tokenizer.symbols(np.flatnonzero(place.allowed)) == [f'Meter_{meter}']


def test_seeds_repeat_and_differ(composers):
    first, again, other = (compose(composers['folk'], bars=4, seed=seed) for seed in (1, 1, 2))
    assert first == again and first.notes != other.notes
    several = compose(composers['folk'], bars=4, seed=[1, 2])
    assert [piece.notes for piece in several] == [first.notes, other.notes]
    assert len({compose(composers['folk'], bars=4).notes for _ in range(3)}) == 3


def test_endings_are_tried_until_one_rests_on_the_tonic(composers):
    held = Track([Note(60, 0, 4)])
    assert rests(Score((Track([Note(67, 2, 2)]), held), key='C major')) and not rests(Score((held,), key='F major'))
    for data in ('folk', 'piano'):
        first, tried = (compose(composers[data], bars=4, meter='3/4', seed=range(6), revisions=revisions) for revisions in (0, 8))
        assert sum(map(rests, tried)) > sum(map(rests, first)) and all(len(piece.bar_starts()) == 4 for piece in tried)
        for before, after in zip(first, tried):
            kept = [(note.start, note.pitch) for note in after.notes if note.start < 6]
            moved = {high - low for (_, high), (_, low) in zip(kept, [(note.start, note.pitch) for note in before.notes if note.start < 6], strict=True)}
            assert len(moved) == 1 and abs(moved.pop()) <= 6 # two bars as they were, in another key
            assert after == in_its_key(after)


def test_a_piece_survives_a_midi_file(composers):
    for data in COLLECTIONS:
        piece = compose(composers[data], bars=6, key='D dorian', meter='3/4', bpm=90, seed=3)
        back = read_midi(write_midi(piece))
        assert Counter(back.notes) == Counter(piece.notes) or data == 'piano' # a key held inside its own note
        assert (back.key, back.meter, back.bpm, len(back.bar_starts())) == (piece.key, piece.meter, piece.bpm, 6)


# What an opening keeps

def performance(seed=0, notes=120):
    "Played without a grid, over the whole keyboard."
    rng = np.random.default_rng(seed)
    starts = np.sort(rng.random(notes)*40)
    return Score((Track([Note(int(rng.integers(21, 109)), float(at), float(rng.random()*3 + .02), int(rng.integers(20, 127))) for at in starts]),), bpm=93.7)


def two_hands_and_drums():
    return Score((Track([Note(72 + beat % 5, beat, 1, 90) for beat in range(13)], name='right'), Track([Note(40, 2*i, 5, 50) for i in range(7)], 3, 'left'),
                  Track([Note(36, beat, .5) for beat in range(9)], drums=True)), meter='3/4', key='F minor', changes=[(6, 'bpm', 90), (9, 'key', 'C minor')])


OPENINGS = {
    'a performance': performance(), 'two hands and drums': two_hands_and_drums(), 'a chorale': load_corpus('chorales')[3], 'a tune': load_corpus('folk')[5].bars(6),
    'an unknown meter': Score((Track([Note(60 + i % 5, i/2, .5) for i in range(30)]),), meter='11/8'),
    'a contrabass': Score((Track([Note(12 + i % 5, i/2, .5, 33) for i in range(30)]),), meter='3/4'),
    'one note': Score((Track([Note(60, 0, 1)]),)), 'a late, long note': Score((Track([Note(60, 7.99, 30)]),)),
}


@pytest.mark.parametrize('name', OPENINGS)
@pytest.mark.parametrize('data', COLLECTIONS)
def test_an_opening_stays_as_it_is(composers, data, name):
    opening = OPENINGS[name]
    longer = quietly(opening, bars=3, model=composers[data], seed=2)
    for before, after in zip(opening.tracks, longer.tracks):
        assert not Counter(before.notes) - Counter(after.notes)
        assert (before.name, before.program, before.drums) == (after.name, after.program, after.drums)
    assert (opening.bpm, opening.meter, opening.key, opening.title) == (longer.bpm, longer.meter, longer.key, longer.title)
    assert [c for c in longer.changes if c.what != 'meter'] == [c for c in opening.changes if c.what != 'meter']


@pytest.mark.parametrize('name', OPENINGS)
@pytest.mark.parametrize('data', COLLECTIONS)
def test_new_notes_begin_at_the_next_bar_line_and_fill_the_bars_asked_for(composers, data, name):
    opening = OPENINGS[name]
    longer = quietly(opening, bars=3, model=composers[data], seed=2)
    new = Counter(longer.notes) - Counter(opening.notes)
    last, lines = max(note.start for note in opening.notes), longer.bar_starts()
    join = next(line for line in [*lines, np.inf] if line > round(last*12)/12 + 1e-6)
    assert new and min(note.start for note in new) >= join - 1e-6
    length = 4*eval('%d/%d' % [value for at, value in longer.stretches('meter') if at <= join + 1e-6][-1])
    assert join + 2*length <= max(note.start for note in new) and max(note.end for note in new) <= max(join + 3*length, opening.end) + 1e-6
    assert {note.velocity for note in new} == {round(np.mean([n.velocity for t in opening.tracks if not t.drums for n in t.notes]))}


def test_a_file_and_its_score_are_continued_alike(composers, tmp_path):
    opening = read_midi(write_midi(two_hands_and_drums()))
    path = write_midi(two_hands_and_drums(), tmp_path/'mine.mid')
    from_path, from_bytes = (quietly(source, bars=2, model=composers['piano'], seed=1) for source in (path, path.read_bytes()))
    assert from_path.notes == from_bytes.notes == quietly(opening, bars=2, model=composers['piano'], seed=1).notes
    assert not Counter(opening.notes) - Counter(read_midi(write_midi(from_path)).notes)


def test_voices_stay_voices_and_hands_stay_hands(composers):
    chorale = load_corpus('chorales')[0].bars(4)
    longer = extend(chorale, bars=4, model=untrained('chorales', 512), seed=0)
    assert len(longer.tracks) == 4 and all(len(after.notes) > len(before.notes) for before, after in zip(chorale.tracks, longer.tracks))
    tune = quietly(OPENINGS['a tune'], bars=4, model=composers['chorales'], seed=0)
    assert [track.name for track in tune.tracks[1:]] == ['Soprano', 'Alto', 'Tenor', 'Bass'] and tune.tracks[0] == OPENINGS['a tune'].tracks[0]
    played = quietly(two_hands_and_drums(), bars=4, model=composers['piano'], seed=0)
    right, left, drums = played.tracks
    assert drums == two_hands_and_drums().tracks[2]
    assert min(note.pitch for note in right.notes[13:]) >= max(note.pitch for note in left.notes[7:])


def test_what_the_model_cannot_read_is_reported(composers):
    fits = untrained('piano', 512)
    assert reports(OPENINGS['one note'], bars=1, model=fits) == []
    assert any('48 tokens of an opening at most' in line for line in reports(OPENINGS['a performance'], bars=1, model=composers['piano']))
    assert any('semitones higher' in line for line in reports(OPENINGS['a contrabass'], bars=1, model=composers['folk']))
    assert any('one at a time' in line for line in reports(OPENINGS['a chorale'], bars=1, model=composers['folk']))
    assert any('11/8' in line for line in reports(OPENINGS['an unknown meter'], bars=1, model=fits))


def test_a_note_that_rings_is_not_cut_by_the_same_key(composers):
    ringing = Score((Track([Note(pitch, 0, 40) for pitch in range(21, 109)]),))
    longer = quietly(ringing, bars=4, model=composers['piano'], seed=0)
    assert not Counter(ringing.notes) - Counter(read_midi(write_midi(longer)).notes)


# Refusals

@pytest.mark.parametrize('wish, sentence', [
    (dict(bars=0), f'bars=0: ask for a whole number of bars, 1 to {MOST_BARS}'), (dict(bars=-3), 'bars=-3'), (dict(bars=2.5), 'bars=2.5'),
    (dict(bars=MOST_BARS + 1), f'1 to {MOST_BARS}'), (dict(bars='many'), "bars='many'"), (dict(key='H major'), "key 'H major'"),
    (dict(key='C happy'), 'modes: major'), (dict(meter='5/16'), 'not in the vocabulary'), (dict(meter='waltz'), "meter 'waltz'"),
    (dict(bpm=500), 'bpm=500: ask for 24 to 264'), (dict(bpm='fast'), "bpm='fast'"), (dict(temperature=0), 'temperature=0: choose a number above 0'),
    (dict(temperature=-1), 'temperature=-1'), (dict(temperature=float('nan')), 'temperature=nan'), (dict(top_p=0), 'top_p=0'), (dict(revisions=-1), 'revisions=-1'), (dict(revisions=1.5), 'choose 0 to 64'), (dict(top_p=1.5), 'top_p=1.5'),
])
def test_a_wish_that_cannot_be_granted_is_refused_in_a_sentence(composers, wish, sentence):
    with pytest.raises(MelodyError) as refusal: compose(composers['folk'], **wish)
    assert sentence in str(refusal.value) and '\n' not in str(refusal.value)


@pytest.mark.parametrize('music, sentence', [
    (Score(), 'has no notes outside drum tracks'), (Score((Track([Note(36, 0, 1)], drums=True),)), 'has no notes outside drum tracks'),
    (b'', 'is empty, 0 bytes'), (write_midi(Score()), 'holds no notes'), ('nowhere.mid', 'is not there'), (b'MThd', 'header of a MIDI file'), (17, 'cannot be read'),
])
def test_an_opening_that_is_none_is_refused_in_a_sentence(composers, music, sentence):
    with pytest.raises(MelodyError) as refusal: extend(music, model=composers['piano'])
    assert sentence in str(refusal.value) and '\n' not in str(refusal.value)


def test_a_model_without_remi_tokens_is_refused():
    with pytest.raises(MelodyError, match='writes no REMI tokens'): compose('char-gpt')
    with pytest.raises(MelodyError, match='not shipped'): compose('remi-opera')
    with pytest.raises(MelodyError, match='writes no REMI tokens'): compose((untrained('folk')[0], CharTokenizer()))
    with pytest.raises(MelodyError, match='writes no REMI tokens'): extend(OPENINGS['one note'], model=TOKENIZERS['jsb'] and (untrained('folk')[0], TOKENIZERS['jsb']()))


# Figures

def test_surprise_by_kind_adds_up(composers):
    model, tokenizer = composers['chorales']
    chorales = load_corpus('chorales')[:3]
    losses = kind_losses(model, tokenizer, chorales)
    whole = tune_losses(model, music_only(tokenizer, chorales, model.context))
    assert np.allclose(sum(losses.values()), whole, rtol=1e-5)
    assert bits_per_note(losses)[:, 1].tolist() == [len(tokenizer.decode(tokenizer.encode(score)).notes) for score in chorales]
    assert [len(score.bar_starts()) for score in first_bars(load_corpus('chorales')[:30], 12)] and first_bars(chorales, 200) == []


def test_a_command_makes_a_model_with_its_figures_and_its_card(tmp_path, monkeypatch, capsys):
    monkeypatch.setitem(attempt.RECIPES['voices']['tiny'], 'steps', 2) # one dictionary for all of them
    monkeypatch.setattr(attempt, 'split_music', lambda data: tuple(load_corpus('chorales')[at:at + 3] for at in (0, 3, 6)))
    for data, vocabulary in (('chorales', 493), ('voices', 238)):
        main([str(tmp_path/data), '--data', data, '--size', 'tiny'])
        model, tokenizer = load(tmp_path/data)
        figures = json.loads((tmp_path/data/'figures.json').read_text())
        assert (figures['vocabulary'], figures['pieces'], figures['data']) == (vocabulary, [3, 3, 3], data)
        assert f'--data {data} --size tiny --seed 0' in model.card and 'held-out test pieces' in model.card and 'limits' in model.card
    assert per_symbol(tune_losses(model, music_only(tokenizer, load_corpus('chorales')[6:9], model.context))) == pytest.approx(figures['test'][0], rel=1e-4)
    with pytest.raises(SystemExit): main([str(tmp_path/'voices')])
    with pytest.raises(SystemExit): main([str(tmp_path/'new'), '--data', 'jsb'])
    said = capsys.readouterr().err
    assert 'choose a new folder' in said and 'name it with jsb' in said and not (tmp_path/'new').exists()


def test_the_heading_has_the_mode_that_sounds():
    minor = Score((Track(tuple(Note(pitch, i, 1) for i, pitch in enumerate((60, 63, 67, 63, 60)))),), key='C major')
    assert attempt._in_its_mode(minor).key == 'C minor' and attempt._in_its_mode(minor).notes == minor.notes
    assert attempt._in_its_mode(replace(minor, key='C dorian')).key == 'C dorian'
    assert attempt._in_its_mode(minor.map_notes(lambda note: note._replace(pitch=64 if note.pitch == 63 else note.pitch))).key == 'C major'
