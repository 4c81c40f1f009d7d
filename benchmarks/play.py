"The page 'Play it here': what comes before the first note, how fast its networks run, what other weights cost."
import copy
import gzip
import json
import shutil
import subprocess
import tempfile
from pathlib import Path

import numpy as np
import torch

from benchmarks.timing import sized, table
from melodynb.figures import per_symbol
from melodynb.models import load
from melodynb.remi_transformer import bits_per_note, kind_losses, split_music

ROOT = Path(__file__).resolve().parents[1]
PLAY = ROOT/'nbs'/'play'
NAMES = 'char-gpt', 'remi-folk'


def zipped(path): return len(gzip.compress(path.read_bytes(), 9))


def sizes():
    "What a browser fetches, as a server sends it."
    files = {path.relative_to(PLAY).as_posix(): zipped(path) for path in PLAY.rglob('*') if path.is_file()}
    vendored = sum(size for name, size in files.items() if name.startswith('vendor/'))
    models = {name: files[f'{name}.safetensors'] for name in NAMES}
    own = sum(files.values()) - vendored - sum(models.values())
    rows = [('scripts, styles, sounds, grammar', own/1e6), *((name, size/1e6) for name, size in models.items()),
            ('before the first note, attempt 4', (own + models['remi-folk'])/1e6),
            ('engraver, on demand', vendored/1e6), ('all of it', sum(files.values())/1e6)]
    table('Size, gzipped', ('what', 'MB'), rows)


def ask(*questions):
    "What the page's scripts answer under Node.js."
    with tempfile.TemporaryDirectory() as folder:
        for path in PLAY.iterdir():
            if path.is_file(): shutil.copy(path, folder)
        (Path(folder)/'package.json').write_text('{"type": "module"}')
        command = ['node', ROOT/'tests'/'play.mjs', folder]
        done = subprocess.run(command, input=json.dumps(questions), capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def speed():
    "Milliseconds of processor time for a token, and how much faster than it sounds a piece is written."
    count = sized(256, 8)
    rounds = [dict(act='logits', model=name, parts=[[1 + i % 12] for i in range(count)], seconds=True)
              for _ in range(sized(5, 1)) for name in NAMES]
    spent = np.array(ask(*rounds)).reshape(-1, len(NAMES))/count*1000
    rows = [(f'{name}, a token of the first {count}', float(time)) for name, time in zip(NAMES, np.median(spent, 0))]
    wish = dict(bars=sized(16, 1), temperature=.9, topP=.9, key=None, meter=None, opening='')
    pieces = ask(*(dict(act='piece', recipe=dict(wish, seed=seed)) for seed in range(sized(8, 1))))
    heard = sum(piece['end']/12*60/piece['tempos'][0]['bpm'] for piece in pieces)
    taken = sum(piece['seconds'] for piece in pieces)
    table('Speed under Node.js, one thread', ('what', 'ms'), rows)
    table(f'{len(pieces)} pieces of {wish["bars"]} bars, their tried endings included', ('what', ''),
          [('seconds to write', taken), ('seconds to hear', heard), ('times real time', heard/taken)])


def in_bytes(model):
    "The model with every matrix as whole numbers from -127 to 127, row by row, and a scale for each row."
    model = copy.deepcopy(model)
    for weight in model.parameters():
        if weight.ndim < 2: continue
        scale = weight.data.abs().amax(1, keepdim=True)/127
        weight.data = (weight.data/scale).round()*scale
    return model


def cost():
    "Bits per note of held-out tunes, with the weights that ship and with one byte a weight."
    model, tokenizer = load('remi-folk')
    pieces = split_music('folk')[2][:sized(262, 2)]
    def bits(model): return float(per_symbol(bits_per_note(kind_losses(model.eval(), tokenizer, pieces))))
    usual, small = bits(model), bits(in_bytes(model))
    table(f'remi-folk on {len(pieces)} held-out tunes', ('weights', 'bits per note', 'worse by %'),
          [('half precision, as shipped', f'{usual:.4f}', 0.),
           ('one byte, by row', f'{small:.4f}', 100*(small/usual - 1))])


if __name__ == '__main__':
    torch.set_num_threads(1)
    sizes()
    if shutil.which('node'): speed()
    cost()
