# Made by `make export` from studio.py, for editors. Change the notebook, not this file.
"""Make a melody, hear it, ask why, compare it, keep it, and make exactly the same one again.

Docs: https://melodynb.github.io/melodynb/studio.html.md"""
__all__ = ['odds_html', 'attention_html', 'uploaded', 'Studio']
import html, json, random, threading
from collections import Counter
from dataclasses import replace
from fractions import Fraction
from functools import lru_cache, partial
from importlib.resources import files
from itertools import product
from pathlib import Path
from typing import Callable
from fastcore.basics import patch
from ipywidgets import HTML, BoundedIntText, Button, Checkbox, Dropdown, FileUpload, FloatSlider, HBox, IntProgress, IntSlider, Layout, Output, Select, Text, Textarea, ToggleButtons, VBox
from .audio import page_sound
from .corpus import LETTERS, load_corpus
from .display import Player, Players, Roll, image_tag, pitch_name
from .notation import printable, written_bars
from .reading import music_suffixes, read_score
from .score import NEAR, MelodyError, Note, Score, Track
from .recipe import KINDS, Chance, Recipe, Result, make, midi_opening, opening_score, save, tune_opening, typed_opening, writers

def _lines(score: Score, bars: int=0) -> list:
    """Bars as the player counts them, an upbeat apart."""
    ...

def _where(score: Score, note: int) -> str:
    """Such as: G4 in bar 2, beat 1."""
    ...

def _row(chance: Chance) -> str:
    """A name, a bar as long as it is likely, and the share in figures."""
    ...

def odds_html(result: Result, note: int) -> str:
    """The odds of a note as bars, with a word beside the chosen one."""
    ...

def _canvas(score: Score, bars: int=0) -> tuple[list, Roll]:
    """A roll to draw music on, or `bars` bars of its last meter on one page."""
    ...

def _growing(score: Score, bars: int) -> str:
    """The music so far on paper for all of it."""
    ...

def _rect(n: Note, roll: Roll, style: str) -> str:
    """A note on the roll."""
    ...

def _faint(score: Score, roll: Roll, note: int) -> str:
    """All notes as outlines, and a mark under the one that is asked about."""
    ...

def _looked(n: Note, roll: Roll, part: float, rank: int | None) -> str:
    """A bar as high as the attention that a note got, and its number if it has one."""
    ...

def attention_html(result: Result, note: int, layer: int=0, head: int=0) -> str:
    """The notes before one, as high as the attention they got, and in words the three that got most."""
    ...

def _elsewhere(found: dict) -> str:
    """How much of the attention no note got, where that is half a per cent or more."""
    ...

def _field(kind, label: str, width: str='23em', before: str='6.5em', tip: str='', **options):
    """A control with a label before it, and a tip for whoever hovers."""
    ...

def _paragraph(text: str, role: str='', kind: str='') -> str:
    """Text that came from anywhere, as a paragraph; nothing where there is no text."""
    ...

def _button(label: str, act: Callable, tooltip: str='', **options):
    """A button that does one thing."""
    ...

def _shown(page: str) -> tuple:
    """A page of HTML as what an output holds."""
    ...

def uploaded(value) -> tuple[str, bytes] | None:
    """What was uploaded, in either version of ipywidgets."""
    ...

def _show_if(shown, *boxes):
    """Show these controls, or take them off the page."""
    ...

def _set_options(box, options: list, value=None):
    """New choices for a list, with one of them chosen: this one, or the first."""
    ...

def _choose(box, value, label: str=''):
    """Choose something from a list, which gets it if it has it not."""
    ...

def _slide(box, value: float):
    """Move a slider, which grows if it ends before."""
    ...

class _TunePanel:
    """The first bars of a tune that is found by its title."""

    def __init__(self):
        ...

    def search(self, change=None):
        """Tunes whose title has what was typed."""
        ...

    def label(self, tune: Score) -> str:
        """Such as: Ballydesmond, D dorian, 2/4."""
        ...

class _TuneOpening(_TunePanel):
    """The same, as the opening of a recipe."""

    def text(self) -> str:
        ...

    def put(self, opening: str):
        ...

def _piano_key(pitch: int, press: Callable):
    """One key, wide if it is white."""
    ...

def _piano(press: Callable, low: int=60, high: int=84) -> HBox:
    """Two octaves of keys, as MIDI pitches from `low` to `high`."""
    ...

class _NotesOpening:
    """Notes that are typed, or played on keys."""

    def __init__(self):
        ...

    def add(self, note: str):
        ...

    def press(self, key: str):
        ...

    def back(self):
        ...

    def clear(self):
        ...

    def text(self) -> str:
        ...

    def put(self, opening: str):
        ...

class _MidiPanel:
    """A music file that was uploaded."""

    def __init__(self, alarm: Callable, changed: Callable):
        ...

    def read_file(self, change=None):
        """Take the uploaded file in, or say why not."""
        ...

class _MidiOpening(_MidiPanel):
    """The same, as the opening of a recipe."""

    def tell(self, name: str, what: str):
        ...

    def text(self) -> str:
        ...

    def put(self, opening: str):
        ...

class _Preview:
    """An opening can be heard before anything is written."""

    def __init__(self, text: Callable, alarm: Callable):
        ...

    def hear(self):
        """A small player."""
        ...

class _Openings:
    """The part of the Studio in which a piece begins."""

    def __init__(self, alarm: Callable):
        ...

    def update(self, change=None):
        """Show what belongs to the chosen kind; what was said or heard before is out of date."""
        ...

    def text(self) -> str:
        ...

    def put(self, opening: str):
        ...

class _Odds:
    """Controls for how the dice fall."""

    def __init__(self):
        ...

    def odds(self) -> dict:
        """As a recipe takes them."""
        ...

    def put_odds(self, recipe: Recipe):
        ...

class _Form(_Odds):
    """And for what is written: by whom, how long, in which key and meter."""

    def __init__(self, models: dict, seed: int):
        ...

def _known(model: str) -> tuple:
    """What a model can be asked for beside the common wishes; `MelodyError` if it writes nothing."""
    ...

class _Wishes(_Form):
    """The part of the Studio that says how a piece is written."""

    def __init__(self, models: dict, seed: int, openings: _Openings):
        ...

    def update(self, change=None):
        """Grey out what would be refused."""
        ...

class _Recipes(_Wishes):
    """The same, as recipes."""

    def common(self) -> dict:
        """The wishes that say nothing of a beginning."""
        ...

    def recipe(self) -> Recipe:
        """What the controls say now."""
        ...

    def going_on(self, score: Score) -> Recipe:
        """The same wishes for what comes behind some music, which has its own key and meter."""
        ...

    def put(self, recipe: Recipe):
        """Set the controls to a recipe; `MelodyError` for a model that they cannot have."""
        ...

class _Question:
    """Which note is asked about, and which head."""

    def __init__(self, changed: Callable):
        ...

    def pick(self, change):
        """A note was clicked in the player."""
        ...

    def asked(self) -> tuple[int, int, int]:
        ...

    def put(self, result: Result):
        """Ask about the middle one of the notes that the model wrote."""
        ...

class _CopyCheck:
    """Whether a piece is copied."""

    def __init__(self):
        ...

    def show(self, result: Result | None):
        """Look through the training music in the background."""
        ...

    def check(self, result: Result):
        """What the thread does."""
        ...

class _Closer:
    """Why this note, and whether it is copied."""

    def __init__(self):
        ...

    def show(self, result: Result | None, visible: bool):
        """Take up another piece, if anybody looks."""
        ...

    def update(self, change=None):
        """The odds and the attention of the chosen note."""
        ...

class _Pair:
    """Two of the pieces that were made."""

    def __init__(self):
        ...

    def refresh(self, names: list[str]):
        """New pieces can be chosen; the last two are proposed."""
        ...

    def chosen(self) -> list[int]:
        ...

class _Votes:
    """Which piece won how often."""

    def __init__(self):
        ...

    def add(self, pair: list[int], winner: int | None):
        ...

    def table(self, names: list[str]) -> str:
        """Votes won by each piece."""
        ...

class _VersusPanel:
    """Two players side by side, and the buttons to vote with."""

    def __init__(self, studio):
        ...

    def refresh(self):
        ...

    def titles(self) -> list[str]:
        ...

class _Versus(_VersusPanel):
    """Two pieces, and which is better."""

    def compare(self):
        """Two players, in an order that blind listeners cannot know."""
        ...

    def vote(self, winner: int | None):
        """Count a vote and say who was who."""
        ...

class _HistoryPanel:
    """All that was made, with the recipes."""

    def __init__(self, studio):
        ...

    def refresh(self):
        """What was made last is chosen."""
        ...

    def chosen(self) -> Result | None:
        ...

    def choose(self, change=None):
        ...

class _History(_HistoryPanel):
    """The same, and what can be done with a recipe."""

    def __init__(self, studio):
        ...

    def show(self):
        ...

    def put(self):
        ...

    def remake(self):
        ...

    def follow(self, act: Callable):
        """Do something with what stands in the text field, or say why it cannot be done."""
        ...

def _page(result: Result) -> str:
    """A player, and under it the recipe in words and as text."""
    ...

class _Stand:
    """What the Studio shows."""

    def __init__(self):
        ...

    def alarm(self, sentence: str):
        """Say what went wrong; an empty sentence takes it back."""
        ...

    def say(self, sentence: str):
        """Say how things stand."""
        ...

    def hide(self, why: str):
        """Take the music off the stand."""
        ...

    def names(self) -> list[str]:
        """One line for each piece that was made."""
        ...

class _Page(_Stand):
    """The music on it, and what can be done with it now."""

    def open_drawer(self, change=None):
        """Show the drawer that was chosen, and let it look at the music."""
        ...

    def ready(self, sentence: str, busy: bool=False):
        """Say how things stand, and offer what can be done now."""
        ...

    def show(self, result: Result):
        """Put a piece on the stand."""
        ...

class _Background(_Page):
    """The writing, in a thread of its own."""

    def __init__(self):
        ...

    def start(self, recipe: Recipe):
        """Write a piece in the background, unless one is being written."""
        ...

    def stop(self):
        """End the writing now; what is written stays."""
        ...

    def fail(self, sentence: str):
        """Say what went wrong, and show again what was there before."""
        ...

class _Work(_Background):
    """What the thread does, and what becomes of it."""

    def watch(self, recipe: Recipe, score: Score, share: float) -> bool:
        """Show how far the pen is."""
        ...

    def work(self, recipe: Recipe):
        """Make a piece and show it; whatever goes wrong becomes a sentence."""
        ...

    def take(self, result: Result):
        """Keep a piece and show it."""
        ...

class _Actions(_Work):
    """What the buttons do."""

    def generate(self):
        """A new piece, as the controls say."""
        ...

    def again(self):
        """The same wishes, the next seed."""
        ...

    def go_on(self):
        """Write on behind the piece that is shown."""
        ...

    def keep(self):
        """Save the piece that is shown, and say where."""
        ...

def _buttons(studio) -> dict[str, Button]:
    """What can be pressed, in its order."""
    ...

def _drawers(opened: Callable) -> ToggleButtons:
    """Which drawer is open."""
    ...

def _labels(models=None) -> dict[str, str]:
    """These models, or all that write; the one that most people want comes first."""
    ...

def _script() -> Output:
    """What the widgets cannot do by themselves, and how they look."""
    ...

def _laid_out(studio) -> VBox:
    """All parts under each other; the names are those of the style sheet."""
    ...

class Studio(_Actions):
    """An instrument for a notebook: choose, make a melody, hear it, ask why, compare, keep."""

    def __init__(self, models=None, *, folder='.', seed: int=0):
        ...

    def __repr__(self):
        ...

    def wait(self, seconds: float=60) -> Result | None:
        """For scripts: the piece, once it is written."""
        ...

def _first_page(model: str, seed: int) -> str:
    """What is seen where there is no kernel."""
    ...
