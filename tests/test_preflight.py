"The pre-flight: ready where all is there, and one sentence, never a traceback, for whatever is not."
import json
import os
import re
import shutil
import subprocess
import sys
from configparser import ConfigParser
from pathlib import Path

import pytest

import forked
from melodynb import __version__
from melodynb import preflight as room
from melodynb.preflight import LOOKS, Finding, Preflight, preflight

ROOT = Path(__file__).parent.parent
CALM = dict(OMP_NUM_THREADS='1', TQDM_DISABLE='1')


def python(code, folder, package=ROOT):
    "Some code in a process of its own."
    env = {**os.environ, **CALM, 'PYTHONPATH': str(package)}
    command = [sys.executable, '-W', 'ignore', '-c', code]
    return subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, encoding='utf-8')


def fly(*, hidden=(), folder=None, package=ROOT, before='', module='preflight'):
    "A pre-flight as a command, with packages hidden from it; its lines and its exit code."
    code = f'''
import runpy, sys
class Hides:
    def find_spec(self, name, path=None, target=None):
        if name.split('.')[0] not in {set(hidden)!r}: return
        raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)
sys.meta_path.insert(0, Hides())
{before}
sys.argv[:] = ['preflight']
runpy.run_module('melodynb.{module}', run_name='__main__')
'''
    done = python(code, folder, package)
    assert 'Traceback' not in done.stdout + done.stderr, done.stderr
    return done.stdout.splitlines(), done.returncode


class Hides:
    "Lets packages be missing."
    def __init__(self, names): self.names = names

    def find_spec(self, name, path=None, target=None):
        if name.split('.')[0] not in self.names: return
        raise ModuleNotFoundError(f'No module named {name!r}', name=name)


def without(names, folder):
    "A pre-flight in a process that has forgotten these packages and ours."
    for name in [*sys.modules]:
        if name.split('.')[0] in {*names, 'melodynb'}: del sys.modules[name]
    sys.meta_path.insert(0, Hides(names))
    forked.module('melodynb.preflight', folder=folder)


# No network

NO_NETWORK = '''
import socket
def refuse(*given, **named): raise AssertionError(f'the network was asked for {given}')
socket.getaddrinfo = socket.create_connection = socket.socket.connect = socket.socket.connect_ex = refuse
'''

def test_it_is_ready_here_without_a_network(tmp_path):
    lines, code = fly(folder=tmp_path, before=NO_NETWORK)
    assert (lines[0], code) == ('Ready.', 0), lines
    said = '\n'.join(lines)
    assert all(f' {what}: ' in said for what in LOOKS if what != 'PyTorch') and not any(tmp_path.iterdir())
    assert re.search(r"attempt 1 at size 'cpu' will take about \d+ minutes?", said)


# What is missing

def needs():
    "What the settings ask for, by name."
    settings = ConfigParser(delimiters=['='])
    settings.read(ROOT/'settings.ini', encoding='utf-8')
    return {re.match(r'[\w.-]+', line)[0]: line for line in settings['DEFAULT']['requirements'].split('\n')}


def test_it_asks_for_what_the_settings_ask_for():
    assert {name: line for name, line, _ in room._needs()[1]} == needs()


@pytest.mark.parametrize('name', needs())
def test_a_hidden_package_is_named(name, monkeypatch):
    monkeypatch.setitem(sys.modules, {'ipython': 'IPython', 'scikit-learn': 'sklearn'}.get(name, name), None)
    found = room._package(*next(need for need in room._needs()[1] if need[0] == name))
    assert (found.what, found.state) == (name, 'missing') and f'pip install "{needs()[name]}"' in found.remedy


def test_it_imports_nothing_but_what_comes_with_python(tmp_path):
    done = python('import sys, melodynb.preflight; print(*sys.modules)', tmp_path)
    loaded = {name.split('.')[0] for name in done.stdout.split()}
    assert 'melodynb' in loaded and not loaded & {name.replace('-', '_') for name in needs()}


def check_that_it_says_so(lines, code, name):
    "One thing is missing, and the first line says how to mend it."
    remedy = f'; run `python -m pip install "{needs()[name]}"` and restart the kernel.'
    assert code == 1 and lines[0].startswith(f'Not ready: {name} is missing'), lines
    assert lines[0].endswith(remedy) and lines[0].count(';') == 1, lines
    assert sum('[missing]' in line for line in lines) == 1, lines # what needs it is no news


@pytest.mark.parametrize('name, module', [('numpy', 'preflight'), ('torch', 'preflight'), ('numpy', 'workshop')])
def test_without_a_package_it_still_flies(name, module, tmp_path):
    lines, code = fly(hidden=[name], folder=tmp_path, module=module)
    check_that_it_says_so(lines, code, name)


@pytest.mark.parametrize('name', ['verovio', 'symusic'])
def test_without_what_engraves_or_reads_it_still_flies(name, tmp_path):
    code, printed = forked.run(without, [name], tmp_path)
    assert 'Traceback' not in printed
    check_that_it_says_so(printed.splitlines(), code, name)


def test_a_package_that_is_too_old_or_broken(monkeypatch, tmp_path):
    old = room._package('numpy', 'numpy>=99.1', '99.1')
    assert (old.what, old.state) == ('numpy>=99.1', 'missing') and 'this is numpy' in old.seen
    (tmp_path/'violin.py').write_text('raise SystemExit("no strings")')
    (tmp_path/'viola.py').write_text('import strings_of_gut')
    monkeypatch.syspath_prepend(str(tmp_path))
    assert room._package('violin', 'violin>=1', '1')[:2] == ('a working violin', 'missing')
    assert room._package('viola', 'viola>=1', '1')[:2] == ('strings_of_gut', 'missing')


# What is damaged

@pytest.fixture(scope='module')
def copy(tmp_path_factory):
    "A copy of the package, to be damaged."
    folder = tmp_path_factory.mktemp('copy')
    shutil.copytree(ROOT/'melodynb', folder/'melodynb', ignore=shutil.ignore_patterns('__pycache__'))
    return folder


WHOLE = 'a whole copy of the tunes and the trained models'
LOOK_AT_FILES = f'''
from melodynb import preflight as room
print(room.Preflight(tuple(room._found({WHOLE!r}))))
print(room.__file__)
'''

@pytest.mark.parametrize('name', [
    'weights/remi-folk/model.safetensors', 'weights/lora-folk/adapter_model.safetensors', 'data/folk.xz',
    'stand_in/bart-stand-in/model.safetensors'])
def test_a_damaged_file_is_named(copy, name, tmp_path):
    path = copy/'melodynb'/name
    whole = (ROOT/'melodynb'/name).read_bytes()
    first = f'Not ready: {WHOLE} is missing; run `python -m pip install --force-reinstall'
    for damaged in whole[:-1000], whole[:5000] + b'!' + whole[5001:], None:
        if damaged is None: path.unlink()
        else: path.write_bytes(damaged)
        done = python(LOOK_AT_FILES, tmp_path, copy)
        lines = done.stdout.splitlines()
        assert lines[0].startswith(first), done
        assert name in lines[1] and lines[-1].startswith(str(copy))
    path.write_bytes(whole)


def test_a_damaged_copy_in_full_flight(copy, tmp_path):
    path = copy/'melodynb'/'weights'/'char-gpt'/'model.safetensors'
    path.write_bytes(path.read_bytes()[:-1000])
    lines, code = fly(package=copy, folder=tmp_path)
    assert code == 1 and lines[0].startswith('Not ready: a whole copy')
    assert sum('[missing]' in line for line in lines) == 1
    shutil.copy(ROOT/'melodynb'/'weights'/'char-gpt'/'model.safetensors', path)


def test_the_checksums_are_those_of_the_sources():
    sources = (ROOT/'data'/'SOURCES.md').read_text(encoding='utf-8')
    listed = dict(re.findall(r'`melodynb/data/([\w.]+)`[^\n]*`([0-9a-f]{64})`', sources))
    assert room.SUMS == listed


# What is old, full or closed

def test_notebooks_of_another_version(tmp_path, monkeypatch):
    (tmp_path/'workshop').mkdir()
    def notebook(place, version):
        (tmp_path/place).write_text(json.dumps({'metadata': {'melodynb': {'version': version}}}))
    notebook('10_char_gpt.ipynb', __version__)
    for broken, content in ('a.ipynb', '{'), ('b.ipynb', '[]'), ('c.ipynb', '{"metadata": 3}'):
        (tmp_path/broken).write_text(content)
    monkeypatch.chdir(tmp_path)
    assert room._found('notebooks')[0].state == 'there'
    notebook('workshop/plan.ipynb', '0.0.9')
    assert room._found('notebooks')[0].state == 'there'
    monkeypatch.chdir(tmp_path/'workshop')
    found = room._found('notebooks')[0]
    assert found.state == 'missing' and 'plan.ipynb here is of version 0.0.9' in found.seen
    assert 'melodynb notebooks NEW-FOLDER' in found.remedy
    notebook('workshop/plan.ipynb', __version__)
    assert room._found('notebooks')[0].state == 'there'
    notebook('10_char_gpt.ipynb', '0.0.8')
    notebook('workshop/10_char_gpt.ipynb', __version__) # as in solutions: a name of the folder above
    assert '10_char_gpt.ipynb here is of version 0.0.8' in room._found('notebooks')[0].seen


def test_a_folder_that_cannot_be_written(monkeypatch):
    def refuse(**_): raise PermissionError(13, 'Permission denied')
    monkeypatch.setattr('tempfile.TemporaryFile', refuse)
    found = room._found('a folder that can be written')[0]
    assert found.state == 'missing'
    assert 'Permission denied' in found.seen and 'folder of your own' in found.remedy


@pytest.mark.parametrize('free,state', [(.5, 'mind'), (8, 'there'), (None, 'there')])
def test_little_memory_is_a_remark(free, state, monkeypatch):
    monkeypatch.setattr(room, '_free_memory', lambda: free)
    found = room._found('memory')
    assert found[0].state == state and bool(Preflight(tuple(found)))


def test_a_crowded_machine_is_told_about_threads(monkeypatch):
    import torch
    monkeypatch.setattr(torch, 'get_num_threads', lambda: 8)
    cases = (
        ({1: .1, 8: 1.}, 'mind', 'one thread would be 10.0 times as fast'),
        ({1: .1, 8: .02}, 'there', 'will take about 1 minute'),
        ({1: 3., 8: 3.}, 'mind', 'minutes'))
    for times, state, part in cases:
        monkeypatch.setattr(room, '_seconds_of_a_step', times.get)
        found = room._found('PyTorch')[0]
        assert part in found.seen and found.state == state


class Panic(BaseException):
    "As compiled packages have them, and nothing can be said about it."
    def __str__(self): raise ValueError

@pytest.mark.parametrize('error', [Panic, SystemExit, MemoryError, OSError, UnicodeDecodeError])
def test_it_never_raises(error, monkeypatch):
    def look(): raise error('utf-8', b'', 0, 1, 'bad') if error is UnicodeDecodeError else error()
    for what in list(LOOKS): monkeypatch.setitem(LOOKS, what, ('phone home', look))
    report = preflight()
    first = f'Not ready: Python is missing (and {len(LOOKS) - 1} more things, below); phone home.'
    assert not report and str(report).startswith(first)
    assert report._repr_html_().count('<li>') == len(LOOKS)


def test_an_interrupt_interrupts(monkeypatch):
    def look(): raise KeyboardInterrupt
    monkeypatch.setitem(LOOKS, 'sound', ('', look))
    with pytest.raises(KeyboardInterrupt): room._found('sound')


def test_nothing_in_a_report_is_markup():
    shown = Preflight((Finding('<b>', 'missing', '<script>', '<i>`<u>`'),))._repr_html_()
    assert not re.search('<(script|i|u)>', shown) and '&lt;script&gt;' in shown


# In a notebook

def test_a_kernel_shows_a_report_a_sound_and_a_slider(tmp_path, monkeypatch):
    import nbformat
    from nbclient import NotebookClient
    for name, value in {**CALM, 'PYTHONPATH': str(ROOT)}.items(): monkeypatch.setenv(name, value)
    code = 'from melodynb.preflight import preflight', 'preflight()'
    page = nbformat.v4.new_notebook(cells=list(map(nbformat.v4.new_code_cell, code)))
    here = {'metadata': {'path': str(tmp_path)}}
    NotebookClient(page, timeout=300, kernel_name='python3', resources=here).execute()
    report, notes, *_, slider = (output.data for output in page.cells[1].outputs)
    assert report['text/plain'].startswith('Ready.') and '<b>Ready.</b>' in report['text/html']
    assert '<audio' in notes['text/html']
    assert 'application/vnd.jupyter.widget-view+json' in slider and 'running kernel' in slider['text/html']
