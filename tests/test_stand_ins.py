"The script that makes the stand-ins, tried on a little prose."
import os
import subprocess
import sys
from pathlib import Path

import torch

from melodynb.pretrained import CausalText, Seq2SeqText, TextTokenizer, borrow

ROOT = Path(__file__).parent.parent


def test_the_script_makes_what_can_be_borrowed(tmp_path):
    script = ROOT/'data'/'build_stand_ins.py'
    command = [sys.executable, script, '--folder', tmp_path, '--steps', '2', '--texts', '300']
    environment = dict(os.environ, OMP_NUM_THREADS='1')
    done = subprocess.run([*map(str, command)], capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr[-3000:]
    for name, wrap in (('gpt2-stand-in', CausalText), ('bart-stand-in', Seq2SeqText)):
        folder = tmp_path/name
        made = {path.name for path in folder.iterdir()}
        assert made == {'config.json', 'history.json', 'model.safetensors', 'tokenizer.json'}
        tokenizer, model = TextTokenizer(str(folder), ['C4_q']), wrap(borrow(str(folder)))
        ids = torch.tensor([tokenizer.encode('Return the next note')])
        given = ids if wrap is CausalText else torch.stack([ids, ids], 1)
        with torch.no_grad(): assert model(given).isfinite().all()
    assert not list(tmp_path.glob('*-checkpoint'))


def test_what_ships_knows_some_english():
    tokenizer = TextTokenizer('gpt2-stand-in')
    model = CausalText(borrow('gpt2-stand-in'))
    def nats(text):
        ids = torch.tensor([[*tokenizer.start, *tokenizer.encode(text)]])
        with torch.no_grad(): logits = model(ids)[0, :-1]
        return torch.nn.functional.cross_entropy(logits, ids[0, 1:]).item()
    sentence = 'Return the name of the file, or None if it does not exist.'
    assert nats(sentence) < 4 < nats(' '.join(reversed(sentence.split()))) # the uniform guess is 7.6
