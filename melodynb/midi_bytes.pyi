# Made by `make export` from midi_bytes.py, for editors. Change the notebook, not this file.
"""Every event of a MIDI file, from its bytes: what other readers lose is noticed, and most of it can be recovered.

Docs: https://melodynb.github.io/melodynb/midi.html.md"""
__all__ = ['MidiBytes', 'midi_text']
import re
from array import array
from bisect import bisect_right
from collections import deque
import numpy as np
from fastcore.basics import patch
_SIZES[:128] = 2
_SIZES[128:192] = _SIZES[224:240] = 3

class MidiBytes:
    """The events of the tracks of a MIDI file, in the order of its bytes.

    `ticks`, `status`, `first` and `second` are arrays, one entry per event; `track` says whose it is, and `strikes`
    whether it begins a note: a note-on with no loudness ends one."""

    def __init__(self, data: bytes, spans: list, most: int=500000):
        ...

    def find_waits(self):
        """For every byte: if an event began there, where its wait would end, and where the next event would begin."""
        ...

    def walk(self):
        """The places where events begin, of all tracks in a row."""
        ...

    def walk_track(self, track: int, place: int, stop: int):
        """From event to event until the track ends, or makes no sense."""
        ...

    def unusual(self, track: int, place: int, there: int, stop: int) -> int:
        """What the table of steps cannot tell, or tells of no event: there is none that ends outside its track."""
        ...

    def fault(self, track: int, place: int, what: str):
        """Remember what is wrong with a track, and leave out the event that is."""
        ...

    def look(self, track: int, place: int, stop: int) -> int:
        """Beyond an unusual event; beyond all that follow it, if they have one byte of data."""
        ...

    def system(self, track: int, place: int, at: int, stop: int) -> int:
        """Beyond the system message, meta event or SysEx whose status stands at `at`."""
        ...

    def sized(self, track: int, place: int, at: int, stop: int) -> int:
        """Beyond an event that says its length: a meta event, which is kept, or a SysEx, which is not."""
        ...

    def meta(self, track: int, kind: int, begin: int, behind: int, stop: int) -> int:
        """Keep a meta event; `End of Track` is one."""
        ...

    def read(self):
        """Status and data of every event; 0 is the status of those behind a fault."""
        ...

    def forget(self, lost):
        """Take the meaning from events that have none, and from all that follow them in their track."""
        ...

    @property
    def ticks(self) -> np.ndarray:
        """When each event happens, counted from the start of its track."""
        ...

    def lender(self, ticks: np.ndarray) -> dict[int, list]:
        """Every change of program on a channel, of whichever track, in the order of time."""
        ...

    def voices(self) -> tuple[list, dict]:
        """Track, channel, program and notes (N,4) of all that sounds: start and end in ticks, pitch, velocity."""
        ...

    def borrows(self) -> bool:
        """Whether a note may sound with a program that another track has set."""
        ...

    def agrees(self, notes: int) -> bool:
        """Whether nothing speaks against what another reader made of the file."""
        ...

    def to_symusic(self, ticks: int) -> tuple:
        """All that sounds, with the tempos, meters, keys, markers and names that stand in meta events."""
        ...

    def put_metas(self, midi, names: dict):
        """Meta events into a symusic score, by their time, and the names of tracks into `names`."""
        ...

    def told(self, endless: dict) -> list[str]:
        """What a reader of the music should know, in words."""
        ...

def _number(data: bytes) -> int:
    ...

def _program_at(changes: list, tick: int) -> int:
    ...

class _Voices:
    """The notes of one track, by channel and program, from its events in order."""

    def __init__(self, lender: dict):
        ...

    def take(self, tick: int, status: int, first: int, second: int):
        ...

    def strike(self, tick: int, channel: int, pitch: int, velocity: int):
        ...

    def close(self, tick: int) -> int:
        """End what still sounds: where its channel was silenced, else here."""
        ...

def midi_text(data: bytes) -> str:
    """UTF-8 where it can be, else Shift-JIS where two of its signs stand in a row, else Latin letters."""
    ...

def _is_utf8(data: bytes) -> bool:
    ...

def _put_meta(midi, tick: int, kind: int, data: bytes):
    """One tempo, meter, key or marker into a symusic score; what is too short to be one is passed over."""
    ...

def _named(tracks) -> str:
    ...
