"""The documentation site: run the notebooks, let nbdev process them, check every link, draw the pages.

`python nbs/_site.py` is `make docs`. It runs what changed since the last time, leaves plain pages in `_preview`, and,
where the Quarto program is, the site in `_docs`. `python nbs/_site.py --check` is `make docs-check`: the notebooks as
they are in git, with what nbdev runs of them, and every link between pages, menus, README.md and its kind.

This file makes pages; `_links.py` checks them.
"""
import argparse
import hashlib
import json
import os
import posixpath
import re
import shutil
import subprocess
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from html import escape
from importlib import import_module
from pathlib import Path
from urllib.parse import unquote

from _handed import RAW, finish, handed_faults, header, read, write
from _links import Draft, Page, Site, checked, faults, menus, pandoc, place_of, text_faults
from _search import add_names
from _story import HERE, PAGE, run, style

ROOT = HERE.parent
TOLD = re.compile(r'\d\d[a-z]?_|index|gallery')  # notebooks of the story, where library code and its entries are folded


# Run the notebooks, each again only when it changed.

def imported(text, library):
    "The modules of the library that a text names."
    found = re.findall(r'\bmelodynb\.(\w+)|^\s*from \.(\w+)', text, re.M)
    paths = [library/f'{name or other}.py' for name, other in found]
    return {path for path in paths if path.exists()}


def needed(text, library):
    "The modules of the library that a text imports, and those that they import."
    found, ahead = set(), [text]
    while ahead:
        new = imported(ahead.pop(), library) - found
        found |= new
        ahead += [path.read_text(encoding='utf-8') for path in new]
    return sorted(found)


def fingerprint(notebook, library=ROOT/'melodynb'):
    "What the outputs of a notebook depend on: its cells, the modules behind them, data and weights, and the size."
    cells = [(cell['cell_type'], ''.join(cell['source'])) for cell in read(notebook)['cells']]
    size = os.environ.get('MELODYNB_SIZE') or ('gpu' if shutil.which('nvidia-smi') else 'cpu')
    kept = sorted(path for kind in ('data', 'weights', 'stand_in') for path in (library/kind).rglob('*.*'))
    files = [(str(path.relative_to(library)), path.stat().st_size) for path in kept]
    text = '\n'.join(source for _, source in cells)
    modules = [path.read_text(encoding='utf-8') for path in needed(text, library)]
    return hashlib.sha256(json.dumps([cells, size, files, modules]).encode()).hexdigest()


def is_hidden(path):
    "Whether a path leads through a folder or to a file that is not for readers."
    return any(part[0] in '._' for part in path.parts)


def notebooks(folder):
    "All of them, those in the folder itself first."
    found = [path for path in folder.rglob('*.ipynb') if not is_hidden(path.relative_to(folder))]
    return sorted(found, key=lambda path: (len(path.relative_to(folder).parts), path))


def notebook_fault(path, name):
    "What is wrong with the file of a notebook, or None."
    try: cells = read(path)['cells']
    except (ValueError, KeyError, TypeError) as error: return f'{name} is no notebook that can be read: {error}'
    return None if cells else f'{name} has no cells'


def menu_file_fault(path):
    "What is wrong with a file of menus, or None."
    import yaml
    try: yaml.safe_load(path.read_text(encoding='utf-8'))
    except yaml.YAMLError as error: return f'{path.name} cannot be read: ' + ' '.join(str(error).split())
    return None


def missing(folder):
    "What keeps the site from being made, each in a sentence: no Pandoc, a notebook or a menu that cannot be read."
    found = []
    try: import_module('pypandoc').get_pandoc_path()
    except (ImportError, OSError):
        found.append('Pandoc, which reads the pages, is missing; install it with pip install pypandoc_binary')
    found += [notebook_fault(path, path.relative_to(folder).as_posix()) for path in notebooks(folder)]
    found += map(menu_file_fault, sorted(folder.glob('*.yml')))
    return list(filter(None, found))


def kept_run(path, source, work):
    "Where the last run of a notebook is kept, whatever folder of `source` it lies in."
    name = path.relative_to(source).with_suffix('').as_posix()
    return work/'runs'/f'{name.replace("/", "--")}.ipynb'


def run_again(path, name, kept):
    "Run a notebook and keep it with its outputs; whether it passed."
    import nbformat
    print(f'{name:<28}', end='', flush=True)
    start = time.perf_counter()
    notebook, error = run(path)
    print(f'{time.perf_counter() - start:.0f} s' + (', stopped by an error' if error else ''), flush=True)
    if error: print(f'\n{name} failed in this cell:\n{error}\n', file=sys.stderr, flush=True)
    notebook.metadata['made_of'] = '' if error else fingerprint(path)
    nbformat.write(notebook, kept)
    return not error


def execute(source, work):
    "Run every notebook that changed since its last run; the names of those that failed."
    (work/'runs').mkdir(parents=True, exist_ok=True)
    failed = []
    for path in notebooks(source):
        name, kept = path.relative_to(source).with_suffix('').as_posix(), kept_run(path, source, work)
        current = kept.exists() and read(kept)['metadata'].get('made_of') == fingerprint(path)
        if not current and not run_again(path, name, kept): failed.append(name)
    return failed


# A small project for nbdev

def stage(source, work, ran=True):
    "Everything that lies beside the notebooks, and the notebooks, with their outputs if they `ran`."
    target = work/'nbs'
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(source, target, ignore=shutil.ignore_patterns('.*', '__pycache__', '_*.py'))
    shutil.copy(ROOT/'pyproject.toml', work)
    for path in notebooks(target):
        page = read(kept_run(path, target, work) if ran else path)
        page['cells'] = with_folds(page['cells'], told=bool(TOLD.match(path.stem)) and path.parent == target)
        if ran: page['cells'] = list(map(ran_already, page['cells']))
        write(page, path)
    return target


def ran_already(cell):
    "A cell that nbdev need not run again, for it has its outputs."
    source = ''.join(cell['source'])
    return {**cell, 'source': re.sub(r'^#\| exec_doc\n', '\n', source, flags=re.M).splitlines(keepends=True)}


def words(text):
    "A cell of text."
    return dict(cell_type='markdown', id=hashlib.sha1(text.encode()).hexdigest()[:8], metadata={},
                source=text.splitlines(keepends=True))


def with_folds(cells, told):
    """Before each library cell, which nbdev takes out, its code, folded.

    nbdev puts the entries of what a cell defines behind it; where the story is `told` they go into the fold, too."""
    from melodynb.fold import parted
    found, named = [], set()
    for cell in cells:
        source = ''.join(cell['source'])
        title, library = parted(source) if cell['cell_type'] == 'code' else (None, '')
        if not title or not title.startswith('Library: '):
            found.append(cell)
            continue
        new = [name for name in constants(library) if name not in named]
        named |= set(new)
        places = ''.join(f'<a id="{name}"></a>' for name in new)
        opened = f'```{{=html}}\n<details class="folded"><summary>{escape(title)}</summary>{places}\n```\n\n'
        opened += '::::: {.folded-body}\n\n'  # a box of its own: a heading within ends with it
        code = f'````python\n{library}\n````'
        closed = ':::::\n\n```{=html}\n</details>\n```'
        found += [words(opened + code), cell, words(closed)] if told else [words(f'{opened}{code}\n\n{closed}'), cell]
    return found


CONSTANT = re.compile(r'^([A-Z][A-Z_\d]*(?:, [A-Z][A-Z_\d]*)*)\s*(?::[^=\n]*)?=(?!=)', re.M)


def constants(code):
    "The constants that code defines; nbdev has no entries for them, and the search leads to their code."
    return [name for names in CONSTANT.findall(code) for name in names.split(', ')]


# nbdev's own processing, and what the pages need besides.

PROCESS = """import os, re, sys
from nbdev.serve import proc_nbs
for name in sys.argv[1:]: proc_nbs("nbs", n_workers=0, file_re=f"^{re.escape(name)}$")
print(proc_nbs("nbs", n_workers=0), flush=True)
os._exit(0)"""  # else every shell of IPython collects garbage at the end, which takes longer than the pages


def in_their_order(project):
    """The names of the notebooks, users of the library first, then its rooms from the top floor down.

    A room that has run leaves its own classes behind, and no room asks for one above it."""
    paths = notebooks(project/'nbs')
    rooms = [path for path in paths if re.match(r'\d', path.name) and path.parent == project/'nbs']
    users = [path for path in paths if path not in rooms]
    return [path.name for path in (*users, *reversed(rooms))]


def process(project):
    "Every page as nbdev hands it to Quarto; the folder of the pages."
    command = [sys.executable, '-W', 'ignore', '-c', PROCESS, *in_their_order(project)]
    shutil.rmtree(project/'_proc', ignore_errors=True)
    done = subprocess.run(command, cwd=project, capture_output=True, text=True,
                          env={'OMP_NUM_THREADS': '1', **os.environ})
    if done.returncode:
        told = done.stderr.rpartition('Exception: Error ')
        sys.exit('nbdev, which runs exported cells and every cell with an import in it, but no others, stopped.\n'
                 + ''.join(told[1:]))
    pages = Path(done.stdout.split('\n')[-2])
    for path in pages.rglob('*.ipynb'): finish(path, posixpath.relpath('.', path.relative_to(pages).parent.as_posix()))
    return pages


# Pages as Pandoc makes them, as it does for Quarto: the same anchors.

class Parts(list):
    "Pieces of HTML that Pandoc need not read: each leaves a mark in the text, and comes back in its place."
    def raw(self, html):
        self.append(html)
        return f'\n```{{=html}}\n<div data-part="{len(self) - 1}"></div>\n```\n'

    def put_back(self, html):
        return re.sub(r'<div data-part="(\d+)"></div>', lambda found: self[int(found[1])], html)


def markdown_of(page, parts):
    "A processed notebook as Quarto reads it; what is HTML already goes to `parts`."
    lines = []
    for cell in page['cells']:
        if cell['cell_type'] == 'markdown': lines.append(''.join(cell.get('source', '')))
        if cell['cell_type'] == 'code': lines += code_cell(cell, parts)
    return '\n\n'.join(lines)


def code_cell(cell, parts):
    "The code of a cell and what it shows, as its directives wish."
    source = ''.join(cell.get('source', ''))
    wishes = dict(re.findall(r'^#\|\s*([\w-]+):\s*(.+?)\s*$', source, re.M))
    if wishes.get('include') == 'false': return []
    code = re.sub(r'^#\|.*\n?', '', source, flags=re.M).strip('\n')
    shows_code = code and wishes.get('echo') != 'false'
    outputs = cell.get('outputs', ()) if wishes.get('output') != 'false' else ()
    return ['\n::: {.cell}\n', *([parts.raw(code_block(code, wishes))] if shows_code else []),
            *(shown(output, parts.raw, wishes.get('fig-alt', '').strip('"')) for output in outputs), '\n:::\n']


def code_block(code, wishes):
    "Code as HTML, folded where that is wished."
    block = f'<pre class="sourceCode"><code>{escape(code)}</code></pre>'
    if wishes.get('code-fold') != 'true': return block
    return f'<details><summary>{escape(wishes.get("code-summary", "Code"))}</summary>{block}</details>'


def shown(output, raw, words=''):
    "One output of a cell; a picture with its `words`."
    data = {kind: ''.join(text) for kind, text in output.get('data', {}).items()}
    found = RAW.fullmatch(data.get('text/markdown', ''))
    if found: return raw(f'<div class="cell-output">{found["html"]}</div>')
    if 'text/markdown' in data: return data['text/markdown']
    if 'image/svg+xml' in data: return raw(f'<div class="cell-output">{data["image/svg+xml"]}</div>')
    if 'image/png' in data:
        picture = f'data:image/png;base64,{data["image/png"].strip()}'
        return raw(f'<div class="cell-output"><img alt="{escape(words)}" src="{picture}"></div>')
    text = data.get('text/plain') or ''.join(output.get('text', ())) or '\n'.join(output.get('traceback', ()))
    text = re.sub(r'\x1b\[[\d;]*m|^.*\r(?!\n)', '', text, flags=re.M)
    return raw(f'<div class="cell-output"><pre>{escape(text)}</pre></div>') if text.strip() else ''


def draft(path, folder):
    "One processed notebook as the body of a page."
    page, parts = read(path), Parts()
    head, source = header(page), path.relative_to(folder)
    said = f'> {" ".join(str(head["description"]).split())}\n\n' if 'description' in head else ''
    html = parts.put_back(pandoc(said + markdown_of(page, parts)))
    title = escape(str(head.get('title', source.stem)))
    name = source.with_name(head.get('output-file', source.with_suffix('.html').name)).as_posix()
    return Draft(source.as_posix(), name, title, f'<h1>{title}</h1>{html}')


def drafts(folder):
    "All pages."
    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(lambda path: draft(path, folder), notebooks(folder)))


# Plain pages, to look at without Quarto.

def preview(pages, folder, into):
    "Every page with its navigation and the style sheet, and the files beside them."
    shutil.rmtree(into, ignore_errors=True)
    shutil.copytree(folder, into, ignore=shutil.ignore_patterns('*.ipynb', '*.yml', '_*', '.*'))
    links, names = menus(folder), {page.source: page for page in pages}
    for page in pages:
        html = re.sub(r'href="([^":#]+\.ipynb)(?=["#])', lambda found: f'href="{as_page(found[1], page, names)}', page.html)
        body = f'{html}<p>{next_page(page, links, names)}</p>'
        (into/page.name).parent.mkdir(parents=True, exist_ok=True)
        whole = PAGE.format(title=page.title, style=style(), links=navigation(page, links, names), body=body)
        (into/page.name).write_text(whole, encoding='utf-8')
    return into/'index.html'


def entry(page, link, text, names):
    "A link of a menu as it stands on a page."
    if not text and link not in names: return ''
    up = posixpath.relpath('.', posixpath.dirname(page.name) or '.')
    place = posixpath.normpath(posixpath.join(up, names[link].name if link in names else link))
    return f'<a href="{place}">{text or names[link].title}</a>'


def navigation(page, links, names):
    "The bar of a page, and the list of all pages."
    top = [entry(page, 'index.ipynb', 'melodynb', names)]
    top += [entry(page, *one, names) for one in links['_quarto.yml'] if one[1]]
    whole = ''.join(f'<li>{entry(page, *one, names)}</li>' for one in links['sidebar.yml'])
    return f'{"".join(top)}<details><summary>All pages</summary><ul>{whole}</ul></details>'


def next_page(page, links, names):
    "A link to the page that the sidebar names after this one; nothing after the last."
    order = [names[link] for link, _ in links['sidebar.yml'] if link in names]
    place = order.index(page) + 1 if page in order else len(order)
    if place == len(order): return ''
    return entry(page, order[place].source, f'{order[place].title} \u2192', names)


def as_page(link, page, names):
    "A link to a notebook as one to its page."
    there = posixpath.normpath(posixpath.join(posixpath.dirname(page.source), unquote(link)))
    return posixpath.relpath(names[there].name, posixpath.dirname(page.name) or '.') if there in names else link


# The site itself.

def render(pages, into):
    "The site as Quarto draws it in a folder; what it reported on the way."
    from nbdev.quarto import _fix_quarto_nav
    done = subprocess.run(['quarto', 'render', '--no-cache', '--output-dir', '_docs'], cwd=pages,
                          capture_output=True, text=True, encoding='utf-8')
    told = re.sub(r'\x1b\[[\d;]*m', '', done.stderr)
    if done.returncode: sys.exit(f'Quarto stopped:\n{told[-3000:]}')
    shutil.rmtree(into, ignore_errors=True)
    shutil.move(pages/'_docs', into)
    _fix_quarto_nav(into)
    add_names(into)
    return [f'Quarto: {line}' for line in re.findall(r'^(?:\[WARNING\]|WARN(?:ING)?|ERROR)(?=\W).*', told, re.M)]


def drawn(into):
    "The pages that Quarto drew."
    paths = [path for path in sorted(into.rglob('*.html')) if not {'site_libs', 'play'} & set(path.parts)]
    names = [path.relative_to(into).as_posix() for path in paths]
    pages = [Page(name, name, path.read_text(encoding='utf-8')) for name, path in zip(names, paths)]
    return Site({page.name: page for page in pages}, {}, into)


def first_weight(page, site):
    "The bytes of a page and of the files of this site that it loads, in a first visit."
    local = [link for link in page.loads if not re.match(r'[a-z+]+:|//', link)]
    files = {page.name, *(place_of(page, unquote(link).partition('?')[0]) for link in local)}
    return sum((site.folder/name).stat().st_size for name in files if (site.folder/name).is_file())


def report(site, found, what):
    "Print the faults, and a table of the pages with their links, weights and faults; whether there are any faults."
    for line in found: print(line, file=sys.stderr)
    print(f'\n{what:<44}{"links":>7}{"MB":>8}{"faults":>8}')
    counts = Counter(line.partition(': ')[0] for line in found)
    rows = [(page.name, len(page.links), first_weight(page, site)/1e6, counts[page.source])
            for page in site.pages.values() if page.name.endswith('.html')]
    for row in sorted(rows, key=lambda row: -row[2]): print('{:<44}{:>7,}{:>8.2f}{:>8}'.format(*row))
    total = f'{len(rows)} pages', sum(row[1] for row in rows), sum(row[2] for row in rows), len(found)
    print('{:<44}{:>7,}{:>8.1f}{:>8}'.format(*total), flush=True)
    return bool(found)


def processed(check):
    "The folder of the processed notebooks: of those that were just run, or, to `check`, of those in git."
    work = ROOT/'_pages'
    if check:
        os.environ.setdefault('MELODYNB_SIZE', 'tiny')  # for the few cells that nbdev runs
        (work/'check').mkdir(parents=True, exist_ok=True)
        stage(HERE, work/'check', ran=False)
        return process(work/'check')
    if failed := execute(HERE, work): sys.exit(f'no site is made of notebooks that fail: {", ".join(failed)}')
    stage(HERE, work)
    return process(work)


def main():
    parser = argparse.ArgumentParser(description='Make the documentation site, or check what it is made of.')
    parser.add_argument('--check', action='store_true',
                        help='process the notebooks as they are and check every link, without running them')
    parser.add_argument('--preview', action='store_true', help='with --check: write the plain pages, too')
    options = parser.parse_args()
    if found := missing(HERE): sys.exit('\n'.join(found))
    folder = processed(options.check)
    wrong = plain(folder, options.preview or not options.check)
    if not options.check and not wrong: wrong = draw(folder)
    if wrong: sys.exit(1)


def plain(folder, keep):
    "Check the pages as Pandoc alone makes them, and `keep` them in _preview; whether anything is wrong."
    pages = drafts(folder)
    site, found = checked(folder, pages)
    handed = [fault for path in notebooks(folder) for fault in handed_faults(path, path.relative_to(folder).as_posix())]
    if keep: print(f'plain pages: {preview(pages, folder, ROOT/"_preview")}')
    seen = site._replace(folder=ROOT/'_preview') if keep else site
    return report(seen, handed + found + text_faults(site), 'plain pages')


def draw(folder):
    "Draw the site with Quarto; whether anything is wrong with it."
    if not shutil.which('quarto'):
        return print('drawing the site in _docs needs Quarto, see https://quarto.org/docs/get-started')
    told = render(folder, ROOT/'_docs')
    site = drawn(ROOT/'_docs')
    return report(site, told + faults(site), f'site in {ROOT/"_docs"}')


if __name__ == '__main__': main()
