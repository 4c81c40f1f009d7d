"Properties of the collections and their splits, over all scores."
import random
from itertools import chain, combinations, pairwise, product

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from melodynb import corpus
from melodynb.corpus import (
    LETTERS, augment, families, from_letters, leak_report, load_corpus, split_at_random, split_by_family,
    variants,
)


@pytest.fixture(scope='module')
def folk(): return load_corpus('folk')


@pytest.fixture(scope='module')
def split(folk): return split_by_family(folk)


@pytest.mark.parametrize('name', ['folk', 'chorales', 'airds'])
def test_every_voice_is_one_note_at_a_time(name):
    for score in load_corpus(name):
        for track in score.tracks:
            assert track.notes, score.title
            for note, following in pairwise(track.notes):
                assert following.start >= note.end - 1e-9, score.title


@pytest.mark.parametrize('name', ['folk', 'chorales'])
def test_music_begins_in_the_first_bar(name):
    for score in load_corpus(name):
        assert 0 <= score.notes[0].start < 4*score.meter[0]/score.meter[1], score.title


@pytest.mark.parametrize('name', ['folk', 'airds'])
def test_every_folk_tune_has_a_key_a_title_and_a_size(name):
    assert all(tune.key and tune.title and 24 <= len(tune.notes) <= 600 for tune in load_corpus(name))


def test_another_book_is_whole_and_stays_its_callers():
    "Each of Aird's 1,180 tunes is here or told; what one caller does to the list the next does not see."
    airds = load_corpus('airds')
    assert len(airds) + len(airds.skipped) == 1180 and len(airds.ids) == len(airds)
    airds.clear()
    assert len(load_corpus('airds')) > 1100


def test_a_tune_too_short_is_told(monkeypatch):
    "The bounds are real: with a higher one, tunes are left out in a sentence each."
    monkeypatch.setattr('melodynb.corpus._NOTES', range(60, 601))
    few = corpus._airds.__wrapped__()
    assert few.skipped and all('a tune has 60 to 600' in said for said in few.skipped.values())
    assert len(few) + len(few.skipped) == 1180


def test_variants_are_kin_of_something_known(split):
    "A tune in another key is one, and so is a tune that quotes; no test tune of the split is."
    train, _, test = split
    moved = [tune.transpose(2) for tune in train[5:8]]
    assert variants([*moved, *test[:40]], train) == [True]*3 + [False]*40
    assert variants([], train) == [] and variants(test[:2], []) == [False, False]


def test_a_list_changed_by_its_owner_stays_his(folk):
    mine = load_corpus('folk')
    mine.clear()
    assert len(load_corpus('folk')) == len(folk)


def test_split_is_a_partition_and_keeps_families_whole(folk, split):
    side = {}
    for name, part in zip(('train', 'valid', 'test'), split): side.update((id(score), name) for score in part)
    assert len(side) == len(folk) == sum(map(len, split))
    sides = {}
    for score, family in zip(folk, families(folk)): sides.setdefault(family, set()).add(side[id(score)])
    assert all(len(found) == 1 for found in sides.values())


def test_split_forgets_the_order(folk, split):
    shuffled = list(folk)
    random.Random(0).shuffle(shuffled)
    for part, other in zip(split_by_family(shuffled), split): assert set(map(id, part)) == set(map(id, other))


@pytest.mark.parametrize('seed', range(3))
def test_split_leaks_little_on_both_sides_and_a_random_one_much(folk, seed):
    train, valid, test = split_by_family(folk, seed=seed)
    assert leak_report(train, test).share[16] < .005
    assert leak_report(train, valid).share[16] < .005
    train, _, test = split_at_random(folk, seed=seed)
    assert leak_report(train, test).share[16] > .05


def plain_windows(tune, length):
    "Every run of `length` steps, modulo the octave."
    steps = [(after.pitch - before.pitch) % 12 for before, after in pairwise(tune.notes)]
    return [tuple(steps[start:start + length]) for start in range(len(steps) - length + 1)]


def test_leak_counts_what_a_plain_count_counts(folk):
    train, test = folk[:150], folk[100:200]
    taught = set(chain.from_iterable(plain_windows(tune, 15) for tune in train))
    asked = list(chain.from_iterable(plain_windows(tune, 15) for tune in test))
    report = leak_report(train, test, lengths=(16,))
    assert report.windows[16] == len(asked)
    assert report.share[16] == pytest.approx(np.mean([window in taught for window in asked]))


def test_families_join_what_a_plain_count_joins(folk):
    few = folk[:60] + [tune.transpose(2) for tune in folk[:5]]
    found = families(few)
    windows = [set(plain_windows(tune, 8)) for tune in few]
    joined = 0
    for (one, family), (other, another) in combinations(zip(windows, found), 2):
        if len(one & other) < .2*min(len(one), len(other)): continue
        assert family == another
        joined += 1
    assert joined >= 5 # at least the five that were moved


def test_augmented_copies_are_transposed_scores(folk):
    some = folk[::100]
    copies = augment(some, range(-5, 7))
    moved = [tune.transpose(steps) if steps else tune for steps, tune in product(range(-5, 7), some)]
    assert copies == moved
    assert set(families(some + copies)) == set(families(some))


@settings(max_examples=50, deadline=None)
@given(st.text(alphabet=LETTERS + 'R', min_size=1, max_size=80))
def test_letters_come_back(text):
    notes = {int(note.start): LETTERS[note.pitch % 12] for note in from_letters(text).notes}
    assert ''.join(notes.get(beat, 'R') for beat in range(len(text))) == text


def test_intervals_are_steps_within_an_octave():
    from melodynb.corpus import intervals
    from melodynb.score import Note, Score, Track
    line = Score([Track([Note(pitch, beat, 1) for beat, pitch in enumerate((60, 71, 59, 60))])])
    assert intervals(line).tolist() == [11, 0, 1]
