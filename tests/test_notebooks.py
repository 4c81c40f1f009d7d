"The notebooks: each runs, and each keeps the form that makes it readable, small and safe to share."
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

import forked

ROOT = Path(__file__).parent.parent
NOTEBOOKS = sorted(path for path in (ROOT/'nbs').rglob('*.ipynb') if '.ipynb_checkpoints' not in path.parts)
STORED = 200_000 # characters that a notebook may have, its outputs included
CELL = 25 # lines of code, blank ones and directives apart
STRETCH = 3 # visible code cells without a word between them



def name_of(path):
    return path.relative_to(ROOT/'nbs').with_suffix('').as_posix()


every_notebook = pytest.mark.parametrize('notebook', NOTEBOOKS, ids=name_of)


def cells(notebook):
    "Kind and source of every cell."
    return [(cell['cell_type'], ''.join(cell['source'])) for cell in json.loads(notebook.read_text(encoding='utf-8'))['cells']]


# They run

@every_notebook
@pytest.mark.timeout(1200)
def test_it_runs(notebook):
    failed, printed = forked.run(forked.notebook, notebook)
    assert not failed, f'{notebook.name}:\n{printed[-10000:]}'


# They read well

@every_notebook
def test_it_opens_with_a_title_and_a_summary(notebook):
    kind, source = cells(notebook)[0]
    assert kind == 'markdown' and re.match(r'# \S.*\n\s*> \S', source), 'begin with "# Title" and a "> summary" line'


@every_notebook
def test_its_cells_are_short(notebook):
    code = [re.findall(r'^(?!#\|).*\S.*$', source, re.M) for kind, source in cells(notebook) if kind == 'code']
    long = {lines[0]: len(lines) for lines in code if len(lines) > CELL}
    assert not long, f'cells of more than {CELL} lines, by their first: {long}'


@every_notebook
def test_its_code_is_told(notebook):
    stretch, bad = [], []
    for kind, source in cells(notebook):
        if re.search(r'^#\|\s*(hide|default_exp)', source, re.M): continue
        stretch = [*stretch, source.split('\n')[-1]] if kind == 'code' else []
        if len(stretch) == STRETCH + 1: bad.append(stretch[-1])
    assert not bad, f'more than {STRETCH} code cells without prose, up to the ones that end with {bad}'


@every_notebook
def test_it_exports_at_its_end(notebook):
    kind, source = cells(notebook)[-1]
    if any('default_exp' in source for _, source in cells(notebook)): assert kind == 'code' and 'nbdev_export()' in source


@every_notebook
def test_it_can_be_shared(notebook):
    text = notebook.read_text(encoding='utf-8')
    assert len(text) <= STORED, f'{len(text):,} characters: clear the largest outputs'
    assert not re.search(r'data:audio/\w+;base64,\w', text), 'a sound is stored: clear that output'
    assert not re.search(r'["\' (](/home/|/Users/|/root/|/tmp/|/work/|[A-Z]:\\\\)', text), 'it names a path of one machine'


@every_notebook
def test_it_leaves_the_machine_alone(notebook):
    for kind, source in cells(notebook):
        if kind == 'code' and 'eval: false' not in source:
            assert not re.search(r'chdir\(|^\s*[!%]\s*(pip|cd)\b', source, re.M), source


def test_the_site_lists_every_notebook():
    menus = [(ROOT/'nbs'/name).read_text(encoding='utf-8') for name in ('sidebar.yml', '_quarto.yml')]
    listed = set(re.findall(r'(?:- |href: )([\w/]+\.ipynb)', '\n'.join(menus)))
    assert {path.relative_to(ROOT/'nbs').as_posix() for path in NOTEBOOKS} <= listed | {'index.ipynb'}  # the name leads there


# The README is the landing page

def test_the_readme_is_made_from_the_landing_page():
    done = subprocess.run([sys.executable, ROOT/'nbs'/'_readme.py', '--print'], capture_output=True, text=True, check=True)
    assert done.stdout == (ROOT/'README.md').read_text(encoding='utf-8'), 'run `make readme`'
