# Made by `make export` from compose.py, for editors. Change the notebook, not this file.
"""A piece with the bars, meter and key that you ask for, and new bars behind music that is there.

Docs: https://melodynb.github.io/melodynb/compose.html.md"""
__all__ = ['MOST_BARS', 'MOST_TOKENS', 'Form', 'pair_of', 'in_its_key', 'rests', 'compose', 'likely_key', 'Hearing', 'appended', 'Continuation', 'extend']
import json
import warnings
from dataclasses import replace
from functools import lru_cache
from importlib.resources import files
from itertools import chain
from pathlib import Path
import numpy as np
from fastcore.basics import patch
from .corpus import load_corpus
from .metrics import KeyFinder, KeyReader
from .models import load, shipped
from .reading import read_score
from .remi import COUNTDOWN, MOST_DENSITY, Place, RemiGrammar, RemiTokenizer, TEMPOS
from .sample import kept_places, sample
from .score import MODES, NEAR, Change, MelodyError, Note, Score, Track
from .score import demand, key_parts, key_tonic, transpose_key
MOST_BARS = 256
MOST_TOKENS = 512

class Form(RemiGrammar):
    """The grammar of one piece: so many bars of one meter, one key, and a note in the last bar."""

    def __init__(self, tokenizer: RemiTokenizer, bars: int=16, meter: str | None=None, key: str | None=None, bpm: float | None=None, steady: bool=False, pitches: tuple | None=None, rhythm: Score | None=None):
        ...

    def start(self, ids) -> '_FormPlace':
        """The place that `ids` lead to; it answers `allowed` and moves on by `push`."""
        ...

    def revised(self, model, rows: list, seeds: list, endings: int, odds: dict) -> list[list[int]]:
        """The pieces, the last two bars of each written again until it rests; as it was if none does."""
        ...

    def begun(self, density: int | None=None) -> list[int]:
        """What a piece begins with: a wish for density, if there is one, is said before the first bar."""
        ...

def _plain_meter(meter) -> str:
    ...

def _plain_key(key: str) -> str:
    ...

def _near_tempo(bpm) -> int:
    ...

def _is_number(value) -> bool:
    ...

def _place_of(tokenizer, kind: str, value) -> int:
    ...

def _reach(tokenizer, pitches) -> tuple[int, int]:
    """The lowest and the highest note that a piece may have."""
    ...

def _meter_of(rhythm: Score, meter) -> tuple:
    """The meter of a bar whose rhythm is wished for; `MelodyError` where another is asked for, too."""
    ...

def _beat_of(tokenizer, rhythm: Score) -> dict[int, int]:
    """The rhythm of the first bar of a score, on the grid."""
    ...

class _FormMemory(Place):
    """What a place in a piece of known form remembers."""

    def __init__(self, grammar: Form):
        ...

    def state(self) -> tuple:
        ...

    def push(self, id: int):
        ...

    def push_Bar(self, value):
        ...

    def push_Meter(self, value):
        ...

    def push_Tempo(self, value):
        ...

class _FormOpening(_FormMemory):
    """What may follow at the beginning of a piece of known form."""

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

class _FormWish(_FormOpening):
    """What range and rhythm leave of the notes and positions that may follow."""

    def notes(self):
        """None where the rhythm that was asked for has none."""
        ...

    def onward(self):
        """Where a rhythm was asked for, its next onset, or the next bar."""
        ...

    @property
    def top(self):
        ...

    def pitches(self):
        """Those that were asked for, above the last one at this position."""
        ...

class _FormPlace(_FormWish):
    """A place in a piece of which the form is known."""

    def after_Pitch(self):
        ...

    def after_Velocity(self):
        """Lengths up to the end of the piece; a solo voice is free again when the last bar begins."""
        ...

    def after_Duration(self):
        ...

def _shipped(name: str) -> tuple:
    ...

def pair_of(model) -> tuple:
    """What a name stands for; of a folder what is in it now, of a shipped name the same again."""
    ...

def _composer(model) -> tuple:
    """A model that writes REMI tokens; `MelodyError` for any other."""
    ...

def _check_odds(bars, temperature, top_p, revisions=0):
    """`MelodyError` for the first that cannot be granted."""
    ...

def _key_finder() -> KeyFinder:
    ...

def in_its_key(score: Score, any_mode: bool=False) -> Score:
    """The notes moved, by half an octave at most, so that the tonic one hears is that of the key."""
    ...

def _colour(score: Score, tonic: int) -> str:
    """Minor where the low third above the tonic sounds more often than the high one."""
    ...

def _in_its_mode(score: Score) -> Score:
    """The same notes under a key with the third that they have; a mode that has it stays."""
    ...

def rests(score: Score) -> bool:
    """Whether the lowest note that sounds at the end is the tonic."""
    ...

class _Resumed:
    """The rule of pieces of which the model sees only the end."""

    def __init__(self, form: Form, pieces: list):
        ...

    def start(self, ids):
        ...

def _to_last_two(form: Form, ids: list) -> list[int]:
    ...

def _in_sight(model, ids: list) -> list[int]:
    ...

def _other_ends(model, form: Form, rows: list, seeds: list, odds: dict) -> list[list[int]]:
    """Each piece with other last two bars."""
    ...

def _settled(form: Form, ids: list) -> bool:
    ...

def compose(model='remi-folk', *, bars: int=16, key: str | None=None, meter: str | None=None, bpm: float | None=None, revisions: int=8, temperature: float=0.9, top_k: int | None=None, top_p: float | None=0.9, density: int | None=None, pitches: tuple | None=None, rhythm: Score | None=None, seed=None) -> Score:
    """A new piece of exactly `bars` bars."""
    ...

def _titled(name: str, seed) -> str:
    ...

def _written(model, form: Form, opening: list, seeds: list, revisions: int, odds: dict) -> list[Score]:
    """A piece from each seed, with its ending revised and in its key."""
    ...

def likely_key(score: Score) -> str:
    """A key for music that names none: its likely tonic, in major or minor."""
    ...

def _key_reader() -> KeyReader:
    ...

def _in_key(score: Score, key: str | None) -> Score:
    ...

def _octaves(score: Score, low: int, high: int) -> int:
    """By how many octaves to move music so that most notes lie in a range."""
    ...

def _deal(score: Score, names: tuple, grid: int) -> Score:
    """Any music as voices: at each onset from the first voice down, the lowest note to the last."""
    ...

def _as_it_ends(score: Score) -> Score:
    """Without the changes behind the last note: there is no music that they are of."""
    ...

class Hearing:
    """Music as a model hears it; `remarks` says what is changed for that, the music stays as it is."""

    def __init__(self, score: Score, tokenizer: RemiTokenizer, key: str | None):
        ...

    @property
    def reach(self) -> tuple[int, int]:
        ...

    def moved(self, note: Note) -> Note:
        ...

    def remark(self, sentence: str):
        ...

    def ids(self) -> list[int]:
        """What is heard as tokens; what they cannot hold becomes a remark."""
        ...

    def in_voices(self, heard: Score) -> Score:
        """As many voices as the model has; a solo voice sings one note at a time, up to where the new bars begin."""
        ...

    def tell(self, key: str, guessed: bool):
        """The remarks that hold for any model: as which key the music is read, and where."""
        ...

def _bar_token(tokenizer, left: int) -> int:
    ...

def _counted(tokenizer, ids: list, more: int) -> list[list[int]]:
    """The bars of an opening that `more` bars follow: the last eight of the whole count down."""
    ...

def _headed(tokenizer, bar: list, key: int, tempo: int) -> list[int]:
    """A bar that says its key and tempo, as the first bar of a piece does."""
    ...

def _latest(tokenizer, bars: list) -> tuple[int, int]:
    ...

def _end_of(tokenizer, bar: list, room: int) -> int:
    """The first position from which a bar fits into `room` tokens."""
    ...

def _window(tokenizer, bars: list, room: int) -> tuple[list[int], int]:
    """The last bars that fit into `room` tokens, with key and tempo; at least the end of the last."""
    ...

def _fold(pitch: int) -> int:
    ...

class _Keyboard:
    """One track as keys that go down and up: no note stops before one of its pitch that sounds already."""

    def __init__(self, there: tuple):
        ...

    def struck(self, note: Note) -> Note:
        """A new note, with the end that its key has; notes come by onset."""
        ...

def _middle(track: Track) -> float:
    ...

def _seats(score: Score, new: Score) -> tuple[list, list]:
    """Tracks that are not drums take them; voices of another number get tracks of their own."""
    ...

def appended(score: Score, new: Score, join: float, shift: int=0) -> Score:
    """The new notes on the tracks of the old: voice by voice if as many, else on the nearest."""
    ...

class Continuation(Hearing):
    """From music to what a REMI model reads before it goes on (`prompt`, `form`), and back (`music`)."""

    def __init__(self, score: Score, tokenizer: RemiTokenizer, bars: int, key: str | None=None, room: int=384):
        ...

    def report(self, bars: list, kept: int, room: int):
        """Say what of the opening the model does not read."""
        ...

    def last_meter(self, ids: list) -> str:
        ...

    def music(self, ids: list) -> Score:
        """The opening, note for note, and behind it the new bars."""
        ...

def extend(music, *, bars: int=8, model='remi-piano', key: str | None=None, temperature: float=0.9, top_k: int | None=None, top_p: float | None=0.9, seed=None) -> Score:
    """The music, as it is, and behind it `bars` new bars, in the tempo and meter that it has there."""
    ...
