"Six measures of a piece, their overlaps between collections, and copies, on music with known values."
import math
from dataclasses import replace
from functools import partial
from itertools import product

import numpy as np
import pytest
from hypothesis import example, given, settings, strategies as st

from melodynb.copies import copied_share, longest_copy
from melodynb.corpus import jsb_split, leak_report, load_corpus, split_at_random
from melodynb.figures import interval, per_symbol
from melodynb.metrics import (FEATURES, bar_likeness, densities, groove, measured, note_density, onset_grid,
                              overlap_area, overlap_figure, pitch_class_entropy, polyphony,
                              scale_consistency, self_similarity)
from melodynb.score import Change, MelodyError, Note, Score, Track, read_midi, write_midi
from scores import line, score

MAJOR, HARMONIC = (0, 2, 4, 5, 7, 9, 11), (0, 2, 3, 5, 7, 8, 11)
DRUMS = Track((Note(36, 0, 1), Note(38, 4, 1)), drums=True)


def rhythm(starts, **fields): return score(*((60, start, .125) for start in starts), **fields)


@pytest.fixture(scope='module')
def folk(): return load_corpus('folk')


@pytest.fixture(scope='module')
def chorales(): return load_corpus('chorales')


lines = st.lists(st.tuples(st.integers(40, 80), st.integers(1, 8)), min_size=2, max_size=60)


def drawn(notes):
    "Pitches and lengths in sixteenths, followed by a bar that makes sure that there are three."
    lengths = [length/4 for _, length in notes]
    starts = np.cumsum([0, *lengths])
    pitches = [pitch for pitch, _ in notes]
    return score(*zip(pitches, starts.tolist(), lengths), (60, float(starts[-1]) + 8, 1))


# Which notes

def test_a_scale_is_one_scale_of_seven_notes():
    for tonic, mode in product(range(12), range(7)):
        scale = line([48 + tonic + step for step in MAJOR[mode:] + MAJOR[:mode]])
        assert scale_consistency(scale) == 1
        assert pitch_class_entropy(scale) == pytest.approx(math.log2(7))


def test_harmonic_minor_and_twelve_notes_fit_no_scale_whole():
    assert scale_consistency(line([60 + step for step in HARMONIC])) == 6/7
    assert scale_consistency(line(range(60, 72))) == 7/12
    assert pitch_class_entropy(line(range(60, 72))) == pytest.approx(math.log2(12))


def test_entropy_counts_notes_not_lengths():
    assert pitch_class_entropy(score((60, 0, 9), (62, 9, 1), (74, 10, 1), (72, 11, 1))) == 1
    assert pitch_class_entropy(line([60, 60, 60, 67])) == pytest.approx(2 - .75*math.log2(3))


# Rhythm

def test_groove_by_hand():
    four = [0, 1, 2, 3]
    assert groove(rhythm([*four, *(4 + t for t in four)])) == 1
    assert groove(rhythm([*four, 4, 6]), grid=1) == 1 - 2/4
    assert groove(rhythm([*four, 4, 6])) == 1 - 2/16
    assert groove(rhythm([0, 4.5, 8])) == 1 - 2/16
    assert groove(rhythm([0, 1.5, 3, 4.5], meter='6/8')) == 1


def test_groove_does_not_depend_on_the_ticks_of_a_file(folk):
    for tune in folk[::150]:
        same = [groove(read_midi(write_midi(tune, ticks_per_beat=ticks))) for ticks in (480, 960, 2520)]
        assert same == pytest.approx([groove(tune)]*3)


def test_groove_forgives_a_nearly_right_onset():
    assert groove(rhythm([0, 1.03, 3.98, 5, 8.01, 8.96])) == 1 # the third is a downbeat, played early


def test_groove_across_changes_of_meter():
    even, odd = [0, 2, 4, 6], [8, 10, 11, 13]
    changed = rhythm([*even, *odd], changes=(Change(8, 'meter', (3, 4)),))
    assert changed.bar_starts() == [0, 4, 8, 11] and groove(changed) == 1
    odd = [8, 10, 12]
    assert groove(rhythm([*even, *odd], changes=(Change(8, 'meter', (3, 4)),))) == 1 - (0 + 3/12)/2
    uneven = rhythm([0, 4], changes=(Change(4, 'meter', (3, 4)),))
    with pytest.raises(MelodyError, match='no two neighbouring bars of one length'): groove(uneven)


def test_groove_in_a_meter_that_the_grid_cannot_divide():
    beat = 7/8
    assert groove(rhythm([0, beat, 2*beat, 3*beat], meter='7/32')) == 1
    onsets, places = onset_grid(rhythm([0, beat], meter='7/32'))
    assert onsets.shape == (2, 4) and places.tolist() == [4, 4] and onsets[:, 0].all()


def test_drums_have_a_groove_and_no_pitch():
    beat = Score((DRUMS,))
    assert groove(beat) == 1 and note_density(beat) == 2/5
    for measure in (pitch_class_entropy, scale_consistency, self_similarity, polyphony):
        with pytest.raises(MelodyError, match='no pitched notes'): measure(beat)


# Form

def test_self_similarity_by_hand():
    up = [60, 64, 67, 72]
    assert self_similarity(line(up*3)) == 1
    assert self_similarity(line([*up, *(p + 3 for p in up), *(p - 14 for p in up)])) == 1
    assert self_similarity(rhythm([0, 1, 4.5, 5.5, 8, 9])) == (0 + 1)/2 # bar 2 is new, bar 3 is bar 1
    assert self_similarity(line([60, 64, 67, 72, 60, 64, 67, 71])) == 3/4
    assert self_similarity(score((60, 0, 1), (60, 4, 1), (64, 4, 1), (67, 4, 1))) == 2*1/(1 + 3)


def test_likeness_is_symmetric_and_a_bar_is_like_itself(chorales):
    for chorale in chorales[::40]:
        likeness = bar_likeness(chorale)
        assert np.allclose(likeness, likeness.T) and np.allclose(np.diag(likeness), 1) and likeness.min() >= 0


def test_empty_bars_are_no_bars_of_the_form():
    assert self_similarity(line([60, 62]*2).map_notes(lambda n: n._replace(start=n.start*16))) == 1
    with pytest.raises(MelodyError, match='notes in 1 bar'): self_similarity(line([60, 62]))


# How much

def test_density_and_polyphony_by_hand():
    assert note_density(score((60, 8, 1), (62, 11, 1))) == 2/4 # silence before the first note is no music
    assert polyphony(score((60, 0, 4), (64, 0, 4), (67, 2, 2))) == 10/4
    assert polyphony(score((60, 0, 8), (62, 1, 1), (64, 4, 1))) == 10/8 # the first is held
    assert polyphony(line([60, 62], length=.5)) == 1


def test_four_voices_are_nearly_four(chorales):
    assert np.mean([polyphony(chorale) for chorale in chorales]) == pytest.approx(4, abs=.02)


# All of them

@settings(max_examples=40, deadline=None)
@given(lines, st.integers(-20, 20))
def test_no_measure_knows_the_key(notes, steps):
    tune = drawn(notes)
    moved = tune.transpose(steps)
    for name, measure in FEATURES.items(): assert measure(moved) == pytest.approx(measure(tune)), name


@settings(max_examples=40, deadline=None)
@given(lines)
def test_every_measure_keeps_to_its_range(notes):
    tops = math.log2(12), 1, 1, 1, np.inf, np.inf
    for value, top in zip(measured([drawn(notes)]).values(), tops): assert 0 <= value[0] <= top + 1e-9


def test_an_empty_score_is_refused_by_all():
    for measure in FEATURES.values():
        with pytest.raises(MelodyError, match='leave it out'): measure(Score())
    for values in measured([Score(), line(range(60, 70))]).values():
        assert np.isnan(values).tolist() == [True, False]


@pytest.mark.parametrize('grid', [0, .5, -4])
def test_a_grid_is_whole(grid):
    for measure in (groove, self_similarity):
        with pytest.raises(MelodyError, match='whole number from 1'): measure(line(range(60, 70)), grid=grid)


# Overlap

samples = st.lists(st.floats(-1e100, 1e100), min_size=2, max_size=50)


@settings(max_examples=60, deadline=None)
@given(samples, samples)
@example([1e-320, 1e-320], [0., 0.])
@example([1e-300, 3e-300], [0., 1e-310])
@example([1e100, -1e100], [0., 1e-310])
@example([1e-98, 3e-98], [1e-98, 3e-98])
def test_overlap_is_symmetric_and_a_share(first, second):
    assert overlap_area(first, second) == overlap_area(second, first)
    assert 0 <= overlap_area(first, second) <= 1
    assert overlap_area(first, first) == pytest.approx(1)
    assert overlap_area(first, first[::-1]) == pytest.approx(1)


@pytest.mark.parametrize('size', [5, 50, 1000])
def test_overlap_of_known_distributions(size):
    values = np.random.default_rng(size).normal(3, 1, size)
    assert overlap_area(values, values + 100) == 0
    assert overlap_area(values, -40*values) < overlap_area(values, values + .5) < 1
    moved = overlap_area(values, values + 1)
    assert moved == pytest.approx(overlap_area(7*values - 2, 7*values + 5), abs=1e-6) # whatever the unit
    if size == 1000: assert moved == pytest.approx(math.erfc(.5/math.sqrt(2)), abs=.03)


def test_overlap_of_constants():
    assert overlap_area([1]*5, [1]*9) == pytest.approx(1) == overlap_area([0]*5, [0, 0])
    assert overlap_area([1]*5, [1.01]*5) == 0
    assert overlap_area([1, 1, 1 - 1e-15], [1, 1 + 1e-15, 1]) == pytest.approx(1)
    assert 0 < overlap_area([1]*5, np.linspace(0, 2, 50)) < .6


def test_densities_are_shares_on_one_grid():
    grid, curves = densities([1, 2, 3, math.nan], [10, 11], points=300)
    assert grid.shape == (300,) and curves.shape == (2, 300) and np.allclose(curves.sum(axis=1), 1)
    assert curves @ grid == pytest.approx([2, 10.5])


@pytest.mark.parametrize('bad', [[], [1], [1, math.nan], [1, 2, math.inf]])
def test_too_little_for_a_density(bad):
    with pytest.raises(MelodyError, match='at least 2'): overlap_area([1, 2], bad)


def test_overlap_has_an_interval_and_a_figure(folk):
    first, second = measured(folk[::80]), measured(folk[40::80])
    for name in FEATURES:
        found = interval(second[name], statistic=partial(overlap_area, first[name]), resamples=40)
        assert found.low <= found.high <= 1 and found.value > .7
    figure = overlap_figure(first, second)
    assert [ax.get_xlabel() for ax in figure.axes] == list(FEATURES)
    import matplotlib.pyplot as plt
    plt.close(figure)


# Copies

def test_a_training_tune_in_any_key_is_a_copy(folk):
    train = folk[:300]
    copies = [tune.transpose(steps) for tune, steps in zip(train[::30], (-3, 1, 5, 2, -1, 4, 0, -5, 6, 3))]
    counts = copied_share(copies, train, rhythm=True)
    assert (counts[:, 0] == counts[:, 1]).all() and per_symbol(counts) == 1
    assert longest_copy(copies, train).tolist() == [len(tune.notes) for tune in train[::30]]


def test_copies_are_what_the_leak_report_counts(folk, chorales):
    splits = [split_at_random(folk[:400]), jsb_split(chorales)]
    for (train, _, test), length in product(splits, (5, 16)):
        report, counts = leak_report(train, test, lengths=(length,)), copied_share(test, train, length=length)
        assert counts.sum(axis=0)[1] == report.windows[length]
        assert per_symbol(counts) == pytest.approx(report.share[length])


def test_the_longest_copy_is_the_last_window_that_is_one(folk):
    train, test = folk[200:400], folk[:4]
    for tune, notes in zip(test, longest_copy(test, train).tolist()):
        some, none = (copied_share([tune], train, length=length)[0, 0] for length in (notes, notes + 1))
        assert some > 0 == none


def test_copies_by_hand():
    known = [line([60, 62, 64, 65]), line([70, 69, 67, 65])]
    joined = line([60, 62, 64, 65, 70, 69, 67, 65])
    assert longest_copy([joined], known).tolist() == [4] # a copy does not reach from one piece into the next
    assert copied_share([joined, line([60, 72])], known, length=4).tolist() == [[2, 5], [0, 0]]
    assert longest_copy([line([60, 66, 60]), line([60]), Score()], known).tolist() == [0, 0, 0]
    swung = score((60, 0, 1), (62, 1.5, 1), (64, 2, 1), (65, 3, 1))
    assert copied_share([swung], known, length=3).tolist() == [[2, 2]]
    assert copied_share([swung], known, length=3, rhythm=True).tolist() == [[0, 2]]


def test_of_several_voices_the_top_line_is_looked_up(chorales):
    sopranos = [replace(chorale, tracks=chorale.tracks[:1]) for chorale in chorales[:20]]
    assert per_symbol(copied_share(chorales[:20], [chorale.melody() for chorale in chorales[:20]])) == 1
    assert per_symbol(copied_share(sopranos, chorales[:20])) > .8


def test_what_cannot_be_looked_up():
    tune = line(range(60, 80))
    wrong = (([], [tune], {}, 'at least one of each'), ([tune], [], {}, 'at least one of each'),
             ([tune], [tune], dict(length=1), 'at least 2 notes'),
             ([tune], [tune], dict(length=21), 'shorter windows'))
    for scores, reference, options, reason in wrong:
        with pytest.raises(MelodyError, match=reason): copied_share(scores, reference, **options)
