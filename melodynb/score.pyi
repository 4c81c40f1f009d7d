# Made by `make export` from score.py, for editors. Change the notebook, not this file.
"""Notes, tracks and scores: the one form in which music travels through this package.

Docs: https://melodynb.github.io/melodynb/score.html.md"""
__all__ = ['GRID', 'NEAR', 'MODES', 'STEPS', 'MelodyError', 'MidiError', 'demand', 'counted', 'Note', 'snap', 'Track', 'key_parts', 'key_tonic', 'key_fifths', 'signature_key', 'transpose_key', 'Change', 'Score', 'ticks_needed', 'to_symusic', 'from_symusic', 'write_midi', 'source_bytes', 'read_midi', 'quiet_pretty_midi', 'to_pretty_midi', 'from_pretty_midi', 'to_music21', 'from_music21']
import html, math, re, struct
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cache, partial
from itertools import chain, product, repeat
from operator import itemgetter
from pathlib import Path
from typing import Callable, Iterable, NamedTuple
import numpy as np
from fastcore.basics import patch
from .files import write_file
from .midi_bytes import MidiBytes

class MelodyError(ValueError):
    """What the caller gave cannot be used; the message says what, value, limit and remedy."""

class MidiError(MelodyError):
    """A MIDI file that cannot be read or written."""

def demand(right: bool, name: str, value, remedy: str):
    """Nothing if `right`, else a `MelodyError` that says `name=value: remedy`."""
    ...

def counted(number: int, what: str) -> str:
    """How many there are, in words."""
    ...

class Note(NamedTuple):
    """One sounding note. Times are in beats (quarter notes) from the start of the score."""
    pitch: int
    start: float
    duration: float
    velocity: int = 80

    @property
    def end(self) -> float:
        """Where the note stops."""
        ...
GRID = 10080
NEAR = 1e-06

def snap(beats) -> np.ndarray:
    """Times that differ from the `GRID` by rounding noise only, put onto it; all others as they are."""
    ...

def _is_odd(note) -> bool:
    """Whether this is anything but four numbers."""
    ...

def _columns(notes: Iterable[Note]) -> np.ndarray:
    """Notes as rows of numbers; `MelodyError` for the first that is not four numbers."""
    ...

def _outside(values: np.ndarray, low: int, high: int) -> np.ndarray:
    """Which values are not whole numbers from `low` to `high`."""
    ...

def _checked(notes: tuple) -> np.ndarray:
    """Notes as columns, on the grid; `MelodyError` for the first note that breaks a rule."""
    ...

def _as_note(item) -> Note:
    """A `Note` from any three or four values."""
    ...

def _is_plain(notes: tuple[Note, ...], table: np.ndarray) -> bool:
    """Whether notes are plain numbers and on the grid already, as `table` has them."""
    ...

def _tidy(notes: tuple[Note, ...]) -> tuple[Note, ...]:
    """Checked, on the grid, in plain numbers and by onset; the same tuple if it was so already."""
    ...

class _Tidy(NamedTuple):
    """Notes that are checked, on the grid and in order: a track takes them as they are."""
    notes: tuple[Note, ...]

@dataclass(frozen=True)
class Track:
    """One instrument's notes, always sorted.

    `program` is the General MIDI number, 0..127; `drums` marks percussion."""
    notes: tuple[Note, ...] = ()
    program: int = 0
    name: str = ''
    drums: bool = False

    def __post_init__(self):
        ...
MODES = {'major': 0, 'mixolydian': -1, 'dorian': -2, 'minor': -3, 'phrygian': -4, 'locrian': -5, 'lydian': 1}
STEPS = {'C': 0, 'D': 2, 'E': 4, 'F': 5, 'G': 7, 'A': 9, 'B': 11}

def key_parts(key: str) -> tuple[str, str]:
    """Tonic and mode of a key; `MelodyError` if it is not one."""
    ...

def key_tonic(key: str) -> int:
    """Pitch class of the tonic: C is 0."""
    ...

def key_fifths(key: str) -> int:
    """The key signature on the circle of fifths."""
    ...

def signature_key(fifths: int, mode: str='major') -> str:
    """The key of a mode that has this signature: `key_fifths` backwards."""
    ...

def transpose_key(key: str, steps: int) -> str:
    """The key `steps` semitones away, in the spelling with the fewest accidentals."""
    ...

class Change(NamedTuple):
    """A new tempo, meter or key from `start` on."""
    start: float
    what: str
    value: object

def _read_bpm(bpm) -> float:
    """`MelodyError` outside 4 to 1000 quarter notes a minute."""
    ...

def _read_meter(meter) -> tuple[int, int]:
    """`(6, 8)` or '6/8' as a pair; `MelodyError` if it is no meter."""
    ...

def _read_key(key) -> str | None:
    ...

def _as_change(item) -> Change:
    """A `Change` from any three values; `MelodyError` if it is none."""
    ...

def _read_changes(changes) -> tuple[Change, ...]:
    """Checked and in order; `MelodyError` for one that cannot be."""
    ...

def _as_track(item) -> Track:
    """A `Track` as it is, or made from anything with the same fields; `AttributeError` without them."""
    ...

def _read_tracks(tracks) -> tuple[Track, ...]:
    """`MelodyError` for what is no row of tracks."""
    ...

@dataclass(frozen=True)
class Score:
    """Music as values: tracks of notes, and the tempo, meter, key and title they are read in.

    `bpm` is quarter notes a minute, `meter` is `(beats, unit)` or a text such as '6/8', `key` is
    a text such as 'D major' or None; `changes` holds what becomes different later. Bar lines start
    at beat 0: an upbeat is written as silence at the start of the first bar. `remark` says what a
    reader could not take over from a file; it is no part of the music, and does not count when
    scores are compared."""
    tracks: tuple[Track, ...] = ()
    bpm: float = 120.0
    meter: tuple[int, int] = (4, 4)
    key: str | None = None
    title: str = ''
    changes: tuple[Change, ...] = ()
    remark: str = field(default='', compare=False, kw_only=True)

    def __post_init__(self):
        ...

    @property
    def notes(self) -> tuple[Note, ...]:
        """The notes of all tracks, by onset."""
        ...

    @property
    def end(self) -> float:
        """Where the last note stops; 0 for silence."""
        ...

    def map_notes(self, change: Callable[[Note], Note]) -> Score:
        """A new score in which `change` has rewritten every note."""
        ...

    def __repr__(self):
        ...

    def stretches(self, what: str) -> list[tuple[float, object]]:
        """Start in beats and value of every stretch with one tempo, meter or key."""
        ...

    def at(self, what: str, beat: float) -> object:
        """The tempo, meter or key that holds at a beat; `MelodyError` before the beginning."""
        ...

    def bar_lines(self) -> list[float]:
        """Where bars begin, and where the last one ends; silence is one bar."""
        ...

    def bar_starts(self) -> list[float]:
        """Where each bar begins, through every change of meter."""
        ...

    def next_line(self, grid: int=24) -> float:
        """The first bar line behind the last onset, which may be a hair early: it counts from the nearest step."""
        ...

    def with_meter(self, meter, start: float) -> Score:
        """The same music with a meter from `start` on."""
        ...

    def seconds_at(self, beats) -> np.ndarray:
        """When a beat sounds, through every change of tempo."""
        ...

    def beats(self, start: float, stop: float) -> Score:
        """The notes that begin from `start` until `stop`, cut off at `stop`.

    Tempo, meter and key are as they are at that place."""
        ...

    def bars(self, first: int, stop: int | None=None) -> Score:
        """The first bars, or a span of bars counted as `range` counts.

    A span past the end gives what is there."""
        ...

    def transpose(self, steps: int) -> Score:
        """Every pitch and key `steps` semitones away, drums excepted; `MelodyError` outside MIDI 0..127."""
        ...

    def quantize(self, grid: float=0.25) -> Score:
        """Onsets and durations rounded to whole steps of `grid`, no note shorter than one step."""
        ...

    def melody(self) -> Score:
        """The top line, cut where its next note begins.

    Drums, and what sounds below a held note, are left out."""
        ...

    @property
    def line(self) -> tuple[Note, ...]:
        """The notes of the melody; a single track that is a line already is used as it is."""
        ...

    @property
    def numbered(self) -> list[tuple[int, Note]]:
        """Every note with the place of its track, in the order of `notes`."""
        ...

    def spans(self, drums: bool=False) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Pitches, and where notes start and end in beats, track by track; `MelodyError` if there are none."""
        ...

def _track_by_track(score: Score) -> Iterable[Note]:
    """The notes of one track after the other."""
    ...

def _area(x, starts: list, heights: list) -> np.ndarray:
    """The area from 0 to `x` under a function made of steps: beats into seconds, or back."""
    ...

def _pitched(score: Score) -> Iterable[Note]:
    """The notes of all tracks but the drums, track by track."""
    ...

def _highest(notes: Iterable[Note]) -> list[Note]:
    """The highest note of each onset, by onset; of two at the same pitch the first."""
    ...

def _hidden(note: Note, above: Note) -> bool:
    """Whether `above` is higher and sounds through at least half of `note`."""
    ...

def _cut_at(note: Note, beat: float) -> Note:
    """The note, or as much of it as sounds before `beat`."""
    ...

def _view() -> type | None:
    """The class that shows a score: entry point `Score` of 'melodynb.views', or None."""
    ...

def ticks_needed(score: Score) -> int:
    """The smallest usual resolution on which every onset, end and change of `score` lies on a tick."""
    ...

def _microseconds(bpm: float) -> int:
    ...

def _tempo_of(microseconds: int) -> float:
    """The tempo with the fewest decimals that MIDI stores as `microseconds`; `MidiError` for 0."""
    ...

def _signature(key: str | None) -> tuple[int, int] | None:
    """What a MIDI key signature says of a key; None where it can say nothing."""
    ...

def _signed(fifths: int, minor: int) -> str | None:
    """What a MIDI key signature is read as; None where it is none."""
    ...

def _key_remark(key: str | None) -> str | None:
    """The marker that a key needs beside its signature; None if it needs none."""
    ...

def _key_text(remark: str) -> str | None:
    """What a marker of `_key_remark` says of the key."""
    ...

def _write_changes(score: Score, midi, tick: Callable):
    """Tempo, meter, key and title of `score` into a symusic score."""
    ...

def _file_ticks(score: Score, wanted: int | None) -> int:
    """Ticks per beat of a file; `MidiError` where none can be, or where the music would outlast it."""
    ...

def to_symusic(score: Score, ticks_per_beat: int | None=None):
    """The score as symusic holds it."""
    ...

def _fields(events) -> dict:
    """The fields of a `Score` beside its tracks; an event that no reader accepts is passed over."""
    ...

def _midi_events(midi):
    """Every tempo, meter and key of a symusic score, in beats; markers last, for they know more."""
    ...

def _is_meter(mark) -> bool:
    ...

def _first_of(marks: list, ticks: int, what: str, said: Callable) -> list[str]:
    """How many marks there are of a kind, and the first; nothing if there is none."""
    ...

def _strange(midi) -> list[str]:
    """Tempos, meters and keys that a score does not hold as the file has them, in words."""
    ...

def _midi_track(track, ticks: int) -> Track:
    """A symusic track in beats."""
    ...

def from_symusic(midi, title: str='') -> Score:
    """A symusic score in beats, without its empty tracks; `MelodyError` for a note that cannot be.

    The score's `remark` says which tempos, meters and keys it holds otherwise, or not."""
    ...

def write_midi(score: Score, path: str | Path | None=None, *, exist_ok: bool=False, ticks_per_beat: int | None=None) -> Path | bytes:
    """The score as a Standard MIDI File, type 1.

    Times are rounded to ticks and tempos to microseconds per beat. Two things get lost: a track
    without notes, and which of two notes of the same pitch stops first, where one lies inside the
    other on the same track. From the 16th track on, MIDI channels are shared."""
    ...

def source_bytes(source, limit: int, name: str='the data') -> tuple[bytes, str, str]:
    """What is to be read; `MelodyError` for what cannot be."""
    ...

def _midi_bytes(source, limit: int) -> tuple[bytes, str, str]:
    ...

def _check_header(data: bytes, name: str, limit: int):
    """`MidiError` unless `data` begins like a MIDI file with beats, within `limit` bytes."""
    ...

def _spans(data: bytes, name: str) -> tuple[list, list[str]]:
    """Where the tracks stand that the header declares, and what to tell of others; `MidiError` if one is cut short."""
    ...

def _miscounted(declared: int, found: int, more: int) -> list[str]:
    """What to tell of a header that does not know how many tracks there are."""
    ...

def _events(data: bytes, spans: list, name: str, max_notes: int) -> MidiBytes:
    """The events of a file; `MidiError` if they make no sense, or none of them is a note, or they are too many."""
    ...

def _check_size(found: MidiBytes, name: str, max_notes: int):
    """`MidiError` if there are no notes, or more of anything than `max_notes`."""
    ...

def _parsed(data: bytes, found: MidiBytes) -> tuple:
    """What symusic makes of a file where our own pass agrees; else what that has found."""
    ...

def _check_length(score: Score, name: str, max_seconds: float):
    """`MidiError` if the last note or the last change comes later than `max_seconds`."""
    ...

def read_midi(source, *, max_bytes: int=10000000, max_notes: int=200000, max_seconds: float=7200.0) -> Score:
    """A score from a Standard MIDI File; `MidiError` says in one sentence why not.

    A file without a title gets its file name as title. The score's `remark` says what was read
    otherwise than the file has it: a note without an end, a track that is damaged, an odd tempo."""
    ...

def quiet_pretty_midi():
    """The module pretty_midi, imported without a word.

    Below it, pyfluidsynth prints where its library lies on each machine that sets `CI`."""
    ...

def to_pretty_midi(score: Score):
    """As pretty_midi holds it, in seconds.

    Title and keys, which lose their spelling there, stand in text events as well."""
    ...

def _pretty_events(midi, beat: Callable):
    """Every tempo, meter and key of a PrettyMIDI, in beats; texts last, for they know more."""
    ...

def _pretty_track(track, beat: Callable) -> Track:
    """A pretty_midi instrument in beats."""
    ...

def from_pretty_midi(midi) -> Score:
    """A PrettyMIDI in beats, through its tempo map."""
    ...

def _sounding_together(notes: list[Note]):
    """Notes that start and end together as one element of music21."""
    ...

def _instrument(track: Track):
    ...

def _to_part(score: Score, track: Track):
    """One track as a music21 part, with the meters and keys of its score."""
    ...

def to_music21(score: Score):
    """The score as a music21 stream: a part a track; tempo marks in the first.

    Measures are yours to make, with `makeMeasures`."""
    ...

def _midi_pitch(one) -> int:
    """The pitch of a music21 note, or the key of a drum stroke."""
    ...

def _midi_velocity(element) -> int:
    """How loud a music21 element says it is; 80 if it does not say."""
    ...

def _sounding(element):
    """What a music21 note, chord or drum stroke plays."""
    ...

def _part_notes(flat, shift: float) -> list[Note]:
    """The notes of a flat music21 part, `shift` beats later, ties merged."""
    ...

def _upbeat(part) -> float:
    """How much of the first bar is missing before a music21 part begins."""
    ...

def _from_part(part, shift: float) -> Track:
    """One music21 part as a track."""
    ...

def _stream_events(flat, shift: float):
    """Every tempo, meter and key of a flat music21 stream, in beats."""
    ...

def from_music21(stream) -> Score:
    """A music21 stream as it sounds, in beats; `MelodyError` for anything else."""
    ...
