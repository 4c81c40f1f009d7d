# Made by `make export` from infill.py, for editors. Change the notebook, not this file.
"""Bars written anew between the bars that stay, by the model that composes; several proposals at once.

Docs: https://melodynb.github.io/melodynb/infill.html.md"""
__all__ = ['GapGrammar', 'GapPlace', 'Filling', 'fill', 'check_fills', 'middle_gap', 'gap_bits', 'bart_bits', 'seams']
import math
import warnings
from dataclasses import replace
from functools import partial
from itertools import product
from operator import index
import numpy as np
import torch
from fastcore.basics import patch
from .bar_transformer import bar_lines, from_bar, with_hole
from .compose import MOST_TOKENS, Hearing, appended, pair_of
from .reading import read_score
from .remi import MOST_HOLE, Place, RemiGrammar, RemiTokenizer
from .sample import sample
from .score import NEAR, MelodyError, Score, demand

class GapGrammar(RemiGrammar):
    """What may stand in a gap: its bars, each with its meter, full to the last step and not beyond."""

    def __init__(self, tokenizer: RemiTokenizer, before: list, missing: list, steps: int | None=None):
        ...

    def place(self) -> 'GapPlace':
        ...

    def start(self, ids) -> 'GapPlace':
        """The place at the beginning of the gap."""
        ...

    def only(self, id: int) -> np.ndarray:
        """The mask of a single token."""
        ...

def _opening(t: RemiTokenizer, bar, first: bool) -> list[int]:
    """The tokens with which a bar begins whatever its notes are; the first of a piece says its tempo, too."""
    ...

class GapPlace(Place):
    """A place in a gap."""

    def __init__(self, grammar: GapGrammar):
        ...

    def enter(self):
        ...

    def push(self, id: int):
        ...

    def state(self) -> tuple:
        ...

    @property
    def allowed(self) -> np.ndarray:
        ...

    def next_bars(self) -> tuple:
        """The line of the next bar, or none behind the last."""
        ...

    def onward(self) -> tuple:
        ...

    def after_End(self):
        ...

    def after_Meter(self):
        ...

    def after_Position(self):
        ...

    def after_Pitch(self):
        ...

    def after_Velocity(self):
        ...

def _check_bars(score: Score, bars, there: int) -> tuple[int, int]:
    """`MelodyError` for bars that cannot be a gap."""
    ...

def _emptied(score: Score, start: float, stop: float) -> Score:
    """Without the notes that begin there, drums apart."""
    ...

def _around(t: RemiTokenizer, ids: np.ndarray, first: int, bars: int, room: int) -> tuple[np.ndarray, int]:
    """The piece, or as many bars of it around the gap as fit; and which bar of that the gap begins with."""
    ...

class Filling(Hearing):
    """From music with a gap to what a model reads before it fills it (`prompt`, `rule`), and back (`music`)."""

    def __init__(self, score: Score, tokenizer: RemiTokenizer, bars: tuple, key: str | None=None, room: int=1024):
        ...

    def music(self, ids: list) -> Score:
        """All that stays, note for note, and in the gap the new bars."""
        ...

    def in_order(self, ids: list) -> tuple[list, int]:
        """The music in the order in which it sounds."""
        ...

    def landing(self, model, ids: list, bars: int=2) -> float:
        """How surprising the first bars behind the gap are to who has read what was written."""
        ...

    def best(self, model, drafts: list) -> list:
        """The draft that leads on best; a single one needs no judge."""
        ...

def fill(music, bars: tuple=(4, 8), model='remi-folk', *, key: str | None=None, temperature: float=1.0, top_k: int | None=None, top_p: float | None=None, drafts: int=1, seed=None) -> Score:
    """The music with some bars written anew, exactly as long as they were; all else stays note for note."""
    ...

def check_fills(model, tokenizer):
    """`MelodyError` for a model that was not taught to fill a gap."""
    ...

def _dice(seeds: list, drafts: int) -> list:
    ...

def _written(score: Score, bars: tuple, pair: tuple, key, seeds: list, drafts: int, odds: dict) -> list[Score]:
    """A proposal of a REMI model from each seed."""
    ...

def _by_bart(score: Score, bars: tuple, pair: tuple, key, seeds: list, drafts: int, odds: dict) -> list[Score]:
    """A proposal of BART from each seed; it knows no keys."""
    ...

def middle_gap(score: Score, seed: int=0, bars: int=4) -> tuple[int, int] | None:
    """A gap somewhere in a piece, with at least two bars on either side."""
    ...

def gap_bits(model, tokenizer, scores: list[Score], gaps: list[tuple], behind: bool=True) -> np.ndarray:
    """What the true bars of a gap cost a model."""
    ...

def bart_bits(model, tokenizer, scores: list[Score], gaps: list[tuple], around: int=16) -> np.ndarray:
    """What the true bars of a gap cost BART."""
    ...

def seams(scores: list[Score], gaps: list[tuple]) -> np.ndarray:
    """What a melody does at the two borders of a gap."""
    ...
