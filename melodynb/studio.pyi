# Made by `make export` from studio.py, for editors. Change the notebook, not this file.
"""Make a melody, hear it, ask why, compare it, keep it, and make exactly the same one again.

Docs: https://melodynb.github.io/melodynb/studio.html.md"""
__all__ = ['odds_html', 'attention_html', 'uploaded', 'Studio']
import base64, html, json, mimetypes, random, re, threading, warnings
from collections import Counter
from dataclasses import replace
from fractions import Fraction
from functools import lru_cache, partial
from importlib.resources import files
from itertools import accumulate, product
from pathlib import Path
from typing import Callable
from fastcore.basics import patch
from ipywidgets import HTML, BoundedIntText, Button, Checkbox, Dropdown, FileUpload, FloatSlider, HBox, IntProgress, IntRangeSlider, IntSlider, Layout, Output, Select, Text, Textarea, ToggleButtons, VBox
from .audio import page_sound
from .corpus import LETTERS, load_corpus
from .display import Player, Players, Roll, image_tag, pitch_name
from .duet import Duet, answer, phrase, read_turns, replay
from .editing import Edit, Edited, edit, from_link, read_edits, rewrite, to_link
from .notation import printable, written_bars
from .reading import music_suffixes, read_score
from .score import NEAR, MelodyError, Note, Score, Track
from .recipe import KINDS, Chance, Recipe, Result, make, midi_opening, opening_score, packed, save, tune_opening, typed_opening, writers

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

def _growing(score: Score, bars: int, given: Score | None=None) -> str:
    """The music so far on paper for all of it; what was given is hollow."""
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

def _relabel(box, label: str):
    """Another name for the first choice of a list."""
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

def _together(notes) -> int:
    """How many notes sound at once, at most."""
    ...

def _suited(score: Score) -> tuple[str, str]:
    """The model that writes such music."""
    ...

def _moved(score: Score) -> str:
    """What a model moves when it reads the notes."""
    ...

def _facts(score: Score) -> str:
    """Such as: 60 notes in 2 parts, 16 bars of 6/8 in D major."""
    ...

class _MidiPanel:
    """A music file that was uploaded."""

    def __init__(self, alarm: Callable, changed: Callable):
        ...

    def read_file(self, change=None):
        """Take the uploaded file in, or say why not."""
        ...

    def forget(self):
        """As before any file: nothing is shown of the last one."""
        ...

    def fit(self):
        """Choose the model that suits the file."""
        ...

class _MidiOpening(_MidiPanel):
    """The same, as the opening of a recipe."""

    def remark(self, name: str, score: Score):
        """Say what was read, what was left out, what is moved, and which model suits it."""
        ...

    def text(self) -> str:
        ...

    def put(self, opening: str):
        ...

class _DuetPanel:
    """What a phrase is played on, and when it is answered."""

    def __init__(self, studio):
        ...

def _heard(text: str) -> tuple:
    """What the page wrote; `MelodyError` for what it never writes."""
    ...

class _DuetEars(_DuetPanel):
    """The same, and what is done with a phrase while it is played."""

    def give(self, phase: str, start: float=0):
        """Tell the page whether to listen."""
        ...

    def hear(self, change):
        """Take up what was played so far; a phrase that is over is answered."""
        ...

    def read(self, strokes: list):
        """Put a phrase on the grid, before one's eyes."""
        ...

    def draw(self, played: Score):
        """The phrase on the grid, and around it what was played."""
        ...

    def text(self) -> str:
        ...

class _Duet(_DuetEars):
    """The same, and whose turn it is."""

    def press(self):
        """Begin, or have the phrase answered now."""
        ...

    def listen(self, sentence: str, start: float=0):
        """It is the person's turn."""
        ...

    def end(self):
        """No more turns."""
        ...

    def reply(self):
        """Have the phrase answered."""
        ...

    def answered(self, piece: Duet | None, call: Score, wishes: dict):
        """What the thread does for a turn; whatever goes wrong is said, and it is the person's turn again."""
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

    def __init__(self, alarm: Callable, duet: _Duet):
        ...

    def update(self, change=None):
        """Show what belongs to the chosen kind; what was said or heard before is out of date."""
        ...

    def text(self) -> str:
        ...

    def put(self, opening: str):
        ...

    def told(self) -> dict:
        """Which key and meter the opening has; nothing where there is none yet."""
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
        """Grey out what would be refused, or what the opening fixes and nobody overrules."""
        ...

class _Recipes(_Wishes):
    """The same, as recipes."""

    def common(self) -> dict:
        """The wishes that say nothing of a beginning."""
        ...

    def recipe(self) -> Recipe:
        """What the controls say now."""
        ...

    def dice(self) -> dict:
        ...

    def all(self) -> dict:
        """All that the controls say now, of the opening apart."""
        ...

    def going_on(self, score: Score) -> Recipe:
        """The same wishes for what comes behind some music, which has its own key and meter."""
        ...

    def once_more(self, old: Recipe, then: dict) -> Recipe:
        """The same recipe with the next seed, and with all that was moved since."""
        ...

    def choose(self, model: str):
        ...

    def put(self, recipe: Recipe):
        """Set the controls to a recipe; `MelodyError` for a model that they cannot have."""
        ...

class _Question:
    """Which note is asked about, and which head."""

    def __init__(self, changed: Callable):
        ...

    def pick(self, note: int):
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

def _over(score: Score, drawn: Callable, text: str) -> str:
    """A roll with all notes, and over it what is `drawn` on such a roll."""
    ...

def _grips(score: Score, note: Note, step: float, text: str) -> str:
    """A roll whose notes can be dragged by the page, with a frame around one; the page reads its measures."""
    ...

def _shade(start: float, stop: float, roll: Roll) -> str:
    """A stretch of the roll, marked."""
    ...

def _picked_out(note: Note, roll: Roll) -> str:
    """A note in a frame, with a word under it."""
    ...

class _BarChoice:
    """Some bars of a piece, chosen with two handles or by clicks."""

    def __init__(self):
        ...

    def put(self, result: Result):
        """Take up a piece; bars stay chosen if it has them."""
        ...

    def beats(self) -> tuple[float, float]:
        ...

    def pick(self, note: int):
        """A note was clicked: its bar is chosen, or all bars from the one that was clicked before."""
        ...

    def draw(self, change=None):
        """What is chosen, as a picture and in words."""
        ...

    def gap(self) -> tuple[int, int]:
        """The chosen bars."""
        ...

class _RewritePanel:
    """Bars to choose, and proposals to choose from."""

    def __init__(self, studio):
        ...

    def pick(self, note: int):
        ...

    def drop(self):
        """No proposals, or none any more."""
        ...

    def show(self, result: Result | None, visible: bool):
        """Take up another piece; proposals for the old one are gone."""
        ...

class _Rewriting(_RewritePanel):
    """The same, and what its buttons do."""

    def write(self):
        """Ask for proposals; they come from a thread."""
        ...

    def offer(self, proposals: list[Result]):
        """Show proposals, each with a bar before and behind it."""
        ...

    def take(self, place: int):
        """One of the proposals becomes the piece."""
        ...

def _excerpt(result: Result, low: float, high: float, title: str) -> Player:
    """Some bars of a piece, with its seam."""
    ...

class _EditPanel:
    """A note to choose, and what can be done to it."""

    def __init__(self, studio):
        ...

    def pick(self, note: int):
        ...

class _Editing(_EditPanel):
    """The same, and what the buttons do."""

    def show(self, result: Result | None, visible: bool):
        """Take up a piece, if anybody looks."""
        ...

    def chosen(self) -> Note:
        ...

    def draw(self, change=None):
        """The piece with a frame around the chosen note."""
        ...

    def act(self, what: str, times: int=0, steps: int=0):
        """Change the chosen note."""
        ...

    def drag(self, note: int, times: int, steps: int, longer: bool):
        """A note was dragged: by so many time steps and semitones, or its end by time steps."""
        ...

    def add(self):
        """Another note like the chosen one, behind it."""
        ...

    def do(self, one: Edit):
        """Follow an edit, or say why it cannot be done."""
        ...

    def change(self, make: Callable) -> bool:
        """Show what a change gives, or say why there is none."""
        ...

    def undo(self):
        ...

    def redo(self):
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

    def follow(self, act: Callable, act_on_turns: Callable):
        """Do something with what stands in the text field, or say why it cannot be done."""
        ...

    def open(self, link: str):
        """Somebody followed a link: its piece is made, if a model that came along writes it."""
        ...

def _for_people(remark: str) -> str:
    ...

def _page(result: Result) -> str:
    """A player, and under it the recipe in words and as text."""
    ...

def _out_of_page(result: Result) -> str:
    """What the page can give without a kernel: the piece as a file, and as a link."""
    ...

def _address(name: str, data: bytes) -> str:
    """A file as an address that holds it."""
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
        """Let the drawer that was chosen look at the music, and then show it: a slider that is seen can be moved."""
        ...

    def pick(self, change):
        """A note was clicked: the open drawer is told which; or it was dragged, or a link was followed."""
        ...

    def answer_bell(self, change):
        ...

    def ready(self, sentence: str, busy: bool=False):
        """Say how things stand, and offer what can be done now."""
        ...

    def offer(self, names: list):
        """Which drawers there are; the open one stays open."""
        ...

    def show(self, result: Result):
        """Put a piece on the stand."""
        ...

class _Background(_Page):
    """The writing, in a thread of its own."""

    def __init__(self):
        ...

    def start(self, recipe: Recipe, before: Result | None=None, edits: tuple=()):
        """Write a piece in the background, unless one is being written."""
        ...

    def busy(self) -> bool:
        ...

    def run(self, said: str, work: Callable, clear: bool=False):
        """Do something in a thread; the music leaves the stand if that is to be cleared."""
        ...

    def stop(self):
        """End the writing or the turns now; what is written stays."""
        ...

    def fail(self, sentence: str):
        """Say what went wrong, and show again what was there before."""
        ...

    def work(self, job: Callable):
        """What the thread does; whatever goes wrong becomes a sentence."""
        ...

class _Work(_Background):
    """What is done in the thread, and what becomes of it."""

    def heed(self, score: Score, share: float) -> bool:
        """Say how far the pen is."""
        ...

    def watch(self, recipe: Recipe, score: Score, share: float) -> bool:
        """The same, and show the music."""
        ...

    def one(self, recipe: Recipe, before: Result | None, edits: tuple):
        """Make a piece and show it."""
        ...

    def take(self, result: Result):
        """Keep a piece and show it."""
        ...

    def refresh(self, result: Result):
        """A piece is new, or not as it was."""
        ...

    def revise(self, result: Edited):
        """Show a piece that was edited; it has one place in the history, however often it is changed."""
        ...

    def renew(self, old: Result | None, result: Result):
        """Show a piece in the place of one that it came from, or behind all others."""
        ...

    def propose(self, gap: tuple):
        """Have bars of the piece written again, in the background."""
        ...

    def proposed(self, result: Result, gap: tuple, wishes: dict):
        """What the thread does for that."""
        ...

    def replay(self, turns: list):
        """Make a duet again, in the background."""
        ...

class _Actions(_Work):
    """What the buttons do."""

    def generate(self):
        """A new piece, as the controls say."""
        ...

    def again(self):
        """The same wishes, those that were moved since apart, and the next seed."""
        ...

    def go_on(self):
        """Write on behind the piece that is shown."""
        ...

    def out(self, keep: Callable, lost: str):
        """Do something with the piece that is shown, and say what was left out."""
        ...

    def keep(self):
        """Save the piece that is shown, and say where."""
        ...

    def download(self):
        """Hand the piece that is shown to the browser, as a file."""
        ...

def _link(name: str, data: bytes) -> str:
    """A file in a link, for a browser that is on another machine than the kernel."""
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
