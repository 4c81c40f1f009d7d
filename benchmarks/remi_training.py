"""Training attempt 4, against the same model built of nn.TransformerEncoder layers; on a GPU against the chip's limit.

The two give the same logits. Without dropout they also take the same time: both spend it in matrix products and in
PyTorch's fused attention. With dropout, nn.TransformerEncoderLayer drops attention weights too, for which a CPU has
no fused attention; ours drops what a half block adds. With MELODYNB_SIZE=tiny batches are small and rounds few."""
import argparse
import time
from statistics import median

import torch
from torch import nn

from benchmarks.timing import medians, seconds, table
from benchmarks.training import fit_step, flops
from melodynb.models import Waves
from melodynb.remi_studies import RemiTransformer
from melodynb.train import preset

VOCAB, CONTEXT, WIDTH, LAYERS, HEADS = 493, 512, 192, 3, 4
FULL = dict(cpu=dict(batch=8, rounds=5), cuda=dict(batch=128, rounds=30))
TINY = dict(cpu=dict(batch=1, rounds=1), cuda=dict(batch=2, rounds=3))


class Encoder(nn.Module):
    "The same sizes from PyTorch's own layers, put together as their documentation shows."
    def __init__(self, dropout, hint=None):
        super().__init__()
        self.tokens = nn.Embedding(VOCAB, WIDTH)
        self.places = Waves(CONTEXT, WIDTH)
        self.dropout = nn.Dropout(dropout)
        norm = nn.LayerNorm(WIDTH)
        layer = nn.TransformerEncoderLayer(WIDTH, HEADS, 4*WIDTH, dropout, batch_first=True, norm_first=True)
        self.encoder = nn.TransformerEncoder(layer, LAYERS, norm=norm, enable_nested_tensor=False)
        self.head = nn.Linear(WIDTH, VOCAB)
        self.hint = hint
        self.register_buffer('mask', nn.Transformer.generate_square_subsequent_mask(CONTEXT))

    def forward(self, ids):
        x = self.dropout(self.tokens(ids)*WIDTH**.5 + self.places.weight)
        return self.head(self.encoder(x, mask=self.mask, is_causal=self.hint))


def ours(**options):
    return RemiTransformer(VOCAB, context=CONTEXT, width=WIDTH, layers=LAYERS, heads=HEADS, **options)


NAMES = {'blocks': 'encoder.layers', 'attention.qkv.weight': 'self_attn.in_proj_weight',
         'attention.out': 'self_attn.out_proj', 'feed.wide': 'linear1', 'feed.back': 'linear2'}


def as_encoder(model):
    "The weights of a RemiTransformer under the names of an Encoder."
    state = model.state_dict()
    for old, new in NAMES.items():
        state = {name.replace(old, new): weight for name, weight in state.items()}
    return {f'encoder.{name}' if name.startswith('norm.') else name: weight for name, weight in state.items()}


def of_encoder_alone(name):
    "Whether only an Encoder has a weight of this name."
    return name.endswith(('in_proj_bias', 'mask')) or name.startswith('places')


def same_function():
    "Stop unless both give the same logits with the same weights."
    model, encoder = ours().eval(), Encoder(.1).eval()
    missing, unknown = encoder.load_state_dict(as_encoder(model), strict=False)
    assert not unknown and all(map(of_encoder_alone, missing)), (missing, unknown)
    ids = torch.randint(VOCAB, (2, CONTEXT))
    with torch.no_grad(): torch.testing.assert_close(model(ids), encoder(ids), atol=1e-4, rtol=1e-4)


def on_cpu(batch, rounds):
    "Both under the loop of `fit`, with one optimizer, with dropout and without."
    same_function()
    rows, data = [], torch.randint(VOCAB, (2, batch, CONTEXT))
    for dropout in .1, 0.:
        models = {
            'melodynb': ours(dropout=dropout),
            'melodynb, rotary positions': ours(dropout=dropout, position='rotary'),
            'nn.TransformerEncoder, mask': Encoder(dropout),
            'nn.TransformerEncoder, mask and is_causal': Encoder(dropout, True),
        }
        steps = {name: fit_step(model, *data) for name, model in models.items()}
        spent = medians(steps, rounds, time.process_time)
        for name, one in spent.items():
            rows.append((f'{name}, dropout {dropout:g}', f'{data[0].numel()/one:,.0f}', one/spent['melodynb']))
    table(f'Training steps of {LAYERS} x {WIDTH}, {VOCAB} tokens, {batch} x {CONTEXT}, '
          f'1 thread, torch {torch.__version__}',
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
    for name in 'plain', 'torch.compile':
        model = ours(position='rotary').to('cuda')
        step = wait(fit_step(model if name == 'plain' else torch.compile(model), *data))
        for _ in range(5): step()
        spent = median(seconds(step) for _ in range(rounds))
        rows.append((name, f'{data[0].numel()/spent:,.0f}', f'{work/spent/limit:.1%}'))
    table(f'{torch.cuda.get_device_name()}: {LAYERS} x {WIDTH}, {batch} x {CONTEXT}; '
          f'a plain product in bfloat16 reaches {limit/1e12:.0f} TFLOP/s',
          ('', 'tokens/s', 'of the matrix rate'), rows)


def main():
    size = (TINY if preset() == 'tiny' else FULL)['cuda' if torch.cuda.is_available() else 'cpu']
    ask = argparse.ArgumentParser(description=__doc__)
    ask.add_argument('--batch', type=int, default=size['batch'], help='rows of a batch')
    ask.add_argument('--rounds', type=int, default=size['rounds'])
    asked = ask.parse_args()
    torch.manual_seed(0)
    if torch.cuda.is_available(): return on_gpu(asked.batch, asked.rounds)
    torch.set_num_threads(1)
    on_cpu(asked.batch, asked.rounds)


if __name__ == '__main__': main()
