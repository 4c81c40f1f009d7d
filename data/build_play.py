"""Builds what nbs/play, the page 'Play it here', needs: networks, grammar, instrument, list of files.

    python data/build_play.py            makes the two weight files, instrument.js and model.json, and writes names and
                                         checksums into sw.js
    python data/build_play.py --check    makes them again and compares with what is there
    python data/build_play.py --loops FOLDER     compiles data/loops.ts into loops.js with AssemblyScript, which lies in
                                         FOLDER (npm install in a copy of tests/assemblyscript)
    python data/build_play.py --engraver FILE   takes Verovio out of FILE, the package archive verovio-6.3.0.tgz;
                                         compares checksums first

Run it after every change in nbs/play: browsers keep the page by the checksums in sw.js. Weights are the files that
ship, byte for byte. The grammar of attempt 4 is no second grammar: places in many pieces are asked of
`melodynb.compose.Form` what may follow there, and model.json gets the shortest table that says the same of all of them."""
import base64
import hashlib
import json
import re
import subprocess
import sys
import tarfile
import tempfile
from argparse import ArgumentParser
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
PLAY, WEIGHTS = ROOT/'nbs'/'play', ROOT/'melodynb'/'weights'
LETTERS, BARS = 'char-gpt', 'remi-folk'
RECORD, INSTRUMENT, KEEPER, LOOPS = 'model.json', 'instrument.js', 'sw.js', 'loops.js'

# The engraver: Verovio, LGPL 3 or later, Laurent Pugin and others, two files unchanged.
# The two licence texts come with the Python package verovio.
ENGRAVER = 'verovio', '6.3.0', '503fa08873eea0b49208bed2450835603c49835abf0faacca5357bb9a9ca0a41'
VENDOR = 'vendor/verovio'
VENDORED = {
    'verovio-module.mjs': 'cd7c77d0738e9359b9f77956ae398556bf9949f35e4c5b3471ab3198fd660431',
    'verovio.mjs': '3db61c94295aeb4983baff06b5e03b2fc0e397fa405fa2461f81427954ec874b',
    'COPYING': '8b1ba204bb69a0ade2bfcf65ef294a920f6bb361b317dba43c7ef29d96332b9b',
    'COPYING.LESSER': 'a5681bf9b05db14d86776930017c647ad9e6e56ff6bbcfdf21e5848288dfaf1b',
}


def sha256(data): return hashlib.sha256(data).hexdigest()


# The grammar as a table

def circumstances(place):
    "What may decide which kinds of token can follow; the page knows the same of its own place."
    form = place.grammar
    return dict(opening=place.bars == 1, more=form.bars > place.bars, late=first_step(place) >= place.length,
                named=place.tempo, sounding=place.sounding, steady=form.steady, meter=place.meter is not None,
                key=form.key is not None)


def first_step(place): return max(place.step + 1, place.ends[0] - place.bar) # of the bar that is free


def quantities(place):
    "The numbers at which a part of the vocabulary may begin or end; the page has them by the same names."
    form, t = place.grammar, place.t
    left = form.bars - place.bars
    room = min(place.length*max(1, left) - place.step, t.longest*t.grid)
    bar = max(0, t.kinds.count('Bar') - left)
    named = {'meter': place.meter and t.meters.index(place.meter), 'key': form.key}
    known = {name: value for name, value in named.items() if value is not None}
    return {'first': first_step(place), 'length': place.length, 'room': room, 'bar': bar, **known, '0': 0, '1': 1}


def parts(place):
    "What may follow: of each kind the first number and the one after the last."
    kinds = place.grammar.kinds
    found = {}
    for kind in dict.fromkeys(kinds[place.allowed]):
        numbers = np.flatnonzero(place.allowed[kinds == kind])
        if len(numbers) != np.ptp(numbers) + 1: raise SystemExit(f'what follows {place.last} has a gap among {kind}')
        found[str(kind)] = int(numbers[0]), int(numbers[-1]) + 1
    return found


def walk(form, opening, rng):
    "Every place of one piece that dice wrote under the grammar: kind of the last token, and what can be known there."
    place = form.start(opening)
    while place.last != 'End':
        yield place.last, circumstances(place), quantities(place), parts(place)
        place.push(rng.choice(np.flatnonzero(place.allowed)))


def walks(tokenizer, count, seed):
    "Places in pieces of all meters, keys and lengths, begun and continued."
    from melodynb.compose import Continuation, Form
    from melodynb.recipe import opening_score, typed_opening
    rng = np.random.default_rng(seed)
    for number in range(count):
        bars = int(rng.integers(1, 13))
        meter = [None, *tokenizer.meters][rng.integers(len(tokenizer.meters) + 1)]
        key = [None, 'D major', 'E minor', 'G dorian'][rng.integers(4)]
        if number % 4: yield from walk(Form(tokenizer, bars, meter, key), tokenizer.start, rng)
        else:
            typed = opening_score(typed_opening(''.join(rng.choice([*'DEfAR'], rng.integers(1, 9))) + 'A'))
            after = Continuation(replace(typed, meter=meter or '4/4'), tokenizer, bars, key or 'D major')
            yield from walk(after.form, after.prompt, rng)


def gap_walk(rule, tokenizer, rng):
    "As `walk`, of a gap; what is given there nobody chooses."
    place = rule.start([])
    while place.last != 'End':
        if not place.given:
            end = min(place.length, place.stop - place.bar)
            room = min(place.stop - place.bar - place.step, tokenizer.longest*tokenizer.grid)
            told = dict(later=bool(place.later), late=first_step(place) >= end, sounding=place.sounding)
            known = {'first': first_step(place), 'end': end, 'room': room}
            if place.later: known['bar'] = place.later[0][0] - tokenizer.kinds.index('Bar')
            yield place.last, told, {**known, '0': 0, '1': 1}, parts(place)
        place.push(int(rng.choice(np.flatnonzero(place.allowed))))


def gap_walks(tokenizer, count, seed):
    "Places in gaps of pieces of all meters."
    from melodynb.bar_transformer import bar_lines, with_hole
    from melodynb.compose import Form
    from melodynb.infill import GapGrammar
    rng = np.random.default_rng(seed)
    for number in range(count):
        meter = tokenizer.meters[number % len(tokenizer.meters)]
        place, ids = Form(tokenizer, int(rng.integers(2, 13)), meter).start(tokenizer.start), [*tokenizer.start]
        while place.last != 'End':
            ids.append(int(rng.choice(np.flatnonzero(place.allowed))))
            place.push(ids[-1])
        there = len(bar_lines(tokenizer, ids))
        first = int(rng.integers(0, there))
        bars = int(rng.integers(1, min(8, there - first, there - 1) + 1))
        row = with_hole(tokenizer, np.array(ids), first, bars).tolist()
        asked, hole = (row.index(tokenizer.ids[word]) for word in ('Fill', f'Hole_{bars}'))
        steps = tokenizer.lengths[meter]*bars - int(first + bars == there)*int(rng.integers(tokenizer.lengths[meter]))
        yield from gap_walk(GapGrammar(tokenizer, row[:hole], row[asked + 1:-1], steps), tokenizer, rng)


def range_of(part, size, known):
    "The numbers that a part of a rule names at one place; None where it names a quantity that is not known there."
    _, *names = part
    if not names: return 0, size
    if any(name not in known for name in names): return None
    if len(names) == 1: return known[names[0]], known[names[0]] + 1
    return known[names[0]], min(size, known[names[1]])


def part_for(kind, size, seen):
    "The part of a rule that holds at all places seen: [kind], [kind, number] or [kind, from, until]; None if none is."
    names = list(dict.fromkeys(name for known, _ in seen for name in known))
    tries = [[kind], *([kind, name] for name in names)]
    tries += [[kind, one, two] for one in names for two in [*names, 'all'] if one != two]
    def fits(part):
        for known, found in seen:
            span = range_of(part, size, known | {'all': size})
            if span is None or (found.get(kind) or (0, 0)) != (span if span[0] < span[1] else (0, 0)): return False
        return True
    return next(filter(fits, tries), None)


def rules_of(places, flags, sizes):
    "For each combination of the flags what may follow; None where they do not decide it."
    groups = {}
    for told, known, found in places: groups.setdefault(tuple(told[flag] for flag in flags), []).append((known, found))
    rules = []
    for answer, seen in groups.items():
        kinds = dict.fromkeys(kind for _, found in seen for kind in found)
        may = [part_for(kind, sizes[kind], seen) for kind in kinds]
        if None in may: return None
        rules.append({'if': dict(zip(flags, answer)), 'may': may})
    return rules


def grammar_table(tokenizer, walks):
    "kind of the last token -> its rules; the first one whose flags are all right says what may follow."
    places = {}
    for last, *seen in walks: places.setdefault(last, {})[json.dumps(seen)] = seen
    sizes = {kind: tokenizer.kinds.count(kind) for kind in dict.fromkeys(tokenizer.kinds)}
    table = {}
    for last, seen in places.items():
        seen = [*seen.values()]
        flags = list(seen[0][0])
        subsets = (subset for size in range(len(flags) + 1) for subset in combinations(flags, size))
        rules = (rules_of(seen, subset, sizes) for subset in subsets)
        table[last] = next((found for found in rules if found), None)
        if not table[last]: raise SystemExit(f'no table of this form says what may follow {last}')
    return table


# The record and the list

def shipped(name):
    "The bytes of a model's weights, its configuration, and its tokenizer."
    from melodynb.models import load
    config = json.loads((WEIGHTS/name/'config.json').read_text())
    data = (WEIGHTS/name/'model.safetensors').read_bytes()
    if sha256(data) != config['weights_sha256']:
        raise SystemExit(f'{name}: model.safetensors is not the file that config.json was written with')
    return data, config, load(WEIGHTS/name)


def ears(tokenizer):
    "What the page needs to hear a tonic, and the key of an opening, as `compose` does."
    from melodynb.corpus import load_corpus
    from melodynb.metrics import KeyFinder, KeyReader
    from melodynb.score import MODES, key_fifths, key_parts, key_tonic, transpose_key
    reader = KeyReader().fit(load_corpus('folk'))
    counted = json.loads((ROOT/'melodynb'/'data'/'keys.json').read_text())
    finder = [[list(map(float, row)) for row in mode] for mode in KeyFinder().count(counted).modes]
    names = [name for name, kind in zip(tokenizer.values, tokenizer.kinds) if kind == 'Key' and name != 'none']
    keys = {name: dict(tonic=key_tonic(name), fifths=key_fifths(name),
                       minor=MODES[key_parts(name)[1]] <= MODES['dorian']) for name in names}
    own = {mode: [transpose_key(f'C {mode}', tonic) for tonic in range(12)] for mode in ('major', 'minor')}
    return dict(keys=keys, own=own, finder=finder, reader=dict(
        names=reader.names, prior=reader.prior.tolist(), sounds=reader.sounds.tolist(), firsts=reader.firsts.tolist()))


def bounds(model, tokenizer):
    "Numbers by which Python writes, and the page after it."
    from melodynb.recipe import Recipe
    from melodynb.score import Score
    counted = sum(name.startswith('Bar_') for name in tokenizer.vocab)
    holes = sum(name.startswith('Hole_') for name in tokenizer.vocab)
    return dict(countdown=counted, hole=holes, endings=Recipe().revisions, tempo=int(Score().bpm),
                room=3*model.context//4)


def told(name):
    "What the page must know of a model before it loads it, and the weights."
    data, config, (model, tokenizer) = shipped(name)
    sizes = {size: config[size] for size in ('context', 'width', 'layers', 'heads', 'vocab_size')}
    found = {'parameters': sum(one.numel() for one in model.parameters()), **sizes,
             'vocabulary': tokenizer.vocab, 'activation': 'relu' if name == LETTERS else 'gelu',
             'file': {'name': f'{name}.safetensors', 'bytes': len(data), 'sha256': sha256(data)}}
    if name == BARS:
        music = {what: getattr(tokenizer, what) for what in ('grid', 'longest', 'lengths')}
        found |= dict(speeds=model.speeds.tolist(), **music, **bounds(model, tokenizer), ears=ears(tokenizer),
                      grammar=grammar_table(tokenizer, walks(tokenizer, 400, seed=0)),
                      gaps=grammar_table(tokenizer, gap_walks(tokenizer, 300, seed=1)))
    return found, data


def written(record):
    "As JSON, one value a line where it is short to read."
    models = [f'{json.dumps(name)}: {json.dumps(one, ensure_ascii=False)}' for name, one in record.items()]
    return ('{\n' + ',\n'.join(models) + '\n}\n').encode()


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
    found = present()
    for name, digest in VENDORED.items():
        if sha256(found.get(f'{VENDOR}/{name}', b'')) != digest:
            raise SystemExit(f'{VENDOR}/{name} is missing or changed; run with --engraver')
    record, made = {}, {INSTRUMENT: instrument()}
    for name in (LETTERS, BARS):
        record[name], data = told(name)
        made[record[name]['file']['name']] = data
    made[RECORD] = written(record)
    others = {name: data for name, data in {**found, **made}.items() if name != KEEPER}
    return {**made, KEEPER: stamped(found[KEEPER], others)}


def compiled(folder):
    "loops.js: the loops of data/loops.ts as WebAssembly, in letters."
    words = '-O3 --runtime stub --enable simd --noAssert --importMemory'.split()
    program = Path(folder)/'node_modules'/'assemblyscript'/'bin'/'asc.js'
    with tempfile.TemporaryDirectory() as place:
        path = Path(place)/'loops.wasm'
        command = ['node', program, 'loops.ts', '-o', path, *words]
        subprocess.run(command, cwd=ROOT/'data', check=True)
        letters = base64.b64encode(path.read_bytes()).decode()
    rows = [letters[i:i + 96] for i in range(0, len(letters), 96)]
    text = ' +\n'.join(f"  '{row}'" for row in rows)
    head = '// WebAssembly in letters, which data/build_play.py compiled of data/loops.ts.'
    return f'{head}\nexport const LOOPS =\n{text};\n'.encode()


def take_engraver(path):
    "Unpack the engraver's two files out of its package."
    package, version, digest = ENGRAVER
    if sha256(Path(path).read_bytes()) != digest:
        raise SystemExit(f'{path} is not the archive of {package} {version}: its SHA-256 differs from {digest}')
    (PLAY/VENDOR).mkdir(parents=True, exist_ok=True)
    with tarfile.open(path) as archive:
        for name in VENDORED:
            if name.endswith('.mjs'): (PLAY/VENDOR/name).write_bytes(archive.extractfile(f'package/dist/{name}').read())


def main():
    parser = ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('--check', action='store_true', help='compare with what is there, write nothing')
    parser.add_argument('--engraver', metavar='FILE', help='the package archive to take the engraver from')
    parser.add_argument('--loops', metavar='FOLDER', help='where AssemblyScript is installed, to compile the loops')
    asked = parser.parse_args()
    if asked.loops: (PLAY/LOOPS).write_bytes(compiled(asked.loops))
    if asked.engraver: take_engraver(asked.engraver)
    made, found = build(), present()
    different = sorted(name for name in made if made[name] != found.get(name))
    if asked.check and different: sys.exit(f'{", ".join(different)} would change: run python data/build_play.py')
    if asked.check: return
    for name in different: (PLAY/name).write_bytes(made[name])
    files = present()
    size = sum(map(len, files.values()))/1e6
    print(f'{len(files)} files, {size:.2f} MB; written: {", ".join(different) or "nothing new"}')


if __name__ == '__main__': main()
