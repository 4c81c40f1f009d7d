"Sampling one piece of 256 notes with the 943,502 parameters of attempt 1, against the ways in which it is usually done."
import time

import torch
import torch.nn.functional as F
from transformers import GPT2Config, GPT2LMHeadModel
from transformers.utils import logging

from benchmarks.timing import medians, sized, table
from melodynb.models import Decoder
from melodynb.sample import sample

VOCAB, CONTEXT, WIDTH, LAYERS, HEADS = 14, 256, 192, 2, 4
NEW = sized(CONTEXT - 1, 8)


def ours(): return Decoder(vocab_size=VOCAB, context=CONTEXT, width=WIDTH, layers=LAYERS, heads=HEADS).eval()


def gpt2(model, activation):
    "The shape of `model` in transformers; no token ends a piece, so that all write to the end of the context."
    return GPT2LMHeadModel(GPT2Config(
        vocab_size=model.vocab_size, n_positions=model.context, n_embd=model.width,
        n_layer=len(model.blocks), n_head=model.heads,
        activation_function=activation, bos_token_id=0, eos_token_id=None, pad_token_id=0)).eval()


def generate(model, start=0, new=NEW, **options):
    "What transformers recommends: sampling from the whole distribution, with its own cache."
    ids = model.generate(torch.tensor([[start]]), attention_mask=torch.ones(1, 1, dtype=torch.long),
                         do_sample=True, top_k=0, max_new_tokens=new, **options)
    assert ids.shape == (1, 1 + new)


@torch.inference_mode()
def tutorial(model):
    "The loop of a first tutorial: read everything, take the last row, draw."
    ids = torch.zeros(1, 1, dtype=torch.long)
    for _ in range(NEW): ids = torch.cat([ids, F.softmax(model(ids)[:, -1], -1).multinomial(1)], 1)


def write(model, **options): assert len(sample(model, [0], steps=NEW, seed=0, **options)) == 1 + NEW


def grammar(ids, masks=torch.ones(VOCAB, VOCAB, dtype=torch.bool)): return masks[ids[-1]]


def run(rounds=5):
    model = ours()
    plain, same = gpt2(model, 'gelu_new'), gpt2(model, 'relu')
    jobs = {'melodynb, cache': lambda: write(model),
            'melodynb, cache, a grammar': lambda: write(model, allowed=grammar),
            'melodynb, cache, top_k and top_p': lambda: write(model, top_k=8, top_p=.95),
            'transformers GPT-2, cache': lambda: generate(plain),
            'transformers GPT-2 with ReLU, cache': lambda: generate(same),
            'melodynb, no cache': lambda: write(model, cache=False),
            'tutorial loop, no cache': lambda: tutorial(model)}
    spent = medians(jobs, rounds, time.process_time)
    first = spent['melodynb, cache']
    rows = [(name, f'{NEW/time:,.0f}', time/first) for name, time in spent.items()]
    table(f'Sampling {NEW} notes at batch 1, {torch.get_num_threads()} thread, torch {torch.__version__}',
          ('median of alternating runs, processor time', 'notes/s', 'times the first'), rows)


def many(rounds=3, rows=sized(64, 2)):
    "So many pieces at once, each written by both, with their caches."
    model = ours()
    same, start = gpt2(model, 'relu'), torch.zeros(rows, 1, dtype=torch.long)
    how = dict(attention_mask=torch.ones_like(start), do_sample=True, top_k=0, max_new_tokens=NEW)
    jobs = {'melodynb': lambda: sample(model, [[0]]*rows, steps=NEW, seed=0),
            'transformers GPT-2 with ReLU': lambda: same.generate(start, **how)}
    spent = medians(jobs, rounds, time.process_time)
    first = spent['melodynb']
    table(f'Sampling {NEW} notes of {rows} pieces at once, cached, processor time', ('median', 'notes/s', 'times the first'),
          [(name, f'{rows*NEW/seconds:,.0f}', seconds/first) for name, seconds in spent.items()])


if __name__ == '__main__':
    logging.set_verbosity_error()
    torch.set_num_threads(1)
    torch.manual_seed(0)
    run()
    many()
