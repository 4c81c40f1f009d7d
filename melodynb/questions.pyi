# Made by `make export` from questions.py, for editors. Change the notebook, not this file.
"""A wager before a result, a line to mend on the way, and five questions at the end.

Docs: https://melodynb.github.io/melodynb/questions.html.md"""
__all__ = ['Wager', 'wager', 'Quiz', 'quiz']
import json
import math
from functools import lru_cache
from html import escape
from importlib.resources import files
from itertools import chain
import numpy as np
from fastcore.basics import patch
from .score import MelodyError, demand
from .verdicts import Line, agrees, exercise

class Wager:
    """A question before a result: shown, it asks; `result` sets what came beside what was guessed."""

    def __init__(self, question: str, options: list):
        ...

    def __repr__(self) -> str:
        ...

    def result(self, outcome):
        """What came, beside what was guessed; folded where nothing was."""
        ...

    def buttons(self):
        """The question with a button for each answer; what is pressed is the guess."""
        ...

def wager(question: str, options: list) -> Wager:
    """Ask for a guess before a result; `bet.result(outcome)` shows both."""
    ...

class _Settled:
    """What came, beside what was guessed."""

    def __init__(self, guess: str | None, outcome: str):
        ...

    def __repr__(self) -> str:
        ...

    def _repr_html_(self) -> str:
        ...

def _price_agrees(answer, chance: float) -> tuple[bool, str]:
    ...

def _price_of_a_surprise(answer):
    ...

def _from_logits_to_odds(answer):
    ...

def _detour_agrees(answer, width: int, rank: int) -> tuple[bool, str]:
    ...

def _two_thin_matrices(answer):
    ...

def _shared(powers: np.ndarray) -> np.ndarray:
    ...

def _heat_agrees(answer, odds: np.ndarray, heat: float) -> tuple[bool, str]:
    ...

def _careful_and_bold_dice(answer):
    ...

def _penalty_agrees(answer, outside: float) -> tuple[bool, str]:
    ...

def _sign_of_a_penalty(answer):
    ...

def _may_follow(left: int, lengths) -> list:
    """Of some lengths those after which the rest of a gap can be filled exactly."""
    ...

def _follows_agrees(answer, left: int, lengths: list) -> tuple[bool, str]:
    ...

def _to_the_last_beat(answer):
    ...

def _asked_agrees(answer, row: list) -> tuple[bool, str]:
    ...

def _one_ahead(answer):
    ...

def _mask_agrees(answer, odds: list, allowed: list) -> tuple[bool, str]:
    ...

def _what_a_mask_leaves(answer):
    ...

def _quizzes() -> dict:
    ...

class Quiz:
    """Five questions with three answers each; shown, the answers are explained below a fold."""

    def __init__(self, page: str, questions: list):
        ...

    def __repr__(self) -> str:
        ...

    def _repr_html_(self) -> str:
        ...

def quiz(page: str) -> Quiz:
    """The five questions at the end of a page; `MelodyError` for a page without."""
    ...

def _asked(number: int, question: dict) -> list[str]:
    """A question as lines of text."""
    ...

def _asked_html(question: dict) -> str:
    ...

def _told_html(question: dict) -> str:
    ...

def _lines_of(questions: list, answer) -> list[Line]:
    """What is said of each letter."""
    ...

def _line_of(question: dict, letter: str) -> Line:
    ...

def _register(page: str):
    ...
for _page in _quizzes():
    _register(_page)
