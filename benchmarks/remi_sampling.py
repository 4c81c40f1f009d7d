"""Sampling attempt 4 with its grammar at batch 1, against transformers with a GPT-2 of the same shape and the same grammar.

Everything runs on one thread and the processor's time is counted, so a busy machine moves the ratios little."""
import argparse
import time

import torch
from transformers import LogitsProcessor, LogitsProcessorList
from transformers.utils import logging

from benchmarks.sampling import generate, gpt2
from benchmarks.timing import fastest, medians, table
from melodynb.models import load
from melodynb.sample import sample


class GrammarProcessor(LogitsProcessor):
    "The rule of a tokenizer, for `generate`: a place that moves with the piece, and its mask at each step."
    def __init__(self, rule, start): self.place, self.begun = rule.start(start), False

    def __call__(self, ids, scores):
        if self.begun: self.place.push(int(ids[0, -1]))
        self.begun = True
        return scores.masked_fill(~torch.tensor(self.place.allowed), -torch.inf)


def music(model, tokenizer, seconds, steps):
    "Print how much music a second of sampling gives."
    pieces = sample(model, [tokenizer.start]*8, steps=steps, seed=0, allowed=tokenizer.grammar, stop=tokenizer.end)
    scores = [tokenizer.decode(ids) for ids in pieces]
    tokens, notes = sum(map(len, pieces)), sum(len(score.notes) for score in scores)
    length = sum(float(score.seconds_at(score.end)) for score in scores)
    pace = steps/seconds/tokens # pieces of this size a second
    print(f'  {tokens/notes:.2f} tokens a note: {notes*pace:,.0f} notes a second, {length*pace:,.0f} times as fast as the music plays')


def against_transformers(model, tokenizer, steps, rounds):
    "One piece, written by both, with the grammar and without."
    same, rule, start = gpt2(model, 'relu'), tokenizer.grammar, tokenizer.start
    masked = lambda: LogitsProcessorList([GrammarProcessor(rule, start)])
    spent = medians({
        'melodynb, grammar': lambda: sample(model, start, steps=steps, seed=0, allowed=rule),
        'melodynb': lambda: sample(model, start, steps=steps, seed=0),
        'transformers GPT-2, grammar': lambda: generate(same, start[0], steps, logits_processor=masked()),
        'transformers GPT-2': lambda: generate(same, start[0], steps)}, rounds, time.process_time)
    first = spent['melodynb, grammar']
    table(f'Sampling {steps} tokens of {len(tokenizer)} at batch 1, {len(model.blocks)} x {model.width}, cached, 1 thread, torch {torch.__version__}',
          ('median of alternating runs', 'tokens/s', 'times the first'), [(name, f'{steps/time:,.0f}', time/first) for name, time in spent.items()])
    music(model, tokenizer, first, steps)


def cost_of_grammar(model, tokenizer, rounds):
    "What the rule adds to a step: short runs in quick turns, because the difference is small."
    rows = []
    for batch, steps in (1, 256), (64, 32):
        jobs = {rule: lambda rule=rule: sample(model, [tokenizer.start]*batch, steps=steps, seed=0, allowed=rule) for rule in (None, tokenizer.grammar)}
        without, ruled = fastest(jobs, rounds, time.process_time).values()
        rows.append((f'{batch} at once', f'{batch*steps/without:,.0f}', f'{batch*steps/ruled:,.0f}', f'{ruled/without - 1:+.1%}'))
    table('Cost of the grammar', ('pieces', 'tokens/s without', 'with', 'of a step'), rows)


if __name__ == '__main__':
    ask = argparse.ArgumentParser(description=__doc__)
    ask.add_argument('--model', default='remi-folk', help='a model that ships, or a folder')
    ask.add_argument('--tokens', type=int, default=510)
    ask.add_argument('--rounds', type=int, default=5)
    asked = ask.parse_args()
    logging.set_verbosity_error()
    torch.set_num_threads(1)
    model, tokenizer = load(asked.model)
    against_transformers(model, tokenizer, asked.tokens, asked.rounds)
    cost_of_grammar(model, tokenizer, 5*asked.rounds)
