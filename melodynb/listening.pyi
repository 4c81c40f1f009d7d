# Made by `make export` from listening.py, for editors. Change the notebook, not this file.
"""A listening test in one page: how much do you like it, who made it, and how sure are the answers?

Docs: https://melodynb.github.io/melodynb/listening.html.md"""
__all__ = ['loudness', 'ListeningTest', 'listening_test', 'pretend', 'agreement', 'Listened', 'listened']
import base64
import hashlib
import html
import json
import math
import re
from collections import Counter
from dataclasses import dataclass, replace
from functools import partial
from importlib.resources import files
from itertools import chain
from pathlib import Path
from statistics import NormalDist
import numpy as np
from fastcore.basics import patch
from .audio import TAIL, render, write_mp3
from .figures import Interval, Table, interval
from .files import told, write_file, write_folder
from .score import MelodyError, Note, Score, Track, counted, demand, source_bytes

def _biquads(rate: int) -> list[tuple]:
    """The two filters of BS.1770 at any rate, from its analog forms."""
    ...

def _weighted(wave: np.ndarray, rate: int) -> np.ndarray:
    """A sound as the measure hears it."""
    ...

def _lufs(powers: np.ndarray) -> np.ndarray:
    ...

def loudness(wave: np.ndarray, rate: int) -> float:
    """How loud a sound is to the ear, by ITU-R BS.1770-4, gated."""
    ...

def _alike(score: Score, seconds: float, bpm: float | None, program: int | None) -> Score:
    """The same notes from the first on, with nothing that tells who wrote them."""
    ...

def _sound(score: Score, seconds: float, bpm: float | None=None, program: int | None=0) -> np.ndarray:
    """A piece as the page plays it, (samples,), before it is made as loud as the others."""
    ...

def _matched(waves: list[np.ndarray]) -> tuple[list[np.ndarray], float]:
    """The same sounds, equally loud: as loud as all of them can be."""
    ...

def _sounds(groups: dict, *how) -> tuple[list[bytes], float]:
    """Every piece as the page plays it, all equally loud."""
    ...
_PAGE, _KEY, _ANSWERS = ('melodynb listening 1', 'key.json', 'melodynb answers 1')
_LEAST, _MOST = (3, 60)

@dataclass(frozen=True)
class ListeningTest:
    """A page for listeners and the key for you, in one folder; `key` says what each code stands for."""
    folder: Path
    key: dict

    @property
    def page(self) -> Path:
        ...

    def __repr__(self):
        ...

def _check_groups(groups, people: tuple[str, ...], title: str):
    """`MelodyError` unless these groups make a test."""
    ...

def _code(data: bytes) -> str:
    ...

def _named(groups: dict, sounds: list[bytes]) -> dict[str, dict]:
    """What each code stands for; `MelodyError` where two sound alike."""
    ...

def _free(folder, exist_ok: bool) -> Path:
    """The folder; `FileExistsError` if a test is there already: a page and a key must be of one."""
    ...

def _write_all(texts: dict[str, bytes], folder: Path):
    ...

def _page(test: str, title: str, sounds: list[bytes]) -> bytes:
    """All that a listener needs, in one file."""
    ...

def listening_test(groups: dict[str, list[Score]], folder: str | Path, *, people: str | tuple[str, ...]='people', title: str='Listening test', seconds: float=20, bpm: float | None=None, program: int | None=0, exist_ok: bool=False) -> ListeningTest:
    """Write `listen.html`, which needs no network and names nobody, and `key.json`, for you alone."""
    ...

def _made_up(codes: list[str], tastes: np.ndarray, trust: np.ndarray, rng) -> dict:
    """What one listener answers; tastes (P,) in points of the scale, trust (P,) 0..1."""
    ...

def pretend(test: ListeningTest, folder: str | Path, liking: dict[str, float], called: dict[str, float], *, listeners: int=30, spread: float=0.5, seed: int=0) -> list[Path]:
    """Files of answers from listeners who do not exist: to plan a test, and to try its analysis."""
    ...

def _parsed(path, limit: int, remedy: str) -> dict:
    """A JSON object of a file; `MelodyError` for what is none."""
    ...

def _whole(value, low: int, high: int) -> bool:
    ...

def _is_answer(answer) -> bool:
    """Whether it is what the page writes for one piece."""
    ...

def _is_key(found: dict) -> bool:
    """Whether it says of every piece what it is, and which groups are people's."""
    ...

def _read_key(key) -> dict:
    """The key of a test; `MelodyError` if it is none."""
    ...

def _read_answers(path, key: dict) -> dict:
    """What one listener answered; `MelodyError` says what is wrong and whom to ask."""
    ...

def _answered(given: dict) -> int:
    ...

def _kept(paths: list[Path], key: dict) -> tuple[dict[str, dict], dict[str, str]]:
    """The answers of every listener, once; and by file, a sentence for each that is left out."""
    ...

def _paths(files) -> list[Path]:
    """The files of answers that are meant: those of a folder, or a list."""
    ...

def _weights(count: int, rng) -> np.ndarray:
    ...

def _crossed(values: np.ndarray, listeners: np.ndarray, pieces: np.ndarray) -> np.ndarray:
    """The mean of an array (L,P) with holes, and the means when listeners and pieces are drawn again."""
    ...

class _Brief(Interval):
    """An interval of points on the scale."""

    def __str__(self):
        ...

class _Share(Interval):
    """An interval of shares, in per cent."""

    def __str__(self):
        ...

def _interval(found: np.ndarray, level: float, kind=_Brief) -> Interval | str:
    """The first is the value, the others are draws; what nobody was asked has none."""
    ...

def agreement(values: np.ndarray) -> float:
    """Krippendorff's alpha for values on a scale of equal steps."""
    ...

class Listened(Table):
    """What a panel says: a row a group; `by_piece`, `by_listener`, `skipped` files, `power` and `agree`."""

    def __init__(self, given: dict[str, dict], key: dict, skipped: dict[str, str], seed: int=0, level: float=0.95):
        ...

    @property
    def names(self) -> list[str]:
        ...

    @property
    def right(self) -> Interval | str:
        """Guesses that are right, people's pieces and computers' weighted alike; one half is chance."""
        ...

    @property
    def power(self) -> dict[str, tuple[float, float]]:
        """By group, the smallest differences from the first that such a panel finds with 80 % chance."""
        ...

    @property
    def by_piece(self) -> Table:
        """A row a piece, the best liked first; intervals over listeners."""
        ...

    @property
    def by_listener(self) -> Table:
        """A row a listener; intervals over pieces."""
        ...

    def sentence(self) -> str:
        """The result in words."""
        ...

    def __repr__(self):
        ...

    def figure(self):
        """Each group's liking and the share called a person, with intervals; a small dot is a piece."""
        ...

def _guess(answer: dict) -> float:
    """1 for a person, 0 for a computer, a half for who does not know."""
    ...

def _over(values: np.ndarray, kind=_Brief) -> Interval | str:
    """The mean of what is there, with its interval."""
    ...

def listened(files, key=None, *, seed: int=0, level: float=0.95) -> Listened:
    """What the listeners say, with how sure that is; what cannot be used is left out and told."""
    ...
