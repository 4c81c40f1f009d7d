"Variants by alignment: two implementations agree, known variants are found, and none crosses the split."
import json
import lzma
from collections import Counter
from importlib.resources import files
from itertools import chain

import numpy as np
import pytest

from melodynb.alignment import align, relatives
from melodynb.corpus import families, intervals, leak_report, line_digest, load_corpus, split_by_family, variants
from melodynb.score import MelodyError

FOLK = load_corpus('folk')
NAMED = {score.title: score for score in FOLK}
PARTS = split_by_family(FOLK)


def best_columns(one, other, price):
    "Matches and columns of the best local alignment, row by row, written apart from the package."
    points = [[(0, 0, 0)]*(len(other) + 1)]
    top = (0, 0, 0)
    for left in one:
        row = [(0, 0, 0)]
        for place, right in enumerate(other):
            worth, match, columns = points[-1][place]
            found = [(worth + 1, match + 1, columns + 1) if left == right else (worth - price, match, columns + 1)]
            for worth, match, columns in (points[-1][place + 1], row[-1]):
                found.append((worth - price, match, columns + 1))
            row.append(max(max(found), (0, 0, 0)))
            top = max(top, row[-1])
        points.append(row)
    return top[1:]


@pytest.mark.parametrize('price', [1, 1.5, 2])
def test_the_points_of_an_alignment_are_the_best_there_are(price):
    rng = np.random.default_rng(0)
    for _ in range(20):
        one, other = (rng.integers(0, 5, rng.integers(1, 40)) for _ in range(2))
        found = align(one, other, price)
        matches, columns = best_columns(one, other, price)
        def worth(matches, columns): return matches - price*(columns - matches)
        assert worth(found.matches, len(found.places)) == worth(matches, columns)
        shown = [one[i] == other[j] for i, j in found.places if i is not None and j is not None]
        assert sum(shown) == found.matches


@pytest.mark.parametrize('one, other', [('Biddy Maloney', "Malowney's Wife"),
                                        ("Devil's Dream (reel)", 'The Devil Among the Tailors (reel)')])
def test_known_variants_are_one_family(one, other):
    numbers = families([NAMED[one], NAMED[other]])
    assert numbers[0] == numbers[1] and len(set(families([NAMED[one], NAMED[other]], aligned='none'))) == 2
    side = {id(score): place for place, part in enumerate(PARTS) for score in part}
    assert side[id(NAMED[one])] == side[id(NAMED[other])]


def test_a_tune_with_slips_is_found_in_any_key():
    rng = np.random.default_rng(1)
    tune = intervals(NAMED['Biddy Maloney'])
    pitches = np.concatenate([[0], np.cumsum(tune)])
    pitches[rng.permutation(len(pitches))[:len(pitches)//6]] += 2 # one note in six is another
    kept = np.delete(pitches, rng.permutation(len(pitches))[:len(pitches)//20])
    other = np.diff(kept + 5) % 12
    assert relatives([tune, other]).tolist() in ([[0, 1]], [[1, 0]])


def test_unlike_tunes_are_not():
    rng = np.random.default_rng(0)
    some = [FOLK[place] for place in rng.permutation(len(FOLK))[:40]]
    steps = [rng.permutation(intervals(score)) for score in some] # the same steps in an order of chance
    assert len(relatives(steps)) <= 2


def test_what_is_stored_is_what_is_found():
    "For some pairs that are stored and some other tunes, everything anew."
    packed = (files('melodynb')/'data'/'variants.xz').read_bytes()
    stored = json.loads(lzma.decompress(packed))['folk and airds']
    rng = np.random.default_rng(0)
    some = [stored['pairs'][place] for place in rng.permutation(len(stored['pairs']))[:15]]
    picked = [*chain.from_iterable(some), *rng.permutation(len(stored['lines']))[:30]]
    wanted = {stored['lines'][line] for line in picked}
    lines = list({line_digest(intervals(score)): intervals(score) for score in [*FOLK, *load_corpus('airds')]
                  if line_digest(intervals(score)) in wanted}.values())
    names = list(map(line_digest, lines))
    found = {frozenset((names[one], names[other])) for one, other in relatives(lines, least=(0, 40))}
    known = {frozenset(map(stored['lines'].__getitem__, pair)) for pair in stored['pairs']}
    assert found == {pair for pair in known if pair <= set(names)} and len(found) >= 15


def test_no_test_tune_has_a_variant_in_training():
    "Three test tunes against a share of the training tunes, by the slow way."
    rng = np.random.default_rng(0)
    train = [intervals(PARTS[0][place]) for place in rng.permutation(len(PARTS[0]))[:60]]
    for tune in rng.permutation(len(PARTS[2]))[:3]:
        one = intervals(PARTS[2][tune])
        for other in train:
            matches, columns = best_columns(one.tolist(), other.tolist(), 1)
            assert matches < .75*columns or 2*columns < min(len(one), len(other))
    report = leak_report(PARTS[0], PARTS[2])
    assert (report.related, report.tunes) == (0, len(PARTS[2])) and '0 of' in repr(report)


def test_the_old_split_leaked_and_says_so():
    train, _, test = split_by_family(FOLK, aligned='none')
    report = leak_report(train, test)
    assert 10 < report.related < 60 and report.tunes == len(test) == 304


def test_what_was_taught_is_still_taught():
    "A network trained on the split before has never heard a tune of today's examinations."
    train, valid, test = (set(map(id, part)) for part in PARTS)
    before = [set(map(id, part)) for part in split_by_family(FOLK, aligned='none')]
    assert before[0] <= train and test <= before[2] and valid <= before[1] | before[2]


def test_families_of_chorales_stay_hymns():
    sizes = Counter(families(load_corpus('chorales')))
    assert max(sizes.values()) < 20 and len(sizes) > 180


def test_another_book_is_told_by_its_variants():
    known = variants(load_corpus('airds')[:300], PARTS[0])
    assert 20 < sum(known) < 150


def test_bad_wishes():
    with pytest.raises(MelodyError, match="aligned='some'"): families(FOLK[:2], aligned='some')
    with pytest.raises(MelodyError, match='0 to 11'): relatives([np.array([300, -1])])
    with pytest.raises(MelodyError, match='0 to 11'): relatives('abc')
    with pytest.raises(MelodyError, match='two rows'): align(None, [1])
    with pytest.raises(MelodyError, match="aligned='x'"): split_by_family(FOLK[:20], aligned='x')
    with pytest.raises(MelodyError, match='price=-1'): align([1], [1], -1)
    with pytest.raises(MelodyError, match='3 groups for 1 lines'): relatives([np.arange(5)], groups=[1, 2, 3])


def test_too_many_pairs_are_left_out_with_a_word(monkeypatch):
    from melodynb import corpus
    monkeypatch.setattr(corpus, '_MOST_PAIRS', 10)
    moved = [score.bars(12) for score in FOLK[:12]] # lines that are not stored
    with pytest.warns(UserWarning, match='they are not aligned'): families(moved)
