# Made by `make export` from recall.py, for editors. Change the notebook, not this file.
"""It only counts, but also in the tune that it is reading, and so it knows a phrase when it comes again.

Docs: https://melodynb.github.io/melodynb/recall.html.md"""
__all__ = ['Past', 'Recall']
from itertools import product
from typing import Iterator
import numpy as np
from fastcore.basics import patch
from .files import give_back
from .ngrams import KneserNey, NGram, Reading
from .score import MelodyError, demand

class Past:
    """What some pieces, read side by side, have said so far, and where it was like now."""

    def __init__(self, count: int, longest: int):
        ...

    def push(self, ids: np.ndarray):
        """One symbol more."""
        ...

    def longest_match(self, live: int) -> np.ndarray:
        """How many of the last symbols have occurred in this order before."""
        ...

    def counted(self, live: int, V: int, discount: float=0.5) -> list[np.ndarray]:
        """What should follow by the counts of this piece, from short contexts to long ones."""
        ...

    def voted(self, live: int, V: int) -> list[np.ndarray]:
        """What followed at the places that are most like now."""
        ...

def _piece_ends(lengths: np.ndarray) -> np.ndarray:
    """How likely a piece ends at each length, of those that have come so far."""
    ...

class _Listening:
    """Some pieces that are read side by side, and all that the experts of a `Recall` say of what comes next."""

    def __init__(self, model: 'Recall', count: int, longest: int):
        ...

    def push(self, ids: np.ndarray):
        """One symbol more."""
        ...

    def _lawful(self, logs: np.ndarray) -> np.ndarray:
        """What the grammar of the form forbids has hardly a chance."""
        ...

    def experts(self, live: int) -> np.ndarray:
        """What each expert thinks of every symbol."""
        ...

    def situation(self, live: int, experts: np.ndarray) -> np.ndarray:
        """Where to look in each table of weights."""
        ...

def _fitted(loss, tables: list) -> list[np.ndarray]:
    """Tables of weights that make a loss small; all but the first are held near 0."""
    ...

def _linear_loss(experts, place, ids):
    """The loss as a function of the weight of the memory at each match, before the sigmoid."""
    ...

def _powers_loss(experts, places, ids):
    """The loss as a function of the tables of powers."""
    ...

class Recall(NGram):
    """An n-gram and a memory of the piece so far, mixed as fits the moment."""

    def __init__(self, order: int=5, tokenizer=None, mixture: str='log-linear'):
        ...

    def fit(self, tunes: list, transpositions=None, valid: list | None=None) -> Recall:
        """Count, and weigh; returns itself."""
        ...

    def log_odds(self, pieces: list) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
        """Log probabilities of every symbol that may come, at each place that is scored, side by side."""
        ...

    def probabilities(self, history=()) -> np.ndarray:
        """What may come next, and how likely."""
        ...

    def sample(self, length: int, seed: int=0) -> list[int]:
        """Ids of tunes that were drawn side by side; `tokenizer.decode_all` makes them scores."""
        ...
