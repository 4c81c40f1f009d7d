"""Training attempt 1: a step against a tutorial's code and the machine's limit, and one recipe against another.

`python -m benchmarks.training` times the steps, then trains with the recipe of the first account for `--minutes`
(0 leaves this out) and gives the package's own recipe a third of that. With MELODYNB_SIZE=tiny all of it is
small and done in some seconds: the figures then say only that it runs."""
import argparse
import math
from functools import partial
from itertools import repeat

import torch
from torch import nn
from torch.nn import functional as F

from benchmarks.timing import medians, table
from melodynb.char_gpt import CharGPT, training_settings
from melodynb.corpus import load_corpus, split_by_family
from melodynb.tokenizers import CharTokenizer
from melodynb.train import fit, preset, updates

VOCAB, CONTEXT, WIDTH, LAYERS, HEADS = 14, 256, 192, 2, 4
FULL = dict(batch=64, steps=7, minutes=6., tunes=None, recipe='gpu')
SIZES = dict(tiny=dict(batch=2, steps=2, minutes=.02, tunes=200, recipe='tiny'), cpu=FULL, gpu=FULL)


# The same 943,502 numbers as a first tutorial would arrange them: every head has matrices of its own,
# and attention is the formula, written out.

class PlainHead(nn.Module):
    def __init__(self, dropout):
        super().__init__()
        self.query, self.key, self.value = (nn.Linear(WIDTH, WIDTH//HEADS, bias=False) for _ in range(3))
        self.dropout = nn.Dropout(dropout)
        self.register_buffer('past', torch.ones(CONTEXT, CONTEXT).tril())

    def forward(self, x):
        scores = self.query(x) @ self.key(x).transpose(-2, -1) / math.sqrt(WIDTH//HEADS)
        scores = scores.masked_fill(self.past[:x.shape[1], :x.shape[1]] == 0, -math.inf)
        return self.dropout(F.softmax(scores, dim=-1)) @ self.value(x)


class PlainBlock(nn.Module):
    def __init__(self, dropout, attention_dropout):
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(WIDTH), nn.LayerNorm(WIDTH)
        self.heads = nn.ModuleList(PlainHead(attention_dropout) for _ in range(HEADS))
        self.out = nn.Linear(WIDTH, WIDTH)
        self.dropout = nn.Dropout(dropout)
        wide, back = nn.Linear(WIDTH, 4*WIDTH), nn.Linear(4*WIDTH, WIDTH)
        self.feed = nn.Sequential(wide, nn.ReLU(), back, nn.Dropout(dropout))

    def forward(self, x):
        normed = self.norm1(x)
        x = x + self.dropout(self.out(torch.cat([head(normed) for head in self.heads], dim=-1)))
        return x + self.feed(self.norm2(x))


class PlainGPT(nn.Module):
    def __init__(self, dropout=0., attention_dropout=0.):
        super().__init__()
        self.tokens, self.places = nn.Embedding(VOCAB, WIDTH), nn.Embedding(CONTEXT, WIDTH)
        self.blocks = nn.Sequential(*(PlainBlock(dropout, attention_dropout) for _ in range(LAYERS)))
        self.norm = nn.LayerNorm(WIDTH)
        self.head = nn.Linear(WIDTH, VOCAB)

    def forward(self, ids):
        x = self.tokens(ids) + self.places(torch.arange(ids.shape[1]))
        return self.head(self.norm(self.blocks(x)))


def as_plain(model):
    "The weights of a CharGPT under the names of a PlainGPT."
    state = model.state_dict()
    for layer in range(LAYERS):
        roles = state.pop(f'blocks.{layer}.attention.qkv.weight').view(3, HEADS, WIDTH//HEADS, WIDTH)
        for role, name in zip(roles, ('query', 'key', 'value')):
            for head in range(HEADS): state[f'blocks.{layer}.heads.{head}.{name}.weight'] = role[head]
    renamed = {'attention.out': 'out', 'feed.wide': 'feed.0', 'feed.back': 'feed.2'}
    for old, new in renamed.items():
        state = {name.replace(old, new): weight for name, weight in state.items()}
    return state


def same_function():
    "Stop unless both models have the same parameters and, with the same weights, the same logits."
    ours = CharGPT().eval()
    plain = PlainGPT().eval()
    for model in (ours, plain): assert sum(weight.numel() for weight in model.parameters()) == 943_502
    missing, unknown = plain.load_state_dict(as_plain(ours), strict=False)
    assert not unknown and all(name.endswith('past') for name in missing), (missing, unknown)
    ids = torch.randint(VOCAB, (2, CONTEXT))
    with torch.no_grad(): torch.testing.assert_close(ours(ids), plain(ids), atol=1e-5, rtol=1e-4)


def plain_step(inputs, targets, **dropout):
    "The step of a first tutorial."
    model = PlainGPT(**dropout)
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-4)
    def step():
        loss = F.cross_entropy(model(inputs).view(-1, VOCAB), targets.view(-1))
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
    return step


def fit_step(model, inputs, targets):
    "The step that `fit` makes, with its clipping, its schedule and its checks."
    return partial(next, updates(model, repeat((inputs, targets)), steps=10**6, lr=3e-4))


def flops(symbols, vocab, context, width, layers):
    """Multiplications and additions of one step: six for each weight of a matrix and symbol,
    and causal attention's half square."""
    weights = layers*12*width**2 + width*vocab
    attention = layers * 12*width * context/2
    return symbols * (6*weights + attention)


def steps(rounds, batch_size):
    "(a) our step against the tutorial's, (b) against what this machine can multiply."
    same_function()
    batch = torch.randint(VOCAB, (2, batch_size, CONTEXT))
    square = torch.randn(2048, 2048)
    spent = medians({
        'tutorial, attention dropout 0.2': plain_step(*batch, dropout=.2, attention_dropout=.2),
        'tutorial, no dropout': plain_step(*batch),
        'melodynb, dropout 0.2': fit_step(CharGPT(dropout=.2), *batch),
        'melodynb, no dropout': fit_step(CharGPT(dropout=0.), *batch),
        'matrix product': lambda: [square @ square for _ in range(5)]}, rounds)
    limit = 5*2*2048**3 / spent.pop('matrix product')
    ours = spent['melodynb, no dropout']
    work = flops(batch_size*CONTEXT, VOCAB, CONTEXT, WIDTH, LAYERS)
    rows = [(name, time, time/ours, work/time/1e9, f'{work/time/limit:.0%}') for name, time in spent.items()]
    table(f'One training step of 943,502 parameters, {batch_size} x {CONTEXT} symbols, {work/1e9:.0f} GFLOP, '
          f'median of {rounds}, {torch.get_num_threads()} threads, torch {torch.__version__}; '
          f'a plain matrix product reaches {limit/1e9:.0f} GFLOP/s',
          ('', 'seconds', 'against ours', 'GFLOP/s', 'of the matrix rate'), rows)


def seed_recipe(size):
    "How the first account trained a model of this size: arguments of CharGPT, of `batches` and of `fit`."
    sizes, rows, plan = training_settings(size)
    plan = dict(lr=3e-4, schedule='constant', warmup=0, weight_decay=.01, betas=(.9, .999), clip=None)
    return dict(sizes, dropout=.2), dict(rows, batch_size=64, transpositions=range(-5, 7)), plan


def train_for(budget, how, tunes, held_out, reports=20):
    "The History of a run that is planned to take `budget` seconds of training, by the pace of a few updates."
    sizes, rows, plan = how
    tokenizer = CharTokenizer()
    batches = tokenizer.batches(tunes, **rows)
    exam = tokenizer.held_out(held_out, context=sizes['context'])
    def run(steps, valid, **options):
        torch.manual_seed(0)
        return fit(CharGPT(**sizes), batches, valid, **dict(plan, steps=steps, **options))
    pace = run(4, None, log=None)[-1].seconds / 4
    steps = max(reports, int(budget/pace))
    return run(steps, exam, every=steps//reports)


def recipes(minutes, size, tunes):
    "(c) How soon our recipe reaches the best validation loss that the seed's recipe reaches in `minutes`."
    train, valid, _ = split_by_family(load_corpus('folk')[:tunes])
    seed = train_for(60*minutes, seed_recipe(size), train, valid)
    ours = train_for(20*minutes, training_settings(size), train, valid)
    reached = next((row for row in ours if row.valid <= seed.best.valid), None)
    rows = [(name, run.best.step, run.best.seconds, run.best.valid) for name, run in dict(seed=seed, ours=ours).items()]
    if reached: rows.append(('ours, when it passes the seed', reached.step, reached.seconds, reached.valid))
    table(f"Best validation loss on folk letters: the seed's recipe for {minutes:g} minutes, ours for a third of that",
          ('recipe', 'updates', 'seconds', 'nats per symbol'), rows)
    if not reached: print('  ours did not get there')
    elif seed.best.step: print(f'  ours needs {reached.seconds/seed.best.seconds:.2f} of the time')


def main():
    size = SIZES[preset()]
    ask = argparse.ArgumentParser(description=__doc__)
    ask.add_argument('--steps', type=int, default=size['steps'], help='timed steps of each kind, 0 for none')
    ask.add_argument('--minutes', type=float, default=size['minutes'],
                     help='for the recipe of the first account, 0 for none')
    asked = ask.parse_args()
    if asked.steps: steps(asked.steps, size['batch'])
    if asked.minutes: recipes(asked.minutes, size['recipe'], size['tunes'])


if __name__ == '__main__': main()
