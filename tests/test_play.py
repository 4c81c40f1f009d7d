"The page 'Play it here': its networks, its size, and the page itself in a real browser, online and offline."
import functools
import gzip
import http.server
import json
import re
import runpy
import shutil
import subprocess
import sys
import threading
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlencode

import numpy as np
import pytest
import torch

import engines
import firefox
import jupyterlab as lab
from melodynb.abc_notation import read_abc
from melodynb.compose import Continuation, Form
from melodynb.models import load
from melodynb.musicxml import read_musicxml
from melodynb.recipe import Recipe, make, midi_opening, opening_score, typed_opening
from melodynb.sample import PageDice, in_view, sample
from melodynb.score import Note, Score, Track, read_midi

ROOT = Path(__file__).parents[1]
PLAY = ROOT/'nbs'/'play'
HASH = json.loads((PLAY/'model.json').read_text())['remi-folk']['file']['sha256'][:8]
WEIGHTS = ROOT/'melodynb'/'weights'/'char-gpt'
LETTERS = '#model=char-gpt&opening=DEfA' # a link that sets the desk, and lets nobody write yet
FILES = sorted(path for path in PLAY.rglob('*') if path.is_file())
OWN = [path for path in FILES if path.suffix in ('.html', '.css', '.js', '.json', '.svg')]
browser_test = pytest.mark.skipif(bool(lab.why_no_browser()), reason=lab.why_no_browser())


@pytest.fixture(scope='module')
def model():
    model, _ = load(WEIGHTS)
    return model.eval()


@pytest.fixture(scope='module')
def tokenizer(): return load(WEIGHTS)[1]


# The files

def test_it_is_small():
    sizes = {path.relative_to(PLAY).as_posix(): len(gzip.compress(path.read_bytes())) for path in FILES}
    later = [size for name, size in sizes.items() if name.startswith('vendor/') or name == 'char-gpt.safetensors']
    whole, first = sum(sizes.values()), sum(sizes.values()) - sum(later)
    print(f'{len(sizes)} files, gzipped {whole:,} bytes, {first:,} before the first note')
    assert first < 3_500_000 and whole < 8_000_000
    assert sum(path.stat().st_size for path in FILES) < 13_000_000


def test_the_script_makes_these_very_files():
    command = [sys.executable, ROOT/'data'/'build_play.py', '--check']
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stderr


def test_the_browser_is_told_to_keep_every_file():
    keeper = (PLAY/'sw.js').read_text(encoding='utf-8')
    kept = set(re.findall(r"^  '(.+)': '[0-9a-f]{64}',$", keeper, re.MULTILINE))
    assert kept == {path.relative_to(PLAY).as_posix() for path in FILES} - {'sw.js'}


def test_nothing_is_asked_from_elsewhere():
    text = '\n'.join(path.read_text(encoding='utf-8') for path in OWN)
    found = {address for address in re.findall(r'(?:https?:)?//[\w.]+', text) if '.' in address}
    assert found <= {'http://www.w3.org'}, found


def test_the_prose_says_what_is_true(model):
    text = ' '.join((PLAY/'index.html').read_text(encoding='utf-8').split())
    card = (WEIGHTS/'README.md').read_text(encoding='utf-8')
    tunes = int(re.search(r'(\d+) training tunes', card)[1])
    parameters = sum(p.numel() for p in model.parameters())
    assert f'{parameters:,} parameters' in text and f'{tunes:,} Irish' in text
    card = (WEIGHTS.parent/'remi-folk'/'README.md').read_text(encoding='utf-8')
    assert re.search(r'([\d,]+) parameters', card)[0] in text
    tunes = int(re.search(r'(\d+) pieces to train', card)[1])
    assert f'{tunes:,} such tunes' in text


# Under Node.js: the networks, the grammar, the dice

@pytest.fixture(scope='module')
def ask(tmp_path_factory):
    "Asks the page's own scripts, in a folder that tells Node.js what they are: questions in, answers out."
    if not shutil.which('node'): pytest.skip('Node.js is not here, and runs the scripts of the page: install it')
    folder = tmp_path_factory.mktemp('play')
    for path in PLAY.iterdir():
        if path.is_file(): (folder/path.name).symlink_to(path)
    real = shutil.copytree(folder, folder.with_name('real')) # a script is what its real folder says it is
    (real/'package.json').write_text('{"type": "module"}')
    def answers(*questions):
        command = ['node', ROOT/'tests'/'play.mjs', real]
        done = subprocess.run(command, input=json.dumps(questions), capture_output=True, text=True)
        assert done.returncode == 0, done.stderr[-3000:]
        return json.loads(done.stdout)
    return answers


@pytest.fixture(scope='module')
def composer(): return load(ROOT/'melodynb'/'weights'/'remi-folk')


def test_the_loops_are_those_of_their_source(request, tmp_path_factory):
    "Compiled again, byte for byte."
    folder = engines.kept('assemblyscript', request, tmp_path_factory)
    compiled = runpy.run_path(str(ROOT/'data'/'build_play.py'))['compiled']
    assert compiled(folder) == (PLAY/'loops.js').read_bytes()


@pytest.mark.parametrize('plain', [False, True], ids=['WebAssembly', 'plain'])
@pytest.mark.parametrize('name', ['char-gpt', 'remi-folk'])
def test_the_script_is_the_network(ask, name, plain):
    "Read at once and step by step, up to a full window and beyond it: the odds are those of PyTorch."
    model, tokenizer = load(ROOT/'melodynb'/'weights'/name)
    grammar = tokenizer.grammar if name == 'remi-folk' else None
    ids = sample(model.eval(), tokenizer.start, steps=300, seed=3, allowed=grammar)[:256]
    with torch.no_grad(): expected = model(torch.tensor([ids]))[0].softmax(-1).numpy()
    parts = [ids], [ids[:17], *([id] for id in ids[17:])]
    whole, apart = ask(*(dict(act='logits', model=name, plain=plain, parts=one) for one in parts))
    found = torch.tensor(whole).softmax(-1).numpy()
    print(f'{name}: at most {abs(found - expected).max():.1e} apart')
    assert found.shape == expected.shape and abs(found - expected).max() < 1e-4 and whole == apart


@pytest.mark.parametrize('name', ['char-gpt', 'remi-folk'])
def test_a_full_window_moves_on_as_in_python(ask, name):
    model, tokenizer = load(ROOT/'melodynb'/'weights'/name)
    grammar = tokenizer.grammar if name == 'remi-folk' else None
    ids = sample(model.eval(), tokenizer.start, steps=model.context + 40, seed=5, allowed=grammar)
    while len(ids) <= model.context: ids = ids + ids[1:]
    [found] = ask(dict(act='logits', model=name, parts=[[id] for id in ids[:model.context + 3]]))
    for end in (model.context, model.context + 1, model.context + 3):
        seen = [ids[place] for place in in_view(model, ids[:end])]
        with torch.no_grad(): expected = model(torch.tensor([seen]))[0, -1].softmax(-1)
        assert abs(torch.tensor(found[end - 1]).softmax(-1) - expected).max() < 1e-4


def walked(form, opening, rng):
    "Ids that dice wrote under a grammar, and the masks on the way, as text."
    place, ids, masks = form.start(opening), [], []
    while not ids or ids[-1] != form.t.end:
        masks.append(place.allowed.tobytes().hex())
        ids.append(int(rng.choice(np.flatnonzero(place.allowed))))
        place.push(ids[-1])
    return [*opening, *ids], masks


def test_the_table_is_the_grammar(ask, composer):
    "Other walks than those that the table was made from."
    _, tokenizer = composer
    rng, questions, expected = np.random.default_rng(99), [], []
    keys = tokenizer.values[tokenizer.kinds.index('Key') + 1:tokenizer.kinds.index('Tempo')]
    for number in range(60):
        bars, meter = int(rng.integers(1, 20)), [None, *tokenizer.meters][number % 21]
        key, steady, opening = [None, str(rng.choice(keys))][number % 2], number % 3 == 0, tokenizer.start
        form = Form(tokenizer, bars, meter, key)
        if steady:
            score = opening_score(typed_opening('DRfA'[:number % 4] + 'gC'))
            after = Continuation(score.with_meter('6/8', 60), tokenizer, bars, 'D major')
            form, opening, meter, key = after.form, after.prompt, after.form.meter, None
        ids, masks = walked(form, opening, rng)
        told = dict(bars=form.bars, meter=meter, key=key, steady=steady)
        questions.append(dict(act='masks', form=told, ids=ids, given=len(opening)))
        expected.append(masks)
    assert sum(map(len, expected)) > 3000 and ask(*questions) == expected


def recipes(count):
    "Wishes of all kinds, as the page has them."
    rng = np.random.default_rng(4)
    def one(*choices): return choices[rng.integers(len(choices))]
    for _ in range(count):
        yield dict(bars=one(1, 2, 4, 6, 8), seed=int(rng.integers(2**32)), temperature=one(.5, .9, 1, 1.2),
                   topP=one(.8, .9, 1), key=one(None, 'D major', 'E minor', 'A dorian', 'Bb major'),
                   meter=one(None, '6/8', '4/4', '3/4', '9/8'),
                   opening=one('', '', 'DEfA', 'DRfARR', 'RRRGABcdR', 'AGFEDCBAGFEDCBA', 'DEfAB'))


def as_python(recipe):
    opening = typed_opening(' '.join(recipe['opening']))
    return Recipe(bars=recipe['bars'], seed=recipe['seed'], temperature=recipe['temperature'], top_p=recipe['topP'],
                  key=recipe['key'], meter=recipe['meter'], opening=opening)


def steps_of(score): return [[round(n.start*12), round(n.duration*12), n.pitch] for n in score.notes]


def test_fifty_recipes_are_the_same_music_as_in_python(ask):
    "Note for note; endings, key and moved pitches included."
    asked = [*recipes(50)]
    answers, tried = ask(*(dict(act='piece', recipe=recipe) for recipe in asked)), 0
    for recipe, found in zip(asked, answers):
        result = make(as_python(recipe), dice='page')
        assert found['ids'] == result.ids and found['notes'] == steps_of(result.score), recipe
        assert found['meter'] == '%d/%d' % result.score.meter and found['tempos'][0]['bpm'] == result.score.bpm
        if not recipe['opening']: assert found['key'] == result.score.key
        tried += found['trial']
    assert tried > 10


def gap_as_python(recipe, gap, key):
    "Bars of the piece of a recipe, written anew."
    piece = make(as_python(recipe), dice='page').score
    again = Recipe(opening=midi_opening(piece), gap=(gap['first'], gap['stop']), seed=gap['seed'], key=key,
                   temperature=recipe['temperature'], top_p=recipe['topP'])
    return make(again, dice='page')


def same_gaps(ask, asked):
    "Ask for bars anew, here and there; the answers."
    answers = ask(*(dict(act='again', recipe=recipe, gap=gap) for recipe, gap in asked))
    for (recipe, gap), found in zip(asked, answers):
        result = gap_as_python(recipe, gap, found['key'])
        assert found['ids'] == result.ids and found['notes'] == steps_of(result.score), (recipe, gap)
    return answers


def test_bars_are_written_anew_as_in_python(ask):
    asked, rng = [], np.random.default_rng(2)
    for recipe in recipes(24):
        if recipe['bars'] < 4: continue
        first = int(rng.integers(1, recipe['bars'] - 1))
        gap = dict(first=first, stop=int(rng.integers(first + 1, recipe['bars'] + 1)), seed=int(rng.integers(1000)))
        asked.append((recipe, gap))
    assert len(same_gaps(ask, asked)) > 10


LONG = dict(bars=64, seed=3, temperature=.9, topP=.9, key='D major', meter='12/8')


@pytest.mark.parametrize('opening', ['', 'GABc'])
def test_a_piece_longer_than_the_context_is_the_same_as_in_python(ask, composer, opening):
    "Its window moves while it is written."
    long = dict(LONG, opening=opening)
    [found], result = ask(dict(act='piece', recipe=long)), make(as_python(long), dice='page')
    assert len(result.ids) > composer[0].context + 50
    assert found['ids'] == result.ids and found['notes'] == steps_of(result.score)


def test_of_a_long_piece_the_bars_around_a_gap_are_read(ask, composer):
    gaps = [dict(first=first, stop=stop, seed=5) for first, stop in [(30, 34), (56, 64)]]
    for answer in same_gaps(ask, [(dict(LONG, opening=''), gap) for gap in gaps]):
        assert answer['read'] < .8*composer[0].context


def test_what_cannot_be_written_anew_is_said(ask):
    recipe = dict(bars=12, seed=1, temperature=.9, topP=.9, key='D major', meter='4/4', opening='RD')
    for first, stop, word in (4, 4, '1 to 13'), (2, 20, '1 to 13'), (-1, 2, '1 to 13'), (1, 10, 'At most 8'), (0, 2, 'upbeat'):
        assert word in ask(dict(act='again', recipe=recipe, gap=dict(first=first, stop=stop, seed=1)))[0]['fault']


def test_the_odds_of_a_piece_are_those_of_the_recipe(ask):
    recipe = dict(bars=4, seed=5, temperature=.9, topP=.9, key='G major', meter='6/8', opening='DG')
    result, [chances] = make(as_python(recipe), dice='page'), ask(dict(act='odds', recipe=recipe))
    for note, token in result.places.items():
        if token < result.pen.given: continue
        for chance in result.odds(note):
            shares = [share for id, share in enumerate(chances[token]) if result.pen.label(id) == chance.label]
            assert shares == [pytest.approx(chance.share, abs=1e-4)]


def phrases(count):
    "Phrases in rhythm, as a link and the page have them."
    rng = np.random.default_rng(8)
    for _ in range(count):
        meter, unit = [('4/4', 3), ('6/8', 6), ('3/4', 4), ('9/8', 3)][rng.integers(4)]
        at, notes = int(rng.integers(0, 4))*unit, []
        for _ in range(rng.integers(1, 24)):
            length, rest = (int(rng.integers(1, 6))*unit, int(rng.random() < .2)*unit)
            notes.append([at, length, int(rng.integers(57, 82))])
            at += length + rest
        bar = 12*4*int(meter[0])//int(meter[2])
        notes[-1][1] = min(notes[-1][1], bar - notes[-1][0] % bar)
        yield dict(meter=meter, bpm=int(rng.integers(30, 90))*2, notes=notes)


def played(phrase):
    "A phrase as a score."
    notes = [Note(pitch, start/12, length/12) for start, length, pitch in phrase['notes']]
    meter = tuple(map(int, phrase['meter'].split('/')))
    return Score((Track(tuple(notes)),), meter=meter, bpm=phrase['bpm'])


def test_without_webassembly_it_is_the_same_music(ask):
    asked = [*recipes(12)]
    quick = ask(*(dict(act='piece', recipe=recipe) for recipe in asked))
    plain = ask(*(dict(act='piece', recipe=dict(recipe, plain=True)) for recipe in asked))
    assert [found['ids'] for found in quick] == [found['ids'] for found in plain]


def test_a_phrase_in_rhythm_goes_on_as_in_python(ask):
    rng, asked = np.random.default_rng(3), []
    for phrase in phrases(16):
        key = [None, None, 'G major', 'E dorian'][rng.integers(4)]
        asked.append(dict(bars=4, seed=int(rng.integers(1000)), temperature=.9, topP=.9, key=key, meter=None,
                          opening='', phrase=phrase))
    for recipe, found in zip(asked, ask(*(dict(act='piece', recipe=recipe) for recipe in asked))):
        result = make(replace(as_python(recipe), opening=midi_opening(played(recipe['phrase']))), dice='page')
        assert found['ids'] == result.ids and found['notes'] == steps_of(result.score), recipe
        assert found['notes'][:len(recipe['phrase']['notes'])] == recipe['phrase']['notes']


def test_what_is_played_is_put_on_the_grid(ask):
    told = dict(act='phrase', bpm=120, unit=3, meter='4/4', grid=12, length=48, low=48, high=100, longest=6)
    def rounded(*strokes, **changed):
        strokes = [dict(pitch=pitch, **{'from': begin, 'until': end}) for pitch, begin, end in strokes]
        return ask({**told, 'strokes': strokes, **changed})[0]['notes']
    early = rounded((62, .02, .3), (64, .48, .7), (66, .77, None), (67, 1.01, 1.4)) # a quarter is half a second
    assert early == [[0, 12, 62], [12, 6, 64], [18, 6, 66], [24, 12, 67]]
    assert rounded((62, .02, .3), (64, 2.03, 2.2)) == [[0, 6, 62], [48, 12, 64]] # a silence of beats is a rest
    assert rounded((62, -.52, -.1), (64, 0, .2)) == [[36, 12, 62], [48, 12, 64]] # an upbeat, counted in
    assert rounded((62, 4.01, 4.2)) == [[0, 12, 62]] and rounded((62, 3.5, 9)) == [[36, 12, 62]]
    assert rounded((60, 0, .4), (64, .01, .4), (62, .5, .6)) == [[0, 12, 64], [12, 12, 62]] # a chord: its highest
    assert rounded((30, 0, .4), (107, .5, 1)) == [[0, 12, 54], [12, 12, 95]] # into the reach of the model
    thirds = rounded((60, 0, .1), (62, .17, .3), (64, .33, .5), unit=4)
    assert thirds == [[0, 4, 60], [4, 4, 62], [8, 12, 64]] and rounded() == []
    apart = rounded(*((60 + i, .03*i, .03*i + .01) for i in range(64)), unit=6)
    starts = [start for start, *_ in apart]
    assert starts == sorted({*starts}) and all(a + n <= b for (a, n, _), b in zip(apart, starts[1:]))


def test_a_phrase_goes_through_a_link(ask):
    recipe = dict(model='remi-folk', opening='DR', key=None, meter=None, bars=3, temperature=.5, topP=.8, seed=7,
                  weights=HASH)
    asked = [*phrases(8)]
    links = ask(*(dict(act='asLink', recipe=dict(recipe, phrase=phrase)) for phrase in asked))
    found = ask(*(dict(act='link', hash=link) for link in links))
    assert [one['phrase'] for one in found] == asked and not any(one['faults'] for one in found)
    torn = '6_8', '6_8-120-0.6', '6_8-120-0.0.62', '6_8-120-0.6.62-3.6.64', '6_8-120' + '-0.1.62'*65, '<b>'
    for one in ask(*(dict(act='link', hash=f'#model=remi-folk&seed=1&phrase={text}') for text in torn)):
        assert one['phrase'] is None and 'its phrase cannot be read' in one['faults'][-1]


def test_pages_dice_write_letters_too(model, tokenizer):
    for recipe in (('DEfA', .9, 1, 40), ('', 1.3, 4294967295, 40)):
        opening, temperature, seed, length = recipe
        ids = sample(model, prompt(tokenizer, opening), steps=length, temperature=temperature, seed=seed,
                     stop=tokenizer.end, dice=PageDice)
        assert written(tokenizer, ids) == drawn(model, tokenizer, *recipe)


@pytest.mark.parametrize('key, meter', [('D major', '6/8'), ('Bb major', '4/4'), ('F# minor', '3/4'), ('C dorian', '9/8')])
def test_the_files_say_the_same_notes(ask, key, meter):
    recipe = dict(bars=8, seed=11, temperature=1.1, topP=1, key=key, meter=meter, opening='')
    [found] = ask(dict(act='files', recipe=recipe))
    assert len(found['notes']) > 20
    midi, sheet = read_midi(bytes.fromhex(found['midi'])), read_musicxml(found['xml'].encode())
    [tune] = read_abc(found['abc'])
    for score in (midi, sheet, tune):
        assert steps_of(score) == found['notes']
        assert '%d/%d' % score.meter == meter
    assert sheet.key == tune.key == key and sheet.title == 'A <b> & "c"'
    assert midi.bpm == pytest.approx(sheet.bpm, abs=.01) and tune.bpm == sheet.bpm


def test_links(ask):
    recipe = dict(model='remi-folk', opening='DR', key='D major', meter='6/8', bars=3, temperature=.5, topP=.8, seed=7,
                  weights=HASH)
    [link] = ask(dict(act='asLink', recipe=recipe))
    def read(hash): return ask(dict(act='link', hash=hash))[0]
    found = read(link)
    assert not found['faults'] and {name: found[name] for name in recipe} == recipe
    assert read('') is None and read('#elsewhere') is None
    assert read(LETTERS)['begin'] and not read(LETTERS)['faults']
    assert 'torn' in read(link[:link.index('&seed')])['faults'][0]
    assert 'later version' in read(f'{link}&choir=4')['faults'][0]
    assert '“remi-9”' in read('#model=remi-9&seed=1')['faults'][0]
    [link] = ask(dict(act='asLink', recipe=dict(recipe, again=[dict(first=1, stop=3, seed=9)])))
    assert link.endswith('&again=2-3-9') and read(link)['again'] == [dict(first=1, stop=3, seed=9)] and not read(link)['faults']
    assert '“2-3”' in read(link.removesuffix('-9'))['faults'][0]
    wild = read('#model=remi-folk&bars=1e9&top_p=-3&temperature=NaN&seed=1e99&opening=&key=&meter=&weights=')
    assert (wild['bars'], wild['topP'], wild['temperature'], wild['seed']) == (64, .05, 1, 2**32 - 1)


# What the browser must write

def greedy(model, tokenizer, opening, length):
    "The likeliest letters, as melodynb.sample finds them."
    ids = sample(model, prompt(tokenizer, opening), steps=length, top_k=1, stop=tokenizer.end)
    return written(tokenizer, ids)


def pitches_of(tokenizer, letters):
    return [note.pitch for note in tokenizer.decode(tokenizer.encode(letters)).notes]


def prompt(tokenizer, opening): return tokenizer.start + (tokenizer.encode(opening) if opening else [])


def written(tokenizer, ids): return tokenizer.text(ids).strip('\n')


def mulberry32(seed):
    "The page's dice, in the terms of Python."
    whole, state = 2**32 - 1, seed
    while True:
        state = (state + 0x6D2B79F5) & whole
        mixed = (state ^ state >> 15)*(state | 1) & whole
        mixed ^= mixed + ((mixed ^ mixed >> 7)*(mixed | 61) & whole) & whole
        yield ((mixed ^ mixed >> 14) & whole)/2**32


@torch.inference_mode()
def drawn(model, tokenizer, opening, temperature, seed, length):
    "A melody by the page's rules: softmax, laid side by side, and a number of the dice."
    ids, dice = prompt(tokenizer, opening), mulberry32(seed)
    window = [*ids]
    for _ in range(length):
        if len(window) > model.context: window = window[-(model.context//2):] # as it slides in `sample`
        logits = model(torch.tensor([window]))[0, -1].double()/temperature
        id = int(torch.searchsorted(logits.softmax(-1).cumsum(-1), next(dice), right=True))
        ids.append(id)
        window.append(id)
        if id == tokenizer.end: break
    return written(tokenizer, ids)


# In the browser

UPDATED = '''async () => {
    const next = (what, name) =>
        new Promise(resolve => { what.addEventListener(name, resolve, { once: true }) });
    const changed = next(navigator.serviceWorker, 'controllerchange');
    const registration = await navigator.serviceWorker.ready;
    await registration.update();
    await changed;
    const active = registration.active;
    while (active.state !== 'activated') await next(active, 'statechange');
    return caches.keys() }'''


class Quiet(http.server.SimpleHTTPRequestHandler):
    extensions_map = {**http.server.SimpleHTTPRequestHandler.extensions_map,
                      '.mjs': 'text/javascript', '.wasm': 'application/wasm'}
    def log_message(self, *args): pass
    def log_request(self, *args): self.server.asked.append(self.path.rpartition('/')[2])


@contextmanager
def serve(folder, play=PLAY):
    "A plain server without special headers, the page two folders deep; what it is asked for is in `asked`."
    (folder/'melodynb').mkdir()
    (folder/'melodynb'/'play').symlink_to(play)
    server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), functools.partial(Quiet, directory=folder))
    server.asked = []
    threading.Thread(target=server.serve_forever, daemon=True).start()
    def stop():
        server.shutdown()
        server.server_close()
    stop.server = server
    try: yield f'http://127.0.0.1:{server.server_port}/melodynb/play/', stop
    finally: stop()


@pytest.fixture(scope='module')
def site(tmp_path_factory):
    with serve(tmp_path_factory.mktemp('site')) as (address, _): yield address


@pytest.fixture(scope='module')
def browser():
    with lab.chromium() as browser: yield browser


REACHED = '''[...document.querySelectorAll('main :is(button, input, select, a, [tabindex])')]
    .indexOf(document.activeElement)'''
MARKED = '''document.activeElement === document.body ||
    getComputedStyle(document.activeElement).outlineStyle === 'solid' '''
SEEN = 'body', '.hint', '#write', '.letters .now', '#roll .written', '#piano .black'
FETCHED = 'char-gpt.safetensors', 'worker.js', 'network.js', 'model.json'
KEYBOARD = '''() => { window.keyboard = { name: 'Toy' };
    navigator.requestMIDIAccess = async () => ({ inputs: new Map([[1, keyboard]]) }) }'''
STRIKE = '''([pitch, down, up]) => { const zero = +document.getElementById('record').dataset.zero;
    keyboard.onmidimessage({ data: [144, pitch, 90], timeStamp: zero + down });
    keyboard.onmidimessage({ data: [128, pitch, 0], timeStamp: zero + up }) }'''
LOST = 'model.json', 'network.js', 'remi-folk.safetensors'
LOSE = '''async name => {
    for (const key of await caches.keys()) await (await caches.open(key)).delete(new URL(name, location.href)) }'''
HOLDS = '''async name => (await Promise.all((await caches.keys()).map(async key =>
    (await (await caches.open(key)).keys()).some(({ url }) => url.endsWith('/' + name))))).some(Boolean)'''
STRUCK = '''window.struck = [];
const start = AudioBufferSourceNode.prototype.start;
const power = (samples, turn) => {
    let real = 0, imaginary = 0;
    for (let i = 500; i < Math.min(6000, samples.length); i += 1) {
        real += samples[i] * Math.cos(turn * i);
        imaginary += samples[i] * Math.sin(turn * i) }
    return real**2 + imaginary**2 };
const pitchIn = buffer => { // of the twelve above middle C the one whose fundamental is strongest
    const samples = buffer.getChannelData(0), turn = pitch => 2*Math.PI*440*2**((pitch - 69)/12)/buffer.sampleRate;
    const powers = Array.from({ length: 12 }, (_, step) => power(samples, turn(60 + step)));
    return 60 + powers.indexOf(Math.max(...powers)) };
AudioBufferSourceNode.prototype.start = function(when, over) {
    struck.push([when, pitchIn(this.buffer)]);
    start.call(this, when, over) }'''


class Desk:
    "A page, and what a person does there."
    def __init__(self, page, address): self.page, self.address, self.asked, self.said = page, address, [], []

    def wait(self, script, value=None): self.page.wait_for_function(script, arg=value)
    def status(self): return self.page.inner_text('#status')
    def letters(self): return self.page.text_content('#letters')
    def told(self, pattern):
        said = "document.getElementById('status').textContent"
        self.wait(f'pattern => new RegExp(pattern).test({said})', pattern)

    def struck(self): return [pitch for _, pitch in self.page.evaluate('struck')]

    def open(self, link=LETTERS):
        self.page.goto(self.address + link)
        self.page.wait_for_selector('#write:not([disabled])')
        return self

    def ask(self, opening, temperature, seed, length):
        "Open a link on the page that is there; its letters when they are written."
        link = f'opening={opening}&temperature={temperature}&seed={seed}&length={length}'
        asked = "document.getElementById('status').textContent = 'asked'"
        self.page.evaluate(f"link => {{ {asked}; location.hash = link }}", link)
        self.told('written|ended')
        return self.letters()

    def press(self, name): self.page.click(f'#{name}')

    def set(self, name, value):
        move = "(slider, value) => { slider.value = value; slider.dispatchEvent(new Event('input')) }"
        self.page.locator(f'#{name}').evaluate(move, value)


def without_webassembly(route):
    "A worker as in a browser that has none."
    name = route.request.url.rpartition('/')[2].partition('?')[0]
    route.fulfill(body=(PLAY/name).read_text() + '\ndelete self.WebAssembly;', content_type='text/javascript')


@contextmanager
def desk_on(browser, address, **options):
    "A fresh profile; at the end nothing may have been asked from elsewhere, and the console has kept quiet."
    context = browser.new_context(viewport=dict(width=1200, height=1000), accept_downloads=True, **options)
    context.set_default_timeout(90_000)
    context.add_init_script(STRUCK)
    page = context.new_page()
    desk = Desk(page, address)
    def heard(message):
        if message.type == 'error': desk.said.append(message.text)
    context.on('request', lambda request: desk.asked.append(request.url))
    page.on('console', heard)
    page.on('pageerror', lambda error: desk.said.append(str(error)))
    try: yield desk
    finally: context.close()
    origin = address.split('/melodynb')[0]
    elsewhere = [url for url in desk.asked if not url.startswith((origin, f'blob:{origin}'))]
    assert not elsewhere and desk.asked, elsewhere
    assert not desk.said, desk.said


@pytest.fixture
def desk(browser, site):
    with desk_on(browser, site) as desk: yield desk.open()


ODDS = '''[...document.querySelectorAll('#odds div')].map(bar =>
    [bar.querySelector('b').textContent,
     +bar.querySelector('i').style.getPropertyValue('--share'), bar.className])'''


@torch.no_grad()
def shares_of(model, ids, temperature):
    "The odds after these ids."
    logits = model(torch.tensor([ids]))[0, -1]
    if temperature: return (logits/temperature).softmax(-1)
    return torch.nn.functional.one_hot(logits.argmax(), len(logits))


@pytest.mark.browser
@browser_test
class TestPage:
    def test_greedy_letters_are_those_of_the_library(self, desk, model, tokenizer):
        asked = ('', 40), ('GABc', 40), ('R', 40), ('dfaR', 300), ('DEFGABCDEFGABCDEFGABCDEFGAB', 420)
        for opening, length in asked:
            assert desk.ask(opening, 0, 0, length) == greedy(model, tokenizer, opening, length)

    def test_thrown_letters_are_those_of_the_documented_dice(self, desk, model, tokenizer):
        found = {}
        recipes = (('DEfA', .9, 1, 96), ('DEfA', .9, 2, 96), ('', 1.3, 4294967295, 64), ('gg', 2, 3, 64),
                   ('GABd', .45, 6, 300)) # the last runs through two windows
        for recipe in recipes:
            found[recipe] = desk.ask(*recipe)
            assert found[recipe] == drawn(model, tokenizer, *recipe)
        assert len(set(found.values())) == len(found) and max(map(len, found.values())) > 256

    def test_a_link_carries_the_melody(self, desk, browser, site):
        desk.set('temperature', 1.2)
        desk.page.fill('#seed', '77')
        desk.set('length', 30)
        desk.press('write')
        desk.told('written|ended')
        first, link = desk.letters(), desk.page.url
        assert link.endswith('#opening=DEfA&temperature=1.2&seed=77&length=30')
        with desk_on(browser, link.split('#')[0]) as other:
            other.open('#' + link.split('#')[1]).told('written|ended')
            assert other.letters() == first and not other.struck()
        desk.press('again')
        desk.told('written|ended')
        assert desk.page.input_value('#seed') != '77' and desk.letters() != first

    def test_a_link_is_of_the_melody_in_the_picture(self, desk):
        desk.ask('GABc', 0, 5, 20)
        desk.set('temperature', 2) # to see the odds
        desk.page.fill('#seed', '6')
        with desk.page.expect_download() as waiting: desk.press('midi')
        desk.press('link')
        desk.told('this melody written again|address bar')
        assert desk.page.url.endswith('#opening=GABc&temperature=0&seed=5&length=20')
        assert waiting.value.suggested_filename == 'char-gpt-GABc-seed-5.mid'
        desk.page.fill('#opening', 'GAB')
        desk.press('link')
        desk.told('makes of this opening|address bar')
        assert desk.page.url.endswith('#opening=GAB&temperature=2&seed=6&length=20')

    def test_a_hostile_link_does_nothing(self, desk):
        desk.page.goto(desk.address + '#opening=%3Cimg%20src=x%3E&temperature=1e99&seed=-4&length=1e9')
        desk.page.reload()
        desk.page.wait_for_selector('#write:not([disabled])')
        fault = desk.page.inner_text('#opening-fault')
        assert '“<”' in fault and desk.letters() == '' and desk.page.locator('main img').count() == 0
        values = [desk.page.input_value(f'#{name}') for name in ('temperature', 'seed', 'length')]
        assert values == ['2', '0', '512']

    def test_an_opening_is_tapped_typed_and_taken_back(self, desk):
        page = desk.page
        desk.press('clear')
        for letter in 'Cdg': page.click(f'#piano [data-letter={letter}]')
        assert desk.letters() == 'Cdg' and desk.struck() == [60, 63, 68]
        page.keyboard.press('A')
        page.keyboard.press('R')
        page.keyboard.press('Backspace')
        assert page.input_value('#opening') == desk.letters() == 'CdgA' and desk.struck()[3:] == [69]
        page.locator('#opening').press('End')
        page.keyboard.type('f')
        desk.press('back')
        page.locator('#opening').press('End')
        page.keyboard.type('B')
        assert desk.letters() == 'CdgAB' and desk.struck()[4:] == [66, 71]
        assert page.locator('#roll .opening').count() == 5 and page.locator('#roll .written').count() == 0

    def test_a_wrong_letter_is_named(self, desk):
        desk.page.fill('#opening', 'DEH')
        fault = desk.page.inner_text('#opening-fault')
        assert '“H”' in fault and all(letter in fault for letter in 'C c D d E F f G g A a B R'.split())
        assert desk.page.get_attribute('#opening', 'aria-invalid') == 'true'
        desk.press('write')
        assert desk.page.evaluate('document.activeElement.id') == 'opening' and desk.letters() == ''
        desk.page.fill('#opening', 'D E f')
        assert desk.page.inner_text('#opening-fault') == '' and desk.letters() == 'DEf'
        desk.page.fill('#opening', '\u200bD\ufeffE\xa0f\xad')
        assert desk.page.inner_text('#opening-fault') == '' and desk.letters() == 'DEf'
        odd = {'C#': '#', 'Db': 'b', 'D♭': '♭', 'e': 'e', '😀': '😀', '<b>': '<'}
        for text, wrong in odd.items():
            desk.page.fill('#opening', text)
            assert f'“{wrong}”' in desk.page.inner_text('#opening-fault')
        desk.page.fill('#opening', 'D😀')
        desk.press('back')
        assert desk.page.input_value('#opening') == desk.letters() == 'D'
        desk.page.fill('#opening', 'D'*65)
        fault = desk.page.inner_text('#opening-fault')
        assert '65' in fault and '64' in fault

    def test_stop_keeps_what_was_written(self, desk, model, tokenizer):
        desk.set('temperature', 0)
        desk.set('length', 512)
        desk.press('write')
        desk.wait("() => document.getElementById('letters').children.length > 14")
        desk.press('write')
        desk.told('^Stopped after')
        kept, count = desk.letters(), int(re.search(r'\d+', desk.status())[0])
        assert len(kept) == 4 + count < 516 and desk.page.inner_text('#write') == 'Write'
        desk.set('length', 8)
        desk.press('write')
        desk.press('write') # stopped before the first letter, and asked again at once
        desk.press('write')
        desk.told('^8 letters')
        assert desk.letters() == greedy(model, tokenizer, 'DEfA', 8) == kept[:12]

    def test_a_double_click_writes_and_does_not_stop(self, desk):
        desk.set('length', 40)
        desk.page.dblclick('#write')
        desk.told('written|ended|Stopped')
        assert not desk.status().startswith('Stopped')

    def test_enter_writes(self, desk):
        desk.set('length', 1)
        for name in 'opening', 'seed':
            desk.page.focus(f'#{name}')
            desk.page.keyboard.press('Enter')
            desk.told(r'^1 letter written\.|after 0 letters')
            desk.page.evaluate("document.getElementById('status').textContent = ''")

    def test_the_melody_sounds_and_the_picture_follows(self, desk, tokenizer):
        page = desk.page
        def pitches(text): return pitches_of(tokenizer, text)
        letters = desk.ask('DRfA', .9, 3, 20)
        assert not desk.struck()
        desk.set('tempo', 480)
        desk.press('play')
        desk.wait("() => +document.querySelector('#roll .cursor').getAttribute('x') > 100")
        desk.wait("() => document.getElementById('play').textContent.includes('Play')")
        assert desk.struck() == pitches(letters)
        times = [when for when, _ in page.evaluate('struck')]
        beats = [round((time - times[0])*8) for time in times]
        assert beats == [place for place, letter in enumerate(letters) if letter != 'R']
        page.evaluate('struck.length = 0')
        page.click('.roll [data-index="10"]')
        desk.wait('() => struck.length > 0')
        assert desk.struck()[0] == pitches(letters[10:])[0] and page.inner_text('#play').endswith('Pause')
        desk.press('play')
        assert page.inner_text('#play').endswith('Play')

    def test_the_last_note_rings_out_and_a_pause_does_not_click(self, desk):
        page = desk.page
        page.evaluate('''() => { window.stops = [];
            const stop = AudioBufferSourceNode.prototype.stop;
            AudioBufferSourceNode.prototype.stop = function(when) {
                stops.push((when ?? 0) - this.context.currentTime);
                stop.call(this, when) } }''')
        desk.set('tempo', 240)
        page.fill('#opening', 'CE')
        page.evaluate('stops.length = 0')
        desk.press('play')
        desk.wait("() => document.getElementById('play').textContent.includes('Play')")
        assert not page.evaluate('stops') # nothing ends a note before its time
        page.evaluate('struck.length = 0')
        desk.set('tempo', 60)
        desk.press('play')
        desk.wait('() => struck.length === 2')
        desk.press('play')
        fades = page.evaluate('stops')
        assert len(fades) >= 2 and all(.03 < after < .1 for after in fades) # of the notes, and of what plays with them

    def test_no_sound_is_a_sentence_and_the_picture_goes_on(self, browser, site):
        "Where nobody has touched the page a context stays suspended, as one does in Firefox without a sound device."
        words = ['--no-sandbox', '--mute-audio', '--autoplay-policy=document-user-activation-required']
        strict = browser.browser_type.launch(executable_path=lab.find_chromium(), args=words)
        press = """let pressed = false; // by the page itself, and watched from afar: what a test evaluates is a touch
            setInterval(() => {
                const text = name => document.getElementById(name)?.textContent;
                if (text('silence')) console.log(text('silence'));
                if (pressed || !/written|ended/.test(text('status'))) return;
                pressed = true;
                document.getElementById('play').click() }, 100)"""
        try:
            page = strict.new_page()
            page.add_init_script(press)
            with page.expect_console_message(lambda said: 'no sound device' in said.text, timeout=90_000):
                page.goto(site + '#opening=CDEFGABCDEFGABCDEFGABCDEFGABCDEFGAB&length=1&temperature=0&seed=1')
            place = "+document.querySelector('#roll .cursor').getAttribute('x')"
            before = page.evaluate(place)
            page.wait_for_function(f'before => {place} > before + 20', arg=before)
        finally: strict.close()

    def test_who_leaves_the_page_leaves_the_sound(self, desk):
        desk.set('tempo', 60)
        desk.press('play')
        assert desk.page.inner_text('#play').endswith('Pause')
        desk.page.evaluate("window.dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }))")
        assert desk.page.inner_text('#play').endswith('Play')

    def test_writing_is_heard_as_it_goes(self, desk, tokenizer):
        desk.set('temperature', 0)
        desk.set('tempo', 480)
        desk.set('length', 12)
        desk.press('write')
        desk.told('^12 letters')
        desk.wait("() => document.getElementById('play').textContent.includes('Play')")
        assert desk.struck() == pitches_of(tokenizer, desk.letters())

    @pytest.mark.parametrize('temperature', [0, .5, 1, 2])
    def test_the_odds_are_the_models(self, desk, model, tokenizer, temperature):
        letters, page = desk.ask('DEfA', .9, 1, 12), desk.page
        page.focus('#roll .view')
        page.keyboard.press('Home')
        for _ in range(6): page.keyboard.press('ArrowRight')
        assert page.get_attribute('#roll .view', 'aria-valuenow') == '7'
        assert 'letter 7 of 16, written by the model' in page.get_attribute('#roll .view', 'aria-valuetext')
        desk.set('temperature', temperature)
        shares = shares_of(model, prompt(tokenizer, letters[:7]), temperature)
        shown = page.evaluate(ODDS)
        assert [name for name, *_ in shown] == [*'CcDdEFfGgAaBR', 'end']
        for name, share, _ in shown:
            id = tokenizer.ids['\n' if name == 'end' else name]
            assert share == pytest.approx(float(shares[id]), abs=1e-4)
        assert [name for name, _, kind in shown if kind == 'chosen'] == [letters[7]]
        assert 'Odds of the next letter: ' in page.get_attribute('#odds', 'aria-label')

    def test_the_odds_after_the_opening_show_before_anything_is_written(self, desk, model, tokenizer):
        desk.press('clear')
        for letter in 'Gfd':
            desk.page.click(f'#piano [data-letter={letter}]')
            where = "document.getElementById('odds-where').textContent"
            desk.wait(f'letter => new RegExp(`after .*${{letter}}, at`).test({where})', letter)
        likeliest = tokenizer.vocab[shares_of(model, prompt(tokenizer, 'Gfd'), 0).argmax()]
        shown = {name: share for name, share, _ in desk.page.evaluate(ODDS)}
        assert max(shown, key=shown.get) == likeliest
        assert 'What came' not in desk.page.inner_text('#odds-where')

    def test_the_midi_file_can_be_read(self, desk, tokenizer, tmp_path):
        letters = desk.ask('RDRRfA', 1, 8, 40)
        desk.set('tempo', 200)
        with desk.page.expect_download() as waiting: desk.press('midi')
        waiting.value.save_as(tmp_path/'melody.mid')
        score, expected = read_midi(tmp_path/'melody.mid'), tokenizer.decode(tokenizer.encode(letters))
        assert [note[:3] for note in score.notes] == [note[:3] for note in expected.notes]
        assert score.bpm == pytest.approx(200, abs=.01)
        assert waiting.value.suggested_filename == 'char-gpt-RDRRfA-seed-8.mid'

    def test_it_works_offline_once_loaded(self, browser, tmp_path, model, tokenizer):
        with serve(tmp_path) as (address, stop), desk_on(browser, address) as desk:
            desk.open()
            desk.wait("() => document.getElementById('offline').textContent")
            stop()
            desk.page.context.set_offline(True)
            desk.page.reload()
            desk.page.wait_for_selector('#write:not([disabled])')
            desk.set('temperature', 0)
            desk.set('length', 24)
            desk.press('write')
            desk.told('^24 letters')
            assert desk.letters() == greedy(model, tokenizer, 'DEfA', 24)
            desk.wait('() => struck.length >= 6')

    def test_a_new_version_replaces_the_old_one(self, browser, tmp_path):
        stamped = runpy.run_path(str(ROOT/'data'/'build_play.py'))['stamped']
        copy = shutil.copytree(PLAY, tmp_path/'copy')
        with serve(tmp_path, copy) as (address, stop), desk_on(browser, address) as desk:
            desk.open()
            kept = "document.getElementById('offline').textContent && navigator.serviceWorker.controller"
            desk.wait(f'() => {kept}')
            page = (copy/'index.html').read_text(encoding='utf-8')
            page = page.replace('Play it here ·', 'A newer page ·')
            (copy/'index.html').write_text(page, encoding='utf-8')
            paths = [path for path in copy.rglob('*') if path.is_file()]
            files = {path.relative_to(copy).as_posix(): path.read_bytes() for path in paths}
            keeper = stamped(files.pop('sw.js'), files)
            (copy/'sw.js').write_bytes(keeper)
            stop.server.asked.clear()
            kept = desk.page.evaluate(UPDATED)
            assert len(kept) == 1 and kept[0].endswith(re.search(r"VERSION = '(\w+)'", keeper.decode())[1])
            assert set(stop.server.asked) == {'sw.js', 'index.html'} # the rest was here already
            desk.page.reload()
            desk.wait("() => document.title.startsWith('A newer page')")

    def test_it_works_without_a_service_worker(self, browser, site, model, tokenizer):
        with desk_on(browser, site, service_workers='block') as desk:
            assert desk.open().ask('GABc', 0, 0, 16) == greedy(model, tokenizer, 'GABc', 16)
            assert 'needs a network each time' in desk.page.inner_text('#offline') and desk.page.is_hidden('#keep-all')

    @pytest.mark.parametrize('name', FETCHED)
    def test_a_file_that_fails_is_named_and_asked_for_again(self, browser, site, name):
        with desk_on(browser, site, service_workers='block') as desk:
            desk.page.route(f'**/{name}*', lambda route: route.fulfill(status=503), times=1)
            desk.page.goto(site + LETTERS)
            desk.page.locator('#trouble').wait_for()
            assert name in desk.page.inner_text('#trouble-text')
            assert desk.page.is_disabled('#write') and desk.status() == ''
            desk.press('retry')
            desk.page.wait_for_selector('#write:not([disabled])')
            assert desk.page.is_hidden('#trouble') and desk.status() == 'Ready.'
            assert all('503' in text for text in desk.said) and len(desk.said) <= 1 # the browser's own line
            desk.said.clear()

    def test_a_damaged_file_is_refused(self, browser, site):
        with desk_on(browser, site, service_workers='block') as desk:
            damaged = bytearray((PLAY/'char-gpt.safetensors').read_bytes())
            damaged[1000] ^= 1
            desk.page.route('**/char-gpt.safetensors', lambda route: route.fulfill(body=bytes(damaged)))
            desk.page.goto(site + LETTERS)
            desk.page.locator('#trouble').wait_for()
            assert 'char-gpt.safetensors is not the file it should be' in desk.page.inner_text('#trouble-text')

    def test_it_says_how_far_it_has_loaded(self, browser, site):
        with desk_on(browser, site, service_workers='block') as desk:
            held = []
            desk.page.route('**/*.safetensors', lambda route: held.append(route))
            desk.page.goto(site)
            desk.told(r'^Loading the model: 0.0 of 3.1 MB')
            assert desk.page.is_visible('#progress') and desk.page.is_disabled('#write')
            held[0].continue_()
            desk.page.wait_for_selector('#write:not([disabled])')
            assert desk.page.is_hidden('#progress')

    def test_without_workers_it_says_so(self, browser, site):
        with desk_on(browser, site) as desk:
            desk.page.add_init_script('delete window.Worker')
            desk.page.goto(site)
            desk.page.locator('#trouble').wait_for()
            assert desk.page.inner_text('#trouble-text').startswith('This browser has no workers')

    def test_no_webassembly_is_needed(self, browser, site, model, tokenizer):
        with desk_on(browser, site, service_workers='block') as desk:
            desk.page.add_init_script('delete window.WebAssembly')
            for name in 'worker.js', 'engraver.js': desk.page.route(f'**/{name}*', without_webassembly)
            assert desk.open().ask('GABc', 0, 0, 16) == greedy(model, tokenizer, 'GABc', 16)
            desk.open('')
            desk.press('write')
            desk.told('bars written')
            desk.press('engrave')
            desk.page.get_by_text('The piece could not be engraved').wait_for()
            assert desk.page.locator('#staff .written').count() > 20
            assert all('WebAssembly is not defined' in text for text in desk.said) # Verovio's own lines
            desk.said.clear()

    def test_an_answer_that_is_another_page_is_refused(self, browser, site):
        with desk_on(browser, site, service_workers='block') as desk: # the network of a hotel
            page = dict(body='<html>', content_type='text/html')
            desk.page.route('**/model.json', lambda route: route.fulfill(**page))
            desk.page.goto(site)
            desk.page.locator('#trouble').wait_for()
            assert desk.page.inner_text('#trouble-text') == 'model.json is not the file it should be.'

    def test_straight_from_a_disk_it_says_what_to_do(self, browser):
        page = browser.new_page()
        try:
            page.goto((PLAY/'index.html').as_uri())
            assert 'http.server' not in page.inner_text('#status') # a slow network is not told so at once
            page.get_by_text('python -m http.server').wait_for()
        finally: page.close()

    @pytest.mark.parametrize('scheme', ['light', 'dark'])
    @pytest.mark.parametrize('width', [360, 1200])
    def test_it_is_legible(self, desk, scheme, width):
        desk.page.emulate_media(color_scheme=scheme)
        desk.page.set_viewport_size(dict(width=width, height=800))
        desk.ask('DRfA', .9, 3, 60)
        assert desk.page.evaluate('document.documentElement.scrollWidth') <= width
        for what in (*SEEN, '.status', '#roll .opening', '#piano .white', 'a'):
            assert contrast(desk.page, what) >= 4.5, what
        fits = """[...document.querySelectorAll('button, input')].every(one =>
            one.hidden || one.getBoundingClientRect().right <= innerWidth)"""
        assert desk.page.evaluate(fits)

    def test_a_narrower_window_loses_no_letter(self, desk):
        letters, page = desk.ask('DRfA', .9, 3, 30), desk.page
        page.set_viewport_size(dict(width=360, height=800))
        page.focus('#roll .view')
        page.keyboard.press('Home')
        page.keyboard.press('End')
        inside = page.evaluate('''() => {
            const box = what => document.querySelector(what).getBoundingClientRect();
            const note = box('#roll .now .body'), view = box('#roll .view');
            return view.left <= note.left && note.right <= view.right }''')
        assert len(letters) > 20 and inside

    @pytest.mark.parametrize('scheme', ['light', 'dark'])
    def test_colors_of_the_system_hide_nothing(self, browser, site, scheme):
        with desk_on(browser, site, forced_colors='active', color_scheme=scheme) as desk:
            desk.open().ask('DRfA', .9, 3, 40)
            desk.page.click('#letters span:nth-child(9)')
            behind = """[document.body,
                ...document.querySelectorAll('.odds i, .sample.written, .letters .now')]
                .map(one => getComputedStyle(one).backgroundColor)"""
            paper, *drawn = desk.page.evaluate(behind)
            assert len(drawn) == 16 and paper not in drawn
            for what in SEEN: assert contrast(desk.page, what) >= 4.5, what

    def test_everything_has_a_name_and_is_reached_by_the_keyboard(self, desk):
        desk.ask('DRfA', .9, 3, 10)
        page, reached = desk.page, set()
        page.evaluate('document.activeElement.blur()')
        count = page.locator('main :is(button, input, select, a, [tabindex]):not([hidden], [hidden] *)').count()
        for _ in range(count + 3):
            page.keyboard.press('Tab')
            reached.add(page.evaluate(REACHED))
            assert page.evaluate(MARKED)
        assert len(reached - {-1}) == count
        nameless = '''[...document.querySelectorAll(
            'button, input, progress, [role=slider], [role=img], [role=group]')].filter(one =>
            !(one.getAttribute('aria-label') || one.labels?.length || one.textContent.trim()))
            .map(one => one.id)'''
        assert page.evaluate(nameless) == []

    def test_calm_readers_get_steps_instead_of_motion(self, desk):
        desk.page.emulate_media(reduced_motion='reduce')
        desk.ask('DRfA', .9, 3, 6)
        desk.page.evaluate('''() => { window.places = new Set();
            const cursor = document.querySelector('#roll .cursor');
            const watch = new MutationObserver(() => places.add(+cursor.getAttribute('x')));
            watch.observe(cursor, { attributes: true }) }''')
        desk.set('tempo', 480)
        desk.press('play')
        desk.wait("() => document.getElementById('play').textContent.includes('Play')")
        assert set(desk.page.evaluate('[...places]')) <= {-9, *range(0, 220, 22)}


def contrast(page, what):
    "The ratio of WCAG 2.1 between the text of an element and what lies behind it."
    colors = page.locator(what).first.evaluate('''element => {
        const text = element.matches('g') ? element.querySelector('text') : element;
        const own = getComputedStyle(text);
        const body = element.matches('g') && getComputedStyle(element.querySelector('.body'));
        let behind = body ? body.fill : 'rgba(0, 0, 0, 0)';
        for (let one = element; one && behind.endsWith(', 0)'); one = one.parentElement)
            behind = getComputedStyle(one).backgroundColor;
        return [body ? own.fill : own.color, behind] }''')
    lights = sorted(brightness(color) for color in colors)
    return (lights[1] + .05)/(lights[0] + .05)


def brightness(color):
    parts = [linear(int(part)/255) for part in re.findall(r'\d+', color)[:3]]
    return sum(weight*part for weight, part in zip((.2126, .7152, .0722), parts))


def linear(part): return part/12.92 if part <= .04045 else ((part + .055)/1.055)**2.4


# Attempt 4 in the browser

def link_of(recipe):
    told = dict(model='remi-folk', opening=recipe['opening'], key=recipe['key'] or '', meter=recipe['meter'] or '',
                bars=recipe['bars'], temperature=recipe['temperature'], top_p=recipe['topP'], seed=recipe['seed'],
                weights=HASH)
    return '#' + urlencode(told)


def saved(desk, path, kind='midi'):
    "What the page gives to keep."
    with desk.page.expect_download() as waiting: desk.press(kind)
    waiting.value.save_as(path)
    return waiting.value.suggested_filename


NOTES = '''[...document.querySelectorAll('#staff [data-index] .body')].map(body =>
    ['x', 'y', 'width'].map(name => +body.getAttribute(name)))'''


def on_six_bars(desk):
    "A piece in 6/8, engraved."
    recipe = dict(bars=6, seed=7, temperature=1, topP=1, key='G major', meter='6/8', opening='')
    desk.page.evaluate('link => { location.hash = link }', link_of(recipe))
    desk.told('bars written')
    desk.press('engrave')
    desk.page.locator('#engraved .note').first.wait_for()
    desk.page.evaluate("document.querySelector('#staff .view').scrollIntoView()")


def bar_number(page, bar):
    "Where on the screen the number of a bar in 6/8 stands."
    box = page.locator('#staff .ruler').bounding_box()
    return box['x'] + (bar - .5)*3*44, box['y'] + 10


def chosen(page):
    "First and last bar in the fields, and what is said of them."
    first, last = (int(page.input_value(f'#{name}-bar')) for name in ('first', 'last'))
    return first, last, page.inner_text('#rewrite-said')


@pytest.fixture(scope='module')
def axe(request, tmp_path_factory):
    folder = engines.kept('axe-core', request, tmp_path_factory)
    return (folder/'node_modules'/'axe-core'/'axe.min.js').read_text(encoding='utf-8')


@pytest.fixture
def staff(browser, site):
    with desk_on(browser, site) as desk: yield desk.open('')


@pytest.mark.browser
@browser_test
class TestBars:
    @pytest.mark.parametrize('recipe', [*recipes(4)], ids=lambda recipe: recipe['opening'] or 'alone')
    def test_a_link_is_written_as_python_writes_it(self, staff, tmp_path, recipe):
        page, result = staff.page, make(as_python(recipe), dice='page')
        page.evaluate('link => { location.hash = link }', link_of(recipe))
        staff.told('bars? written')
        saved(staff, tmp_path/'piece.mid')
        score = read_midi(tmp_path/'piece.mid')
        assert steps_of(score) == steps_of(result.score) and score.bpm == pytest.approx(result.score.bpm, abs=.01)
        assert not page.inner_text('#link-fault') and not staff.struck()
        said = page.inner_text('#python')
        again = eval(said, dict(make=make, Recipe=Recipe)) # what the page says to write in Python
        assert again.score.notes == result.score.notes
        assert page.locator('#staff .opening').count() == len(recipe['opening'].replace('R', ''))
        assert page.locator('#staff [data-index]').count() == len(score.notes)

    def test_what_is_pressed_goes_into_the_link_and_the_link_remakes_it(self, staff, browser, site, tmp_path):
        page = staff.page
        page.select_option('#key', 'E minor')
        page.select_option('#meter', '3/4')
        staff.press('clear')
        staff.set('bars', 5)
        page.fill('#seed', '9')
        staff.press('write')
        staff.told('^5 bars written')
        assert page.inner_text('#piece').startswith('E minor · 3/4 · ') and '5 bars' in page.inner_text('#piece')
        staff.wait('() => struck.length > 2') # it is heard while it grows
        staff.press('play')
        staff.set('bars', 9)
        staff.press('link')
        assert saved(staff, tmp_path/'a.mid') == 'remi-folk-seed-9.mid'
        assert re.search('key=E\\+minor&meter=3%2F4&bars=5&temperature=0.9&top_p=0.9&seed=9&weights=', page.url)
        with desk_on(browser, site) as other:
            other.open('#' + page.url.split('#')[1]).told('^5 bars written')
            saved(other, tmp_path/'b.mid')
        assert (tmp_path/'a.mid').read_bytes() == (tmp_path/'b.mid').read_bytes()

    def test_two_models_go_on_from_one_opening(self, staff, model, tokenizer):
        page = staff.page
        page.fill('#opening', 'GABc')
        staff.press('write')
        staff.told('bars written')
        piece = page.inner_text('#piece')
        page.click('[data-model=char-gpt]')
        staff.wait("() => document.getElementById('letters').textContent === 'GABc'")
        page.wait_for_selector('#write:not([disabled])')
        staff.set('temperature', 0)
        staff.set('length', 12)
        staff.press('write')
        staff.told('^12 letters')
        assert staff.letters() == greedy(model, tokenizer, 'GABc', 12)
        page.click('[data-model=remi-folk]')
        assert page.inner_text('#piece') == piece and page.locator('#staff .written').count() > 20 # it is still there

    def test_bars_are_written_anew(self, staff, browser, site, tmp_path):
        page = staff.page
        staff.press('rewrite')
        assert page.inner_text('#rewrite-said') == 'There is no piece yet: press Write.'
        page.select_option('#meter', '6/8')
        staff.set('bars', 12)
        staff.press('write')
        staff.told('^12 bars written')
        saved(staff, tmp_path/'before.mid')
        before = steps_of(read_midi(tmp_path/'before.mid'))
        page.fill('#last-bar', '3')
        staff.press('rewrite')
        assert 'Choose bars from 1 to 12' in page.inner_text('#rewrite-said')
        for first, last in (5, 6), (9, 9):
            page.fill('#first-bar', str(first))
            page.fill('#last-bar', str(last))
            staff.press('rewrite')
            staff.told('(is|are) new')
            assert not page.inner_text('#rewrite-said')
        saved(staff, tmp_path/'after.mid')
        after = steps_of(read_midi(tmp_path/'after.mid'))
        inside = {bar*36 + step for bar in (4, 5, 8) for step in range(36)}
        assert after != before and {note[0] for note in map(tuple, after) if note not in map(tuple, before)} <= inside
        said = page.inner_text('#python')
        result = eval(said, dict(make=make, Recipe=Recipe, midi_opening=midi_opening))
        assert result.score.notes == read_midi(tmp_path/'after.mid').notes
        assert len(re.findall('again=', page.url)) == 2
        with desk_on(browser, site) as other:
            other.open('#' + page.url.split('#')[1]).told('^12 bars written')
            saved(other, tmp_path/'again.mid')
            assert not other.page.inner_text('#link-fault')
        assert (tmp_path/'after.mid').read_bytes() == (tmp_path/'again.mid').read_bytes()

    def test_stop_within_a_rewrite_leaves_the_bars_as_they_were(self, staff, tmp_path):
        page = staff.page
        recipe = dict(bars=10, seed=7, temperature=1, topP=1, key='G major', meter='6/8', opening='')
        page.evaluate('link => { location.hash = link }', link_of(recipe))
        staff.told('bars written')
        saved(staff, tmp_path/'before.mid')
        before, link = page.evaluate(NOTES), page.url
        page.fill('#first-bar', '2')
        page.fill('#last-bar', '8')
        page.evaluate('''() => { // pressed when the first new note is there, before the second
            window.seen = null;
            const watch = new MutationObserver(() => {
                watch.disconnect();
                seen = document.querySelectorAll('#staff [data-index]').length;
                document.getElementById('write').click() });
            watch.observe(document.querySelector('#staff svg:not(.names)'), { childList: true, subtree: true });
            document.getElementById('rewrite').click() }''')
        staff.told('^Stopped: the bars are as they were')
        assert 0 < page.evaluate('seen') < len(before)
        assert page.evaluate(NOTES) == before and page.url == link and page.inner_text('#write') == 'Write'
        saved(staff, tmp_path/'after.mid')
        assert (tmp_path/'before.mid').read_bytes() == (tmp_path/'after.mid').read_bytes()
        staff.press('rewrite') # and they can still be had
        staff.told('are new')
        assert page.evaluate(NOTES) != before and 'again=2-8-' in page.url

    def test_bars_are_chosen_with_the_mouse_and_with_keys(self, staff):
        page = staff.page
        on_six_bars(staff)
        page.mouse.move(*bar_number(page, 2))
        page.mouse.down()
        for bar in 3, 5, 4: page.mouse.move(*bar_number(page, bar))
        page.mouse.up()
        assert chosen(page) == (2, 4, 'Bars 2 to 4 are chosen.')
        page.keyboard.down('Shift')
        page.mouse.click(*bar_number(page, 3))
        page.keyboard.up('Shift')
        assert chosen(page) == (2, 3, 'Bars 2 to 3 are chosen.')
        assert page.locator('#engraved .bar.chosen').count() == 2
        bars = page.locator('#engraved .bar')
        bars.nth(4).click()
        bars.nth(5).click(modifiers=['Shift'])
        assert chosen(page) == (5, 6, 'Bars 5 to 6 are chosen.')
        page.focus('#staff .view')
        page.keyboard.press('Escape')
        page.keyboard.press('End')
        for key in 'Shift+ArrowRight', 'Shift+ArrowLeft', 'Shift+ArrowLeft': page.keyboard.press(key)
        assert chosen(page) == (4, 6, 'Bars 4 to 6 are chosen.')
        page.keyboard.press('Escape')
        assert page.locator('#engraved .bar.chosen').count() == 0 and page.inner_text('#rewrite-said') == ''
        page.focus('#engraved')
        for key in 'ArrowRight', 'ArrowLeft', 'Shift+ArrowLeft': page.keyboard.press(key)
        first, last, _ = chosen(page)
        assert last - first == 1
        page.fill('#last-bar', '6')
        page.fill('#first-bar', '1')
        assert 'one must stay' in chosen(page)[2] and page.locator('#engraved .bar.chosen').count() == 6
        page.fill('#first-bar', '4')
        assert page.locator('#engraved .bar.chosen').count() == 3
        before = page.evaluate(NOTES)
        staff.press('rewrite')
        staff.told('^Bars 4 to 6 are new')
        edge = 3*3*44 # pixels before bar 4
        assert [note for note in page.evaluate(NOTES) if note[0] < edge] == [note for note in before if note[0] < edge]
        assert page.evaluate(NOTES) != before
        page.locator('#engraved .bar.chosen').first.wait_for()
        assert page.locator('#engraved .bar.chosen').count() == 3

    def test_bars_are_chosen_with_a_finger(self, browser, site):
        with desk_on(browser, site, has_touch=True) as desk:
            page = desk.open('').page
            on_six_bars(desk)
            for bar in 2, 4: page.touchscreen.tap(*bar_number(page, bar))
            assert chosen(page) == (2, 4, 'Bars 2 to 4 are chosen.')
            page.touchscreen.tap(*bar_number(page, 3))
            assert chosen(page) == (3, 3, 'Bar 3 is chosen.')
            touch = page.context.new_cdp_session(page)
            def finger(kind, *bars):
                points = [dict(zip('xy', bar_number(page, bar))) for bar in bars]
                touch.send('Input.dispatchTouchEvent', dict(type=f'touch{kind}', touchPoints=points))
            finger('Start', 5) # and along the numbers
            for bar in 4.5, 4, 3.5, 3:
                finger('Move', bar)
                page.wait_for_timeout(50) # a screen hears no faster
            finger('End')
            assert chosen(page) == (3, 5, 'Bars 3 to 5 are chosen.')
            page.touchscreen.tap(*bar_number(page, 3))
            page.locator('#engraved .bar').nth(5).tap(force=True) # wherever in it, on a line of the staff, too
            assert chosen(page) == (3, 6, 'Bars 3 to 6 are chosen.')
            page.locator('#engraved .bar').nth(1).tap(force=True)
            assert chosen(page) == (2, 2, 'Bar 2 is chosen.')

    def test_stop_keeps_what_was_written(self, staff):
        page = staff.page
        staff.set('bars', 64)
        staff.press('write')
        staff.wait("() => document.querySelectorAll('#staff .written').length > 12")
        staff.press('write')
        staff.told('^Stopped after')
        kept = page.locator('#staff .written').count()
        assert 12 < kept < 300 and int(re.search(r'\d+', staff.status())[0]) == kept
        page.wait_for_timeout(300)
        assert page.locator('#staff .written').count() == kept

    def test_a_note_tells_what_could_have_stood_there(self, staff):
        recipe = dict(bars=4, seed=5, temperature=.9, topP=.9, key='G major', meter='6/8', opening='DG')
        page, result = staff.page, make(as_python(recipe), dice='page')
        staff.page.evaluate('link => { location.hash = link }', link_of(recipe))
        staff.told('bars written')
        page.focus('#staff .view')
        page.keyboard.press('Home')
        assert 'of your opening' in page.inner_text('#odds-where') and page.locator('#chances div').count() == 0
        for _ in range(4): page.keyboard.press('ArrowRight')
        told = '''[...document.querySelectorAll('#chances div')].map(bar =>
            [+bar.querySelector('i').style.getPropertyValue('--share'), bar.className === 'chosen'])'''
        shown = sorted(page.evaluate(told), reverse=True)
        expected = [[chance.share, chance.chosen] for chance in result.odds(4) if chance.share > .002]
        assert len(shown) == len(expected) and sum(chosen for _, chosen in shown) == 1
        for (share, chosen), (right, came) in zip(shown, sorted(expected, reverse=True)):
            assert (share, chosen) == (pytest.approx(right, abs=1e-4), came)
        assert 'note 5 of' in page.get_attribute('#staff .view', 'aria-valuetext')

    @pytest.mark.parametrize('link, word', [
        ('#model=remi-9&seed=1&choir=2', '“remi-9”'),
        ('#model=remi-folk&opening=&key=&meter=&bars=2', 'torn'),
        ('#model=remi-folk&opening=&key=&meter=&bars=2&temperature=1&top_p=1&seed=1&weights=&again=9-12-4', 'torn'),
        ('#model=remi-folk&opening=&key=H+major&meter=&bars=2&temperature=1&top_p=1&seed=1&weights=', '“H major”'),
        ('#model=remi-folk&opening=&key=&meter=&bars=2&temperature=1&top_p=1&seed=1&weights=12345678', 'other weights'),
        ('#model=remi-folk&opening=D&key=&meter=&bars=2&temperature=1&top_p=1&seed=1&weights=&phrase=4_4-9', 'torn'),
        ('#model=remi-folk&opening=D&key=&meter=&bars=2&temperature=1&top_p=1&seed=1&weights=&phrase=7_3-120-0.6.62',
         'no words for'),
        ('#model=remi-folk&opening=D&key=&meter=&bars=2&temperature=1&top_p=1&seed=1&weights=&phrase=4_4-120-0.6.999',
         'no words for'),
        ('#model=remi-folk&opening=&key=&meter=&bars=2&temperature=1&top_p=1&seed=1&weights=&choir=3', 'later version')])
    def test_an_odd_link_is_a_sentence(self, browser, site, link, word):
        with desk_on(browser, site) as desk:
            desk.open(link).told('bars? written')
            said = desk.page.inner_text('#link-fault')
            assert word in said and said.endswith(('.', 'one.')) and desk.page.locator('#staff .written').count()

    def test_what_was_used_works_offline_and_nothing_else_is_fetched(self, browser, tmp_path):
        with serve(tmp_path) as (address, stop), desk_on(browser, address) as desk:
            page = desk.open('').page
            page.get_by_text('What you have used is kept').wait_for()
            assert stop.server.asked.count('remi-folk.safetensors') == 1
            assert not {'char-gpt.safetensors', 'verovio-module.mjs', 'verovio.mjs'} & {*stop.server.asked}
            desk.press('write')
            desk.told('16 bars written')
            desk.press('engrave')
            page.locator('#engraved .note').first.wait_for()
            desk.wait(HOLDS, 'verovio-module.mjs')
            stop()
            page.context.set_offline(True)
            page.reload()
            desk.told('16 bars written') # the address remakes it
            desk.press('engrave')
            page.locator('#engraved .note').first.wait_for()
            written = page.locator('#staff .written').count()
            page.click('[data-model=char-gpt]') # nobody asked for it before
            page.locator('#trouble').wait_for()
            assert page.inner_text('#trouble-text') == 'char-gpt.safetensors could not be fetched: is there a network?'
            page.click('[data-model=remi-folk]')
            assert page.locator('#staff .written').count() == written and page.is_hidden('#trouble')
            desk.press('keep-all')
            page.get_by_text('It could not be kept on this device').wait_for()
            assert page.is_visible('#keep-all') and page.is_enabled('#keep-all')
            desk.said.clear()

    def test_the_rest_is_kept_where_that_is_wished(self, browser, tmp_path):
        with serve(tmp_path) as (address, stop), desk_on(browser, address) as desk:
            page = desk.open('').page
            desk.press('keep-all')
            page.get_by_text('All of it is kept on this device now').wait_for()
            assert page.is_hidden('#keep-all')
            stop()
            page.context.set_offline(True)
            page.reload()
            page.wait_for_selector('#write:not([disabled])')
            desk.press('write')
            desk.told('16 bars written')
            desk.press('engrave')
            page.locator('#engraved .note').first.wait_for()
            page.click('[data-model=char-gpt]')
            page.wait_for_selector('#write:not([disabled])')
            desk.press('write')
            desk.told('written|ended')

    def test_a_cache_half_filled_is_filled_again(self, browser, tmp_path):
        with serve(tmp_path) as (address, stop), desk_on(browser, address) as desk:
            page = desk.open('').page
            page.get_by_text('What you have used is kept').wait_for()
            for name in LOST: page.evaluate(LOSE, name)
            page.reload()
            page.wait_for_selector('#write:not([disabled])')
            for name in LOST: desk.wait(HOLDS, name)
            assert page.is_hidden('#trouble')

    def test_what_cannot_be_kept_is_a_sentence(self, browser, site):
        "As where a device has no room: the page works all the same."
        with desk_on(browser, site) as desk:
            desk.page.add_init_script("ServiceWorkerContainer.prototype.register = async () => ({ installing:"
                                      " Object.assign(new EventTarget(), { state: 'redundant' }) })")
            page = desk.open('').page
            page.get_by_text('It could not be kept on this device').wait_for()
            desk.press('write')
            desk.told('16 bars written')

    def test_a_midi_keyboard_is_listened_to(self, browser, site):
        "A browser's own MIDI, with a keyboard that the test plays."
        with desk_on(browser, site) as desk:
            page = desk.open('').page
            desk.press('clear')
            page.evaluate("() => { navigator.requestMIDIAccess = async () => { throw new DOMException('no') } }")
            desk.press('keyboard')
            page.get_by_text('was not allowed to listen').wait_for()
            page.evaluate(KEYBOARD)
            desk.press('keyboard')
            page.get_by_text('Listening to Toy').wait_for()
            played = '[[144, 62, 90], [128, 62, 0], [145, 78, 30], [144, 50, 0]]' # a note-on of force 0 is a note-off
            page.evaluate(f'for (const data of {played}) keyboard.onmidimessage({{ data }})')
            assert page.input_value('#opening') == 'Df'
            page.evaluate('() => { navigator.requestMIDIAccess = undefined }')
            desk.press('keyboard')
            assert 'knows no MIDI keyboards' in page.inner_text('#keyboard-said')

    def test_a_phrase_in_rhythm_is_rounded_before_ones_eyes_and_goes_on(self, staff, browser, site, tmp_path):
        page = staff.page
        page.select_option('#meter', '6/8')
        staff.set('pace', 120)
        staff.set('bars', 4)
        page.evaluate(KEYBOARD)
        staff.press('keyboard')
        page.get_by_text('Listening to Toy').wait_for()
        staff.press('record')
        staff.wait("() => document.getElementById('beat').textContent")
        strokes = (62, 10, 240), (76, 265, 480), (66, 842, 1240), (67, 1255, 1480) # pitch, and milliseconds
        for pitch, down, up in strokes: page.evaluate(STRIKE, [pitch, down, up])
        assert page.locator('#take .opening').count() == page.locator('#take .played').count() == 4 # while it is played
        staff.press('record')
        assert page.inner_text('#record-said').startswith('4 notes, rounded to sixteenths')
        assert page.input_value('#opening') == 'DEfG'
        phrase = dict(meter='6/8', bpm=120, notes=[[0, 6, 62], [6, 15, 76], [21, 9, 66], [30, 6, 67]])
        drawn = page.locator('#take .body').evaluate_all("all => all.map(one => +one.getAttribute('x'))")
        page.select_option('#round', '6')
        rounder = page.locator('#take .body').evaluate_all("all => all.map(one => +one.getAttribute('x'))")
        assert rounder[2] == drawn[2] - 3/12*44 and rounder[:2] == drawn[:2]
        page.select_option('#round', '3')
        staff.press('write')
        staff.told('^4 bars written')
        assert 'phrase=6_8-120-0.6.62-6.15.76-21.9.66-30.6.67' in page.url
        saved(staff, tmp_path/'a.mid')
        score = read_midi(tmp_path/'a.mid')
        assert steps_of(score)[:4] == phrase['notes'] and score.bpm == pytest.approx(120, abs=.01)
        said = page.inner_text('#python')
        assert eval(said, dict(make=make, Recipe=Recipe)).score.notes == score.notes
        with desk_on(browser, site) as other:
            other.open('#' + page.url.split('#')[1]).told('^4 bars written')
            saved(other, tmp_path/'b.mid')
            assert not other.page.inner_text('#link-fault')
        assert (tmp_path/'a.mid').read_bytes() == (tmp_path/'b.mid').read_bytes()
        page.select_option('#meter', '4/4') # the same notes between other bar lines
        assert page.locator('#staff .opening').count() == 4 and '4/4' in page.inner_text('#piece')
        staff.press('clear')
        assert page.is_hidden('#take') and page.locator('#staff .opening').count() == 0

    def test_keys_tapped_and_typed_have_a_rhythm(self, staff):
        page = staff.page
        staff.press('record')
        page.wait_for_timeout(300)
        key = page.locator('#piano [data-letter=G]').bounding_box()
        page.mouse.move(key['x'] + 5, key['y'] + key['height'] - 9)
        page.mouse.down()
        page.wait_for_timeout(900) # at 100 a minute a beat and a half
        page.mouse.up()
        for letter in 'fD':
            page.keyboard.down(letter)
            page.wait_for_timeout(350)
            page.keyboard.up(letter)
        page.focus('#piano [data-letter=A]')
        page.keyboard.press('Enter')
        staff.press('record')
        assert page.input_value('#opening') == 'GfDA' and page.locator('#take .opening').count() == 4
        widths = page.locator('#take .body').evaluate_all("all => all.map(one => +one.getAttribute('width'))")
        assert widths[0] > widths[1] > 9 # pixels: a held key lasts
        staff.press('record')
        page.click('[data-model=char-gpt]') # letters know no rhythm
        assert staff.letters() == '' and page.inner_text('#record-said') == 'Nothing was played.'

    @pytest.mark.parametrize('scheme', ['light', 'dark'])
    @pytest.mark.parametrize('width', [360, 1280])
    def test_it_is_legible_and_clean(self, browser, site, axe, scheme, width):
        with desk_on(browser, site) as desk:
            page = desk.page
            page.emulate_media(color_scheme=scheme)
            page.set_viewport_size(dict(width=width, height=800))
            for link in ('', LETTERS):
                desk.open(link)
                if not link: # a note in rhythm, and bars that are chosen
                    desk.press('record')
                    page.keyboard.press('D')
                    desk.press('record')
                desk.press('write')
                desk.told('written|ended')
                if not link:
                    desk.press('engrave')
                    page.locator('#engraved .note').first.wait_for()
                    page.fill('#first-bar', '6')
                    assert page.locator('#engraved .bar.chosen').count() == 3 and page.is_visible('#take .opening')
                assert page.evaluate('document.documentElement.scrollWidth') <= width
                fits = """[...document.querySelectorAll('button, input, select')].every(one =>
                    one.hidden || one.getBoundingClientRect().right <= innerWidth)"""
                assert page.evaluate(fits)
                page.evaluate(axe)
                found = page.evaluate('axe.run(document, { resultTypes: ["violations"] })')
                assert not [(one['id'], node['target']) for one in found['violations'] for node in one['nodes']]
                desk.press('play')

    def test_the_engraved_notes_are_those_of_the_piece_and_follow(self, staff, tmp_path):
        page = staff.page
        staff.press('engrave')
        assert staff.status() == 'There is no note to engrave yet: tap an opening, or press Write.'
        recipe = dict(bars=6, seed=11, temperature=1.1, topP=1, key='Bb major', meter='9/8', opening='')
        page.evaluate('link => { location.hash = link }', link_of(recipe))
        staff.told('bars written')
        staff.press('engrave')
        page.locator('#engraved .note').first.wait_for()
        saved(staff, tmp_path/'piece.musicxml', 'xml')
        sheet = read_musicxml(tmp_path/'piece.musicxml')
        parts = len(re.findall('<pitch>', (tmp_path/'piece.musicxml').read_text()))
        assert page.locator('#engraved .note').count() == parts >= len(sheet.notes)
        assert page.locator('#engraved .beam').count() and page.locator('#engraved .measure').count() == 6
        page.focus('#staff .view')
        page.keyboard.press('Home')
        seen = []
        for _ in sheet.notes:
            seen.append(page.locator('#engraved .note.now').get_attribute('id'))
            page.keyboard.press('ArrowRight')
        assert len({*seen}) == len(sheet.notes)
        staff.press('write') # another piece, and it is engraved in its turn
        staff.told('bars written')
        page.locator('#engraved .note').first.wait_for()
        staff.press('engrave')
        assert page.is_hidden('#engraved')

    @pytest.mark.parametrize('name', ['engraver.js', 'vendor/verovio/verovio-module.mjs'])
    def test_an_engraver_that_does_not_come_is_a_sentence(self, browser, site, name):
        with desk_on(browser, site, service_workers='block') as desk:
            page = desk.open('').page
            page.route(f'**/{name}*', lambda route: route.fulfill(status=503), times=1)
            desk.press('write')
            desk.told('bars written')
            count = page.locator('#staff .written').count()
            desk.press('engrave')
            page.get_by_text('The engraver could not be started').wait_for()
            assert page.locator('#staff .written').count() == count and page.is_hidden('#engraved')
            desk.press('engrave')
            page.locator('#engraved .note').first.wait_for()
            desk.said.clear()

    def test_without_web_audio_there_is_a_sentence_and_all_else(self, browser, site):
        with desk_on(browser, site) as desk:
            desk.page.add_init_script('delete window.AudioContext')
            page = desk.open('').page
            desk.press('record')
            assert 'There is no sound' in page.inner_text('#silence')
            page.keyboard.press('D')
            desk.press('record')
            assert page.input_value('#opening') == 'D'
            desk.press('write')
            desk.told('bars written|no Web Audio')
            desk.wait("() => document.querySelectorAll('#staff .written').length > 20")
            desk.press('play')
            desk.told('no Web Audio')

    def test_a_screen_turned_in_the_middle_loses_nothing(self, staff):
        page = staff.page
        recipe = dict(bars=32, seed=7, temperature=1, topP=1, key='G major', meter='6/8', opening='')
        page.evaluate('link => { location.hash = link }', link_of(recipe))
        staff.wait("() => document.querySelectorAll('#staff .written').length > 5")
        page.set_viewport_size(dict(width=360, height=800))
        staff.told('^32 bars written')
        page.set_viewport_size(dict(width=800, height=360))
        result = make(as_python(recipe), dice='page')
        assert page.locator('#staff .written').count() == len(result.score.notes)

    def test_a_turned_screen_loses_nothing(self, staff):
        staff.press('write')
        staff.told('bars written')
        before = staff.page.locator('#staff .written').count()
        staff.page.set_viewport_size(dict(width=360, height=800))
        staff.page.set_viewport_size(dict(width=800, height=360))
        assert staff.page.locator('#staff .written').count() == before and staff.page.inner_text('#piece')


# Firefox

HEARD = '''(() => { const status = document.getElementById('status').textContent;
    return /bars? written|letters written|ended/.test(status) })()'''



@pytest.mark.browser
@pytest.mark.skipif(bool(firefox.WHY_NONE), reason=firefox.WHY_NONE)
def test_firefox_writes_the_same(site, model, tokenizer):
    "Its exponentials are its own, and the notes are the same; letters, staves and the cursor work."
    with firefox.firefox() as browser:
        for recipe in recipes(4):
            browser.open('about:blank')
            browser.open(site + link_of(recipe))
            browser.wait(HEARD)
            result = make(as_python(recipe), dice='page')
            drawn = [[round((x - 1)/44*12), round(-(y - .5)/9) - 1, width] for x, y, width in browser.ask(NOTES)]
            expected = [[start, pitch] for start, _, pitch in steps_of(result.score)]
            assert [note[:2] for note in drawn] == expected, recipe
        browser.ask("document.getElementById('engrave').click()")
        browser.wait("document.querySelectorAll('#engraved .note').length > 0")
        press = '''document.querySelector('#staff .view').dispatchEvent(
            new KeyboardEvent('keydown', { key: 'ArrowRight', shiftKey: true, bubbles: true }))'''
        for _ in range(2): browser.ask(press)
        said = "document.getElementById('rewrite-said').textContent"
        assert re.match(r'Bars? \d.* chosen', browser.ask(said)), browser.ask(said)
        assert browser.ask("document.querySelectorAll('#engraved .bar.chosen').length") > 0
        assert not browser.ask("document.getElementById('link-fault').textContent")
        browser.open('about:blank')
        browser.open(site + '#opening=GABc&temperature=0&seed=0&length=24')
        browser.wait(HEARD)
        assert browser.ask("document.getElementById('letters').textContent") == greedy(model, tokenizer, 'GABc', 24)
