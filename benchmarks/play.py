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


WAYS = {'WebAssembly, four numbers at once': False, 'plain JavaScript': True}


def tokens(name, count, plain):
    "A question: how many seconds of processor time so many tokens take."
    return dict(act='logits', model=name, plain=plain, seconds=True, parts=[[1 + i % 12] for i in range(count)])


def token_times():
    "Milliseconds of processor time for a token, the two ways in turns."
    jobs = [('char-gpt', sized(256, 8)), ('remi-folk', sized(256, 8)), ('remi-folk', sized(1000, 16))]
    asked = [(*job, plain) for _ in range(sized(5, 1)) for job in jobs for plain in WAYS.values()]
    warm = [tokens(name, sized(64, 1), plain) for name in NAMES for plain in WAYS.values()]
    found = ask(*warm, *(tokens(*one) for one in asked))[len(warm):]
    spent = np.median(np.array(found).reshape(-1, len(jobs), len(WAYS)), 0)*1000
    rows = [(f'{name}, the first {count}', *map(float, row/count), float(row[1]/row[0]))
            for (name, count), row in zip(jobs, spent)]
    table('ms for a token under Node.js, one thread', ('what', *WAYS, 'ratio'), rows)


def pieces():
    "How much faster than it sounds a piece is written."
    wish = dict(bars=sized(16, 1), temperature=.9, topP=.9, key=None, meter=None, opening='')
    recipes = [dict(wish, seed=seed) for seed in range(sized(8, 1))]
    rows = []
    for way, plain in WAYS.items():
        found = ask(*(dict(act='piece', recipe=dict(recipe, plain=plain)) for recipe in recipes))
        heard = sum(piece['end']/12*60/piece['tempos'][0]['bpm'] for piece in found)
        taken = sum(piece['seconds'] for piece in found)
        rows.append((way, taken, heard, heard/taken))
    table(f'{len(recipes)} pieces of {wish["bars"]} bars, their tried endings included',
          ('way', 's to write', 's to hear', 'times real time'), rows)


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
    if shutil.which('node'):
        token_times()
        pieces()
    cost()
