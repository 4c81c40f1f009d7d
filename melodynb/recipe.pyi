# Made by `make export` from recipe.py, for editors. Change the notebook, not this file.
"""All that decides a piece, as one value; and the one writer that follows it, for every model.

Docs: https://melodynb.github.io/melodynb/recipe.html.md"""
__all__ = ['KINDS', 'tune_opening', 'typed_opening', 'midi_opening', 'opening_score', 'Recipe', 'writers', 'Result', 'make', 'free_pieces', 'Chance', 'packed', 'save']
import base64
import json
import re
import time
from collections import Counter
from dataclasses import asdict, dataclass, field, fields, replace
from functools import lru_cache
from itertools import accumulate, count
from pathlib import Path
from typing import Callable, NamedTuple
import numpy as np
import torch
from fastcore.basics import patch
from .compose import Continuation, Form, MOST_BARS, MOST_TOKENS
from .compose import appended, in_its_key
from .infill import Filling, check_fills
from .corpus import LETTERS, load_corpus
from .lora_gpt2 import opening as text_before
from .copies import CopyIndex, copied_share, copy_report
from .figures import per_symbol
from .models import Attention, attention_maps, earlier, load, shipped, weights_hash
from .pretrained import TextTokenizer
from .reading import read_score
from .remi import MOST_DENSITY, RemiTokenizer
from .remi_transformer import split_music
from .sample import Dice, PageDice, allowed_mask, filter_logits, in_view, sample
from .score import GRID, MelodyError, NEAR, Note, Score, Track
from .files import told, write_file
from .score import demand, read_midi, write_midi
from .text import WORD, read_word, to_text
from .tokenizers import CharTokenizer

def tune_opening(corpus: str, number: int, bars: int=4) -> str:
    """The first bars of a tune."""
    ...

def typed_opening(text: str) -> str:
    """Notes that someone typed, a beat each."""
    ...

def midi_opening(music) -> str:
    """Music of any kind, as a MIDI file in letters."""
    ...

def _is_letter(symbol: str) -> bool:
    ...

def _typed(text: str) -> Score:
    """The score of typed notes; `MelodyError` for the first letter that is none."""
    ...

def _tune(text: str) -> Score:
    """Some bars of a tune in a collection."""
    ...

def opening_score(opening: str) -> Score | None:
    """The music of an opening; `MelodyError` says in one sentence why there is none."""
    ...

@dataclass(frozen=True)
class Recipe:
    """All that decides a piece: the same recipe gives the same music."""
    model: str = 'remi-folk'
    bars: int = 8
    seed: int = 0
    temperature: float = 0.9
    top_k: int | None = None
    top_p: float | None = 0.9
    key: str | None = None
    meter: str | None = None
    grammar: bool = True
    opening: str = ''
    revisions: int = 8
    gap: tuple | None = None
    density: int | None = None
    pitches: tuple | None = None
    tokens: int | None = None
    weights: str | None = field(default=None, compare=False)

    def __post_init__(self):
        ...

    def to_json(self) -> str:
        ...

    @classmethod
    def from_json(cls, text: str) -> Recipe:
        """The recipe again; `MelodyError` for a text that is none."""
        ...

    def sentence(self) -> str:
        """The recipe in words."""
        ...

    @property
    def knows(self) -> tuple:
        """What its model can be asked for beside the common wishes; `MelodyError` for one that writes nothing."""
        ...

def _whole(n, low: int, high: int, none: bool=False) -> bool:
    ...

def _pair(value) -> bool:
    ...

def _above_zero(n, high: float) -> bool:
    ...

def _check_recipe(r: Recipe):
    """`MelodyError` for the first wish that cannot be granted."""
    ...

def _numbers(recipe: Recipe) -> str:
    ...

class _Begun:
    """One recipe in the hands of one model, up to the place where the new music begins."""
    knows = ()
    grid = 12

    def __init__(self, recipe: Recipe, model, tokenizer):
        ...

    def check_wishes(self):
        """`MelodyError` for a key or a meter that means nothing to it; behind an opening a meter is bar lines."""
        ...

    def take_up(self, score: Score):
        """The opening, in the meter that was asked for from the first new bar on."""
        ...

def _spot(beat: float, pitch: int) -> tuple:
    ...

class _Pen(_Begun):
    """Writes; each kind of model has one of its own, with `prepare`, `new`, `named`, `share` and `label`."""
    moved = 0

    def score(self, ids: list[int]) -> Score:
        """The music so far: the opening as it is, and behind it what was written."""
        ...

    def places(self, ids: list[int], score: Score) -> dict[int, int]:
        """Which token made which note, or was one of the opening; notes without a token are left out."""
        ...

    @property
    def given(self) -> int:
        ...

    def heard(self, ids) -> list[tuple]:
        ...

    def remark_on(self, count: int, room: int):
        """Say what the model does not read of an opening of so many tokens."""
        ...

    def reads(self) -> str:
        ...

    def owners(self, ids) -> list[int]:
        ...

    def enough(self, ids) -> bool:
        ...

    def finish(self, ids, odds) -> tuple[list[int], Score]:
        ...

    def rest(self):
        ...

    def follows(self, ids):
        ...

    def maps(self, ids) -> torch.Tensor:
        ...

    @property
    def heads(self) -> tuple[int, int]:
        ...

class _StepPen(_Pen):
    """Writes one step after the other, for one voice or for several in turn."""

    def prepare(self):
        ...

    def may_follow(self, ids):
        ...

    def new(self, ids):
        ...

    def share(self, ids):
        ...

    def named(self, ids) -> list[tuple]:
        """Where a note begins, there is its token: so many steps after the prompt, in the place of its voice."""
        ...

    def label(self, id: int) -> str:
        ...

class _LetterPen(_StepPen):
    """Writes letters, a beat each."""

    def reads(self):
        ...

    def heard(self, ids):
        ...

    def label(self, id):
        ...

class _WordPen(_Pen):
    """Writes words of notes and rests, after a header."""
    knows = ('key', 'meter')

    def prepare(self):
        ...

    def may_follow(self, ids):
        ...

    def reads(self):
        ...

    def line(self) -> str:
        """The top line of the opening in words, and a space."""
        ...

    def written(self, ids) -> float:
        ...

    def enough(self, ids):
        ...

    def share(self, ids):
        ...

    def new(self, ids) -> Score:
        """What was written, not longer than it was to be."""
        ...

    def sounding(self, ids) -> list[tuple]:
        """The notes that words say; nothing of those that are spelled in pieces."""
        ...

    def named(self, ids):
        ...

    def heard(self, ids):
        ...

    def label(self, id):
        ...

    def maps(self, ids) -> torch.Tensor:
        """As `attention_maps`, from the borrowed network, which tells them only if it computes them singly."""
        ...

    @property
    def heads(self):
        ...

def _length(word: str) -> float:
    ...

class _RemiPen(_Pen):
    """Writes bars, positions and notes, under the grammar of the form that was asked for."""
    knows = ('key', 'meter', 'density', 'pitches')

    @property
    def grid(self) -> int:
        ...

    def prepare(self):
        ...

    def start_anew(self):
        ...

    def go_on(self):
        ...

    def follows(self, ids):
        ...

    def enough(self, ids):
        """Without a grammar somebody else must count the bars."""
        ...

    def share(self, ids):
        ...

    def rest(self):
        """Forget what can be worked out again."""
        ...

    def score(self, ids) -> Score:
        """The music so far."""
        ...

    def finish(self, ids, odds) -> tuple[list[int], Score]:
        """As `compose` ends a piece: endings are tried, and the notes moved into the key that is named."""
        ...

    def named(self, ids):
        ...

    def owners(self, ids) -> list[int]:
        """Bar lines and positions belong to the note that they lead to."""
        ...

    def label(self, id) -> str:
        ...

class _GapPen(_RemiPen):
    """Writes some bars of a piece anew, between those that stay."""
    knows = ('key',)

    def prepare(self):
        ...

    def score(self, ids):
        ...

    def finish(self, ids, odds):
        ...

    def follows(self, ids):
        ...

    def share(self, ids):
        ...

def _kept(name: str, weights: str | None, version: str | None=None) -> tuple:
    ...

def _loaded(name: str, version: str | None=None) -> tuple:
    ...

def _version(recipe: Recipe) -> str | None:
    """The earlier version of the package whose weights wrote a recipe; None where today's will do."""
    ...

def writers() -> list[str]:
    """Names of the models that come along and write by themselves; BART only fills holes."""
    ...

def _pen_for(name: str, version: str | None=None, gap=None) -> type:
    """The pen for a model; `MelodyError` for one that no pen fits."""
    ...

@dataclass(frozen=True, eq=False)
class Result:
    """A piece, and all that is needed to ask about it and to make it again."""
    recipe: Recipe
    score: Score
    ids: list = field(repr=False)
    places: dict = field(repr=False)
    remarks: tuple
    seconds: float
    pen: _Pen = field(repr=False)
    before: 'Result|None' = field(default=None, repr=False)

    @property
    def player(self):
        ...

    @property
    def join(self) -> float:
        ...

    @property
    def written(self) -> Score:
        """What the model itself wrote."""
        ...

    @property
    def new(self) -> frozenset:
        """The notes that the model wrote; the others were given."""
        ...

    @property
    def seam(self) -> frozenset | None:
        """The notes that the model wrote, or None where it wrote all."""
        ...

    @property
    def title(self) -> str:
        """What it is called: behind an opening also who went on, and from which seed."""
        ...

    @property
    def titled(self) -> Score:
        ...

    def sentence(self) -> str:
        ...

    def to_json(self) -> str:
        ...

    def token_of(self, note: int) -> int:
        """The token that made a note; `MelodyError` for a note that the model did not read."""
        ...

    def read_before(self, note: int) -> list[int]:
        """What the model had before it when it chose a note."""
        ...

    def odds(self, note: int, most: int=12) -> list[Chance]:
        """What could have stood where a note stands."""
        ...

    def whose(self, note: int) -> tuple:
        """The piece in which a note was written: this one, or one that it goes on from."""
        ...

    @property
    def heads(self) -> tuple[int, int]:
        """How many heads there are to choose from."""
        ...

    def attention(self, note: int, layer: int=0, head: int=0) -> dict[int, float]:
        """At which notes a head looked while the model chose one; bar lines count with the note they lead to."""
        ...

    def verdict(self) -> str:
        """Whether what the model wrote stands in its training music, in a sentence or two."""
        ...

class _Enough(Exception):
    """Somebody pressed stop while endings were tried."""

class _Listener:
    """Stands between the dice and whoever listens, who is told now and then."""

    def __init__(self, pen: _Pen, listen: Callable | None, every: float):
        ...

    def due(self) -> bool:
        ...

    def write(self, row: int, id: int) -> bool:
        ...

    def revise(self, row: int, id: int):
        ...

def make(recipe: Recipe, listen: Callable | None=None, every: float=0.15, dice: str='own') -> Result:
    """Follow a recipe; the result has the recipe that gives it again, also when it was stopped."""
    ...

def _signed(recipe: Recipe, pen: _Pen, version: str | None=None) -> tuple[Recipe, tuple]:
    """The recipe with the hash of the weights that follow it, and a remark where they are other ones, or old."""
    ...

def free_pieces(model, tokenizer, count: int, seed: int, temperature: float=1.0) -> list[Score]:
    """As many pieces as asked, with the model's own odds, drawn side by side, each from a seed of its own."""
    ...

class Chance(NamedTuple):
    """What might have come, and how likely."""
    label: str
    share: float
    chosen: bool

def _library(data: str, rhythm: bool) -> tuple[CopyIndex, float]:
    """The training pieces, sorted; `MelodyError` where they are not on this machine."""
    ...

def _copied(copy, index: CopyIndex) -> str:
    """What was found of one piece."""
    ...

def _midi(result: Result) -> bytes:
    ...

def _wav(result: Result) -> bytes:
    ...

def _mp3(result: Result) -> bytes:
    ...

def _music_xml(result: Result) -> bytes:
    ...

def _abc(result: Result) -> bytes:
    ...

def _picture(form: str) -> Callable:
    """What engraves a result."""
    ...

def _json(result: Result) -> bytes:
    ...
KINDS = {'MIDI': ('.mid', _midi), 'WAV': ('.wav', _wav), 'MP3': ('.mp3', _mp3), 'MusicXML': ('.musicxml', _music_xml), 'ABC': ('.abc', _abc), 'SVG': ('.svg', _picture('svg')), 'PNG': ('.png', _picture('png')), 'PDF': ('.pdf', _picture('pdf')), 'recipe': ('.json', _json)}

def packed(result: Result, kind: str='MIDI') -> tuple[str, bytes]:
    """A piece as a file that is named as the piece is: its model and seed, and what stood before."""
    ...

def save(result: Result, folder: str | Path='.', kind: str='MIDI') -> Path:
    """Keep a piece in a file."""
    ...
