# Made by `make export` from editing.py, for editors. Change the notebook, not this file.
"""Almost right: how do we change two bars, or one note, and keep all the rest?

Docs: https://melodynb.github.io/melodynb/editing.html.md"""
__all__ = ['rewrite', 'Edit', 'change', 'Edited', 'edit', 'read_edits', 'follow', 'to_link', 'from_link']
import base64
import json
import zlib
from collections import Counter
from dataclasses import dataclass, field, replace
from functools import reduce
from typing import Callable, NamedTuple
from fastcore.basics import patch
from .recipe import Recipe, Result, make, midi_opening
from .score import GRID, NEAR, MelodyError, Note, Score, demand

def _bolder(recipe: Recipe, times: int) -> Recipe:
    """The same with more chance, where careful drafts were all alike."""
    ...

def rewrite(result: Result, bars: tuple, wishes: dict | None=None, most: int=3, listen: Callable | None=None) -> list[Result]:
    """Proposals for some bars of a piece; what lies outside stays note for note."""
    ...

class Edit(NamedTuple):
    """One change of one note."""
    what: str
    note: Note
    beats: float = 0.0
    steps: int = 0
    track: int = 0

def _as_edit(item) -> Edit:
    """An edit from a list that was JSON; `MelodyError` for what is none."""
    ...

def _changed(note: Note, edit: Edit) -> Note:
    """The note after the edit; `MelodyError` where there can be no such note."""
    ...

def _with(score: Score, place: int, notes) -> Score:
    """The score with other notes in one of its tracks."""
    ...

def _within(score: Score, note: Note):
    """`MelodyError` for a note far behind the end."""
    ...

def _added(score: Score, edit: Edit) -> Score:
    ...

def change(score: Score, edit: Edit) -> Score:
    """The music after an edit; `MelodyError` says why it cannot be done."""
    ...

@dataclass(frozen=True, eq=False)
class Edited(Result):
    """A piece that was changed by hand: the recipe, and the edits, one after the other."""
    origin: Result | None = field(default=None, repr=False)
    edits: tuple = ()
    undone: tuple = ()

    @property
    def new(self) -> frozenset:
        """The notes that the model wrote and nobody touched."""
        ...

    @property
    def title(self) -> str:
        ...

    def sentence(self) -> str:
        """The recipe in words, and how many edits followed it."""
        ...

    def to_json(self) -> str:
        """All that makes the piece again: a recipe, and what was done to it."""
        ...

    def undo(self) -> Edited:
        """Without the last edit, which can be done again."""
        ...

    def redo(self) -> Edited:
        """With the edit that was undone last."""
        ...

def _redone(origin: Result, edits: tuple, undone: tuple=()) -> Edited:
    """A piece with these edits."""
    ...

def edit(result: Result, *edits: Edit) -> Edited:
    """Change notes of a piece; `MelodyError` says why one of the edits cannot be done."""
    ...

def read_edits(text: str) -> tuple[Recipe, tuple]:
    """A recipe and what was done to the piece; `MelodyError` for a text that is neither."""
    ...

def follow(text: str, listen: Callable | None=None) -> Result:
    """Make a piece again with all that was done to it."""
    ...

def to_link(text: str) -> str:
    """A piece as the end of a link."""
    ...

def from_link(text: str) -> str:
    """The text that a link holds; other text as it is; `MelodyError` for a link that is torn."""
    ...
