# Made by `make export` from copies.py, for editors. Change the notebook, not this file.
"""A stolen phrase, found in any key and at any speed, named, and played beside its source.

Docs: https://melodynb.github.io/melodynb/copies.html.md"""
__all__ = ['only_scores', 'CopyIndex', 'copied_share', 'longest_copy', 'Copy', 'CopyReport', 'copy_report']
import math
from dataclasses import replace
from itertools import chain
from typing import NamedTuple
import numpy as np
from fastcore.basics import patch
from .corpus import intervals
from .figures import Interval, Table, interval, per_symbol
from .score import NEAR, MelodyError, Score, demand

class _Sorted:
    """The ranks of all runs of 1, 2, 4, 8 .. steps of a stream: the order of its endings (Manber and Myers 1993)."""

    def __init__(self, stream: np.ndarray, longest: int):
        ...

    def _pairs(self, levels: list[np.ndarray]) -> np.ndarray:
        """One number for a run and the run as long behind it; below 0 where the stream has no such run."""
        ...

    def ranks_of(self, other: np.ndarray) -> list[np.ndarray]:
        """What the runs of another stream are called here, -1 for those that never occur."""
        ...

    def nearest(self, other: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The longest run here that agrees with what begins at each place of another stream."""
        ...

def only_scores(given, who: str) -> list[Score]:
    """What was given, as a list; `MelodyError` unless it holds scores only."""
    ...

def _fenced(lines: list[np.ndarray], fences) -> np.ndarray:
    """All lines in one stream, a number behind each that is no step."""
    ...

class CopyIndex:
    """Every passage of a collection, sorted once, so that many scores can be looked up in it."""

    def __init__(self, scores: list[Score], rhythm: bool=False):
        ...

    def __repr__(self):
        ...

    def _lines(self, scores: list[Score], speed: float=1) -> list[np.ndarray]:
        ...

    def _nearest(self, lines: list[np.ndarray]) -> np.ndarray:
        ...

    def runs(self, scores: list[Score]) -> list[np.ndarray]:
        """For each note of each score, the longest passage of the collection that goes on just so,
    with rhythm also in half or double note values."""
        ...

    def rate(self, scores: list[Score], length: int=16, seed: int=0, level: float=0.95) -> Interval:
        """The share of windows that occur here, and how sure that is; to find none does not prove none."""
        ...

def _runs(scores, reference, rhythm: bool) -> list[np.ndarray]:
    ...

def _counts(runs: list[np.ndarray], length: int) -> np.ndarray:
    ...

def copied_share(scores: list[Score], reference, length: int=16, rhythm: bool=False) -> np.ndarray:
    """How many windows of each score occur in `reference`, in any key; one shorter than a window has 0 of 0."""
    ...

def longest_copy(scores: list[Score], reference, rhythm: bool=False) -> np.ndarray:
    """The longest run of notes of each score that occurs in `reference`, in any key."""
    ...

def _rate(counts: np.ndarray, seed: int, level: float) -> Interval:
    """Copies per window, of pieces that have one; where there are none, as Hanley and Lippman-Hand 1983."""
    ...

class Copy(NamedTuple):
    """The longest run of notes that a piece shares with a training tune."""
    notes: int
    start: int
    source: int
    place: int
    copied: int
    windows: int

def _longest(run: np.ndarray, counts: np.ndarray) -> Copy:
    """The copy of one piece, from its runs and its windows."""
    ...

def _passage(score: Score, first: int, notes: int, most: int=16) -> Score:
    """The bars of a score in which some notes of its melody begin, `most` of them at the most."""
    ...

class CopyReport:
    """What `copy_report` found; a notebook shows the longest copy and plays it beside its source."""

    def __init__(self, generated: list[Score], index: CopyIndex, copies: list[Copy], rates: tuple, longest: tuple, length: int):
        ...

    def table(self, most: int=5) -> Table:
        """The pieces with the longest copies, and where those come from."""
        ...

    def _row(self, place: int) -> dict:
        ...

    def sentence(self) -> str:
        """The rate, and the human rate beside it."""
        ...

    def beside(self, place: int | None=None):
        """The copied passage of a piece and the training tune it is found in, to see and to hear."""
        ...

    def __repr__(self):
        ...

def _said_rate(rate: Interval) -> str:
    ...

def _said_notes(mean: Interval) -> str:
    ...

def _mean_longest(copies: list[Copy], seed: int, level: float) -> Interval:
    """Of pieces with a window or more, for shorter ones have no room."""
    ...

def copy_report(generated: list[Score], training, reference: list[Score], *, length: int=16, rhythm: bool=True, seed: int=0, level: float=0.95) -> CopyReport:
    """How much of `generated` occurs in `training`, in any key, beside how much of people's music, and what to hear."""
    ...
