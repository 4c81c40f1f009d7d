# Made by `make export` from abc_notation.py, for editors. Change the notebook, not this file.
"""Tune books in plain text: read with all that players of folk music write, and written back.

Docs: https://melodynb.github.io/melodynb/abc.html.md"""
__all__ = ['AbcTune', 'is_abc', 'read_tunes', 'read_abc', 'to_abc']
import html, re, unicodedata, warnings
from bisect import bisect_right
from collections import Counter
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple
from fastcore.basics import patch
from .rhythm import Span, pulse, ticks, write_rhythm
from .score import GRID, STEPS, Change, MelodyError, Note, Score, Track, demand
from .score import key_fifths, key_parts, source_bytes
from .staves import signature

def _length(text: str) -> Fraction:
    """How many units a note lasts; `MelodyError` for what is no length."""
    ...

def _fraction(text: str) -> Fraction | None:
    """'1/8' or '1' as a number above 0; None for anything else."""
    ...

def _key(text: str) -> tuple[str | None, dict, str]:
    """A `K:` field; `MelodyError` if it names no key."""
    ...

def _meter(text: str) -> tuple[int, int] | None:
    """An `M:` field; `MelodyError` if it is no meter."""
    ...

def _bpm(text: str, unit: Fraction) -> float | None:
    """A `Q:` field; `MelodyError` if it is no tempo that a score can hold."""
    ...

class _Event(NamedTuple):
    """What sounds at once, as written, or a rest; times in beats."""
    start: Fraction
    length: Fraction
    notes: tuple = ()
    layer: int = 0

class _Bar(NamedTuple):
    """A bar line, a repeat sign or the beginning of an ending."""
    position: int
    start: Fraction
    sign: str
    ending: str = ''

    @property
    def ends_part(self) -> bool:
        ...

@dataclass
class _Voice:
    """One line of a tune: what was read of it, and what that says about the next sign."""
    meter: tuple | None = None
    unit: Fraction | None = None
    signature: dict = field(default_factory=lambda: signature(0))
    name: str = ''
    program: int = 0
    drums: bool = False
    octave: int = 0
    steps: int = 0
    propagate: str = 'pitch'
    events: list = field(default_factory=list)
    bars: list = field(default_factory=list)
    changes: list = field(default_factory=list)
    now: Fraction = Fraction(0)
    bar_start: Fraction = Fraction(0)
    reach: Fraction = Fraction(0)
    layer: int = 0
    accidentals: dict = field(default_factory=dict)
    sung: dict = field(default_factory=dict)
    tied: dict = field(default_factory=dict)
    broken: Fraction = Fraction(1)
    tuplet: Fraction = Fraction(1)
    tuplet_left: int = 0

    def pitch(self, token) -> int:
        """What a letter sounds here: by its accidental, one earlier in the bar, a tie, or the signature."""
        ...

    def add(self, pitches: list, units: Fraction):
        """The next event, after what stands before it has changed its length."""
        ...

    def read_note(self, token):
        ...

    def read_chord(self, token):
        ...

    def read_rest(self, token):
        ...

    def read_bars_rest(self, token):
        ...

    def tie(self, pitches):
        """Let notes of the last event sound on."""
        ...

    def read_tie(self, token):
        ...

    def read_broken(self, token):
        ...

    def read_tuplet(self, token):
        ...

    def read_overlay(self, token):
        ...

    def read_bar(self, token):
        ...

    def read_new_ending(self, token):
        ...

    def line(self, sign: str, ending: str=''):
        """A bar line, and what ends with it."""
        ...

    def change(self, what: str, value):
        """A new value from here on."""
        ...

@dataclass
class AbcTune:
    """A tune as the book has it: text fields, voices in written order, and what was passed over."""
    fields: dict = field(default_factory=dict)
    voices: dict = field(default_factory=dict)
    passed: Counter = field(default_factory=Counter)
    told: list = field(default_factory=list)

    def first(self, letter: str) -> str:
        """What a field says where it first stands, without its comment; '' if it is not there."""
        ...

    def tell(self, sentence: str):
        """Keep a sentence for the remark, once."""
        ...

    def score(self, repeats: str='play') -> Score:
        """The tune as it sounds."""
        ...

class _Reader:
    """Reads the lines of one tune."""

    def __init__(self, most):
        ...

    def read(self, lines) -> AbcTune:
        ...

    def read_line(self, line):
        ...

    def read_field(self, letter: str, value: str):
        """A text field, in the head, in the music, or in brackets."""
        ...

    def read_L(self, value: str):
        ...

    def read_M(self, value: str):
        ...

    def read_Q(self, value: str):
        ...

    def read_K(self, value: str):
        ...

    def settings(self, words: str):
        """Octaves, transposition and the name in a `K:` or `V:` field."""
        ...

    def begin(self):
        """The music begins: the head is complete."""
        ...

    def read_V(self, value: str):
        ...

    def fresh(self) -> _Voice:
        """A voice with what the head says."""
        ...

    def read_I(self, value: str):
        ...

    def read_directive(self, text: str):
        """What programs agreed on: instruments for abc2midi, and how far an accidental reaches."""
        ...

    def read_music(self, line: str):
        """A line of music, sign by sign."""
        ...

    def pass_over(self, kind: str, sign: str):
        ...

    def sing(self, kind: str, token):
        """A sign that sounds or counts, in the voice that is on."""
        ...

def _mended(text: str) -> str:
    """One kind of line end; what mail programs did undone; chords in the brackets of today."""
    ...

def _split(text: str) -> list[list[str]]:
    """The lines of every tune; each has those of the book's head, too."""
    ...

def is_abc(data) -> bool:
    """Whether this is ABC notation, as far as its first 64 kilobytes tell."""
    ...

def _decoded(data: bytes) -> str:
    """UTF-8, UTF-16 with its mark, or else what older programs in the West wrote."""
    ...

def _text(source, limit: int) -> tuple[str, str]:
    """At most `limit` bytes of a path, of text, of bytes, or of a file; `MelodyError` if it cannot be."""
    ...

def _at_least(text: str) -> int:
    """How many notes and rests a text has, those in lines without a bar line not counted."""
    ...

def read_tunes(source, *, max_bytes: int=10000000, max_notes: int=200000) -> list[AbcTune]:
    """Every tune of a book as it is written, nothing repeated; `MelodyError` says why not."""
    ...

def _numbers(text: str) -> set[int]:
    """'1,3' or '2-4' as a set of numbers."""
    ...

class _Line(NamedTuple):
    """All signs that stand at one place, between two events."""
    position: int
    start: Fraction
    signs: tuple
    ending: str

    def has(self, mark: str) -> bool:
        ...

    @property
    def opens(self) -> bool:
        ...

    @property
    def closes(self) -> int:
        ...

def _lines(voice) -> list[_Line]:
    """The places of a voice where signs stand, from its beginning to its end."""
    ...

def _passes(start: int, body: int, endings: list, times: int, once: bool) -> list[tuple[int, int]]:
    """One part as stretches from line to line: its body, and each time, or the last, the ending of that number."""
    ...

def _order(lines: list[_Line], once: bool=False) -> list[tuple[int, int]]:
    """The stretches of a voice in the order in which they sound."""
    ...

class _Measure(NamedTuple):
    """From one bar line to the next, in the order of playing."""
    start: Fraction
    length: Fraction
    meter: tuple | None
    new_meter: bool

    @property
    def nominal(self) -> Fraction:
        ...

def _own_meter(length: Fraction, unit: int) -> tuple[int, int] | None:
    """A meter that fills so many beats; None if there is none."""
    ...

def _bars(measures: list[_Measure]) -> tuple[list[tuple[Fraction, tuple]], int]:
    """Meters of their own that keep bar lines in place, as (beat, meter), and how many found none."""
    ...

def _silence(measures: list[_Measure]) -> Fraction:
    """What an upbeat leaves of its bar, before the first note."""
    ...

class _Playing:
    """A voice as it is played: its stretches in order, with where each begins."""

    def __init__(self, voice, repeats):
        ...

    def stretches(self):
        """At least one, also of a voice without a sign."""
        ...

    def values(self) -> list[tuple[Fraction, str, object]]:
        """Every tempo, meter and key at the beat where it is played; where a stretch begins, what differs."""
        ...

    def measures(self) -> list[_Measure]:
        """The bars as they are played."""
        ...

    def notes(self, silence: Fraction) -> list[Note]:
        """Ties joined, also those that a repeat makes."""
        ...

def _settled(values) -> dict:
    """What holds at beat 0 as fields, the rest as changes; of two at one place the first."""
    ...

def _plain(text: str) -> str:
    """A title without the spellings for letters that a keyboard lacks."""
    ...

def _remark(tune: AbcTune) -> str:
    """What a score of the tune does not hold, in a sentence or two."""
    ...

def _fields_of(voices: list[_Playing], tune: AbcTune) -> tuple[dict, Fraction]:
    """Tempo, meter and key of a score, and their changes, by the first voice."""
    ...

def read_abc(source, *, repeats: str='play', max_bytes: int=10000000, max_notes: int=200000, max_seconds: float=7200.0) -> list[Score]:
    """Every tune of a book that has notes, as it sounds; `MelodyError` says in one sentence why not."""
    ...

class _Chord(NamedTuple):
    """Notes of a track that begin and end together."""
    start: int
    end: int
    pitches: tuple

def _layers(notes) -> list[list[_Chord]]:
    """A track as lines in which nothing overlaps."""
    ...

def _spelled(pitch: int, fifths: int) -> tuple[str, int, int]:
    """The name of a pitch that lies nearest to a key."""
    ...

def _name(letter: str, high: int) -> str:
    """A letter with its octave: `C,` `C` `c` `c'`."""
    ...

class _Speller:
    """Writes the notes of one voice, with the accidentals that every reader needs."""

    def __init__(self):
        ...

    def key(self, key):
        ...

    def bar(self):
        ...

    def note(self, pitch: int, careful: bool) -> str:
        ...

    def chord(self, pitches, length: str, careful: bool) -> str:
        ...

def _lasting(length: int) -> str:
    ...

class _Part(NamedTuple):
    """What one layer does between two places of a bar."""
    start: int
    end: int
    pitches: tuple
    tied: bool

def _is_plain(parts) -> bool:
    ...

def _signs(parts, meter):
    """One bar of a layer as signs, with tuplets where they are needed."""
    ...

def _parts(layer, first: int, start: int, stop: int, cuts) -> list[_Part]:
    """What a layer does from `start` to `stop`, in the bar that begins at `first`; rests fill it."""
    ...

def _inline(what: str, value) -> str:
    """A tempo, meter or key as a field of ABC."""
    ...

def _quoted(text: str) -> str:
    """Text that a field can hold: one line, with its signs escaped."""
    ...

class _Page:
    """The bars of a score in ticks, and what changes in them."""

    def __init__(self, score):
        ...

    def line(self, layers: list) -> list[str]:
        """One track as bars of ABC."""
        ...

    def layer(self, parts, first: int, meter, speller, over: bool) -> str:
        """One layer of one bar; `over` is behind a `&`."""
        ...

def _losses(score: Score) -> list[str]:
    """What ABC cannot hold of a score, in words."""
    ...

def _voices(score: Score) -> list[str]:
    """The lines that name tracks and their instruments; none for one unnamed piano."""
    ...

def to_abc(score: Score, number: int=1) -> str:
    """A score as a tune in ABC notation, four bars a line; a warning says what ABC cannot hold."""
    ...
