"""The arms of form: one thing changed at a time, a record that goes on where it stopped."""
import json

import numpy as np
import pytest
import torch

from melodynb.bar_transformer import BarTransformer, bar_tokenizer
from melodynb.corpus import load_corpus
from melodynb.form import FORM
from melodynb.form_studies import (
    ARMS, FORM_KEPT, _network, _settings, kept_form, read_form_studies, record_studies, study, written)
from melodynb.models import load
from melodynb.score import MelodyError


def test_every_arm_runs_and_says_what_it_measured():
    found = {arm: study(arm, 1, 'tiny') for arm in ARMS}
    for arm, row in found.items():
        bits = np.array(row['bits'])
        assert row['arm'] == arm and (bits > 0).all() and bits.shape[1] == 2
        assert list(row['form']) == list(FORM_KEPT) and set(FORM_KEPT) <= set(FORM)
    assert found['a third of the training']['steps'] < found['all of it']['steps']
    assert found['all of it']['bits'] != found['turned by tokens alone']['bits']
    assert study('no dropout', 1, 'tiny')['bits'] == found['no dropout']['bits'] # same seed, same run
    with pytest.raises(MelodyError, match='there are all of it'): study('loud')


def test_a_record_goes_on_where_it_stopped(tmp_path):
    path = tmp_path/'record.json'
    record_studies(path, ['all of it'], (0,), 'tiny', log=lambda line: None)
    first = json.loads(path.read_text())
    said = []
    record_studies(path, ['all of it', 'no dropout'], (0,), 'tiny', log=said.append)
    both = json.loads(path.read_text())
    assert both[:1] == first and len(both) == 2 and len(said) == 1


def test_what_is_written_is_unselected_and_comes_again():
    pair = load('remi-folk')
    first, again = written(*pair, 3, seed=2), written(*pair, 3, seed=2)
    assert first == again and len(first) == 3
    assert {len(values) for values in kept_form(first).values()} == {3}


def test_the_record_holds_runs_of_these_arms():
    rows = read_form_studies()
    assert {row['arm'] for row in rows} <= set(ARMS) and {row['size'] for row in rows} == {'gpu'}
    assert len({(row['arm'], row['seed']) for row in rows}) == len(rows) >= 9
    for row in rows:
        nats = [valid for _, valid in row['curve']]
        assert nats[-1] < nats[0] and len(row['bits']) == len(rows[0]['bits'])
        assert all(0 <= some <= all_ for counts in row['form'].values() for some, all_ in counts)


def test_an_arm_that_reads_itself_changes_pitches_alone():
    torch.manual_seed(0)
    tokenizer = bar_tokenizer('folk')
    model = _network(tokenizer, _settings('a seventh of the notes it reads are its own', 'tiny'))
    ids = torch.tensor(tokenizer.piece(load_corpus('folk')[0])[None, :250].astype(int))
    mixed = model.train().mixed(ids)
    pitched = torch.tensor([[tokenizer.kinds[id] == 'Pitch' for id in ids[0]]])
    moved = mixed != ids
    assert not moved[~pitched].any() and .02 < moved[pitched].float().mean() < .35
    assert all(tokenizer.kinds[id] == 'Pitch' for id in mixed[moved])
    assert torch.equal(model.eval()(ids), BarTransformer.forward(model, ids)) # asked, it reads what it is given
