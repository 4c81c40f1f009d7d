"""Ids by chance for every tokenizer, and pieces at temperature 2 under every grammar: nothing may fail.

`python -m benchmarks.stress.tokens` decodes sequences of ids that no music made, `--sequences` for each tokenizer. Then
networks write under the grammar of ten vocabularies, at least `--tokens` in all: for each one with random weights, and
`remi-folk`. Every token must be one that the grammar allows, every pitch a note, and what is read back from the notes
must be the same notes. A failure is told with the seed that makes it again."""
import argparse
import sys
import time
import warnings

import numpy as np
import torch
from benchmarks.timing import sized, table
from melodynb.models import Decoder, load
from melodynb.pretrained import TextTokenizer
from melodynb.remi import RemiGrammar, RemiTokenizer, VoiceGrid
from melodynb.sample import sample

VOICES = 'Soprano', 'Alto', 'Tenor', 'Bass'
VOCABULARIES = {
    'as it comes': {},
    'one note at a time': dict(solo=True),
    'loudness': dict(grid=4, velocities=8, keys=False),
    'four voices': dict(grid=8, tracks=VOICES),
    'four soloists': dict(grid=4, tracks=VOICES, solo=True, velocities=4, tempos=False),
    'wishes': dict(grid=4, solo=True, wishes=True),
    'four keys of a piano': dict(grid=2, longest=1, pitches=(60, 63), tracks=('a', 'b'), meters=('3/4',), tempos=False),
    'one key of a piano': dict(grid=1, longest=64, pitches=(60, 60), tracks=('a', 'b'), solo=True,
                               meters=('1/4', '4/4')),
    'a fine grid': dict(grid=96, longest=2, meters=('4/4', '6/8', '7/16')),
    'neither key nor tempo': dict(keys=False, tempos=False),
}
BATCH, STEPS = 32, 160


def noise(t, dice):
    "Ids by chance, some of them of no token."
    ids = dice.integers(0, len(t), dice.integers(0, 60))
    if not dice.integers(4): ids = [*ids, -1, len(t), 2**31]
    return ids


def decodes(t, seed):
    "Decode noise, and what is read from the score that came out."
    score = t.decode(noise(t, np.random.default_rng(seed)))
    assert all(note.duration > 0 for note in score.notes), 'a note without a length'
    if score.notes and isinstance(t, RemiTokenizer): assert not t.grammar.errors(t.piece(score)), 'no piece'


def tried(t, sequences):
    "How many sequences failed, and how the first of them did."
    failures = []
    for seed in range(sequences):
        try: decodes(t, seed)
        except Exception as error: failures.append(f'seed {seed}: {type(error).__name__} {error}')
    return failures


def whole(t, grammar, ids):
    "Assert that a piece, or the beginning of one, is what the grammar allows, and that its notes come back."
    assert not grammar.errors(ids), 'a token that the grammar forbids'
    score = t.decode(ids)
    named = sum(t.kinds[id] == 'Duration' for id in ids)
    assert len(score.notes) == named, f'{named} notes were written, {len(score.notes)} are read'
    heard = t.decode(t.piece(score))
    assert [track.notes for track in heard.tracks] == [track.notes for track in score.tracks], 'other notes come back'


def written(t, model, tokens, seed=0):
    "Let a network write so many tokens or more: tokens, pieces that ended, failures."
    count, ended, failures = 0, 0, []
    while count < tokens:
        grammar = RemiGrammar(t, bars=1 + seed % 7)
        options = dict(steps=STEPS, temperature=2., seed=seed*BATCH, allowed=grammar, stop=t.end)
        for ids in sample(model, [list(t.start)]*BATCH, **options):
            count, ended = count + len(ids) - 1, ended + (ids[-1] == t.end)
            try: whole(t, grammar, ids)
            except Exception as error: failures.append(f'seed {seed}: {type(error).__name__} {error}')
        seed += 1
    return count, ended, failures


def knows_nothing(t):
    "A small network with random weights."
    torch.manual_seed(0)
    return Decoder(len(t), context=STEPS + 1, width=16, heads=2, layers=1).eval()


def tokenizers():
    named = {'letters': load('char-gpt')[1], 'words': TextTokenizer(words=['C4_q', 'D4_q']), 'voice grid': VoiceGrid()}
    return named | {f'REMI, {name}': RemiTokenizer(**options) for name, options in VOCABULARIES.items()}


def writers():
    folk, vocabulary = load('remi-folk')
    yield 'remi-folk', vocabulary, folk
    for name, options in VOCABULARIES.items():
        t = RemiTokenizer(**options)
        yield f'random weights, {name}', t, knows_nothing(t)


def told(failures): return '; '.join(failures[:2]) or 'none'


def main():
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument('--sequences', type=int, default=sized(200_000, 20), help='of ids, for each tokenizer')
    ask.add_argument('--tokens', type=int, default=sized(1_000_000, 11), help='in all, under the grammars')
    asked = ask.parse_args()
    warnings.simplefilter('ignore')   # that a tempo waits for the end of a note, and the like
    rows, failed = [], 0
    for name, t in tokenizers().items():
        start = time.process_time()
        failures = tried(t, asked.sequences)
        failed += len(failures)
        rows.append((name, asked.sequences, len(failures), time.process_time() - start, told(failures)))
        print(*rows[-1], file=sys.stderr, flush=True)
    table('Ids that no music made', ('', 'sequences', 'failures', 'seconds', 'the first'), rows)
    rows, share = [], -(-asked.tokens//(len(VOCABULARIES) + 1))
    for name, t, model in writers():
        count, ended, failures = written(t, model, share)
        failed += len(failures)
        rows.append((name, count, ended, len(failures), told(failures)))
        print(*rows[-1], file=sys.stderr, flush=True)
    table('Pieces at temperature 2', ('', 'tokens', 'pieces that ended', 'failures', 'the first'), rows)
    print(f'{sum(row[1] for row in rows):,} tokens, {failed} failures')
    sys.exit(failed > 0)


if __name__ == '__main__': main()
