"The package as a whole: its layers, its imports, its notebooks in step with its modules, and what is built from it."
import ast
import os
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT/'nbs'))
from _rooms import FLOORS, PLACES, asked, imported  # noqa: E402

PACKAGE = ROOT/'melodynb'
MODULES = sorted(path.stem for path in PACKAGE.glob('*.py') if not path.stem.startswith('_'))

HEAVY = {'torch', 'accelerate', 'transformers', 'peft', 'music21', 'verovio', 'matplotlib', 'miditok', 'pretty_midi',
         'ipywidgets', 'IPython', 'soundfile', 'sklearn'}
LIGHT = {room for floor in list(FLOORS)[:list(FLOORS).index('models')] for room in FLOORS[floor]} | {'preflight', 'verdicts'}
REMOVED = set('asynchat asyncore audioop cgi cgitb chunk crypt distutils imghdr imp mailcap msilib nis nntplib ossaudiodev '
              'pipes smtpd sndhdr spwd sunau telnetlib uu xdrlib'.split()) # gone in Python 3.12 or 3.13


def run(*command, **options):
    "Run a command; its output is shown if it fails."
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, **options)
    assert done.returncode == 0, f'{command} failed:\n{done.stdout[-4000:]}\n{done.stderr[-8000:]}'
    return done.stdout


def at_import(tree):
    "The same tree without what only runs when a function is called."
    class Emptied(ast.NodeTransformer):
        def visit_FunctionDef(self, node): return None
        visit_AsyncFunctionDef = visit_Lambda = visit_FunctionDef
    return Emptied().visit(tree)


def notebook_order():
    "Modules in the order of their notebooks."
    texts = [path.read_text(encoding='utf-8') for path in sorted((ROOT/'nbs').glob('*.ipynb'))]
    found = [re.search(r'#\| default_exp (\w+)', text) for text in texts]
    return [match[1] for match in found if match]


# Floors

def test_every_module_has_a_floor_and_a_notebook():
    assert sorted(PLACES) == MODULES, 'give a new module its floor in nbs/_rooms.py, as low as its imports allow'
    assert sorted(notebook_order()) == MODULES, 'one notebook per module'


@pytest.mark.parametrize('module', MODULES)
def test_imports_point_downward(module):
    for other in asked(module):
        assert PLACES[other] < PLACES[module], f'{module} imports {other}, which stands on a higher floor or further right'


@pytest.mark.parametrize('module', sorted(LIGHT))
def test_rooms_below_the_models_import_nothing_heavy(module):
    tree = at_import(ast.parse((PACKAGE/f'{module}.py').read_text(encoding='utf-8')))
    heavy = {name.split('.')[0] for name in imported(tree)} & HEAVY
    assert not heavy, f'{module} imports {heavy} at its top; import it inside the function that needs it'


# What other machines have

@pytest.mark.parametrize('module', MODULES)
def test_python_3_10_can_read_it_and_3_13_can_import_it(module):
    tree = ast.parse((PACKAGE/f'{module}.py').read_text(encoding='utf-8'), feature_version=(3, 10))
    assert not {name.split('.')[0] for name in imported(tree)} & REMOVED


# Imports in a fresh interpreter

HERE = f'print("FOUND", *sorted({HEAVY!r} & {{*sys.modules}}), flush=True)'
ALLOWED = HEAVY - {'music21', 'verovio', 'transformers', 'peft', 'matplotlib'}  # in rooms that are not light
TWINS = f"""import os, sys
for name in {sorted(ALLOWED)!r}: __import__(name)
for module in sys.argv[1:]:
    if twin := os.fork(): os.waitpid(twin, 0)
    else:
        print("MODULE", module, flush=True)
        __import__(module)
        {HERE}
        os._exit(0)
"""


def fresh_import(module):
    "The heavy modules that an import brings into a new interpreter."
    return set(run(sys.executable, '-c', f'import sys, {module}\n{HERE}', cwd=ROOT).split()[1:])


@pytest.fixture(scope='module')
def twins():
    """What each room that is not light brings when it is imported first, beside what all of them may bring: that is
    imported once, and the process divides for every room."""
    if not hasattr(os, 'fork'): pytest.skip('processes do not divide here')
    rooms = [f'melodynb.{module}' for module in MODULES if module not in LIGHT]
    told = run(sys.executable, '-W', 'ignore', '-c', TWINS, *rooms, cwd=ROOT).split('MODULE ')[1:]
    return {words[0]: {*words[2:]} for words in map(str.split, told) if words[1:2] == ['FOUND']}


def test_import_of_the_package_is_light(): assert not fresh_import('melodynb')


@pytest.mark.parametrize('module', sorted(LIGHT))
def test_a_light_module_imports_alone_and_brings_nothing_heavy(module):
    heavy = fresh_import(f'melodynb.{module}')
    assert not heavy, f'importing {module} brings {heavy}'


@pytest.mark.parametrize('module', [module for module in MODULES if module not in LIGHT])
def test_a_heavy_module_imports_alone_and_brings_no_more_than_it_may(module, twins):
    assert f'melodynb.{module}' in twins, f'{module} cannot be imported first'
    heavy = twins[f'melodynb.{module}'] - ALLOWED
    assert not heavy, f'importing {module} brings {heavy}'


# Notebooks and modules in step

def contents(folder):
    "Every notebook and module of a project, by its name."
    paths = [*(folder/'nbs').rglob('*.ipynb'), *(folder/'melodynb').glob('*.py')]
    return {path.relative_to(folder).as_posix(): path.read_text(encoding='utf-8') for path in paths}


def test_notebooks_are_clean_and_modules_come_from_them(tmp_path):
    left_out = shutil.ignore_patterns('__pycache__', '.ipynb_checkpoints', 'weights')
    for name in ('nbs', 'melodynb'): shutil.copytree(ROOT/name, tmp_path/name, symlinks=True, ignore=left_out)
    for name in ('pyproject.toml', 'settings.ini', 'setup.py'): shutil.copy(ROOT/name, tmp_path)
    before = contents(tmp_path)
    for path in (tmp_path/'melodynb').glob('*.py'):
        if path.name != '__init__.py': path.unlink()
    tools = Path(sys.executable).parent
    for tool in ('nbdev-clean', 'nbdev-export'): run(tools/tool, cwd=tmp_path, env={**os.environ, 'PYTHONPATH': str(tmp_path)})
    after = contents(tmp_path)
    different = sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))
    assert not different, f'run `make export`: {", ".join(different)} would change'


# What is built

SOURCE = ('melodynb', 'nbs', 'pyproject.toml', 'settings.ini', 'setup.py', 'MANIFEST.in', 'README.md', 'LICENSE',
          'CHANGELOG.md')


@pytest.fixture(scope='session')
def source(tmp_path_factory):
    "A copy of what a build needs, so that it leaves nothing in the checkout."
    folder = tmp_path_factory.mktemp('source')
    for name in SOURCE:
        copy = shutil.copytree if (ROOT/name).is_dir() else shutil.copy
        copy(ROOT/name, folder/name)
    return folder


def build(source, kind):
    "An sdist or a wheel, through setuptools' own build functions and without a network."
    out = source/'dist'
    code = f'import setuptools.build_meta as b; print(b.build_{kind}({str(out)!r}))'
    return out/run(sys.executable, '-c', code, cwd=source).split()[-1]


def package_files():
    "What a user's program reads: data, weights and stand-ins."
    paths = [path for part in ('data', 'weights', 'stand_in') for path in (PACKAGE/part).rglob('*') if path.is_file()]
    return {path.relative_to(ROOT).as_posix() for path in paths if '__pycache__' not in path.parts}


def course(folder):
    "Where the notebooks are, under this folder."
    paths = [path for path in (ROOT/'nbs').rglob('*.ipynb') if '.ipynb_checkpoints' not in path.parts]
    return {f'{folder}/{path.relative_to(ROOT/"nbs").as_posix()}' for path in paths}


def test_sdist_holds_what_a_build_needs(source):
    with tarfile.open(build(source, 'sdist')) as archive: names = {name.split('/', 1)[-1] for name in archive.getnames()}
    assert {'settings.ini', 'setup.py', 'pyproject.toml', 'README.md', 'LICENSE'} | package_files() | course('nbs') <= names


def test_wheel_works_on_its_own(source, tmp_path):
    wheel = build(source, 'wheel')
    with zipfile.ZipFile(wheel) as archive:
        assert package_files() | course('melodynb/course') <= set(archive.namelist())
        archive.extractall(tmp_path)
        metadata = next(archive.read(name).decode() for name in archive.namelist() if name.endswith('/METADATA'))
    needs = {match[1] for match in re.finditer(r'^Requires-Dist: ([\w-]+)[^;\n]*$', metadata, re.M)}
    assert {'symusic', 'torch'} <= needs and not needs & {'nbdev', 'jupyterlab', 'muspy', 'playwright'}
    code = ('import melodynb, melodynb.corpus as c; assert melodynb.__file__.startswith(%r), melodynb.__file__\n'
            'print(len(c.load_corpus("folk")))') % str(tmp_path)
    assert int(run(sys.executable, '-c', code, cwd=tmp_path, env={**os.environ, 'PYTHONPATH': str(tmp_path)})) >= 3000
    env = {**os.environ, 'PYTHONPATH': str(tmp_path)}
    run(sys.executable, '-m', 'melodynb.cli', 'notebooks', 'course', cwd=tmp_path, env=env)
    copied = {path.relative_to(tmp_path).as_posix() for path in (tmp_path/'course').rglob('*.ipynb')}
    assert copied == {name for name in course('course') if not name.startswith('course/solutions/')}
    assert any(name.startswith('course/workshop/') for name in copied)
    run(sys.executable, '-m', 'melodynb.cli', 'notebooks', 'all', '--solutions', cwd=tmp_path, env=env)
    assert {path.relative_to(tmp_path).as_posix() for path in (tmp_path/'all').rglob('*.ipynb')} == course('all')
    assert wheel.stat().st_size < 24e6 # earlier weights of a model come along, too
