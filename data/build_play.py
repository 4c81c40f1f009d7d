"""Builds what nbs/play, the page 'Play it here', needs beside its own text: network, instrument, list of files.

    python data/build_play.py                 makes char-gpt.onnx, instrument.js and model.json, and writes names and
                                              checksums into sw.js
    python data/build_play.py --check         makes them again and compares with what is there
    python data/build_play.py --runtime FILE  takes the runtime out of FILE, the package archive
                                              onnxruntime-web-1.24.1.tgz; compares checksums first

Run it after every change in nbs/play: browsers keep the page by the checksums in sw.js. The graph is written out
below, operator by operator, so that the file is the same to the byte whatever PyTorch made the model. Weights stay
in half precision, as they are shipped, and are widened when the page loads them: the numbers are exactly those of
`melodynb.models.load`."""
import hashlib
import json
import re
import sys
import tarfile
from argparse import ArgumentParser
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
PLAY, WEIGHTS = ROOT/'nbs'/'play', ROOT/'melodynb'/'weights'/'char-gpt'
MODEL, RECORD, INSTRUMENT, KEEPER = 'char-gpt.onnx', 'model.json', 'instrument.js', 'sw.js'
OPSET, FORMAT = 17, 9

# The runtime: ONNX Runtime Web, MIT licence, Microsoft.
# The two licence texts come with the Python package onnxruntime of the same version.
RUNTIME = 'onnxruntime-web', '1.24.1', '63f65a0b3ca5b35cfbcf2b8185d48d63a5aa7bc3651e474f5cf0fd96f577d1ec'
VENDOR = 'vendor/onnxruntime-web'
VENDORED = {
    'ort.wasm.bundle.min.mjs': '54c6c268b1cd9308aafc9c110eb19ea65191ac0a422326b789cbbe26d589bce7',
    'ort-wasm-simd-threaded.wasm': 'fd078a39438a65660fc6c9df8d42fc886b5bf2931d6dbdd8dc51a17b1221499f',
    'LICENSE': '2f07c72751aed99790b8a4869cf2311df85a860b22ded05fa22803587a48922c',
    'ThirdPartyNotices.txt': '0e07b95f3a8d6230037707c5c4a2b554d12c4cb67369669ac255635528ffcee2',
}


def sha256(data): return hashlib.sha256(data).hexdigest()


# The network as an ONNX graph

class Graph:
    "Nodes and constants of a graph, in the order in which they are asked for."
    def __init__(self): self.nodes, self.constants = [], []

    def __call__(self, kind, *inputs, **attributes):
        "Add an operator; returns the name of its output, or names if `count` asks for several."
        from onnx import helper
        count = attributes.pop('count', 1)
        names = [f'{kind}_{len(self.nodes)}_{i}' for i in range(count)]
        self.nodes.append(helper.make_node(kind, list(inputs), names, **attributes))
        return names[0] if count == 1 else names

    def constant(self, values, dtype=np.int64):
        "A constant array; floats are kept in half precision and widened where they are used."
        from onnx import numpy_helper
        values, name = np.asarray(values, dtype, order='C'), f'constant_{len(self.constants)}'
        self.constants.append(numpy_helper.from_array(values, name))
        return self('Cast', name, to=1) if dtype == np.float16 else name


def attention(graph, x, past, mask, layer, tensor, sizes): # x (B,T,C), past (2*layers,B,H,P,D)
    "Causal self-attention over what was read before and what is new; what it found, and all keys and values."
    H, D = sizes['heads'], sizes['width']//sizes['heads']
    roles = graph('MatMul', x, tensor('attention.qkv.weight', turned=True))
    roles = graph('Transpose', graph('Reshape', roles, graph.constant([0, 0, 3, H, D])), perm=[2, 0, 3, 1, 4])
    query, *new = [graph('Gather', roles, graph.constant(i), axis=0) for i in range(3)]
    old = [graph('Gather', past, graph.constant(2*layer + i), axis=0) for i in range(2)]
    key, value = kept = [graph('Concat', *pair, axis=2) for pair in zip(old, new)]
    scores = graph('MatMul', query, graph('Transpose', key, perm=[0, 1, 3, 2]))
    scores = graph('Div', scores, graph('Sqrt', graph('Cast', graph.constant(D), to=1)))
    shares = graph('Softmax', graph('Add', scores, mask), axis=-1)
    found = graph('Transpose', graph('MatMul', shares, value), perm=[0, 2, 1, 3])
    found = graph('Reshape', found, graph.constant([0, 0, H*D]))
    out = graph('MatMul', found, tensor('attention.out.weight', turned=True))
    return graph('Add', out, tensor('attention.out.bias')), kept


def feed_forward(graph, x, tensor):
    "Each position by itself: four times as wide, a bend, and back."
    wide = graph('MatMul', x, tensor('feed.wide.weight', turned=True))
    wide = graph('Add', wide, tensor('feed.wide.bias'))
    back = graph('MatMul', graph('Relu', wide), tensor('feed.back.weight', turned=True))
    return graph('Add', back, tensor('feed.back.bias'))


def places(graph, ids, past):
    "Where the new positions stand, and for each 0 where it may look and minus infinity where it may not."
    def size(name, axis): return graph('Gather', graph('Shape', name), graph.constant(axis), axis=0)
    start = size(past, 3)
    end = graph('Add', start, size(ids, 1))
    one = graph.constant(1)
    zero = graph.constant(0)
    new = graph('Range', start, end, one)
    every = graph('Range', zero, end, one)
    seen = graph('LessOrEqual', every, graph('Unsqueeze', new, graph.constant([1])))
    return new, graph('Where', seen, graph('Cast', zero, to=1), graph('Log', graph('Cast', zero, to=1)))


def network(weights, sizes):
    "All of `CharGPT`: ids (B,T) and past keys and values in; logits (B,T,V) and all keys and values out."
    graph = Graph()
    def tensor(name, turned=False, block=''):
        values = weights[block + name]
        return graph.constant(values.T if turned else values, np.float16)
    def norm(x, name):
        parts = [tensor(f'{name}.{part}') for part in ('weight', 'bias')]
        return graph('LayerNormalization', x, *parts, epsilon=1e-5)
    where, mask = places(graph, 'ids', 'past')
    x = graph('Gather', tensor('tokens.weight'), 'ids')
    x = graph('Add', x, graph('Gather', tensor('places.weight'), where))
    present = []
    for layer in range(sizes['layers']):
        block = f'blocks.{layer}.'
        def own(name, turned=False, block=block): return tensor(name, turned, block)
        found, kept = attention(graph, norm(x, f'{block}norm1'), 'past', mask, layer, own, sizes)
        x = graph('Add', x, found)
        x = graph('Add', x, feed_forward(graph, norm(x, f'{block}norm2'), own))
        present += [graph('Unsqueeze', part, graph.constant([0])) for part in kept]
    logits = graph('MatMul', norm(x, 'norm'), tensor('head.weight', turned=True))
    logits = graph('Add', logits, tensor('head.bias'))
    return graph, {'logits': logits, 'present': graph('Concat', *present, axis=0)}


def to_onnx(weights, sizes):
    "The bytes of the ONNX file."
    from onnx import TensorProto, checker, helper, shape_inference
    graph, ends = network(weights, sizes)
    for name, end in ends.items(): graph.nodes.append(helper.make_node('Identity', [end], [name]))
    H, D, rows = sizes['heads'], sizes['width']//sizes['heads'], 2*sizes['layers']
    def floats(name, *shape): return helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)
    inputs = [helper.make_tensor_value_info('ids', TensorProto.INT64, ('B', 'T')), floats('past', rows, 'B', H, 'P', D)]
    outputs = [floats('logits', 'B', 'T', sizes['vocab_size']), floats('present', rows, 'B', H, 'N', D)]
    made = helper.make_graph(graph.nodes, 'char-gpt', inputs, outputs, graph.constants)
    opset = helper.make_opsetid('', OPSET)
    model = helper.make_model(made, producer_name='melodynb', ir_version=FORMAT, opset_imports=[opset])
    checker.check_model(shape_inference.infer_shapes(model, strict_mode=True), full_check=True)
    return model.SerializeToString(deterministic=True)


# The record and the list

def shipped():
    "Weights (half precision), configuration and vocabulary of the model in the package."
    from safetensors.numpy import load
    config, record = (json.loads((WEIGHTS/name).read_text()) for name in ('config.json', 'tokenizer.json'))
    data = (WEIGHTS/'model.safetensors').read_bytes()
    if sha256(data) != config['weights_sha256']:
        raise SystemExit(f'{WEIGHTS}: model.safetensors is not the file that config.json was written with')
    return load(data), config, record['vocab']


def record(model, weights, config, vocabulary):
    "model.json: what the page must know before it loads the two large files."
    heavy = [f'{VENDOR}/{name}' for name in VENDORED if name.endswith('.wasm')]
    files = {MODEL: model, **{name: (PLAY/name).read_bytes() for name in heavy}}
    package, version, archive = RUNTIME
    found = {
        'name': 'char-gpt', 'parameters': sum(tensor.size for tensor in weights.values()),
        'weights_sha256': config['weights_sha256'], 'vocabulary': vocabulary,
        **{name: config[name] for name in ('context', 'width', 'layers', 'heads')},
        'files': {name: {'bytes': len(data), 'sha256': sha256(data)} for name, data in files.items()},
        'runtime': {'package': package, 'version': version, 'package_sha256': archive, 'files': VENDORED},
    }
    return (json.dumps(found, indent=1) + '\n').encode()


def instrument():
    "instrument.js: the script that makes the sound of every player, as a module, and the piano of `melodynb.audio`."
    from melodynb.audio import page_sound
    from melodynb.score import Note, Score, Track
    told, _ = page_sound(Score([Track([Note(60, 0, 1)])]))
    script = (ROOT/'melodynb'/'data'/'sound.js').read_text(encoding='utf-8')
    own = json.dumps(told['instruments'][0])
    return f'{script}\nconst INSTRUMENT = {own};\n\nexport {{ INSTRUMENT, melodynbSound }};\n'.encode()


def stamped(keeper, files):
    "sw.js with the names and checksums of all other files, and a version made of them."
    sums = {name: sha256(files[name]) for name in sorted(files)}
    version = sha256(json.dumps(sums).encode())[:12]
    lines = ''.join(f"  '{name}': '{digest}',\n" for name, digest in sums.items())
    made = f"const VERSION = '{version}';\nconst FILES = {{\n{lines}}};\n"
    place = re.compile(r'const VERSION = .*?;\nconst FILES = \{\n.*?\};\n', re.DOTALL)
    text, count = place.subn(lambda _: made, keeper.decode())
    if count != 1: raise SystemExit(f'{KEEPER} has {count} places for VERSION and FILES; it must have one')
    return text.encode()


def present():
    "Every file of the page, by its name."
    paths = sorted(path for path in PLAY.rglob('*') if path.is_file())
    return {path.relative_to(PLAY).as_posix(): path.read_bytes() for path in paths}


def build():
    "The files that this script makes, by name."
    weights, config, vocabulary = shipped()
    found = present()
    for name, digest in VENDORED.items():
        if sha256(found.get(f'{VENDOR}/{name}', b'')) != digest:
            raise SystemExit(f'{VENDOR}/{name} is missing or changed; run with --runtime')
    model = to_onnx(weights, config)
    made = {MODEL: model, RECORD: record(model, weights, config, vocabulary), INSTRUMENT: instrument()}
    others = {name: data for name, data in {**found, **made}.items() if name != KEEPER}
    return {**made, KEEPER: stamped(found[KEEPER], others)}


def take_runtime(path):
    "Unpack the runtime's two files out of its package."
    package, version, digest = RUNTIME
    if sha256(Path(path).read_bytes()) != digest:
        raise SystemExit(f'{path} is not the archive of {package} {version}: its SHA-256 differs from {digest}')
    (PLAY/VENDOR).mkdir(parents=True, exist_ok=True)
    with tarfile.open(path) as archive:
        for name in VENDORED:
            if not name.startswith('ort'): continue
            (PLAY/VENDOR/name).write_bytes(archive.extractfile(f'package/dist/{name}').read())


def main():
    parser = ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('--check', action='store_true', help='compare with what is there, write nothing')
    parser.add_argument('--runtime', metavar='FILE', help='the package archive to take the runtime from')
    asked = parser.parse_args()
    if asked.runtime: take_runtime(asked.runtime)
    made, found = build(), present()
    different = sorted(name for name in made if made[name] != found.get(name))
    if asked.check and different: sys.exit(f'{", ".join(different)} would change: run python data/build_play.py')
    if asked.check: return
    for name in different: (PLAY/name).write_bytes(made[name])
    files = present()
    size = sum(map(len, files.values()))/1e6
    print(f'{len(files)} files, {size:.2f} MB; written: {", ".join(different) or "nothing new"}')


if __name__ == '__main__': main()
