"""Sampling attempt 4 with its grammar at batch 1, against a GPT-2 of transformers with its shape and its grammar.

Everything runs on one thread and the processor's time is counted, so a busy machine moves the ratios little.
`MELODYNB_SIZE=tiny` writes a few tokens: to see that it runs, not to measure."""
import argparse
import os
import time
from functools import partial

import torch
from transformers import LogitsProcessor, LogitsProcessorList
from transformers.utils import logging

from benchmarks.sampling import generate, gpt2
from benchmarks.timing import fastest, medians, table
from melodynb.models import load
from melodynb.sample import sample

TINY = os.environ.get('MELODYNB_SIZE') == 'tiny'
BATCHES = ((1, 16), (4, 8)) if TINY else ((1, 256), (64, 32)) # pieces at once, and tokens of each


class GrammarProcessor(LogitsProcessor):
    "The rule of a tokenizer, for `generate`: a place that moves with the piece, and its mask at each step."
    def __init__(self, rule, start):
        self.place = rule.start(start)
        self.begun = False

    def __call__(self, ids, scores):
        if self.begun: self.place.push(int(ids[0, -1]))
        self.begun = True
        return scores.masked_fill(~torch.tensor(self.place.allowed), -torch.inf)


def music(model, tokenizer, seconds, steps):
    "Print how much music a second of sampling gives."
    start = [tokenizer.start]*8
    pieces = sample(model, start, steps=steps, seed=0, allowed=tokenizer.grammar, stop=tokenizer.end)
    scores = [tokenizer.decode(ids) for ids in pieces]
    tokens = sum(map(len, pieces))
    notes = sum(len(score.notes) for score in scores)
    length = sum(float(score.seconds_at(score.end)) for score in scores)
    pace = steps/seconds/tokens # pieces of this size a second
    print(f'  {tokens/notes:.2f} tokens a note: {notes*pace:,.0f} notes a second, '
          f'{length*pace:,.0f} times as fast as the music plays')


def against_transformers(model, tokenizer, steps, rounds):
    "One piece, written by both, with the grammar and without."
    same, rule, start = gpt2(model, 'relu'), tokenizer.grammar, tokenizer.start
    def masked(): return LogitsProcessorList([GrammarProcessor(rule, start)])
    ours = partial(sample, model, start, steps=steps, seed=0)
    theirs = partial(generate, same, start[0], steps)
    spent = medians({
        'melodynb, grammar': partial(ours, allowed=rule),
        'melodynb': ours,
        'transformers GPT-2, grammar': lambda: theirs(logits_processor=masked()),
        'transformers GPT-2': theirs,
    }, rounds, time.process_time)
    first = spent['melodynb, grammar']
    shape = f'{len(model.blocks)} x {model.width}, cached, 1 thread, torch {torch.__version__}'
    table(f'Sampling {steps} tokens of {len(tokenizer)} at batch 1, {shape}',
          ('median of alternating runs', 'tokens/s', 'times the first'),
          [(name, f'{steps/seconds:,.0f}', seconds/first) for name, seconds in spent.items()])
    music(model, tokenizer, first, steps)


def cost_of_grammar(model, tokenizer, rounds):
    "What the rule adds to a step: short runs in quick turns, because the difference is small."
    rows = []
    for batch, steps in BATCHES:
        write = partial(sample, model, [tokenizer.start]*batch, steps=steps, seed=0)
        jobs = {'without': write, 'with': partial(write, allowed=tokenizer.grammar)}
        without, ruled = fastest(jobs, rounds, time.process_time).values()
        speeds = [f'{batch*steps/seconds:,.0f}' for seconds in (without, ruled)]
        rows.append((f'{batch} at once', *speeds, f'{ruled/without - 1:+.1%}'))
    table('Cost of the grammar', ('pieces', 'tokens/s without', 'with', 'of a step'), rows)


def main():
    ask = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    ask.add_argument('--model', default='remi-folk', help='a model that ships, or a folder')
    ask.add_argument('--tokens', type=int, default=24 if TINY else 510)
    ask.add_argument('--rounds', type=int, default=1 if TINY else 5)
    asked = ask.parse_args()
    logging.set_verbosity_error()
    torch.set_num_threads(1)
    model, tokenizer = load(asked.model)
    against_transformers(model, tokenizer, asked.tokens, asked.rounds)
    cost_of_grammar(model, tokenizer, asked.rounds if TINY else 5*asked.rounds)


if __name__ == '__main__': main()
