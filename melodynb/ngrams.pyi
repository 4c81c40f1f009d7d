# Made by `make export` from ngrams.py, for editors. Change the notebook, not this file.
"""What can be learned by counting alone: five baselines, from dice to Kneser-Ney, and the bar they set.

Docs: https://melodynb.github.io/melodynb/ngrams.html.md"""
__all__ = ['NGram', 'Reading', 'Uniform', 'Unigram', 'Markov', 'WittenBell', 'KneserNey']
from typing import Iterator, NamedTuple
import numpy as np
from fastcore.basics import patch
from .figures import per_symbol
from .files import give_back
from .score import MelodyError, demand
from .tokenizers import CharTokenizer

class _Level(NamedTuple):
    """Everything known about runs of one length, sorted by key = context*V + symbol."""
    keys: np.ndarray
    kept: np.ndarray
    backoff: np.ndarray
    total: np.ndarray

    def find(self, keys):
        ...

class _Runs(NamedTuple):
    """Runs of one length as they were counted."""
    keys: np.ndarray
    counts: np.ndarray
    where: np.ndarray
    ends: np.ndarray

def _shift(runs, first):
    """The run that ends at a symbol is the context of the next one; none reaches into the next piece."""
    ...

class NGram:
    """What the baselines share: counted runs of symbols; `_smooth` makes probabilities of the counts."""

    def __init__(self, order: int=4, tokenizer=None):
        ...

    def _stream(self, pieces):
        """All ids, which of them begin a piece, which are to be predicted."""
        ...

    def _ready(self):
        ...

    def _ready_to_draw(self, length):
        ...

    def fit(self, tunes: list, transpositions=None) -> NGram:
        """Count; returns itself."""
        ...

    def log_probs(self, tune) -> np.ndarray:
        """Log probability of every symbol given those before it."""
        ...

    def piece_losses(self, pieces: list) -> np.ndarray:
        """How surprised by each piece as it stands."""
        ...

    def losses(self, tunes: list) -> np.ndarray:
        """How surprised by each whole tune, for `interval(losses, statistic=per_symbol)`."""
        ...

    def nll(self, tunes: list) -> float:
        """Mean negative log likelihood per symbol, the closing ones included."""
        ...

    def log_odds(self, pieces: list) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
        """Log probabilities of every symbol that may come, at each place that is scored; some thousand at a time."""
        ...

    def probabilities(self, history=()) -> np.ndarray:
        """What may come next, and how likely."""
        ...

    def sample(self, length: int, seed: int=0) -> list[int]:
        """Ids drawn one by one; `tokenizer.decode_all` makes them scores."""
        ...

def _mix(level: _Level, context: np.ndarray, p: np.ndarray):
    """Mix what was seen after each context into the odds of the shorter ones, in place."""
    ...

class Reading:
    """Where a fitted n-gram stands in some pieces that are read side by side."""

    def __init__(self, model: NGram, count: int):
        ...

    def push(self, ids: np.ndarray):
        """One symbol more."""
        ...

    def odds(self, live: int) -> np.ndarray:
        """What may come next in the first pieces, and how likely."""
        ...

    def depth(self, live: int) -> np.ndarray:
        """How many symbols of context were ever seen."""
        ...

class _AddOne(NGram):

    def _smooth(self, k, counts, contexts):
        """a = c and b = V over a uniform draw adds one to every count; shorter contexts have no say."""
        ...

class Uniform(_AddOne):
    """Every symbol alike."""

    def __init__(self, tokenizer=None):
        ...

class Unigram(_AddOne):
    """How often each symbol occurs, one added to every count."""

    def __init__(self, tokenizer=None):
        ...

class Markov(_AddOne):
    """What follows what, one added to every count."""

    def __init__(self, tokenizer=None):
        ...

class WittenBell(NGram):
    """Interpolated n-gram (Witten and Bell 1991): b(h) is how many different symbols were seen after h."""

    def _smooth(self, k, counts, contexts):
        ...

def _discounts(counts) -> np.ndarray:
    """Chen and Goodman 1998, equation 26; a half per occurrence where too few counts are there to tell, or
    where one would be 0: what was never seen must keep a chance."""
    ...

class KneserNey(NGram):
    """Interpolated n-gram with modified Kneser-Ney smoothing (Chen and Goodman 1998)."""

    def _lower(self, runs, longer, scored):
        """In how many surroundings a run occurred: different symbols before it, and beginnings of pieces."""
        ...

    def _smooth(self, k, counts, contexts):
        ...
