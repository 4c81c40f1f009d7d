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
from concurrent.futures import ThreadPoolExecutor
from html import escape
from importlib import import_module
from pathlib import Path
from urllib.parse import unquote

from _links import Draft, Page, Site, checked, faults, menus, pandoc, text_faults
from _story import HERE, PAGE, run, still, style

ROOT = HERE.parent
TOLD = re.compile(r'\d\d[a-z]?_|index|gallery')  # notebooks of the story, where library code and its entries are folded


def read(path):
    "A notebook as JSON."
    return json.loads(path.read_text(encoding='utf-8'))


def write(page, path):
    path.write_text(json.dumps(page, ensure_ascii=False, indent=1), encoding='utf-8')


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
    found = []
    for cell in cells:
        source = ''.join(cell['source'])
        title, library = parted(source) if cell['cell_type'] == 'code' else (None, '')
        if not title or not title.startswith('Library: '):
            found.append(cell)
            continue
        opened = f'```{{=html}}\n<details class="folded"><summary>{escape(title)}</summary>\n```\n\n'
        code = f'````python\n{library}\n````'
        closed = '```{=html}\n</details>\n```'
        found += [words(opened + code), cell, words(closed)] if told else [words(f'{opened}{code}\n\n{closed}'), cell]
    return found


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


ENTRY = re.compile(r'(?<=\n)### ([\w.]+)$', re.M)  # in what nbdev's show_doc says of a name
PRIVATE = re.compile(r'\[(`_\w+(?:\(\))?`)\]\([^)]*\)')  # a link to a name that has no entry


def finish(path, up):
    "One processed page: no widgets, an anchor for every method, and links within the site that need no server."
    page = read(path)
    before = path.read_text(encoding='utf-8')
    page['metadata'].pop('widgets', None)
    methods = methods_without_entry(page)
    for cell in page['cells']: finish_cell(cell, methods, up)
    text = json.dumps(page, ensure_ascii=False, indent=1)
    if text != before: path.write_text(text, encoding='utf-8')


def finish_cell(cell, methods, up):
    "The same for one cell, in place."
    if cell['cell_type'] == 'markdown': cell['source'] = with_short_links(''.join(cell['source']), up)
    if cell['cell_type'] != 'code': return
    cell['outputs'] = still(cell['outputs'])
    for data in (output['data'] for output in cell['outputs'] if 'data' in output):
        for kind in {'text/markdown', 'text/html'} & data.keys():
            data[kind] = with_short_links(''.join(data[kind]), up)
        if 'text/markdown' in data: data['text/markdown'] = with_methods(data['text/markdown'], methods)


def methods_without_entry(page):
    "The methods of a page's module, such as 'Score.bars', that show_doc did not document by themselves."
    from melodynb._modidx import d as index
    entries = {entry for cell in page['cells'] for text in markdown_in(cell) for entry in ENTRY.findall(text)}
    name, found = output_name(page), []
    for module, names in index['syms'].items():
        here = [one.removeprefix(f'{module}.') for one, (link, _) in names.items() if link.partition('#')[0] == name]
        found += [one for one in here if '.' in one and one not in entries]
    return found


def with_short_links(text, up):
    "A text whose links to this site need no server, and whose private names are no links."
    from melodynb._modidx import d as index
    site = re.escape(index['settings']['doc_host'] + index['settings']['doc_baseurl'])
    def shorter(found): return found[1] + within(found[2], up)
    return re.sub(rf'(\]\(|href=")(?:{site}/)([\w/.#-]*)', shorter, PRIVATE.sub(r'\1', text))


def within(link, up):
    "A link below the address of the site as one from a page `up` steps below its root."
    return posixpath.normpath(posixpath.join(up, link or 'index.html')) if not link.startswith('#') else link


def markdown_in(cell):
    "What a cell shows as Markdown."
    shown = [output.get('data', {}) for output in cell.get('outputs', ())]
    return [''.join(data['text/markdown']) for data in shown if 'text/markdown' in data]


def with_methods(text, methods):
    "The entry of a class with the anchors of those methods that have none, so that a link to one leads somewhere."
    def add(found):
        own = [f'[]{{#{name.lower()}}}' for name in methods if name.startswith(f'{found[1]}.')]
        name = found[1].replace('__', r'\_\_')  # not in bold
        return f'### {name}' + '\n\n'*bool(own) + ''.join(own)
    return ENTRY.sub(add, text) if text.startswith('---\n') else text


def header(page):
    "What the head of a processed notebook says: title, description, and the file that becomes of it."
    import yaml
    first = page['cells'][0]
    return yaml.safe_load(''.join(first['source']).strip('-\n')) if first['cell_type'] == 'raw' else {}


def output_name(page):
    return header(page).get('output-file', '')


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
            *(shown(output, parts.raw) for output in outputs), '\n:::\n']


def code_block(code, wishes):
    "Code as HTML, folded where that is wished."
    block = f'<pre class="sourceCode"><code>{escape(code)}</code></pre>'
    if wishes.get('code-fold') != 'true': return block
    return f'<details><summary>{escape(wishes.get("code-summary", "Code"))}</summary>{block}</details>'


def shown(output, raw):
    "One output of a cell."
    def joined(text): return ''.join(text) if isinstance(text, list) else text
    data = {kind: joined(text) for kind, text in output.get('data', {}).items()}
    if 'text/html' in data: return raw(f'<div class="cell-output">{data["text/html"]}</div>')
    if 'text/markdown' in data: return data['text/markdown']
    if 'image/svg+xml' in data: return raw(f'<div class="cell-output">{data["image/svg+xml"]}</div>')
    if 'image/png' in data:
        picture = f'data:image/png;base64,{data["image/png"].strip()}'
        return raw(f'<div class="cell-output"><img alt="" src="{picture}"></div>')
    text = data.get('text/plain') or ''.join(output.get('text', '')) or '\n'.join(output.get('traceback', ()))
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
    "The site as Quarto draws it, and its faults."
    from nbdev.quarto import _fix_quarto_nav
    from nbdev.quarto_render import render_quarto
    render_quarto(pages, pages/'_docs', n_workers=os.cpu_count() or 1)
    shutil.rmtree(into, ignore_errors=True)
    shutil.move(pages/'_docs', into)
    _fix_quarto_nav(into)
    drawn = [path for path in sorted(into.rglob('*.html')) if not {'site_libs', 'play'} & set(path.parts)]
    names = [path.relative_to(into).as_posix() for path in drawn]
    found = [Page(name, name, path.read_text(encoding='utf-8')) for name, path in zip(names, drawn)]
    return faults(Site({page.name: page for page in found}, {}, into))


def report(found, what):
    "Print the faults; whether there are any."
    for line in found: print(line, file=sys.stderr)
    print(f'{what}: {len(found) or "no"} fault{"s"[:len(found) != 1]}')
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
    pages = drafts(folder)
    site, found = checked(folder, pages)
    links = sum(len(page.links) for page in site.pages.values())
    wrong = report(found + text_faults(site), f'{len(pages)} pages, {links:,} links')
    if options.preview or not options.check:
        size = sum(len(page.html) for page in pages)/1e6
        print(f'plain pages, {size:.0f} MB: {preview(pages, folder, ROOT/"_preview")}')
    if wrong: sys.exit(1)
    if options.check: return
    if not shutil.which('quarto'):
        return print('drawing the site in _docs needs Quarto, see https://quarto.org/docs/get-started')
    report(render(folder, ROOT/'_docs'), f'site in {ROOT/"_docs"}')  # what Quarto adds is only told: the pages are sound


if __name__ == '__main__': main()
