"""Counting with a memory: what a letter and a note cost it, beside the network of the same form, and how long it
takes to read the test tunes; on the split that knows variants, and on that of version 0.1, which did not.
"""
import numpy as np

from benchmarks.timing import seconds, sized, table
from melodynb.compare import bits_per_note
from melodynb.corpus import load_corpus, split_by_family
from melodynb.models import load
from melodynb.ngrams import KneserNey
from melodynb.recall import Recall

FORMS = {'letters': ('char-gpt', range(12)), 'REMI': ('remi-folk', None)}  # the network, keys to count in
SPLITS = {'variants known': 'all', 'version 0.1': 'none'}


def readers(network, tokenizer, keys, train, valid):
    "Everyone who reads this form, by name."
    yield 'network', network
    yield 'Kneser-Ney, 5 back', KneserNey(5, tokenizer).fit(train, transpositions=keys)
    for mixture in ('linear', 'log-linear'):
        yield f'memory, {mixture}', Recall(5, tokenizer, mixture).fit(train, keys, valid)


def rows(form, split):
    "What each reader pays and takes."
    name, keys = FORMS[form]
    parts = split_by_family(load_corpus('folk'), aligned=SPLITS[split])
    train, valid, test = (part[:sized(None, 12)] for part in parts)
    network, tokenizer = load(name)
    symbols = sum(len(piece) - len(tokenizer.start) for piece in tokenizer.pieces(test))
    for who, model in readers(network, tokenizer, keys, train, valid):
        found = []
        spent = seconds(lambda model=model: found.append(bits_per_note(model, tokenizer, test)))
        bits = found[0]
        nats = bits.costs.sum()*np.log(2)/symbols
        yield [f'{form}, {split}', who, f'{len(test)}', f'{nats:.4f}', f'{bits.total}', f'{spent:.1f}']


def main():
    every = [row for form in FORMS for split in SPLITS for row in rows(form, split)]
    heads = 'form and split', 'who reads', 'tunes', 'nats a symbol', 'bits a note', 'seconds'
    table('Counting with a memory', heads, every)


if __name__ == '__main__': main()
