# Made by `make export` from pretrained.py, for editors. Change the notebook, not this file.
"""Somebody else's network, words added to it, a few trainable numbers beside it, and a small file.

Docs: https://melodynb.github.io/melodynb/pretrained.html.md"""
__all__ = ['STAND_INS', 'Pieces', 'base_folder', 'TextTokenizer', 'borrow', 'CausalText', 'paired', 'Seq2SeqText', 'Given', 'add_rows', 'rows', 'add_lora', 'fingerprint', 'save_adapter', 'load_adapter']
import hashlib, html, json, os, re, warnings
from collections import Counter
from contextlib import contextmanager
from functools import lru_cache, partial
from importlib.resources import files
from itertools import groupby
from operator import index
from pathlib import Path
from typing import Callable, Iterable
import numpy as np
import torch
from fastcore.basics import patch
from torch import Tensor, nn
from .files import place_files
from .four_bits import gguf_file, gguf_tokenizer, quietly, read_gguf
from .models import file_hash, read_json, read_weights
from .score import MelodyError, Score, demand
from .text import WORD, from_text, is_rest, salvage, to_text
from .tokenizers import BaseTokenizer

class Pieces(list):
    """Text cut into tokens; in a notebook each is a box, grey if it is a word that was added."""
    _STYLE = 'display:inline-block; border:1px solid #888; border-radius:3px; padding:0 .2em; margin:.1em; font-family:monospace; white-space:pre;'

    def __init__(self, pieces: Iterable[str], added: Iterable[bool]=()):
        ...

    def _box(self, piece, added) -> str:
        ...

    def _repr_html_(self):
        ...
STAND_INS = {'gpt2-stand-in': 'gpt2-medium', 'bart-stand-in': 'facebook/bart-base'}

def base_folder(base: str) -> Path:
    """Where a pretrained model lies: in a package, in a file, in a folder, or in the Hub's cache, fetched once."""
    ...

def _stand_in(base: str) -> str:
    ...

def _from_hub(base: str) -> Path:
    """The three files of a Hub id, from its cache or from the network."""
    ...

class TextTokenizer(BaseTokenizer):
    """The byte pairs of a language model, and words added to them whole."""

    def __init__(self, base: str='gpt2-stand-in', words: Iterable[str]=(), swallow: bool=False):
        ...

    @property
    def words(self) -> range:
        ...

    def __repr__(self):
        ...

    def encode(self, score) -> list[int]:
        """The ids of a text; of a score, its text."""
        ...

    def cut(self, text: str) -> Pieces:
        """The text cut into its tokens, which put together are the text again."""
        ...

    def text(self, ids) -> str:
        """The text behind these ids; foreign ones are passed over, of swallowed white space one space is back."""
        ...

    def decode(self, ids) -> Score:
        """The music in these ids: read as the form if it is one, else whatever notes are found."""
        ...

    def kind(self, id: int) -> str:
        """A word that sounds is pitch (and its length with it), a rest is rhythm; pieces of words are text."""
        ...

    def rests(self) -> list[int]:
        """The added words that are rests."""
        ...

def _byte_pairs(base: str):
    """The tokenizer of a base, from its own file."""
    ...

def _check_words(base, words: list, swallow):
    """`MelodyError` for what nobody can have meant, before a library is asked to do it."""
    ...

def _add_words(pairs, words: list[str], swallow: bool):
    """Add the words; `MelodyError` for the first that is there already."""
    ...

def borrow(base: str) -> nn.Module:
    """A pretrained network, GPT-2, BART or Llama, from its file of weights and nothing else."""
    ...

def _from_folder(base: str, folder: Path) -> nn.Module:
    """The network in a folder of the Hub's form."""
    ...

def _check_numbers(kind: type, folder: Path):
    """An error for settings that ask for more numbers than the folder has bytes: no room is made for these."""
    ...

class _Memory:
    """What a network has read so far, how many empty slots stand before each row, and what it was given."""

    def __init__(self, past, padding: Tensor | None=None, given: dict | None=None):
        ...

    @property
    def length(self) -> int:
        ...

class _Stepping(nn.Module):
    """What can go on from a memory, one token at a time."""

    def stepper(self, cache: _Memory) -> Callable:
        """One token at a time, from where the cache stands."""
        ...

class CausalText(_Stepping):
    """A pretrained causal model as `fit` and `sample` know models: ids (B,T) in, logits (B,T,V) out."""

    def __init__(self, network: nn.Module):
        ...

    def forward(self, ids: Tensor, cache=None) -> Tensor:
        ...

    def new_cache(self, batch: int=1, padding: Tensor | None=None) -> _Memory:
        """Empty memory for `batch` texts."""
        ...

def paired(sources: list, targets: list, pad: int, begin: int) -> np.ndarray:
    """A batch of sources and targets as `Seq2SeqText` reads them."""
    ...

class Seq2SeqText(nn.Module):
    """A pretrained encoder and decoder as `fit` knows models.

    Source and target so far (B,2,T) in, logits (B,T,V) of the next target token out."""

    def __init__(self, network: nn.Module):
        ...

    def forward(self, both: Tensor) -> Tensor:
        ...

    def given(self, sources) -> 'Given':
        """The causal model that is left when what is given is fixed."""
        ...

class Given(_Stepping):
    """Encoder and decoder with their source, for `sample`: ids (B,T) in, logits (B,T,V) out."""

    def __init__(self, model: Seq2SeqText, sources):
        ...

    def forward(self, ids: Tensor, cache=None) -> Tensor:
        ...

    def read(self, count: int) -> dict:
        """What the decoder looks at, for `count` rows."""
        ...

    def new_cache(self, batch: int=1, padding: Tensor | None=None) -> _Memory:
        """Empty memory for `batch` texts, which all begin at the same place."""
        ...

def _source(model: Seq2SeqText, row) -> Tensor:
    """One source; `MelodyError` if there is nothing in it to see, or too much."""
    ...

def add_rows(network: nn.Module, count: int, seed: int=0) -> nn.Module:
    """Add rows for new tokens, drawn with a deviation of .02 as GPT-2 and BART begin; the old ones stay."""
    ...
extend = add_rows

def rows(network: nn.Module) -> int:
    """How many tokens a network has vectors for."""
    ...

def add_lora(network: nn.Module, rank: int=8, alpha: float=16, trained: Iterable[int]=(), dropout: float=0.0) -> nn.Module:
    """Low-rank adapters beside the attention (Hu et al. 2021, arXiv:2106.09685), by PEFT."""
    ...

def _lora(kind: str, rank: int, alpha: float, trained: list[int], dropout: float):
    """What PEFT is told; `MelodyError` for numbers that make no adapter."""
    ...
_ADAPTER, _RECORD = ('adapter_model.safetensors', 'melodynb.json')

def _seal(value) -> str:
    """SHA-256 of what JSON can hold."""
    ...

def fingerprint(base: str) -> str:
    """Which base it really is, whatever it is called."""
    ...

def _trained(network: nn.Module) -> dict[str, Tensor]:
    """The tensors of a PeftModel that are its own, under the names that PEFT gives them in a file."""
    ...

def _options(network: nn.Module) -> dict:
    """How `add_lora` was called; `MelodyError` if PEFT was told more than it tells."""
    ...

def _check_adapted(model: nn.Module, tokenizer: TextTokenizer):
    """`MelodyError` unless the model is a borrowed network with adapters, and the tokenizer its own."""
    ...

def _record_of(model: nn.Module, tokenizer: TextTokenizer, adapter_sha256: str) -> dict:
    """All that is needed to put the tensors back where they were."""
    ...

def _sealed(record: dict) -> dict:
    """A record with its own hash."""
    ...

def save_adapter(model: nn.Module, tokenizer: TextTokenizer, folder: str | Path, *, card: str='', beside: dict[str, str] | None=None, exist_ok: bool=False) -> Path:
    """Keep what was trained of a borrowed network: adapters, rows, and a record of what they belong to."""
    ...

def _write_adapter(folder: Path, model: nn.Module, tokenizer: TextTokenizer, card: str, beside=None):
    """The four files, and what is to lie beside them; `MelodyError` unless they come back equal."""
    ...

def _check_equal(given: dict, kept: dict, base: str):
    ...

def _is_text(value, most: int=1000) -> bool:
    ...

def _is_list(value, most: int=10 ** 6) -> bool:
    ...

def _is_whole(value, most: int) -> bool:
    ...

def _is_hash(value) -> bool:
    ...

def _has(value, *names: str) -> bool:
    ...

def _is_note(value) -> bool:
    ...

def _is_lora(value) -> bool:
    ...

def _is_base(value) -> bool:
    ...

def _is_flag(value) -> bool:
    ...

def _are_words(value) -> bool:
    ...

def _are_notes(value) -> bool:
    ...

def _read_record(folder: Path) -> dict:
    """`melodynb.json`, checked field by field."""
    ...

def load_adapter(folder: str | Path, *, base: str | None=None) -> tuple[nn.Module, TextTokenizer]:
    """A borrowed network with its adapters back in place.

    `MelodyError` with one sentence for whatever is wrong with the files."""
    ...

def _followed(folder: Path):
    """Says of an error that it came from following the record of this folder."""
    ...

def _check_base(folder: Path, base: str, sha256: str):
    ...

def _rebuilt(base: str, record: dict) -> nn.Module:
    """The base, the rows and the adapters as the record tells, with numbers still to be filled in."""
    ...

def _check_rows(folder: Path, network: nn.Module, record: dict, tokenizer: TextTokenizer):
    """`MelodyError` unless the rows come out as they were; those that were trained are in the file."""
    ...

def _fill(folder: Path, network: nn.Module, sha256: str):
    """Put the tensors of the file where they belong, if they do."""
    ...
