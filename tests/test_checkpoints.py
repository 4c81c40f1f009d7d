"Folders of trained models: there and back, and every way in which one can be wrong."
import hashlib
import json
import os
import pickle
import random
import shutil
import struct

import pytest
import torch
from safetensors.torch import load_file, save_file

from melodynb import models
from melodynb.models import Decoder, earlier, file_hash, load, save, shipped, weights_hash
from melodynb.score import MelodyError
from melodynb.remi_studies import RemiTransformer
from melodynb.remi_transformer import shipped_run
from melodynb.tokenizers import CharTokenizer
from melodynb.train import shipped_history

FILES = 'model.safetensors', 'config.json', 'tokenizer.json', 'README.md'
SMALL = dict(vocab_size=14, context=8, width=8, layers=1, heads=2)
IDS = torch.tensor([[0, 5, 5, 6]])


class Variant(Decoder):
    "Defined outside the package: known while this session lasts."
    def __init__(self, vocab_size:int=14, depth:int=1):
        super().__init__(vocab_size, context=8, width=8, layers=depth, heads=2)


def made(kind=Decoder, **changes):
    torch.manual_seed(0)
    sizes = SMALL if kind is Decoder else {}
    return kind(**{**sizes, **changes}).eval()


@pytest.fixture
def folder(tmp_path): return save(made(), CharTokenizer(), tmp_path/'model', card='# A model')


@torch.no_grad()
def same(a, b): return torch.equal(a(IDS), b(IDS))


def refused(folder, *words):
    "The one sentence that loading this folder gives."
    with pytest.raises(MelodyError) as error: load(folder)
    sentence = str(error.value)
    assert '\n' not in sentence and len(sentence) < 700 and str(folder) in sentence, sentence
    for word in words: assert word in sentence, sentence


def change(folder, name, **values):
    found = json.loads((folder/name).read_text())
    (folder/name).write_text(json.dumps({**found, **values}))


def vocab_hash(vocab): return hashlib.sha256(json.dumps(vocab).encode()).hexdigest()


@pytest.mark.parametrize('options', [
    {}, dict(tied=True), dict(position='rotary'), dict(position='sinusoidal'),
    dict(activation='gelu', qkv_bias=True, dropout=.1)])
def test_there_and_back(tmp_path, options):
    model = made(**options)
    again, tok = load(save(model, CharTokenizer(), tmp_path/'model'))
    assert same(again, model) and not again.training and type(again) is Decoder
    assert tok.vocab == CharTokenizer().vocab and again.tokenizer is tok
    assert sum(p.numel() for p in again.parameters()) == sum(p.numel() for p in model.parameters())


def test_octave_tokenizer_and_a_class_of_the_session(tmp_path):
    tok = CharTokenizer(octaves=True)
    again, found = load(save(made(Variant, vocab_size=len(tok), depth=2), tok, tmp_path/'variant'))
    assert type(again) is Variant and len(again.blocks) == 2 and found.vocab == tok.vocab and found.octaves


def test_half_precision_is_half_the_size_and_loads_as_float32(tmp_path):
    model = made(width=64)
    sizes = {}
    for dtype in (torch.float32, torch.float16):
        folder = save(model, CharTokenizer(), tmp_path/str(dtype), dtype=dtype)
        sizes[dtype] = (folder/'model.safetensors').stat().st_size
    assert sizes[torch.float16] < .53*sizes[torch.float32]
    again = load(folder)[0]
    assert {p.dtype for p in again.parameters()} == {torch.float32}
    with torch.no_grad(): torch.testing.assert_close(again(IDS), model(IDS), atol=1e-2, rtol=0)


def test_loading_throws_no_dice_and_saving_is_deterministic(tmp_path, folder):
    torch.manual_seed(3)
    expected = torch.rand(2)
    torch.manual_seed(3)
    load(folder)
    assert torch.equal(torch.rand(2), expected)
    twin = save(load(folder)[0], CharTokenizer(), tmp_path/'twin', card='# A model')
    assert all((twin/name).read_bytes() == (folder/name).read_bytes() for name in FILES)


def test_nothing_is_overwritten_by_silence(tmp_path, folder):
    before = (folder/'model.safetensors').read_bytes()
    with pytest.raises(FileExistsError, match='exist_ok=True'): save(made(width=16), CharTokenizer(), folder)
    assert (folder/'model.safetensors').read_bytes() == before
    save(made(width=16), CharTokenizer(), folder, exist_ok=True)
    assert load(folder)[0].width == 16
    (folder/'history.json').write_text('mine')
    save(made(), CharTokenizer(), folder, exist_ok=True)
    assert (folder/'history.json').read_text() == 'mine' and load(folder)[0].width == 8
    (tmp_path/'project').mkdir()
    (tmp_path/'project'/'README.md').write_text('mine')
    (tmp_path/'file').write_text('mine')
    for target in (tmp_path/'project', tmp_path/'file'):
        with pytest.raises(FileExistsError, match='no model'):
            save(made(), CharTokenizer(), target, exist_ok=True)
    assert (tmp_path/'project'/'README.md').read_text() == (tmp_path/'file').read_text() == 'mine'


def test_a_failed_save_leaves_nothing_behind(tmp_path, folder, monkeypatch):
    def fail(*args, **options): raise OSError('no space left on device')
    monkeypatch.setattr(models, '_write', fail)
    for target in (folder, tmp_path/'new'):
        with pytest.raises(OSError): save(made(), CharTokenizer(), target, exist_ok=True)
    assert [p.name for p in tmp_path.iterdir()] == ['model']
    load(folder)


def test_wrong_tokenizer_is_refused_at_the_door(tmp_path):
    with pytest.raises(MelodyError, match='tokens and the model 14'):
        save(made(), CharTokenizer(octaves=True), tmp_path/'x')


def test_the_hub_verbs_work_on_the_same_folder(tmp_path, folder):
    model = load(folder)[0]
    for found in (Decoder.from_pretrained(folder), Decoder.from_pretrained(str(folder), map_location='cpu')):
        assert same(found, model) and found.tokenizer.vocab == CharTokenizer().vocab
    model.save_pretrained(tmp_path/'hub')
    again, tok = load(tmp_path/'hub')
    assert same(again, model) and tok.vocab == CharTokenizer().vocab
    fresh = made(dropout=.1)
    fresh.save_pretrained(tmp_path/'bare')
    assert same(Decoder.from_pretrained(tmp_path/'bare'), fresh)
    refused(tmp_path/'bare', 'tokenizer.json')


def test_push_to_hub_sends_the_whole_folder(folder, monkeypatch):
    import huggingface_hub.hub_mixin as mixin
    sent = {}
    class Api:
        def __init__(self, **options): pass
        def create_repo(self, repo_id, **options): return type('Repo', (), {'repo_id': repo_id})
        def upload_folder(self, folder_path, **options):
            sent.update({path.name: path.read_bytes() for path in folder_path.iterdir()})
            return 'done'
    monkeypatch.setattr(mixin, 'HfApi', Api)
    model, _ = load(folder)
    assert model.push_to_hub('someone/model') == 'done'
    assert sent == {path.name: path.read_bytes() for path in folder.iterdir()}


def test_the_card_has_what_the_hub_reads(folder):
    from huggingface_hub import ModelCard
    card = ModelCard.load(folder/'README.md')
    assert card.data.license == 'apache-2.0' and card.data.library_name == 'melodynb'
    assert 'music' in card.data.tags
    assert '# A model' in card.text


def test_a_hub_id_fetches_only_the_known_files(folder, monkeypatch):
    import huggingface_hub
    asked = {}
    def fetch(name, **options):
        asked.update(options, name=name)
        return str(folder)
    monkeypatch.setattr(huggingface_hub, 'snapshot_download', fetch)
    assert load('someone/model', revision='v1')[0].width == 8
    assert asked['name'] == 'someone/model' and asked['revision'] == 'v1'
    assert sorted(asked['allow_patterns']) == sorted(FILES)
    def offline(name, **options): raise ConnectionError('no\nnetwork')
    monkeypatch.setattr(huggingface_hub, 'snapshot_download', offline)
    with pytest.raises(MelodyError, match='the Hub did not give it'): load('someone/model')


NO_NAMES = ['', 'no-such-model', '../melodynb', '../../etc/passwd', '/etc', '/etc/passwd', 'a/../b', 'a/b/c',
            '..', 'user/..', 'a b', 'x'*5000, 'a\0b', 'a/b\n']


@pytest.mark.parametrize('ask', [load, weights_hash])
@pytest.mark.parametrize('name', NO_NAMES)
def test_names_that_are_no_model(ask, name, monkeypatch):
    import huggingface_hub
    monkeypatch.setattr(huggingface_hub, 'snapshot_download', lambda *a, **k: pytest.fail('asked the Hub'))
    with pytest.raises(MelodyError) as error: ask(name)
    assert len(str(error.value)) < 600 and '\n' not in str(error.value)


def test_the_weights_in_use_have_a_name(tmp_path, folder, monkeypatch):
    assert weights_hash(folder) == weights_hash(str(folder)) == file_hash(folder/'model.safetensors')[:16]
    assert len({*map(weights_hash, shipped())}) == len(shipped()) # adapters, too
    for name in shipped(): assert len(weights_hash(name)) == 16 and int(weights_hash(name), 16)
    save(made(width=16), CharTokenizer(), folder, exist_ok=True)
    assert weights_hash(folder) != weights_hash(save(made(), CharTokenizer(), tmp_path/'other'))
    with pytest.raises(MelodyError, match='weights'): weights_hash(tmp_path)
    (folder/'config.json').unlink()
    with pytest.raises(MelodyError, match='config.json'): weights_hash(folder)
    monkeypatch.setattr('huggingface_hub.constants.HF_HUB_CACHE', str(tmp_path/'cache'))
    with pytest.raises(MelodyError, match='not in the cache') as error: weights_hash('someone/model')
    assert '\n' not in str(error.value)


def test_weights_of_the_hub_are_asked_of_the_cache_alone(folder, monkeypatch):
    import huggingface_hub
    def fetch(name, *, local_files_only, **options):
        assert name == 'someone/model' and local_files_only
        return str(folder)
    monkeypatch.setattr(huggingface_hub, 'snapshot_download', fetch)
    assert weights_hash('someone/model') == weights_hash(folder)


def test_adapters_are_read_by_what_is_installed(tmp_path, folder, monkeypatch):
    "A folder is known by the file that an entry point is named after; without one it is no model."
    class Entry:
        name = 'strange.json'
        def load(self): return lambda folder: (folder, 'read')
    real = models.entry_points
    def installed(group): return [Entry()] if group == 'melodynb.adapters' else real(group=group)
    monkeypatch.setattr(models, 'entry_points', installed)
    assert load(folder)[1] != 'read'
    (folder/'strange.json').touch()
    assert load(folder) == (folder, 'read')
    monkeypatch.undo()
    load(folder)


@pytest.mark.parametrize('name', FILES[:3])
def test_missing_empty_cut_or_foreign_files(folder, name):
    data = (folder/name).read_bytes()
    cut = data[:-1] if name.endswith('tensors') else data[:-3]
    for wrong in (b'', data[:len(data)//2], cut, b'\0'*100, b'[]', b'null', b'['*2_000, b'"\xff\xfe"'):
        (folder/name).write_bytes(wrong)
        refused(folder, name)
    (folder/name).unlink()
    refused(folder, f'there is no {name}')
    (folder/name).mkdir()
    refused(folder, f'there is no {name}')


LIES = [
    ({'class': 'os.system'}, ("'os.system'", 'known are')), ({'class': None}, ('known are',)),
    ({'class': ['Decoder']}, ('known are',)), ({'class': 'A'*10_000}, ('known are',)),
    ({'format': 2}, ('format',)), ({'format': 'x'*10_000}, ('format',)),
    ({'width': 10**9}, ('width', '1000000000')), ({'layers': 10**6}, ('layers',)),
    ({'layers': 10**400}, ('layers',)), ({'context': -1}, ('context',)),
    ({'width': 16}, ('shape',)), ({'layers': 2}, ('disagree',)), ({'vocab_size': 15}, ('shape',)),
    ({'heads': 3}, ('heads',)), ({'width': '8'}, ('width', 'int')), ({'width': True}, ('width', 'int')),
    ({'width': 8.}, ('width', 'int')), ({'width': None}, ('width',)), ({'width': [8]}, ('width',)),
    ({'dropout': float('nan')}, ('dropout',)), ({'dropout': 7}, ('dropout',)),
    ({'activation': '__import__'}, ('__import__',)), ({'position': 'rotary'}, ('disagree',)),
    ({'device': 'cuda'}, ("'device'", 'does not take')), ({'weights_sha256': 'x'}, ('SHA-256',))]


@pytest.mark.parametrize('values, words', LIES)
def test_a_config_that_lies(folder, values, words):
    change(folder, 'config.json', **values)
    refused(folder, 'config.json', *words)


def test_a_config_that_lacks_a_size(folder):
    config = json.loads((folder/'config.json').read_text())
    del config['vocab_size']
    (folder/'config.json').write_text(json.dumps(config))
    refused(folder, 'lacks vocab_size')


def swapped(vocab): return [*vocab[:2], vocab[3], vocab[2], *vocab[4:]]


def test_a_tokenizer_that_lies(folder):
    wrong = swapped(CharTokenizer().vocab)
    lies = [({'vocab': wrong}, 'hash'), ({'vocab_sha256': None}, 'hash'), ({'vocab': 14}, 'hash'),
            ({'vocab': [1]*14}, 'hash'), ({'vocab': wrong, 'vocab_sha256': vocab_hash(wrong)}, 'vocabulary'),
            ({'class': 'os'}, 'known are'), ({'class': 'Score'}, 'known are'), ({'class': None}, 'known are'),
            ({'class': ['x']}, 'known are'), ({'class': 'BaseTokenizer'}, 'cannot be built'),
            ({'options': 'x'*9999}, 'options'), ({'options': {'shell': True}}, 'shell'),
            ({'options': {'octaves': True}}, 'vocabulary'), ({'options': None}, 'options')]
    for values, word in lies:
        data = (folder/'tokenizer.json').read_bytes()
        change(folder, 'tokenizer.json', **values)
        refused(folder, 'tokenizer.json', word)
        (folder/'tokenizer.json').write_bytes(data)
    load(folder)


def unsealed(folder, tensors):
    "New weights, with the seal taken off, as a stranger would do it."
    save_file(tensors, folder/'model.safetensors')
    change(folder, 'config.json', weights_sha256=None)


def test_weights_that_do_not_fit(folder):
    tensors = load_file(folder/'model.safetensors')
    head = tensors['head.weight']
    for wrong, word in ((head.flatten(), 'shape'), (head.long(), 'I64'), (head*float('nan'), 'not finite'),
                        (head.double() + 1e300, 'not finite')):
        unsealed(folder, {**tensors, 'head.weight': wrong})
        refused(folder, 'head.weight', word)
    unsealed(folder, {**tensors, 'extra': torch.zeros(1)})
    refused(folder, 'extra')
    unsealed(folder, {name: t for name, t in tensors.items() if name != 'head.bias'})
    refused(folder, 'head.bias')
    unsealed(folder, tensors)
    load(folder)


class Trap:
    "Unpickling this would leave a mark."
    def __init__(self, path): self.path = path
    def __reduce__(self): return os.mkdir, (str(self.path),)


def test_a_pickle_in_disguise_is_never_opened(tmp_path, folder):
    for write in (lambda trap, path: path.write_bytes(pickle.dumps(trap)), torch.save):
        write(Trap(tmp_path/'sprung'), folder/'model.safetensors')
        change(folder, 'config.json', weights_sha256=None)
        refused(folder, 'model.safetensors', 'damaged')
    assert not (tmp_path/'sprung').exists()


def test_headers_that_lie_about_sizes(folder):
    path = folder/'model.safetensors'
    data = path.read_bytes()
    change(folder, 'config.json', weights_sha256=None)
    size = struct.unpack('<Q', data[:8])[0]
    header = json.loads(data[8:8 + size])
    def sized(number, rest=data[8:]): return struct.pack('<Q', number) + rest
    def rewritten(**values):
        text = json.dumps({**header, 'head.bias': {**header['head.bias'], **values}}).encode()
        return sized(len(text), text + data[8 + size:])
    for wrong in (sized(2*size), sized(size + 1), sized(0), rewritten(shape=[999]),
                  rewritten(shape=[-1]), rewritten(data_offsets=[0, 2**50]), rewritten(data_offsets=[-8, 8]),
                  rewritten(dtype='OBJECT'), data + b'more'):
        path.write_bytes(wrong)
        refused(folder, 'model.safetensors')


def test_links_lead_to_files_or_nowhere(tmp_path, folder):
    data = folder/'model.safetensors'
    real = tmp_path/'elsewhere'
    shutil.move(data, real)
    data.symlink_to(real)  # as the Hub's own cache does
    load(folder)
    for target in (str(tmp_path), 'model.safetensors', '/no/such/file'):
        data.unlink()
        data.symlink_to(target)
        refused(folder, 'there is no model.safetensors')


def mutated(data, rng):
    "One change of a text: a flipped bit, a cut, a doubled piece."
    wrong = bytearray(data)
    at, length = rng.randrange(len(wrong)), rng.randrange(1, 20)
    kind = rng.randrange(3)
    if kind == 0: wrong[at] ^= 1 << rng.randrange(8)
    elif kind == 1: wrong[at:at + length] = b''
    else: wrong[at:at] = wrong[at:at + length]
    return wrong


@pytest.mark.parametrize('name', [name for name in FILES if name.endswith('.json')])
def test_mutated_texts_load_or_are_refused(folder, name):
    "60 seeded mutations, and no exception but ours; damaged weights are known by their hash before anybody reads them."
    rng, data, refusals = random.Random(name), (folder/name).read_bytes(), 0
    for _ in range(60):
        (folder/name).write_bytes(mutated(data, rng))
        try: model, tok = load(folder)
        except MelodyError as error:
            refusals += 1
            assert '\n' not in str(error) and len(str(error)) < 700, error
            continue
        assert all(p.isfinite().all() for p in model.parameters()) and tok.vocab == CharTokenizer().vocab
    assert refusals > 20


def test_a_flipped_bit_of_the_weights_is_noticed_by_its_hash(folder):
    path = folder/'model.safetensors'
    data = bytearray(path.read_bytes())
    data[len(data)//2] ^= 1
    path.write_bytes(data)
    refused(folder, 'model.safetensors', 'SHA-256')


def test_shipped_models_load_without_a_network(monkeypatch):
    import socket
    monkeypatch.setattr(socket, 'socket', lambda *a, **k: pytest.fail('used the network'))
    for name in shipped():
        model, tok = load(name)
        assert len(tok) == model.vocab_size


# Weights of before

def test_weights_of_an_earlier_version_are_there(monkeypatch, tmp_path):
    (tmp_path/'remi-folk').mkdir() # a folder of that name is not meant
    monkeypatch.chdir(tmp_path)
    assert '0.1' in earlier('remi-folk') and '0.1' not in shipped() and earlier('nobody') == {}
    model, tokenizer = load('remi-folk', version='0.1')
    assert type(model) is RemiTransformer and not model.training and len(tokenizer) == model.vocab_size
    assert 'wishes' in tokenizer.options and not tokenizer.options['wishes']
    assert weights_hash('remi-folk', '0.1') == file_hash(earlier('remi-folk')['0.1']/'model.safetensors')[:16]
    monkeypatch.undo()
    for name in shipped():
        for version in earlier(name): assert weights_hash(name, version) != weights_hash(name)


def test_earlier_versions_are_counted_not_spelled(monkeypatch, tmp_path, folder):
    monkeypatch.setattr(models, '_shipped_folder', lambda: tmp_path)
    for version in ('0.10', '0.2', '1.0', '0.9.1'): shutil.copytree(folder, tmp_path/version/'tune')
    shutil.copytree(folder, tmp_path/'tune')
    assert list(earlier('tune')) == ['0.2', '0.9.1', '0.10', '1.0'] and shipped() == ['model', 'tune']
    assert same(load('tune', version='0.10')[0], load('tune')[0])


@pytest.mark.parametrize('version', ['0.9', '', '..', '0.1/remi-folk', 'x'*500, .1, 0, ['0.1'], b'0.1'])
@pytest.mark.parametrize('ask', [lambda version: load('remi-folk', version=version),
                                 lambda version: weights_hash('remi-folk', version)])
def test_a_version_that_never_was_is_one_sentence(ask, version):
    with pytest.raises(MelodyError, match="is not here: of its earlier versions there are '0.1', '0.2") as error: ask(version)
    assert '\n' not in str(error.value) and len(str(error.value)) < 300


@pytest.mark.parametrize('name', ['nobody', '', '.', '../weights', '[', '*', 'someone/model'])
def test_what_has_no_past_is_one_sentence(name, folder):
    for wanted in (name, folder):
        with pytest.raises(MelodyError, match='of its earlier versions there are'): load(wanted, version='0.2')


def test_the_record_of_earlier_weights_is_there():
    history, figures = shipped_run('remi-folk', '0.1')
    assert history.best.step == figures['steps'] and len(history) > 5
    assert shipped_history('remi-folk', '0.1').to_json() == history.to_json()
    assert shipped_history('remi-folk').to_json() != history.to_json()
    for version in ('0.9', 'x'):
        with pytest.raises(MelodyError, match=f"'remi-folk' of version '{version}' is no model that ships"):
            shipped_run('remi-folk', version)
