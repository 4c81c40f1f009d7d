# Made by `make export` from train.py, for editors. Change the notebook, not this file.
"""One training loop for all four attempts. It reports what it does, it stops when asked, and it survives being killed.

Docs: https://melodynb.github.io/melodynb/train.html.md"""
__all__ = ['cross_entropy', 'perplexity', 'learning_rate', 'Row', 'History', 'fit', 'updates', 'tune_losses', 'shipped_history', 'record_runs', 'hardware', 'preset', 'command', 'leads']
import errno, hashlib, json, math, os, sys, time
from argparse import ArgumentParser
from contextlib import contextmanager, nullcontext
from dataclasses import asdict, dataclass, fields
from importlib.resources import files
from itertools import chain, islice
from pathlib import Path
from typing import Callable, Iterable, Iterator, NamedTuple
import numpy as np
import torch
from fastcore.basics import patch
from torch import Tensor, nn
from torch.nn import functional as F
from .files import alone, give_back, told, write_file
from .score import MelodyError, demand

def cross_entropy(logits: Tensor, targets: Tensor, **options) -> Tensor:
    """How surprised the model is by what came next."""
    ...

def perplexity(loss: float) -> float:
    """Among how many equally likely symbols the model hesitates: `exp(loss)`."""
    ...

def learning_rate(step: int, steps: int, lr: float=0.001, warmup: int=100, schedule: str='cosine') -> float:
    """Straight up to `lr`, then along half a cosine down to 0 (Loshchilov and Hutter, arXiv:1608.03983)."""
    ...

@dataclass(frozen=True)
class _Plan:
    """The settings that decide what a run computes, as `fit` explains them."""
    steps: int
    lr: float = 0.001
    seed: int = 0
    warmup: int | None = None
    schedule: str = 'cosine'
    weight_decay: float = 0.1
    betas: tuple = (0.9, 0.99)
    clip: float | None = 1.0
    accumulate: int = 1
    label_smoothing: float = 0.0
    average: float = 0.0
    precision: str | None = None
    every: int | None = None
    patience: int | None = None
    save_every: int | None = None

    def __post_init__(self):
        ...

    def check(self):
        """`MelodyError` for the first setting that cannot be meant."""
        ...

def _whole(value, least: int) -> bool:
    ...

class Row(NamedTuple):
    """One report of a training run."""
    step: int
    train: float
    valid: float | None
    seconds: float
    lr: float

    def __str__(self):
        ...

class History:
    """What a training run did; its `repr` is the log."""

    def __init__(self, rows: Iterable=(), parameters: int=0, stopped: str=''):
        ...

    def __len__(self):
        ...

    def __iter__(self):
        ...

    def __getitem__(self, index):
        ...

    def __repr__(self):
        ...

    @property
    def title(self) -> str:
        ...

    @property
    def best(self) -> Row:
        """The report with the lowest validation loss; the last one where nothing was held out."""
        ...

    def to_json(self) -> str:
        """The run as text."""
        ...

    @classmethod
    def from_json(cls, text: str) -> History:
        """The run that `to_json` wrote; `MelodyError` for a text that it did not."""
        ...

    def plot(self, ax=None, *, label: str='', unit: str='nats', color=None):
        """Loss over updates: held-out music as a solid line with dots, training dashed."""
        ...

def _is_row(row) -> bool:
    ...

def _wrong_history(found) -> str:
    ...

class _Screen:
    """Shows nothing: the screen of a silent run, and of every process but the first."""

    def say(self, line):
        ...

    def advance(self, loss: float):
        ...

    def draw(self, history: History, last: bool=False):
        ...

class _Terminal(_Screen):
    """Log lines, and a bar that vanishes at the end; where no one watches, the lines alone."""

    def __init__(self, log: Callable, steps: int, done: int):
        ...

    def say(self, line):
        ...

    def advance(self, loss: float):
        ...

    def draw(self, history: History, last: bool=False):
        ...

class _Page(_Screen):
    """Log lines, a bar of HTML and the curve, both redrawn in place."""

    def __init__(self, log: Callable, steps: int, done: int):
        ...

    def say(self, line):
        ...

    def advance(self, loss: float):
        ...

    def draw(self, history: History, last: bool=False):
        """Redraw the curve; `last` is the time to tidy up."""
        ...

def _picture(history: History) -> bytes:
    ...

def _clock(seconds: float) -> str:
    ...

def _screen(log: Callable | None, steps: int, done: int) -> _Screen:
    """What fits where we are."""
    ...

def _mix(*parts) -> int:
    """A seed for one purpose."""
    ...

def _pair(batch) -> tuple[Tensor, Tensor]:
    """One batch as two tensors, ids as int64."""
    ...

def _epoch(batches, number: int):
    """The batches of one reading."""
    ...

def _stream(batches, seed: int, epoch: int=0, index: int=0):
    """Batches from a position on, each with the position that follows it."""
    ...

def _gathered(stream, count: int):
    """So many batches at a time, with the position that follows the last of them."""
    ...

def _groups(model: nn.Module, weight_decay: float) -> list[dict]:
    """The optimizer's parameter groups: matrices decay; norms, biases and embeddings do not."""
    ...

def _adamw(model: nn.Module, plan: _Plan, fused: bool) -> torch.optim.AdamW:
    """The optimizer of a run, its gradients empty."""
    ...

class _Run:
    """One training run: what it works with and where it stands."""

    def __init__(self, model: nn.Module, train, valid, plan: _Plan, accelerator, loss_fn, log):
        ...

    def loss(self, inputs: Tensor, targets: Tensor) -> Tensor:
        """This process's part of the mean loss over the whole batch."""
        ...

    def backward(self, batches: list) -> tuple[float, int]:
        """Gather the gradient of several batches as if they were one: each counts by its symbols."""
        ...

    def update(self, batches: list) -> float:
        """One step of the optimizer."""
        ...

    def blend(self):
        """Move the averaged weights towards the new ones: early on far, later by `1 - average`."""
        ...

    def rate(self) -> float:
        """Learning rate of the next update."""
        ...

    def check_finite(self, value: float, norm: float):
        """`MelodyError` before a broken update reaches the weights."""
        ...

    def note(self, value: float, counted: int):
        """Write down an update that was made: its loss, over so many symbols."""
        ...

    def evaluate(self) -> float | None:
        """Cross-entropy over all held-out symbols, each counted once in whichever process."""
        ...

    def examine(self, inputs: Tensor, targets: Tensor) -> list[float]:
        ...

    def report(self):
        """Examine, write a row, keep the weights if they are the best so far."""
        ...

    def as_kept(self):
        """The model with the weights that would be kept now: the averaged ones, where there are any."""
        ...

    def begin(self):
        """Say what is trained, and how good it is untrained."""
        ...

    def go(self):
        """Train to the end of the plan, or until patience runs out."""
        ...

    def finished(self) -> bool:
        """Whether the plan is done or patience has run out."""
        ...

    def close(self):
        """Give the model back as it came, with the best weights, ready to play."""
        ...

    def identity(self) -> dict:
        """What must be equal for a checkpoint to belong to this run."""
        ...

    def attach(self, folder: str | Path, resume: bool):
        """Save into `folder` from now on, and go on from what is there."""
        ...

    def save(self):
        """Write down all on which the rest of the run depends."""
        ...

    def load(self, tensors: dict[str, Tensor], state: dict):
        """Stand where the checkpoint stood."""
        ...

def _share(inputs: Tensor, targets: Tensor, rank: int, world: int) -> tuple[Tensor, Tensor]:
    """The rows of a batch for one of `world` processes; where none is left, a row that does not count."""
    ...

def _counted(targets: Tensor) -> int:
    """Symbols that count."""
    ...

def _check(logits: Tensor, targets: Tensor):
    """`MelodyError` where a model and its targets do not go together."""
    ...

def _weights(model: nn.Module) -> dict[str, Tensor]:
    """All that training may change: trainable parameters and buffers."""
    ...

def _copies(tensors: dict[str, Tensor], device='cpu') -> dict[str, Tensor]:
    """The same values, in memory of their own."""
    ...

def _restore(model: nn.Module, values: dict[str, Tensor]):
    """Put kept values back."""
    ...

def _fingerprint(tensors: Iterable[Tensor]) -> str:
    """A name for these values: SHA-256 over shapes, types and bytes."""
    ...

def _seal(tensors: dict[str, Tensor], text: str) -> str:
    ...

def _write_state(path: Path, tensors: dict[str, Tensor], state: dict):
    """One file, whole or not there; a storage library's own error is one of the system's here."""
    ...

def _read_state(path: Path) -> tuple[dict[str, Tensor], dict]:
    """Tensors and state of a checkpoint; `MelodyError` unless every byte is as it was written."""
    ...

def _damage(path: Path, what) -> str:
    ...

def _data_name(batches, seed: int, most: int=64) -> str | None:
    """A name for the data: how many batches, and a fingerprint of the first."""
    ...

def _difference(path: Path, name: str, then, now) -> str:
    """What keeps a checkpoint from going on."""
    ...

def _stand(state: dict) -> dict:
    """Where a run stood when it was saved; `TypeError` or `ValueError` where that is no place."""
    ...

def _flat(groups: dict[object, dict[str, Tensor]]) -> dict[str, Tensor]:
    """The tensors of several groups in one table, by 'group/name'."""
    ...

def _group(tensors: dict[str, Tensor], group: str) -> dict[str, Tensor]:
    """The tensors of one group, by their own names."""
    ...

def _arithmetic(precision: str | None=None) -> dict:
    """Where to train, and the arithmetic that was asked for, else the fastest that is safe there."""
    ...

def _own_arithmetic() -> dict:
    ...

def _no_precision(precision, error) -> str:
    ...

def _accelerator(given=None, precision: str | None=None):
    """The caller's Accelerator, or one for this run that leaves no trace."""
    ...

def _begun(model: nn.Module, train, valid, plan: _Plan, accelerator, loss_fn, log):
    """A run; its hardware and its dice are borrowed."""
    ...

def _check_together(plan: _Plan, valid=None, loss_fn=None, checkpoint=None, resume=False, accelerator=None):
    """`MelodyError` where one wish needs another, or shuts it out."""
    ...

def _train(model: nn.Module, train, valid, plan: _Plan, accelerator, loss_fn, log, checkpoint, resume: bool) -> History:
    """Check, train, tidy up."""
    ...

def _alone_in(checkpoint: str | Path | None, run: _Run):
    """One run at a time saves into a folder; of several processes of a run the first one asks."""
    ...

def _plan_among(arguments: dict) -> _Plan:
    """The plan that a function's arguments hold."""
    ...

def fit(model: nn.Module, train: Iterable, valid: Iterable | None=None, *, steps: int, lr: float=0.001, loss_fn: Callable | None=None, seed: int=0, warmup: int | None=None, schedule: str='cosine', weight_decay: float=0.1, betas: tuple=(0.9, 0.99), clip: float | None=1.0, accumulate: int=1, label_smoothing: float=0.0, average: float=0.0, precision: str | None=None, every: int | None=None, patience: int | None=None, checkpoint: str | Path | None=None, resume: bool=False, save_every: int | None=None, accelerator=None, log: Callable | None=print) -> History:
    """Train `model`, and leave it with the best weights it met, in eval mode."""
    ...

def _updates(model: nn.Module, train, plan: _Plan, accelerator, loss_fn) -> Iterator[float]:
    ...

def updates(model: nn.Module, train: Iterable, *, steps: int, loss_fn: Callable | None=None, accelerator=None, **settings) -> Iterator[float]:
    """The loop of `fit` from inside: every `next` makes one update, without exams, log or checkpoints.
    Until it ends or is closed, PyTorch's dice are its own; then the model is left in eval mode."""
    ...

def tune_losses(model: nn.Module, held_out) -> np.ndarray:
    """How surprised a model is by each held-out tune, for `interval(losses, statistic=per_symbol)`."""
    ...

def shipped_history(name: str, version: str | None=None) -> History:
    """The training run of a model that ships; `MelodyError` where none is on record."""
    ...

def record_runs(path: str | Path, wanted: Iterable[dict], run: Callable, log: Callable=print) -> list[dict]:
    """Run one after the other what is not on record, and write each as it ends."""
    ...

def hardware() -> str:
    """What trains here, in the words of a model's card."""
    ...

def preset(size: str | None=None) -> str:
    """Which size of every experiment fits this machine."""
    ...

def _together() -> bool:
    """Whether several processes train, and talk to each other."""
    ...

def command(run: Callable, arguments: list[str] | None, name: str, description: str, sizes: Iterable[str], **more_options: dict):
    """The command `python -m melodynb.NAME FOLDER`; a refusal is one sentence, and the exit code 1."""
    ...

def leads() -> bool:
    """Whether this process writes the files: the only one, or the first of those that train together."""
    ...
