# Made by `make export` from metrics.py, for editors. Change the notebook, not this file.
"""How far is written music from real music? Three measures, their repairs, and eight that hear a whole piece.

Docs: https://melodynb.github.io/melodynb/metrics.html.md"""
__all__ = ['FEATURES', 'MEASURES', 'ngram_counts', 'shares', 'divergence', 'pitch_kl', 'transition_matrix', 'transition_mse', 'ngram_overlap', 'KeyFinder', 'KeyReader', 'tonic_histogram', 'tonic_kl', 'steps', 'pitch_class_entropy', 'scale_consistency', 'onset_grid', 'groove', 'bar_likeness', 'self_similarity', 'note_density', 'polyphony', 'empty_beats', 'pitch_range', 'measured', 'densities', 'overlap_area', 'overlap_figure', 'earth_mover', 'Compared', 'Evaluation', 'evaluate']
import math
from collections import Counter
from functools import partial, reduce
from itertools import chain
from typing import Callable, NamedTuple
import numpy as np
from fastcore.basics import patch
from .copies import only_scores
from .corpus import families
from .figures import Interval, Table, half_sample_interval, interval
from .listener import kin_labels
from .score import NEAR, MelodyError, Score, demand, key_fifths, key_parts, key_tonic, transpose_key
from .copies import Copy, CopyIndex, CopyReport, copied_share, copy_report, longest_copy
from .figures import per_symbol, table
from .listener import Told, tell_apart
from .ngrams import KneserNey, Markov, NGram, Unigram, Uniform, WittenBell

def _is_symbol(item) -> bool:
    ...

def _sequences(music) -> list[list]:
    """Many sequences of symbols, whatever came: a text, ids, or a list of texts or ids."""
    ...

def ngram_counts(music, n: int=1) -> Counter:
    """How often each run of `n` symbols occurs."""
    ...

def shares(counts, epsilon: float=0.0) -> np.ndarray:
    """Counts as shares."""
    ...

def _vocabulary(symbols, vocab, epsilon: float) -> list:
    """The symbols to compare over; `MelodyError` where one is missing, or epsilon is not above 0."""
    ...

def divergence(p, q) -> float:
    """Kullback-Leibler divergence of shares `q` from shares `p` (Kullback and Leibler 1951)."""
    ...

def pitch_kl(reference, generated, vocab=None, epsilon: float=1e-08) -> float:
    """How far the histogram of `generated` is from that of `reference`."""
    ...

def transition_matrix(music, vocab, epsilon: float=1e-08) -> np.ndarray:
    """How often each symbol follows each."""
    ...

def transition_mse(reference, generated, vocab=None, epsilon: float=1e-08) -> float:
    """How far the transition matrix of `generated` is from that of `reference`."""
    ...

def ngram_overlap(reference, generated, n: int=4, per: str='reference') -> float:
    """Share of runs that both have, each counted as often as it occurs in both."""
    ...

def _pitch_classes(score: Score) -> np.ndarray:
    ...

def _tonic(score: Score) -> int:
    ...

class KeyFinder:
    """The most likely tonic of a melody, from how often each degree sounds and which one ends, mode by mode."""

    def fit(self, scores: list[Score]) -> 'KeyFinder':
        """Count the degrees of each mode; returns itself."""
        ...

    def count(self, tables: dict) -> 'KeyFinder':
        """What `fit` counted, in this session or before; returns itself."""
        ...

    def __call__(self, score: Score) -> int:
        """The most likely tonic; `MelodyError` for a score without pitched notes."""
        ...

class KeyReader:
    """The most likely key of an opening, by its first note and by how often each degree sounds."""

    def fit(self, scores: list[Score]) -> 'KeyReader':
        """Count keys, degrees and first notes; a tune also begins at its ninth bar. Returns itself."""
        ...

    def __call__(self, score: Score) -> str:
        """The key in which the notes most likely are; `MelodyError` for a score without pitched notes."""
        ...

def _log_shares(counts: dict, every: list) -> np.ndarray:
    """Counts of degrees, by mode, as log shares of pitch classes in each key."""
    ...

def _first_notes(score: Score) -> list[int]:
    """The first note, and the first of the ninth bar where there is one."""
    ...

def tonic_histogram(scores: list[Score], finder: Callable | None=None) -> np.ndarray:
    """How often each degree sounds, whatever the key; `MelodyError` if a key is missing."""
    ...

def tonic_kl(reference: list[Score], generated: list[Score], finder: Callable | None=None, floor: float=0.001) -> float:
    """How far the scale degrees of `generated` are from those of `reference`."""
    ...

def steps(score: Score) -> list[int]:
    """A melody without its key: steps between pitch classes."""
    ...

def pitch_class_entropy(score: Score) -> float:
    """Entropy of the histogram of pitch classes, drums left out (Wu and Yang 2020; of the whole piece)."""
    ...

def scale_consistency(score: Score) -> float:
    """The largest share of notes in one major or natural minor scale, drums left out
    (Mogren 2016; as MusPy counts it)."""
    ...

def _places(score: Score, starts: np.ndarray, grid: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The bar of each onset (N,), the place in it (N,), `grid` a beat, and how many places each bar has."""
    ...

def onset_grid(score: Score, grid: int=4) -> tuple[np.ndarray, np.ndarray]:
    """Where notes begin, bar by bar, drums included; each onset goes to the nearest place."""
    ...

def groove(score: Score, grid: int=4) -> float:
    """One minus the mean share of places where neighbouring bars of one length differ in onsets
    (Wu and Yang 2020; neighbours as in MusPy)."""
    ...

def bar_likeness(score: Score, grid: int=4) -> np.ndarray:
    """How alike each two bars are in onsets and pitch classes (Dice 1945), in the best of twelve keys."""
    ...

def self_similarity(score: Score, grid: int=4) -> float:
    """How much of each bar came before: the best `bar_likeness` with an earlier bar,
    averaged over all but the first, drums left out."""
    ...

def note_density(score: Score) -> float:
    """Notes per beat from the first onset to the last end, drums included (McKay 2004, there per second)."""
    ...

def polyphony(score: Score) -> float:
    """How many notes sound at once while any sounds, on average, drums left out (Dong et al. 2020)."""
    ...

def empty_beats(score: Score) -> float:
    """Share of beats (quarter notes), from the first onset's to the last note's,
    in which nothing sounds, drums included (Dong et al. 2018)."""
    ...

def pitch_range(score: Score) -> int:
    """From the lowest note to the highest, drums left out (as in MusPy)."""
    ...
FEATURES = {'pitch-class entropy (bits)': pitch_class_entropy, 'scale consistency': scale_consistency, 'groove': groove, 'self-similarity': self_similarity, 'notes per beat': note_density, 'polyphony': polyphony}
MEASURES = FEATURES | {'empty beats': empty_beats, 'range (semitones)': pitch_range}

def measured(scores: list[Score], features: dict=FEATURES) -> dict[str, np.ndarray]:
    """Every measure of every score."""
    ...

def _bandwidth(values: np.ndarray) -> float:
    """Silverman 1986, equation 3.31; the standard deviation alone where half of the values are one."""
    ...

def _sample(values) -> np.ndarray:
    """The numbers among `values`; `MelodyError` for ones beyond 1e100, or fewer than 2."""
    ...

def _smoothed(values: np.ndarray, grid: np.ndarray, width: float) -> np.ndarray:
    """The share of some values near each point of an even grid, under a Gaussian of this width."""
    ...

def densities(first, second, points: int=512) -> tuple[np.ndarray, np.ndarray]:
    """Gaussian kernel densities of two samples, on one grid and with one bandwidth."""
    ...

def overlap_area(first, second, points: int=512) -> float:
    """The area under both densities (OA; Yang and Lerch 2020), on one grid and with one bandwidth."""
    ...

def _draw_densities(ax, name: str, pair: tuple, labels: tuple, colors: tuple):
    """Both curves of one measure, what they share filled."""
    ...

def overlap_figure(first: dict, second: dict, labels=('people', 'model'), color: str='#767676'):
    """The densities of two collections, a panel per measure, what they share filled, its area above."""
    ...

def earth_mover(first, second) -> float:
    """How far the values of one sample must move, on average, to become the other (Vallender 1974)."""
    ...

class Compared(NamedTuple):
    """One measure of two collections."""
    generated: Interval
    reference: Interval
    overlap: Interval
    distance: Interval
    ruler: Interval
    missing: int

    @property
    def apart(self) -> bool:
        """Whether the distance is beyond what people's pieces have among themselves."""
        ...

def _dealt(kin: np.ndarray, size: int, rng) -> np.ndarray:
    """Whole families at random, two at least and not the last two, as near to `size` pieces as may be."""
    ...

def _split_manners(kin: np.ndarray) -> np.ndarray:
    """The families; one that has more than a quarter of all pieces falls apart into its pieces."""
    ...

def _ruler(values: np.ndarray, kin: np.ndarray, size: int, seed: int, level: float) -> Interval:
    """How far families drawn from one sample are from its rest, as if `size` pieces were held against all."""
    ...

def _judged(name: str, who: str, values: np.ndarray) -> np.ndarray:
    """The values that are there; `MelodyError` where they are too few."""
    ...

def _compared(name: str, generated: np.ndarray, reference: np.ndarray, kin: np.ndarray, seed: int, level: float, resamples: int) -> Compared:
    """One measure of two collections."""
    ...

class Evaluation(Table):
    """What `evaluate` found: a table, `Compared` figures by the name of the measure, and `figure()`."""

    def __init__(self, values: tuple[dict, dict], found: dict[str, Compared]):
        ...

    def __getitem__(self, name) -> Compared:
        ...

    def figure(self, labels=('people', 'generated'), color='#767676'):
        """The densities of both, a panel per measure."""
        ...

def evaluate(generated: list[Score], reference: list[Score], *, features: dict=MEASURES, kin: Callable | None=None, seed: int=0, level: float=0.95, resamples: int=200) -> Evaluation:
    """Every measure compared: means, overlap, earth mover's distance, and that of people among themselves."""
    ...
