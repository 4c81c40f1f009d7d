# Made by `make export` from listener.py, for editors. Change the notebook, not this file.
"""Can anyone tell? A classifier guesses which pieces a machine wrote, and says what gave them away.

Docs: https://melodynb.github.io/melodynb/listener.html.md"""
__all__ = ['kin_labels', 'Told', 'tell_apart']
import math
import warnings
from collections import Counter
from dataclasses import replace
from functools import partial
from statistics import NormalDist
from typing import Callable, NamedTuple
import numpy as np
from fastcore.basics import patch
from .copies import only_scores
from .corpus import families
from .figures import Interval, Table
from .score import MelodyError, Score, counted, demand
from .whole_listener import calibrated, panel_odds, telling_features, whole_features

def _beats(values: np.ndarray) -> list[int]:
    ...

def _heard(score: Score, notes: int) -> dict[str, list]:
    """Steps, degrees in semitones, gaps, lengths in 24ths of a beat; chords from the lowest note up."""
    ...

def _pattern_shares(heard: dict[str, list], most: int=3) -> dict[tuple, float]:
    """The root of the share of each run of up to `most` among all of its kind and size: all kinds weigh alike."""
    ...

def _design(heard: list[dict]) -> tuple[np.ndarray, list]:
    """A row a piece and a column a pattern that two pieces have."""
    ...

def _logistic(alike: np.ndarray, made: np.ndarray, penalty: float=0.1, rounds: int=25) -> np.ndarray:
    """Logistic regression with a squared penalty, both sides alike in weight, by reweighted least squares."""
    ...

def kin_labels(scores: list[Score], kin: Callable) -> np.ndarray:
    """The families of some scores; `MelodyError` if there is not one label each."""
    ...

def _crowd(kin: np.ndarray, made: np.ndarray) -> np.ndarray:
    """The share of a side that each family has, on the side where it is larger."""
    ...

def _related(scores: list[Score], heard: list, made: np.ndarray, kin: Callable, folds: int) -> np.ndarray:
    """A number for each family; one that fills a part of a side falls apart into what sounds the same."""
    ...

def _different(kin: np.ndarray, made: np.ndarray) -> int:
    """How many families the smaller side has."""
    ...

def _folds(kin: np.ndarray, made: np.ndarray, folds: int, rng) -> np.ndarray:
    """Families dealt out like cards, each side by itself."""
    ...

def _log_odds(alike: np.ndarray, drawn: np.ndarray, made: np.ndarray, fold: np.ndarray) -> np.ndarray:
    """Of being generated, as a classifier gives them to each piece that it has not met."""
    ...

def _guesses(alike: np.ndarray, *exam) -> np.ndarray:
    """The probability of being generated that a classifier gives each piece."""
    ...

def _exam(guess: Callable, made: np.ndarray, kin: np.ndarray, folds: int, rng) -> np.ndarray:
    """One exam: as many pieces of one side as of the other are drawn, dealt, and guessed; NaN for the others."""
    ...

def _wilson(share: float, count: float, level: float) -> tuple[float, float]:
    """The interval of a share of `count` (Wilson 1927)."""
    ...

def _balanced(shares: tuple[float, float], count: float, level: float) -> Interval:
    """The mean of two shares of `count` each, its interval made of theirs (Newcombe 1998)."""
    ...

def _mean(rows: np.ndarray) -> np.ndarray:
    """The mean of each column, NaN left out."""
    ...

def _worth(kin: np.ndarray, made: np.ndarray, repeats: int, folds: int) -> float:
    """How many independent guesses a side the repeated exams are worth (Nadeau and Bengio 2003)."""
    ...

def _marks(found: np.ndarray, made: np.ndarray, kin: np.ndarray, folds: int, level: float) -> Interval:
    """The share of right guesses, from (repeats, P) of them, as sure as so many families make it."""
    ...

def _power(count: float, level: float, chance: float=0.8) -> float:
    """The smallest accuracy, alike on both sides, whose interval lies above a coin with this chance."""
    ...

class Told(NamedTuple):
    """How well two collections can be told apart."""
    accuracy: Interval
    guesses: list[np.ndarray]
    notes: int | None
    patterns: list[dict]
    power: float = math.nan
    shared: int = 0
    version: str = ''

    def sentence(self) -> str:
        """The result in words."""
        ...

    def _small_print(self) -> str:
        """What belongs to a figure that scikit-learn made."""
        ...

    def words(self) -> list[str]:
        """What gave the sides away, such as 'bars that occur once: 92.5% generated, 52.4% people'."""
        ...

    def __repr__(self):
        ...

def _step(semitones: int) -> str:
    ...

def _time(parts: int) -> str:
    ...

def _step_and_time(pair: tuple) -> str:
    ...

def _spelled(pattern: tuple) -> str:
    """A pattern in words: +2 up two semitones, 0.5 half a beat."""
    ...

def _telling(table: np.ndarray, patterns: list, made: np.ndarray, alike: np.ndarray) -> list[dict]:
    """The six patterns that move the guess most, from one side's mean to the other's."""
    ...

def _pitched(scores: list[Score]) -> np.ndarray:
    """How many notes each score has outside its drum tracks."""
    ...

def _listen(sides: list[list[Score]], notes: int | None, most: int, rng) -> tuple[list[np.ndarray], int]:
    """Which pieces of each side are heard, and how many notes of each."""
    ...

def _enough(**given):
    """`MelodyError` for a wish that leaves nothing to learn from."""
    ...

def _tune_families(scores: list[Score]) -> list[int]:
    """Variants of one tune; a title is not to give the side away."""
    ...

def _chosen(sides: list[list[Score]], places: list[np.ndarray]) -> tuple[list[Score], np.ndarray]:
    """The pieces that are heard, and 1 for those that were generated, 0 for the others."""
    ...

def _by_side(found: np.ndarray, made: np.ndarray, places: list, sides: list) -> list[np.ndarray]:
    """The mean guess of each piece where it came from, NaN for those that were not heard."""
    ...

class _Rules(NamedTuple):
    """How an exam is held."""
    kin: Callable
    folds: int
    repeats: int
    most: int
    level: float

def _held(guess: Callable, made: np.ndarray, related: np.ndarray, rules: _Rules, rng) -> tuple:
    """Guesses (repeats, P) of all exams, how many are right, and the power of so many."""
    ...

def _hear_opening(sides: list[list[Score]], notes: int | None, rules: _Rules, rng) -> Told:
    """The exam on as many notes of each piece."""
    ...

def tell_apart(generated: list[Score], reference: list[Score], *, seed: int=0, notes: int | None=None, kin: Callable | None=None, folds: int=5, repeats: int=5, most: int=300, level: float=0.95, hears: str='opening') -> Told:
    """How often a classifier tells apart pieces that it has not met (Lopez-Paz and Oquab 2017)."""
    ...

def _whole_guesses(table: np.ndarray, alike: np.ndarray, rng, drawn: np.ndarray, made: np.ndarray, fold: np.ndarray) -> np.ndarray:
    """The probability of being generated, by three who know form and one who knows runs, calibrated."""
    ...

def _telling_runs(table: np.ndarray, patterns: list, made: np.ndarray) -> list[dict]:
    """The two runs of steps, degrees or lengths that tell most; rare ones are left out."""
    ...

def _check_whole(sides: list[list[Score]], notes: int | None):
    """`MelodyError` for sides from which nothing can be learned about whole pieces."""
    ...

def _shared_families(related: np.ndarray, made: np.ndarray) -> int:
    """How many families have pieces on both sides; a warning if any."""
    ...

def _hear_whole(sides: list[list[Score]], notes: None, rules: _Rules, rng) -> Told:
    """The exam on whole pieces."""
    ...
