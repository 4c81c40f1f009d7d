# Made by `make export` from questions.py, for editors. Change the notebook, not this file.
"""A wager before a result, and five questions at the end: what a reader believes, written down and kept.

Docs: https://melodynb.github.io/melodynb/questions.html.md"""
__all__ = ['Wager', 'wager', 'Quiz', 'quiz']
import json
from functools import lru_cache
from html import escape
from importlib.resources import files
from itertools import chain
from fastcore.basics import patch
from .score import MelodyError, demand
from .verdicts import Line, exercise

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
