"""A gap is filled exactly: what is outside stays note for note, what is inside keeps to its bars, in any meter."""
import json
import warnings
from dataclasses import replace

import numpy as np
import pytest
import torch
from scores import without_an_idea

from melodynb import bart
from melodynb.bar_transformer import BarTransformer, bar_lines
from melodynb.corpus import load_corpus
from melodynb.infill import Filling, bart_bits, fill, gap_bits, middle_gap, seams
from melodynb.models import load, save
from melodynb.recipe import Recipe, make, midi_opening, opening_score
from melodynb.remi import MOST_HOLE
from melodynb.remi_transformer import split_music
from melodynb.score import NEAR, Change, MelodyError, Note, Score, Track


@pytest.fixture(scope='module')
def untrained(): return without_an_idea('folk')


@pytest.fixture(scope='module')
def shipped(): return load('remi-folk')


def split_at(score, bars):
    "Notes outside a gap, and notes inside."
    lines = score.bar_lines()
    start, stop = lines[bars[0]], lines[bars[1]]
    inside = [n for n in score.notes if start - NEAR < n.start < stop - NEAR]
    return [n for n in score.notes if n not in inside], inside, (start, stop)


def check_filled(score, bars, answer):
    kept, _, (start, stop) = split_at(score, bars)
    same, new, _ = split_at(answer, bars)
    assert same == kept
    assert all(n.end <= min(stop, max(score.end, start)) + NEAR for n in new)
    held = max([n.end for n in kept if n.start < start], default=0)
    assert all(n.start >= min(held, stop) - NEAR for n in new)
    assert all(a.end <= b.start + NEAR for a, b in zip(new, new[1:]))
    assert (answer.meter, answer.changes, answer.bpm, answer.key) == (score.meter, score.changes, score.bpm, score.key)
    assert len(answer.bar_lines()) == len(score.bar_lines())


@pytest.mark.parametrize('number', range(0, 2800, 140))
def test_whatever_the_network_says_a_gap_is_filled_exactly(untrained, number):
    tune = load_corpus('folk')[number]
    there = len(tune.bar_starts())
    rng = np.random.default_rng(number)
    for _ in range(3):
        length = int(rng.integers(1, min(MOST_HOLE, there - 2) + 1))
        first = int(rng.integers(1, there - length + 1))
        for answer in fill(tune, (first, first + length), untrained, seed=[number, number + 1]):
            check_filled(tune, (first, first + length), answer)


def changing(meters, keys=()):
    "Two bars of each meter, a note a beat."
    notes, changes, now = [], [], 0.
    for place, (beats, unit) in enumerate(meters):
        if place: changes.append(Change(now, 'meter', (beats, unit)))
        for _ in range(2):
            size = 4*beats/unit
            notes += [Note(60 + len(notes) % 12, now + beat, min(1, size - beat)) for beat in np.arange(0, size, 1.)]
            now += size
    return Score((Track(tuple(notes)),), meter=meters[0], key='G major', changes=tuple(changes))


@pytest.mark.parametrize('meters', [[(4, 4), (3, 4), (6, 8)], [(5, 4), (2, 4), (7, 8)], [(3, 8), (9, 8), (2, 2)]])
def test_a_gap_over_changing_meters_keeps_them(untrained, meters):
    score = changing(meters)
    for bars in ((1, 3), (2, 5), (3, 6), (1, 6)):
        check_filled(score, bars, fill(score, bars, untrained, seed=5))


def test_seeds_decide_and_proposals_do_not_depend_on_their_neighbours(shipped):
    tune = split_music('folk')[2][3]
    three = fill(tune, (4, 8), shipped, seed=[5, 6, 7])
    assert [fill(tune, (4, 8), shipped, seed=seed) for seed in (5, 6, 7)] == three
    assert len({one.notes for one in three}) == 3
    assert fill(tune, (4, 8), 'remi-folk', seed=5) == three[0]


def test_a_held_note_before_the_gap_and_the_end_behind_it_stay(untrained):
    notes = (Note(67, 0, 1), Note(69, 2, 4), Note(71, 6, 2), Note(72, 8, 3), Note(67, 12, 2.5))
    score = Score((Track(notes),), key='C major')
    for seed in range(6):
        check_filled(score, (1, 2), fill(score, (1, 2), untrained, seed=seed)) # a note is held into it
        last = fill(score, (3, 4), untrained, seed=seed)
        check_filled(score, (3, 4), last)
        assert last.end <= score.end + NEAR


def test_a_long_piece_is_read_around_the_gap(untrained):
    tunes = load_corpus('folk')[:12]
    notes, now = [], 0.
    for tune in tunes:
        size = len(tune.bar_starts())*4.
        notes += [n._replace(start=n.start + now) for n in tune.notes if n.end <= size]
        now += size
    long = Score((Track(tuple(notes)),), key='D major')
    there = len(long.bar_starts())
    assert len(untrained[1].encode(long)) > 2*untrained[0].context
    for first in (1, there//2, there - 9):
        gap = Filling(long, untrained[1], (first, first + 4), room=untrained[0].context)
        assert len(gap.prompt) <= 3*untrained[0].context//4 + 32
        check_filled(long, (first, first + 4), fill(long, (first, first + 4), untrained, seed=1))


def test_several_voices_and_drums(untrained):
    tune = load_corpus('folk')[40]
    bass = Track(tuple(Note(40, beat, 1) for beat in range(int(tune.end))), name='Bass')
    drums = Track(tuple(Note(38, beat, .5) for beat in range(int(tune.end))), drums=True)
    both = replace(tune, tracks=(*tune.tracks, bass, drums))
    with warnings.catch_warnings():
        warnings.simplefilter('ignore')
        answer = fill(both, (2, 4), untrained, seed=0)
    assert answer.tracks[2] == drums
    choir = without_an_idea('chorales')
    for number in range(0, 300, 75):
        chorale = load_corpus('chorales')[number]
        first = 2
        answer = fill(chorale, (first, first + 2), choir, seed=number)
        for before, after in zip(chorale.tracks, answer.tracks):
            lines = chorale.bar_lines()
            kept = [n for n in before.notes if not lines[2] - NEAR < n.start < lines[4] - NEAR]
            assert [n for n in after.notes if not lines[2] - NEAR < n.start < lines[4] - NEAR] == kept
            new = [n for n in after.notes if lines[2] - NEAR < n.start < lines[4] - NEAR]
            assert all(n.end <= lines[4] + NEAR for n in new)
            assert all(a.end <= b.start + NEAR for a, b in zip(new, new[1:]))


def test_bad_gaps_get_a_sentence(untrained):
    tune = load_corpus('folk')[0]
    late = next(t for t in load_corpus('folk') if t.notes[0].start > 0)
    there = len(tune.bar_starts())
    for score, bars, words in ((tune, (4, 4), 'first < stop'), (tune, (8, 4), 'first < stop'),
                               (tune, (-1, 2), 'first < stop'), (tune, (there, there + 1), f'of {there} bars'),
                               (tune, (1, 10), 'at most 8'), (tune, 4, 'counted from 0'),
                               (tune, ('a', 'b'), 'counted from 0'), (tune, (1.5, 3), 'counted from 0'),
                               (late, (0, 2), 'upbeat'), (tune.bars(2), (0, 2), 'one bar must stay')):
        with pytest.raises(MelodyError, match=words) as error: fill(score, bars, untrained)
        assert len(str(error.value).splitlines()) == 1
    with pytest.raises(MelodyError, match='fills none'): fill(tune, (2, 4), load('remi-folk', version='0.1'))
    for rubbish in (3, None, ['remi-folk']):
        with pytest.raises(MelodyError, match='give a shipped name, a folder'): fill(tune, (2, 4), rubbish)
    with pytest.raises(MelodyError, match='no notes'): fill(Score((Track(),)), (0, 1), untrained)


def test_a_folder_is_read_anew_when_another_model_lies_in_it(untrained, tmp_path):
    tune = load_corpus('folk')[0]
    save(*untrained, tmp_path/'mine')
    first = fill(tune, (4, 6), tmp_path/'mine', seed=1)
    assert first == fill(tune, (4, 6), untrained, seed=1)
    torch.manual_seed(9)
    other = BarTransformer.of(untrained[1], width=24, layers=1).eval(), untrained[1]
    with torch.no_grad(): other[0].head.bias.normal_(std=3.) # it has other favourites
    save(*other, tmp_path/'mine', exist_ok=True)
    assert fill(tune, (4, 6), tmp_path/'mine', seed=1) == fill(tune, (4, 6), other, seed=1) != first


def test_bart_answers_too():
    tune, pair = load_corpus('folk')[3], load('bart-folk')
    assert fill(tune, (4, 6), 'bart-folk', seed=2) == bart.fill(tune, 4, 6, *pair, seed=2)


def test_a_recipe_fills_the_same_and_again(shipped):
    tune = split_music('folk')[2][5]
    recipe = Recipe(opening=midi_opening(tune), gap=(4, 8), seed=9, temperature=1., top_p=None)
    result = make(recipe)
    again = make(Recipe.from_json(result.recipe.to_json()))
    assert again.score == result.score and again.recipe == result.recipe
    read = opening_score(recipe.opening)
    assert result.score == fill(read, (4, 8), shipped, seed=9)
    assert 'bars 4 to 7' in result.recipe.sentence()  # behind an upbeat
    note = next(i for i, n in enumerate(result.score.notes) if n.start > result.join - NEAR)
    odds = result.odds(note)
    assert any(chance.chosen for chance in odds) and sum(chance.share for chance in odds) <= 1 + 1e-4
    assert json.loads(result.recipe.to_json())['gap'] == [4, 8]


def test_a_recipe_stopped_in_its_gap_is_made_again():
    tune = split_music('folk')[2][5]
    recipe = Recipe(opening=midi_opening(tune), gap=(2, 10), seed=1)
    stopped = make(recipe, listen=lambda score, share: share > .3, every=0)
    assert stopped.recipe.tokens
    assert make(stopped.recipe).score == stopped.score


def test_bits_of_a_gap_are_those_of_the_whole_row(shipped):
    "From the left alone: the sum over the bars of a piece, gap by gap, is what the whole piece costs."
    model, tokenizer = shipped
    tune = split_music('folk')[2][0]
    there = len(tune.bar_starts())
    parts = gap_bits(model, tokenizer, [tune]*there, [(i, i + 1) for i in range(there)], behind=False)
    ids = torch.tensor(tokenizer.piece(tune)[None]).long()
    with torch.no_grad(): odds = model(ids[:, :-1]).log_softmax(-1)[0]
    nats = -odds.gather(-1, ids[0, 1:, None]).sum() + odds[-1, tokenizer.end]
    assert parts[:, 0].sum() == pytest.approx(nats.item()/np.log(2), rel=1e-4)
    assert parts[:, 1].sum() == len(tune.notes)


def test_seams_count_what_stands_at_the_lines():
    score = Score((Track((Note(60, 0, 4), Note(64, 4, 3), Note(71, 7.5, 2), Note(72, 10, 2), Note(60, 12, 4))),))
    found = seams([score], [(1, 2)])[0]
    assert found.tolist() == [[4, 1], [1, 0]]


def test_bart_bits_are_one_line_at_a_time():
    pair = load('bart-folk')
    tunes = [tune for tune in split_music('folk')[2] if middle_gap(tune)][:8]
    gaps = list(map(middle_gap, tunes))
    together = bart_bits(*pair, tunes, gaps)
    np.testing.assert_allclose(together[3:4], bart_bits(*pair, tunes[3:4], gaps[3:4]), rtol=1e-5, equal_nan=True)
    assert (together[~np.isnan(together[:, 0]), 0] > 0).all()


# Drafts

def test_the_kept_draft_is_the_one_that_leads_on_best(shipped):
    model, tokenizer = shipped
    tune = split_music('folk')[2][3]
    bars = middle_gap(tune)
    gap = Filling(tune, tokenizer, bars)
    drafts = fill(tune, bars, shipped, seed=[8*5 + i for i in range(8)])
    def bits(score):
        ids = tokenizer.piece(tokenizer.encode(score))
        lines = bar_lines(tokenizer, ids)
        middle = ids[lines[bars[0]]:lines[bars[1]]].tolist()
        return gap.landing(model, gap.prompt + middle)
    found = list(map(bits, drafts))
    assert fill(tune, bars, shipped, drafts=8, seed=5) == drafts[int(np.argmin(found))]
    assert max(found) - min(found) > 1


def test_true_bars_lead_on_as_the_reader_from_the_left_says(shipped):
    model, tokenizer = shipped
    tune = split_music('folk')[2][5]
    bars = middle_gap(tune)
    gap, ids = Filling(tune, tokenizer, bars), tokenizer.piece(tokenizer.encode(tune))
    lines = bar_lines(tokenizer, ids)
    row = gap.prompt + ids[lines[bars[0]]:lines[bars[1]]].tolist()
    assert gap.in_order(row) == (ids[:-1].tolist(), lines[bars[1]])
    with torch.no_grad(): odds = model(torch.tensor(ids[None]).long()).log_softmax(-1)[0]
    there = range(lines[bars[1]], lines[bars[1] + 2])
    true = -sum(odds[i - 1, ids[i]].item() for i in there)/np.log(2)
    assert gap.landing(model, row) == pytest.approx(true, abs=1e-3)


def test_a_gap_at_the_end_leads_nowhere(shipped):
    tune = split_music('folk')[2][5].bars(6)
    answer = fill(tune, (4, 6), shipped, drafts=3, seed=0)
    check_filled(tune, (4, 6), answer)


@pytest.mark.parametrize('drafts', [0, 65, 2.5, None, True])
def test_drafts_are_counted(drafts):
    with pytest.raises(MelodyError, match='1 to 64'): fill(split_music('folk')[2][0], drafts=drafts)


def test_bart_judges_no_drafts():
    with pytest.raises(MelodyError, match='BART judges no drafts'):
        fill(split_music('folk')[2][0], model='bart-folk', drafts=2)


def test_no_seed_is_no_proposal():
    with pytest.raises(MelodyError, match='a list of one or more'): fill(split_music('folk')[2][0], seed=[])
