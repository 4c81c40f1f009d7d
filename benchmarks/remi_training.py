"""Training attempt 4, against the same model built of nn.TransformerEncoder layers, and on a GPU against the chip's own limit.

The two give the same logits. Without dropout they also take the same time: both spend it in matrix products and in PyTorch's fused attention.
With dropout, nn.TransformerEncoderLayer drops attention weights too, for which a CPU has no fused attention; ours drops what a half block adds."""
import argparse
import time
from statistics import median

import torch
from torch import nn

from benchmarks.timing import medians, seconds, table
from benchmarks.training import fit_step, flops
from melodynb.models import Waves
from melodynb.remi_transformer import RemiTransformer
from melodynb.train import _accelerator

VOCAB, CONTEXT, WIDTH, LAYERS, HEADS = 493, 512, 192, 3, 4


class Encoder(nn.Module):
    "The same sizes from PyTorch's own layers, put together as their documentation shows."
    def __init__(self, dropout, hint=None):
        super().__init__()
        self.tokens, self.places, self.dropout = nn.Embedding(VOCAB, WIDTH), Waves(CONTEXT, WIDTH), nn.Dropout(dropout)
        layer = nn.TransformerEncoderLayer(WIDTH, HEADS, 4*WIDTH, dropout, batch_first=True, norm_first=True)
        self.encoder = nn.TransformerEncoder(layer, LAYERS, norm=nn.LayerNorm(WIDTH), enable_nested_tensor=False)
        self.head, self.hint = nn.Linear(WIDTH, VOCAB), hint
        self.register_buffer('mask', nn.Transformer.generate_square_subsequent_mask(CONTEXT))

    def forward(self, ids):
        x = self.dropout(self.tokens(ids)*WIDTH**.5 + self.places.weight)
        return self.head(self.encoder(x, mask=self.mask, is_causal=self.hint))


def ours(**options): return RemiTransformer(VOCAB, context=CONTEXT, width=WIDTH, layers=LAYERS, heads=HEADS, **options)


NAMES = {'blocks': 'encoder.layers', 'attention.qkv.weight': 'self_attn.in_proj_weight', 'attention.out': 'self_attn.out_proj',
         'feed.wide': 'linear1', 'feed.back': 'linear2'}


def as_encoder(model):
    "The weights of a RemiTransformer under the names of an Encoder."
    state = model.state_dict()
    for old, new in NAMES.items(): state = {name.replace(old, new): weight for name, weight in state.items()}
    return {f'encoder.{name}' if name.startswith('norm.') else name: weight for name, weight in state.items()}


def same_function():
    "Stop unless both give the same logits with the same weights."
    model, encoder, ids = ours().eval(), Encoder(.1).eval(), torch.randint(VOCAB, (2, CONTEXT))
    missing, unknown = encoder.load_state_dict(as_encoder(model), strict=False)
    assert not unknown and all(name.endswith(('in_proj_bias', 'mask')) or name.startswith('places') for name in missing), (missing, unknown)
    with torch.no_grad(): torch.testing.assert_close(model(ids), encoder(ids), atol=1e-4, rtol=1e-4)


def on_cpu(batch, rounds):
    "Both under the loop of `fit`, with one optimizer, with dropout and without."
    same_function()
    rows, data = [], torch.randint(VOCAB, (2, batch, CONTEXT))
    with _accelerator() as accelerator:
        for dropout in .1, 0.:
            models = {'melodynb': ours(dropout=dropout), 'melodynb, rotary positions': ours(dropout=dropout, position='rotary'),
                      'nn.TransformerEncoder, mask': Encoder(dropout), 'nn.TransformerEncoder, mask and is_causal': Encoder(dropout, True)}
            spent = medians({name: fit_step(model, *data, accelerator) for name, model in models.items()}, rounds, time.process_time)
            rows += [(f'{name}, dropout {dropout:g}', f'{data[0].numel()/time:,.0f}', time/spent['melodynb']) for name, time in spent.items()]
    table(f'Training steps of {LAYERS} x {WIDTH}, {VOCAB} tokens, {batch} x {CONTEXT}, 1 thread, torch {torch.__version__}',
          ('', 'tokens/s', 'time against melodynb'), rows)


def wait(job):
    "The job, and all that it left to the GPU."
    def whole():
        job()
        torch.cuda.synchronize()
    return whole


def matrix_rate(size=8192):
    "Multiplications and additions a second that a plain product in bfloat16 reaches."
    square = torch.randn(size, size, device='cuda', dtype=torch.bfloat16)
    return 2*size**3 / medians({'': wait(lambda: square @ square)}, 20)['']


def on_gpu(batch, rounds):
    "Tokens a second and the share of the matrix rate, `torch.compile` off and on."
    limit, rows = matrix_rate(), []
    data = torch.randint(VOCAB, (2, batch, CONTEXT), device='cuda')
    work = flops(data[0].numel(), VOCAB, CONTEXT, WIDTH, LAYERS)
    with _accelerator() as accelerator:
        for name, change in ('plain', lambda model: model), ('torch.compile', torch.compile):
            step = wait(fit_step(change(ours(position='rotary').to('cuda')), *data, accelerator))
            for _ in range(5): step()
            spent = median(seconds(step) for _ in range(rounds))
            rows.append((name, f'{data[0].numel()/spent:,.0f}', f'{work/spent/limit:.1%}'))
    table(f'{torch.cuda.get_device_name()}: {LAYERS} x {WIDTH}, {batch} x {CONTEXT}; a plain product in bfloat16 reaches {limit/1e12:.0f} TFLOP/s',
          ('', 'tokens/s', 'of the matrix rate'), rows)


if __name__ == '__main__':
    ask = argparse.ArgumentParser(description=__doc__)
    ask.add_argument('--batch', type=int, default=8, help='rows of a batch on the CPU')
    ask.add_argument('--rounds', type=int, default=5)
    asked = ask.parse_args()
    torch.manual_seed(0)
    if torch.cuda.is_available(): on_gpu(batch=128, rounds=30)
    else:
        torch.set_num_threads(1)
        on_cpu(asked.batch, asked.rounds)
