"""What players and pages weigh, in bytes: `python -m benchmarks.weight`, or beside another revision `--beside cdf5833`.

A player is weighed as a notebook keeps it. A page is a notebook that was run, as the site shows it: what a visitor's
browser transfers before the first click, and once everything on it has been played; with a script running that is the
same, without one the small MP3 files come on top. MELODYNB_SIZE says how much the notebooks do.
"""
import argparse
import io
import json
import os
import re
import subprocess
import sys
import tarfile
import tempfile
from itertools import chain
from pathlib import Path

from benchmarks.against import BUILT, git
from benchmarks.timing import sized, table

ROOT = Path(__file__).resolve().parent.parent
PAGES = sized(('10_char_gpt', '05_metrics', 'gallery'), ('02_display',))
TUNES = ('folk', 0), ('folk', 1000), ('folk', 2000), ('chorales', 0)
PARTS = {'sound': r'src="data:audio/[^"]*"', 'pictures': r'src="data:image/[^"]*"',
         'style and script': r'<(style|script)>.*?</\1>'}


def parts(html):
    "The bytes of a player by what they are for; `rest` is the notes, the words and the frame."
    found = {name: sum(len(match[0].encode()) for match in re.finditer(pattern, html, re.S))
             for name, pattern in PARTS.items()}
    whole = len(html.encode())
    return {'whole': whole, **found, 'rest': whole - sum(found.values())}


def players(bars=16):
    "The first bars of some pieces, as players."
    from melodynb.corpus import load_corpus
    from melodynb.display import Player
    scores = [load_corpus(name)[place].bars(bars) for name, place in TUNES]
    return {f'{name} {place}, {bars} bars': parts(Player(score).html) for (name, place), score in zip(TUNES, scores)}


def run(path):
    "A notebook, run with the package that is imported here; a cell that fails is told, and weighs what it shows."
    import nbformat
    from nbclient import NotebookClient
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        if 'nbdev_export()' in cell.source: cell.source = ''
    NotebookClient(notebook, timeout=3600, resources={'metadata': {'path': str(path.parent)}}, allow_errors=True,
                   extra_arguments=['--IPKernelApp.log_level=40']).execute()
    failed = [output.ename for cell in notebook.cells for output in cell.get('outputs', ())
              if output.output_type == 'error']
    if failed: print(f'{path.name}: {len(failed)} cells failed: {", ".join(failed)}', file=sys.stderr)
    return notebook


def page(path):
    "The bytes that a page transfers: before the first click, and with every sound of a page without scripts."
    from melodynb.display import Player
    notebook = run(path)
    notebook.metadata.pop('widgets', None) # as the site does
    outputs = chain.from_iterable(cell.get('outputs', ()) for cell in notebook.cells)
    shown = [output.data for output in outputs if 'text/html' in output.get('data', {})]
    with tempfile.TemporaryDirectory() as folder:
        if hasattr(Player, 'shared'): lighten(shown, Path(folder))
        from _story import body
        text = body(notebook)
        sizes = {path.name: path.stat().st_size for path in Path(folder).rglob('*.*')}
    shared = sum(size for name, size in sizes.items() if name.startswith('player.'))
    first = len(text.encode()) + shared
    return {'before a click': first, 'all played, no script': first + sum(sizes.values()) - shared}


def lighten(shown, root):
    "What the site does with players."
    from _sounds import lightened
    for data, text in zip(shown, lightened([data['text/html'] for data in shown], '.', root)): data['text/html'] = text


def weighed(names, nbs):
    "All figures, of the package that is imported and the notebooks in a folder."
    sys.path.insert(0, str(ROOT/'nbs'))
    return {'players': players(), 'pages': {name: page(nbs/f'{name}.ipynb') for name in names}}


def beside(revision, names):
    "The same figures of another revision."
    folder = BUILT/f'{git("rev-parse", "--verify", revision).decode().strip()}-pages'
    if not folder.exists():
        folder.mkdir(parents=True)
        with tarfile.open(fileobj=io.BytesIO(git('archive', revision, 'melodynb', 'nbs', 'settings.ini'))) as archive:
            archive.extractall(folder)
    env = {**os.environ, 'PYTHONPATH': os.pathsep.join([str(folder), str(ROOT)])}
    command = [sys.executable, '-m', 'benchmarks.weight', '--json', '--nbs', str(folder/'nbs'), *names]
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True)
    if done.returncode: sys.exit(f'the package in {folder} stopped:\n{done.stderr[-4000:]}')
    return json.loads(done.stdout.splitlines()[-1])


def show(title, here, there=None):
    "A table of bytes, and beside them those of another revision as a share."
    heads = list(next(iter(here.values())))
    rows = [(name, *(f'{value:,}' for value in row.values())) for name, row in here.items()]
    if there:
        first = heads[0]
        rows = [(*row, f'{there[row[0]][first]:,}', f'{here[row[0]][first]/there[row[0]][first]:.2f}') for row in rows]
        heads += [f'{first}, there', 'ratio']
    table(f'{title}, bytes', ('', *heads), rows)


def main():
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument('names', nargs='*', default=PAGES, help='notebooks to run')
    ask.add_argument('--beside', metavar='REVISION', help='weigh that revision, too')
    ask.add_argument('--nbs', type=Path, default=ROOT/'nbs', help='folder of the notebooks')
    ask.add_argument('--json', action='store_true', help='print figures for a program')
    asked = ask.parse_args()
    here = weighed(asked.names, asked.nbs)
    if asked.json: return print(json.dumps(here))
    there = beside(asked.beside, asked.names) if asked.beside else {}
    show('Players', here['players'], there.get('players'))
    show('Pages', here['pages'], there.get('pages'))


if __name__ == '__main__': main()
