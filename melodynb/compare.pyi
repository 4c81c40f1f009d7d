# Made by `make export` from compare.py, for editors. Change the notebook, not this file.
"""What a note costs a model, how much it copies, whether it is told from people: one table for all.

Docs: https://melodynb.github.io/melodynb/compare.html.md"""
__all__ = ['KINDS', 'kept', 'Bits', 'bits_per_note', 'TrueSource', 'bits_figure', 'HiddenNote', 'hidden_notes', 'hidden_bits', 'Entry', 'Brief', 'Share', 'Leaderboard', 'leaderboard', 'Tempered', 'Exam', 'exam', 'field_figures']
import json
import math
import re
import warnings
from contextlib import contextmanager
from dataclasses import replace
from functools import cached_property, lru_cache, partial
from importlib.resources import files
from itertools import chain
from operator import attrgetter
from pathlib import Path
from typing import Callable, Iterable, Iterator, NamedTuple
import numpy as np
import torch
from fastcore.basics import patch
from torch import Tensor, nn
from . import bart
from .copies import CopyIndex
from .corpus import load_corpus, split_by_family
from .display import ATTEMPT_COLORS
from .form import FORM
from .figures import Interval, Table, half_sample_interval, interval, per_symbol
from .listener import tell_apart
from .metrics import MEASURES, evaluate, measured, overlap_area
from .models import earlier, load, shipped
from .ngrams import KneserNey, Markov, NGram, Unigram, Uniform, WittenBell
from .pretrained import Seq2SeqText, TextTokenizer
from .recall import Recall
from .recipe import free_pieces
from .remi import RemiTokenizer
from .score import MelodyError, Note, Score, demand
from .text import WORD, read_word
from .tokenizers import CharTokenizer, HeldOut

def _check_logits(logits, inputs: np.ndarray):
    """`MelodyError` unless a model answers with logits, one row of odds for each id."""
    ...

def _answers(model: nn.Module, pieces: list, opening: int, window: tuple, batch_size: int) -> _Answers:
    """Of a network; rows are filled up at the right, where a causal model does not look."""
    ...

def _counted(model: NGram, pieces: list) -> _Answers:
    """The same, of an n-gram."""
    ...

def _window(model, context: int | None, stride: int | None) -> tuple[int, int]:
    """Context and stride; `MelodyError` where the model has less."""
    ...
KINDS = ('pitch', 'rhythm', 'velocity', 'structure', 'text')

def _pitches(tokenizer, id: int) -> tuple[int, ...] | None:
    """The notes that a token names."""
    ...

def _has_length(symbol: str) -> bool:
    ...

class _Vocabulary:
    """What tokens mean: their kind, the pitch that a word shares with others, and the class of the pitch."""

    def __init__(self, tokenizer):
        ...

    def __len__(self):
        ...

def _summed(odds: Tensor, groups: np.ndarray, count: int) -> Tensor:
    """Probability of each group of tokens."""
    ...

def _pitch_bits(odds: Tensor, tokens: np.ndarray, vocabulary: _Vocabulary) -> np.ndarray:
    """What the pitch of a word costs, whatever its length."""
    ...

def _class_bits(odds: Tensor, tokens: np.ndarray, vocabulary: _Vocabulary) -> np.ndarray:
    """What the pitch class costs, given that a pitch is named here."""
    ...

def _impossible(bits: np.ndarray, tokens: np.ndarray, piece: np.ndarray) -> MelodyError:
    ...

def _account(vocabulary: _Vocabulary, answers: Iterable, count: int) -> tuple[np.ndarray, np.ndarray]:
    """The bits of each piece by kind (count,5); those of its pitch classes, and their number (count,2)."""
    ...

def _onset(note: Note) -> int:
    ...

def _pitch_class(note: Note) -> int:
    ...

def _octave(note: Note) -> int:
    ...

def _duration(note: Note) -> int:
    ...

def _tempo(score: Score) -> int:
    ...

def _in_order(notes) -> list[Note]:
    ...

def _read_back(tokenizer, score: Score) -> tuple[list[Note], list[Note], Score]:
    """The notes of a score, or of its top line if no more came back; those that did; the score that did."""
    ...

def _agreement(fields: dict[str, Callable], before: list, pairs: list[tuple]) -> dict[str, float]:
    """How often what was written and what was read agree in each field that varies."""
    ...

def kept(tokenizer, scores: list[Score]) -> dict[str, float]:
    """How much of each side of the music comes back when it is written and read, and how many notes."""
    ...

class Bits(Table):
    """What notes cost a model: `total`, by kind as `bits['pitch']`, and `shared`, the pitch class alone."""

    def __init__(self, costs: np.ndarray, notes: np.ndarray, classes: np.ndarray, how: str='', seed: int=0, level: float=0.95):
        ...

    def _row(self, kind: str, bits: Interval) -> dict:
        ...

    def _per_note(self, values: np.ndarray) -> Interval:
        ...

    def __getitem__(self, kind: str) -> Interval:
        """The bits per note of one kind."""
        ...

    def sentence(self) -> str:
        """The result in words."""
        ...

    def __repr__(self):
        ...

def bits_per_note(model, tokenizer, scores: list, *, context: int | None=None, stride: int | None=None, batch_size: int | None=None, seed: int=0, level: float=0.95) -> Bits:
    """What a note costs, in bits, with all that the form writes; an upper bound on the cost of the music."""
    ...

def _asked(model, tokenizer, pieces: list, context=None, stride=None, rows=None) -> tuple[_Answers, str]:
    """What a model answers to these pieces, and how it was asked."""
    ...

def _of_this_tokenizer(model: NGram, tokenizer) -> NGram:
    """The baseline; `MelodyError` if it counted other tokens."""
    ...

def _evaluated(model: nn.Module, answers: _Answers, V: int) -> _Answers:
    """The answers, in evaluation mode, with the model left as it was."""
    ...

def _causal(model) -> nn.Module:
    """The network; `MelodyError` if it cannot read a row of ids by itself."""
    ...

def _check_size(found: int, V: int):
    ...

def _evaluating(model):
    """A model without dropout for a while, and afterwards as it was."""
    ...

class TrueSource(nn.Module):
    """The exact model of a known source: all tunes it may write, how likely each is, in some form."""

    def __init__(self, tokenizer, scores: list, odds=None):
        ...

    def _learn(self, piece: list[int], share: float):
        ...

    def forward(self, ids: Tensor) -> Tensor:
        ...

def _shade(color, depth: int) -> np.ndarray:
    ...

def _bar(ax, place: int, bits: Bits, color, longest: float):
    """One stacked bar; parts that are wide enough are named."""
    ...

def bits_figure(found: dict[str, Bits], colors: dict | None=None):
    """One stacked bar for each: pitch, rhythm, velocity, structure, text; the interval of the sum."""
    ...

class HiddenNote(NamedTuple):
    """The opening of a tune, and the number of the note in it that is to be guessed."""
    score: Score
    place: int

    def holding(self, pitch: int) -> Score:
        """The tune with this pitch in the hole."""
        ...

    @property
    def note(self) -> Note:
        """What is to be guessed."""
        ...

def _with_notes(score: Score, notes: tuple[Note, ...], **fields) -> Score:
    """The same tune with other notes in its first track, and no other."""
    ...

def _opening(score: Score, reach: int, words: set[str]) -> Score | None:
    """The first notes of a tune; None where it has fewer, or other words than these."""
    ...

def hidden_notes(scores: list[Score], count: int=60, reach: int=32, seed: int=0) -> list[HiddenNote]:
    """One note of each of some tunes, with at least a quarter of the notes shown on either side."""
    ...

def _costs(model, tokenizer, pieces: list) -> np.ndarray:
    """What whole pieces cost."""
    ...

def _common_end(pieces: list[np.ndarray]) -> int:
    """How far all pieces end alike."""
    ...

def _read_each(model, tokenizer, hidden: HiddenNote, pitches, both: bool) -> tuple[np.ndarray, np.ndarray]:
    """The bits of each version of a tune, and the pitch class that it has in the hole."""
    ...

def _hole(hidden: HiddenNote, lines: dict[int, list[str]]) -> int:
    """The word that differs between the versions of a tune."""
    ...

def _fill_each(model, tokenizer, hidden: HiddenNote, pitches, both: bool) -> tuple[np.ndarray, np.ndarray]:
    """The bits of each word behind the mask, and its pitch class."""
    ...

def _check_hidden(one: HiddenNote):
    """`MelodyError` unless it is a note of a single line."""
    ...

def _range(hidden: list[HiddenNote]) -> range:
    """From the lowest note of all tunes to the highest; `MelodyError` where there is nothing to guess."""
    ...

def hidden_bits(model, tokenizer, hidden: list[HiddenNote], *, sees: str='both') -> np.ndarray:
    """What the pitch class of each hidden note costs, given its place, its length and its surroundings;
    causal models by Bayes' rule."""
    ...

class Entry(NamedTuple):
    """A contestant: what reads, and what writes."""
    name: str
    attempt: str
    model: object
    tokenizer: object
    write: Callable | None

def _attempt(model, tokenizer) -> str:
    """Whose colour it gets."""
    ...

def _writer(model, tokenizer) -> Callable | None:
    """How a model writes whole pieces with its own odds."""
    ...

def _counted_pieces(model: NGram, tokenizer, count: int, seed: int, most: int=200000) -> list[Score]:
    """Tunes of a baseline's stream, cut where they close."""
    ...

def _chosen(scores: list[Score], count: int, seed: int) -> list[Score]:
    """Some of these tunes, others for another seed, as long as there are any."""
    ...

def _folk() -> tuple[list[Score], list[Score], list[Score]]:
    """The tunes without their titles, which no model writes."""
    ...

def _reader(name: str, model, tokenizer) -> Entry:
    """A contestant that reads, and writes if it can."""
    ...

def _baselines() -> tuple[Entry, ...]:
    """What every model must beat."""
    ...

def _is_reader(given) -> bool:
    """Whether it is a model and its tokenizer."""
    ...

def _entry(name: str, given) -> Entry:
    """A contestant from a folder, a shipped name, or (model, tokenizer)."""
    ...

def _attempts() -> dict[str, str | tuple]:
    """Every model that ships, in the order of the attempts, and those that a name stood for before."""
    ...

def _versions(name: str) -> list[tuple]:
    """The model of today, behind those of earlier versions."""
    ...

def _carried(tokenizer, scores: list[Score]) -> str:
    """What a form keeps of these scores, in words."""
    ...

class _Music(list):
    """Scores that are measured once."""

    def measures(self) -> dict[str, np.ndarray]:
        ...

def _likeness(written: _Music, people: _Music, draws: int=100) -> Interval:
    """Mean overlap of the measures with those of people; the interval from halves of the pieces,
    which differ as much as new draws would (McCarthy 1969)."""
    ...

def _as_form(tokenizer, scores: list[Score]) -> _Music:
    """What a form of writing keeps of them, or all where there is none."""
    ...

class Brief(Interval):
    """An interval as a wide table has room for it."""

    def __str__(self):
        ...

class Share(Interval):
    """An interval of shares, said in per cent."""

    def __str__(self):
        ...

def _copied(written: list[Score], index: CopyIndex) -> Share:
    ...

def _unlike(written: list[Score], people: list[Score]) -> str:
    ...

def _told_apart(written: list[Score], people: list[Score]) -> Interval:
    ...

def _told_whole(written: list[Score], people: list[Score]) -> Interval:
    ...

def _share_of(measure: str, written: list[Score]) -> Interval | str:
    ...

def _or_too_short(measure: Callable, *music, **options):
    """A figure, or 'too short' where the pieces are."""
    ...

class _Stage:
    """What all contestants are measured on."""

    def __init__(self, tunes: int | None):
        ...

    @staticmethod
    def as_letters(scores: list[Score]) -> _Music:
        """Pitch classes in order, a beat each."""
        ...

    def written_with(self, tokenizer) -> _Music:
        """The test tunes as a form of writing lets them be."""
        ...

def _music_row(entry: Entry, pieces: int, seeds: int, stage: _Stage) -> tuple[dict, list[_Music]]:
    """How what it writes compares with people, as columns; and what it wrote, by seed."""
    ...

def _seed_row(entry: Entry, by_seed: list[_Music], stage: _Stage) -> dict[str, list]:
    """The same for the pieces of each seed alone: column -> a value a seed."""
    ...

def _bits_row(entry: Entry, stage: _Stage) -> tuple[dict, Bits | None]:
    """What the test tunes cost it, as columns."""
    ...

def _bits_of_nobody(entry: Entry, stage: _Stage) -> dict:
    """Who reads nothing pays nothing, but for the copy-bot, which gives a new tune no chance at all."""
    ...

def _parameters(model) -> str:
    ...

def _sort_key(value) -> float:
    ...

def _brief(value):
    ...

class Leaderboard(Table):
    """All contestants in one table; by name: `bits`, `music` and `seeds` of each seed, `colors`."""

    def __init__(self, rows: list[dict], bits: dict[str, Bits], music: dict[str, list], seeds: dict[str, dict], colors: dict[str, str]):
        ...

    def sort(self, by: str, descending: bool=False) -> 'Leaderboard':
        """The same table in the order of one column; empty cells come last."""
        ...

    def figure(self):
        """Every column a panel, every contestant a dot with its interval, in the colour of its attempt."""
        ...

def _dot(ax, place: int, value: Interval, seeds, color: str, most: float):
    """A value with its interval; more than the panel has room for is an arrow at the edge."""
    ...

def _contestants(own: dict, baselines: bool) -> list[Entry]:
    """All that take part; `MelodyError` where two have one name."""
    ...

def _without_range_warnings():
    """A note out of a form's range is no surprise here: the column `keeps` says so."""
    ...

def _check_wishes(tunes: int | None, pieces: int, seeds: int):
    ...

def leaderboard(*, tunes: int | None=None, pieces: int=40, seeds: int=3, baselines: bool=True, **own) -> Leaderboard:
    """How every model that ships, every baseline, people and your own read and write folk tunes."""
    ...

class Tempered(nn.Module):
    """A network whose odds are those of a temperature."""

    def __init__(self, model: nn.Module, temperature: float):
        ...

    def forward(self, ids: Tensor) -> Tensor:
        ...

def _dearer(one: Bits, other: Bits, draws: int=1000) -> Brief:
    """How much more a note of the other book costs; both books are drawn again (Efron 1979)."""
    ...

class Exam(Table):
    """What a note of each book costs every reader; `bits[reader][book]` has it by kind."""

    def __init__(self, bits: dict[str, dict]):
        ...

    def _row(self, reader: str, found: dict[str, Bits]) -> dict:
        ...

def exam(books: dict[str, list[Score]], *, baselines: bool=True, **own) -> Exam:
    """Bits per note of every reader on every book, titles left out; who only fills gaps does not take part."""
    ...
_TOKENS, _FRAMES = ('sixteenths, token', 'quarters, frame of 88 keys')
_HUANG, _BAI = ('Huang et al. 2018, arXiv:1809.04281', 'Bai et al. 2018, arXiv:1803.01271, table 1')
_JOINTLY, _ALONE = ('jointly, voice after voice', 'each key alone')

def _our_tokens() -> list[tuple]:
    """The run of attempt 4, and the n-gram beside it."""
    ...

def _our_frames() -> list[tuple]:
    """What `benchmarks/jsb.py` measured: a Transformer of frames, and what needs no training."""
    ...

def field_figures() -> Table:
    """What was published on the JSB chorales, and our runs under the same protocols."""
    ...
