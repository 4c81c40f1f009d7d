# Made by `make export` from tokenizers.py, for editors. Change the notebook, not this file.
"""Music as numbers that a model can read: letters, rows of one length, and targets one symbol ahead.

Docs: https://melodynb.github.io/melodynb/tokenizers.html.md"""
__all__ = ['Tokenizer', 'Batches', 'HeldOut', 'padded_rows', 'WholePieces', 'moved', 'BaseTokenizer', 'CharTokenizer']
import re
from itertools import chain
from operator import index, itemgetter
from typing import Callable, Iterable, Iterator, Protocol, runtime_checkable
import numpy as np
from fastcore.basics import patch
from .corpus import LETTERS
from .score import MelodyError, Note, Score, Track, demand

@runtime_checkable
class Tokenizer(Protocol):
    """What a tokenizer can do; models, training and sampling rely on nothing else."""
    vocab: list[str]
    start: list[int]
    end: int | None
    grammar: Callable | None

    def __len__(self) -> int:
        ...

    def encode(self, score) -> list[int]:
        ...

    def decode(self, ids) -> Score:
        ...

    def kind(self, id: int) -> str:
        ...

    def batches(self, scores, **options):
        ...

    def held_out(self, scores, **options):
        ...

    def to_dict(self) -> dict:
        ...

def _check_sizes(**sizes):
    """`MelodyError` unless every size is a whole number above 0."""
    ...

class Batches:
    """Rows cut from a ring of shuffled pieces, with targets one symbol ahead.

    Iterate it for epoch 0, or `epoch(n)` for any other."""

    def __init__(self, pieces: list, *, context: int=256, batch_size: int=64, seed: int=0):
        ...

    def __len__(self) -> int:
        ...

    def __iter__(self):
        ...

    def ring(self, number: int) -> np.ndarray:
        """All pieces in the order of one epoch, from the place where its first row begins."""
        ...

    def epoch(self, number: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """The batches of one pass through the music."""
        ...

def _windows(piece: np.ndarray, context: int, opening: int, stride: int | None=None) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Rows of one piece; after the first, each moves on by `stride` and scores only what is new."""
    ...

class HeldOut:
    """Every symbol of every piece scored once, in rows sorted by length.

    `tunes[i]` says which piece each row of batch `i` belongs to."""

    def __init__(self, pieces: list, *, context: int=256, batch_size: int=64, opening: int=1, stride: int | None=None):
        ...

    def __len__(self) -> int:
        ...

    def __iter__(self):
        ...

    def epoch(self, number: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """The same rows, whatever the number."""
        ...

def padded_rows(rows: list) -> tuple[np.ndarray, np.ndarray]:
    """Inputs and targets of rows side by side, the shorter ones filled up with what does not count."""
    ...

class WholePieces:
    """Rows that begin where pieces begin; a batch holds rows of about one length."""

    def __init__(self, pieces: list, *, context: int=1024, symbols: int=4096, seed: int=0, change=None):
        ...

    def __iter__(self):
        ...

    def epoch(self, number: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """The batches of one pass through the music."""
        ...

    def row(self, piece, rng) -> np.ndarray:
        ...

    def parcels(self, rows: list) -> Iterator[list]:
        """As many rows at a time as a batch has room for, one at least."""
        ...

def moved(tokenizer, transpositions) -> Callable:
    """A change for `WholePieces`: the piece in another key, or as it is where the vocabulary ends."""
    ...

class BaseTokenizer:
    """A vocabulary and everything that follows from it.

    A tokenizer adds `encode`, `decode`, `kind` and perhaps `transposed`."""
    start: list[int] = []
    end: int | None = None
    grammar: Callable | None = None
    options: dict = {}

    def __init__(self, vocab: Iterable[str]):
        ...

    def __len__(self) -> int:
        ...

    def __repr__(self):
        ...

    def symbols(self, ids) -> list[str]:
        """The symbols of these ids; what is no id of the vocabulary is passed over."""
        ...

    def piece(self, score) -> np.ndarray:
        """The ids of one piece, with those that open and close it."""
        ...

    def shared(self) -> int:
        """How many ids the end of a piece has in common with the beginning of the next, so that they stand once."""
        ...

    def transposed(self, steps: int) -> list[int]:
        """For each id the id `steps` semitones away, -1 where the vocabulary ends."""
        ...

    def pieces(self, scores: list, transpositions=None) -> list[np.ndarray]:
        """The pieces of all scores."""
        ...

    def batches(self, scores: list, *, context: int=256, batch_size: int=64, seed: int=0, transpositions=None) -> Batches:
        """Rows for training, another shuffle and other cuts in every epoch."""
        ...

    def held_out(self, scores: list, *, context: int=256, batch_size: int=64) -> HeldOut:
        """Rows for validation and test: every symbol once, each tune from its own start."""
        ...

    def to_dict(self) -> dict:
        """The tokenizer as a record: its class, its options, its vocabulary."""
        ...

    @classmethod
    def from_dict(cls, record: dict):
        """The tokenizer of a record, of this class or one made from it; `MelodyError` if it is none."""
        ...

def _moved(tokenizer: BaseTokenizer, pieces: list[np.ndarray], steps: int) -> list[np.ndarray]:
    """All pieces `steps` semitones away."""
    ...

def _family(kind: type) -> list[type]:
    """A class and all that are made from it."""
    ...

class CharTokenizer(BaseTokenizer):
    """One letter for a note, R for a rest, a newline between tunes.

    With `octaves`, each letter carries its octave, 2 to 7."""

    def __init__(self, octaves: bool=False):
        ...

    def decode(self, ids) -> Score:
        """The first tune in these ids, one beat a letter; what follows it is left out.

        Without octaves all letters lie in the octave of middle C."""
        ...

    def kind(self, id: int) -> str:
        """A note is pitch; a rest is rhythm, as it says when to play; a newline is structure."""
        ...

    def encode(self, score) -> list[int]:
        """The letters of a tune, given as a score or as letters already."""
        ...

    def text(self, ids) -> str:
        """The ids as letters; what is no id is passed over."""
        ...

    def decode_all(self, ids) -> list[Score]:
        """Every tune of a stream that newlines divide."""
        ...

    def transposed(self, steps: int) -> list[int]:
        """For each id the id `steps` semitones away.

    Letters turn in a circle; with octaves -1 stands where the vocabulary ends."""
        ...

def _pitch(symbol: str) -> int:
    ...

def _tune(symbols: list[str]) -> Score:
    """One beat a symbol."""
    ...
