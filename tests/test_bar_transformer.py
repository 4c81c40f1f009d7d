"Properties of the model that knows where it is: its clocks, its ears, its memory, its rows, and its command."
import json
from functools import partial

import numpy as np
import pytest
import torch

from melodynb import bar_transformer
from melodynb.bar_transformer import (
    BarTransformer, Rearranged, bar_lines, bar_tokenizer, density_word, from_bar, from_tonic, main, read_places,
    token_facts, train_bar_transformer, with_hole)
from melodynb.compose import compose
from melodynb.corpus import load_corpus
from melodynb.models import load, save
from melodynb.remi import MOST_DENSITY, MOST_HOLE, RemiTokenizer
from melodynb.sample import sample
from melodynb.score import Change, MelodyError, Note, Score, Track, key_tonic
from melodynb.train import fit

TOKENIZERS = {
    'folk': partial(bar_tokenizer, 'folk'),
    'chorales': partial(bar_tokenizer, 'chorales'),
    'piano': partial(bar_tokenizer, 'piano'),
    'no keys': partial(RemiTokenizer, grid=12, pitches=(48, 100), keys=False, solo=True, wishes=True),
    'few pitches': partial(RemiTokenizer, grid=4, pitches=(60, 72), tempos=False, velocities=4, wishes=True),
}
SWITCHES = [dict(), dict(clock=False), dict(home=False), dict(clock=False, home=False)]


@pytest.fixture(scope='module')
def scores(): return {name: load_corpus(name) for name in ('folk', 'chorales')}


@pytest.fixture(scope='module')
def pieces(scores):
    "Of each vocabulary a few pieces; the piano reads chorales as chords of one track."
    found = {}
    for name in ('folk', 'chorales', 'piano', 'no keys'):
        music = scores['chorales' if name in ('chorales', 'piano') else 'folk']
        found[name] = TOKENIZERS[name]().pieces(music[::len(music)//24][:24])
    changing = [score for score in scores['folk'] if any(change.what == 'key' for change in score.changes)]
    found['folk'] += TOKENIZERS['folk']().pieces([*changing[:4], three_keys(scores['folk'][0])])
    return found


def three_keys(tune):
    "A tune that changes its key twice, as few in the books do."
    lines = tune.bar_lines()
    return Score(tune.tracks, bpm=tune.bpm, meter=tune.meter, key='A dorian',
                 changes=(Change(lines[3], 'key', 'Eb major'), Change(lines[6], 'key', 'F# minor')))


def untrained(name='folk', seed=0, **changes):
    torch.manual_seed(seed)
    tokenizer = TOKENIZERS[name]()
    sizes = dict(context=400, width=48, layers=2, heads=2, dropout=0.) | changes
    model = BarTransformer.of(tokenizer, **sizes).eval()
    for weight in model.parameters(): # wilder than new ones are, so that whatever moves is seen to move
        if weight.ndim > 1: torch.nn.init.normal_(weight, std=.15)
    return model, tokenizer


def random_rows(tokenizer, rows, length, seed=0):
    "Ids in any order, half of them such as tell of places."
    rng = np.random.default_rng(seed)
    telling = [i for i, kind in enumerate(tokenizer.kinds) if kind in ('Bar', 'Hole', 'Fill', 'Position', 'Key')]
    any_id = rng.integers(len(tokenizer), size=(rows, length))
    return torch.from_numpy(np.where(rng.random((rows, length)) < .5, rng.choice(telling, (rows, length)), any_id))


def nowhere(rows): return torch.zeros(5, rows, dtype=torch.int64)


def tensor(ids): return torch.from_numpy(np.asarray(ids)).long()[None]


def places(tokenizer, ids): # (3,T) array
    return read_places(token_facts(tokenizer), tensor(ids), nowhere(1))[0][:, 0].numpy()


# Where a token stands

def places_by_loop(tokenizer, ids):
    "Bar, step and tonic of each token, read as a person would read them."
    count, gap, back, step, tonic, found = 0, 0, 0, 0, 0, []
    for id in ids:
        kind, value = tokenizer.kinds[id], tokenizer.values[id]
        if kind == 'Bar': count, step = count + 1, 0
        elif kind == 'Hole': gap, count = count, count + int(value)
        elif kind == 'Fill': back = count - gap
        elif kind == 'Position': step = int(value)
        elif kind == 'Key': tonic = 0 if value == 'none' else key_tonic(value)
        found.append((count - back, step, tonic))
    return np.array(found).T


@pytest.mark.parametrize('name', TOKENIZERS)
def test_places_are_those_of_a_loop(name, pieces):
    tokenizer = TOKENIZERS[name]()
    rows = random_rows(tokenizer, 8, 200)
    found, _ = read_places(token_facts(tokenizer), rows, nowhere(8))
    for number, row in enumerate(rows.tolist()):
        assert np.array_equal(found[:, number].numpy(), places_by_loop(tokenizer, row))
    change, rng = Rearranged(tokenizer, 1024, holes=.7), np.random.default_rng(0)
    for ids in pieces.get(name, []):
        row = change(ids, rng)
        assert np.array_equal(places(tokenizer, row), places_by_loop(tokenizer, row))


@pytest.mark.parametrize('name', TOKENIZERS)
def test_places_read_in_portions_are_the_same(name):
    tokenizer = TOKENIZERS[name]()
    facts, rows = token_facts(tokenizer), random_rows(tokenizer, 3, 60, seed=1)
    whole, end = read_places(facts, rows, nowhere(3))
    for cut in range(1, 60):
        left, memory = read_places(facts, rows[:, :cut], nowhere(3))
        right, memory = read_places(facts, rows[:, cut:], memory)
        assert torch.equal(torch.cat([left, right], -1), whole) and torch.equal(memory, end)


# One network: portions, steps, batches, and nothing from the future

@pytest.mark.parametrize('name', TOKENIZERS)
@pytest.mark.parametrize('switches', SWITCHES)
@torch.inference_mode()
def test_portions_and_steps_are_the_whole(name, switches):
    model, tokenizer = untrained(name, **switches)
    rows = random_rows(tokenizer, 2, 48, seed=2)
    whole = model(rows)
    assert whole.shape == (2, 48, len(tokenizer)) and whole.std() > .1
    rng = np.random.default_rng(3)
    for cuts in (*np.sort(rng.choice(range(1, 48), (4, 3))).tolist(), [1], [47]):
        cache = model.new_cache(2)
        sizes = np.diff([0, *sorted({*cuts}), 48]).tolist()
        parts = [model(part, cache) for part in rows.split(sizes, 1)]
        torch.testing.assert_close(torch.cat(parts, 1), whole, atol=1e-4, rtol=1e-3)
    cache = model.new_cache(2)
    model(rows[:, :9], cache)
    step = model.stepper(cache)
    written = torch.stack([step(rows[:, t]) for t in range(9, 48)], 1)
    torch.testing.assert_close(written, whole[:, 9:], atol=1e-4, rtol=1e-3)


@pytest.mark.parametrize('switches', SWITCHES)
@torch.inference_mode()
def test_a_row_behind_empty_slots_is_read_as_it_is_alone(switches):
    model, tokenizer = untrained(**switches)
    rows = [row[:length] for row, length in zip(random_rows(tokenizer, 4, 40, seed=4), (40, 33, 12, 2))]
    padding = torch.tensor([40 - len(row) for row in rows])
    batch = torch.stack([torch.nn.functional.pad(row, (40 - len(row), 0)) for row in rows])
    cache = model.new_cache(4, padding)
    first = model(batch[:, :39], cache)
    last = model.stepper(cache)(batch[:, 39])
    for i, row in enumerate(rows):
        alone = model(row[None])[0]
        together = torch.cat([first[i, padding[i]:], last[i:i + 1]])
        torch.testing.assert_close(together, alone, atol=1e-4, rtol=1e-3)


@pytest.mark.parametrize('name', TOKENIZERS)
@pytest.mark.parametrize('switches', SWITCHES)
@torch.inference_mode()
def test_no_later_token_moves_an_earlier_answer(name, switches):
    model, tokenizer = untrained(name, **switches)
    row, rng = random_rows(tokenizer, 1, 40, seed=5), np.random.default_rng(6)
    whole = model(row)[0]
    for at in (1, 7, 20, 39):
        changed = row.repeat(12, 1)
        changed[:, at] = torch.from_numpy(rng.choice(len(tokenizer), 12, replace=False))
        other = changed[:, at] != row[0, at]
        moved = (model(changed) - whole).abs().amax(-1)
        assert moved[:, :at].max() < 1e-4
        assert (moved[other][:, at:].amax(1) > 1e-3).all()


@pytest.mark.parametrize('name', ('folk', 'piano'))
@torch.inference_mode()
def test_only_the_distance_of_bars_counts(name):
    model, tokenizer = untrained(name)
    rows = random_rows(tokenizer, 2, 60, seed=7)
    for bars in (1, 9, 120):
        cache = model.new_cache(2)
        cache.places[0] = cache.places[1] = bars
        torch.testing.assert_close(model(rows, cache), model(rows), atol=2e-3, rtol=1e-2)
    cache = model.new_cache(2)
    cache.places[4] = 5 # another tonic is another music
    assert (model(rows, cache) - model(rows)).abs().max() > .1


@torch.inference_mode()
def test_sampling_with_memory_is_sampling_without(pieces):
    model, tokenizer = untrained()
    prompts = [ids[:n].tolist() for ids, n in zip(pieces['folk'], (60, 31, 4))]
    how = dict(steps=25, seed=0, allowed=tokenizer.grammar)
    assert sample(model, prompts, **how) == sample(model, prompts, cache=False, **how)


@pytest.mark.parametrize('bad', (-1, 491, 10_000))
def test_foreign_ids_get_a_sentence(bad):
    model, tokenizer = untrained()
    assert len(tokenizer) == 491
    for cache in (None, model.new_cache()):
        with pytest.raises(MelodyError, match=f'id {bad} is not in the vocabulary of 491 tokens'):
            model(torch.tensor([[0, 5, bad]]), cache)
    with pytest.raises(MelodyError, match='not in the vocabulary'): sample(model, [0, bad], steps=1)


def test_what_has_no_bars_gets_a_sentence():
    from melodynb.tokenizers import CharTokenizer
    with pytest.raises(MelodyError, match='give a RemiTokenizer'): BarTransformer.of(CharTokenizer())
    with pytest.raises(MelodyError, match='choose one of folk, chorales, piano'): bar_tokenizer('jsb')


# Pitches from the tonic

def heard_pitch(tokenizer, number):
    "The MIDI number that is heard, for those behind the vocabulary, too."
    (low, high), V = tokenizer.pitches, len(tokenizer)
    if number < V: return int(tokenizer.values[number])
    return low - 6 + number - V if number < V + 6 else high + 1 + number - V - 6


@pytest.mark.parametrize('name', TOKENIZERS)
def test_each_tonic_hears_every_pitch_as_far_from_c(name):
    tokenizer, V = TOKENIZERS[name](), len(TOKENIZERS[name]())
    table = from_tonic(tokenizer).long()
    assert table.min() == 0 and table.max() < V + 12
    for tonic, row in enumerate(table.tolist()):
        assert len(set(row)) == V
        below = tonic if tonic <= 6 else tonic - 12
        for id, number in enumerate(row):
            if tokenizer.kinds[id] != 'Pitch': assert number == id
            else: assert heard_pitch(tokenizer, number) == int(tokenizer.values[id]) - below


def heard(model, ids):
    *_, tonic = read_places(model.facts, tensor(ids), nowhere(1))[0]
    return model.heard[tonic, tensor(ids)].long()[0]


def moved_pairs(tokenizer, rows):
    "A piece, the same piece in another key, the table between them, and whether all tonics stay on their side of F♯."
    tables = {steps: np.array(tokenizer.transposed(steps)) for steps in range(-6, 7) if steps}
    for number, ids in enumerate(rows):
        for steps in [*tables][number % 3::3]:
            table = tables[steps]
            if (table[ids] < 0).any(): continue
            keys = [tokenizer.values[id] for id in ids if tokenizer.kinds[id] == 'Key']
            tonics = [0 if key == 'none' else (key_tonic(key) + 5) % 12 - 5 for key in keys]
            same = 'none' not in keys and all(-5 <= tonic + steps <= 6 for tonic in tonics)
            yield ids, table[ids], table, same


@pytest.mark.parametrize('name', ('folk', 'chorales'))
def test_a_tune_in_another_key_is_heard_alike(name, pieces):
    "All but the names of the keys; and an octave apart where one tonic counts as above C and the other as below."
    model, tokenizer = untrained(name)
    count = {True: 0, False: 0}
    for ids, others, _, same in moved_pairs(tokenizer, pieces[name]):
        if any(tokenizer.vocab[id] == 'Key_none' for id in ids): continue
        rest = np.array([tokenizer.kinds[id] != 'Key' for id in ids])
        one, two = heard(model, ids)[rest], heard(model, others)[rest]
        if same: assert torch.equal(one, two)
        else:
            apart = [heard_pitch(tokenizer, b) - heard_pitch(tokenizer, a)
                     for a, b in zip(one.tolist(), two.tolist()) if a != b]
            assert set(apart) <= {-12, 12} and apart
        count[same] += 1
    assert min(count.values()) > 20


def with_one_name_for_keys(model, tokenizer):
    "The embeddings of all keys are one, in front of the blocks and behind them."
    keys = [id for id, kind in enumerate(tokenizer.kinds) if kind == 'Key']
    with torch.no_grad():
        for weight in (model.tokens.weight, model.head.weight, model.head.bias): weight[keys] = weight[keys[0]].clone()
    return model


@torch.inference_mode()
def test_the_odds_of_another_key_are_the_same_odds_moved(pieces):
    "To the last bit, once the names of keys mean the same; before its key, a piece does not know where it is."
    model, tokenizer = untrained(context=1024)
    short = [ids[:200] for ids in pieces['folk'][:8]]
    nameless = with_one_name_for_keys(untrained(context=1024)[0], tokenizer)
    deaf = with_one_name_for_keys(untrained(context=1024, home=False)[0], tokenizer)
    pairs = [pair for pair in moved_pairs(tokenizer, short) if pair[-1]]
    assert len(pairs) > 8
    for ids, others, table, _ in pairs:
        there = np.flatnonzero(table >= 0) # what both keys have
        key = next(at for at, id in enumerate(ids) if tokenizer.kinds[id] == 'Key')
        def same(net):
            one, two = net(tensor(ids))[0, key:], net(tensor(others))[0, key:]
            return torch.equal(two[:, table[there]], one[:, there])
        assert same(nameless) and not same(model) and not same(deaf)
        assert torch.equal(model(tensor(others))[:, :key], model(tensor(ids))[:, :key])


# Rows with a hole

@pytest.mark.parametrize('name', ('folk', 'chorales', 'piano', 'no keys'))
def test_a_hole_loses_nothing_and_every_bar_keeps_its_number(name, pieces):
    tokenizer = TOKENIZERS[name]()
    fill = tokenizer.ids['Fill']
    for ids in pieces[name][:6]:
        bars, steps, _ = places_by_loop(tokenizer, ids[:-1])
        count = len(bar_lines(tokenizer, ids))
        holes = [(first, size) for size in range(1, MOST_HOLE + 1) for first in range(count - size + 1)]
        for first, size in holes:
            row = with_hole(tokenizer, ids, first, size).tolist()
            hole, at = row.index(tokenizer.ids[f'Hole_{size}']), row.index(fill)
            head = hole - (first == 0 and tokenizer.options['keys']) # the key is said in front, too
            kept = [*range(head), *range(at + 1, len(row) - 1), *range(hole + 1, at)]
            assert [row[place] for place in kept] == ids[:-1].tolist() and row[-1] == ids[-1]
            assert sum(tokenizer.kinds[id] == 'Bar' for id in row[at:]) == size
            found = places(tokenizer, row)[:2, kept]
            assert np.array_equal(found, (bars, steps)), (first, size)
            if head < hole: assert row[head] == next(id for id in ids if tokenizer.kinds[id] == 'Key')


@torch.inference_mode()
def test_what_comes_behind_a_hole_in_front_is_heard_from_the_same_tonic(pieces):
    tokenizer = TOKENIZERS['folk']()
    for ids in pieces['folk']:
        keys = [id for id in ids if tokenizer.kinds[id] == 'Key']
        if len(keys) > 1: continue
        row = with_hole(tokenizer, ids, 0, 1)
        hole = row.tolist().index(tokenizer.ids['Hole_1'])
        tonic = places_by_loop(tokenizer, ids)[2][-1]
        assert (places(tokenizer, row)[2][hole:] == tonic).all()


def test_impossible_holes_get_a_sentence(pieces):
    tokenizer = TOKENIZERS['folk']()
    ids = pieces['folk'][0]
    there = len(bar_lines(tokenizer, ids))
    for first, bars, what in ((0, 0, 'bars=0'), (0, 9, '1 to 8 bars'), (-1, 1, 'first=-1'),
                              (there, 1, f'from bar 0 to {there - 1}'), (there - 1, 2, f'a piece of {there} bars')):
        with pytest.raises(MelodyError, match=what): with_hole(tokenizer, ids, first, bars)
    wordless = RemiTokenizer(grid=12)
    for wish in (lambda: with_hole(wordless, ids, 0, 1), lambda: density_word(wordless, ids)):
        with pytest.raises(MelodyError, match='wishes=True'): wish()


@pytest.mark.parametrize('name', ('folk', 'chorales', 'no keys'))
def test_a_later_beginning_says_what_holds_there(name, pieces):
    tokenizer = TOKENIZERS[name]()
    for ids in pieces[name]:
        whole = places_by_loop(tokenizer, ids)
        for number, place in enumerate(bar_lines(tokenizer, ids)[1:], 1):
            row = from_bar(tokenizer, ids, place)
            head = len(row) - (len(ids) - place)
            kinds = [tokenizer.kinds[id] for id in row[:head]]
            assert kinds == ['Start', 'Bar', 'Meter', 'Key'][:3 + tokenizer.options['keys']]
            assert np.array_equal(row[head:], ids[place:]) and tokenizer.vocab[row[1]] == 'Bar'
            meters = [id for id in ids[:place] if tokenizer.kinds[id] == 'Meter']
            assert row[2] == meters[-1]
            bar, step, tonic = places(tokenizer, row)[:, head:]
            assert np.array_equal([bar + number - 1, step, tonic], whole[:, place:])


# What a piece becomes for one reading

@pytest.mark.parametrize('name', ('folk', 'chorales', 'piano', 'no keys'))
@pytest.mark.parametrize('context', (40, 300, 1024))
def test_readings_fit_and_stay_in_the_vocabulary(name, context, pieces):
    if name == 'no keys' and context == 1024: return
    tokenizer = TOKENIZERS[name]()
    change, rng = Rearranged(tokenizer, context, holes=.5), np.random.default_rng(0)
    for _ in range(6):
        for ids in pieces[name]:
            row = change(ids, rng)
            assert len(row) <= context and 0 <= row.min() and row.max() < len(tokenizer) and row.dtype == np.int32
            assert row[0] == ids[0]
            if len(ids) <= context - 3: assert row[-1] == ids[-1] and abs(len(row) - len(ids)) <= 3


def share(tokenizer, rows, kind):
    of_kind = np.array([one == kind for one in tokenizer.kinds])
    return np.mean([of_kind[row].any() for row in rows])


@pytest.mark.parametrize('holes, densities', [(0, 0), (1, 0), (.3, .25), (.3, 1), (.8, .5), (0, 1)])
def test_as_many_holes_and_words_as_asked(holes, densities, pieces):
    tokenizer, rng = TOKENIZERS['folk'](), np.random.default_rng(0)
    change = Rearranged(tokenizer, 1024, holes, densities)
    rows = [change(ids, rng) for ids in pieces['folk'] for _ in range(30)]
    for kind, asked in (('Hole', holes), ('Fill', holes), ('Density', (1 - holes)*densities)):
        found = share(tokenizer, rows, kind)
        assert abs(found - asked) <= 4*np.sqrt(asked*(1 - asked)/len(rows))
    sizes = {int(tokenizer.values[id]) for row in rows for id in row if tokenizer.kinds[id] == 'Hole'}
    assert not holes or sizes == set(range(1, MOST_HOLE + 1))


def test_a_reading_is_the_piece_in_some_key_and_the_same_dice_give_the_same(pieces):
    tokenizer = TOKENIZERS['folk']()
    tables = [np.array(tokenizer.transposed(steps)) for steps in range(-5, 7)]
    change = Rearranged(tokenizer, 1024, holes=0, densities=0)
    one, other = np.random.default_rng(5), np.random.default_rng(5)
    own = 0
    for ids in [ids for ids in pieces['folk'] if len(ids) < 1000]*4:
        row = change(ids, one)
        assert any(np.array_equal(row, table[ids]) for table in tables)
        assert np.array_equal(row, change(ids, other))
        own += np.array_equal(row, ids)
    assert .3 < own/(4*len(pieces['folk'])) < .7


def test_without_words_no_word_is_said(scores):
    tokenizer = RemiTokenizer(grid=12, solo=True, pitches=(48, 100))
    change, rng = Rearranged(tokenizer, 300, holes=1, densities=1), np.random.default_rng(0)
    for ids in tokenizer.pieces(scores['folk'][:20]):
        assert not {tokenizer.kinds[id] for id in change(ids, rng)} & {'Hole', 'Fill', 'Density'}


def test_a_bar_longer_than_a_row_is_cut_and_no_accident():
    tokenizer = TOKENIZERS['piano']()
    chords = [Note(pitch, beat/4, .25) for beat in range(16) for pitch in range(40, 90, 5)]
    ids = tokenizer.piece(Score((Track(chords),), key='G major'))
    assert len(bar_lines(tokenizer, ids)) == 1 and len(ids) > 200
    change, rng = Rearranged(tokenizer, 64), np.random.default_rng(0)
    assert all(len(change(ids, rng)) <= 64 for _ in range(40))


def test_density_counts_the_notes_of_a_bar(scores):
    tokenizer = TOKENIZERS['folk']()
    for score in scores['folk'][::300]:
        notes, bars = len(score.notes), len(score.bar_starts())
        word = tokenizer.vocab[density_word(tokenizer, tokenizer.piece(score))]
        assert word == f'Density_{min(MOST_DENSITY, max(1, round(notes/bars)))}'
    full = Score((Track([Note(60 + i % 3, i/12, 1/12) for i in range(48)]),))
    empty = Score((Track([Note(60, 0, 1), Note(60, 400, 1)]),))
    words = [tokenizer.vocab[density_word(tokenizer, tokenizer.piece(score))] for score in (full, empty)]
    assert words == [f'Density_{MOST_DENSITY}', 'Density_1']


# Kept, trained, and asked to compose

@pytest.mark.parametrize('name', TOKENIZERS)
@pytest.mark.parametrize('switches', SWITCHES[::3])
@torch.no_grad()
def test_saved_and_loaded_it_is_the_same(name, switches, tmp_path):
    model, tokenizer = untrained(name, **switches)
    save(model, tokenizer, tmp_path/'whole')
    save(model, tokenizer, tmp_path/'half', dtype=torch.float16)
    rows = random_rows(tokenizer, 2, 50)
    again, words = load(tmp_path/'whole')
    assert type(again) is BarTransformer and words.vocab == tokenizer.vocab
    assert torch.equal(again(rows), model(rows))
    half, _ = load(tmp_path/'half')
    for table in ('facts', 'heard', 'speeds'): # ids and speeds are not weights: they may not be rounded
        assert torch.equal(getattr(half, table), getattr(model, table))


@pytest.mark.parametrize('name', ('chorales', 'piano'))
def test_several_voices_are_written_too(name, pieces):
    model, tokenizer = untrained(name)
    written = compose((model, tokenizer), bars=3, seed=0)
    assert len(written.tracks) == len(tokenizer.tracks) and len(written.bar_starts()) == 3 and written.notes
    ids = sample(model, pieces[name][0][:50].tolist(), steps=60, seed=0, allowed=tokenizer.grammar)
    assert not [error for error in tokenizer.grammar.errors(ids) if error[0] >= 50]


@pytest.fixture
def few(monkeypatch, scores):
    "The collections and the exam, cut short; here nobody asks who is related to whom."
    def cut(data): return scores[data][:48], scores[data][48:72], scores[data][72:74]
    monkeypatch.setattr(bar_transformer, 'split_music', cut)
    monkeypatch.setattr(bar_transformer, 'exam_for', lambda size: dict(orders=(), pieces=1))


def interrupted(*given, **settings):
    "`fit`, and somebody who stops it."
    def stop(line):
        if line.startswith('step 6:'): raise KeyboardInterrupt
    return fit(*given, **settings, log=stop)


def tensors(folder): return load(folder)[0].state_dict()


def test_the_command_makes_a_composer_and_survives_an_interruption(few, tmp_path, monkeypatch, capsys):
    main([str(tmp_path/'whole'), '--size', 'tiny', '--seed', '3'])
    monkeypatch.setattr(bar_transformer, 'fit', interrupted)
    history = train_bar_transformer(tmp_path/'twice', size='tiny', seed=3)
    assert 'interrupted' in history.stopped and not (tmp_path/'twice').exists()
    lines = []
    monkeypatch.setattr(bar_transformer, 'fit', partial(fit, log=lines.append))
    history = train_bar_transformer(tmp_path/'twice', size='tiny', seed=3)
    assert not history.stopped and history[-1].step == 12 and 'resumed after step 5' in lines
    one, two = tensors(tmp_path/'whole'), tensors(tmp_path/'twice')
    assert one.keys() == two.keys() and all(torch.equal(one[name], two[name]) for name in one)
    figures = json.loads((tmp_path/'twice'/'figures.json').read_text())
    assert figures['made_by'] == 'bar_transformer' and figures['seed'] == 3
    assert '--data folk --size tiny --seed 3' in (tmp_path/'twice'/'README.md').read_text()
    tune = compose(str(tmp_path/'twice'), bars=4, meter='6/8', key='G major', seed=0)
    assert (len(tune.bar_starts()), tune.meter, tune.key) == (4, (6, 8), 'G major') and tune.notes
    capsys.readouterr()
    with pytest.raises(SystemExit) as left: main([str(tmp_path/'whole'), '--size', 'tiny'])
    assert left.value.code == 1 and 'choose a new folder' in capsys.readouterr().err


def test_the_command_reads_chorales(few, tmp_path):
    history = train_bar_transformer(tmp_path/'choir', data='chorales', size='tiny')
    assert history[-1].valid < history[0].valid
    assert len(compose(str(tmp_path/'choir'), bars=2, seed=0).tracks) == 4
