# Made by `make export` from display.py, for editors. Change the notebook, not this file.
"""Music seen and heard: a piano roll, sheet music, and a player in which both follow the sound.

Docs: https://melodynb.github.io/melodynb/display.html.md"""
__all__ = ['ATTEMPT_COLORS', 'TRACK_COLORS', 'FIGURE_STYLE', 'pitch_name', 'piano_roll', 'image_tag', 'Engraving', 'engrave', 'Roll', 'Player', 'Players', 'players']
import base64, html, json, mimetypes, re, shutil, subprocess, unicodedata
from collections import Counter
from dataclasses import replace
from fractions import Fraction
from functools import lru_cache
from importlib.resources import files
from itertools import chain
from pathlib import Path
from typing import Callable, NamedTuple
from xml.etree import ElementTree
import numpy as np
from fastcore.basics import patch
from .notation import notate, printable, to_musicxml
from .notation import written_bars
from .score import MelodyError, Note, Score, Track, demand, write_file
ATTEMPT_COLORS = {'human': '#000000', 'baseline': '#767676', 'char_gpt': '#0072b2', 'lora_gpt2': '#d55e00', 'bart': '#b4558a', 'remi_transformer': '#009e73'}
TRACK_COLORS = ('#0072b2', '#d55e00', '#009e73', '#b4558a', '#8a6d00', '#3d8fc4')
FIGURE_STYLE = {'figure.constrained_layout.use': True, 'axes.spines.top': False, 'axes.spines.right': False, 'axes.titlelocation': 'left', 'legend.frameon': False, 'svg.hashsalt': 'melodynb'}

def pitch_name(pitch: int) -> str:
    """The name of a pitch as it is spelled most often; C4 is middle C."""
    ...

def _track_name(track, index) -> str:
    ...

def _track_color(index) -> str:
    ...

def _opacity(note) -> float:
    ...

def piano_roll(score: Score, ax=None):
    """Beats to the right, pitch upwards: one bar per note, one colour per track, louder is darker."""
    ...

def _name_tracks(ax, score):
    """A legend beside a piano roll."""
    ...

def _svg(page, width) -> str:
    """What verovio draws of a page in MusicXML, `width` pixels wide."""
    ...

def _lean(svg) -> str:
    """The same picture on white paper, in attributes that every program knows, without what nobody needs."""
    ...

def _width(svg) -> float:
    ...

def _tidied(element) -> list:
    """What stands for an element: nothing if nobody sees it, plain lines if it is a text, else itself."""
    ...

def _lines(text) -> list:
    """A text as one plain element a line, without spans."""
    ...

def _straight(found) -> str:
    ...

def _shortened(root):
    """The same picture in fewer letters."""
    ...

def _lines_joined(group):
    """A staff's lines as one path."""
    ...

def _unwrapped(group) -> ElementTree.Element:
    """A group's only child with the group's class, where that is all it says."""
    ...

def _sized(root):
    """Each sign in the size in which most stand, so that a sign needs no more than its place."""
    ...
_NOTE_SIZE, _TEMPO_RISE = (500, 150)

def _shape(sign) -> tuple[str, float]:
    """A sign of verovio's music font."""
    ...

def _tempo(line) -> list:
    """A tempo's line of text as shapes for its note and dots, and text for the rest."""
    ...
_NARROW, _BROAD = ("fijlrtI .,:;'!|()[]", 'mwMW%@&')

def _ems(text) -> float:
    """How wide a text becomes in a wide font, as a multiple of its size."""
    ...

def _fit_names(root):
    """The names of parts as small as they must be to stay on the paper."""
    ...

def _uri(svg) -> str:
    """A picture as an address, fit to stand in HTML between double quotes."""
    ...

def image_tag(svg: str, alt: str) -> str:
    """A picture that needs no other file."""
    ...

class Engraving(str):
    """An engraved score: SVG text that shows itself as a picture; `remark` says what was left out."""
    remark = ''

    def _repr_html_(self):
        ...

    def picture(self, form: str) -> bytes:
        """What a file of that form holds; `MelodyError` where nothing draws it."""
        ...

    @staticmethod
    def check_form(form: str):
        """`MelodyError` if nothing on this machine draws that form; it says how to get what does."""
        ...

    def save(self, path, exist_ok=False) -> Path:
        """Write SVG, PNG or PDF, as the name ends, all or nothing; `FileExistsError` rather than overwrite."""
        ...

def _drawer(form) -> Callable:
    """What draws pictures of a form on this machine; `MelodyError` says how to get it if nothing does."""
    ...

def _zoom(svg, form) -> float:
    ...

def _cairosvg(form) -> Callable | None:
    """CairoSVG, if it is installed, and the library cairo that it needs."""
    ...

def _program(name, form) -> Callable | None:
    """A program, if it is installed; it reads a pipe and writes one."""
    ...

def _form(path) -> str:
    """What to write into a file of this name; `MelodyError` if its ending means something else."""
    ...

def engrave(score: Score, *, width: int=900, max_notes: int=2000, max_bars: int=400) -> Engraving:
    """The score as sheet music, drawn by verovio; what the page says otherwise than the sound is its `remark`."""
    ...

def _beginning(score, max_notes, max_bars) -> tuple[Score, str]:
    """As many whole bars as the limits allow, and a sentence if that is not all."""
    ...

class Roll(NamedTuple):
    """Where beats and pitches lie on the player's roll, in pixels."""
    first: float
    last: float
    beat: float
    row: float
    low: int
    high: int

    def x(self, beat):
        ...

    def y(self, pitch):
        ...

    def svg(self, score: Score, bars: list, new=None) -> str:
        """The roll as SVG: numbered bar lines, a line at every C, one rectangle a note."""
        ...

def _roll(score, bars) -> Roll:
    """A roll that fills a page's width with short music and scrolls with long."""
    ...

def _marks(score) -> dict[int, str]:
    """A letter or number for each of several tracks, so that colour is not the only sign."""
    ...

def _roll_notes(score, roll, new=None) -> list[str]:
    """A rectangle for each note, those that look alike in a group, and a mark before the first of each track."""
    ...

def _roll_marks(score, roll) -> list[str]:
    """The letter of each of several tracks, before its first note."""
    ...
_GIVEN, _BOXED = ('#767676', '#0072b2')

def _look(place, n, new: bool) -> str:
    """A note in its track's colour, louder is darker; or hollow and grey where it was given."""
    ...

def _boxed(drawn: str, new) -> str:
    """An engraving in which these notes are blue, and stand in boxes."""
    ...

def _seconds(score, beats) -> list[float]:
    ...

def _timetable(score, bars, roll) -> dict:
    """What the player's script needs to know of time, in seconds."""
    ...

def _told_notes(score) -> list[list]:
    ...

def _facts(score) -> str:
    """Key, meter, tempo and length in a line."""
    ...

def _legend(score, new=None, engraving=True) -> str:
    """The names of several tracks beside their colours and marks, and what a seam looks like."""
    ...
_MAX_SECONDS, _MAX_NOTES = (1800, 20000)

def _cannot_play(score) -> str:
    """Why a score has no player, as a sentence; empty if it has."""
    ...

def _sheet(score, width, new=None) -> str:
    """The engraving as part of a player, or a sentence where there is none."""
    ...

def _still(score, data) -> str:
    """The sound for where no script runs: all of short music, the beginning of long."""
    ...

def _static(score, title, engraving, width, new=None) -> str:
    """The player's HTML before its script: a heading, the sound, the pictures."""
    ...

def _data(name) -> str:
    ...

def _shared() -> tuple[str, str]:
    """The style and the script that all players on a page can share: the one goes before them, the other behind."""
    ...

class Player:
    """Sound, piano roll and engraving of one score: a piece of HTML in which both pictures follow the sound."""

    def __init__(self, score: Score, *, title: str | None=None, engraving: bool=True, width: int=900, new=None):
        ...
    shared = staticmethod(_shared)

    @property
    def html(self) -> str:
        """The player with its style and script: paste it into any page."""
        ...

    def _repr_html_(self):
        ...

    def __repr__(self):
        ...

    def save(self, path, exist_ok=False) -> Path:
        """Write a page that plays in any browser, offline; `FileExistsError` rather than overwrite in silence."""
        ...

class Players(Player):
    """Several players side by side, each under its label."""

    def __init__(self, *players, labels=None, colors=None):
        ...

def _color_mark(color) -> str:
    ...

def players(*scores: Score, labels=None, colors=None, engraving: bool=True) -> Players:
    """Players side by side, one below the other where the page is narrow."""
    ...
