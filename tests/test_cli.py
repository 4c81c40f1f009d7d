"The command as a shell runs it: other people's file names, pipes, exit codes, and one sentence for all that goes wrong."
import os
import signal
import subprocess
import sys
import time

import pytest

from melodynb import __version__
from melodynb.cli import VERBS, main, verb
from melodynb.corpus import load_corpus
from melodynb.score import Note, Score, Track, read_midi, write_midi
from melodynb.text import from_text, to_text

TUNE = load_corpus('folk')[0]
TEXT = to_text(TUNE)
NAMES = ['a tune with spaces', 'Tánc – 曲 \'🎻\'', '-starts-with-a-dash', 'dots.in.it']


def run(*arguments, cwd, ci='', **options):
    "The command in a process of its own; bytes in, bytes out."
    command = [sys.executable, '-m', 'melodynb.cli', *map(str, arguments)]
    return subprocess.run(command, cwd=cwd, capture_output=True, env={**os.environ, 'PYTHONPATH': os.pathsep.join(sys.path), 'CI': ci}, **options) # where CI is set, pyfluidsynth chats


def failed(done, *parts):
    "It ended with 1 and one sentence that holds these parts."
    said = done.stderr.decode()
    assert done.returncode == 1 and said.startswith('melodynb: ') and said.count('\n') == 1 and 'Traceback' not in said, said
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
    midi = run('text-to-midi', '-', cwd=tmp_path, ci='1', input=text.stdout)
    assert midi.returncode == 0 and read_midi(midi.stdout) == TUNE
    wave = run('text-to-wav', '-', '-', '--sample-rate', 8000, cwd=tmp_path, input=b'\xef\xbb\xbf' + text.stdout.replace(b'\n', b'\r\n'))
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
    untitled = bytes.fromhex('4d546864 00000006 0000 0001 0060 4d54726b 0000000c 00903c50 60803c00 00ff2f00') # a C, and no title: it gets the name of the file
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
    dial = run('midi-to-text', '-', '--longest-rest', .5, cwd=tmp_path, input=write_midi(Score([Track([Note(60, 2, 1)])])))
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
    'midi-to-text nothing.mid': 'is not there', 'text-to-midi nothing.txt': 'is not there', 'midi-to-text folder': 'is a folder', 'text-to-midi folder out.mid': 'is a folder',
    'text-to-midi tune.txt folder': 'is a folder', 'midi-to-text tune.txt': 'MThd', 'text-to-midi tune.mid -': 'UTF-8', 'text-to-midi tune.mid': 'the source itself', 'text-to-midi tune.txt ./tune.txt --force': 'the source itself', 'text-to-wav latin.txt': 'UTF-8',
    'text-to-midi broken.txt': 'broken.txt: line 2, column 2: expected a note', 'text-to-midi empty.txt': 'the end of the text', 'text-to-wav silent.txt': 'holds 0 notes',
    'text-to-wav endless.txt': 'lasts 12,000 seconds', 'midi-to-text tune.mid --grid 0': 'grid 0', 'midi-to-text tune.mid --longest-rest nan': 'longest_rest',
    'text-to-wav tune.txt a.mp3': 'does not end in .wav', 'text-to-wav tune.txt --sample-rate 5': 'sample_rate 5', 'midi-to-text tune.mid nowhere/tune.txt': 'make its folder',
}

@pytest.fixture
def desk(tmp_path, monkeypatch):
    "A folder with files of every kind, to work in."
    monkeypatch.chdir(tmp_path)
    (tmp_path/'folder').mkdir()
    texts = dict(tune=TEXT, broken='{"P": [C4_q\n H4_q]}', empty='', silent='{"P": [Rest_q]}', endless='{"bpm": 10, "P": [C4_2000]}')
    for name, text in texts.items(): (tmp_path/f'{name}.txt').write_text(text, encoding='utf-8')
    (tmp_path/'latin.txt').write_bytes('{"title": "Ström"}'.encode('latin-1'))
    write_midi(TUNE, tmp_path/'tune.mid')
    return tmp_path

@pytest.mark.parametrize('line', BAD)
def test_bad_input_is_one_sentence_and_leaves_nothing(desk, capsys, line):
    before = {path: path.is_file() and path.read_bytes() for path in desk.iterdir()}
    assert main(line.split()) == 1
    said = capsys.readouterr()
    assert BAD[line] in said.err and said.err.startswith('melodynb: ') and said.err.count('\n') == 1 and not said.out
    assert {path: path.is_file() and path.read_bytes() for path in desk.iterdir()} == before


def test_the_same_in_a_process_of_its_own(tmp_path):
    assert failed(run('midi-to-text', 'nothing.mid', cwd=tmp_path), 'nothing.mid is not there')
    assert failed(run('text-to-midi', '-', cwd=tmp_path, input=b'{"P": [C4_q'), "standard input: line 1, column 12: expected a note", "or ']'")


@pytest.mark.skipif(os.name == 'nt' or os.geteuid() == 0, reason='needs a user who may not write everywhere')
def test_a_folder_that_may_not_be_written(tmp_path):
    tmp_path.chmod(0o500)
    assert failed(run('text-to-midi', '-', 'a.mid', cwd=tmp_path, input=TEXT.encode()), 'denied')


@pytest.mark.parametrize('wrong', [[], ['sing'], ['midi-to-text'], ['midi-to-text', 'a.mid', '--grid', 'fine'], ['text-to-wav', 'a.txt', '--grid', '3'], ['text-to-midi', 'a', 'b', 'c']])
def test_wrong_usage_is_2(wrong, capsys):
    assert main(wrong) == 2
    assert 'usage: melodynb' in capsys.readouterr().err


# Manners

@pytest.mark.parametrize('name', VERBS)
def test_every_verb_shows_an_example(name, capsys):
    assert main([name, '--help']) == 0
    said = capsys.readouterr().out
    assert f'melodynb {name}' in said.split('example:')[1] and VERBS[name].__doc__ in ' '.join(said.split())


def test_version_and_usage_in_a_process(tmp_path):
    assert run('--version', cwd=tmp_path).stdout.decode().split() == ['melodynb', __version__]
    assert run('sing', cwd=tmp_path).returncode == 2


def test_it_loads_nothing_heavy(tmp_path):
    code = ('import sys\nfrom melodynb.cli import main\nfor verb in (["midi-to-text", "a.mid", "a.txt"], ["text-to-midi", "a.txt", "b.mid"], ["text-to-wav", "a.txt"]): assert main(verb) == 0\n'
            'print(*{"torch", "transformers", "music21", "matplotlib", "IPython", "verovio"} & {*sys.modules})')
    write_midi(TUNE, tmp_path/'a.mid')
    done = subprocess.run([sys.executable, '-c', code], cwd=tmp_path, capture_output=True, text=True, env={**os.environ, 'PYTHONPATH': os.pathsep.join(sys.path)})
    assert done.returncode == 0 and done.stdout.split() == [], done.stderr


@pytest.mark.skipif(os.name == 'nt', reason='pipes end otherwise there')
def test_a_reader_who_leaves_is_no_error(tmp_path):
    write_midi(Score([Track([Note(60 + k % 12, k/4, .25) for k in range(4000)])], bpm=1000), tmp_path/'long.mid')
    command = [sys.executable, '-m', 'melodynb.cli', 'midi-to-text', 'long.mid']
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={**os.environ, 'PYTHONPATH': os.pathsep.join(sys.path), 'CI': ''}) as process:
        process.stdout.close() # before a word of it was written
        assert process.stderr.read() == b'' and process.wait() == 141


@pytest.mark.skipif(os.name == 'nt', reason='signals are other ones there')
def test_ctrl_c_ends_quietly(tmp_path):
    command = [sys.executable, '-c', 'import signal, sys; from melodynb.cli import main; signal.signal(signal.SIGINT, signal.default_int_handler); ' # a parent in the background may have it ignored
               'print("ready", flush=True); sys.exit(main(["text-to-midi", "-"]))']
    with subprocess.Popen(command, cwd=tmp_path, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          env={**os.environ, 'PYTHONPATH': os.pathsep.join(sys.path)}) as process:
        process.stdout.readline()
        for _ in range(10): # a signal that comes just before the wait for input begins is not noticed
            time.sleep(.2)
            process.send_signal(signal.SIGINT)
            try: process.wait(3)
            except subprocess.TimeoutExpired: continue
            break
        assert process.returncode == 130
        assert process.stderr.read() == b''
