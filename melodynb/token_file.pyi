# Made by `make export` from token_file.py, for editors. Change the notebook, not this file.
"""Folders of MIDI files, larger than memory, as one file of tokens to train from.

Docs: https://melodynb.github.io/melodynb/token_file.html.md"""
__all__ = ['TokenFile', 'FileBatches', 'encode_folder']
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import warnings
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from copy import copy
from datetime import timedelta
from functools import partial
from importlib import import_module
from importlib.metadata import entry_points
from pathlib import Path
from queue import SimpleQueue
from typing import Iterator
import numpy as np
from fastcore.basics import patch
from .files import alone, told, write_file
from .reading import find_music, read_score
from .score import MelodyError, demand
from .tokenizers import BaseTokenizer, Batches, HeldOut

def _damaged(path, what) -> MelodyError:
    ...

def _read_header(path: Path) -> tuple[dict, int]:
    """`MelodyError` for what is no token file."""
    ...

def _is_entry(entry, most: int) -> bool:
    """Whether it is a piece with a length, or a reason why there is none, and no other kind of thing."""
    ...

def _wrong(header: dict, size: int) -> str:
    """What of a header cannot be."""
    ...

def _tokenizer_of(record) -> BaseTokenizer:
    """The tokenizer of a record; its class is imported if it is one that is installed."""
    ...

class TokenFile:
    """Pieces as ids on the disk, from Start to End each; what is asked for is read, and no more."""

    def __init__(self, path: str | Path):
        ...

    def _take(self, tokenizer: dict, files: dict):
        """What the header says of the pieces, and of the files that gave none."""
        ...

    def __len__(self) -> int:
        ...

    def __iter__(self):
        ...

    def __getitem__(self, i: int) -> np.ndarray:
        """The ids of one piece, from Start to End."""
        ...

    def __repr__(self):
        ...

    def check(self):
        """Reads every id once; `MelodyError` if one is not as it was written."""
        ...

    def only(self, which) -> TokenFile:
        """The same file, as if it held these pieces alone."""
        ...

    def split(self, *, valid: float=0.1, test: float=0.1, seed: int=0, group=None) -> tuple[TokenFile, TokenFile, TokenFile]:
        """Train, valid and test; a file's name decides, so it keeps its place when others come."""
        ...

    def batches(self, *, context: int=256, batch_size: int=64, seed: int=0, transpositions=None) -> FileBatches:
        """Rows for training; memory holds a few numbers for each piece, whatever its length."""
        ...

    def held_out(self, *, context: int=256, batch_size: int=64) -> HeldOut:
        """Rows for validation and test: every symbol once, each piece from its own start; all in memory."""
        ...

class _Ring:
    """The pieces of a file in the order of one epoch, looked up, not laid out."""

    def __init__(self, batches, order: np.ndarray, rng):
        ...

    def __len__(self) -> int:
        ...

    def __getitem__(self, places: np.ndarray) -> np.ndarray:
        ...

def _demand_size(name: str, size):
    """`MelodyError` unless a size is a whole number above 0."""
    ...

class FileBatches(Batches):
    """`Batches` of a token file: the same rows in the same order, read from the disk when needed."""

    def __init__(self, file: TokenFile, *, context: int=256, batch_size: int=64, seed: int=0, transpositions=None):
        ...

    def ring(self, number: int) -> _Ring:
        """The ring of one epoch."""
        ...

def _shared_ids(tokenizer) -> int:
    ...

def _tables(file: TokenFile, transpositions) -> np.ndarray:
    """What each id becomes in each key; `MelodyError` where a piece would leave the vocabulary."""
    ...

def _width(tokenizer) -> int:
    ...

def _answer(tokenizer: BaseTokenizer, path, bounds: dict) -> tuple[dict, bytes]:
    """What becomes of a music file: an entry, and its ids."""
    ...

def _serve():
    """Answer for the paths that arrive, one a line: what a process of `encode_folder` does."""
    ...

class _Worker:
    """A process that encodes one file after another."""

    def __init__(self, tokenizer: BaseTokenizer, bounds: dict):
        ...

    def start(self):
        ...

    def send(self, what):
        ...

    def ask(self, path: Path) -> tuple[dict, bytes]:
        """As `_answer`; a process that ends over a file is replaced."""
        ...

    def stop(self) -> int | None:
        ...

def _answers(tokenizer, paths: dict, bounds: dict, processes: int) -> Iterator[tuple]:
    """What becomes of each file, in their order."""
    ...

def _shared_out(workers: list[_Worker], paths: dict) -> Iterator[tuple]:
    """Whoever is free is asked for the next file; a few are on their way at any time."""
    ...

class _Journal:
    """A folder with the ids so far, and a journal that says which file they came from."""

    def __init__(self, folder: Path, made: dict):
        ...

    def write(self, line: dict):
        ...

    def note(self, entry: dict):
        ...

    def size(self, entry: dict) -> int:
        ...

    def close(self):
        ...

    def add(self, entry: dict, ids: bytes):
        """Ids first, then the line that counts them."""
        ...

    def read(self, entries: list) -> Iterator[bytes]:
        """The ids of these entries, one after the other."""
        ...

    def take_up(self) -> bool:
        """Note what is there and holds; what follows it is cut off."""
        ...

    def replay(self, lines: list[bytes]) -> int:
        """Note what the lines of a journal say, as far as their ids are there."""
        ...

    def encode(self, tokenizer: BaseTokenizer, folder: Path, todo: dict, team: _Team, processes: int | None):
        """This process's share of some files, each with its stamp."""
        ...

def _part(file: Path) -> Path:
    ...

class _Workshop(_Journal):
    """Where a token file grows: `NAME.part`, until it is moved to its place."""

    def __init__(self, file: Path, made: dict):
        ...

    def resume(self, old: TokenFile | None):
        """Take up the journal and the shares; without a journal, what the finished file holds."""
        ...

    def copy(self, old: TokenFile):
        ...

    def gather(self):
        """Take in the shares that other processes wrote, and their folders away."""
        ...

    def finish(self, names) -> TokenFile:
        """The token file of these names, in one move."""
        ...

    def fill(self, header: dict, pieces: list, file: Path):
        """Header and ids, into a new file."""
        ...

def _without_twins(files: dict) -> dict:
    """The entries of a header: of two files with the same tokens, the second only names the first."""
    ...

def _header_bytes(header: dict) -> bytes:
    """How a token file begins; blanks fill it up, so that the ids begin at a multiple of 64."""
    ...

def _unchanged(files: dict, stamps: dict) -> set[str]:
    """Names that need no second look: the file is as it was, and so is the one it repeats."""
    ...

def _finished(file: Path, made: dict) -> TokenFile | None:
    """The token file that is there already; `FileExistsError` if it was made otherwise."""
    ...

class _Team:
    """The processes that a launcher such as torchrun started, of which this is one; else this one alone."""

    def __init__(self):
        ...

    def meet(self):
        ...

    def part(self):
        """Go apart, for the time being."""
        ...

    def say(self, what=None, error=None):
        """Wait for all of them; what went wrong in one is raised in each."""
        ...

def _together():
    """A team; it hears of what goes wrong inside."""
    ...

def encode_folder(folder: str | Path, tokenizer: BaseTokenizer, file: str | Path, *, processes: int | None=None, max_bytes: int=10000000, max_notes: int=200000, max_seconds: float=7200.0) -> TokenFile:
    """Every music file of a folder as tokens in one file; when interrupted, call it again and it goes on.
    Under `torchrun` every process calls it, and they share the files."""
    ...

def _stamp(path: Path) -> list[int]:
    ...

def _tidy(lock: Path, busy: MelodyError):
    """Take away the lock of a run that was killed when all was done."""
    ...

def _lead(team: _Team, folder: Path, tokenizer, file: Path, made: dict, processes) -> TokenFile:
    """What the first does: see what is missing, and finish."""
    ...

def _fill(shop: _Workshop, team: _Team, folder: Path, tokenizer, todo: dict, stamps: dict, processes) -> TokenFile:
    """Encode what is missing, with the help of the others."""
    ...

def _help(team: _Team, folder: Path, tokenizer, file: Path, made: dict, processes) -> TokenFile:
    """What the others do, at the word of the first."""
    ...
