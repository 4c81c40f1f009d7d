"""RemiTokenizer.encode against miditok alone: what going from a Score to our tokens adds.

miditok gets the symusic scores that our encoder makes, ready in memory. The processor's time is counted: both
run on one thread.
`MELODYNB_SIZE=tiny` takes few pieces: to see that it runs, not to measure."""
import os
import time
from unittest.mock import patch

from benchmarks.timing import medians, table
from melodynb.corpus import load_corpus
from melodynb.remi import RemiTokenizer
from melodynb.remi_transformer import TOKENIZERS

TINY = os.environ.get('MELODYNB_SIZE') == 'tiny'
PIECES = 4 if TINY else 60
ROUNDS = 2 if TINY else 5
HEADS = '', 'miditok by default', 'as we call it', 'ours', 'over our call', 'over default'


def calls(tokenizer, scores):
    "How our encoder calls miditok, one call a score."
    midi = tokenizer.miditok
    with patch.object(midi, 'encode', wraps=midi.encode) as spy:
        for score in scores: tokenizer.encode(score)
    return spy.call_args_list


def row(name, tokenizer, scores):
    midi = tokenizer.miditok
    made = calls(tokenizer, scores)
    jobs = {
        'plain': lambda: [midi.encode(call.args[0]) for call in made],
        'same': lambda: [midi.encode(*call.args, **call.kwargs) for call in made],
        'ours': lambda: [tokenizer.encode(score) for score in scores],
    }
    spent = medians(jobs, ROUNDS, clock=time.process_time)
    plain, same, ours = (1000*seconds/len(scores) for seconds in spent.values())
    return name, plain, same, ours, f'{ours/same - 1:+.1%}', f'{ours/plain - 1:+.1%}'


def main():
    rows = []
    for name in 'folk', 'chorales':
        scores = load_corpus(name)
        scores = scores[::len(scores)//PIECES][:PIECES]
        rows.append(row(f'{name}, as trained', TOKENIZERS[name](), scores))
        rows.append(row(f'{name}, default options', RemiTokenizer(), scores))
    table(f'Encoding {PIECES} pieces, milliseconds a piece', HEADS, rows)


if __name__ == '__main__': main()
