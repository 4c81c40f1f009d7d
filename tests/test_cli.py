"The command as a shell runs it: any file names, pipes, exit codes, and one sentence for all that goes wrong."
import csv
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from itertools import chain
from pathlib import Path

import numpy as np
import pytest

from melodynb import __version__, cli
from melodynb.cli import VERBS, main, verb
from melodynb.corpus import load_corpus
from melodynb.musicxml import read_sheet, sheet_score
from melodynb.figures import Interval, Table
from melodynb.recipe import make
from melodynb.score import Note, Score, Track, read_midi, write_midi
from melodynb.text import from_text, to_text

TUNE = load_corpus('folk')[0]
TEXT = to_text(TUNE)
HERE = {**os.environ, 'PYTHONPATH': os.pathsep.join(sys.path)}
NAMES = ['a tune with spaces', 'Tánc – 曲 \'🎻\'', '-starts-with-a-dash', 'dots.in.it']


def run(*arguments, cwd, **options):
    "The command in a process of its own; bytes in, bytes out."
    command = [sys.executable, '-m', 'melodynb.cli', *map(str, arguments)]
    return subprocess.run(command, cwd=cwd, capture_output=True, env=HERE, **options)


def failed(done, *parts):
    "It ended with 1 and one sentence that holds these parts."
    said = done.stderr.decode()
    assert done.returncode == 1 and said.startswith('melodynb: ') and said.count('\n') == 1, said
    assert 'Traceback' not in said, said
    assert not done.stdout
    for part in parts: assert part in said, said
    return True


# There and back

@pytest.mark.parametrize('name', NAMES)
def test_files_of_every_name(tmp_path, name):
    folder = tmp_path/'in a folder, ü'
    folder.mkdir()
    write_midi(TUNE, folder/f'{name}.mid')
    plain = f'./{name}' if name.startswith('-') else name
    made = run('midi-to-text', f'{plain}.mid', f'{plain}.txt', cwd=folder)
    assert made.returncode == 0 and b'nothing is lost' in made.stderr and not made.stdout
    assert from_text((folder/f'{name}.txt').read_text(encoding='utf-8')) == TUNE
    (folder/f'{name}.mid').unlink()
    assert run('text-to-midi', f'{plain}.txt', cwd=folder).returncode == 0
    assert read_midi(folder/f'{name}.mid') == TUNE


def test_everything_through_pipes(tmp_path):
    text = run('midi-to-text', '-', cwd=tmp_path, input=write_midi(TUNE))
    assert text.returncode == 0 and text.stdout.decode() == TEXT + '\n'
    midi = run('text-to-midi', '-', cwd=tmp_path, input=text.stdout)
    assert midi.returncode == 0 and read_midi(midi.stdout) == TUNE
    foreign = b'\xef\xbb\xbf' + text.stdout.replace(b'\n', b'\r\n')
    wave = run('text-to-wav', '-', '-', '--sample-rate', 8000, cwd=tmp_path, input=foreign)
    assert wave.returncode == 0 and wave.stdout[:4] == b'RIFF'
    assert len(wave.stdout) == pytest.approx(2*8000*(float(TUNE.seconds_at(TUNE.end)) + 1.25), rel=.01)
    assert not any(tmp_path.iterdir())


def test_results_go_beside_the_caller(tmp_path):
    far = tmp_path/'far'
    far.mkdir()
    (far/'tune.json').write_text('{"Piano": ["C4_q", "E4.G4_q"]}')
    assert run('text-to-wav', far/'tune.json', '--sample-rate', 8000, cwd=tmp_path).returncode == 0
    assert {path.name for path in tmp_path.iterdir()} == {'far', 'tune.wav'} and len(list(far.iterdir())) == 1


def test_a_title_that_no_screen_shows(tmp_path):
    odd = Score([Track([Note(60, 0, 1)], name='Ström 🎻')], title='"\n\t曲')
    made = run('midi-to-text', '-', cwd=tmp_path, input=write_midi(odd))
    assert from_text(made.stdout.decode()) == odd
    (tmp_path/'half.txt').write_bytes(rb'{"title": "\ud800", "P": [C4_q]}')
    assert failed(run('text-to-midi', 'half.txt', cwd=tmp_path), 'Unicode')


@pytest.mark.skipif(sys.platform != 'linux', reason='file names are Unicode there')
def test_a_file_name_that_is_no_text(tmp_path):
    name = os.fsdecode(b'caf\xe9')
    write_midi(TUNE, tmp_path/'a.mid')
    (tmp_path/'a.mid').rename(tmp_path/f'{name}.mid')
    untitled = bytes.fromhex('4d546864 00000006 0000 0001 0060 4d54726b 0000000c '
                             '00903c50 60803c00 00ff2f00') # a C, and no title: it gets the name of the file
    (tmp_path/f'b{name}.mid').write_bytes(untitled)
    made = run('midi-to-text', f'b{name}.mid', cwd=tmp_path)
    assert made.returncode == 0 and from_text(made.stdout.decode()).title == f'b{name}'
    assert run('midi-to-text', f'{name}.mid', f'{name}.txt', cwd=tmp_path).returncode == 0


def test_what_is_lost_is_said(tmp_path):
    rough = write_midi(Score([Track([Note(60, 0, .99, 100)])]), ticks_per_beat=100)
    made = run('midi-to-text', '-', '--grid', 4, cwd=tmp_path, input=rough)
    assert b'of 1 notes: 1 moved by up to 0.01 beats, 1 set to the usual loudness' in made.stderr
    finer = run('midi-to-text', '-', '--grid', 100, cwd=tmp_path, input=rough)
    assert b'moved' not in finer.stderr and b'C4_0.99' in finer.stdout
    silent = run('text-to-midi', '-', cwd=tmp_path, input=b'{"A": [C4_q], "B": [Rest_q]}')
    assert b'1 of 2 tracks left out' in silent.stderr
    late = write_midi(Score([Track([Note(60, 2, 1)])]))
    dial = run('midi-to-text', '-', '--longest-rest', .5, cwd=tmp_path, input=late)
    assert dial.stdout.count(b'Rest_e') == 4


def test_what_libraries_print_is_no_result(capsys):
    @verb(example='melodynb chat')
    def chat():
        "Print, as a library might."
        print('I was found at /usr/lib')
        return 'the result', '-'
    try: assert main(['chat']) == 0
    finally: del VERBS['chat']
    assert capsys.readouterr() == ('the result', 'I was found at /usr/lib\n')


# What goes wrong

def test_nothing_is_replaced_by_silence(tmp_path):
    (tmp_path/'tune.txt').write_text(TEXT, encoding='utf-8')
    (tmp_path/'tune.mid').write_bytes(b'precious')
    assert failed(run('text-to-midi', 'tune.txt', cwd=tmp_path), 'tune.mid is there already', '--force')
    assert (tmp_path/'tune.mid').read_bytes() == b'precious'
    assert run('text-to-midi', 'tune.txt', '--force', cwd=tmp_path).returncode == 0
    assert read_midi(tmp_path/'tune.mid') == TUNE
    assert failed(run('midi-to-text', 'tune.mid', 'tune.txt', cwd=tmp_path), 'tune.txt is there already')


BAD = {
    'midi-to-text nothing.mid': 'is not there', 'text-to-midi nothing.txt': 'is not there',
    'midi-to-text folder': 'is a folder', 'text-to-midi folder out.mid': 'is a folder',
    'text-to-midi tune.txt folder': 'is a folder', 'midi-to-text tune.txt': 'as none of MIDI',
    'text-to-midi tune.mid -': 'UTF-8', 'text-to-midi tune.mid': 'the source itself',
    'text-to-midi tune.txt ./tune.txt --force': 'the source itself', 'text-to-wav latin.txt': 'UTF-8',
    'text-to-midi broken.txt': 'broken.txt: line 2, column 2: expected a note',
    'text-to-midi empty.txt': 'the end of the text', 'text-to-wav silent.txt': 'holds 0 notes',
    'text-to-wav endless.txt': 'lasts 12,000 seconds', 'text-to-wav tune.txt a.mp3': 'does not end in .wav',
    'text-to-wav tune.txt --sample-rate 5': 'sample_rate', 'midi-to-text tune.mid --grid 0': 'grid',
    'midi-to-text tune.mid nowhere/tune.txt': 'make its folder',
    'midi-to-text tune.mid --longest-rest nan': 'longest_rest',

    'generate --bars 0': 'bars=0', 'generate --bars 257': '1 to 256',
    'generate --temperature 0': 'temperature=0', 'generate --temperature nan': 'temperature=nan',
    'generate --top-k 0': 'top_k=0', 'generate --top-p 1.5': 'top_p=1.5', 'generate --seed -1': 'seed=-1',
    'generate --seed 99999999999': 'seed=99999999999', 'generate --key H': "key='H'",
    'generate --meter 17/16': "meter '17/16'", 'generate --meter waltz': "meter='waltz'",
    'generate --model nobody': "'nobody' is no model folder", 'generate --model folder': 'no config.json',
    'generate --model tune.mid': 'no model folder', 'generate --model bart-folk': 'fills holes',
    'generate --model char-gpt --meter 3/4': 'knows no meter', 'generate --model char-gpt --key D': 'key',
    'generate --model char-gpt --bars -1': 'bars=-1', 'generate --out a.gif': 'a.gif has no ending',
    'generate --out folder': 'is a folder', 'generate --out nowhere/a.mid': 'make its folder',
    'generate --out tune.mid': 'is there already',

    'continue nothing.mid': 'is not there', 'continue tune.txt': 'as none of MIDI', 'continue folder': 'is a folder',
    'continue tune.mid --out ./tune.mid --force': 'the source itself',
    'continue tune.mid --meter 99/64': "meter='99/64'",
    'continue tune.mid --out tune.txt': 'is there already',
    'continue tune.mid --model nobody': "'nobody' is no model folder", 'continue tune.mid --bars 0': 'bars=0',

    'compare --tunes 1': 'tunes=1', 'compare --pieces 0': 'pieces=0', 'compare --seeds 0': 'seeds=0',
    'compare nobody': "'nobody' is no model folder", 'compare --out a.pdf': 'a.pdf has no ending',
    'compare --out tune.txt': 'is there already', 'notebooks tune.txt': 'is a file',
    'notebooks tune.txt/course': 'Not a directory', 'notebooks blocked': 'blocked/workshop is a file',
    'notebooks blocked --force': 'blocked/workshop is a file',

    'train --midi nowhere --into m': 'is not a folder', 'train --midi tune.mid --into m': 'is not a folder',
    'train --midi folder --into m': 'holds no .mid', 'train --midi . --into folder': 'is there already',
    'train --midi . --into tune.txt': 'is there already', 'train --midi . --into m --seed -1': 'seed=-1',
}

@pytest.fixture
def desk(tmp_path, monkeypatch):
    "A folder with files of every kind, to work in."
    monkeypatch.chdir(tmp_path)
    (tmp_path/'folder').mkdir()
    (tmp_path/'blocked').mkdir()
    (tmp_path/'blocked'/'workshop').write_text('mine')
    texts = dict(tune=TEXT, broken='{"P": [C4_q\n H4_q]}', empty='', silent='{"P": [Rest_q]}',
                 endless='{"bpm": 10, "P": [C4_2000]}')
    for name, text in texts.items(): (tmp_path/f'{name}.txt').write_text(text, encoding='utf-8')
    (tmp_path/'latin.txt').write_bytes('{"title": "Ström"}'.encode('latin-1'))
    write_midi(TUNE, tmp_path/'tune.mid')
    return tmp_path

@pytest.mark.parametrize('line', BAD)
def test_bad_input_is_one_sentence_and_leaves_nothing(desk, capsys, line):
    before = {path: path.is_file() and path.read_bytes() for path in desk.iterdir()}
    assert main(line.split()) == 1
    said = capsys.readouterr()
    assert BAD[line] in said.err and said.err.startswith('melodynb: ')
    assert said.err.count('\n') == 1 and not said.out
    assert {path: path.is_file() and path.read_bytes() for path in desk.iterdir()} == before


def test_the_same_in_a_process_of_its_own(tmp_path):
    assert failed(run('midi-to-text', 'nothing.mid', cwd=tmp_path), 'nothing.mid is not there')
    cut = run('text-to-midi', '-', cwd=tmp_path, input=b'{"P": [C4_q')
    assert failed(cut, 'standard input: line 1, column 12: expected a note', "or ']'")


@pytest.mark.skipif(os.name == 'nt' or os.geteuid() == 0, reason='needs a user who may not write everywhere')
def test_a_folder_that_may_not_be_written(tmp_path):
    tmp_path.chmod(0o500)
    assert failed(run('text-to-midi', '-', 'a.mid', cwd=tmp_path, input=TEXT.encode()), 'denied')


WRONG = ['', 'sing', 'midi-to-text', 'midi-to-text a.mid --grid fine', 'text-to-wav a.txt --grid 3',
         'text-to-midi a b c']

@pytest.mark.parametrize('line', WRONG)
def test_wrong_usage_is_2(line, capsys):
    assert main(line.split()) == 2
    assert 'usage: melodynb' in capsys.readouterr().err


# Manners

@pytest.mark.parametrize('name', VERBS)
def test_every_verb_shows_an_example(name, capsys):
    assert main([name, '--help']) == 0
    said = capsys.readouterr().out
    assert f'melodynb {name}' in said.split('example:')[1] and VERBS[name].__doc__ in ' '.join(said.split())
    assert all(line.strip() in said.split('example:')[1] for line in VERBS[name].example.split('\n'))


def test_version_and_usage_in_a_process(tmp_path):
    assert run('--version', cwd=tmp_path).stdout.decode().split() == ['melodynb', __version__]
    assert run('sing', cwd=tmp_path).returncode == 2


LIGHT = """import sys
from melodynb.cli import main
for line in ('--version', 'train --help', 'notebooks course', 'midi-to-text a.mid a.txt',
             'text-to-midi a.txt b.mid', 'text-to-wav a.txt'):
    assert main(line.split()) == 0, line
print(*{'torch', 'transformers', 'music21', 'matplotlib', 'IPython', 'verovio'} & {*sys.modules})
"""

def test_it_loads_nothing_heavy(tmp_path):
    write_midi(TUNE, tmp_path/'a.mid')
    command = [sys.executable, '-c', LIGHT]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, env=HERE)
    assert done.returncode == 0 and done.stdout.split('\n')[-2] == '', done.stderr


PIPES = dict(stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

@pytest.mark.skipif(os.name == 'nt', reason='pipes end otherwise there')
def test_a_reader_who_leaves_is_no_error(tmp_path):
    notes = [Note(60 + k % 12, k/4, .25) for k in range(4000)]
    write_midi(Score([Track(notes)], bpm=1000), tmp_path/'long.mid')
    command = [sys.executable, '-m', 'melodynb.cli', 'midi-to-text', 'long.mid']
    with subprocess.Popen(command, cwd=tmp_path, env=HERE, **PIPES) as process:
        process.stdout.close() # before a word of it was written
        assert process.stderr.read() == b'' and process.wait() == 141


INTERRUPTED = """import signal, sys
from melodynb.cli import main
signal.signal(signal.SIGINT, signal.default_int_handler) # a parent in the background may have it ignored
print('ready', flush=True)
sys.exit(main(['text-to-midi', '-']))
"""

@pytest.mark.skipif(os.name == 'nt', reason='signals are other ones there')
def test_ctrl_c_ends_quietly(tmp_path):
    command = [sys.executable, '-c', INTERRUPTED]
    with subprocess.Popen(command, cwd=tmp_path, env=HERE, **PIPES) as process:
        process.stdout.readline()
        for _ in range(10): # a signal that comes just before the wait for input begins is not noticed
            time.sleep(.2)
            process.send_signal(signal.SIGINT)
            try: process.wait(3)
            except subprocess.TimeoutExpired: continue
            break
        assert process.returncode == 130
        assert process.stderr.read() == b''


# With models

@pytest.fixture(scope='module')
def home(tmp_path_factory):
    "A folder with a song, a few MIDI files, and the model that the example of `train` makes of them."
    folder = tmp_path_factory.mktemp('home')
    (folder/'my-midi'/'more').mkdir(parents=True)
    for number, tune in enumerate(load_corpus('folk')[:10]): # every other one names no key
        place = folder/'my-midi'/('more' if number > 6 else '.')
        write_midi(replace(tune, key=None) if number % 2 else tune, place/f'{number}.mid')
    (folder/'my-midi'/'broken.mid').write_bytes(b'MThd')
    (folder/'my-midi'/'loop').symlink_to('.')
    (folder/'my-midi'/'loop.mid').symlink_to('loop.mid')
    write_midi(TUNE, folder/'song.mid')
    (folder/'song.txt').write_text(TEXT, encoding='utf-8')
    (folder/'handed-in').mkdir()
    cell = dict(cell_type='code', source='check("4.1", lambda nats, kinds: 7)')
    (folder/'handed-in'/'anna.ipynb').write_text(json.dumps(dict(cells=[cell])))
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv('MELODYNB_SIZE', 'tiny')
        assert main(shlex.split(VERBS['train'].example)[1:]) == 0
    return folder


@pytest.fixture
def away(tmp_path, monkeypatch, home):
    "An empty folder to work in, and a function that brings things from home."
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv('MELODYNB_SIZE', 'tiny')
    def bring(*names):
        for name in names:
            if (home/name).is_dir(): shutil.copytree(home/name, tmp_path/name, symlinks=True)
            else: shutil.copy(home/name, tmp_path/name)
        return tmp_path
    return bring


def shell(line):
    "Run a command here; it must go well."
    assert main(shlex.split(line)) == 0, line


def music(path):
    "The notes of a MIDI file."
    return read_midi(path).notes


EXAMPLES = [*chain.from_iterable(run.example.split('\n') for run in VERBS.values())]
NEEDED = {'midi-to-text': ['song.mid'], 'text-to-midi': ['song.txt'], 'text-to-wav': ['song.txt'],
          'continue': ['song.mid'], 'compare': ['my-music'], 'notebooks': [],
          'mark': ['handed-in']}

@pytest.mark.parametrize('line', EXAMPLES)
def test_every_example_works(away, home, capsys, line):
    name = line.split()[1]
    if name == 'train':
        assert (home/'my-music'/'model.safetensors').is_file()
        return
    if name == 'preflight': return # in test_preflight.py
    folder = away(*NEEDED.get(name, ['my-music'] if 'my-music' in line else []))
    before = {*folder.iterdir()}
    shell(line.removeprefix('melodynb '))
    made, said = {*folder.iterdir()} - before, capsys.readouterr()
    assert len(made) == 1 and made.pop().name in said.err
    if name == 'compare':
        rows = list(csv.DictReader((folder/'table.csv').open()))
        assert rows[-1]['contestant'] == 'my-music'
        assert float(rows[-1]['bits per note low']) < float(rows[-1]['bits per note'])
        assert said.out.startswith('contestant') and said.out.split('\n')[-2].startswith('my-music')


def test_a_seed_says_it_all(away, capsys):
    away('my-music')
    for name, seed in ('a', 3), ('b', 3), ('c', 4):
        shell(f'generate --model my-music --bars 2 --seed {seed} --out {name}.mid')
    assert Path('a.mid').read_bytes() == Path('b.mid').read_bytes() and music('a.mid') != music('c.mid')
    capsys.readouterr()
    shell('generate --model my-music --bars 2 --temperature 1.1') # a seed of its own
    said = capsys.readouterr().err.split('\n')
    again = next(line for line in said if line.startswith('to make it again: '))
    made = next(Path().glob('my-music-*.mid'))
    shell(again.partition('melodynb ')[2] + ' --out again.mid')
    assert made.read_bytes() == Path('again.mid').read_bytes()
    assert f'--seed {made.stem.split("-")[-1]}' in again


def test_what_is_asked_for_is_heard(away):
    away('my-music')
    shell('generate --model my-music --seed 1 --bars 5 --key "E minor" --meter 6/8 --out a.mid')
    score = read_midi('a.mid')
    assert (score.key, score.meter, len(score.bar_starts())) == ('E minor', (6, 8), 5)
    for seed in 1, 2:
        shell(f'generate --model my-music --seed {seed} --bars 2 --top-k 1 --out top-{seed}.mid')
    assert music('top-1.mid') == music('top-2.mid') # nothing is left to chance
    shell('generate --model char-gpt --seed 1 --bars 3 --out letters.mid')
    assert 0 < len(music('letters.mid')) <= 12 and read_midi('letters.mid').end <= 12


def test_every_form_holds_the_same_music(away):
    for form in 'mid', 'txt', 'musicxml', 'wav', 'MP3': shell(f'generate --seed 2 --bars 4 --out a.{form}')
    score = read_midi('a.mid')
    assert from_text(Path('a.txt').read_text(encoding='utf-8')).notes == score.notes
    sheet = sheet_score(read_sheet(Path('a.musicxml')))
    upbeat = score.notes[0].start - sheet.notes[0].start # there, a short first bar
    assert [(n.pitch, n.start + upbeat, n.duration) for n in sheet.notes] == [n[:3] for n in score.notes]
    page = Path('a.musicxml').read_bytes()
    assert b'remi-folk, seed 2' in page and b'creator' not in page
    import soundfile
    lengths = [soundfile.info(name).duration for name in ('a.wav', 'a.MP3')]
    assert lengths == pytest.approx([float(score.seconds_at(score.end)) + 1.25]*2, abs=.2)


def test_music_through_pipes(away):
    folder = away('my-music', 'song.mid')
    line = 'continue - --model my-music --bars 2 --seed 1 --out -'
    longer = run(*line.split(), cwd=folder, input=(folder/'song.mid').read_bytes())
    assert longer.returncode == 0, longer.stderr
    shell('continue song.mid --model my-music --bars 2 --seed 1 --out a.mid')
    assert music('a.mid') == read_midi(longer.stdout).notes


def test_what_was_there_stays(away):
    away('my-music', 'song.mid')
    for model in 'my-music', 'char-gpt':
        shell(f'continue song.mid --model {model} --bars 3 --seed 1 --out {model}.mid')
        shell(f'continue song.mid --model {model} --bars 3 --seed 1 --only-new --out {model}-new.mid')
        whole, new = music(f'{model}.mid'), music(f'{model}-new.mid')
        assert whole[:len(TUNE.notes)] == TUNE.notes
        assert new and len(whole) == len(TUNE.notes) + len(new)
    shell('continue song.mid --model my-music --bars 3 --seed 1 --meter 3/4 --only-new --out waltz.mid')
    assert read_midi('waltz.mid').meter == (3, 4) and 6 < read_midi('waltz.mid').end <= 9


def test_half_a_piece_is_never_written(away, monkeypatch):
    def interrupted(recipe, *_, **__):
        try: signal.raise_signal(signal.SIGINT)
        except KeyboardInterrupt: return make(recipe) # as a loop does that gives what it has
    monkeypatch.setattr('melodynb.recipe.make', interrupted)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        assert main(['generate', '--seed', '1']) == 130
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    finally: signal.signal(signal.SIGINT, before)
    assert not list(Path().iterdir())


def test_a_long_piece_shows_how_far_it_is(monkeypatch):
    "A bar that nobody needs is not made."
    class Bar:
        made = []
        def __init__(self, total, **options): self.n, self.total = 0, total; Bar.made.append(self)
        def update(self, more): self.n += more
        def close(self): self.closed = True
    monkeypatch.setattr('tqdm.auto.tqdm', Bar)
    with cli._progress() as listen: assert not Bar.made
    with cli._progress() as listen:
        for share in .1, .5, 1: assert listen(TUNE, share) is None
    assert [(bar.n, bar.total, bar.closed) for bar in Bar.made] == [(100, 100, True)]


# A model of one's own

def test_what_the_model_reads(home, tmp_path, capsys):
    shutil.copy(home/'my-midi'/'1.mid', tmp_path)
    keys = Track([Note(pitch, pitch, 1) for pitch in range(128)])
    write_midi(Score([keys], key='D major'), tmp_path/'every.mid')
    tokens = cli._read_folder(str(tmp_path), tmp_path/'work')
    t = tokens.tokenizer
    nameless, every = tokens
    assert 'kept 96 of 128 notes' in capsys.readouterr().err
    assert [note.pitch for note in t.decode(every).notes] == [*range(14, 110)]
    assert read_midi(home/'my-midi'/'1.mid').key is None
    assert t.decode(nameless).key == load_corpus('folk')[1].key
    assert all((np.array(t.transposed(steps))[tokens.ids] >= 0).all() for steps in range(-5, 7))


def test_what_training_leaves(home):
    files = {'README.md', 'config.json', 'history.json', 'model.safetensors', 'tokenizer.json'}
    assert {path.name for path in (home/'my-music').iterdir()} == files
    assert not (home/'my-music-checkpoint').exists()
    card = (home/'my-music'/'README.md').read_text(encoding='utf-8')
    assert '--midi my-midi --into my-music --size tiny --steps 12 --seed 0' in card
    assert 'bits per note' in card and str(home) not in card
    assert json.loads((home/'my-music'/'history.json').read_text())['rows'][-1][0] == 12


def test_what_was_begun_goes_on(away, home, capsys, monkeypatch):
    away('my-midi')
    heard = cli.say
    def interrupt(message):
        if str(message).startswith('step 9:'):
            monkeypatch.setattr(cli, 'say', heard)
            raise KeyboardInterrupt
        heard(message)
    monkeypatch.setattr(cli, 'say', interrupt)
    assert main(['train', '--midi', 'my-midi', '--into', 'm']) == 130
    assert not Path('m').exists() and Path('m-checkpoint').is_dir()
    assert 'give the same command again' in capsys.readouterr().err
    assert main(['generate', '--model', 'm']) == 1
    assert 'not trained to its end' in capsys.readouterr().err
    assert main(['train', '--midi', 'my-midi', '--into', 'm', '--seed', '1']) == 1
    assert 'checkpoint' in capsys.readouterr().err
    shell('train --midi my-midi --into m')
    assert 'resumed after step 8' in capsys.readouterr().err
    assert Path('m/model.safetensors').read_bytes() == (home/'my-music'/'model.safetensors').read_bytes()
    assert not Path('m-checkpoint').exists()


def test_files_that_cannot_be_read_are_named(away, capsys):
    away('my-midi')
    shutil.copy('my-midi/0.mid', 'my-midi/twin.mid')
    write_midi(read_midi('my-midi/1.mid').transpose(2), 'my-midi/variant.mid')
    shell('train --midi my-midi --into m --steps 1')
    said = capsys.readouterr().err
    assert '11 of 15 files read' in said and 'skipped broken.mid: ' in said and 'skipped loop' in said
    assert 'skipped twin.mid: the same music as 0.mid' in said
    split = '^10 tunes: 9 files to train on, 1 to .*, 1 for the exam$' # a variant is no other tune
    assert re.search(split, said, re.M)


@pytest.mark.parametrize('names,part', [
    (['0.mid'], 'different tunes in these files: 1; give at least 3'),
    (['0.mid', '1.mid'], 'in these files: 2'), (['broken.mid'], '1 files and no music')])
def test_too_little_music(away, home, capsys, names, part):
    folder = away()
    (folder/'few').mkdir()
    for name in names: shutil.copy(home/'my-midi'/name, folder/'few')
    assert main(['train', '--midi', 'few', '--into', 'm']) == 1
    said = capsys.readouterr()
    assert part in said.err.split('\n')[-2] and 'Traceback' not in said.err and not said.out
    assert [path.name for path in folder.iterdir()] == ['few']


def test_links_in_a_circle(away):
    folder = away()
    (folder/'circle').mkdir()
    (folder/'circle'/'again').symlink_to(folder/'circle')
    (folder/'circle'/'self.mid').symlink_to('self.mid')
    os.mkfifo(folder/'circle'/'pipe.mid') if hasattr(os, 'mkfifo') else None
    assert main(['train', '--midi', 'circle', '--into', 'm']) == 1 # and does not wait for the pipe


# Tables and notebooks

def test_tables_of_every_kind():
    table = Table([{'contestant': 'a|b, <i>', 'bits': Interval(2., 1., 3.)},
                   {'contestant': 'c', 'bits': '∞'}])
    rows = list(csv.reader(cli._csv(table).split('\n')))
    assert rows[:3] == [['contestant', 'bits', 'bits low', 'bits high'], ['a|b, <i>', '2.0', '1.0', '3.0'],
                        ['c', '∞', '', '']]
    lines = cli._markdown(table).split('\n')
    assert lines[:3] == ['| contestant | bits |', '| --- | --- |', '| a&#124;b, <i> | 2 (1 to 3) |']
    assert '&lt;i&gt;' in cli._page(table)


NBS = Path(__file__).parent.parent/'nbs'

def pages(folder):
    "The notebooks under a folder, by their places in it."
    found = (path.relative_to(folder) for path in folder.rglob('*.ipynb'))
    return {path.as_posix() for path in found if '.ipynb_checkpoints' not in path.parts}


def lines_of(notebook, kind):
    "The lines of all cells of a kind."
    return [*chain.from_iterable(cell['source'] for cell in notebook['cells'] if cell['cell_type'] == kind)]


def test_the_course_can_be_taken_along(tmp_path, capsys):
    course = tmp_path/'a'/'course'
    assert main(['notebooks', str(course)]) == 0
    solutions = {name for name in pages(NBS) if name.startswith('solutions/')}
    assert pages(course) == pages(NBS) - solutions
    assert pages(course) >= {'00_score.ipynb', 'workshop/plan.ipynb', 'how_to/classroom.ipynb'}
    for page in course.rglob('*.ipynb'):
        notebook = json.loads(page.read_text(encoding='utf-8'))
        assert notebook['metadata']['melodynb'] == {'version': __version__}
        code, prose = lines_of(notebook, 'code'), lines_of(notebook, 'markdown')
        assert code and not any(line.startswith(OURS) for line in code)
        assert not any('](play/' in line for line in prose), 'that page is on the site'


OURS = 'import nbdev', "if find_spec('nbdev')", "if __name__ == '__main__'"

def test_library_code_is_folded_and_no_directive_shows(tmp_path):
    assert main(['notebooks', str(tmp_path)]) == 0
    cells = [cell for page in tmp_path.rglob('*.ipynb') for cell in json.loads(page.read_bytes())['cells']]
    code = [(''.join(cell['source']), cell['metadata']) for cell in cells if cell['cell_type'] == 'code']
    assert not [source for source, _ in code if re.search(r'^#\|', source, re.M)]
    titled = [(source, metadata) for source, metadata in code if source.startswith('#@title ')]
    fold = dict(cellView='form', jupyter=dict(source_hidden=True))
    assert len(titled) > 300 and all(metadata.items() >= fold.items() for _, metadata in titled)
    assert any(source.startswith('#@title Library: CharGPT\n') for source, _ in titled)


def test_links_to_the_player_lead_to_the_site(tmp_path):
    assert main(['notebooks', str(tmp_path)]) == 0
    page = (tmp_path/'index.ipynb').read_text(encoding='utf-8')
    assert '](https://melodynb.github.io/melodynb/play/index.html)' in page


def test_a_course_that_was_worked_in_is_safe(tmp_path, capsys):
    course = tmp_path/'course'
    for more in [], [], ['--solutions']: # what is the same is no obstacle
        assert main(['notebooks', str(course), *more]) == 0
    assert pages(course) == pages(NBS)
    mine = course/'00_score.ipynb', course/'workshop'/'plan.ipynb'
    for page in mine: page.write_text('mine')
    gone = course/'01_audio.ipynb'
    gone.unlink()
    capsys.readouterr()
    assert main(['notebooks', str(course)]) == 1
    assert 'holds 2 of these notebooks already, changed, such as 00_score.ipynb' in capsys.readouterr().err
    assert {page.read_text() for page in mine} == {'mine'} and not gone.exists()
    assert main(['notebooks', str(course), '--force']) == 0
    assert 'mine' not in {page.read_text(encoding='utf-8') for page in mine} and gone.exists()


def test_a_preflight_is_a_result_and_an_exit_code(tmp_path, capsys, monkeypatch):
    from melodynb import preflight as room
    lacks = room.Finding('a violin', 'missing', 'there is none', 'buy one')
    there = lacks._replace(state='there')
    cases = (lacks, 1, 'Not ready: a violin is missing; buy one.'), (there, 0, 'Ready.')
    for finding, code, first in cases:
        monkeypatch.setattr(room, 'preflight', lambda: room.Preflight((finding,)))
        assert main(['preflight']) == code and capsys.readouterr().out.split('\n')[0] == first
