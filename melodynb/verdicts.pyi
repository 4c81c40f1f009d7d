# Made by `make export` from verdicts.py, for editors. Change the notebook, not this file.
"""What `check` says of an answer, what it never says, and how it keeps its temper.

Docs: https://melodynb.github.io/melodynb/verdicts.html.md"""
__all__ = ['EXERCISES', 'Line', 'Verdict', 'plain', 'Stopped', 'Answer', 'agrees', 'Exercise', 'exercise', 'check']
import dis
import html
import inspect
import math
import re
import traceback
from collections.abc import Iterator, KeysView, ValuesView
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from functools import wraps
from itertools import islice
from numbers import Number
from typing import Callable, NamedTuple
import numpy as np
from fastcore.basics import patch
from .score import MelodyError

class Line(NamedTuple):
    """One claim about an answer: right (True), not yet (False), or impossible to tell here (None)."""
    claim: str
    right: bool | None
    remark: str = ''
    cause: str = ''

    @property
    def state(self) -> str:
        """In a word or two."""
        ...

    @property
    def text(self) -> str:
        """The claim and the remark, as a sentence."""
        ...

@dataclass(frozen=True)
class Verdict:
    """What `check` found; true when every claim holds."""
    number: str
    title: str
    lines: tuple
    hint: str = ''
    lesson: str = ''

    def __bool__(self):
        ...

    @property
    def told(self) -> list[Line]:
        """The lines to show: all, and once all is right those that explain."""
        ...

    @property
    def headline(self) -> str:
        """The first line: that all is right, or how much."""
        ...

    def __repr__(self) -> str:
        ...

    @property
    def untouched(self) -> bool:
        """Whether a stub was handed in as it was, empty or with the first guess that it came with."""
        ...

def _marked(text: str) -> str:
    """Text as HTML, and as code what stands between backticks."""
    ...

def _item(line: Line) -> str:
    ...

def plain(value):
    """Plain numbers and lists out of NumPy, torch, tuples and iterators; anything else as it is."""
    ...

def _lent(value):
    """A copy that may be spoiled."""
    ...

def _short(value, limit: int=120) -> str:
    """A value as one short line, whatever it is."""
    ...

class Stopped(Exception):
    """An answer that is of no use, as a sentence; `cause` is the part of it that no input changes."""

    def __init__(self, message: str, cause: str=''):
        ...

def _place(error: BaseException, function) -> str:
    """Where in somebody's own code an error arose, as the end of a sentence; empty where nothing tells."""
    ...

def _stopped_by(error: BaseException, function) -> Stopped:
    """What went wrong in somebody's function, in a sentence."""
    ...

def _refuse_unless_it_takes(function: Callable, name: str, given: tuple, named: dict):
    """`Stopped` where a function takes other values than it will be given."""
    ...

class Answer:
    """A participant's function: called, it is lent copies, and gives plain Python or is `Stopped`."""

    def __init__(self, function: Callable):
        ...

    def __call__(self, *given, **named):
        """What it gives, as plain Python; `Stopped` where it gives nothing or fails."""
        ...

    def unread(self, *given, **named):
        """What it gives, as it is; `Stopped` where it gives nothing or fails."""
        ...
    short = staticmethod(_short)

    def _tried(self, read: Callable, given: tuple, named: dict):
        ...

    def number(self, *given) -> float:
        """What it gives, which must be one number and finite, or it is `Stopped`."""
        ...

    def spares(self, *given) -> tuple[bool, str]:
        """Whether all that it is given is afterwards as it was, and if not, what became of it."""
        ...

def agrees(given, expected, tolerance: float=1e-06, mistakes: dict | None=None) -> tuple[bool, str]:
    """Compare what an answer gave with what it should give: its kind, its length, its side, never the value."""
    ...

def _kind(value) -> str:
    ...

def _other_kind(given, expected) -> str:
    ...

def _number_agrees(given, expected, tolerance: float) -> tuple[bool, str]:
    ...

def _lone(given):
    """The number in an array that holds one."""
    ...

def _is_number(given) -> bool:
    ...

def _items_agree(given, expected, tolerance: float) -> tuple[bool, str]:
    ...

def _explained(given, expected: float, mistakes: dict, right: bool, remark: str) -> tuple[bool, str]:
    """Where a known mistake explains the number, its name behind the remark."""
    ...

class Exercise(NamedTuple):
    """One exercise: its number is attempt and level, 1 to warm up, 2 to build, 3 to investigate; or a letter."""
    number: str
    title: str
    hint: str
    further: str
    lesson: str
    claims: Callable
    plain: bool = False
    guess: Callable | None = None
EXERCISES: dict[str, Exercise] = {}

def exercise(number: str, *, title: str, hint: str, further: str='', lesson: str='', plain: bool=False, guess: Callable | None=None):
    """Register the function below as the check of an exercise."""
    ...

def _idles(step: dis.Instruction) -> bool:
    ...

def _untouched(answer) -> bool:
    """Whether a stub is as it was: nothing, `...`, no letter, a function that does nothing and gives nothing."""
    ...

def _done(function: Callable) -> list:
    """What a function does, step by step, whatever it is called and says of itself."""
    ...

def _still_guessed(answer, guess: Callable | None) -> bool:
    """Whether a stub holds the first guess that it came with."""
    ...

def _finding(right) -> tuple:
    """What a claim found, as (bool, remark); of many findings the first that is not right."""
    ...

def _failed(claim: str, error: Exception) -> Line:
    """The claim of which nothing is known, because something failed on the way."""
    ...

def _line(claim: str, right) -> Line:
    ...

def _lines(task: Exercise, answer) -> Iterator[Line]:
    ...

def _told_once(lines: list) -> Iterator[Line]:
    """The lines, with what stopped several of them told in the first alone."""
    ...
_WRONG: dict[str, set] = {}

def _failed_often(number: str, answer, right: bool) -> bool:
    """Whether this is the third different answer that is not right, or a later one."""
    ...

def check(number: str, answer) -> Verdict:
    """Say what is right about an answer, what is not yet, and one hint; never the solution."""
    ...
