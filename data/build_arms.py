"""Train the arms of notebooks 21 and 30 that change one thing at a time; write the record that the package carries.

    python data/build_arms.py [--into PATH] [--seeds 0 1 2] [--size cpu]

A run that the record holds already is not done again, so an interrupted command goes on where it stopped.
"""
import json
import math
import time
from argparse import ArgumentParser
from importlib.resources import files
from itertools import chain, islice, product
from pathlib import Path
from unittest.mock import patch

import numpy as np
from melodynb import bart, lora_gpt2
from melodynb.pretrained import TextTokenizer
from melodynb.score import write_file
from melodynb.text import chunks, to_text, words_of
from melodynb.train import hardware, tune_losses


RECORD = Path(str(files('melodynb')/'data/arms.json'))
# Windows of 55, 77 and 128 tokens hold the same music, and so do 220, 309 and 512: a line has 263 tokens on the average
# where a note is one token and takes its space along, 370 where the space is a token too, 613 in byte pairs.
# The stand-in was pretrained on windows of 128: beyond these its vectors of positions are as they were born.
TAUGHT = 128
NOTES = { # each of the first eight differs from the one before in one thing
    'whole notes': dict(),
    'whole, short windows': dict(context=55, batch_size=8),
    'whole, spaces are tokens': dict(context=77, batch_size=8, swallow=False),
    'pieces, short windows': dict(context=128, batch_size=8, whole=False),
    'pieces, short windows, new positions': dict(context=128, batch_size=8, whole=False, new_positions=True),
    'pieces, long windows': dict(context=512, whole=False),
    'pieces, half the music': dict(context=256, whole=False),
    'pieces, half the music, twice the updates': dict(context=256, whole=False, steps=120),
    'whole, short windows, twice the updates': dict(context=55, batch_size=8, steps=120), # two for longer
    'pieces, short windows, twice the updates': dict(context=128, batch_size=8, whole=False, steps=120),
    # and beside the two of pieces whose positions are new:
    'whole, spaces are tokens, new positions': dict(context=77, batch_size=8, swallow=False, new_positions=True),
    'whole, spaces are tokens, long windows': dict(context=309, swallow=False)}
KNOWN = dict(context=128, batch_size=4) # windows whose positions the stand-in knows, and as much music in an update
NEW = dict(KNOWN, new_positions=True) # the same windows, at positions that it does not know
LORA = { # what is trained, and at which rates
    'LoRA, rows trained': (dict(trained='lora and rows'), (3e-3, 1e-2, 3e-2)),
    'everything trained': (dict(), (1e-3, 3e-3, 1e-2, 3e-2)),
    'LoRA, rows trained, new positions': (dict(NEW, trained='lora and rows'), (1e-2, 3e-2)),
    'everything trained, new positions': (NEW, (3e-3, 1e-2)),
    'LoRA, rows frozen, known positions': (dict(KNOWN, trained='lora'), (3e-3, 1e-2, 3e-2)),
    'LoRA, rows trained, known positions': (dict(KNOWN, trained='lora and rows'), (3e-3, 1e-2, 3e-2, 1e-1)),
    'everything trained, known positions': (KNOWN, (1e-3, 3e-3, 1e-2, 3e-2))}
RATES = 6e-4, 2e-3, 6e-3, 2e-2, 6e-2
# Lines are counted in words, so that each update reads the same music. This stand-in was pretrained on 66 tokens: a
# line of 50 words and their spaces goes beyond, one of 32 does not.
FILLERS = {
    'LoRA, rows frozen': (dict(labels='line'), RATES[2:]),
    'LoRA, rows trained': (dict(labels='line', rows=True), RATES[2:]),
    'LoRA, rows trained, no space': (dict(labels='line', rows=True, swallow=True), RATES[2:]),
    'everything trained': (dict(labels='line', everything=True), RATES[1:4]),
    'LoRA, rows trained, known positions': (dict(labels='line', rows=True, most=32), RATES[2:4]),
    'LoRA, rows trained, no space, known positions': (
        dict(labels='line', rows=True, swallow=True, most=32), RATES[2:4]),
    'everything trained, known positions': (dict(labels='line', everything=True, most=32), RATES[:4])}


def all_arms(): # (attempt, question, name, what it changes)
    "Every arm that is trained."
    yield from (('lora_gpt2', 'notes', *arm) for arm in NOTES.items())
    for attempt, arms in ('lora_gpt2', LORA), ('bart', FILLERS):
        for name, (changed, rates) in arms.items():
            for rate in rates: yield attempt, 'lora', name, dict(changed, lr=rate)


def held_out_lines(first, step):
    "Some lines of each held-out madrigal; the lines from 1 and those from 3 on, by fours, never meet."
    scores = lora_gpt2.madrigals()[1]
    return [chunks(score, 950, longest_rest=1)[first::step] for score in scores]


def nats_of(model, tokenizer, groups, context): # [[nats, lines, words] of each madrigal]
    "What the lines cost, by madrigal."
    lines = list(chain.from_iterable(groups))
    rows = tokenizer.held_out(lines, context=context, batch_size=8)
    nats = tune_losses(model, rows)[:, 0]
    owner = np.repeat(np.arange(len(groups)), list(map(len, groups)))
    words = [sum(len(words_of(line)) for line in group) for group in groups]
    sums = np.bincount(owner, nats, len(groups)).round(3).tolist()
    return [list(row) for row in zip(sums, map(len, groups), words)]


def music_read(arm, tokenizer, size): # words of music, about
    "How many words of music an arm has met in training: its tokens, times the words that a token is worth."
    plan, lines = lora_gpt2.SIZES[size], lora_gpt2.texts(arm)
    tokens = sum(len(tokenizer.encode(line)) for line in lines)
    words = sum(len(words_of(line)) for line in lines)
    asked = {name: getattr(arm, name) or plan[name] for name in ('steps', 'batch_size', 'context')}
    read = math.prod(asked.values())
    return round(read*words/tokens)


def rounded(value):
    "A figure as the record has it; None where there is none."
    return None if math.isnan(value) else round(float(value), 4)


def moved(network_of):
    "A network whose first positions are ones it never learned: those behind the windows of its pretraining."
    def made(*arguments):
        network = network_of(*arguments)
        for name, weight in network.named_parameters():
            if name.endswith('wpe.weight'): weight.data[:TAUGHT] = weight.data[TAUGHT:2*TAUGHT]
        return network
    return made


def study_gpt2(changed, seed, size):
    "Train one arm of attempt 2, and examine it on held-out madrigals."
    changed = dict(changed)
    make = moved(lora_gpt2.network_of) if changed.pop('new_positions', False) else lora_gpt2.network_of
    arm = lora_gpt2.Arm(**changed)
    with patch.object(lora_gpt2, 'network_of', make):
        model, tokenizer, history = lora_gpt2.train_arm(arm, seed, size, log=None)
    context = arm.context or lora_gpt2.SIZES[size]['context']
    scores = lora_gpt2.madrigals()[1][:10]
    prompts = list(map(lora_gpt2.opening, scores))
    told = [to_text(score, longest_rest=1) for score in scores]
    whole = TextTokenizer(tokenizer.options['base'], lora_gpt2.note_words(), swallow=True)
    steps = round(40*sum(map(len, map(tokenizer.encode, told)))/sum(map(len, map(whole.encode, told))))
    shares = {heat: lora_gpt2.rest_share(lora_gpt2.write(model, tokenizer, prompts, heat, steps))
              for heat in lora_gpt2.TEMPERATURES}
    return dict(steps=history[-1].step, context=context, words_read=music_read(arm, tokenizer, size),
                nats_a_token=round(history[-1].valid, 4),
                to_choose=nats_of(model, tokenizer, held_out_lines(3, 8), context),
                exam=nats_of(model, tokenizer, held_out_lines(1, 4), context),
                rests={str(heat): rounded(share) for heat, share in shares.items()},
                words=rounded(lora_gpt2.masses(model, tokenizer, lora_gpt2.exam(arm))['words']))


def study_bart(changed, seed, size):
    "Train one arm of attempt 3, and examine it on held-out tunes."
    model, tokenizer, history = bart.train_arm(bart.Arm(**changed), seed, size, log=None)
    plan = bart.SIZES[size]
    most = changed.get('most', plan['most'])
    holes = bart.Holes(bart.tunes()[1], tokenizer, labels='hole', batch_size=16, most=most)
    parts = dict(exam=(0, plan['exam']), to_choose=(plan['exam'], 2*plan['exam']))
    found = {part: bart.masses(model, tokenizer, islice(holes, *span)) for part, span in parts.items()}
    lines = holes.lines[:4*plan['exam']]
    freely = bart.written_freely(model, tokenizer, lines, seed)
    share = np.mean([bart.note_share(ids, tokenizer) for ids in freely])
    figures = {part: dict(zip(one, map(rounded, one.values()))) for part, one in found.items()}
    return dict(steps=history[-1].step, freely=rounded(share), **figures)


def record(path, seeds, size):
    "Run what is not on record yet, and save after each run."
    command = f'python data/build_arms.py --seeds {" ".join(map(str, seeds))} --size {size}'
    kept = json.loads(path.read_text())['rows'] if path.exists() else []
    done = {(row['attempt'], row['question'], row['name'], row['changed'].get('lr'), row['seed']) for row in kept}
    for seed, (attempt, question, name, changed) in product(seeds, list(all_arms())):
        if (attempt, question, name, changed.get('lr'), seed) in done: continue
        began = time.perf_counter()
        found = dict(lora_gpt2=study_gpt2, bart=study_bart)[attempt](changed, seed, size)
        seconds = round(time.perf_counter() - began, 1)
        kept.append(dict(attempt=attempt, question=question, name=name, changed=changed, seed=seed,
                         seconds=seconds, **found))
        lines = ',\n'.join(map(json.dumps, kept))
        minutes = round(sum(row['seconds'] for row in kept)/60, 1)
        about = dict(command=command, seeds=list(seeds), size=size, hardware=hardware(), minutes=minutes)
        text = json.dumps(about)[:-1] + ', "rows": [\n' + lines + '\n]}\n'
        write_file(path, text.encode(), exist_ok=True)
        print(f'{attempt}, {question}, {name}, {changed.get("lr")}, seed {seed}: {seconds} s', flush=True)


def main(arguments=None):
    parser = ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--into', type=Path, default=RECORD, metavar='PATH', help='the record, a JSON file')
    parser.add_argument('--seeds', type=int, nargs='+', default=[0, 1, 2], metavar='SEED')
    parser.add_argument('--size', choices=('tiny', 'cpu', 'gpu'), default='cpu')
    chosen = parser.parse_args(arguments)
    record(chosen.into, chosen.seeds, chosen.size)


if __name__ == '__main__': main()
