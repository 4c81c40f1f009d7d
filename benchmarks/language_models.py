"""The arms of notebook 21a, and what they need: an update as PEFT makes it against ours, and SmolLM2's tokenizer.

    python -m benchmarks.language_models
    python -m benchmarks.language_models --into PATH [--networks NAME ...] [--seeds 0 1 2] [--rests 1] [--size cpu]

The second trains the arms, and writes each as it ends; what the record holds already is not done again.
"""
import argparse
import shutil
import tempfile
import time
from functools import partial
from itertools import islice
from pathlib import Path
from statistics import median

import torch

from benchmarks.timing import sized, table
from melodynb.corpus import load_corpus
from melodynb.four_bits import gguf_file, gguf_tokenizer
from melodynb.language_models import NETWORKS, Asked, Thrifty, mean_price, record_networks
from melodynb.lora_gpt2 import Arm, note_words, texts
from melodynb.pretrained import CausalText, TextTokenizer, add_lora, add_rows, borrow
from melodynb.score import MelodyError
from melodynb.text import to_text
from melodynb.train import updates

SHAPES = {'gpt2-stand-in': (8, 256, sized(12, 2)), 'smollm2': (4, 256, 3)}  # windows, tokens in each, updates
LINES = 1000


def adapted(base, tokenizer, rows=()):
    "A network with detours, and trained rows if they are asked for."
    torch.manual_seed(0)
    return add_lora(add_rows(borrow(base), len(tokenizer.words)), trained=rows)


def ours(base, tokenizer, rows):
    "A thrifty model of the same network."
    network = adapted(base, tokenizer)
    network.get_base_model().set_attn_implementation('eager')
    return Thrifty(network, rows)


def timed(model, batches, steps, **how):
    "The losses of some updates, and the median seconds of the processor, the first one aside."
    losses, spent, begun = [], [], time.process_time()
    for loss in updates(model, batches, steps=steps, lr=1e-3, precision='no', **how):
        losses.append(loss)
        spent.append(time.process_time() - begun)
        begun = time.process_time()
    return losses, median(spent[1:])


def against_peft(base):
    "One row for LoRA alone and one for LoRA and rows."
    tokenizer = TextTokenizer(base, note_words(), swallow=True)
    windows, context, steps = SHAPES[base]
    batches = tokenizer.batches(texts(Arm()), context=context, batch_size=windows)
    for name, rows in ('LoRA', ()), ('LoRA and rows', tokenizer.words):
        plain, usual = timed(CausalText(adapted(base, tokenizer, rows)), batches, steps)
        saved, thrifty = timed(ours(base, tokenizer, rows), Asked(batches), steps, loss_fn=mean_price)
        off = max(abs(one - other) for one, other in zip(plain, saved))
        yield f'{base}, {name}', usual, thrifty, usual/thrifty, f'{off:.1e}'


def same_pieces():
    "Our reading of SmolLM2's tokenizer against the one that transformers makes of the same file."
    from transformers import AutoTokenizer
    path = gguf_file('smollm2')
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(path, folder)
        theirs = AutoTokenizer.from_pretrained(folder, gguf_file=path.name)
    ours, lines = gguf_tokenizer(path), [to_text(tune) for tune in load_corpus('folk')[:LINES - 100]]
    lines += list(islice((line for line in Path(__file__).read_text().splitlines() if line), 100))
    equal = sum(ours.encode(line).ids == theirs(line, add_special_tokens=False)['input_ids'] for line in lines)
    yield 'equal pieces', f'{equal} of {len(lines)} lines', '', '', ''


def run():
    "What can be compared here."
    rows, bases = [], ['gpt2-stand-in']
    try:
        if sized(True, False) and gguf_file('smollm2'): bases.append('smollm2')
    except MelodyError as error: print(error)
    for base in bases: rows += against_peft(base)
    if 'smollm2' in bases: rows += same_pieces()
    table('An update of adapters, seconds of the processor, one thread',
          ('', "PEFT's", 'ours', 'ratio', 'largest difference of a loss'), rows)


def main():
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument('--into', type=Path, metavar='PATH', help='the record, a JSON file')
    ask.add_argument('--networks', nargs='+', choices=NETWORKS, metavar='NAME', help=f'of {", ".join(NETWORKS)}')
    ask.add_argument('--seeds', type=int, nargs='+', default=[0, 1, 2], metavar='SEED')
    ask.add_argument('--rests', type=int, nargs='+', default=[1], metavar='BEATS', help='settings of the dial')
    ask.add_argument('--size', choices=('tiny', 'cpu', 'gpu'), default='cpu')
    asked = ask.parse_args()
    torch.set_num_threads(1)
    if not asked.into: return run()
    log = partial(print, flush=True)
    try: record_networks(asked.into, asked.networks, asked.seeds, asked.rests, asked.size, log)
    except MelodyError as error: ask.exit(1, f'{error}\n')


if __name__ == '__main__': main()
