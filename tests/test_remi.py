"REMI: every piece comes back, every noise is read, and dice that obey the grammar write a playable piece."
import warnings
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from melodynb.corpus import load_corpus
from melodynb.remi import COUNTDOWN, MOST_DENSITY, MOST_HOLE, TEMPOS, RemiGrammar, RemiTokenizer, VoiceGrid
from melodynb.score import Change, MelodyError, Note, Score, Track
from melodynb.tokenizers import BaseTokenizer

VOICES = ('Soprano', 'Alto', 'Tenor', 'Bass')
TOKENIZERS = {
    'plain': RemiTokenizer(),
    'solo': RemiTokenizer(solo=True),
    'loud': RemiTokenizer(grid=4, velocities=8, keys=False),
    'voices': RemiTokenizer(grid=8, tracks=VOICES),
    'soloists': RemiTokenizer(grid=4, tracks=VOICES, solo=True, velocities=4, tempos=False),
    'wishing': RemiTokenizer(grid=4, solo=True, wishes=True),
    'narrow': RemiTokenizer(grid=2, longest=1, pitches=(60, 63), tracks=('a', 'b'), meters=('3/4',),
                            keys=False, tempos=False),
    'single': RemiTokenizer(grid=1, longest=64, pitches=(60, 60), tracks=('a', 'b'), solo=True,
                            meters=('1/4', '4/4')),
}
tokenizers = pytest.mark.parametrize('name', TOKENIZERS)


@pytest.fixture(scope='module')
def folk(): return load_corpus('folk')


@pytest.fixture(scope='module')
def chorales(): return load_corpus('chorales')


def bar_line(score, beat): # where a key can change
    return max(start for start in score.bar_starts() if start <= beat)


def bare(score, t): # what a vocabulary says of a score: no title, its own names, tempos in steps
    tempo = min(TEMPOS, key=lambda known: abs(known - score.bpm))
    tracks = tuple(Track(track.notes, name=name) for track, name in zip(score.tracks, t.tracks))
    heard = [change for change in score.changes if change.start < score.notes[-1].start]
    changes = tuple(c._replace(start=bar_line(score, c.start)) if c.what == 'key' else c for c in heard)
    return replace(score, tracks=tracks, bpm=float(tempo), title='', changes=changes)


def fills_its_bars(stretch, after): # of a meter, before the next
    (start, (beats, unit)), (end, meter) = stretch, after
    return ((end - start)*unit/4/beats).is_integer() and (beats, unit) != meter


def brings_news(score, what):
    values = [value for _, value in score.stretches(what)]
    return all(old != new for old, new in zip(values, values[1:]))


def lie_on(times, grid): return all(abs(time*grid - round(time*grid)) < 1e-6 for time in times)


def on_grid(score, t): # a change of meter that breaks a bar, or changes nothing, is spelled otherwise
    meters = score.stretches('meter')
    whole = all(map(fills_its_bars, meters, meters[1:]))
    news = brings_news(score, 'key') and brings_news(score, 'bpm')
    return whole and news and all(lie_on((note.start, note.duration), t.grid) for note in score.notes)


def test_every_tune_on_the_grid_comes_back(folk):
    t = RemiTokenizer(grid=24, solo=True)
    exact = 0
    for i, tune in enumerate(folk):
        ids = t.piece(tune)
        back = t.decode(ids)
        if on_grid(tune, t):
            assert back == bare(tune, t), tune
            exact += 1
        assert len(back.notes) == len(tune.notes) # no note is lost on the way, on the grid or not
        if i % 32 == 0: assert t.grammar.errors(ids) == [], tune
    assert exact > .97*len(folk)


def test_every_chorale_comes_back_and_obeys_the_grammar(chorales):
    t = RemiTokenizer(grid=8, longest=16, tracks=VOICES)
    for i, chorale in enumerate(chorales):
        ids = t.piece(chorale)
        assert t.decode(ids) == bare(chorale, t), chorale
        if i % 9 == 0: assert t.grammar.errors(ids) == [], chorale


def test_merged_voices_keep_every_key_that_is_struck(chorales):
    t = RemiTokenizer(grid=8, longest=16)
    for chorale in chorales[::8]:
        struck = {(n.start, n.pitch) for n in chorale.notes}
        assert {(n.start, n.pitch) for n in t.decode(t.encode(chorale)).notes} == struck


@pytest.mark.parametrize('changes, meter', [
    ([(3, 'meter', (2, 4)), (9, 'meter', (4, 4)), (17, 'meter', (6, 8))], '3/4'),
    ([(4, 'bpm', 90.), (5.5, 'bpm', 200.), (8, 'key', 'F major'), (12, 'key', 'D minor')], '4/4'),
    ([(3.5, 'meter', (2, 2)), (11.5, 'meter', (5, 8)), (11.5, 'key', 'E phrygian')], '7/8'),
])
def test_changes_of_meter_tempo_and_key_come_back(changes, meter):
    t = RemiTokenizer(tracks=('a', 'b'))
    # triplets behind an upbeat; notes tied over bar lines, and unisons
    high = tuple(Note(70 + i % 5, .5 + i*2/3, 1/3) for i in range(40))
    low = (Note(50, 1, 8), Note(70, 12.5, 2), Note(52, 13, 7.75), Note(50, 20.75, .25))
    score = Score((Track(high, name='a'), Track(low, name='b')), meter=meter, key='C major', bpm=120,
                  changes=tuple(Change(*change) for change in changes))
    assert t.decode(t.encode(score)) == score
    assert t.grammar.errors(t.piece(score)) == []


def test_a_change_inside_a_bar_keeps_every_note_in_its_place():
    t = RemiTokenizer()
    notes = tuple(Note(60 + i % 12, i/2, .5) for i in range(60))
    for at in np.arange(.25, 9, .25):
        changes = (at, 'meter', (7, 16)), (at + 1/3, 'meter', (3, 4)), (at + 4, 'meter', (2, 2))
        score = Score((Track(notes),), meter='5/4', changes=changes)
        with warnings.catch_warnings():
            warnings.simplefilter('ignore')
            ids = t.piece(score)
        assert t.decode(ids).notes == notes and t.grammar.errors(ids) == []


@tokenizers
def test_velocities_come_back_at_their_levels(name):
    t = TOKENIZERS[name]
    notes = tuple(Note(60, i, 1, velocity) for i, velocity in enumerate((1, 30, 64, 100, 127)))
    score = Score((Track(notes),), meter=t.meters[-1])
    with warnings.catch_warnings():
        warnings.simplefilter('ignore')
        back = t.decode(t.encode(score)).notes
    def nearest(velocity): return min(t.loudness.tolist(), key=lambda level: abs(level - velocity))
    heard = [nearest(note.velocity) if t.velocities else 80 for note in notes]
    assert [note.velocity for note in back] == heard


ANYTHING = st.one_of(st.integers(-3, 600), st.integers(), st.none(), st.floats(), st.text(max_size=2))


@tokenizers
@given(ids=st.lists(ANYTHING, max_size=80))
@settings(max_examples=60, deadline=None)
def test_any_ids_decode_to_a_score_and_every_note_has_its_token(name, ids):
    t = TOKENIZERS[name]
    score, spoken = t.decode(ids), t.spoken(ids)
    assert isinstance(score, Score) and [at for at, *_ in spoken] == sorted({at for at, *_ in spoken})
    named = sorted((step/t.grid, pitch) for _, step, pitch in spoken)
    assert named == sorted((note.start, note.pitch) for note in score.notes)
    assert all(t.vocab[ids[at]] == f'Pitch_{pitch}' for at, _, pitch in spoken)


@tokenizers
@given(seed=st.integers(0, 10**6), length=st.integers(0, 300))
@settings(max_examples=30, deadline=None)
def test_noise_of_the_vocabulary_decodes_and_is_found_out(name, seed, length):
    t = TOKENIZERS[name]
    ids = np.random.default_rng(seed).integers(0, len(t), length)
    score = t.decode(ids)
    assert all(n.duration > 0 for n in score.notes)
    if length > 100: assert t.grammar.errors(ids)
    if not score.notes: return
    with warnings.catch_warnings():
        warnings.simplefilter('ignore')
        again = t.piece(score)
    assert not t.grammar.errors(again)


def test_a_tempo_under_a_held_note_waits_for_its_end():
    slower = Change(2.5, 'bpm', 60.)
    held = Score((Track((Note(60, 0, 1), Note(62, 1, 3), Note(64, 4, 2))),), changes=(slower,))
    with pytest.warns(UserWarning, match='1 of its tempos change under a held note and wait for its end'):
        RemiTokenizer(solo=True).piece(held)
    for t, start in ((RemiTokenizer(solo=True), 4), (RemiTokenizer(), 2.5)):
        ids = t.piece(held)
        assert t.grammar.errors(ids) == [] and t.decode(ids).changes == (slower._replace(start=start),)
    two = replace(held, tracks=(*held.tracks, Track((Note(48, 0, 2),))))
    t = RemiTokenizer(solo=True, tracks=('high', 'low'))
    assert t.decode(t.piece(two)).changes == (slower,) # the lower voice is silent there


def test_a_meter_that_nobody_hears_makes_no_bar():
    "A change in the middle of a bar makes it a short one, and is itself behind the last note."
    heard = Score((Track((Note(60, 0, 1), Note(62, 4, 1))),), meter=(12, 8), changes=(Change(10, 'meter', (4, 8)),))
    t = RemiTokenizer()
    ids = t.piece(heard)
    assert sum(t.kinds[id] == 'Bar' for id in ids) == 1 and t.grammar.errors(ids) == []


def roll(t, rng, bars, meter=None): # a piece of dice within the grammar
    ids = list(t.start)
    place = RemiGrammar(t, bars=bars, meter=meter).start(ids)
    while ids[-1] != t.end:
        choice = np.flatnonzero(place.allowed)
        assert len(choice), f'nothing may follow {t.symbols(ids[-8:])}'
        ids.append(int(choice[rng.integers(len(choice))]))
        place.push(ids[-1])
    return ids


@tokenizers
def test_dice_within_the_grammar_always_end_a_piece(name):
    t, rng, tokens = TOKENIZERS[name], np.random.default_rng(7), 0
    while tokens < 4_000:
        ids = roll(t, rng, bars=5, meter=t.meters[0])
        lines = [t.vocab[id] for id in ids if t.kinds[id] == 'Bar']
        assert lines == ['Bar_5', 'Bar_4', 'Bar_3', 'Bar_2', 'Bar_1'] and t.grammar.errors(ids) == []
        score = t.decode(ids)
        heard = t.decode(t.encode(score))
        pitches = sum(t.kinds[id] == 'Pitch' for id in ids)
        assert len(score.notes) == pitches and len(score.bar_starts()) >= 5
        assert [track.notes for track in heard.tracks] == [track.notes for track in score.tracks]
        tokens += len(ids)


@tokenizers
def test_dice_end_long_and_short_pieces(name):
    t, rng = TOKENIZERS[name], np.random.default_rng(1)
    for bars in (1, 2, COUNTDOWN, COUNTDOWN + 1, 20):
        ids = roll(t, rng, bars)
        assert sum(t.kinds[id] == 'Bar' for id in ids) == bars and t.grammar.errors(ids) == []


@tokenizers
def test_an_opening_is_continued_to_the_length_asked_for(name):
    t, rng = TOKENIZERS[name], np.random.default_rng(2)
    ids = roll(t, rng, 12, t.meters[-1])
    ids = ids[:[t.kinds[id] for id in ids].index('Bar', 12)]
    begun = sum(t.kinds[id] == 'Bar' for id in ids)
    place = RemiGrammar(t, bars=begun + 3).start(ids)
    while ids[-1] != t.end:
        ids.append(int(rng.choice(np.flatnonzero(place.allowed))))
        place.push(ids[-1])
    assert sum(t.kinds[id] == 'Bar' for id in ids) == begun + 3


@tokenizers
def test_a_record_makes_the_same_tokenizer(name):
    t = TOKENIZERS[name]
    again = BaseTokenizer.from_dict(t.to_dict())
    assert again.vocab == t.vocab and again.options == t.options and len(set(t.vocab)) == len(t)


def test_ids_move_as_scores_move(folk, chorales):
    t = TOKENIZERS['plain']
    for score in (*folk[:20], *chorales[:4]):
        for steps in (-3, 5):
            assert np.array(t.transposed(steps))[t.encode(score)].tolist() == t.encode(score.transpose(steps))


def until(note, beat): return note._replace(duration=beat - note.start)


def joined(notes): # as a grid of one voice hears them: repeated is held, and a new note ends the one before
    heard = []
    for note in notes:
        last = heard[-1] if heard else None
        if last and last.pitch == note.pitch and last.end == note.start: heard[-1] = until(last, note.end)
        elif last and last.end > note.start: heard[-1:] = until(last, note.start), note
        else: heard.append(note)
    return what_sounds(heard)


def what_sounds(notes):
    return [(note.pitch, note.start, note.duration) for note in notes if note.duration > 0]


def test_the_grid_of_voices_keeps_all_but_repeated_notes(chorales):
    grid = VoiceGrid()
    for chorale in chorales[::4]:
        ids = grid.encode(chorale)
        assert grid.encode(grid.decode(ids)) == ids
        if not all(lie_on((note.start, note.duration), 4) for note in chorale.notes): continue
        for track, back in zip(chorale.quantize(.25).tracks, grid.decode(ids).tracks):
            assert what_sounds(back.notes) == joined(track.notes)


@pytest.mark.parametrize('score, what', [
    (Score(), 'no note to write'),
    (Score((Track((Note(40, 0, 1),), drums=True),)), 'outside drum tracks'),
    (Score((Track((Note(5, 0, 1), Note(120, 1, 1))),)), 'from 21 to 108'),
    ('tune.mid', 'read_midi'), (None, 'is no Score'), (Score((Track((Note(60, 1e7, 1),)),)), '200,000 beats'),
])
def test_what_cannot_be_written_is_refused_in_one_sentence(score, what):
    with pytest.raises(MelodyError, match=what) as caught: TOKENIZERS['plain'].encode(score)
    assert '\n' not in str(caught.value)


@pytest.mark.parametrize('options', [
    dict(tracks='Melody'), dict(tracks=()), dict(tracks=(1,)),
    dict(meters=()), dict(meters=('0/4',)), dict(meters=('3/3',)), dict(meters='4/4'),
    dict(meters=('4/4', '4/4')), dict(meters=('4/4\n',)), dict(meters=(4, 4)),
    dict(grid=0), dict(grid=12.), dict(grid=True), dict(grid='12'), dict(grid=1),
    dict(longest=0), dict(longest=.5),
    dict(pitches=60), dict(pitches=(60,)), dict(pitches=(70, 60)), dict(pitches=(0, 128)), dict(pitches='ab'),
    dict(velocities=-1), dict(velocities=True), dict(tempos=1), dict(keys=None), dict(solo='no'),
])
def test_options_that_make_no_tokenizer_are_refused(options):
    with pytest.raises(MelodyError) as caught: RemiTokenizer(**options)
    assert '\n' not in str(caught.value)


# What a vocabulary can hold, and what it says of the rest

@pytest.mark.parametrize('pitches', [(0, 127), (1, 127), (127, 127), (0, 0)])
def test_every_pitch_can_be_in_a_vocabulary(pitches):
    t = RemiTokenizer(pitches=pitches)
    score = Score((Track([Note(pitch, i, 1) for i, pitch in enumerate(sorted(set(pitches)))]),))
    assert t.decode(t.encode(score)).notes == score.notes


@pytest.mark.parametrize('options, sentence', [
    (dict(meters=('999/1',)), '999/1 would have 3996 beats of 1/4'),
    (dict(meters=('255/4', '1/64'), grid=16), '4080 beats of 1/64'),
    (dict(meters=('256/4',)), '255 are the limit')])
def test_a_meter_that_the_library_refuses_is_refused_at_once(options, sentence):
    with pytest.raises(MelodyError, match=sentence): RemiTokenizer(**options)
    assert RemiTokenizer(meters=('255/4',)).encode(Score((Track([Note(60, 0, 1)]),), meter='255/4'))


def said(score, **options):
    "What `encode` warns of."
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter('always')
        RemiTokenizer(**options).encode(score)
    return ' '.join(str(one.message) for one in caught)


def test_what_is_lost_is_told():
    long = Score((Track([Note(60, 0, 20), Note(62, 20, 1)]),), bpm=500)
    assert '1 of 2 notes are longer than 8 quarter notes and are cut to that' in said(long)
    assert '1 of its tempos (500) lie outside 24 to 264 and become the nearest' in said(long)
    assert 'tempos' not in said(long, tempos=False) and 'longer' not in said(long, longest=20)
    drummed = Score((Track([Note(60, 0, 8)]), Track([Note(36, k, 1) for k in range(3)], drums=True)))
    assert 'drums cannot be written, 3 of their notes are left out' in said(drummed)
    assert said(Score((Track([Note(60, 0, 8)]),), bpm=97.3)) == ''


# Words of wishes

@tokenizers
def test_words_of_wishes_stand_behind_all_others(name):
    plain = TOKENIZERS[name].options | dict(wishes=False)
    short, long = RemiTokenizer(**plain), RemiTokenizer(**plain | dict(wishes=True))
    words = long.vocab[len(short):]
    assert long.vocab[:len(short)] == short.vocab and len(words) == MOST_HOLE + 1 + MOST_DENSITY
    assert words == [*(f'Hole_{n}' for n in range(1, 9)), 'Fill', *(f'Density_{n}' for n in range(1, 25))]
    assert {long.kind(long.ids[word]) for word in words} == {'structure'}
    steps = short.transposed(2)
    assert long.transposed(2) == steps + [*range(len(short), len(long))]


@given(seed=st.integers(0, 999), places=st.lists(st.integers(0, 200), max_size=6))
@settings(max_examples=40, deadline=None)
def test_words_of_wishes_are_never_offered_and_passed_over(folk, seed, places):
    t = TOKENIZERS['wishing']
    wishes = [id for id, kind in enumerate(t.kinds) if kind in ('Hole', 'Fill', 'Density')]
    dice, plain = np.random.default_rng(seed), t.piece(folk[seed]).tolist()
    ids = plain.copy()
    for place in places: ids.insert(place % len(ids), int(dice.choice(wishes)))
    place = t.grammar.start([])
    for id in ids:
        assert not place.allowed[wishes].any()
        place.push(id)
    assert t.decode(ids) == t.decode(plain)
    kept = [at for at, id in enumerate(ids) if id not in wishes]
    assert [(kept[at], step, pitch) for at, step, pitch in t.spoken(plain)] == t.spoken(ids)


def test_a_record_of_before_there_were_wishes_makes_the_same_tokenizer():
    record = RemiTokenizer(solo=True).to_dict()
    del record['options']['wishes']
    again = BaseTokenizer.from_dict(record)
    assert again.vocab == record['vocab'] and again.options['wishes'] is False
    with pytest.raises(MelodyError, match='wishes=1: give True or False'): RemiTokenizer(wishes=1)
