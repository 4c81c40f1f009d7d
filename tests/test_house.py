"The house: what was measured of it stays so, names are found where they were, and editors find what is patched in."
import ast
import importlib
import re
import subprocess
import sys
from itertools import chain
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT/'tests'))
import measure_code  # noqa: E402

NAMES = dict(line.split(': ') for line in (ROOT/'tests'/'fixtures'/'public_names.txt').read_text().splitlines())
# Public names beyond those of a6baf1f: rooms, notation, reading music, variants and memory, listening, form, holes,
# arms, company, files whole or not at all, sound in a page, GGUF, marking, a real language model,
# questions, the page's dice, a piece as a file for a browser, edits, memory given back, duets, links,
# facts of bars
MORE = 4 + 5 + 25 + 22 + 21 + 6 + 10 + 20 + 1 + 31 + 12 + 10 + 5 + 2 + 5 + 1 + 8 + 1 + 1 + 7 + 1 + 7 + 2 + 17


@pytest.fixture(scope='module')
def package():
    return measure_code.module_code()


# Names

@pytest.mark.parametrize('module', NAMES)
def test_every_name_is_where_it_was(module):
    found = importlib.import_module(f'melodynb.{module}')
    assert not [name for name in NAMES[module].split() if not hasattr(found, name)]


def test_public_names_hardly_grow():
    modules = (importlib.import_module(f'melodynb.{path.stem}') for path in (ROOT/'melodynb').glob('[!_]*.py'))
    now, before = sum(len(module.__all__) for module in modules), sum(len(names.split()) for names in NAMES.values())
    assert now <= before + MORE, f'{now} public names, {before} before'


def test_no_private_name_crosses_a_wall(package):
    assert list(measure_code.private_imports(package)) == []


def test_no_private_name_is_reached_through_its_module(package):
    "Such as `bart._asked`, after `from . import bart`."
    for path, tree in package.trees.items():
        own = {alias.asname or alias.name for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)
               for alias in node.names if node.module is None or node.module == 'melodynb'}
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in own:
                assert not node.attr.startswith('_') or node.attr.startswith('__'), f'{path.name}: {ast.unparse(node)}'


# Lines

def test_lines_can_be_read(package):
    widths = [len(line) for line in package.lines]
    assert measure_code.p90(widths) <= 100 and max(widths) <= 120


def test_one_thought_a_line(package):
    assert package.per_thousand(measure_code.nested_comprehensions(package)) <= 1
    assert package.per_thousand(measure_code.named_lambdas(package)) <= 1
    assert not [line for line in package.lines if re.search(r';\s*(?:[a-z_]+ =|return\b)', line)]


def test_functions_are_short(package):
    lengths = measure_code.function_lengths(package)
    assert measure_code.p90(lengths) <= 18 and max(lengths) <= 30


def test_what_stands_beside_the_package_reads_alike():
    beside = measure_code.other_code()
    widths = [len(line) for line in beside.lines]
    assert measure_code.p90(widths) <= 105 and max(widths) <= 130
    assert max(measure_code.function_lengths(beside)) <= 60 # a whole session in JupyterLab


def test_every_module_says_what_it_holds(package):
    for path, tree in package.trees.items():
        if path.stem != '__init__': assert len(ast.get_docstring(tree).split('\n')[0]) > 20, path.name


# Reading time

STORY = ['10_char_gpt', '20_text', '21_lora_gpt2', '30_bart', '40_remi', '41_remi_transformer', '41a_remi_models',
         '41b_compose', '42_bar_transformer', '43_infill', '44_company', '50_compare']


@pytest.mark.parametrize('name', STORY)
def test_a_story_is_read_in_an_evening(name):
    minutes = measure_code.reading_minutes(ROOT/'nbs'/f'{name}.ipynb')
    assert minutes <= (60 if name == '41_remi_transformer' else 75)


# Editors

CLASSES = [('score', 'Score'), ('remi', 'RemiTokenizer'), ('models', 'Decoder'), ('studio', 'Studio'),
           ('tokenizers', 'CharTokenizer'), ('recipe', 'Recipe'), ('recipe', 'Result'), ('ngrams', 'KneserNey'),
           ('tokenizers', 'WholePieces'), ('compose', 'Hearing'), ('bar_transformer', 'BarTransformer')]


def public_methods(cls):
    "What a class of this package offers, without what it inherits from others."
    own = (one for one in cls.__mro__ if one.__module__.startswith('melodynb'))
    names = set(chain.from_iterable(map(vars, own)))
    def is_method(name): return callable(getattr(cls, name)) or isinstance(vars(cls).get(name), property)
    return {name for name in names if name[0] != '_' and is_method(name)}


@pytest.fixture(scope='module')
def jedi(tmp_path_factory):
    "An editor's eyes, with a memory of their own: JupyterLab, which another test may run now, writes into the common one."
    import jedi
    jedi.settings.cache_directory = str(tmp_path_factory.mktemp('jedi'))
    return jedi


@pytest.mark.parametrize('module,name', CLASSES)
def test_an_editor_completes_every_method(module, name, jedi):
    code = f'from melodynb.{module} import {name}\n\ndef f(x: {name}):\n    x.'
    found = jedi.Script(code, path=ROOT/'editor.py', project=jedi.Project(ROOT)).complete(4, 6)
    cls = getattr(importlib.import_module(f'melodynb.{module}'), name)
    assert public_methods(cls) <= {one.name for one in found}


@pytest.mark.parametrize('call,parameters', [
    ('Score().transpose(', ['steps']), ('Score().bars(', ['first', 'stop=None']), ('Score().at(', ['what', 'beat'])])
def test_an_editor_shows_signatures(call, parameters, jedi):
    code = f'from melodynb.score import Score\n{call}'
    found = jedi.Script(code, path=ROOT/'editor.py', project=jedi.Project(ROOT)).get_signatures(2, len(call))
    names = [parameter.to_string().replace(' ', '') for parameter in found[0].params]
    assert [re.sub(r':[^=]*', '', name) for name in names] == parameters


# What is made from the modules

@pytest.mark.parametrize('maker', ['_stubs.py', '_rooms.py', '_folds.py'])
def test_it_is_in_step(maker):
    done = subprocess.run([sys.executable, ROOT/'nbs'/maker, '--check'], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
