"A borrowed GPT-2 of the stand-in's size: our loops for sampling and for training its adapters, against those of transformers."
import tempfile

import numpy as np
import torch
from torch.utils.data import Dataset
from transformers import Trainer, TrainingArguments
from transformers.utils import logging

from benchmarks.timing import medians, sized, table
from melodynb.pretrained import CausalText, TextTokenizer, add_lora, borrow
from melodynb.pretrained import add_rows
from melodynb.sample import sample
from melodynb.tokenizers import Batches
from melodynb.train import fit

NEW, STEPS, BATCH = sized(200, 8), sized(20, 2), 8  # tokens to write, updates, rows of a batch
CONTEXT = 128


class Rows(Dataset):
    "The same rows as dictionaries, as Trainer wants them; it shifts the labels itself."
    def __init__(self, ids): self.ids = ids
    def __len__(self): return len(self.ids)
    def __getitem__(self, i): return dict(input_ids=self.ids[i], labels=self.ids[i])


def adapted(words):
    torch.manual_seed(0)
    return add_lora(add_rows(borrow('gpt2-stand-in'), len(words)), trained=words)


def train_with_trainer(network, ids):
    with tempfile.TemporaryDirectory() as folder:
        plan = TrainingArguments(
            folder, max_steps=STEPS, per_device_train_batch_size=BATCH, learning_rate=1e-3, report_to=[],
            save_strategy='no', logging_strategy='no', disable_tqdm=True, use_cpu=True, dataloader_num_workers=0)
        Trainer(network, plan, train_dataset=Rows(ids)).train()


def write(model, rows): sample(model, [[0]]*rows, steps=NEW, seed=0)


def generate(network, rows):
    ids = torch.zeros(rows, 1, dtype=torch.long)
    network.generate(ids, attention_mask=torch.ones_like(ids), do_sample=True, top_k=0,
                     max_new_tokens=NEW, min_new_tokens=NEW, pad_token_id=0)


def sampling(merged, count, rounds):
    "Writing so many texts at once."
    spent = medians({'melodynb sample': lambda: write(CausalText(merged), count),
                     'transformers generate': lambda: generate(merged, count)}, rounds)
    table(f'{NEW} tokens, {count} at once, adapters merged',
          ('median of alternating runs', 'tokens/s', 'times the first'),
          [(name, f'{count*NEW/time:,.0f}', time/spent['melodynb sample']) for name, time in spent.items()])


def training(network, rounds):
    "Updates of adapters and rows."
    ids = torch.randint(2000, (STEPS*BATCH, CONTEXT))
    batches = Batches(list(ids.numpy().astype(np.int32)), context=CONTEXT, batch_size=BATCH)
    model = CausalText(network)
    spent = medians({'melodynb fit': lambda: fit(model, batches, steps=STEPS, lr=1e-3, log=None),
                     'transformers Trainer': lambda: train_with_trainer(network, ids)}, rounds)
    table(f'{STEPS} updates of {BATCH} x {CONTEXT} tokens, LoRA and 400 rows',
          ('median of alternating runs', 'updates/s', 'times the first'),
          [(name, f'{STEPS/time:.1f}', time/spent['melodynb fit']) for name, time in spent.items()])


def run(rounds=5):
    tokenizer = TextTokenizer('gpt2-stand-in', [f'note{i}' for i in range(400)], swallow=True)
    network = adapted(tokenizer.words)
    merged = adapted(tokenizer.words).merge_and_unload().eval()
    for count in (1, 16): sampling(merged, count, rounds)
    training(network, rounds)


if __name__ == '__main__':
    logging.set_verbosity_error()
    torch.set_num_threads(1)
    run()
