"Generated against human music: values that MusPy gives too, distances, copies, and who can be told apart."
import html
import math
from dataclasses import replace
from functools import partial
from itertools import chain

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from melodynb.copies import Copy, CopyIndex, copied_share, copy_report, longest_copy
from melodynb.corpus import families, load_corpus, split_by_family
from melodynb.figures import half_sample_interval, interval
from melodynb.listener import _wilson, tell_apart
from melodynb.metrics import (FEATURES, MEASURES, earth_mover, empty_beats, evaluate, groove, measured,
                              overlap_area, pitch_class_entropy, pitch_range, polyphony, scale_consistency)
from melodynb.score import MelodyError, Note, Score, Track
from scores import line, score

DRUMS = Track((Note(36, 0, 1), Note(38, 6, 1)), drums=True)


def dice(count, notes=60, seed=0):
    "Tunes thrown by dice."
    rng = np.random.default_rng(seed)
    return [line(rng.integers(60, 84, notes).tolist(), .5) for _ in range(count)]


@pytest.fixture(scope='module')
def folk(): return load_corpus('folk')


@pytest.fixture(scope='module')
def split(folk): return split_by_family(folk)


# What MusPy measures too

def in_ticks(music, muspy, resolution=24, shorter=0):
    "A score as MusPy holds it, each note some ticks shorter."
    def ticks(beats): return int(round(beats*resolution))
    def note(n): return muspy.Note(ticks(n.start), n.pitch, ticks(n.duration) - shorter)
    tracks = [muspy.Track(is_drum=t.drums, notes=list(map(note, t.notes))) for t in music.tracks if t.notes]
    return muspy.Music(resolution=resolution, tracks=tracks)


def thinned(music):
    "Without what begins in every third beat, from beat 0 on: a piece with rests."
    first = math.floor(music.notes[0].start)
    def left(track):
        notes = [n for n in track.notes if n.start // 1 % 3 != (first + 2) % 3]
        return replace(track, notes=tuple(n._replace(start=n.start - first) for n in notes))
    return Score(tuple(map(left, music.tracks)))


def no_unisons(music):
    "What sounds on one pitch at one time, as one note."
    merged = []
    for note in sorted(chain.from_iterable(t.notes for t in music.tracks if not t.drums)):
        last = merged[-1] if merged else None
        if last and last.pitch == note.pitch and note.start < last.end - 1e-9:
            merged[-1] = last._replace(duration=max(last.end, note.end) - last.start)
        else: merged.append(note)
    return Score((Track(tuple(merged)),))


@pytest.fixture(scope='module')
def muspy(): return pytest.importorskip('muspy', reason='reference values come from MusPy, which only tests need')


@pytest.fixture(scope='module')
def pieces(folk):
    "A dozen and one: melodies, four voices, and a melody with drums."
    few = [*folk[3::440], *load_corpus('chorales')[::70]]
    return [*few, Score((few[0].tracks[0], DRUMS))]


def test_muspy_gives_the_same_notes(muspy, pieces):
    assert len(pieces) >= 13
    for piece in pieces:
        music = in_ticks(piece, muspy)
        assert pitch_class_entropy(piece) == pytest.approx(muspy.pitch_class_entropy(music))
        assert scale_consistency(piece) == pytest.approx(muspy.scale_consistency(music))
        assert pitch_range(piece) == muspy.pitch_range(music)
        assert polyphony(no_unisons(piece)) == pytest.approx(muspy.polyphony(music))


def test_muspy_gives_the_same_groove_and_silence(muspy, pieces):
    rests = []
    for piece in map(lambda piece: piece.quantize(.25), pieces):
        beats, unit = piece.stretches('meter')[0][1]
        if len(piece.stretches('meter')) == 1:
            same = muspy.groove_consistency(in_ticks(piece, muspy, 4, shorter=1), 16*beats//unit)
            assert groove(piece) == pytest.approx(same)
        rests.append(empty_beats(thinned(piece)))
        assert rests[-1] == pytest.approx(muspy.empty_beat_rate(in_ticks(thinned(piece), muspy, shorter=1)))
    assert min(rests[:6]) > 0 # or nothing was tested


def test_where_muspy_counts_otherwise(muspy):
    gap = score((60, 0, 1), (62, 2, 1))
    assert empty_beats(gap) == 1/3
    assert muspy.empty_beat_rate(in_ticks(gap, muspy)) == 0 # a note ends on the beat
    unison = Score((Track((Note(60, 0, 1),)), Track((Note(60, 0, 1),))))
    assert polyphony(unison) == 2 and muspy.polyphony(in_ticks(unison, muspy)) == 1
    full = line([60]*8)
    assert groove(full) == 1
    assert muspy.groove_consistency(in_ticks(full, muspy, 4), 16) < 1 # an empty bar behind the last


# Silence and range

def test_silence_by_hand():
    assert empty_beats(score((60, 3.5, .5), (62, 6, .25))) == 2/4     # beats 3 to 6: the upbeat is no rest
    assert empty_beats(score((60, 0, 8), (62, 2, 1))) == 0            # a held note reaches over
    assert empty_beats(Score((Track((Note(60, 4, 1),)), DRUMS))) == 4/7
    assert empty_beats(score((60, 0, .01), (60, 9, .01))) == 8/10
    assert pitch_range(Score((Track((Note(60, 4, 1), Note(67, 5, 1))), DRUMS))) == 7
    assert pitch_range(line([60])) == 0
    for measure in (empty_beats, pitch_range):
        with pytest.raises(MelodyError, match='leave it out'): measure(Score())


# How far apart

values = st.lists(st.integers(-1000, 1000).map(lambda n: n/8), min_size=2, max_size=30)


@settings(max_examples=40, deadline=None)
@given(values, values, values, st.integers(-50, 50))
def test_earth_mover_is_a_distance(first, second, third, shift):
    assert earth_mover(first, first[::-1]) == 0
    assert earth_mover(first, second) == pytest.approx(earth_mover(second, first))
    assert earth_mover(first, third) <= earth_mover(first, second) + earth_mover(second, third) + 1e-9
    moved = np.array(first) + shift # the case in which densities on two grids see nothing
    assert earth_mover(first, moved) == pytest.approx(abs(shift))
    assert earth_mover(np.array(first)*3, np.array(second)*3) == pytest.approx(3*earth_mover(first, second))
    assert earth_mover(first*2, second*3) == pytest.approx(earth_mover(first, second)) # only shares count
    if len(first) == len(second):
        assert earth_mover(first, second) == pytest.approx(np.abs(np.sort(first) - np.sort(second)).mean())


@pytest.mark.parametrize('bad', [[], [1], [1, math.nan], [1, math.inf]])
def test_too_little_to_move(bad):
    with pytest.raises(MelodyError, match='at least 2'): earth_mover([1, 2], bad)


# All measures in one call

def test_a_collection_is_like_itself(split):
    tunes = split[2][:30]
    found = evaluate(tunes, tunes, resamples=20)
    assert set(FEATURES) < set(MEASURES) == set(found.found)
    for name in MEASURES:
        assert found[name].distance.value == 0 and not found[name].apart
        assert found[name].overlap.value == pytest.approx(1)
        assert found[name].generated == found[name].reference


def test_evaluate_says_what_its_parts_say(split):
    generated, reference = split[1][:40], split[2][:50]
    found = evaluate(generated, reference, resamples=20)
    ours, theirs = measured(generated, MEASURES), measured(reference, MEASURES)
    for name in MEASURES:
        assert found[name].generated.value == pytest.approx(ours[name].mean())
        assert found[name].overlap.value == overlap_area(theirs[name], ours[name])
        assert found[name].distance.value == earth_mover(ours[name], theirs[name])
    again, other = (evaluate(generated, reference, seed=seed, resamples=20) for seed in (0, 1))
    assert repr(found) == repr(again) != repr(other)
    import matplotlib.pyplot as plt
    plt.close(found.figure())


def test_people_keep_to_their_own_ruler(split):
    found = evaluate(split[1], split[2], resamples=2) # the ruler does not depend on the number of halves
    assert sum(row.apart for row in found.found.values()) <= 2
    for row in found.found.values(): assert row.ruler.low <= row.ruler.value <= row.ruler.high
    caught = evaluate(dice(40), split[2], resamples=60)
    heard = 'pitch-class entropy (bits)', 'scale consistency', 'self-similarity', 'range (semitones)'
    assert all(caught[name].apart for name in heard)


@pytest.fixture(scope='module')
def people(folk):
    "Every tune measured once: the measures and families of a tune, looked up."
    values, labels = measured(folk, MEASURES), families(folk)
    place = {id(tune): i for i, tune in enumerate(folk)}
    features = {name: lambda tune, column=column: column[place[id(tune)]] for name, column in values.items()}
    return features, lambda scores: [labels[place[id(tune)]] for tune in scores]


def draws_of_people(folk, kin, sizes, seed):
    "Two groups of tunes that share no family."
    labels = np.array(kin(folk))
    order = np.random.default_rng(seed).permutation(labels.max() + 1)
    first = np.searchsorted(np.cumsum(np.bincount(labels)[order]), sizes[0]) + 1
    second = np.searchsorted(np.cumsum(np.bincount(labels)[order[first:]]), sizes[1]) + 1
    def tunes(part): return [folk[i] for i in np.flatnonzero(np.isin(labels, part))]
    return tunes(order[:first]), tunes(order[first:first + second])


def share_apart(folk, people, sizes, draws, kin=None):
    features, related = people
    pairs = [draws_of_people(folk, related, sizes, seed) for seed in range(draws)]
    options = dict(features=features, kin=kin or related, resamples=1)
    rows = chain(*(evaluate(*pair, **options).found.values() for pair in pairs))
    return np.mean([row.apart for row in rows])


def test_people_are_rarely_unlike_people(folk, people):
    assert share_apart(folk, people, (300, 300), 8) <= .08 # of 64 measures; by design 1 of 40
    assert share_apart(folk, people, (60, 300), 8) <= .08


def test_a_ruler_of_single_tunes_is_too_short(folk, people):
    features, related = people
    pairs = [draws_of_people(folk, related, (60, 300), seed) for seed in range(4)]
    def edges(kin, pair):
        found = evaluate(*pair, features=features, kin=kin, resamples=1).found.values()
        return [row.ruler.high for row in found if row.ruler.high]
    def edge(kin): return np.mean([edges(kin, pair) for pair in pairs], axis=0)
    assert (edge(related) > 1.03*edge(lambda scores: range(len(scores)))).mean() > .7


def test_a_ruler_needs_no_families(split):
    tune = split[2][0]
    variants = [tune.transpose(steps) for steps in range(-5, 7)] # one family, which is then none
    height = {'height': lambda tune: float(np.mean([n.pitch for n in tune.notes]))}
    found = evaluate(variants, variants, features=height, resamples=20)['height']
    assert 0 < found.ruler.value < found.ruler.high and not found.apart
    for labels, reason in (([0], 'gives 1 labels for 12'), (range(13), 'one each')):
        with pytest.raises(MelodyError, match=reason):
            evaluate(variants, variants, features=height, kin=lambda scores: labels)


def test_a_value_lies_in_its_own_interval(split):
    for count in (4, 5, 9, 40):
        found = evaluate(split[1][:count], split[2], resamples=30)
        for row in found.found.values():
            for value, low, high in (row.overlap, row.distance): assert 0 <= low <= value <= high
            assert row.overlap.high <= 1


def test_halves_are_as_wide_as_they_should_be():
    rng = np.random.default_rng(0)
    other, samples, more = rng.normal(size=300), rng.normal(size=(80, 40)), rng.normal(size=(200, 40))
    near = partial(overlap_area, other)
    truth = np.mean(list(map(near, more)))
    def drawn(way): return [way(sample, i, .9, near, 60) for i, sample in enumerate(samples)]
    def held(intervals): return np.mean([low <= truth <= high for _, low, high in intervals])
    again, halves = drawn(interval), drawn(half_sample_interval)
    assert .8 < held(halves) < .98 and held(again) < held(halves) # a repeated value is less like others
    assert any(not low <= value <= high for value, low, high in again)


@pytest.mark.parametrize('given,reason', [
    (None, 'list of scores'), ('CDE', 'list of scores'), (Score(), 'list of scores'),
    ([Score(), None], r'\[1\] is None, which is no Score'), (['CDE'], 'no Score'),
    (iter([Score(), 3]), 'no Score')])
def test_what_is_no_score_is_named(split, given, reason):
    tunes = split[2][:12]
    asked = (evaluate, tunes), (copy_report, tunes, tunes), (tell_apart, tunes), (measured,), (longest_copy, tunes)
    for ask, *others in asked:
        if hasattr(given, '__next__'): given = iter([Score(), 3])
        with pytest.raises(MelodyError, match=reason): ask(given, *others)


def test_wishes_that_cannot_be_met(split):
    tunes = split[2][:12]
    wishes = ((dict(features=[groove]), 'by its name'), (dict(features={}), 'at least one measure'),
              (dict(resamples=0), 'resamples=0'), (dict(level=95), 'level=95'))
    for wish, reason in wishes:
        with pytest.raises(MelodyError, match=reason): evaluate(tunes, tunes, **wish)
    with pytest.raises(MelodyError, match='no half ones'): copy_report(tunes, tunes, tunes, length=16.5)


def test_moved_by_a_hundred_is_a_hundred_away(split):
    height = {'height': lambda tune: float(np.mean([n.pitch for n in tune.notes]))}
    low = [tune.transpose(-20) for tune in split[2][:30]]
    found = evaluate([tune.transpose(60) for tune in low], low, features=height, resamples=20)['height']
    assert found.distance.value == pytest.approx(60) and found.overlap.value == 0 and found.apart


def test_what_cannot_be_judged_is_said(split):
    tunes, beat = split[2][:12], Score((DRUMS,))
    features = {'polyphony': polyphony, 'empty beats': empty_beats}
    found = evaluate([beat, *tunes], tunes, features=features, resamples=20)
    assert (found['polyphony'].missing, found['empty beats'].missing) == (1, 0)
    assert 'cannot judge' in repr(found)
    wrong = ([beat]*3, tunes, 'can judge 0 generated'), (tunes, tunes[:3], 'can judge 3 reference')
    for generated, reference, reason in wrong:
        with pytest.raises(MelodyError, match=reason): evaluate(generated, reference)


# Copies

few_steps = st.lists(st.lists(st.integers(0, 3), min_size=1, max_size=25), min_size=1, max_size=6)


def brute(asked, known):
    "The longest run from each step on that is in a known line."
    def common(first, second):
        differ = (k for k, (a, b) in enumerate(zip(first, second)) if a != b)
        return next(differ, min(len(first), len(second)))
    ends = []
    for line in known: ends += [line[place:] for place in range(len(line))]
    def longest(start): return max(common(asked[start:], end) for end in ends)
    return list(map(longest, range(len(asked))))


@settings(max_examples=80, deadline=None)
@given(few_steps, few_steps)
def test_the_index_finds_what_trying_all_places_finds(known, asked):
    def tune(steps): return line(np.cumsum([40, *steps]).tolist())
    index = CopyIndex(list(map(tune, known)))
    for steps, run in zip(asked, index.runs(list(map(tune, asked)))):
        assert run[0].tolist() == brute(steps, known)
        for start, (length, which, place) in enumerate(run.T.tolist()):
            assert steps[start:start + length] == known[which][place:place + length]


def test_an_index_and_its_scores_give_the_same(split):
    train, _, test = split
    for rhythm in (False, True):
        index = CopyIndex(train[:400], rhythm)
        assert (copied_share(test[:20], index) == copied_share(test[:20], train[:400], rhythm=rhythm)).all()
        assert (longest_copy(test[:20], index) == longest_copy(test[:20], train[:400], rhythm=rhythm)).all()


def test_a_planted_copy_is_found_named_and_played(split):
    train, _, test = split
    source, start = train[120], 5
    shift = source.notes[start].start - 4
    stolen = [n._replace(pitch=n.pitch + 3, start=n.start - shift) for n in source.notes[start:start + 30]]
    thief = Score((Track((Note(100, 0, .3), Note(41, 1, .7), *stolen)),))
    report = copy_report([*dice(5), thief], train[:200], test[:40])
    assert report.order[0] == 5 and report.copies[5] == Copy(30, 2, 120, start, 15, 17)
    assert report.table().rows[0]['nearest training tune'] == source.title
    page = report._repr_html_()
    ends = [source.notes[i].start + 1e-6 for i in (start, start + 29)]
    first, last = np.searchsorted(source.bar_starts(), ends, side='right')
    assert f'{html.escape(source.title)}, bar {first} to {min(last, first + 15)}' in page
    assert page.count('data-player') >= 2 and html.escape(source.title) in page and '-3 semitones' in page
    assert report.share.value > report.people.value
    assert report.share.low <= report.share.value <= report.share.high
    assert report.index.rate([*dice(5), thief]) == report.share


def at_speed(tune, factor):
    "All times of a tune, so many times as long."
    return tune.map_notes(lambda n: n._replace(start=n.start*factor, duration=n.duration*factor))


def test_copies_survive_keys_and_need_the_rhythm(split):
    train, _, test = split
    moved = [tune.transpose(2) for tune in train[:12]]
    swung = [at_speed(tune, 1.5) for tune in moved]
    assert copy_report(moved, train[:60], test[:30]).share.value == 1
    assert copy_report(swung, train[:60], test[:30]).share.value < .1
    assert copy_report(swung, train[:60], test[:30], rhythm=False).share.value == 1


@pytest.mark.parametrize('speed', [.5, 2])
def test_another_speed_hides_no_copy(split, speed):
    train, _, test = split
    other = [at_speed(tune.transpose(1), speed) for tune in train[:12]]
    report = copy_report(other, train[:60], test[:30])
    assert report.share.value == 1 and [copy.source for copy in report.copies] == list(range(12))
    assert [copy.notes for copy in report.copies] == [len(tune.notes) for tune in train[:12]]
    assert 'data-player' in report._repr_html_()


def test_chords_drums_and_a_grace_note_hide_no_copy(split):
    train, _, test = split
    def low(tune): return Track(tuple(n._replace(pitch=n.pitch - 12) for n in tune.notes))
    def grace(n): return n._replace(pitch=n.pitch + 2, start=n.start - .1, duration=.1)
    dressed = [Score((*tune.tracks, low(tune), DRUMS)) for tune in train[:9]]
    assert copy_report(dressed, train[:60], test[:30]).share.value == 1
    middle = [tune.notes[len(tune.notes)//2] for tune in train[:9]]
    graced = [Score((Track(tune.notes + (grace(n),)),)) for tune, n in zip(train, middle)]
    for tune, copy in zip(train, copy_report(graced, train[:60], test[:30]).copies):
        assert copy.notes >= len(tune.notes)//2 - 1
        assert copy.windows - copy.copied <= 17 # the windows that hold it, and no others


def test_the_longest_copy_is_held_against_people(split):
    train, valid, test = split
    report = copy_report([Score(), *valid[:40]], train[:400], test[:60])
    longest = longest_copy(valid[:40], train[:400], rhythm=True)
    assert report.longest.value == pytest.approx(longest.mean()) # an empty piece has no room for a copy
    assert report.people_longest.low <= report.people_longest.value <= report.people_longest.high < 20
    assert f'{report.people_longest.value:.1f} notes' in report.sentence()
    assert 'inf' not in copy_report(valid[:1], train[:400], test[:60]).sentence()


def test_a_report_on_nothing_copied(split):
    trills = [line([60, 66]*10, .01), line([60, 71]*10, .01)]
    report = copy_report(trills, [line([60, 61, 62], 1)], split[2][:5])
    assert report.share == (0, 0, pytest.approx(1 - .05**.5)) # two pieces exclude little
    assert 'none (at most 77.64%)' in repr(report)
    assert 'data-player' not in report._repr_html_()
    with pytest.raises(MelodyError, match='nothing to play'): report.beside()
    few = split[2][:3]
    wrong = (([], split[2], 'at least one of each'), (few, [], 'at least one of each'),
             ([line([60, 62])], few, 'shorter windows'))
    for generated, training, reason in wrong:
        with pytest.raises(MelodyError, match=reason): copy_report(generated, training, split[2][:3])


# Can anyone tell?

@pytest.mark.parametrize('right, count, low, high', [
    (81, 263, .2553, .3662), (15, 148, .0624, .1605), (0, 20, 0, .1611), (1, 29, .0061, .1718)])
def test_the_interval_of_a_share_is_the_published_one(right, count, low, high):
    "Table I of Newcombe (1998), Statistics in Medicine 17, method 3."
    assert _wilson(right/count, count, .95) == pytest.approx((low, high), abs=5e-5)


def test_people_are_people_and_dice_are_dice(split):
    train = split[0]
    label = np.array(families(train[:700]))
    def half(side): return [train[i] for i in np.flatnonzero(label % 2 == side)[:90]]
    sides = half(0), half(1)
    control = tell_apart(*sides)
    assert control.accuracy.low <= .5 <= control.accuracy.high
    caught = tell_apart(dice(90), sides[0])
    assert caught.accuracy.value > .97 and caught.accuracy.low > .85 and caught.accuracy.high <= 1


def test_the_answer_depends_on_the_seed_alone(split):
    sides = split[1][:30], split[2][:45]
    first, again, other = (tell_apart(*sides, seed=seed) for seed in (3, 3, 4))
    assert first.accuracy == again.accuracy and repr(first) == repr(again)
    assert all(np.array_equal(a, b, equal_nan=True) for a, b in zip(first.guesses, again.guesses))
    assert any(not np.array_equal(a, b, equal_nan=True) for a, b in zip(first.guesses, other.guesses))
    moved = [tune.transpose(3) for tune in sides[0]]
    assert tell_apart(moved, sides[1], seed=3).accuracy == first.accuracy # it does not hear the key


def test_sizes_do_not_tell(split):
    train = split[0]
    label = np.array(families(train[:900]))
    even, odd = (np.flatnonzero(label % 2 == side) for side in (0, 1))
    small, large = [train[i] for i in even[:25]], [train[i] for i in odd[:240]]
    for sides in ((small, large), (large, small)):
        found = tell_apart(*sides)
        _, low, high = found.accuracy
        assert low <= .5 <= high and high - low > .2
        assert [len(part) for part in found.guesses] == list(map(len, sides))
        one, other = ((~np.isnan(part)).sum() for part in tell_apart(*sides, repeats=1).guesses)
        assert one == other <= 25 # as many of one side as of the other


def test_lengths_do_not_tell(split):
    tunes = [tune for tune in split[0] if len(tune.notes) >= 100][:80]
    short = [tune.beats(0, tune.notes[60].start) for tune in tunes[::2]]
    found = tell_apart(short, tunes[1::2])
    assert found.notes <= 60 and found.accuracy.low <= .5


def test_who_plays_from_memory_is_not_caught_by_ear(split):
    tunes = split[2][:40]
    moved = [tune.transpose(1) for tune in tunes] # copies of the very pieces that they are compared with
    assert tell_apart(moved, tunes).accuracy.value < .6


def test_cousins_on_two_sides_of_an_exam_tell(split):
    sides = split[1][:150], split[2][:150]
    careless = tell_apart(*sides, repeats=2, kin=lambda scores: range(len(scores)))
    assert careless.accuracy.value > tell_apart(*sides, repeats=2).accuracy.value


def test_a_mannerism_is_no_family(split):
    riff = [60, 64, 67, 72, 67, 64]*8
    mannered = [line([*np.random.default_rng(i).integers(60, 72, 12).tolist(), *riff], .5) for i in range(30)]
    assert len(set(families(mannered))) < 10 # they quote each other
    assert tell_apart(mannered, split[2][:60]).accuracy.value > .95


def test_chords_are_heard():
    chorales = load_corpus('chorales')[:60]
    def moved(track, by):
        notes = (n._replace(pitch=n.pitch + by) for n in track.notes)
        return replace(track, notes=tuple(notes))
    def bent(chorale): return replace(chorale, tracks=tuple(map(moved, chorale.tracks, (0, 1, 0, -1))))
    flat = list(map(bent, chorales[1::2])) # every line by itself is what it was
    assert tell_apart(flat, chorales[::2]).accuracy.low > .5


@pytest.mark.parametrize('generated,reference,options,reason', [
    (9, 40, {}, 'at least 10 of each'), (40, 9, {}, 'at least 10 of each'), (0, 40, {}, '0 pieces'),
    (40, 40, dict(notes=5000), 'fewer notes'),
    (40, 40, dict(folds=1), 'folds=1'), (40, 40, dict(repeats=0), 'repeats=0'),
    (40, 40, dict(most=3), 'most=3'), (40, 40, dict(notes=2), 'notes=2')])
def test_too_little_to_tell(split, generated, reference, options, reason):
    with pytest.raises(MelodyError, match=reason):
        tell_apart(split[1][:generated], split[2][:reference], **options)


def test_one_piece_forty_times_is_one_piece(split):
    with pytest.raises(MelodyError, match='1 different piece'): tell_apart([split[1][0]]*40, split[2][:40])
