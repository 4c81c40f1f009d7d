# Made by `make export` from exercises.py, for editors. Change the notebook, not this file.
"""Twelve exercises, three for each attempt, with the small worlds in which an answer is tried.

Docs: https://melodynb.github.io/melodynb/exercises.html.md"""
__all__ = ['KINDS', 'Sleeper', 'sing', 'pushed']
import math
from functools import cache, lru_cache
from itertools import chain, product
from typing import NamedTuple
import numpy as np
from fastcore.basics import patch
from .corpus import families, intervals, load_corpus, split_by_family
from .figures import table
from .remi import RemiGrammar
from .score import MelodyError, Score
from .text import salvage
from .verdicts import Answer, Stopped, agrees, exercise, plain

def _thrown(rng, length: int, letters: str='CDEG') -> str:
    """A tune of dice."""
    ...

def _runs(text: str, n: int) -> list[str]:
    """Every `n` letters in a row."""
    ...

def _overlap_agrees(answer, melody: str, tunes: list, n: int) -> tuple[bool, str]:
    ...

def _honest_overlap(answer):
    ...

def _exam_tunes(count: int=160) -> list:
    """Folk tunes, half of them with a variant among the others, mixed."""
    ...

def _parts(given) -> list:
    """Training and held-out scores, if an answer gave such."""
    ...

def _in_own_key(tunes, train, held) -> tuple[bool, str]:
    ...

def _an_exam(tunes, train, held) -> tuple[bool, str]:
    ...

def _keyless(score) -> bytes:
    """A tune whatever its key."""
    ...

def _none_lost(tunes, train, held) -> tuple[bool, str]:
    ...

def _all_keys(tunes, train, held) -> tuple[bool, str]:
    ...

def _no_twins(tunes, train, held) -> tuple[bool, str]:
    ...

def _no_relatives(tunes, train, held) -> tuple[bool, str]:
    ...

def _first_split(answer):
    ...

def _spelled(score) -> str:
    """The first eighty letters of a tune, without rests."""
    ...

def _jury(count: int=40) -> tuple[list[str], list[str]]:
    """Letters of training tunes, and of held-out ones that are long enough."""
    ...

def _preferred(people: list, others: list, least: float) -> tuple[bool, str]:
    """Whether people are preferred in most pairs."""
    ...

def _looped() -> list[str]:
    """Phrases of dice, each over and over."""
    ...

def _shuffled(rng, text: str) -> str:
    ...

def _moved(text: str, steps: int) -> str:
    """A tune so many semitones higher."""
    ...

def _keys_alike(liked, people: list, scale: float) -> tuple[bool, str]:
    """Whether a measure gives a tune the same value in every key; `scale` is the size of its values."""
    ...

def _noise_cannot_win(answer):
    ...

def _odds(rng, places: int, words: int):
    """Odds as uneven as those of a language model."""
    ...

def _two(given) -> list:
    """The two shares that an answer gave."""
    ...

def _are_shares(shares: list) -> tuple[bool, str]:
    ...

def _by_favourites(answer, odds, rests) -> tuple[bool, str]:
    ...

def _by_drawing(answer, odds, rests) -> tuple[bool, str]:
    ...

def _favourite_and_share(answer):
    ...

def _loss(answer, *given):
    """What a loss gave: a tensor of one number."""
    ...

def _slope(answer, logits, *given):
    """Where a loss would push the logits."""
    ...

def _has_slope(answer, *given) -> bool:
    ...

def _ending(seed: int, words: int=9):
    """Rows of words that end, filled up with their end; no word stands twice in a row."""
    ...

def _certain(ids, words: int):
    """Logits of a model that is sure of these ids."""
    ...

def _prices(logits, ids):
    """What a model pays for each of some ids."""
    ...

def _asked_next(ids, end: int):
    """The places whose next word is asked for: all, but not the filling behind the first end."""
    ...

def _other_words(logits, ids, end: int) -> dict:
    """What comes out where another word is paid for than the next one."""
    ...

def _other_sums(logits, ids, end: int) -> dict:
    """What comes out where the next word is paid for, and the sum is another."""
    ...

def _stops(answer) -> tuple[bool, str]:
    """Whether every row is pushed to end after its last word."""
    ...

def _fills(answer) -> tuple[bool, str]:
    """Whether the filling is left alone."""
    ...

def _value_agrees(answer, logits, ids, end: int) -> tuple[bool, str]:
    """Whether the loss is the mean price of the next word, or whose mistake it is."""
    ...

def _knowing(answer, logits, ids, end: int) -> tuple[bool, str]:
    """Whether a model that is sure of every next word pays nearly nothing."""
    ...

def _copying(answer, logits, ids, end: int) -> tuple[bool, str]:
    """Whether a model that is sure of the word it has just read pays dearly."""
    ...

def _even(answer, logits, ids, end: int) -> tuple[bool, str]:
    """Whether a model that holds all words alike pays what a throw of dice costs."""
    ...

def _looks_ahead(answer):
    ...

class Sleeper:
    """A model of words that falls asleep: after a rest, a rest is likely; a scale in D minor otherwise."""

    def __init__(self, seed: int=0, falls: float=0.15, stays: float=0.72):
        ...

    def score(self, written: list) -> Score:
        """The words as music."""
        ...

    def logits(self, written: list) -> np.ndarray:
        """What it thinks of every next word."""
        ...

def sing(model, rule=None, steps: int=60, temperature: float=1.0, seed: int=0) -> list[int]:
    """Let a model write, with a rule between its odds and the dice; `MelodyError` if the rule gives no logits."""
    ...

def _ruled(answer, model, logits, written) -> np.ndarray:
    """The logits after a rule."""
    ...

def _mass(model, logits) -> float:
    """The probability of a rest."""
    ...

def _written(model, rests: int, notes: int) -> list:
    """So many rests and notes, evenly mixed."""
    ...

def _keeps_odds(answer, seed: int, rests: int, notes: int) -> tuple[bool, str]:
    ...

def _masses(answer, model, rests: int, notes: int) -> tuple[float, float]:
    """The probability of a rest after so many rests and notes, without the rule and with it."""
    ...

def _both_ways(answer) -> tuple[bool, str]:
    """Whether a rest gets rarer after many of them, and likelier after none."""
    ...

def _listens(answer) -> tuple[bool, str]:
    """Whether a rest is still likelier after a rest than after a note."""
    ...

def _forties(answer, seed: int, falls: float, stays: float, temperature: float) -> tuple[bool, str]:
    """Whether any forty words in a row hold about the share of rests that the model has in mind."""
    ...

def _ruled_twice(answer, model) -> bool:
    """Whether a rule gives logits before the first word, and after it."""
    ...

def _steadies(answer):
    ...

def _asked(seed: int, labels: str) -> tuple:
    """Lines of notes and spaces, filled up, with a hole in each; `labels` is 'mask', 'hole' or 'line'."""
    ...

def _is_share(given) -> tuple[bool, str]:
    ...

def _told_agrees(answer, targets, labels, notes) -> tuple[bool, str]:
    ...

def _who_was_told(answer):
    ...

def _some_words(rng, count: int) -> list[str]:
    ...

def _lines_with_holes(seed: int=32) -> list[tuple]:
    """Lines and their holes: one hole, two out of order, two that touch, at the beginning and at the end."""
    ...

def _three(given) -> list:
    """The three lists of words that an answer gave."""
    ...

def _in_words(given: list, limit: int=120) -> str:
    ...

def _masked(words: list, holes: list) -> list:
    """The words that can be seen, and a mask for each hole."""
    ...

def _source_agrees(answer, words: list, holes: list) -> tuple[bool, str]:
    """Whether the source shows all that can be seen, in order, with a mask in between, and ends."""
    ...

def _target_agrees(answer, words: list, holes: list) -> tuple[bool, str]:
    ...

def _comes_late(answer, words: list, holes: list) -> tuple[bool, str]:
    """Whether what is written is the target, one place later."""
    ...

def _line_with_holes(answer):
    ...
KINDS = ('text', 'music', 'space', 'end')

def _downhill(slope, logits, updates: int):
    """Follow a slope, a step of the same length each time at every place."""
    ...

def _by_kind(odds, kinds) -> list[float]:
    """The share of each kind of word."""
    ...

def _followed(penalty, logits, targets, kinds, updates: int):
    """Where a penalty leads the first row."""
    ...

def pushed(penalty, updates: int=100):
    """A table: the shares of the kinds of words, before and after following a penalty downhill."""
    ...

def _kinds(seed: int):
    """Odds, what belongs at each place, and the kind of every word, in any order."""
    ...

def _led(answer, kind: int, seed: int) -> tuple[bool, str]:
    """Whether following a penalty ends, where a kind belongs, in this kind."""
    ...

def _music_over_text(logits, targets, kinds) -> float:
    """The logarithm of the odds of music against text, where a note belongs."""
    ...

def _first_step(answer) -> tuple[bool, str]:
    ...

def _any_note(answer) -> tuple[bool, str]:
    ...

def _unasked(answer) -> tuple[bool, str]:
    """Whether a place whose target is -100 has no say, neither in the slope nor in the number."""
    ...

def _sure(answer) -> tuple[bool, str]:
    """Whether it costs nothing to be sure and right, and something, with a slope, to be sure and wrong."""
    ...

def _no_way_out(answer):
    ...

def _paid(rng, count: int, velocities: bool=False) -> tuple[list, list]:
    """Surprises in nats, and kinds, of the tokens of a piece; some notes sound together, some are tied."""
    ...

def _price(rng, kind: str) -> float:
    ...

def _without(dropped: str, nats: list, kinds: list) -> tuple[list, list]:
    """The tokens of a piece without those of a kind."""
    ...

def _bits_agree(answer, nats: list, kinds: list) -> tuple[bool, str]:
    ...

def _same_without(answer, dropped: str, nats: list, kinds: list) -> tuple[bool, str]:
    ...

def _bits_per_note(answer):
    ...

def _batch(shift: int, seed: int, *, still: bool=False, filled: int=0, rows: int=4, length: int=24) -> tuple:
    """Rows of ids, with targets so many places ahead."""
    ...

def _shift_agrees(answer, shift: int, seed: int, **options) -> tuple[bool, str]:
    ...

def _shift_of_tensors(answer, shift: int, seed: int) -> tuple[bool, str]:
    ...

def _how_far_ahead(answer):
    ...

def _law_mask(tokenizer, ids: list, grammar) -> np.ndarray:
    """What the grammar allows, less the notes that lie outside the scale or more than a fifth away."""
    ...

def _follows(given, V: int) -> np.ndarray:
    """A law's answer, ids or a mask, as a mask."""
    ...

def _is_id(item, V: int) -> bool:
    ...

class _Stop(NamedTuple):
    """A place in a piece: what the law lets follow, and what it should."""
    ids: list
    allows: np.ndarray
    should: np.ndarray

class _Trial:
    """Pieces that dice write under a law, and at every place what the law lets through and what it should."""

    def __init__(self, law, tokenizer, seeds: int=4):
        ...

    def write(self, rng) -> list[int]:
        ...

    def ends(self) -> tuple[bool, str]:
        """Whether every piece came to its end."""
        ...

    def rule(self, stop: _Stop, id: int, does: str) -> str:
        """The rule that a slip broke."""
        ...

    def grammar_allows(self, stop: _Stop, id: int) -> bool:
        ...

    def rule_for_notes(self, stop: _Stop, id: int, does: str) -> str:
        """Which half of the law a note breaks, or that it breaks none."""
        ...

    def first_slip(self, slips, does: str) -> tuple[bool, str]:
        """The first place where a law is wrong in some way, or that there is none."""
        ...

    def keeps_grammar(self) -> tuple[bool, str]:
        ...

    def keeps_law(self) -> tuple[bool, str]:
        ...

    def forbids_no_more(self) -> tuple[bool, str]:
        ...

def _shipped() -> tuple:
    ...

def _begins(law, tokenizer) -> bool:
    """Whether anything may come first."""
    ...

def _eight_bars(law, model, tokenizer) -> tuple[bool, str]:
    """Whether the trained model, under the law, writes as many bars as the grammar says."""
    ...

def _own_law(answer):
    ...
