"A cheaper update is the same update; an arm measures what it says; the record is one the command could have written."
import json
from importlib.resources import files

import numpy as np
import pytest
import torch

from melodynb.language_models import NETWORKS, Asked, Thrifty, mean_price, record_networks, study, word_starts
from melodynb.lora_gpt2 import Arm, note_words, texts
from melodynb.pretrained import CausalText, TextTokenizer, add_lora, add_rows, borrow
from melodynb.score import MelodyError
from melodynb.text import is_rest, words_of
from melodynb.train import updates

BASE = 'gpt2-stand-in'
WHOLE = TextTokenizer(BASE, note_words(), swallow=True)
PIECES = TextTokenizer(BASE)


def lent(tokenizer, rows=()):
    torch.manual_seed(0)
    return add_lora(add_rows(borrow(BASE), len(tokenizer.words)), trained=rows)


@pytest.mark.parametrize('tokenizer, rows', [
    (WHOLE, ()), (WHOLE, WHOLE.words), (WHOLE, [*WHOLE.words][::7]), (PIECES, [5, 60, 300])])
@pytest.mark.parametrize('size', [7, 128])
def test_a_thrifty_update_is_that_of_peft(tokenizer, rows, size):
    batches = tokenizer.batches(texts(Arm())[:9], context=48, batch_size=3)
    usual, thrifty = CausalText(lent(tokenizer, rows)), Thrifty(lent(tokenizer), rows, size=size)
    how = dict(steps=5, lr=1e-2, precision='no')
    plain = [*updates(usual, batches, **how)]
    assert np.allclose(plain, [*updates(thrifty, Asked(batches), loss_fn=mean_price, **how)], atol=1e-4)
    assert plain[-1] < plain[0]
    ids = torch.tensor([tokenizer.encode(texts(Arm())[0])[:50]])
    with torch.no_grad(): assert torch.allclose(thrifty.settle()(input_ids=ids).logits, usual(ids), atol=1e-3)


def test_half_precision_is_near():
    batches = WHOLE.batches(texts(Arm())[:9], context=48, batch_size=3)
    how = dict(steps=4, lr=1e-2, loss_fn=mean_price)
    whole, half = ([*updates(Thrifty(lent(WHOLE), WHOLE.words, half=half), Asked(batches), precision=precision, **how)]
                   for half, precision in ((False, 'no'), (True, 'bf16')))
    assert whole != half and np.allclose(whole, half, atol=.1)


@pytest.mark.parametrize('tokenizer', [WHOLE, PIECES, TextTokenizer(BASE, note_words())])
def test_every_word_begins_once(tokenizer):
    for line in texts(Arm())[::40]:
        ids, kinds = word_starts(tokenizer, line)
        assert ids == tokenizer.encode(line)
        assert [kind - 2 for kind in kinds if kind > 1] == [is_rest(word) for word in words_of(line)]
        assert kinds[0] == 0 and kinds[-1] == 1


def test_an_arm_and_a_record_that_goes_on(tmp_path):
    path = tmp_path/'record.json'
    rows = record_networks(path, ['stand-in'], seeds=[0], size='tiny', log=lambda line: None)
    assert len(rows) == 4 and json.loads(path.read_text()) == rows
    path.write_text(json.dumps(rows[1:]))
    again = record_networks(path, ['stand-in'], seeds=[0], size='tiny', log=lambda line: None)
    same = [{**row, 'seconds': 0} for row in (again[-1], rows[0])]
    assert same[0] == same[1] and again[:3] == rows[1:]
    for row in rows:
        exam = np.array(row['exam'])
        assert (exam[:, 1] >= exam[:, 2]).all() and (exam[:, 1:2] + .1 >= exam[:, 3:]).all() and (exam[:, 0] > 0).all()
        assert exam[:, 1].sum() - exam[:, 2].sum() == sum(row['notes'])


def test_the_record_that_ships():
    rows = json.loads((files('melodynb')/'data/language_models.json').read_text())
    assert {row['network'] for row in rows} == {*NETWORKS}
    lines = {tuple(row['notes']) for row in rows if row['rest'] == 1}
    for row in rows:
        words, rests = np.array(row['exam']).sum(0)[1:3]
        assert words - rests == sum(row['notes'])
    assert len(lines) == 1 and all(np.isfinite(row['losses']).all() for row in rows) # one exam for all


def test_an_unknown_network():
    with pytest.raises(MelodyError, match='SmolLM2'): study('GPT-5', 'lora', 'whole', size='tiny')
