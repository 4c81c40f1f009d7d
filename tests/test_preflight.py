"The pre-flight of the workshop: ready where all is there, and one sentence, never a traceback, for whatever is not."
import json
import os
import re
import shutil
import subprocess
import sys
from configparser import ConfigParser
from pathlib import Path

import pytest

from melodynb import __version__, workshop
from melodynb.workshop import LOOKS, Finding, Preflight, preflight

ROOT = Path(__file__).parent.parent
CALM = dict(OMP_NUM_THREADS='1', TQDM_DISABLE='1')


def fly(*, hidden=(), folder=None, package=ROOT, before=''):
    "A pre-flight in a process of its own, with packages hidden from it; its lines and its exit code."
    code = f'''
import runpy, sys
class Hides:
    def find_spec(self, name, path=None, target=None):
        if name.split('.')[0] in {set(hidden)!r}: raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)
sys.meta_path.insert(0, Hides())
{before}
sys.argv[:] = ['preflight']
runpy.run_module('melodynb.workshop', run_name='__main__')
'''
    env = {**os.environ, **CALM, 'PYTHONPATH': str(package)}
    done = subprocess.run([sys.executable, '-W', 'ignore', '-c', code], cwd=folder, env=env, capture_output=True, text=True, encoding='utf-8')
    assert 'Traceback' not in done.stdout + done.stderr, done.stderr
    return done.stdout.splitlines(), done.returncode


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
    assert {name: line for name, line, _ in workshop._needs()[1]} == needs()


@pytest.mark.parametrize('name', needs())
def test_a_hidden_package_is_named(name, monkeypatch):
    monkeypatch.setitem(sys.modules, {'ipython': 'IPython'}.get(name, name), None)
    found = workshop._package(*next(need for need in workshop._needs()[1] if need[0] == name))
    assert (found.what, found.state) == (name, 'missing') and f'pip install "{needs()[name]}"' in found.remedy


@pytest.mark.parametrize('name', ['numpy', 'torch', 'verovio', 'symusic'])
def test_without_a_package_it_still_flies(name, tmp_path):
    lines, code = fly(hidden=[name], folder=tmp_path)
    assert code == 1 and re.match(rf'Not ready: {name} is missing[^;]*; run `python -m pip install "{needs()[name]}"` and restart the kernel\.$', lines[0]), lines
    assert sum('[missing]' in line for line in lines) == 1, lines # what needs it is no news


def test_a_package_that_is_too_old_or_broken(monkeypatch, tmp_path):
    old = workshop._package('numpy', 'numpy>=99.1', '99.1')
    assert (old.what, old.state) == ('numpy>=99.1', 'missing') and 'this is numpy' in old.seen
    (tmp_path/'violin.py').write_text('raise SystemExit("no strings")')
    (tmp_path/'viola.py').write_text('import strings_of_gut')
    monkeypatch.syspath_prepend(str(tmp_path))
    assert workshop._package('violin', 'violin>=1', '1')[:2] == ('a working violin', 'missing')
    assert workshop._package('viola', 'viola>=1', '1')[:2] == ('strings_of_gut', 'missing')


# What is damaged

@pytest.fixture(scope='module')
def copy(tmp_path_factory):
    "A copy of the package, to be damaged."
    folder = tmp_path_factory.mktemp('copy')
    shutil.copytree(ROOT/'melodynb', folder/'melodynb', ignore=shutil.ignore_patterns('__pycache__'))
    return folder


@pytest.mark.parametrize('name', ['weights/remi-folk/model.safetensors', 'weights/lora-folk/adapter_model.safetensors', 'data/folk.xz', 'stand_in/bart-stand-in/model.safetensors'])
def test_a_damaged_file_is_named(copy, name, tmp_path):
    path, whole = copy/'melodynb'/name, (ROOT/'melodynb'/name).read_bytes()
    for damaged in whole[:-1000], whole[:5000] + b'!' + whole[5001:], None:
        path.unlink() if damaged is None else path.write_bytes(damaged)
        code = "from melodynb import workshop as w; found, = w._found('a whole copy of the tunes and the trained models'); print(w.Preflight((found,))); print(w.__file__)"
        done = subprocess.run([sys.executable, '-c', code], cwd=tmp_path, env={**os.environ, **CALM, 'PYTHONPATH': str(copy)}, capture_output=True, text=True)
        lines = done.stdout.splitlines()
        assert lines[0].startswith('Not ready: a whole copy of the tunes and the trained models is missing; run `python -m pip install --force-reinstall'), done
        assert name in lines[1] and lines[-1].startswith(str(copy))
    path.write_bytes(whole)


def test_a_damaged_copy_in_full_flight(copy, tmp_path):
    path = copy/'melodynb'/'weights'/'char-gpt'/'model.safetensors'
    path.write_bytes(path.read_bytes()[:-1000])
    lines, code = fly(package=copy, folder=tmp_path)
    assert code == 1 and lines[0].startswith('Not ready: a whole copy') and sum('[missing]' in line for line in lines) == 1
    shutil.copy(ROOT/'melodynb'/'weights'/'char-gpt'/'model.safetensors', path)


def test_the_checksums_are_those_of_the_sources():
    listed = dict(re.findall(r'`melodynb/data/([\w.]+)`[^\n]*`([0-9a-f]{64})`', (ROOT/'data'/'SOURCES.md').read_text(encoding='utf-8')))
    assert workshop.SUMS == listed


# What is old, full or closed

def test_notebooks_of_another_version(tmp_path, monkeypatch):
    (tmp_path/'workshop').mkdir()
    def notebook(place, version): (tmp_path/place).write_text(json.dumps({'metadata': {'melodynb': {'version': version}}}))
    notebook('10_char_gpt.ipynb', __version__)
    for broken, content in ('a.ipynb', '{'), ('b.ipynb', '[]'), ('c.ipynb', '{"metadata": 3}'): (tmp_path/broken).write_text(content)
    monkeypatch.chdir(tmp_path)
    assert workshop._found('notebooks')[0].state == 'there'
    notebook('workshop/plan.ipynb', '0.0.9')
    assert workshop._found('notebooks')[0].state == 'there'
    monkeypatch.chdir(tmp_path/'workshop')
    found = workshop._found('notebooks')[0]
    assert found.state == 'missing' and 'plan.ipynb here is of version 0.0.9' in found.seen and 'melodynb notebooks NEW-FOLDER' in found.remedy


def test_a_folder_that_cannot_be_written(monkeypatch):
    def refuse(**_): raise PermissionError(13, 'Permission denied')
    monkeypatch.setattr('tempfile.TemporaryFile', refuse)
    found = workshop._found('a folder that can be written')[0]
    assert found.state == 'missing' and 'Permission denied' in found.seen and 'folder of your own' in found.remedy


@pytest.mark.parametrize('free,state', [(.5, 'mind'), (8, 'there'), (None, 'there')])
def test_little_memory_is_a_remark(free, state, monkeypatch):
    monkeypatch.setattr(workshop, '_free_memory', lambda: free)
    found = workshop._found('memory')
    assert found[0].state == state and bool(Preflight(tuple(found)))


def test_a_crowded_machine_is_told_about_threads(monkeypatch):
    import torch
    monkeypatch.setattr(torch, 'get_num_threads', lambda: 8)
    for times, part in ({1: .1, 8: 1.}, 'one thread would be 10.0 times as fast'), ({1: .1, 8: .02}, 'will take about 1 minute'), ({1: 3., 8: 3.}, 'minutes'):
        monkeypatch.setattr(workshop, '_seconds_of_a_step', times.get)
        found = workshop._found('PyTorch')[0]
        assert part in found.seen and found.state == ('there' if times[8] == .02 else 'mind')


class Panic(BaseException):
    "As compiled packages have them, and nothing can be said about it."
    def __str__(self): raise ValueError

@pytest.mark.parametrize('error', [Panic, SystemExit, MemoryError, OSError, UnicodeDecodeError])
def test_it_never_raises(error, monkeypatch):
    def look(): raise error('utf-8', b'', 0, 1, 'bad') if error is UnicodeDecodeError else error()
    for what in list(LOOKS): monkeypatch.setitem(LOOKS, what, ('phone home', look))
    report = preflight()
    assert not report and str(report).startswith(f'Not ready: Python is missing (and {len(LOOKS) - 1} more things, below); phone home.')
    assert report._repr_html_().count('<li>') == len(LOOKS)


def test_an_interrupt_interrupts(monkeypatch):
    def look(): raise KeyboardInterrupt
    monkeypatch.setitem(LOOKS, 'sound', ('', look))
    with pytest.raises(KeyboardInterrupt): workshop._found('sound')


def test_nothing_in_a_report_is_markup():
    shown = Preflight((Finding('<b>', 'missing', '<script>', '<i>`<u>`'),))._repr_html_()
    assert not re.search('<(script|i|u)>', shown) and '&lt;script&gt;' in shown


# In a notebook

def test_a_kernel_shows_a_report_a_sound_and_a_slider(tmp_path, monkeypatch):
    import nbformat
    from nbclient import NotebookClient
    for name, value in {**CALM, 'PYTHONPATH': str(ROOT)}.items(): monkeypatch.setenv(name, value)
    page = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell('from melodynb.workshop import preflight'), nbformat.v4.new_code_cell('preflight()')])
    NotebookClient(page, timeout=300, kernel_name='python3', resources={'metadata': {'path': str(tmp_path)}}).execute()
    outputs = [output.data for output in page.cells[1].outputs]
    assert outputs[0]['text/plain'].startswith('Ready.') and '<b>Ready.</b>' in outputs[0]['text/html']
    assert '<audio' in outputs[1]['text/html'] and 'application/vnd.jupyter.widget-view+json' in outputs[-1] and 'running kernel' in outputs[-1]['text/html']
