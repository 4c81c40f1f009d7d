"""Builds melodynb/stand_in: small language models that stand in for GPT-2 Medium and BART-base.

    python data/build_stand_ins.py [--steps 5000] [--seed 0] [--only gpt2|bart] [--folder FOLDER]

They learn English from the docstrings of the Python that runs this script and from its `pydoc` topics:
prose on every machine, under the PSF licence. One CPU thread needs about ten minutes for either."""
import ast
import shutil
import sysconfig
from argparse import ArgumentParser
from pathlib import Path

import numpy as np
import torch
from tokenizers import ByteLevelBPETokenizer
from tqdm import tqdm

from melodynb.pretrained import CausalText, Seq2SeqText, paired
from melodynb.tokenizers import Batches, HeldOut
from melodynb.train import fit

VOCABULARY, CONTEXT, WIDTH, HEADS = 2048, 512, 96, 4
BART_SPECIALS = ['<s>', '<pad>', '</s>', '<unk>', '<mask>']


def docstrings(path):
    "The docstrings of a Python file, read without running it."
    try: tree = ast.parse(path.read_text(encoding='utf-8'))
    except (SyntaxError, UnicodeDecodeError, ValueError): return []
    kinds = ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef
    found = (ast.get_docstring(node) for node in ast.walk(tree) if isinstance(node, kinds))
    return [text for text in found if text and len(text) > 60]


def prose(most=None):
    "English from this Python, always in the same order; another version of Python has other texts."
    from pydoc_data.topics import topics
    library, texts = Path(sysconfig.get_path('stdlib')), {}
    passed = {'site-packages', 'test', 'tests', 'idle_test'}
    paths = sorted(path for path in library.rglob('*.py') if not passed & set(path.parts))
    for path in tqdm(paths, desc='docstrings', delay=2):
        texts |= dict.fromkeys(docstrings(path))
        if most and len(texts) >= most: break
    texts |= dict.fromkeys(topics[name] for name in sorted(topics))
    return [' '.join(text.split()) for text in texts][:most]


def byte_pairs(texts, specials):
    "Byte pairs as GPT-2 has them, a vocabulary of fewer."
    tokenizer = ByteLevelBPETokenizer()
    tokenizer.train_from_iterator(texts, vocab_size=VOCABULARY, special_tokens=specials, show_progress=False)
    return tokenizer


def parts(texts, seed):
    "Training and held-out texts, a twentieth of them held out."
    order = np.random.default_rng(seed).permutation(len(texts))
    held_out = len(texts)//20
    return [texts[i] for i in order[held_out:]], [texts[i] for i in order[:held_out]]


def encoded(tokenizer, texts, start=()):
    "The ids of every text, behind those of `start`."
    return [np.array([*start, *text.ids], dtype=np.int32) for text in tokenizer.encode_batch(texts)]


def beside(folder):
    "Where an interrupted training waits."
    return folder.with_name(folder.name + '-checkpoint')


def build_gpt2(folder, texts, steps, seed):
    from transformers import GPT2Config, GPT2LMHeadModel
    tokenizer = byte_pairs(texts, ['<|endoftext|>'])
    end = tokenizer.token_to_id('<|endoftext|>')
    config = GPT2Config(vocab_size=tokenizer.get_vocab_size(), n_positions=CONTEXT, n_embd=WIDTH, n_layer=3,
                        n_head=HEADS, resid_pdrop=0., embd_pdrop=0., attn_pdrop=0., bos_token_id=end,
                        eos_token_id=end)
    torch.manual_seed(seed)
    network = GPT2LMHeadModel(config)
    train, valid = (encoded(tokenizer, some, [end]) for some in parts(texts, seed))
    history = fit(CausalText(network), Batches(train, context=128, batch_size=16, seed=seed),
                  HeldOut(valid, context=256, batch_size=16), steps=steps, lr=2e-3, seed=seed,
                  checkpoint=beside(folder), resume=True)
    keep(network, tokenizer, folder, history)


class Gaps:
    """Lines of prose with runs of tokens behind one mask each, and the whole lines.

    This is text infilling (Lewis et al. 2020, section 2.2), without its masks that hide nothing."""
    def __init__(self, pieces, tokenizer, seed, length=64, batch_size=16, share=.3, easy=0):
        self.start, self.pad, self.stop, _, self.mask = map(tokenizer.token_to_id, BART_SPECIALS)
        ids = np.concatenate(pieces)
        self.lines = ids[:len(ids)//length*length].reshape(-1, length)
        self.seed, self.batch_size, self.share, self.easy = seed, batch_size, share, easy

    def __len__(self): return len(self.lines)//self.batch_size
    def __iter__(self): return self.epoch(0)

    def epoch(self, number):
        "The first `easy` epochs have fewer gaps, so that the decoder learns to look at the source at all."
        rng = np.random.default_rng((self.seed, number))
        share = self.share*min(1, (number + 1)/(self.easy + 1))
        order = rng.permutation(len(self.lines))
        for batch in range(len(self)):
            lines = self.lines[order[batch*self.batch_size:(batch + 1)*self.batch_size]]
            yield self.rows([self.gapped(line, rng, share) for line in lines], lines)

    def gapped(self, line, rng, share):
        "A line in which runs of Poisson length, three on average, are one mask each."
        kept, place = [], 0
        while place < len(line):
            run = rng.poisson(3) if rng.random() < share/3 else 0
            kept.append(self.mask if run else line[place])
            place += max(run, 1)
        return np.array(kept)

    def rows(self, sources, lines):
        given = [[self.start, *row, self.stop] for row in sources]
        whole = [[self.start, *row, self.stop] for row in lines]
        return paired(given, whole, self.pad, self.stop), np.array(whole, dtype=np.int64)


def build_bart(folder, texts, steps, seed):
    from transformers import BartConfig, BartForConditionalGeneration
    tokenizer = byte_pairs(texts, BART_SPECIALS)
    start, pad, stop, *_ = map(tokenizer.token_to_id, BART_SPECIALS)
    # init_std: with the usual .02 a network this narrow learns the language, and never to look at its source
    config = BartConfig(
        vocab_size=tokenizer.get_vocab_size(), max_position_embeddings=CONTEXT, d_model=WIDTH,
        encoder_layers=2, encoder_attention_heads=HEADS, encoder_ffn_dim=4*WIDTH,
        decoder_layers=2, decoder_attention_heads=HEADS, decoder_ffn_dim=4*WIDTH, dropout=0., init_std=.1,
        bos_token_id=start, pad_token_id=pad, eos_token_id=stop, decoder_start_token_id=stop,
        forced_eos_token_id=stop)
    torch.manual_seed(seed)
    network = BartForConditionalGeneration(config)
    train, valid = (encoded(tokenizer, some) for some in parts(texts, seed))
    lessons, exam = Gaps(train, tokenizer, seed, easy=2), list(Gaps(valid, tokenizer, seed))
    history = fit(Seq2SeqText(network), lessons, exam, steps=steps, lr=2e-3, seed=seed,
                  checkpoint=beside(folder), resume=True)
    keep(network, tokenizer, folder, history)


def keep(network, tokenizer, folder, history):
    "Weights in half precision, the configuration, the tokenizer, and the record of the training."
    network.half().save_pretrained(folder)
    (folder/'generation_config.json').unlink(missing_ok=True)
    tokenizer.save(str(folder/'tokenizer.json'))
    (folder/'history.json').write_text(history.to_json())
    for path in folder.iterdir(): path.chmod(0o644)
    shutil.rmtree(beside(folder))


def main():
    parser = ArgumentParser(description=__doc__.split('\n')[0])
    package = Path(__file__).parent.parent/'melodynb'
    parser.add_argument('--folder', type=Path, default=package/'stand_in')
    parser.add_argument('--steps', type=int, default=5000)
    parser.add_argument('--seed', type=int, default=0)
    parser.add_argument('--only', choices=['gpt2', 'bart'])
    parser.add_argument('--texts', type=int, help='only so many, for a trial')
    options = parser.parse_args()
    texts = prose(options.texts)
    print(f'{len(texts):,} texts, {sum(map(len, texts)):,} characters')
    for name, build in dict(gpt2=build_gpt2, bart=build_bart).items():
        if options.only not in (None, name): continue
        build(options.folder/f'{name}-stand-in', texts, options.steps, options.seed)


if __name__ == '__main__': main()
