# Made by `make export` from duet.py, for editors. Change the notebook, not this file.
"""You play a phrase, the model answers, you play again: how does a phrase become notes, and a conversation one piece?

Docs: https://melodynb.github.io/melodynb/duet.html.md"""
__all__ = ['Stroke', 'phrase', 'Turn', 'Duet', 'answer', 'read_turns', 'replay']
import json
from collections import Counter
from dataclasses import asdict, dataclass, replace
from operator import attrgetter
from typing import Callable, NamedTuple
import numpy as np
from fastcore.basics import patch
from .editing import from_link
from .recipe import Recipe, Result, make, midi_opening
from .score import NEAR, MelodyError, Note, Score, Track, demand

class Stroke(NamedTuple):
    """A key that was played."""
    pitch: int
    onset: float
    seconds: float
    velocity: int = 80
_MOST_STROKES, _LONGEST = (400, 300.0)

def _checked(strokes) -> list[Stroke]:
    """What was played, or `MelodyError` for what no keyboard reports."""
    ...

def _prices(grid: int) -> np.ndarray:
    """What a note costs on each step of a beat: little on the beat, more on its half, most between."""
    ...

def _costs(onsets, grid: int) -> np.ndarray:
    """What each tempo costs."""
    ...

def _tempo(onsets, grid: int) -> float:
    """The cheapest tempo, then fitted to all onsets by least squares."""
    ...

def _stop(first: int, last: int, onsets: list, grid: int) -> int:
    """Where a note stops that began and was let go at these steps."""
    ...

def _gridded(strokes: list, bpm: float, grid: int) -> list[Note]:
    """Notes on the steps of a grid, the first on the first."""
    ...

def phrase(strokes: list, bpm: float | None=None, grid: int | None=4, meter: str | tuple='4/4') -> Score:
    """What was played, as notes; `MelodyError` for what no keyboard reports."""
    ...

class Turn(NamedTuple):
    """A phrase and the wishes for its answer."""
    notes: tuple
    recipe: Recipe

@dataclass(frozen=True, eq=False)
class Duet(Result):
    """A piece that was made in turns; as a `Result` it is the last answer with all before it as its opening."""
    turns: tuple = ()

    @property
    def title(self) -> str:
        ...

    @property
    def answers(self) -> Counter:
        """What the model wrote, in all turns."""
        ...

    @property
    def seam(self) -> frozenset:
        ...

    def sentence(self) -> str:
        """The last recipe in words, and how many turns there were."""
        ...

    def to_json(self) -> str:
        """All that makes the duet again: each phrase, and the recipe of its answer."""
        ...

def _joined(score: Score, call: Score) -> Score:
    """A phrase behind a piece, from the first bar line on at which nothing sounds any more."""
    ...

def answer(duet: Duet | None, call: Score, wishes: Recipe, bars: int | None=None, listen: Callable | None=None) -> Duet:
    """One turn more: a phrase, and what a model answers."""
    ...

def _turned(duet, call, begun, wishes, listen) -> Duet:
    """The answer to all that was played so far."""
    ...

def _as_turn(item, bpm, meter) -> tuple[Score, Recipe]:
    """One turn from a dictionary that was JSON."""
    ...

def read_turns(text: str) -> list | None:
    """The turns of a duet; `MelodyError` for a text that is damaged."""
    ...

def replay(turns: list, listen: Callable | None=None) -> Duet:
    """Make a duet again."""
    ...
