# Made by `make export` from language_models.py, for editors. Change the notebook, not this file.
"""What of attempt 2 is true of a network that has read the web? Its weights, random ones, and the stand-in.

Docs: https://melodynb.github.io/melodynb/language_models.html.md"""
__all__ = ['NETWORKS', 'Thrifty', 'Asked', 'mean_price', 'word_starts', 'examined', 'study', 'record_networks']
import time
from functools import lru_cache
from itertools import chain, product, zip_longest
from typing import Callable
import numpy as np
import torch
from fastcore.basics import patch
from torch import Tensor, nn
from .lora_gpt2 import Arm, TEMPERATURES, madrigals, note_words, opening, texts, without_rests, write
from .pretrained import CausalText, TextTokenizer, add_lora, add_rows, borrow
from .score import demand
from .text import WORD, chunks, is_rest, words_of
from .tokenizers import HeldOut
from .train import preset, record_runs, updates

class _Priced(torch.autograd.Function):
    """Nats of each target under a table that is frozen but for some rows, a few places at a time."""

    @staticmethod
    def forward(ctx, hidden, rows, table, places, targets, size):
        ...

    @staticmethod
    def backward(ctx, weights):
        ...

class Thrifty(nn.Module):
    """A borrowed network, to be trained: ids and targets (B,2,T) in, the nats of each target (B,T,1) out."""

    def __init__(self, network: nn.Module, trained=(), half: bool=False, size: int=128):
        ...

    def forward(self, both: Tensor) -> Tensor:
        ...

    def seen(self, ids: Tensor) -> Tensor:
        """The vectors that the trunk reads."""
        ...

    def settle(self) -> nn.Module:
        """The network in float32, its adapters merged, its rows in their places."""
        ...

def _halve(network: nn.Module):
    """Keep matrices that are not trained in bfloat16."""
    ...

class Asked:
    """Batches that give the targets along with the inputs, (B,2,T), for a model that prices them itself."""

    def __init__(self, batches):
        ...

    def __len__(self) -> int:
        ...

    def __iter__(self):
        ...

    def epoch(self, number: int):
        ...

def mean_price(prices: Tensor, targets: Tensor) -> Tensor:
    """The mean of the prices that count: the `loss_fn` of `fit` for a `Thrifty` model."""
    ...
NETWORKS = {'SmolLM2': dict(base='smollm2', lr=0.005, window=256, half=True), 'SmolLM2, random weights': dict(base='smollm2', lr=0.005, window=256, half=True, random=True), 'stand-in': dict(base='gpt2-stand-in', lr=0.01, window=128, half=False), 'stand-in, random weights': dict(base='gpt2-stand-in', lr=0.01, window=128, half=False, random=True)}
_TRAINED, _ALPHABETS = (('lora and rows', 'lora'), ('whole', 'pieces'))

def _network(network: str, seed: int) -> nn.Module:
    """A borrowed network, or one of its shape with weights as before any training."""
    ...

def word_starts(tokenizer: TextTokenizer, line: str) -> tuple[list[int], list[int]]:
    """Where words begin among the tokens of a line, whatever its notes are cut into."""
    ...

def _beginners(tokenizer: TextTokenizer, lines: list[str]) -> tuple[Tensor, Tensor]:
    """The tokens with which a word may begin."""
    ...

def _kinds_of(tokenizer: TextTokenizer, line: str) -> np.ndarray:
    """The kinds of a line as a piece: with what opens and closes it."""
    ...

def _counts(odds: Tensor, kinds: Tensor, targets: Tensor, beginners: tuple) -> list[float]:
    """Nats, and at places where a word begins: how many, rests among them, mass on rests, favourites, mass on words."""
    ...

def examined(network: nn.Module, tokenizer: TextTokenizer, lines: list[str], beginners: tuple, context: int, half: bool=False) -> np.ndarray:
    """What the music of each line costs, its header given, and what is thought where words begin."""
    ...

def _written(network: nn.Module, tokenizer: TextTokenizer, words: int, half: bool, pieces: int, seed: int) -> dict:
    """What is written after the headers of held-out madrigals: words by temperature, of so many prompts."""
    ...

def _exam(rest: float, lines: int) -> tuple[str, ...]:
    """Held-out lines, a madrigal at a time."""
    ...

def _windows(plan: dict, rest: float) -> dict[str, int]:
    """Windows that hold the same music: so many pieces, and the whole notes of as much text."""
    ...

def _with_adapters(network, tokenizer, trained: str, lines: list[str], seed: int, half: bool) -> Thrifty:
    """A network with detours, and the rows that this arm trains: of its words, or of the pieces that occur."""
    ...

def _trained(network: str, trained: str, alphabet: str, rest: float, seed: int, size: dict) -> tuple:
    """The network of an arm, its tokenizer, the loss of each update, the window."""
    ...

def study(network: str, trained: str, alphabet: str, rest: float=1, seed: int=0, size: str | None=None) -> dict:
    """Train one arm, sit it down at the exam, let it write."""
    ...

def record_networks(path, networks=None, seeds=(0, 1, 2), rests=(1,), size: str='cpu', log: Callable=print) -> list[dict]:
    """Run the arms one after the other, a seed at a time, and write each as it ends."""
    ...
