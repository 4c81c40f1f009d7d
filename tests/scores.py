"Small scores for tests, written in a line."
import torch

from melodynb.bar_transformer import BarTransformer, bar_tokenizer
from melodynb.score import Note, Score, Track


def without_an_idea(data):
    "An untrained network for a collection, and its tokenizer: whatever holds for it holds by the grammar alone."
    torch.manual_seed(0)
    tokenizer = bar_tokenizer(data)
    return BarTransformer.of(tokenizer, width=24, layers=1).eval(), tokenizer


def score(*notes, **fields):
    "A score of one track from (pitch, start, duration)."
    return Score((Track(tuple(Note(*note) for note in notes)),), **fields)


def line(pitches, length=1., **fields):
    "One note after another."
    return score(*((pitch, place*length, length) for place, pitch in enumerate(pitches)), **fields)
