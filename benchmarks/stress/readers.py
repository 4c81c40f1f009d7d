"""What the fuzzer feeds to every reader of the package: valid inputs made by chance, and harm done to their structure.

A reader here makes a valid input from dice, does so many harms to it, and reads what came out. It knows the form that
it harms: the tree of a JSON text, the events of a MIDI file, the members of a zip archive. Hashes and lengths are put
right again for half of the inputs, as somebody would who means harm. The harms are small, so that no software from
elsewhere is harmed by them; where a bound of ours is tried, it is lowered for that."""
import base64
import hashlib
import io
import json
import struct
import tempfile
import zipfile
from copy import deepcopy
from functools import lru_cache, partial
from pathlib import Path
from random import Random
from typing import Callable, NamedTuple
from xml.etree import ElementTree

DEEP = '<deep>'  # stands for a value within two thousand brackets, which no writer of JSON would make
ODD = [0, 1, -1, 2, 7, 12, 127, 128, 255, 4096, 2**16, 2**31, 2**53, 2**63, 2**64, 10**40, .5, -.5, 1e-320, 1e308,
       float('nan'), float('inf'), -float('inf'), True, False, None, '', ' ', 'x', 'C major', '6/8', '0/0', '\0',
       '\ud800', 'é♯音', '../..', 'a'*5000, '9'*5000, [], {}, [[]], [None], [0]*300, {'class': 'Decoder'}, DEEP]


class Reader(NamedTuple):
    make: Callable  # dice -> an input that should be accepted, in parts
    harm: Callable  # input, dice -> the input with one harm done
    read: Callable  # input, dice -> reads it, and uses what came out a little
    share: int      # of all inputs, in thousandths


READERS = {}  # name -> Reader


def reader(share):
    "Register a function that gives make, harm and read."
    def register(made):
        READERS[made.__name__.replace('_', ' ')] = Reader(*made(), share)
        return made
    return register

# Trees, as of JSON


def places(tree, found=None):
    "Every container of a tree with every key in it."
    found = [] if found is None else found
    keys = tree.keys() if isinstance(tree, dict) else range(len(tree)) if isinstance(tree, list) else ()
    for key in keys:
        found.append((tree, key))
        if len(found) < 3000: places(tree[key], found)
    return found


def nudged(value, rng):
    "A value near another."
    if isinstance(value, bool): return not value
    if isinstance(value, int): return value + rng.choice([-1, 1, 2, 10])
    if isinstance(value, float): return value*rng.choice([.5, 1.01, 2])
    if isinstance(value, str) and value: return value[:rng.randrange(len(value))] + rng.choice('aZ0/_ ♯') + value[1:]
    return rng.choice(ODD)


def put(home, key, rng): home[key] = deepcopy(rng.choice(ODD))
def nudge(home, key, rng): home[key] = nudged(home[key], rng)
def leave_out(home, key, rng): del home[key]
def double(home, key, rng):
    if isinstance(home, list): home.insert(key, deepcopy(home[key]))
    else: home[f'{key}{rng.choice("_2 ")}'] = deepcopy(home[key])


def harmed_tree(tree, rng):
    "One harm somewhere in a tree; a new tree."
    tree = deepcopy(tree)
    found = places(tree)
    if found: rng.choice([put, put, nudge, nudge, leave_out, double])(*rng.choice(found), rng)
    return tree


def as_json(tree):
    "A tree as text, brackets without number included."
    return json.dumps(tree).replace(json.dumps(DEEP), '['*2000 + ']'*2000)


def harmed_bytes(data, rng):
    "A few bytes lost, changed, doubled or added; or the end cut off."
    data, at = bytearray(data), rng.randrange(len(data) + 1)
    size = rng.choice([1, 1, 2, 4, 40])
    match rng.randrange(5):
        case 0: del data[at:at + size]
        case 1: data[at:at + 1] = bytes([rng.randrange(256)])
        case 2: data[at:at] = data[at:at + size]
        case 3: data[at:at] = rng.randbytes(size)
        case 4: del data[at:]
    return bytes(data)


def harmed_text(text, rng, words):
    "A piece of a text lost, doubled, moved, or one of these words or numbers in its place."
    size = rng.choice([1, 1, 2, 5, 30])
    at, other = rng.randrange(len(text) + 1), rng.randrange(len(text) + 1)
    piece = text[at:at + size]
    match rng.randrange(4):
        case 0: return text[:at] + text[at + size:]
        case 1: return text[:at] + piece*rng.choice([2, 2, 50]) + text[at + size:]
        case 2: return text[:other] + piece + text[other:]
    return text[:at] + rng.choice([*words, str(rng.choice(ODD))]) + text[at + size:]

# Music, to begin with


@lru_cache
def tunes():
    from melodynb.corpus import load_corpus
    return [*load_corpus('folk')[:60], *load_corpus('chorales')[:6]]


def a_tune(rng):
    "Some bars of a tune."
    tune = rng.choice(tunes())
    return tune.bars(rng.randrange(1, 5))


def variable(number):
    "A MIDI number of variable length."
    out = [number & 127]
    while number := number >> 7: out.append(number & 127 | 128)
    return bytes(reversed(out))


def midi_events(rng):
    "The header of a file and the events of its tracks, each a delta time and bytes."
    tracks = []
    for channel in range(rng.randrange(1, 4)):
        events = [[0, b'\xff\x51\x03' + struct.pack('>I', rng.randrange(60_000, 10**6))[1:]],
                  [0, b'\xff\x58\x04' + bytes([rng.randrange(1, 13), rng.randrange(4), 24, 8])],
                  [0, b'\xff\x59\x02' + struct.pack('bb', rng.randrange(-7, 8), rng.randrange(2))],
                  [0, bytes([0xC0 | channel, rng.randrange(128)])]]
        for _ in range(rng.randrange(1, 20)):
            pitch = rng.randrange(20, 110)
            events += [[rng.choice([0, 0, 120]), bytes([0x90 | channel, pitch, 80])],
                       [rng.choice([60, 120, 480]), bytes([0x80 | channel, pitch, 0])]]
        tracks.append([*events, [0, b'\xff\x2f\x00']])
    return dict(form=1, ticks=rng.choice([24, 96, 480]), tracks=tracks, lies=0)


def midi_bytes(midi):
    "The file; `lies` is added to the length that the last track claims."
    out = b'MThd' + struct.pack('>IHHH', 6, midi['form'] & 0xFFFF, len(midi['tracks']) & 0xFFFF, midi['ticks'] & 0xFFFF)
    for number, events in enumerate(midi['tracks']):
        body = b''.join(variable(delta) + data for delta, data in events)
        lies = midi['lies']*(number == len(midi['tracks']) - 1)
        out += b'MTrk' + struct.pack('>I', max(0, len(body) + lies) & 0xFFFFFFFF) + body
    return out


EVENTS = [b'\xff\x51\x03\xff\xff\xff', b'\xff\x51\x02\1\1', b'\xff\x58\x04\3\7\0\0', b'\xff\x58\x04\x3f\2\0\0',
          b'\xff\x59\x02\x7f\7', b'\xf0\x05\1\2\3\4\xf7', b'\xf7\x02\1\2', b'\xf8', b'\xfe', b'\x90\x3c',
          b'\x90\xff\xff', b'\x3c\x40', b'\xb0\x7b\0', b'\xff\x01\x40ab', b'\xff\x03\x02\xff\xfe', b'\xff\x06\x05Title',
          b'\xe0\0\0', b'\xff\x2f\x00', b'\xff\x2f\x05']


def harmed_midi(midi, rng):
    midi = deepcopy(midi)
    if not midi['tracks']: return midi
    events = rng.choice(midi['tracks'])
    at = rng.randrange(len(events) + 1)
    match rng.randrange(8):
        case 0: midi['form'] = rng.choice([0, 1, 2, 3, 65535])
        case 1: midi['ticks'] = rng.choice([1, 15, 960, 32767, 0xE728])
        case 2: midi['lies'] = rng.choice([-8, -1, 1, 1000])
        case 3: events.insert(at, [rng.choice([0, 1, 10**4, 10**5]), rng.choice(EVENTS)])
        case 4: del events[at:at + 1]
        case 5: events[at:at] = deepcopy(events[at:at + 3])
        case 6: midi['tracks'] = (midi['tracks']*rng.choice([2, 3, 40]))[:2000]
        case 7:
            if events: events[at - 1][0] = rng.choice([0, 2**14, 10**5])
    return midi


@reader(share=150)
def midi():
    from melodynb.score import read_midi
    return midi_events, harmed_midi, lambda midi, rng: repr(read_midi(midi_bytes(midi), max_seconds=60))

# MusicXML, plain and packed


def sheet_of(rng):
    from melodynb.notation import to_musicxml
    return to_musicxml(a_tune(rng)).decode()


MARKS = ['<note>', '</note>', '&a;', '<!DOCTYPE x [<!ENTITY a "b">]>']
TAGS = ['note', 'chord', 'rest', 'backup', 'forward', 'measure', 'part', 'duration', 'tuplet']


def harmed_sheet(text, rng):
    "A harm to an element: its text, an attribute, its place, its children."
    try: root = ElementTree.fromstring(text)
    except ElementTree.ParseError: return harmed_text(text, rng, MARKS)
    homes = [(parent, place) for parent in root.iter() for place in range(len(parent))]
    if not homes: return text
    parent, place = rng.choice(homes)
    element = parent[place]
    match rng.randrange(7):
        case 0 | 1: element.text = str(rng.choice(ODD)).replace('\0', '').replace('\ud800', '')
        case 2: element.set(rng.choice([*element.keys(), 'number', 'type', 'id']), str(rng.choice(ODD[:20])))
        case 3: parent.remove(element)
        case 4: parent.insert(place, deepcopy(element))
        case 5: parent.extend([deepcopy(element)]*rng.choice([1, 30]))
        case 6: element.tag = rng.choice(TAGS)
    return ElementTree.tostring(root, encoding='unicode')


def read_sheets(text, rng):
    from melodynb.musicxml import read_musicxml, read_sheet
    data = text if isinstance(text, bytes) else text.encode('utf-8', 'replace')
    repr(read_musicxml(data, repeats=rng.choice(['play', 'ignore'])))
    read_sheet(data)


@reader(share=100)
def sheets(): return sheet_of, harmed_sheet, read_sheets


def archive_of(rng):
    container = '<container><rootfiles><rootfile full-path="score.xml"/></rootfiles></container>'
    return dict(sheet=sheet_of(rng), container=container, name='score.xml', method=zipfile.ZIP_DEFLATED, spoil=[])


def archive_bytes(parts):
    out = io.BytesIO()
    with zipfile.ZipFile(out, 'w', parts['method']) as archive:
        archive.writestr('META-INF/container.xml', parts['container'].encode('utf-8', 'replace'))
        archive.writestr(parts['name'], parts['sheet'].encode('utf-8', 'replace'))
    data = out.getvalue()
    for seed in parts['spoil']: data = harmed_bytes(data, Random(seed))
    return data


METHODS = [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA]
CONTAINERS = ['<rootfile/>', 'full-path="META-INF/container.xml"', '..']


def harmed_archive(parts, rng):
    parts = dict(parts)
    match rng.randrange(6):
        case 0: parts['spoil'] = [*parts['spoil'], rng.random()]
        case 1: parts['container'] = harmed_text(parts['container'], rng, CONTAINERS)
        case 2: parts['name'] = rng.choice(['score.xml', 'other.xml', '../score.xml', 'META-INF/x.xml'])
        case 3: parts['method'] = rng.choice(METHODS)
        case _: parts['sheet'] = harmed_sheet(parts['sheet'], rng)
    return parts


@reader(share=70)
def packed_sheets():
    return archive_of, harmed_archive, lambda parts, rng: read_sheets(archive_bytes(parts), rng)

# ABC, and music as text

ABC = ['|', '|:', ':|', '::', '[1', '[2', '(3', '(9:8:7', '{g}', '[CEG]', 'z4', 'Z99', '-', '>', '<<', '&', '!trill!',
       'K:none', 'K:C\n', '[K:Dm]', 'M:C|\n', 'L:1/0\n', 'Q:1/4=0\n', 'V:2\n', 'X:2\n', '%%MIDI program 200\n', '__',
       '^^', '///', '99999999999999', '\\\n']


def abc_of(rng):
    from melodynb.abc_notation import to_abc
    return '\n'.join(to_abc(a_tune(rng), number) for number in range(1, rng.choice([2, 2, 3])))


@reader(share=130)
def abc():
    from melodynb.abc_notation import read_abc
    return abc_of, partial(harmed_text, words=ABC), lambda text, rng: [repr(one) for one in read_abc(text)]


WORDS = ['C4_q', 'Rest_s', 'H9_q', 'C4_', 'C4_99999999999', 'C4_0', 'C4_-1', '{', '}', '[', ']', ':', ',', '"',
         '"bpm": 1e999', '"meter": "0/0"', '"key": 7', 'C99_q', 'C4+E4_q', '"instruments": []', '\n']


def text_of(rng):
    from melodynb.text import to_text
    return to_text(a_tune(rng))


@reader(share=130)
def text():
    from melodynb.text import from_text, salvage
    def read(text, rng):
        salvage(text)
        repr(from_text(text))
    return text_of, partial(harmed_text, words=WORDS), read

# JSON that the package wrote itself


def history_tree(rng):
    def row(i): return [10*i, 2.5/(i + 1), None if rng.random() < .2 else 2.6/(i + 1), 1.5*i, 1e-3]
    rows = list(map(row, range(rng.randrange(1, 6))))
    return dict(rows=rows, parameters=rng.randrange(10**6), stopped=rng.choice(['', 'interrupted after step 3']))


@reader(share=60)
def histories():
    from melodynb.train import History
    def read(tree, rng):
        found = History.from_json(as_json(tree))
        return repr(found), found.best if len(found) else None
    return history_tree, harmed_tree, read


def recipe_tree(rng):
    from melodynb.recipe import Recipe
    from melodynb.score import write_midi
    openings = ['', 'notes:C D E', 'tune:folk/3/2', 'midi:' + base64.b64encode(write_midi(a_tune(rng))).decode()]
    wishes = dict(key=rng.choice([None, 'D major']), meter=rng.choice([None, '6/8']), top_k=rng.choice([None, 5]))
    made = Recipe(rng.choice(['char-gpt', 'remi-folk']), bars=rng.randrange(1, 20), seed=rng.randrange(9999),
                  opening=rng.choice(openings), density=rng.choice([None, 6]), **wishes)
    return json.loads(made.to_json())


@reader(share=60)
def recipes():
    from melodynb.recipe import Recipe
    return recipe_tree, harmed_tree, lambda tree, rng: Recipe.from_json(as_json(tree)).sentence()


def remi_options(rng):
    from melodynb.remi import METERS
    switches = {name: rng.random() < .5 for name in ('tempos', 'keys', 'solo', 'wishes')}
    numbers = dict(grid=rng.choice([12, 24]), longest=rng.randrange(1, 9), velocities=rng.choice([0, 4, 32]))
    spans = dict(pitches=(rng.randrange(60), rng.randrange(60, 128)), meters=tuple(rng.sample(list(METERS), 3)))
    return switches | numbers | spans | dict(tracks=tuple('ab'[:rng.randrange(1, 3)]))


def tokenizer_tree(rng):
    from melodynb.pretrained import TextTokenizer
    from melodynb.remi import RemiTokenizer, VoiceGrid
    from melodynb.tokenizers import CharTokenizer
    match rng.randrange(10):
        case 0 | 1: made = CharTokenizer(octaves=rng.random() < .5)
        case 2: made = TextTokenizer(words=['C4_q', 'Rest_s', 'D4_h'][:rng.randrange(4)], swallow=rng.random() < .5)
        case 3 | 4:
            made = VoiceGrid(rng.randrange(1, 6), rng.choice([1, 4, 12]), (rng.randrange(60), rng.randrange(60, 128)))
        case _: made = RemiTokenizer(**remi_options(rng))
    return made.to_dict()


def harmed_tokenizer(tree, rng):
    "Mostly its options: its vocabulary is thousands of places that matter less."
    if not isinstance(tree, dict): return tree
    tree = deepcopy(tree)
    if rng.random() < .7 and isinstance(tree.get('options'), dict): tree['options'] = harmed_tree(tree['options'], rng)
    else: tree = harmed_tree(tree, rng)
    return tree


def read_tokenizer(tree, rng):
    from melodynb.tokenizers import BaseTokenizer
    made = BaseTokenizer.from_dict(json.loads(as_json(tree)) if DEEP not in repr(tree) else tree)
    made.decode([rng.randrange(len(made)) for _ in range(40)])


@reader(share=80)
def tokenizers(): return tokenizer_tree, harmed_tokenizer, read_tokenizer


@lru_cache
def a_test():
    "The key of a listening test, and what one listener says."
    import numpy as np
    from melodynb.listening import ListeningTest, pretend
    pieces = {f'{code:010x}': dict(group='ab'[code % 2], piece=f'{code}') for code in range(6)}
    key = dict(format='melodynb listening 1', test='abc', title='t', people=['a'], loudness=-20., seconds=20,
               pieces=pieces)
    with tempfile.TemporaryDirectory() as folder:
        path, = pretend(ListeningTest(Path(folder), key), folder, dict(a=4, b=4), dict(a=.5, b=.5), listeners=1)
        return key, json.loads(path.read_text())


@reader(share=60)
def answers():
    from melodynb.listening import _read_answers, _read_key

    def make(rng): return dict(zip(('key', 'given'), deepcopy(a_test())))

    def read(trees, rng):
        with tempfile.TemporaryDirectory() as folder:
            for name, tree in trees.items():
                (Path(folder)/f'{name}.json').write_bytes(as_json(tree).encode('utf-8', 'replace'))
            key = _read_key(Path(folder)/'key.json')
            return _read_answers(Path(folder)/'given.json', key)

    def harm(trees, rng):
        name = rng.choice(['key', 'given'])
        return trees | {name: harmed_tree(trees[name], rng)}
    return make, harm, read

# Folders and files of models


def packed_tensors(header, data):
    "A safetensors file of any header."
    text = as_json(header).encode('utf-8', 'replace')
    return struct.pack('<Q', len(text)) + text + data


def unpacked_tensors(whole):
    size, = struct.unpack('<Q', whole[:8])
    return json.loads(whole[8:8 + size]), whole[8 + size:]


@lru_cache
def model_files(number):
    "The files of a small model."
    import torch
    from melodynb.models import Decoder, save
    from melodynb.tokenizers import CharTokenizer
    kinds = [dict(), dict(position='rotary', tied=True), dict(position='sinusoidal', activation='gelu'),
             dict(qkv_bias=True, layers=2)]
    torch.manual_seed(0)
    model = Decoder(**dict(vocab_size=14, context=8, width=8, layers=1, heads=2) | kinds[number])
    with tempfile.TemporaryDirectory() as folder:
        made = save(model, CharTokenizer(), Path(folder)/'m', card='# A model')
        return {path.name: path.read_bytes() for path in made.iterdir()}


def model_parts(rng):
    files = model_files(rng.randrange(4))
    header, data = unpacked_tensors(files['model.safetensors'])
    return dict(config=json.loads(files['config.json']), tokenizer=json.loads(files['tokenizer.json']),
                card=files['README.md'], weights=files['model.safetensors'], header=header, data=data,
                honest=rng.random() < .5)


def harmed_model(parts, rng):
    parts, whole = dict(parts), (parts['header'], parts['data'])
    match rng.randrange(6):
        case 0: parts['tokenizer'] = harmed_tokenizer(parts['tokenizer'], rng)
        case 1: parts['card'] = harmed_bytes(parts['card'], rng)
        case 2: parts['header'] = harmed_tree(parts['header'], rng)
        case 3: parts['data'] = harmed_bytes(parts['data'], rng)
        case _: return parts | dict(config=harmed_tree(parts['config'], rng))
    if whole != (parts['header'], parts['data']): parts['weights'] = packed_tensors(parts['header'], parts['data'])
    return parts


def read_model(parts, rng):
    import torch
    from melodynb.models import load
    weights = parts['weights']
    config, tokenizer = deepcopy(parts['config']), deepcopy(parts['tokenizer'])
    if not parts['honest']:  # somebody puts the hashes right again
        if isinstance(config, dict): config['weights_sha256'] = hashlib.sha256(weights).hexdigest()
        vocab = json.dumps(tokenizer.get('vocab')) if isinstance(tokenizer, dict) else ''
        if vocab: tokenizer['vocab_sha256'] = hashlib.sha256(vocab.encode()).hexdigest()
    with tempfile.TemporaryDirectory() as folder:
        texts = {'config.json': as_json(config).encode(), 'tokenizer.json': as_json(tokenizer).encode(),
                 'README.md': parts['card'], 'model.safetensors': weights}
        for name, data in texts.items(): (Path(folder)/name).write_bytes(data)
        model, tokenizer = load(folder)
    with torch.no_grad(): model(torch.zeros(1, 2, dtype=torch.long))
    repr(tokenizer)


@reader(share=80)
def models(): return model_parts, harmed_model, read_model


@lru_cache
def adapter_files():
    "The files of a small adapter."
    from melodynb.pretrained import CausalText, TextTokenizer, add_lora, add_rows, borrow, save_adapter
    network = borrow('gpt2-stand-in')
    tokenizer = TextTokenizer(words=['C4_q', 'D4_q'])
    add_rows(network, 2)
    network = add_lora(network, rank=2)
    with tempfile.TemporaryDirectory() as folder:
        made = save_adapter(CausalText(network), tokenizer, Path(folder)/'a')
        return {path.name: path.read_bytes() for path in made.iterdir()}


@reader(share=10)
def adapters():
    from melodynb.pretrained import _read_record, _sealed, load_adapter

    def make(rng):
        record = json.loads(adapter_files()['melodynb.json'])
        return dict(record=record, honest=rng.random() < .3, whole=rng.random() < .2)

    def harm(parts, rng): return parts | dict(record=harmed_tree(parts['record'], rng))

    def read(parts, rng):
        record = parts['record']
        if not parts['honest'] and isinstance(record, dict): record = _sealed(record)
        with tempfile.TemporaryDirectory() as folder:
            for name, data in adapter_files().items(): (Path(folder)/name).write_bytes(data)
            (Path(folder)/'melodynb.json').write_text(as_json(record), encoding='utf-8', errors='replace')
            found = _read_record(Path(folder))
            if parts['whole'] and found['base'] in ('gpt2-stand-in', 'bart-stand-in'): load_adapter(folder)
    return make, harm, read


@lru_cache
def token_file():
    from melodynb.remi import RemiTokenizer
    from melodynb.score import write_midi
    from melodynb.token_file import encode_folder
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder)/'m').mkdir()
        for number, tune in enumerate(tunes()[:4]): write_midi(tune.bars(2), Path(folder)/'m'/f'{number}.mid')
        (Path(folder)/'m'/'bad.mid').write_bytes(b'none')
        encode_folder(Path(folder)/'m', RemiTokenizer(), Path(folder)/'t')
        whole = (Path(folder)/'t').read_bytes()
    size = int.from_bytes(whole[16:24], 'little')
    return json.loads(whole[24:24 + size]), whole[24 + size:]


@reader(share=60)
def token_files():
    from melodynb.token_file import TokenFile

    def make(rng): return dict(zip(('header', 'data'), deepcopy(token_file()))) | dict(lies=0)

    def harm(parts, rng):
        parts = dict(parts)
        match rng.randrange(8):
            case 0: parts['data'] = harmed_bytes(parts['data'], rng)
            case 1: parts['lies'] = rng.choice([-1, 1, 10**6, 2**60])
            case 2:
                tokenizer = parts['header'].get('tokenizer')
                if tokenizer: parts['header'] = parts['header'] | dict(tokenizer=harmed_tokenizer(tokenizer, rng))
            case 3 | 4 | 5:
                files = parts['header'].get('files')
                if files: parts['header'] = parts['header'] | dict(files=harmed_tree(files, rng))
            case _: parts['header'] = harmed_tree(parts['header'], rng)
        return parts

    def read(parts, rng):
        text = as_json(parts['header']).encode('utf-8', 'replace')
        text += b' '*(-(24 + len(text)) % 64)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder)/'t'
            claimed = max(0, len(text) + parts['lies']).to_bytes(8, 'little')
            path.write_bytes(b'melodynb tokens\n' + claimed + text + parts['data'])
            found = TokenFile(path)
            found.tokenizer.decode(found[0])
            repr(found), found.split(seed=1)
            found.check()
    return make, harm, read


@lru_cache
def checkpoint():
    with tempfile.TemporaryDirectory() as folder:
        train_a_little(folder)
        return unpacked_tensors((Path(folder)/'checkpoint.safetensors').read_bytes())


def train_a_little(folder):
    from melodynb.models import Decoder
    from melodynb.tokenizers import CharTokenizer
    from melodynb.train import fit
    import torch
    torch.manual_seed(0)
    t = CharTokenizer()
    batches = t.batches(['CDEF'*9]*2, context=8, batch_size=2)
    fit(Decoder(14, context=8, width=8, layers=1, heads=2), batches, steps=1, checkpoint=folder, resume=True, log=None)


@reader(share=10)
def checkpoints():
    from melodynb.train import _seal

    def make(rng):
        header, data = deepcopy(checkpoint())
        state = json.loads(header['__metadata__']['state'])
        return dict(header=header, state=state, data=data, honest=rng.random() < .3)

    def harm(parts, rng):
        match rng.randrange(4):
            case 0: return parts | dict(data=harmed_bytes(parts['data'], rng))
            case 1: return parts | dict(header=harmed_tree(parts['header'], rng))
        return parts | dict(state=harmed_tree(parts['state'], rng))

    def read(parts, rng):
        from safetensors.torch import load
        header = deepcopy(parts['header'])
        notes = header.get('__metadata__')
        if isinstance(notes, dict) and not parts['honest']:
            notes['state'] = as_json(parts['state'])
            try: notes['seal'] = _seal(load(packed_tensors(header, parts['data'])), notes['state'])
            except Exception: pass  # such tensors no seal can be for
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder)/'checkpoint.safetensors').write_bytes(packed_tensors(header, parts['data']))
            train_a_little(folder)
    return make, harm, read
