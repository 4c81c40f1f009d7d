"""RemiTokenizer.encode against miditok alone: what going from a Score to our tokens adds to miditok's own time.

miditok gets the symusic scores that our encoder makes, ready in memory. The processor's time is counted: both run on one thread."""
import time
from unittest.mock import patch

from benchmarks.timing import medians, table
from melodynb.corpus import load_corpus
from melodynb.remi import RemiTokenizer
from melodynb.remi_transformer import TOKENIZERS

PIECES = 60


def calls(tokenizer, scores):
    "How our encoder calls miditok, one call a score."
    midi = tokenizer.miditok
    with patch.object(midi, 'encode', wraps=midi.encode) as spy:
        for score in scores: tokenizer.encode(score)
    return spy.call_args_list


def row(name, tokenizer, scores):
    midi, made = tokenizer.miditok, calls(tokenizer, scores)
    spent = medians({
        'ours': lambda: [tokenizer.encode(score) for score in scores],
        'same': lambda: [midi.encode(*call.args, **call.kwargs) for call in made],
        'plain': lambda: [midi.encode(call.args[0]) for call in made]}, clock=time.process_time)
    ours, same, plain = (1000*seconds/len(scores) for seconds in spent.values())
    return name, plain, same, ours, f'{ours/same - 1:+.1%}', f'{ours/plain - 1:+.1%}'


def main():
    rows = []
    for name in 'folk', 'chorales':
        scores = load_corpus(name)
        scores = scores[::len(scores)//PIECES][:PIECES]
        rows += [row(f'{name}, {kind}', tokenizer, scores) for kind, tokenizer in
                 (('as trained', TOKENIZERS[name]()), ('default options', RemiTokenizer()))]
    table(f'Encoding {PIECES} pieces, milliseconds a piece', ('', 'miditok by default', 'as we call it', 'ours', 'over our call', 'over default'), rows)


if __name__ == '__main__': main()
