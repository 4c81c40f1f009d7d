"Files that nobody vouches for: damaged ones for every reader, `benchmarks.stress.fuzz` in short, and bounds lowered."
import json
import random
import sys
from pathlib import Path

import pytest
import torch

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))
from benchmarks.stress import fuzz  # noqa: E402
from benchmarks.stress.readers import READERS, a_test, history_tree, token_file  # noqa: E402
from melodynb import models, pretrained, train  # noqa: E402
from melodynb.listening import _read_answers  # noqa: E402
from melodynb.models import Decoder, load, save  # noqa: E402
from melodynb.pretrained import TextTokenizer  # noqa: E402
from melodynb.remi import VoiceGrid  # noqa: E402
from melodynb.score import MelodyError, Score  # noqa: E402
from melodynb.token_file import TokenFile  # noqa: E402
from melodynb.tokenizers import BaseTokenizer, CharTokenizer  # noqa: E402
from melodynb.train import History  # noqa: E402


@pytest.mark.parametrize('name', READERS)
def test_damaged_files_are_read_or_refused_in_a_sentence(name):
    fuzz.prepared(name)
    state = fuzz.empty()
    fuzz.go_on(name, 'short', max(60, READERS[name].share//2), state, lambda: None)
    assert state['failures'] == [] and state['accepted'] + state['refused'] == state['done'] >= 20
    assert state['accepted'] >= state['done']/5 and state['refused']


def test_a_failure_is_noticed(monkeypatch):
    "An error of another kind, a page for a sentence, a slow one, a large one, and a process that dies."
    def page(): raise MelodyError('a'*2000)
    def slow():
        while True: pass
    ends = [lambda: 1/0, page, slow, lambda: None]
    monkeypatch.setattr(fuzz, 'SECONDS', .05)
    assert [fuzz.limited(run)[0] for run in ends] == ['ZeroDivisionError', 'not a sentence', 'TooSlow', 'accepted']
    state = fuzz.empty()
    fuzz.note(state, 'accepted', '', 1, 0)
    fuzz.note(state, 'accepted', '', 0, 10**9)
    assert len(state['failures']) == 2
    die = fuzz.READERS['histories']._replace(read=lambda made, rng: __import__('os')._exit(3))
    monkeypatch.setitem(fuzz.READERS, 'histories', die)
    state = fuzz.empty()
    fuzz.go_on('histories', 0, 3, state, lambda: None)
    assert [why for why, _ in state['failures']] == ['died']*3


def test_what_was_tried_is_not_tried_again(monkeypatch):
    "A run goes on with the next number, and the same number is the same input."
    assert history_tree(random.Random('0 histories 3')) == history_tree(random.Random('0 histories 3'))
    fuzz.prepared('histories')
    half, whole = fuzz.empty(), fuzz.empty()
    for most in (20, 40): fuzz.go_on('histories', 0, most, half, lambda: None)
    fuzz.go_on('histories', 0, 40, whole, lambda: None)
    assert (half['accepted'], half['refused']) == (whole['accepted'], whole['refused']) and half['done'] == 40


# Bounds in front of other software: a harmless file, and a lowered limit

@pytest.fixture
def folder(tmp_path):
    torch.manual_seed(0)
    model = Decoder(vocab_size=14, context=8, width=8, layers=2, heads=2, position='rotary')
    return save(model, CharTokenizer(), tmp_path/'model', card='# A model')


@pytest.mark.parametrize('limit, value, words', [
    ('_MOST_TENSORS', 10, 'more than 10 tensors'), ('_MOST_FIXED', 40, 'buffers of more than 40 numbers'),
    ('_LONGEST_CARD', 10, 'above the limit of 10')])
def test_a_model_of_too_much_is_refused_before_it_is_made(folder, monkeypatch, limit, value, words):
    load(folder)
    monkeypatch.setattr(models, limit, value)
    with pytest.raises(MelodyError, match=words): load(folder)


def test_a_card_that_is_no_text(folder):
    (folder/'README.md').write_bytes(b'# \xff')
    with pytest.raises(MelodyError, match='no text in UTF-8 .byte 2'): load(folder)


def test_a_config_for_more_than_a_machine_holds(folder):
    "Without a limit that is lowered: the numbers alone are large, and cost nothing."
    for name, value in dict(layers=2**20, context=2**20, width=2**20).items():
        config = json.loads((folder/'config.json').read_text())
        (folder/'config.json').write_text(json.dumps(config | {name: value}))
        end, _, seconds = fuzz.limited(lambda: load(folder))
        assert end == 'refused' and seconds < 2
        (folder/'config.json').write_text(json.dumps(config))


@pytest.mark.parametrize('options', [dict(voices=10**9), dict(voices=1.5), dict(grid=0), dict(pitches=(0, 10**9)),
                                     dict(pitches=(9, 3)), dict(pitches='ab'), dict(pitches=None)])
def test_a_grid_of_voices_is_bounded(options):
    with pytest.raises(MelodyError): VoiceGrid(**options)
    with pytest.raises(MelodyError): BaseTokenizer.from_dict({'class': 'VoiceGrid', 'options': options, 'vocab': []})


def test_words_and_bases_of_a_text_tokenizer_are_bounded(monkeypatch):
    monkeypatch.setattr(pretrained, '_MOST_WORDS', 3)
    assert len(TextTokenizer(words=['a_a', 'b_b', 'c_c']).words) == 3
    for words in (list('abcd'), ['a'*101], ['a\0b'], [7]):
        with pytest.raises(MelodyError): TextTokenizer(words=words)
    for options in (dict(base=7), dict(base='x'*1001), dict(swallow='no')):
        with pytest.raises(MelodyError): TextTokenizer(**options)
    with pytest.raises(MelodyError): CharTokenizer(octaves='yes')


@pytest.mark.parametrize('text', ['['*100_000, '[]', '7', '{"rows": 7}', '{"rows": [[1, 2]]}', '{"parameters": "many"}',
                                  '{"rows": [[-1, 1, 1, 1, 1]]}', '{"rows": [[1, null, 1, 1, 1]]}',
                                  '{"stopped": []}', '{"rows": {}}', '{"rows": [null]}'])
def test_a_history_of_another_form_is_refused(text):
    with pytest.raises(MelodyError, match='no saved History'): History.from_json(text)


def test_no_meter_of_infinity():
    for meter in ((float('inf'), 4), (4, float('nan')), '6'*5000 + '/8'):
        with pytest.raises(MelodyError, match='meter='): Score(meter=meter)


def test_a_checkpoint_of_another_form_is_damaged(tmp_path):
    from melodynb.tokenizers import CharTokenizer
    t = CharTokenizer()
    batches = t.batches(['CDEF'*9]*2, context=8, batch_size=2)
    def run():
        torch.manual_seed(0)
        model = Decoder(14, context=8, width=8, layers=1, heads=2)
        train.fit(model, batches, steps=1, checkpoint=tmp_path, resume=True, log=None)
    run()
    tensors, state = train._read_state(tmp_path/'checkpoint.safetensors')
    odd = [dict(history=7), dict(facts=[]), dict(position=7), dict(position=[0]*300), dict(position=[0, -1]),
           dict(step=float('nan')), dict(seconds=None), dict(since='ab'), dict(stale=10**40), dict(history=dict(rows=[7]))]
    for other in ({}, {name: state[name] for name in state if name != 'step'}, *(state | wrong for wrong in odd)):
        train._write_state(tmp_path/'checkpoint.safetensors', tensors, other)
        with pytest.raises(MelodyError, match='damaged'): run()


@pytest.mark.parametrize('lost', ['tokenizer', 'sha256'])
def test_a_token_file_whose_header_lacks_something_is_damaged(tmp_path, lost):
    header, ids = token_file()
    text = json.dumps({name: value for name, value in header.items() if name != lost}).encode()
    (tmp_path/'t').write_bytes(b'melodynb tokens\n' + len(text).to_bytes(8, 'little') + text + ids)
    with pytest.raises(MelodyError, match='damaged'): TokenFile(tmp_path/'t')


def test_the_key_of_another_test_is_not_quoted_in_full(tmp_path):
    key, given = a_test()
    (tmp_path/'given.json').write_text(json.dumps(given))
    with pytest.raises(MelodyError) as refused: _read_answers(tmp_path/'given.json', key | dict(test='9'*5000))
    assert len(str(refused.value)) < 300
