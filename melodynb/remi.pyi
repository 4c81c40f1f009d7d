# Made by `make export` from remi.py, for editors. Change the notebook, not this file.
"""Bars, positions, notes: music as a stream of tokens in which only music can be said.

Docs: https://melodynb.github.io/melodynb/remi.html.md"""
__all__ = ['METERS', 'TEMPOS', 'COUNTDOWN', 'MOST_HOLE', 'MOST_DENSITY', 'RemiTokenizer', 'RemiGrammar', 'Place', 'VoiceGrid']
import re
import warnings
from functools import lru_cache
from itertools import chain, product
from typing import Iterator, NamedTuple
import numpy as np
from fastcore.basics import patch
from .score import MODES, Change, MelodyError, Note, Score, Track, demand, transpose_key
from .token_file import FileBatches, TokenFile, encode_folder
from .tokenizers import BaseTokenizer
METERS = ('1/8', '2/8', '3/8', '4/8', '5/8', '6/8', '7/8', '8/8', '9/8', '12/8', '1/4', '2/4', '3/4', '4/4', '5/4', '6/4', '1/2', '2/2', '3/2', '4/2')
TEMPOS = tuple(range(24, 265, 2))
COUNTDOWN = 8
MOST_HOLE, MOST_DENSITY = (8, 24)

def _plain(key: str) -> str:
    ...

def _key_names() -> tuple[str, ...]:
    """Every key, in its spelling with the fewest accidentals."""
    ...

class RemiTokenizer(BaseTokenizer):
    """REMI: bars, positions in the bar, and at each position notes; several tracks run in one stream."""

    def __init__(self, grid: int=12, longest: int=8, pitches: tuple=(21, 108), meters: tuple=METERS, tempos: bool=True, keys: bool=True, velocities: int=0, tracks: tuple=('Melody',), solo: bool=False, wishes: bool=False):
        ...

    @property
    def several(self) -> bool:
        """Whether tracks are told apart."""
        ...

    def __repr__(self):
        ...

    def kind(self, id: int) -> str:
        """Positions and durations are rhythm; bars, meters, tempos, keys, tracks, start and end are structure."""
        ...

    @property
    def miditok(self):
        """miditok's REMI with these options; all its meters count in the finest unit that there is."""
        ...

    def encode(self, score: Score) -> list[int]:
        """The tokens of a score; a warning says what could not be kept, `MelodyError` that nothing could."""
        ...

    def piece(self, score) -> np.ndarray:
        """The ids of one piece from Start to End; its last eight bar lines count down."""
        ...

    def transposed(self, steps: int) -> list[int]:
        """For each id the id `steps` semitones away, -1 where the vocabulary ends."""
        ...

    def decode(self, ids) -> Score:
        """The music in these ids, up to the first End."""
        ...

    def spoken(self, ids) -> list[tuple[int, int, int]]:
        """Which token made which note, in the order in which the tokens name the notes, up to the first End."""
        ...

    @property
    def grammar(self) -> RemiGrammar:
        """The rule for `sample(allowed=...)`; `RemiGrammar(tokenizer, bars=16)` where the length is known."""
        ...

def _check_id(tokenizer, id: int):
    """`MelodyError` for what is no token."""
    ...

def _bar_steps(meter: str, grid: int) -> int:
    """Length of a bar in steps of the grid."""
    ...

def _note_value(meter: str) -> int:
    ...

def _unit(meters) -> int:
    ...

def _whole(number, low: int, high: int) -> bool:
    ...

def _row(values, fits) -> bool:
    ...

def _text(value) -> bool:
    ...

def _meter(name) -> bool:
    ...

def _midi(pitch) -> bool:
    ...

def _check_options(options: dict):
    """`MelodyError` for options that make no tokenizer."""
    ...

def _vocabulary(t) -> list[str]:
    ...

def _wish_names() -> list[str]:
    ...

def _their_options(t) -> dict:
    ...

def _proxy(t, length: int) -> int:
    ...

def _our_name(t, name: str) -> str:
    """What we call a token of miditok's; its meters are filled in later, from the score."""
    ...

class _Lines(NamedTuple):
    """The notes of a score on the grid, each an array (N,), by onset, track and pitch."""
    start: np.ndarray
    track: np.ndarray
    pitch: np.ndarray
    duration: np.ndarray
    velocity: np.ndarray

def _steps(beats, grid: int) -> np.ndarray:
    """Places on the grid, halves rounded up."""
    ...

def _pick(lines: _Lines, which) -> _Lines:
    ...

def _columns(t: RemiTokenizer, score: Score) -> _Lines:
    """All notes that the vocabulary can hold; what it cannot is reported."""
    ...

def _in_range(t, score, lines: _Lines) -> _Lines:
    """The notes whose pitch the vocabulary has; a warning says how many it lacks."""
    ...

def _once(lines: _Lines) -> _Lines:
    """A key is struck once: of equal pitches at one onset in one track, the longest."""
    ...

def _solo(lines: _Lines) -> _Lines:
    """One note at a time: the highest of each onset, until the next begins."""
    ...

def _stretches(t: RemiTokenizer, score: Score, end: int) -> list[tuple[int, str]]:
    """Start in steps and meter of every stretch that begins before `end`, each on a bar line."""
    ...

def _nearest(t, length: float) -> str:
    ...

def _bar_line(t, found: list, at: int) -> int:
    """Where a change asked for at `at` can happen: there, behind a short bar, or on the next line."""
    ...

def _symusic(t: RemiTokenizer, score: Score, lines: _Lines, meters: list):
    """The notes as miditok reads them, with meters in the finest unit."""
    ...

def _news(changes: list) -> list:
    ...

def _levels(t, velocity: np.ndarray) -> np.ndarray:
    """The nearest loudness of the vocabulary; of two as near, the softer."""
    ...

def _tempo(bpm: float) -> int:
    ...

def _free(t, lines: _Lines, at: int) -> int:
    """The step from `at` on where the grammar has a place: while every soloist holds a note, there is none."""
    ...

def _tempo_steps(t, score: Score, lines: _Lines) -> list[tuple[int, int]]:
    """Step and tempo of every change until the last note, each different from the one before."""
    ...

def _lost(t, score: Score, lines: _Lines) -> list[str]:
    """What the vocabulary cannot hold of drums, lengths and tempos, in words."""
    ...

def _waiting(t, score: Score, lines: _Lines) -> int:
    """How many tempos have to wait."""
    ...

def _signed(t: RemiTokenizer, ids: np.ndarray, score: Score, meters: list) -> np.ndarray:
    """With each bar's own meter behind its line, and the key where it begins or changes."""
    ...

def _bars(t, meters: list, count: int) -> tuple[list[int], list[str]]:
    """Start in steps, and meter, of each bar."""
    ...

class _BarReader:
    """Reads the tokens of bars, whatever they are, and keeps what they say; times in steps."""

    def __init__(self, t: RemiTokenizer):
        ...

    def read_Start(self, value):
        ...
    read_Hole = read_Fill = read_Density = read_Start

    def read_Bar(self, value):
        ...

    def open(self):
        ...

    def read_Meter(self, value):
        ...

    def read_Key(self, value):
        ...

class _Reader(_BarReader):
    """Reads tokens one by one, whatever they are, and keeps what they say; times in steps."""

    def __init__(self, t: RemiTokenizer):
        ...

    def read_Position(self, value):
        ...

    def read_Tempo(self, value):
        ...

    def read_Track(self, value):
        ...

    def read_Pitch(self, value):
        ...

    def read_Velocity(self, value):
        ...

    def read_Duration(self, value):
        ...

    def score(self) -> Score:
        """All that was read."""
        ...

class RemiGrammar:
    """What may follow: positions go forward and stay in the bar, notes go upward, the last bar ends the piece."""

    def __init__(self, tokenizer: RemiTokenizer, bars: int | None=None, meter: str | None=None):
        ...

    def start(self, ids) -> Place:
        """The place that `ids` lead to; it answers `allowed` and moves on by `push`."""
        ...

    def mask(self, parts: tuple) -> np.ndarray:
        """All tokens that one of the `parts` names."""
        ...

    def errors(self, ids) -> list[tuple[int, str]]:
        """What the grammar would not have let through."""
        ...

def _words(kinds: tuple, values: tuple) -> tuple[np.ndarray, dict, list]:
    """The kind of each token, where each kind lies, and kind and value of each."""
    ...

def _span(where: np.ndarray) -> tuple[int, int]:
    ...

class _Movement:
    """How each token moves a place on."""

    def __init__(self, grammar: RemiGrammar):
        ...

    def push_Start(self, value):
        ...

    def push_Bar(self, value):
        ...

    def push_Meter(self, value):
        ...

    def push_Position(self, value):
        ...

    def push_Track(self, value):
        ...

    def push_Pitch(self, value):
        ...

    def push_Duration(self, value):
        ...

class _Choices(_Movement):
    """What several rules have in common."""

    @staticmethod
    def just(kind: str, i: int) -> tuple:
        """Number `i`, from 0, of the tokens of a kind, and no other."""
        ...

    def notes(self) -> tuple:
        """A note more at this position, above those that are there."""
        ...

    @property
    def top(self) -> int:
        ...

    def pitches(self) -> tuple:
        ...

    def next_bars(self) -> tuple:
        """The bar lines that may come next: plain ones, or the next of the countdown."""
        ...

    def onward(self) -> tuple:
        """What ends this position: a later one in the bar, a new bar, or the end of a last bar that has a note."""
        ...

class Place(_Choices):
    """A place in a piece: how far the bar is, what sounds here already, how many bars are left."""

    def after_nothing(self):
        ...

    def after_Start(self):
        ...
    after_Density = after_Hole = after_Fill = after_Start

    def after_Bar(self):
        ...

    def after_Meter(self):
        ...

    def after_Key(self):
        ...

    def after_Position(self):
        ...

    def after_Tempo(self):
        ...

    def after_Track(self):
        ...

    def after_Pitch(self):
        ...

    def after_Velocity(self):
        ...

    def after_Duration(self):
        ...

    def after_End(self):
        ...

    def push(self, id: int):
        """One token more, allowed or not."""
        ...

    def state(self) -> tuple:
        """All that decides what may follow."""
        ...

    @property
    def allowed(self) -> np.ndarray:
        """The mask of this state, worked out when it is met for the first time."""
        ...

class VoiceGrid(BaseTokenizer):
    """The alphabet in which the JSB chorales are measured: at every step the pitch of each voice."""

    def __init__(self, voices: int=4, grid: int=4, pitches: tuple=(30, 87)):
        ...

    def kind(self, id: int) -> str:
        ...

    def from_frames(self, frames) -> list[int]:
        """The tokens of a table of steps; `MelodyError` outside the range of the vocabulary."""
        ...

    def encode(self, score: Score) -> list[int]:
        """The tokens of a score with one track for each voice; a repeated note reads as a held one."""
        ...

    def decode(self, ids) -> Score:
        """A track for each voice; steps of one pitch in a row are one note."""
        ...

    def transposed(self, steps: int) -> list[int]:
        """For each id the id `steps` semitones away, -1 where the vocabulary ends."""
        ...

    @property
    def grammar(self):
        """The voices take turns; a piece ends behind the last of them."""
        ...

def _joined(sounds: np.ndarray, below: int, grid: int) -> Iterator[Note]:
    """Steps of one sound in a row as one note, so many semitones above `below`; 0 is silence."""
    ...
