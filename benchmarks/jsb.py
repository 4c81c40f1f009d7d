"""Our figures on the JSB chorales beside the published ones: `python -m benchmarks.jsb` shows those on record.

`--quarters jsb-chorales-quarter.json` trains the model of frames anew and measures it, with three baselines;
`--sixteenths Jsb16thSeparated.json` does so for the model of tokens. Both files are those of the repository
czhuang/JSB-Chorales-dataset; neither comes along.

Frames: 88 keys at each quarter note, 382 chorales in the split of Boulanger-Lewandowski, Bengio and Vincent (2012,
arXiv:1206.6392). From all frames so far the next one is foretold, each key for itself; the first frame of a piece is
given, not foretold. The figure is what Bai, Kolter and Koltun (2018, arXiv:1803.01271, `TCN/poly_music/music_test.py`
of locuslab/TCN) print: the cross-entropy of silent or sounding, summed over keys and over the frames of all pieces,
divided by the number of those frames. A long piece counts more than a short one.

Recipe and step were chosen on the validation pieces. What was tried there, in nats a frame: 8.57 for two layers of 128
after 600 updates; 8.62 with twice the dropout, 8.64 with learned positions, 8.64 without the short cut from the last
frame, 8.49 transposed by octaves, 8.45 in other keys half of the time. From there, 8.85 with the last four frames read
at once and more dropout, 8.43 with windows that slide over the keys, 8.37 with a clock of beats, 8.36 with that and the
outer voices by themselves, 8.36 for 1,800 updates, 8.31 for these with a third layer and keys that are not heard; 8.53
for a GRU of 200. Test pieces are measured once, at the end. *Met in training*: the hymn tune, read from the highest
sounding key, is that of some training piece by `melodynb.corpus.families`. Quarters leave out what passes between
them, so that fewer tunes are recognised than on sixteenths."""
import argparse
import hashlib
import json
import math
import sys
from itertools import chain, groupby
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from benchmarks.timing import table
from melodynb.compare import field_figures
from melodynb.corpus import families
from melodynb.figures import Interval, interval, per_symbol
from melodynb.models import Attention, Block, FeedForward
from melodynb.remi_transformer import OWN_KEY_HALF, jsb_frames, jsb_run, train_remi_transformer
from melodynb.score import MelodyError, Note, Score, Track
from melodynb.train import fit, hardware

KEYS, LOWEST = 88, 21 # of a piano; the MIDI number of its first key
PARTS = 'train', 'valid', 'test'
QUARTERS, SIXTEENTHS = 'jsb-chorales-quarter.json', 'Jsb16thSeparated.json'
KNOWN = {QUARTERS: '2db9329f1881a1d3f49703ec556bf1d6f84b4f6c1d702c156536e93cf31e1c91',
         SIXTEENTHS: '79294cc374f9252e95ef4b703161524c1c53dc1f712c236f00f1c1f5d54af5a7'}
SIZES = dict(width=128, layers=3, heads=4, dropout=.25, deaf=.1)
PLAN = dict(steps=2400, lr=2e-3, every=150, clip=.02)  # the loss is a mean over keys, and its gradient is as short
BATCH = 8
RECORD = Path(__file__).parent.parent/'melodynb'/'data'/'jsb_frames.json'


# The files

def read(path, expected):
    """What a file of chorales holds, by part; `MelodyError` unless all three parts are there.

    A file other than the published one is read with a warning."""
    try: raw = Path(path).read_bytes()
    except OSError as error:
        raise MelodyError(f'{path} cannot be read ({error.strerror}): '
                          f'name the file {expected} of czhuang/JSB-Chorales-dataset') from None
    try: found = json.loads(raw)
    except ValueError as error:
        raise MelodyError(f'{path} is damaged or no JSON ({error}): fetch {expected} again') from None
    if not isinstance(found, dict) or not all(isinstance(found.get(part), list) and found[part] for part in PARTS):
        raise MelodyError(f'{path} does not hold pieces under each of {", ".join(PARTS)}: name the file {expected}')
    if hashlib.sha256(raw).hexdigest() != KNOWN[expected]:
        print(f'{path} is not the {expected} that was published: its figures compare with no others.', file=sys.stderr)
    return found


def as_frames(piece):
    "A table of frames and keys, 0 or 1, from lists of MIDI numbers."
    frames = np.zeros((len(piece), KEYS), dtype=np.int8)
    for row, pitches in zip(frames, piece):
        keys = np.array(pitches, dtype=np.int64) - LOWEST
        if len(keys) and not 0 <= keys.min() <= keys.max() < KEYS:
            raise MelodyError(f'pitches {list(pitches)} leave the keyboard: '
                              f'give MIDI numbers from {LOWEST} to {LOWEST + KEYS - 1}')
        row[keys] = 1
    return frames


def read_quarters(path):
    "The pieces of each part as tables of frames; those of a single frame, where nothing is to be foretold, are left out."
    found = read(path, QUARTERS)
    def tables(pieces): return [as_frames(piece) for piece in pieces if len(piece) > 1]
    try: return {part: tables(found[part]) for part in PARTS}
    except MelodyError: raise
    except (TypeError, ValueError) as error:
        raise MelodyError(f'{path} does not hold lists of MIDI numbers ({error}): name the file {QUARTERS}') from None


# What needs no training

def surprise(odds, frames):
    "Nats that each frame costs where `odds` are the chances of its keys to sound."
    return -np.log(np.where(frames == 1, odds, 1 - odds)).sum(-1)


def losses(foretell, pieces):
    """Sum in nats and number of frames of each piece.

    `foretell` gets all frames but the last and gives the odds of all but the first."""
    return np.array([(surprise(foretell(piece[:-1]), piece[1:]).sum(), len(piece) - 1) for piece in pieces])


def share(sounding, of):
    "How often a key sounds, one added to each side."
    return (sounding + 1)/(of + 2)


def baselines(train):
    "Name -> what foretells odds from the frames before: counts of the training pieces, one added to each side."
    every = np.concatenate(train).astype(float)
    before = np.concatenate([piece[:-1] for piece in train]).astype(float)
    after = np.concatenate([piece[1:] for piece in train]).astype(float)
    alone = share(every.sum(0), len(every))
    stay, enter = (share((some*after).sum(0), some.sum(0)) for some in (before, 1 - before))
    kept, new = (share((some*after).sum(), some.sum()) for some in (before, 1 - before))
    return {'last frame again': lambda past: np.where(past == 1, kept, new),
            'each key by its share': lambda past: np.broadcast_to(alone, past.shape),
            'each key after itself': lambda past: np.where(past == 1, stay, enter)}


# The model

class FrameTransformer(nn.Module):
    """Attention over frames: (B,T,88) in; out, as `fit` takes symbols, (B,T,88,2).

    Out are logits of silence and sound of each key in the next frame. `deaf` is the share of keys that training
    does not let it hear."""
    def __init__(self, context=256, width=128, layers=3, heads=4, dropout=.25, deaf=.1):
        super().__init__()
        def block(): return Block(Attention(width, heads, turns=context), FeedForward(width, 'gelu'), dropout)
        self.keys = nn.Linear(KEYS, width)
        self.beats = nn.Linear(8, width, bias=False)
        self.blocks = nn.ModuleList(block() for _ in range(layers))
        self.norm = nn.LayerNorm(width)
        self.head = nn.Linear(width, KEYS)
        self.same = nn.Linear(KEYS, KEYS, bias=False)
        self.dropout, self.deaf = nn.Dropout(dropout), nn.Dropout(deaf)
        turns = torch.arange(context)[:, None]*2*math.pi/torch.tensor([2, 3, 4, 8])  # where in a bar or a line we may be
        self.register_buffer('clock', torch.cat([turns.cos(), turns.sin()], -1), persistent=False)
        self.begin()

    def begin(self):
        "Small random weights; most keys are silent."
        for name, values in self.named_parameters():
            if values.ndim > 1: nn.init.normal_(values, std=.02)
            elif name.endswith('bias'): nn.init.zeros_(values)
        nn.init.constant_(self.head.bias, -3.)

    def forward(self, frames):
        most, asked = len(self.clock), frames.shape[1]
        if asked > most: raise MelodyError(f'{asked} frames are more than the context of {most}; give the last {most}')
        frames = self.deaf(frames)
        x = self.dropout(self.keys(frames) + self.beats(self.clock[:asked]))
        for block in self.blocks: x = block(x)
        sounding = self.head(self.dropout(self.norm(x))) + self.same(frames)
        return torch.stack([torch.zeros_like(sounding), sounding], -1)


def batch_of(pieces):
    "Frames to read, float, and to foretell, -100 behind the end of a piece."
    shape = len(pieces), max(map(len, pieces)) - 1, KEYS
    inputs = np.zeros(shape, dtype=np.float32)
    targets = np.full(shape, -100)
    for row, piece in enumerate(pieces):
        inputs[row, :len(piece) - 1] = piece[:-1]
        targets[row, :len(piece) - 1] = piece[1:]
    return inputs, targets


def by_length(pieces, size):
    "Numbers of pieces, batches of like length."
    order = sorted(range(len(pieces)), key=lambda number: len(pieces[number]))
    return [order[start:start + size] for start in range(0, len(order), size)]


def moved(piece, steps):
    "The piece transposed by so many semitones, or as it is where that would leave the keyboard."
    keys = np.flatnonzero(piece.any(0))
    fits = len(keys) and 0 <= keys[0] + steps <= keys[-1] + steps < KEYS
    return np.roll(piece, steps, 1) if fits else piece


class Lessons:
    "Training pieces in batches of about the same length, half of the time in another key; each epoch deals anew."
    def __init__(self, pieces, size, seed=0): self.pieces, self.size, self.seed = pieces, size, seed
    def __len__(self): return math.ceil(len(self.pieces)/self.size)
    def __iter__(self): return self.epoch(0)

    def epoch(self, number):
        rng = np.random.default_rng([self.seed, number])
        order = rng.permutation(len(self.pieces))
        groups = [order[start:start + 8*self.size] for start in range(0, len(order), 8*self.size)]
        rows = list(chain.from_iterable(map(self.rows_of, groups)))
        for place in rng.permutation(len(rows)):
            yield batch_of([moved(self.pieces[number], int(rng.choice(OWN_KEY_HALF))) for number in rows[place]])

    def rows_of(self, group):
        "Some pieces, by their numbers, in batches of like length."
        return [group[row] for row in by_length([self.pieces[number] for number in group], self.size)]


@torch.no_grad()
def model_losses(models, pieces, size=16):
    "Sum in nats and number of frames of each piece; several models give the mean of their odds."
    found = np.zeros((len(pieces), 2))
    device = next(models[0].parameters()).device
    for rows in by_length(pieces, size):
        batch = batch_of([pieces[row] for row in rows])
        inputs, targets = (torch.as_tensor(part, device=device) for part in batch)
        odds = torch.stack([model(inputs).double().softmax(-1) for model in models]).mean(0)
        nats = F.nll_loss(odds.log().flatten(0, -2), targets.flatten(), reduction='none').view(targets.shape)
        found[rows] = torch.stack([nats.sum((1, 2)), (targets[..., 0] != -100).sum(1)], 1).cpu().numpy()
    return found


def train(parts, seed, folder, log=print, sizes=SIZES, plan=PLAN):
    "A model and how it was trained; goes on from an interrupted run in the same folder."
    torch.manual_seed(seed)
    longest = max(map(len, chain.from_iterable(parts.values())))
    model = FrameTransformer(max(256, longest), **sizes)
    pieces = parts['valid']
    valid = [batch_of(list(map(pieces.__getitem__, rows))) for rows in by_length(pieces, 16)]
    history = fit(model, Lessons(parts['train'], BATCH, seed), valid, **plan, seed=seed, log=log,
                  checkpoint=folder/f'frames-{seed}', resume=True)
    if history.stopped: raise KeyboardInterrupt(history.stopped)
    return model, history


# The figures

def top_line(piece):
    "The highest sounding key as a tune; a key that sounds on is one note, as nothing tells it from a repeated one."
    tops = [LOWEST + int(keys[-1]) if len(keys) else None for keys in map(np.flatnonzero, piece)]
    notes, start = [], 0
    for pitch, held in groupby(tops):
        beats = len(list(held))
        if pitch is not None: notes.append(Note(pitch, start, beats))
        start += beats
    return Score((Track(tuple(notes)),))


def met(parts):
    "Which test pieces have a hymn tune that some training piece has too."
    family = np.array(families(list(map(top_line, [*parts['train'], *parts['test']]))))
    return np.isin(family[len(parts['train']):], family[:len(parts['train'])])


def spread(valid, test, known):
    "Nats a frame with its interval over pieces, by group of pieces; a group of one piece has none."
    groups = dict(valid=valid, test=test, known=test[known], new=test[~known])
    return {name: list(interval(group, statistic=per_symbol)) for name, group in groups.items() if len(group) > 1}


def model_rows(models, parts, known):
    "The rows of our models: the mean over seeds of each piece; of several models the mean of their odds, too."
    found = [[model_losses([model], parts[part]) for part in PARTS[1:]] for model in models]
    means = [np.mean(some, axis=0) for some in zip(*found)]
    rows = {'Transformer': spread(*means, known)}
    if len(models) > 1:
        together = [model_losses(models, parts[part]) for part in PARTS[1:]]
        rows[f'{len(models)} Transformers, mean of their odds'] = spread(*together, known)
    return rows, [list(map(per_symbol, pair)) for pair in found]


def frames_of(pieces):
    "How many frames are foretold."
    return sum(len(piece) - 1 for piece in pieces)


def measure(parts, seeds, folder, log=print, machine='', sizes=SIZES, plan=PLAN):
    "The figures of the baselines and of our model, JSON-able, and how it was trained."
    known = met(parts)
    rows = {name: spread(*(losses(foretell, parts[part]) for part in PARTS[1:]), known)
            for name, foretell in baselines(parts['train']).items()}
    models, histories = zip(*(train(parts, seed, folder, log, sizes, plan) for seed in range(seeds)))
    ours, each = model_rows(models, parts, known)
    figures = dict(
        data=QUARTERS, rows=rows | ours, seeds=each, pieces=[len(parts[part]) for part in PARTS],
        frames=[frames_of(parts[part]) for part in PARTS], known=[int(known.sum()), int((~known).sum())],
        parameters=histories[0].parameters, settings=sizes | plan | dict(batch=BATCH),
        steps=[history.best.step for history in histories],
        minutes=sum(history[-1].seconds for history in histories)/60, hardware=machine or hardware(),
        command=f'python -m benchmarks.jsb --quarters {QUARTERS} --seeds {seeds}')
    return figures, [json.loads(history.to_json()) for history in histories]


NAMES = dict(valid='validation', test='test', known='test, tune met in training', new='test, tune not met')


def row_of(name, groups):
    "A row of the table: an interval for each group of pieces that there is."
    return name, *(str(Interval(*groups[part])) if len(groups.get(part, ())) else '' for part in NAMES)


def show_frames(figures):
    "Print what was measured on quarters."
    (train, valid, test), (known, new) = figures['pieces'], figures['known']
    each = ', '.join(f'{one:.3f}' for _, one in figures['seeds'])
    table(f'Nats a frame of {KEYS} keys on quarters, 95 % interval over pieces; {train} pieces to train on, {valid} to '
          f'validate, {test} to test, of these {known} with a tune met in training and {new} without; test by seed: '
          f'{each}; {figures["parameters"]:,} parameters, {figures["minutes"]:.0f} minutes',
          ('', *NAMES.values()), [row_of(*row) for row in figures['rows'].items()])


def show_tokens(figures):
    "Print what was measured on sixteenths."
    groups = dict(valid=figures['valid'], test=figures['test'],
                  known=figures.get('known', (0,))[1:], new=figures.get('new', (0,))[1:])
    table(f'Nats a token on sixteenths, 95 % interval over pieces; {figures["parameters"]:,} parameters',
          ('', *NAMES.values()), [row_of('Transformer', groups)])


def say_how_long(seeds):
    "What a run on quarters will take, if one is on record."
    if not RECORD.exists(): return
    record = json.loads(RECORD.read_text())['figures']
    minutes = record['minutes']*seeds/len(record['seeds'])
    print(f'Expect some {minutes:.0f} minutes, as on {record["hardware"]}. '
          f'Losses below are nats a key; a frame has {KEYS}.')


def run_frames(path, seeds, folder, into, machine):
    "Train and measure on quarters; write the record if a place is given."
    if seeds < 1: raise MelodyError(f'seeds {seeds}: train 1 or more')
    if into and Path(into).exists(): raise FileExistsError(f'{into} exists: choose a new file for the record')
    parts = read_quarters(path)
    say_how_long(seeds)
    figures, histories = measure(parts, seeds, folder, machine=machine)
    show_frames(figures)
    if into: Path(into).write_text(json.dumps(dict(figures=figures, histories=histories)))


def holds_voices(path):
    "Whether a file holds steps of four MIDI numbers."
    try: pieces = list(chain.from_iterable(jsb_frames(path).values()))
    except (TypeError, ValueError): return False
    return all(piece.ndim == 2 and piece.shape[1] == 4 for piece in pieces)


def run_tokens(path, folder):
    "Train and measure on sixteenths, with the settings on record."
    read(path, SIXTEENTHS)
    if not holds_voices(path):
        raise MelodyError(f'{path} does not hold steps of four MIDI numbers: name the file {SIXTEENTHS}')
    record, goal = jsb_run()[1], folder/'tokens'
    print(f'Expect some {record["minutes"]:.0f} minutes, as on {record["hardware"]}.')
    if not goal.exists():
        history = train_remi_transformer(goal, data='jsb', size=record['size'], seed=record['seed'], jsb=path)
        if history.stopped: raise KeyboardInterrupt
    show_tokens(json.loads((goal/'figures.json').read_text()))


def arguments_of(words):
    "What the command line asks for, and who explains it."
    ask = argparse.ArgumentParser(prog='python -m benchmarks.jsb', description=__doc__,
                                  formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument('--quarters', metavar='FILE', help=QUARTERS)
    ask.add_argument('--sixteenths', metavar='FILE', help=SIXTEENTHS)
    ask.add_argument('--seeds', type=int, default=3, help='models of frames to train')
    ask.add_argument('--folder', type=Path, default=Path('build/jsb'),
                     help='where checkpoints go; an interrupted run goes on from there')
    ask.add_argument('--into', metavar='FILE', help='a new file for the record of frames')
    ask.add_argument('--hardware', default='', help='what it ran on, in the words of the record; default: what is found')
    return ask, ask.parse_args(words)


def main(arguments=None):
    ask, asked = arguments_of(arguments)
    try:
        if asked.quarters: run_frames(asked.quarters, asked.seeds, asked.folder, asked.into, asked.hardware)
        if asked.sixteenths: run_tokens(asked.sixteenths, asked.folder)
    except (MelodyError, FileExistsError) as error: ask.exit(1, f'{error}\n')
    except KeyboardInterrupt: ask.exit(1, f'interrupted: the same command goes on from {asked.folder}\n')
    columns = 'model', 'protocol', 'keys', 'pieces', 'nats', 'source'
    table('On record, beside what was published', columns,
          [[str(row[name]) for name in columns] for row in field_figures().rows])


if __name__ == '__main__': main()
