# Made by `make export` from company.py, for editors. Change the notebook, not this file.
"""Other voices for a melody that is given, by the model that writes chorales.

Docs: https://melodynb.github.io/melodynb/company.html.md"""
__all__ = ['HARMONY', 'CompanyGrammar', 'voice_ranges', 'Company', 'accompany', 'beats_of', 'harmony', 'shapes', 'by_shapes']
import warnings
from dataclasses import replace
from functools import lru_cache
from itertools import chain, combinations, product
import numpy as np
from fastcore.basics import patch
from .compose import MOST_TOKENS, Hearing, appended, pair_of
from .corpus import load_corpus
from .infill import GapGrammar, GapPlace
from .reading import read_score
from .remi import RemiTokenizer
from .sample import sample
from .score import NEAR, MelodyError, Score, demand, key_tonic

def _sung(tokenizer: RemiTokenizer, ids: list) -> dict[int, tuple]:
    """What one voice sings, as its tokens say it."""
    ...

class CompanyGrammar(GapGrammar):
    """What may stand beside a given voice: its own tokens where they are due, and others between them."""

    def __init__(self, tokenizer: RemiTokenizer, ids: list, voice: int, steps: int):
        ...

    def place(self) -> '_Beside':
        ...

class _Beside(GapPlace):
    """A place in a piece of which one voice is given."""

    @property
    def now(self) -> int:
        ...

    def state(self) -> tuple:
        ...

    def due(self) -> tuple | None:
        ...

    def coming(self) -> int | None:
        """Where in this bar the given voice sings next."""
        ...

    def notes(self) -> tuple:
        """The given voice if it is due, and the others in their order."""
        ...

    def pitches(self) -> tuple:
        ...

    def after_Velocity(self) -> tuple:
        ...

    def onward(self) -> tuple:
        """A later position at which a voice is free, the next one of the given voice, or what comes behind the bar."""
        ...

def voice_ranges() -> dict[str, tuple[int, int]]:
    """What each voice sings in the chorales."""
    ...

def _check_choir(tokenizer, voice) -> int:
    """`MelodyError` for a model that writes no choir, or a voice that it has not."""
    ...

class Company(Hearing):
    """From a melody to what a model reads and must keep to (`prompt`, `rule`), and back to a choir (`music`)."""

    def __init__(self, score: Score, tokenizer: RemiTokenizer, voice: str='Soprano', key: str | None=None):
        ...

    @property
    def reach(self) -> tuple[int, int]:
        ...

    def in_voices(self, heard: Score) -> Score:
        """The melody in its voice; the others are silent as yet."""
        ...

    def check_reach(self, voice: str):
        """A remark on a melody that goes beyond its singer, `MelodyError` on one that goes far beyond."""
        ...

    def music(self, ids: list) -> Score:
        """The melody, note for note, among the new voices."""
        ...

def accompany(music, model='remi-chorales', *, voice: str='Soprano', key: str | None=None, temperature: float=0.9, top_k: int | None=None, top_p: float | None=0.9, seed=None) -> Score:
    """The melody, note for note, with the other voices of a choir."""
    ...

def beats_of(score: Score) -> np.ndarray:
    """What each voice sings on each beat."""
    ...

def _classes(pitches) -> frozenset:
    ...

def _chord_sets() -> frozenset:
    """Each chord over each root, as a set of pitch classes."""
    ...

def _chords(score: Score) -> tuple[int, int]:
    ...

def _parallels(score: Score) -> tuple[int, int]:
    """Pairs of voices that both move in one direction, and those of them that stay a fifth or an octave apart."""
    ...

def _crossings(score: Score) -> tuple[int, int]:
    ...

def _home(score: Score) -> tuple[int, int]:
    """Whether the last note of the lowest voice is the tonic of the named key."""
    ...
HARMONY = {'beats with a chord': _chords, 'parallel fifths and octaves': _parallels, 'beats with crossed voices': _crossings, 'ends on the tonic': _home}

def harmony(choirs: list[Score]) -> dict[str, np.ndarray]:
    """How well voices go together."""
    ...

def shapes(chorales: list[Score]) -> dict[int, list]:
    """What stood under each degree of the scale."""
    ...

def by_shapes(melody: Score, known: dict, seed: int=0) -> Score:
    """Under each note of the melody a chord that stood under such a note, drawn by chance."""
    ...
