"The key of an opening that names none: keys that hold its notes, whatever note it ends on; said, and overruled."
import sys
from pathlib import Path

import pytest

from melodynb.compose import Continuation
from melodynb.corpus import load_corpus, split_by_family
from melodynb.metrics import KeyReader
from melodynb.recipe import Recipe, make, opening_score, typed_opening
from melodynb.remi import RemiTokenizer
from melodynb.score import MelodyError, Note, Score, Track, key_fifths, key_tonic

sys.path.insert(0, str(Path(__file__).parent.parent))
from benchmarks import opening_keys  # noqa: E402


@pytest.fixture(scope='module')
def reader(): return KeyReader().fit(load_corpus('folk'))


def typed(text): return opening_score(typed_opening(text))


@pytest.mark.parametrize('text, right', [
    ('E D C D E E E', 'C major'), ('E D C D E E D', 'C major'),
    ('C E G', 'C major'), ('G B D5', 'G major'), ('C', 'C major')])
def test_keys(reader, text, right): assert reader(typed(text)) == right


@pytest.mark.parametrize('text', [
    'E D C D E E E', 'C E G', 'D E F G A', 'A B C5 D5 E5', 'C D E F',
    'G A B C5 D5 E5 f5', 'F G A a C5', 'E f g A', 'd F G g', 'A C5 E5'])
def test_a_key_holds_its_notes(reader, text):
    score = typed(text)
    fifths = key_fifths(reader(score))
    assert {note.pitch % 12 for note in score.notes} <= {7*place % 12 for place in range(fifths - 1, fifths + 6)}
    assert key_tonic(reader(score)) in {note.pitch % 12 for note in score.notes}


def test_the_last_note_is_one_of_many(reader):
    "The same notes, another one at the end."
    assert len({reader(typed(f'C E G E C D {end}')) for end in ('C E', 'E C')}) == 1


def test_every_transposition(reader):
    for steps in range(12):
        assert key_fifths(reader(typed('C D E F G A B C5').transpose(steps))) % 12 == 7*steps % 12


def test_it_is_within_two_points_of_bayes():
    train, _, test = split_by_family(load_corpus('folk'))
    reader, bayes = KeyReader().fit(train), opening_keys.Bayes(train)
    for low, high in opening_keys.LENGTHS:
        cut = opening_keys.openings(test, low, high, 500)
        ours = sum(key_fifths(reader(score)) % 12 == key_fifths(key) % 12 for score, key in cut)
        theirs = sum(bayes(score) == key_fifths(key) % 12 for score, key in cut)
        assert ours >= theirs - 10 and ours > 350


def test_what_was_read_is_said_and_overruled():
    score = typed('E D C D E E E')
    read = Continuation(score, RemiTokenizer(), 2)
    assert read.heard.key == 'C major' and 'read as C major' in read.remarks[0]
    told = Continuation(score, RemiTokenizer(), 2, 'A minor')
    assert told.heard.key == 'A minor' and told.remarks == ()
    assert Continuation(score, RemiTokenizer(keys=False), 2).remarks == ()


def test_a_recipe_says_it():
    opening = typed_opening('E D C D E E E')
    result = make(Recipe('remi-folk', bars=2, seed=1, opening=opening))
    assert any('read as C major' in remark for remark in result.remarks)
    told = make(Recipe('remi-folk', bars=2, seed=1, opening=opening, key='C major'))
    assert not any('read as' in remark for remark in told.remarks)


def test_refusals(reader):
    with pytest.raises(MelodyError, match='0 tunes'): KeyReader().fit([])
    with pytest.raises(MelodyError): reader(Score())
    with pytest.raises(MelodyError): reader(Score((Track([Note(36, 0, 1)], drums=True),)))
