"""The arms of form: one thing changed at a time, a record that goes on where it stopped."""
import json

import numpy as np
import pytest

from melodynb.form import FORM
from melodynb.form_studies import ARMS, FORM_KEPT, kept_form, record_studies, study, written
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
