"Small scores for tests, written in a line."
from melodynb.score import Note, Score, Track


def score(*notes, **fields):
    "A score of one track from (pitch, start, duration)."
    return Score((Track(tuple(Note(*note) for note in notes)),), **fields)


def line(pitches, length=1., **fields):
    "One note after another."
    return score(*((pitch, place*length, length) for place, pitch in enumerate(pitches)), **fields)
