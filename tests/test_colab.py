"Colab: what every notebook shows and does there; installing melodynb replaces nothing of what it has."
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from concurrent.futures import ThreadPoolExecutor
from configparser import ConfigParser
from importlib.metadata import PackageNotFoundError, version
from itertools import chain
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from test_package import build, source  # noqa: F401 (a fixture)

ROOT = Path(__file__).parent.parent
NBS = ROOT/'nbs'
NOTEBOOKS = sorted(path for path in NBS.rglob('*.ipynb') if '.ipynb_checkpoints' not in path.parts)
BADGE = ('<a href="https://colab.research.google.com/github/melodynb/melodynb/blob/main/nbs/{}">'
         '<img src="https://colab.research.google.com/assets/colab-badge.svg" alt="Open in Colab"></a>')
INSTALL = '#| hide\n#| eval: false\n! [ -e /content ] && pip install -Uqq melodynb'
HEAD = r'- \*\*Time:\*\* (.+)\n- \*\*You need to know:\*\* (.+)\n- \*\*Afterwards you can\*\* (.+)'
ATTEMPTS = '10_char_gpt', '21_lora_gpt2', '30_bart', '41_remi_transformer'


def short_name(notebook):
    "Such as 10_char_gpt, or workshop/plan."
    return notebook.relative_to(NBS).with_suffix('').as_posix()


every_notebook = pytest.mark.parametrize('notebook', NOTEBOOKS, ids=short_name)


def named(lines):
    "Requirements by name."
    return {canonicalize_name(one.name): one for one in map(Requirement, lines)}


def setting(name):
    "One list of settings.ini."
    settings = ConfigParser(delimiters=['='])
    settings.read(ROOT/'settings.ini', encoding='utf-8')
    return named(settings['DEFAULT'][name].split('\n'))


def read_colab():
    "Name and version of what constraints-colab.txt names."
    lines = (ROOT/'constraints-colab.txt').read_text(encoding='utf-8').splitlines()
    pins = named(line for line in lines if line and not line.startswith('#'))
    return {name: str(one.specifier).removeprefix('==') for name, one in pins.items()}


COLAB = read_colab()


def content(notebook):
    "The notebook as a dict, and kind and source of its cells."
    page = json.loads(notebook.read_text(encoding='utf-8'))
    return page, [(cell['cell_type'], ''.join(cell['source'])) for cell in page['cells']]


def words(notebook):
    "All its prose."
    return '\n'.join(source for kind, source in content(notebook)[1] if kind == 'markdown')


# What is there stays there

def test_colab_is_described():
    assert {'numpy', 'torch', 'matplotlib', 'music21', 'ipython', 'ipykernel', 'ipywidgets'} <= set(COLAB)
    assert all(str(Version(number)) == number for number in COLAB.values()), 'exact versions only'


@pytest.mark.parametrize('extra', ['requirements', 'lab_requirements', 'smollm_requirements', 'dev_requirements'])
def test_installing_replaces_nothing_that_colab_has(extra):
    there = {name: one for name, one in setting(extra).items() if name in COLAB}
    refused = [str(one) for name, one in there.items() if COLAB[name] not in one.specifier]
    assert not refused, f'Colab has other versions than {refused}'


# How a notebook opens

@every_notebook
def test_it_has_its_own_badge(notebook):
    badges = re.findall(r'<a href="https://colab\S+"><img .*?></a>', words(notebook))
    assert badges == [BADGE.format(notebook.relative_to(NBS).as_posix())]


@every_notebook
def test_it_installs_before_it_imports(notebook):
    code = [source.strip() for kind, source in content(notebook)[1] if kind == 'code']
    assert code[0] == INSTALL, f'the first code cell installs on Colab:\n{INSTALL}'


def head(notebook):
    "What it says of time, of what you need to know, and of what you can do afterwards."
    found = re.search(HEAD, words(notebook))
    assert found, ('the second cell lists, one line each: '
                   '**Time:** ..., **You need to know:** ..., **Afterwards you can** ...')
    return found.groups()


@every_notebook
def test_it_says_what_to_expect(notebook):
    assert all(len(part) < 300 and part.endswith('.') for part in head(notebook)), 'a sentence or two each'
    _, second = content(notebook)[1][1]
    assert notebook.stem == 'index' or head(notebook)[0] in second, 'the head is the second cell'
    for target in re.findall(r'\]\(([^)#]+\.ipynb)', ' '.join(head(notebook))):
        assert (notebook.parent/target).resolve() in NOTEBOOKS, f'{target} is not there'


@every_notebook
def test_it_asks_for_a_gpu_where_one_helps(notebook):
    asks = content(notebook)[0]['metadata'].get('accelerator') == 'GPU'
    time = head(notebook)[0]
    assert asks or 'T4' not in time, 'it names the time on a T4, so let it ask for one: "accelerator": "GPU"'
    assert not asks or 'no GPU needed' not in time, 'it asks for a GPU that it does not need'
    assert asks or short_name(notebook) not in ATTEMPTS


# A fresh runtime

def as_on_colab():
    "Whether this environment has Colab's versions, as that of `make test-colab`."
    try: return all(Version(version(name)).public == number for name, number in COLAB.items())
    except PackageNotFoundError: return False


def module_of(package):
    "What one imports, as far as the packages of melodynb's developers go."
    if package == 'pyfluidsynth': return 'fluidsynth'
    return package.removesuffix('-binary').replace('-', '_')


def not_on_colab():
    "Modules that come with the tools of melodynb's developers, and not with melodynb."
    there = {*setting('requirements'), *COLAB, 'nbclient', 'nbconvert', 'setuptools'}
    return sorted(map(module_of, set(setting('dev_requirements')) - there))


@pytest.fixture(scope='session')
def runs(request, source, tmp_path_factory):  # noqa: F811
    "The notebooks that were asked for, each alone in a folder, run with the wheel and without those modules."
    folder = tmp_path_factory.mktemp('colab')
    with zipfile.ZipFile(build(source, 'wheel')) as archive: archive.extractall(folder/'site')
    hide = f'import sys\nsys.modules.update(dict.fromkeys({not_on_colab()}))\n'
    (folder/'site'/'sitecustomize.py').write_text(hide)
    env = {**os.environ, 'OMP_NUM_THREADS': '1', 'PYTHONPATH': str(folder/'site')}

    def run(notebook):
        name = notebook.relative_to(NBS)
        alone = folder/'-'.join(name.with_suffix('').parts)
        alone.mkdir()
        page = shutil.copy(folder/'site'/'melodynb'/'course'/name, alone)
        command = [sys.executable, '-m', 'nbconvert', '--to', 'notebook', '--execute',
                   '--ExecutePreprocessor.timeout=-1', '--output', 'done', page]
        return subprocess.run(command, cwd=alone, env=env, capture_output=True, text=True), alone/'done.ipynb'

    items = [item for item in request.session.items if item.name.startswith('test_it_runs_there[')]
    asked = [item.callspec.params['notebook'] for item in items]
    pool = ThreadPoolExecutor(2) # at a time
    yield {notebook: pool.submit(run, notebook) for notebook in asked}
    pool.shutdown(cancel_futures=True)


@pytest.mark.skipif(not as_on_colab(), reason='the versions here are not those of Colab: make test-colab')
@every_notebook
@pytest.mark.timeout(1200)
def test_it_runs_there(notebook, runs):
    done, result = runs[notebook].result()
    assert done.returncode == 0, f'{notebook.name}:\n{done.stdout[-2000:]}\n{done.stderr[-8000:]}'
    outputs = chain.from_iterable(cell.get('outputs', ()) for cell in content(result)[0]['cells'])
    shown = [output['data'] for output in outputs if 'data' in output]
    widgets = [data for data in shown if 'application/vnd.jupyter.widget-view+json' in data]
    for data in widgets:
        if '%|' in ''.join(data['text/plain']): continue # a progress bar
        assert 'text/html' in data, 'a page without a kernel shows nothing in place of a widget'
