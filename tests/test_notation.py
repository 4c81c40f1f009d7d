"Signs on paper: a length that has a sign of its own is written as one."
import pytest

from melodynb.notation import notate
from melodynb.score import Note, Score, Track


def signs(lengths):
    "How long each written sign is, in beats, of notes that follow each other."
    starts = [sum(lengths[:place]) for place in range(len(lengths))]
    notes = [Note(60 + place, start, length) for place, (start, length) in enumerate(zip(starts, lengths))]
    return [float(sign.quarterLength) for sign in notate(Score([Track(notes)])).recurse().notes]


WRITTEN = [4], [3, 1], [2, 1.5, .5], [.5, 1, .5, 2], [.25, .5, .25, 1, 2], [.75, .25, 1, 2]

@pytest.mark.parametrize('lengths', WRITTEN, ids=str)
def test_a_length_that_has_a_sign_is_one_sign(lengths):
    assert signs(lengths) == lengths


def test_a_length_that_hides_the_middle_of_the_bar_is_two_signs():
    assert signs([1.5, 1, 1.5]) == [1.5, .5, .5, 1.5]
