# Made by `make export` from bar_transformer.py, for editors. Change the notebook, not this file.
"""A Transformer that reads its bar, its place in the bar and the tonic from its own tokens; rows with a hole.

Docs: https://melodynb.github.io/melodynb/bar_transformer.html.md"""
__all__ = ['RECIPES', 'token_facts', 'carry', 'read_places', 'from_tonic', 'BarTransformer', 'bar_lines', 'with_hole', 'from_bar', 'Rearranged', 'density_word', 'bar_settings', 'bar_tokenizer', 'train_bar_transformer', 'main']
import math
from pathlib import Path
from typing import Callable
import numpy as np
import torch
from fastcore.basics import patch
from torch import Tensor, nn
from .models import Decoder, KVCache, turned_by
from .remi import MOST_DENSITY, MOST_HOLE, RemiTokenizer
from .remi_transformer import OWN_KEY_HALF, TOKENIZERS, exam_for, keep_examined, music_only, split_music
from .score import MelodyError, demand, key_tonic
from .tokenizers import WholePieces, moved
from .train import History, command, fit, leads, preset

def token_facts(tokenizer: RemiTokenizer) -> Tensor:
    """What each token says of the place where music is; step and tonic are -1 where it says none."""
    ...

def _said(kind: str, value: str) -> tuple:
    ...

def carry(values: Tensor, fresh: Tensor, before: Tensor) -> Tensor:
    """At each place the newest value so far."""
    ...

def read_places(facts: Tensor, ids: Tensor, before: Tensor) -> tuple[Tensor, Tensor]:
    """In which bar each token stands, where in it, over which tonic; a filling where its hole was."""
    ...

def _speeds(pairs: int, clock: bool) -> Tensor:
    """How fast each pair of numbers turns with each of the three; it turns with one of them."""
    ...

def _slower(first: float, last: float, count: int) -> Tensor:
    ...

def from_tonic(tokenizer: RemiTokenizer) -> Tensor:
    """One table of pitches for every key: they are as far from C as they are from the tonic.
    Those that leave the vocabulary get numbers behind it."""
    ...

class BarTransformer(Decoder):
    """A Transformer that turns with the bar and the place in it, and hears pitches from the tonic."""

    def __init__(self, vocab_size: int, context: int=1024, width: int=192, layers: int=3, heads: int=4, dropout: float=0.1, steps: int=192, clock: bool=True, home: bool=True):
        ...

    @classmethod
    def of(cls, tokenizer: RemiTokenizer, **sizes) -> BarTransformer:
        """An untrained model that understands these tokens."""
        ...

    def forward(self, ids: Tensor, cache=None) -> Tensor:
        ...

    def angles(self, past: int, bar: Tensor, step: Tensor) -> Tensor:
        """How far each pair of numbers is turned at each token."""
        ...

    def beginning(self, batch: int=1) -> Tensor:
        """Where pieces stand before their first token."""
        ...

    def new_cache(self, batch: int=1, padding: Tensor | None=None) -> KVCache:
        """Empty memory for `batch` pieces, and the place where each stands."""
        ...

    def step_in(self, cache: KVCache) -> Callable:
        """What `stepper` does before the blocks."""
        ...

    def step_out(self, cache: KVCache) -> Callable:
        """What `stepper` does behind the blocks: pitches go back to where their key has them."""
        ...

    def window(self, ids: list, keep: int) -> list[int]:
        """Whole bars, the newest that fit, behind a heading that says their meter and key."""
        ...

def bar_lines(tokenizer: RemiTokenizer, ids) -> np.ndarray:
    """Where the bar lines stand in a piece."""
    ...

def with_hole(tokenizer: RemiTokenizer, ids: np.ndarray, first: int, bars: int) -> np.ndarray:
    """The piece in another order: what stands before the hole, what behind it, what is missing."""
    ...

def _of_kind(tokenizer: RemiTokenizer, ids, kind: str) -> list[int]:
    ...

def _check_words(tokenizer: RemiTokenizer):
    """`MelodyError` where a vocabulary has no words for holes and wishes."""
    ...

def _check_hole(tokenizer: RemiTokenizer, there: int, first: int, bars: int):
    """`MelodyError` for bars that cannot be taken out."""
    ...

def from_bar(tokenizer: RemiTokenizer, ids: np.ndarray, place: int) -> np.ndarray:
    """The piece from a later bar on, behind an empty bar with the meter and key that hold there."""
    ...

class Rearranged:
    """Changes a piece for one reading: perhaps another key, a hole, a word on how full it is."""

    def __init__(self, tokenizer: RemiTokenizer, context: int=1024, holes: float=0.3, densities: float=0.25):
        ...

    def __call__(self, ids: np.ndarray, rng) -> np.ndarray:
        """One reading of the piece."""
        ...

    def shortened(self, ids: np.ndarray, rng) -> np.ndarray:
        """As much of a long piece as fits, from its beginning or from any later bar."""
        ...

    def holed(self, ids: np.ndarray, rng) -> np.ndarray:
        """With a hole of 1 to 8 bars somewhere."""
        ...

    def told(self, ids: np.ndarray) -> np.ndarray:
        """Behind a word that says how many notes a bar has on average."""
        ...

def density_word(tokenizer: RemiTokenizer, ids) -> int:
    """The word for how many notes a bar of this piece has on average."""
    ...
RECIPES = {'tiny': dict(width=24, layers=2, context=256, symbols=1024, steps=12, lr=0.005, dropout=0.0), 'cpu': dict(width=96, layers=2, context=512, symbols=2048, steps=150, lr=0.004, dropout=0.05), 'gpu': dict(width=192, layers=3, context=1024, symbols=2048, steps=15000, lr=0.0025, dropout=0.1)}

def bar_settings(size: str | None=None) -> tuple[dict, dict, dict]:
    """How the model was trained; 'gpu' gives the one that ships, whatever hardware runs it."""
    ...

def bar_tokenizer(data: str='folk') -> RemiTokenizer:
    """The tokens of a collection, with the words of holes and wishes."""
    ...

def train_bar_transformer(folder, data: str='folk', size: str | None=None, seed: int=0) -> History:
    """The model from its corpus to a folder; goes on from an interrupted run."""
    ...

def _trained(tokenizer, parts: tuple, size: str, seed: int, checkpoint: Path) -> tuple:
    """The model at the end of its plan, or where it was stopped."""
    ...

def main(arguments: list[str] | None=None):
    """The command `python -m melodynb.bar_transformer`."""
    ...
