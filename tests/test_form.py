"Form: what does not change it, what does, in any meter, and what it is among people."
import warnings
from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from melodynb.corpus import families, load_corpus, split_by_family
from melodynb.display import ATTEMPT_COLORS
from melodynb.figures import Interval, interval, per_symbol
from melodynb.form import (FORM, barred, bars_again, bars_once, cadences, form_figure, form_table, formed, found_key,
                           length_fits, likeness_by_distance, named_key, outside, phrases, runs_again)
from melodynb.score import Change, MelodyError, Note, Score, Track, key_tonic
from scores import line, score

DRUMS = Track((Note(36, 0, 1), Note(38, 6, 1)), drums=True)


@pytest.fixture(scope='module')
def test(): return split_by_family(load_corpus('folk'))[2]


def told(scores):
    "All measures of some scores, side by side."
    return np.hstack([*formed(scores).values(), np.nan_to_num(likeness_by_distance(scores, 8))])


def later(music, bars):
    "The same after some bars of silence."
    wait = bars*4*music.meter[0]/music.meter[1]
    return music.map_notes(lambda note: note._replace(start=note.start + wait))


# What does not change it

def test_form_knows_no_key_no_speed_and_no_silence_before(test):
    tunes = [tune for tune in test[::20] if not tune.changes]
    assert len(tunes) > 10
    here = told(tunes)
    for same in ([tune.transpose(-4) for tune in tunes], [replace(tune, bpm=200., title='') for tune in tunes],
                 [later(tune, 2) for tune in tunes]):
        np.testing.assert_allclose(told(same), here, atol=1e-9)


def test_only_the_melody_counts(test):
    tunes = [tune for tune in test[5::40] if not tune.changes]
    def accompanied(tune):
        bass = Track((Note(30, tune.notes[0].start, tune.notes[0].duration),))
        return replace(tune, tracks=(*tune.tracks, bass, DRUMS))
    full = [tune for tune in map(accompanied, tunes) if tune.line == barred_line(tune)]
    assert full
    np.testing.assert_allclose(told(full), told([replace(tune, tracks=tune.tracks[:1]) for tune in full]))


def barred_line(tune): return tune.tracks[0].notes


def test_half_the_note_values_in_half_the_bar_are_the_same_form(test):
    tunes = [tune for tune in test if tune.meter == (2, 2) and not tune.changes][:8]
    def halved(tune):
        tracks = (Track(tuple(note._replace(start=note.start/2, duration=note.duration/2) for note in tune.line)),)
        return replace(tune, tracks=tracks, meter=(2, 4))
    np.testing.assert_allclose(told(list(map(halved, tunes))), told(tunes), atol=1e-6)


def test_silence_is_like_nothing():
    music = score(*((pitch, bar*4 + place, 1) for bar in (0, 2, 3) for place, pitch in enumerate((60, 62, 64))))
    np.testing.assert_allclose(likeness_by_distance([music], 4), [[1, 1, 1, np.nan]]) # of pairs in which both sound


def test_a_phrase_ends_at_the_longest_wait_near_it():
    notes = [(60 + place % 5, place, 1) for place in range(40) if place not in (15, 30, 31)]
    assert phrases([score(*notes)]).tolist() == [[10, 3]] # four bars, four, two
    assert phrases([score(*notes)], whole=True).tolist() == [[3, 3]]
    assert phrases([line([60]*16)]).tolist() == [[4, 1]] # nowhere a longer wait


# Any score

def shape(rows, meter, start, key):
    "A score of notes in sixteenths."
    return score(*((pitch, start + place/4, length/4) for pitch, place, length in rows), meter=meter, key=key)


SHAPES = st.builds(
    shape, st.lists(st.tuples(st.integers(30, 90), st.integers(0, 120), st.integers(1, 12)), min_size=1, max_size=40),
    st.sampled_from([(4, 4), (3, 4), (6, 8), (5, 8), (7, 4), (2, 2), (1, 8)]), st.sampled_from([0., 1.5, 9.]),
    st.sampled_from([None, 'C major', 'F# minor', 'Bb dorian']))


@given(SHAPES)
@settings(max_examples=60, deadline=None)
def test_whatever_it_is_so_many_are_of_so_many(music):
    for name, counts in formed([music, line([60])]).items():
        assert counts.shape == (2, 2) and np.isfinite(counts).all() and (counts >= 0).all(), name
        if not name.endswith(')'): assert (counts[:, 0] <= counts[:, 1]).all(), name
    alike = likeness_by_distance([music])
    assert alike.shape == (1, 16) and ((0 <= alike) & (alike <= 1 + 1e-9) | np.isnan(alike)).all()


def test_meters_that_change_and_bars_of_silence():
    notes = [(60 + place % 3, place, 1) for place in range(6)] + [(60, 14 + place, 1) for place in range(4)]
    music = score(*notes, meter=(3, 4), changes=(Change(6., 'meter', (4, 4)),))
    assert barred(music).sizes.tolist() == [3, 3, 4, 4, 4]
    assert bars_once([music]).tolist() == [[1, 3]] # two equal bars, two of silence, one more
    assert bars_again([music], 1).tolist() == [[1, 1]]
    assert length_fits([music], 5).tolist() == [[1, 1]]


def test_equal_notes_in_bars_of_other_length_are_other_bars():
    music = score((60, 0, 1), (60, 3, 1), meter=(3, 4), changes=(Change(3., 'meter', (4, 4)),))
    assert bars_once([music]).tolist() == [[2, 2]]


@pytest.mark.parametrize('early', [0, 1/60, -1/60])
def test_a_hair_is_no_bar(early):
    music = score((60, 0, 1), (62, 4 - early, 1), (60, 8, 1))
    assert len(barred(music)) == 3 and bars_again([music], 2).tolist() == [[1, 1]]


def test_one_note_and_no_note():
    assert phrases([line([60])]).tolist() == [[.25, 1]] and runs_again([line([60])], 1).tolist() == [[0, 0]]
    assert formed([])['bars that occur once'].shape == (0, 2)
    for music in (Score(), Score((DRUMS,))):
        with pytest.raises(MelodyError, match='no pitched notes'): bars_once([music])


# Keys and cadences

def test_a_key_is_found_and_moves_along(test):
    tunes = test[::6]
    named = np.array([key_tonic(named_key(tune)) for tune in tunes])
    found = np.array([key_tonic(found_key(tune)) for tune in tunes])
    assert .8 < np.mean(named == found) < .97
    moved = [key_tonic(found_key(tune.transpose(5))) for tune in tunes]
    assert ((np.array(moved) - found) % 12 == 5).all()


def test_a_bar_rests_on_its_longest_note_and_not_on_the_next_upbeat():
    music = replace(score((67, 3, 1), (64, 4, 1), (60, 5, 2), (67, 7, 1), (65, 8, 4)), key='C major')
    assert cadences([music], bar=1).tolist() == [[1, 1]]
    assert cadences([music], bar=1, degrees=(7,)).tolist() == [[0, 1]]
    assert cadences([music]).tolist() == [[0, 1]]
    assert cadences([music], bar=3).tolist() == [[0, 0]]
    even = replace(line([62, 64, 66, 67]), key='G major')
    assert cadences([even], bar=1).tolist() == [[1, 1]] # of equals the last


@pytest.mark.parametrize('key,foreign', [('C major', 2), ('G major', 2), ('D dorian', 2), ('C minor', 4), ('Db major', 5)])
def test_the_scale_is_that_of_the_mode(key, foreign):
    music = replace(line([60, 62, 64, 65, 67, 69, 71, 66, 68]), key=key) # the white keys, F sharp, G sharp
    assert outside([music]).tolist() == [[foreign, 9]]


# People

BETWEEN = {'bars that occur once': (.45, .6), 'bar equal to the one 4 earlier': (.15, .25),
           'bar equal to the one 1 earlier': (0, .03), 'runs of 8 intervals that came before': (.15, .25),
           'ends on the tonic of the named key': (.75, .9), 'rests on the tonic in bar 8': (.6, .78),
           'rests on the tonic in bar 4': (.15, .3), 'notes outside the key': (.005, .025),
           'length a multiple of 8 bars': (.8, .95)}


def test_the_human_rates(test):
    for name, (low, high) in BETWEEN.items():
        counts = FORM[name](test)
        assert low < per_symbol(counts) < high, name
    alike = np.nanmean(likeness_by_distance(test, 9), axis=0)
    assert min(alike[[3, 7]]) > 2*max(alike[[2, 4, 6, 8]])


def test_the_interval_is_drawn_from_families(test):
    tunes = test[:40]
    once = {'once': bars_once}
    rows = form_table({'one': tunes, 'five times': tunes*5}, once).rows[0]
    assert rows['one'] == rows['five times']
    manner = form_table({'one': tunes}, once, kin=lambda scores: [0]*30 + [*range(10)]).rows[0]['one']
    assert isinstance(manner, Interval) # thirty of forty are no family
    alone = form_table({'one': tunes*5}, once, kin=lambda scores: range(len(scores))).rows[0]['one']
    assert alone.high - alone.low < .7*(rows['one'].high - rows['one'].low)
    sums = np.zeros((len(set(families(tunes))), 2))
    np.add.at(sums, families(tunes), bars_once(tunes))
    assert rows['one'].value == pytest.approx(per_symbol(sums))
    assert isinstance(interval(bars_once(tunes), statistic=per_symbol), Interval) # as the manual says


def test_what_no_piece_can_say_is_said():
    measures = {'last': partial(cadences, key=named_key), 'far': partial(bars_again, back=8)}
    found = form_table({'short': [line([60, 62]), line([64, 60])]}, measures)
    assert [row['short'] for row in found.rows] == ['none', 'none']


def test_the_figure_has_a_line_for_each(test):
    import matplotlib.pyplot as plt
    with warnings.catch_warnings():
        warnings.simplefilter('error')
        figure = form_figure({'people': test[:20], 'others': test[20:30]}, {'others': ATTEMPT_COLORS['bart']}, most=6)
    ax, = figure.axes
    lines = {drawn.get_label(): drawn for drawn in ax.get_lines()}
    assert list(lines) == ['people', 'others'] and lines['others'].get_color() == ATTEMPT_COLORS['bart']
    np.testing.assert_allclose(lines['people'].get_ydata(), np.nanmean(likeness_by_distance(test[:20], 6), axis=0))
    assert '(bars)' in ax.get_xlabel() and 'share' in ax.get_ylabel()
    assert lines['people'].get_marker() != lines['others'].get_marker()
    plt.close(figure)


@pytest.mark.parametrize('ask,reason', [
    (lambda t: bars_once(t[0]), 'list of scores'), (lambda t: bars_again(t, 1.5), 'back=1.5'),
    (lambda t: runs_again(t, 0), 'length=0'), (lambda t: cadences(t, bar=-1), 'bar=-1'),
    (lambda t: length_fits(t, 0), 'bars=0'), (lambda t: form_table({'a': []}), 'a holds 0 pieces'),
    (lambda t: form_table({}), 'collections={}'), (lambda t: form_figure({'a': [line([60])]*3}), 'two bars'),
    (lambda t: form_figure({}), 'collections={}'), (lambda t: likeness_by_distance(t, 0), 'most=0')])
def test_a_refusal_is_one_sentence(test, ask, reason):
    with pytest.raises(MelodyError, match=reason) as caught: ask(test[:3])
    assert '\n' not in str(caught.value) and ':' in str(caught.value)
