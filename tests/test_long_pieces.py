"Pieces that outgrow the context: what a model keeps in view of them, and what that is worth."
import json

import numpy as np
import pytest
import torch
from hypothesis import given, settings, strategies as st

from melodynb.bar_transformer import read_places
from melodynb.compose import compose
from melodynb.corpus import load_corpus
from melodynb.models import load, save
from melodynb.recipe import Recipe, make
from melodynb.sample import Dice

ROOM = 128 # tokens, so that windows slide soon

@pytest.fixture(scope='module')
def short_sighted():
    "remi-folk as it is, with less room."
    model, tokenizer = load('remi-folk')
    model.context = ROOM
    return model, tokenizer


@given(number=st.integers(0, 2000), stop=st.integers(70, 400), room=st.integers(24, 64))
@settings(max_examples=60, deadline=None)
def test_a_window_knows_the_key_and_the_place_in_the_bar(short_sighted, number, stop, room):
    model, tokenizer = short_sighted
    ids = tokenizer.piece(load_corpus('folk')[number]).tolist()[:stop]
    room = min(room, len(ids) - 1)
    places = model.window(ids, room)
    read = [ids[place] for place in places]
    assert len(places) <= room and len({*places}) == len(places) and places[-1] == len(ids) - 1
    if tokenizer.kinds[read[0]] != 'Start': return # a bar that is longer than the room
    def end(row): # step in the bar, tonic
        (_, step, tonic), _ = read_places(model.facts, torch.tensor([row]), torch.zeros(5, 1).long())
        return int(step[0, -1]), int(tonic[0, -1])
    assert end(read) == end(ids)
    kinds = [tokenizer.kinds[id] for id in read[:4]]
    head = ['Start', 'Bar', 'Meter', 'Key'] if len(read) > 3 else ['Start', 'Bar', 'Key'] # at a bar line
    assert kinds == head and places[4:] == sorted(places[4:])


def test_a_long_piece_stays_in_its_key(short_sighted):
    "Without its key in view it leaves the scale within a few dozen bars."
    pieces = compose(short_sighted, bars=40, key='D major', revisions=0, seed=range(4))
    late = [note.pitch % 12 for piece in pieces for note in piece.notes if note.start > 80]
    assert np.mean(np.isin(late, [1, 2, 4, 6, 7, 9, 11])) > .9


def test_odds_of_a_long_piece_are_those_that_the_dice_saw(short_sighted, tmp_path):
    config = save(*short_sighted, tmp_path/'short')/'config.json'
    config.write_text(json.dumps(json.loads(config.read_text()) | dict(context=ROOM)))
    wishes = dict(bars=40, seed=1, key='A major', revisions=0, top_p=None, temperature=1.)
    result = make(Recipe(str(tmp_path/'short'), **wishes))
    dice = Dice([1], len(short_sighted[1]))
    thrown = [dice.noise()[0] for _ in range(len(result.ids) - result.pen.given)]
    for note in list(result.places)[60::25]:
        at = result.token_of(note)
        logits = short_sighted[0](torch.tensor([result.read_before(note)]))[0, -1]
        allowed = torch.as_tensor(result.pen.follows(result.ids[:at]))
        best = (logits.masked_fill(~allowed, -torch.inf) + thrown[at - result.pen.given]).argmax()
        assert int(best) == result.ids[at]
        assert sum(result.attention(note).values()) == pytest.approx(1, abs=1e-4)
