# Made by `make export` from models.py, for editors. Change the notebook, not this file.
"""A small Transformer that reads like its drawing, a cache for speed, and a folder that keeps it.

Docs: https://melodynb.github.io/melodynb/models.html.md"""
__all__ = ['Attention', 'FeedForward', 'Block', 'Decoder', 'Waves', 'attention_maps', 'KVCache', 'turned_by', 'save', 'read_json', 'read_weights', 'shipped', 'earlier', 'load', 'file_hash', 'weights_hash']
import glob, hashlib, inspect, json, math, os, re
from contextlib import contextmanager
from functools import lru_cache, partial
from importlib import resources
from importlib.metadata import entry_points
from itertools import chain
from pathlib import Path
from typing import Callable, NamedTuple
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from torch.nn.modules.module import register_module_buffer_registration_hook as buffered
from torch.nn.modules.module import register_module_parameter_registration_hook as parametrized
from torch.overrides import TorchFunctionMode
from huggingface_hub import PyTorchModelHubMixin
from fastcore.basics import patch
from .files import is_folder, place_files
from .score import MelodyError, demand

class Attention(nn.Module):
    """Causal self-attention: each position collects from itself and earlier ones, in several heads."""

    def __init__(self, width: int, heads: int, bias: bool=False, turns: int=0):
        ...

    def forward(self, x: Tensor, cache=None, turns=None) -> Tensor:
        ...

    def roles(self, x: Tensor, past: int=0, turns=None) -> Tensor:
        """What every position asks, shows and gives, head by head."""
        ...

    def weights(self, x: Tensor, turns=None) -> Tensor:
        """Who collects (row) how much from whom (column): the formula written out, for pictures."""
        ...

def _turns(context: int, size: int) -> Tensor:
    """Angles that grow with the position, fast for the first pair of numbers, slow for the last."""
    ...

def _turn(x: Tensor, turns: Tensor) -> Tensor:
    """Rotate pairs of numbers by the angle of their position: a product then feels only the distance."""
    ...

class FeedForward(nn.Module):
    """Each position by itself: four times as wide, a bend, and back."""

    def __init__(self, width: int, activation: str='relu'):
        ...

    def forward(self, x: Tensor) -> Tensor:
        ...

class Block(nn.Module):
    """Look around, then think; what each half finds is added to the stream."""

    def __init__(self, attention: Attention, feed: FeedForward, dropout: float=0.0):
        ...

    def forward(self, x: Tensor, cache=None, turns=None) -> Tensor:
        ...

class _Parts(nn.Module):
    """What a piece passes through, from ids to logits."""

    def __init__(self, vocab_size, context, width, layers, position, block, final_norm, dropout, tied):
        ...

class Decoder(_Parts, PyTorchModelHubMixin, **_HUB):
    """A decoder-only Transformer: token ids in; at each position, logits of the next token out."""

    def __init__(self, vocab_size: int, context: int=256, width: int=192, layers: int=2, heads: int=4, dropout: float=0.0, position: str='learned', activation: str='relu', qkv_bias: bool=False, tied: bool=False, scaled: bool=False, final_norm: bool=True):
        ...

    def forward(self, ids: Tensor, cache=None) -> Tensor:
        ...

    def embed(self, ids: Tensor, cache=None) -> Tensor:
        """Vectors of the tokens and their places; `MelodyError` for too many ids or foreign ones."""
        ...

    def reset(self) -> Decoder:
        """New random weights, as before any training."""
        ...

    def check_ids(self, ids: Tensor):
        """`MelodyError` for the first id that is not in the vocabulary."""
        ...

    def new_cache(self, batch: int=1, padding: Tensor | None=None) -> KVCache:
        """Empty memory for `batch` pieces."""
        ...

    def stepper(self, cache: KVCache) -> Callable:
        """What `self(ids[:, None], cache)[:, 0]` is for a model in evaluation, with the ceremony left out."""
        ...

    def step_in(self, cache: KVCache) -> Callable:
        """What `stepper` does before the blocks."""
        ...

    def step_out(self, cache: KVCache) -> Callable:
        """What `stepper` does behind the blocks."""
        ...

class Waves(nn.Module):
    """Positions that are not learned: sines and cosines (Vaswani et al. 2017, section 3.5)."""

    def __init__(self, context: int, width: int):
        ...

def _no_places(context: int, width: int):
    ...

def _check_sizes(vocab_size, context, width, layers, heads, dropout, position, activation):
    """`MelodyError` for sizes that make no model."""
    ...

def attention_maps(model: nn.Module, ids) -> Tensor:
    """Who looked (row) at whom (column) while the model read `ids`."""
    ...

class KVCache:
    """Keys and values of the positions already read, laid out once and filled from the left."""

    def __init__(self, layers: int, batch: int, heads: int, context: int, size: int, padding: Tensor | None=None, dtype=torch.float32, device='cpu'):
        ...

    def open(self, T: int):
        """Get ready: who may look at whom, if it is not the plain triangle."""
        ...

    def append(self, key: Tensor, value: Tensor) -> tuple[Tensor, Tensor]:
        """Write behind what is there, one layer after the other; the last layer moves the end."""
        ...

    def positions(self, T: int) -> Tensor:
        """Where in its own piece each of them stands."""
        ...

def _is_plain(model: Decoder) -> bool:
    """Whether `model` is made of exactly the parts that `stepper` knows."""
    ...

def _norm(part: nn.LayerNorm) -> tuple:
    ...

def _product(part: nn.Linear) -> tuple:
    ...

class _Unwrapped(NamedTuple):
    """The numbers of a block, without its modules."""
    norm1: tuple
    qkv: tuple
    out: tuple
    norm2: tuple
    wide: tuple
    bend: Callable
    back: tuple

def _unwrap(block: Block) -> _Unwrapped:
    ...

def _turner(turns: Tensor | None) -> Callable:
    """`_turn` at position `t` in three operations, for queries and keys; values pass through."""
    ...

def _factors(cos: Tensor, sin: Tensor) -> tuple[Tensor, Tensor]:
    """What queries, keys and values are multiplied by, and what their neighbours half a head away."""
    ...

def _turn_all(roles: Tensor, own: Tensor, other: Tensor) -> Tensor:
    ...

def turned_by(cos: Tensor, sin: Tensor) -> Callable:
    """A turn of its own for each piece, for `step_in`."""
    ...

def _unturned(t):
    ...

def _times(x: Tensor, part: tuple) -> Tensor:
    ...

def _pass(x: Tensor, block: _Unwrapped, memory: Tensor, cache: KVCache, shape: tuple, turn: Callable) -> Tensor:
    """One new position (B,C) through one block: look around, then think."""
    ...
_WEIGHTS, _CONFIG, _TOKENIZER, _CARD = _FILES

def _sha256(data: bytes) -> str:
    ...

def _vocab_hash(vocab: list[str]) -> str:
    ...

def _own_tensors(model: nn.Module) -> dict[str, Tensor]:
    """Parameters and lasting buffers by name, shared ones once."""
    ...

def _write(folder: Path, model: nn.Module, tokenizer, card: str, dtype=None, beside=None):
    """The four files, three without a tokenizer, and what is to lie beside them."""
    ...

def _tokenizer_text(tokenizer) -> str:
    ...

def _packed(model: nn.Module, dtype) -> bytes:
    """A model's numbers as a safetensors file."""
    ...

def save(model: Decoder, tokenizer, folder: str | Path, *, card: str='', dtype=None, beside: dict[str, str] | None=None, exist_ok: bool=False) -> Path:
    """Keep a model and its tokenizer in a folder, as safetensors and JSON.

    At every moment the folder holds the old model or the new one, whole."""
    ...

def _require(right: bool, folder: Path, sentence: str):
    ...

def _require_file(folder: Path, name: str, limit: int, files: tuple):
    """`MelodyError` unless the file is there and not above the limit, in bytes."""
    ...

def read_json(folder: Path, name: str, files: tuple=_FILES) -> dict:
    """A JSON object from a folder that nobody vouches for; `MelodyError` for whatever is wrong."""
    ...

def _read_card(folder: Path) -> str:
    ...

def _model_class(folder: Path, name) -> type:
    """Found by name among what is installed (entry points 'melodynb.models') or defined in this session."""
    ...

def _family(kind: type) -> list[type]:
    ...

def _arguments(folder: Path, kind: type, config: dict) -> dict:
    """What `kind` takes, of the right types and of sane size."""
    ...

def _check_argument(folder: Path, gives: str, plain, value):
    ...

def _listed(folder: Path, weights: str) -> dict[str, tuple]:
    """The tensors that a safetensors file says it holds."""
    ...

def _check_listed(folder: Path, found: dict, expected: dict, weights: str, config: str):
    """`MelodyError` unless the file holds the expected tensors, in their shapes."""
    ...

def read_weights(folder: Path, expected: dict[str, Tensor], sha256: str | None, files: tuple=_FILES) -> dict[str, Tensor]:
    """The tensors of a weights file; `MelodyError` with one sentence unless it is whole and fits."""
    ...

class _NoDice(TorchFunctionMode):
    """Inside it weights are made, and no dice are thrown to fill them."""

    def __torch_function__(self, function, types, args=(), kwargs=None):
        ...

def _bounded():
    """Inside it a model of too many parts is refused while it is made, before it costs time or memory."""
    ...

def _build(folder: Path, kind: type, arguments: dict, sha256=None) -> nn.Module:
    """A model with the weights in `folder`, for evaluation; the caller's dice stay as they are."""
    ...

def _read_tokenizer(folder: Path, model: nn.Module):
    ...

def _shipped_folder() -> Path:
    ...

def shipped() -> list[str]:
    """Names of the models that come with this package."""
    ...

def earlier(name: str) -> dict[str, Path]:
    """The weights that a shipped name stood for before, oldest first."""
    ...

def _earlier(name, version: str) -> Path:
    ...

def _folder(name, version: str | None=None, **hub) -> Path:
    """Where the files of `name` lie, fetched from the Hub if that is where they are."""
    ...

def load(name: str | Path, *, version: str | None=None, revision: str | None=None) -> tuple[nn.Module, object]:
    """A trained model, or a borrowed one with its adapters, and its tokenizer.

    `MelodyError` with one sentence for whatever is wrong with the files."""
    ...
Decoder.tokenizer, Decoder.card = (None, '')

def file_hash(*paths: Path) -> str:
    """SHA-256 of files, one behind the other; read again only when one has changed."""
    ...

def _digest(*files) -> str:
    ...

def weights_hash(name: str, version: str | None=None) -> str:
    """Which weights a name stands for: SHA-256 of the safetensors files of a model or an adapter."""
    ...
