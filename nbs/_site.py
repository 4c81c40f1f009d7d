"""The documentation site: run the notebooks, let nbdev process them, check every link, draw the pages.

`python nbs/_site.py` is `make docs`. It runs what changed since the last time, leaves plain pages in `_preview`, and, where
the Quarto program is, the site in `_docs`. `python nbs/_site.py --check` is `make docs-check`: the notebooks as they are in
git, with what nbdev runs of them, and every link between pages, menus, README.md and its kind.
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
from html.parser import HTMLParser
from importlib import import_module
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from _story import HERE, PAGE, run, still, style

ROOT = HERE.parent
TEXTS = 'README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'data/SOURCES.md' # whose links are checked, too

# Run the notebooks, each again only when it changed.

def needed(text, library):
    "The modules of the library that a text imports, and those that they import."
    found, ahead = set(), [text]
    while ahead:
        names = set(re.findall(r'\bmelodynb\.(\w+)|^\s*from \.(\w+)', ahead.pop(), re.M))
        new = {path for names in names for name in names if name and (path := library/f'{name}.py').exists()} - found
        found |= new
        ahead += [path.read_text(encoding='utf-8') for path in new]
    return sorted(found)


def fingerprint(notebook, library=ROOT/'melodynb'):
    "What the outputs of a notebook depend on: its cells, the modules behind them, data and weights, and how much is computed."
    cells = [(cell['cell_type'], ''.join(cell['source'])) for cell in json.loads(notebook.read_text(encoding='utf-8'))['cells']]
    size = os.environ.get('MELODYNB_SIZE') or ('gpu' if shutil.which('nvidia-smi') else 'cpu')
    files = [(str(path.relative_to(library)), path.stat().st_size) for kind in ('data', 'weights', 'stand_in') for path in sorted((library/kind).rglob('*.*'))]
    modules = [path.read_text(encoding='utf-8') for path in needed('\n'.join(source for _, source in cells), library)]
    return hashlib.sha256(json.dumps([cells, size, files, modules]).encode()).hexdigest()


def notebooks(folder):
    "All of them, those in the folder itself first."
    found = [path for path in folder.rglob('*.ipynb') if not any(part[0] in '._' for part in path.relative_to(folder).parts)]
    return sorted(found, key=lambda path: (len(path.relative_to(folder).parts), path))


def missing(folder):
    "What keeps the site from being made, each in a sentence: no Pandoc, a notebook or a menu that cannot be read."
    import yaml
    found = []
    try: import_module('pypandoc').get_pandoc_path()
    except (ImportError, OSError): found.append('Pandoc, which reads the pages, is missing; install it with pip install pypandoc_binary')
    for path in notebooks(folder):
        try: whole = bool(json.loads(path.read_text(encoding='utf-8'))['cells'])
        except (ValueError, KeyError, TypeError) as error: found.append(f'{path.relative_to(folder).as_posix()} is no notebook that can be read: {error}')
        else: found += [f'{path.relative_to(folder).as_posix()} has no cells']*(not whole)
    for path in sorted(folder.glob('*.yml')):
        try: yaml.safe_load(path.read_text(encoding='utf-8'))
        except yaml.YAMLError as error: found.append(f'{path.name} cannot be read: ' + ' '.join(str(error).split()))
    return found


def execute(source, work):
    "Copy the folder of notebooks with the outputs of each; the names of those that failed."
    import nbformat
    (work/'runs').mkdir(parents=True, exist_ok=True)
    failed = []
    for path in notebooks(source):
        name = path.relative_to(source).with_suffix('').as_posix()
        kept, mark, start = work/'runs'/f'{name.replace("/", "--")}.ipynb', fingerprint(path), time.perf_counter()
        if not (kept.exists() and json.loads(kept.read_text(encoding='utf-8'))['metadata'].get('made_of') == mark):
            print(f'{name:<28}', end='', flush=True)
            notebook, error = run(path)
            print(f'{time.perf_counter() - start:.0f} s' + (', stopped by an error' if error else ''), flush=True)
            if error: print(f'\n{name} failed in this cell:\n{error}\n', file=sys.stderr, flush=True)
            failed += [name]*bool(error)
            notebook.metadata['made_of'] = '' if error else mark
            nbformat.write(notebook, kept)
    return failed


def stage(source, work):
    "A small project for nbdev: everything that lies beside the notebooks, and the notebooks with their outputs."
    target = work/'nbs'
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(source, target, ignore=shutil.ignore_patterns('.*', '__pycache__', '_*.py'))
    shutil.copy(ROOT/'pyproject.toml', work)
    for path in notebooks(target):
        kept = work/'runs'/f'{path.relative_to(target).with_suffix("").as_posix().replace("/", "--")}.ipynb'
        path.write_text(kept.read_text(encoding='utf-8').replace('"#| exec_doc\\n",', '"\\n",'), encoding='utf-8') # it has its outputs
    return target

# nbdev's own processing, and what the pages need besides.

def process(project):
    "Every page as nbdev hands it to Quarto; the folder of the pages."
    alone = [path.name for path in notebooks(project/'nbs') if re.search(r'#\| exec_doc\b', path.read_text(encoding='utf-8'))]
    code = ('from nbdev.serve import proc_nbs\n' # whose workers keep the classes of the notebooks they ran: those that use the library come first
            f'proc_nbs("nbs", force=True, n_workers=1, file_re={"^(" + "|".join(map(re.escape, alone)) + ")$"!r})\n'
            f'print(proc_nbs("nbs", n_workers={os.cpu_count() or 1}))')
    env = {'OMP_NUM_THREADS': '1', **os.environ}
    done = subprocess.run([sys.executable, '-W', 'ignore', '-c', code], cwd=project, env=env, capture_output=True, text=True)
    if done.returncode:
        told = done.stderr.rpartition('Exception: Error ')
        sys.exit('nbdev, which runs exported cells and every cell with an import in it, but no others, stopped.\n' + ''.join(told[1:]))
    pages = Path(done.stdout.split('\n')[-2])
    for path in pages.rglob('*.ipynb'): finish(path, posixpath.relpath('.', path.relative_to(pages).parent.as_posix()))
    return pages


def finish(path, up):
    "One processed page: no widgets, an anchor for every method, and links within the site that need no server."
    from melodynb._modidx import d as index
    page = json.loads(path.read_text(encoding='utf-8'))
    site = re.escape(index['settings']['doc_host'] + index['settings']['doc_baseurl']) + '/'
    methods = [name.removeprefix(f'{module}.') for module, names in index['syms'].items() for name, (link, _) in names.items()
               if link.partition('#')[0] == output_name(page) and name.count('.') > module.count('.') + 1]
    entries = {entry for cell in page['cells'] for text in markdown_in(cell) for entry in ENTRY.findall(text)}
    methods = [name for name in methods if name not in entries]
    page['metadata'].pop('widgets', None)
    private = re.compile(r'\[(`_\w+(?:\(\))?`)\]\([^)]*\)') # has no entry
    shorter = lambda text: re.sub(rf'(\]\(|href=")(?:{site})([\w/.#-]*)', lambda found: found[1] + within(found[2], up), private.sub(r'\1', text))
    for cell in page['cells']:
        if cell['cell_type'] == 'markdown': cell['source'] = shorter(''.join(cell['source']))
        if cell['cell_type'] == 'code': cell['outputs'] = still(cell['outputs'])
        for data in (output['data'] for output in cell.get('outputs', ()) if 'data' in output):
            for kind in {'text/markdown', 'text/html'} & data.keys(): data[kind] = shorter(''.join(data[kind]))
            if 'text/markdown' in data: data['text/markdown'] = with_methods(data['text/markdown'], methods)
    text = json.dumps(page, ensure_ascii=False, indent=1)
    if text != path.read_text(encoding='utf-8'): path.write_text(text, encoding='utf-8')


def within(link, up):
    "A link below the address of the site as one from a page `up` steps below its root."
    return posixpath.normpath(posixpath.join(up, link or 'index.html')) if not link.startswith('#') else link


ENTRY = re.compile(r'(?<=\n)### ([\w.]+)$', re.M) # in what nbdev's show_doc says of a name


def markdown_in(cell): return [''.join(output['data']['text/markdown']) for output in cell.get('outputs', ()) if 'text/markdown' in output.get('data', {})]


def with_methods(text, methods):
    "The entry of a class with the anchors of those methods that have no entry, so that a link to one of them leads somewhere."
    def add(found):
        own = [f'[]{{#{name.lower()}}}' for name in methods if name.startswith(f'{found[1]}.')]
        return '### ' + found[1].replace('__', r'\_\_') + '\n\n'*bool(own) + ''.join(own) # not in bold
    return ENTRY.sub(add, text) if text.startswith('---\n') else text


def header(page):
    "What the head of a processed notebook says: title, description, and the file that becomes of it."
    import yaml
    first = page['cells'][0]
    return yaml.safe_load(''.join(first['source']).strip('-\n')) if first['cell_type'] == 'raw' else {}


def output_name(page): return header(page).get('output-file', '')

# Pages as Pandoc makes them, as it does for Quarto: the same anchors.

class Draft(NamedTuple):
    source: str # 'how_to/own_midi.ipynb'
    name: str   # 'how_to/own_midi.html'
    title: str
    html: str


def markdown_of(page, parts):
    "A processed notebook as Quarto reads it; what is HTML already goes to `parts`."
    def raw(html):
        parts.append(html)
        return f'\n```{{=html}}\n<div data-part="{len(parts) - 1}"></div>\n```\n'
    lines = []
    for cell in page['cells']:
        source = ''.join(cell.get('source', ''))
        if cell['cell_type'] == 'markdown': lines.append(source)
        if cell['cell_type'] != 'code': continue
        wishes, code = dict(re.findall(r'^#\|\s*([\w-]+):\s*(.+?)\s*$', source, re.M)), re.sub(r'^#\|.*\n?', '', source, flags=re.M).strip('\n')
        if wishes.get('include') == 'false': continue
        block = f'<pre class="sourceCode"><code>{escape(code)}</code></pre>'
        if wishes.get('code-fold') == 'true': block = f'<details><summary>{escape(wishes.get("code-summary", "Code"))}</summary>{block}</details>'
        lines.append('\n::: {.cell}\n')
        if code and wishes.get('echo') != 'false': lines.append(raw(block))
        lines += [shown(output, raw) for output in cell.get('outputs', ()) if wishes.get('output') != 'false']
        lines.append('\n:::\n')
    return '\n\n'.join(lines)


def shown(output, raw):
    "One output of a cell."
    data = {kind: ''.join(text) if isinstance(text, list) else text for kind, text in output.get('data', {}).items()}
    if 'text/html' in data: return raw(f'<div class="cell-output">{data["text/html"]}</div>')
    if 'text/markdown' in data: return data['text/markdown']
    if 'image/svg+xml' in data: return raw(f'<div class="cell-output">{data["image/svg+xml"]}</div>')
    if 'image/png' in data: return raw(f'<div class="cell-output"><img alt="" src="data:image/png;base64,{data["image/png"].strip()}"></div>')
    text = data.get('text/plain') or ''.join(output.get('text', '')) or '\n'.join(output.get('traceback', ()))
    text = re.sub(r'\x1b\[[\d;]*m|^.*\r(?!\n)', '', text, flags=re.M)
    return raw(f'<div class="cell-output"><pre>{escape(text)}</pre></div>') if text.strip() else ''


def pandoc(text, kind='markdown'):
    import pypandoc
    command = [pypandoc.get_pandoc_path(), '-f', kind, '-t', 'html', '--mathml', '--wrap=none']
    return subprocess.run(command, input=text, capture_output=True, text=True, encoding='utf-8', check=True).stdout


def draft(path, folder):
    "One processed notebook as the body of a page."
    page, parts = json.loads(path.read_text(encoding='utf-8')), []
    head, source = header(page), path.relative_to(folder)
    said = f'> {" ".join(str(head["description"]).split())}\n\n' if 'description' in head else ''
    html = re.sub(r'<div data-part="(\d+)"></div>', lambda found: parts[int(found[1])], pandoc(said + markdown_of(page, parts)))
    title = escape(str(head.get('title', source.stem)))
    name = source.with_name(head.get('output-file', source.with_suffix('.html').name)).as_posix()
    return Draft(source.as_posix(), name, title, f'<h1>{title}</h1>{html}')


def drafts(folder):
    "All pages."
    with ThreadPoolExecutor(2) as pool: return list(pool.map(lambda path: draft(path, folder), notebooks(folder)))

# Every link leads somewhere.

CODE = 'code', 'pre', 'math', 'script', 'style', 'svg'
MEANT = re.compile(r'(?<!\w)\[[^][]+\](?:\[[^][]*\]| ?\([^()\s]+\.\w+(?:#[^()\s]*)?\))') # Markdown left these words as they were


class Page(HTMLParser):
    "What a page offers and what it asks for: its anchors, its links, the addresses that it loads, and words that were meant as a link."
    def __init__(self, source, name, html):
        super().__init__(convert_charrefs=True)
        self.source, self.name, self.anchors, self.links, self.loads, self.meant, self.inside, self.code = source, name, [], [], [], [], '', 0
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attributes):
        given = {name: value or '' for name, value in attributes}
        self.inside, self.code = tag, self.code + (tag in CODE)
        self.anchors += dict.fromkeys(given[name] for name in ('id', 'name') if given.get(name) and (name == 'id' or tag == 'a'))
        if tag in ('a', 'area') and 'href' in given: self.links.append(given['href'])
        if tag in ('image', 'use'): self.loads += [given[name] for name in ('href', 'xlink:href') if name in given]
        self.loads += [given[name] for name in ('src', 'poster', 'data') if name in given and (name != 'data' or tag == 'object')]
        self.loads += [one.split()[0] for one in given.get('srcset', '').split(',') if one.strip()]
        if tag == 'link' and re.search('stylesheet|icon|preload|manifest', given.get('rel', '')): self.loads.append(given.get('href', ''))
        self.loads += re.findall(r'url\(\s*[\'"]?([^\'")]+)', given.get('style', ''))

    def handle_data(self, text):
        if self.inside == 'style': self.loads += re.findall(r'@import\s+[\'"]([^\'"]+)', text) + re.findall(r'url\(\s*[\'"]?([^\'")]+)', text)
        if self.inside == 'script': self.loads += re.findall(r'\b(?:from|import\(?)\s*[\'"](https?://[^\'"]+)', text)
        if not self.code: self.meant += [found[0] for found in MEANT.finditer(text)]

    def handle_endtag(self, tag): self.inside, self.code = '', max(0, self.code - (tag in CODE))

    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes)
        self.handle_endtag(tag)


class Site(NamedTuple):
    pages: dict       # 'score.html' -> Page
    names: dict       # '00_score.ipynb' -> 'score.html'
    folder: Path      # of files that are no pages
    home: str = ''    # address of the site, no slash at its end
    repository: str = ''
    root: Path = ROOT # of the repository


BADGES = 'https://img.shields.io/', 'https://colab.research.google.com/assets/'


def fault(page, link, site, loads=False):
    "What is wrong with one link of a page, in words, or None."
    if not link.strip(): return 'it names no place'
    if link.startswith('data:'): return None
    if (site.home and link.rstrip('/') == site.home) or link.startswith((f'{site.home}/', f'{site.home}#'))*bool(site.home):
        return inner(Page('', 'index.html', ''), re.sub(r'\.html\.md\b', '.html', link[len(site.home):].lstrip('/')) or 'index.html', site)
    if site.repository and (found := re.match(rf'(?:{re.escape(site.repository)}|https://colab\.research\.google\.com/github{re.escape(urlsplit(site.repository).path)})/(?:blob|tree)/main/([^#?]+)', link)):
        return in_repository(site, unquote(found[1]), urlsplit(link).fragment)
    parts = urlsplit(link)
    if parts.scheme == 'mailto': return None if re.fullmatch(r'[^@\s]+@[\w-]+(\.[\w-]+)+', unquote(parts.path)) else 'no mail address'
    if parts.scheme or parts.netloc: return outer(link, parts, loads, site)
    return inner(page, link, site)


def outer(link, parts, loads, site):
    "What is wrong with an address on another host; it is not asked."
    if parts.scheme in ('', 'http', 'file'): return 'an address on another host begins with https://'
    if not re.fullmatch(r'[\w-]+(\.[\w-]+)+', parts.netloc) or parts.netloc.startswith('127.') or re.search(r'\s', link): return 'no address that a reader could open'
    if loads and not link.startswith((*BADGES, f'{site.repository}/actions/')): return 'the page loads this from another host'
    return None


def in_repository(site, path, anchor):
    "What is wrong with a link to a file of the repository, and to a heading if the file is a text."
    if path.startswith(('/', '..')) or not (site.root/path).exists(): return f'the repository has no {path}'
    if anchor and path.endswith('.md') and anchor not in text_page(site, path).anchors: return f'{path} has no anchor {anchor}'
    return None


def inner(page, link, site):
    "What is wrong with a link to this site."
    path, _, anchor = unquote(link).partition('#')
    path = path.partition('?')[0]
    if path.startswith('/'): return 'it begins at the root of the host, where this site need not be'
    place = posixpath.normpath(posixpath.join(posixpath.dirname(page.name), path)) if path else page.name
    if path.endswith('/') or place == '.': place = posixpath.normpath(posixpath.join(place, 'index.html'))
    if place.endswith('.ipynb'):
        here = posixpath.normpath(posixpath.join(posixpath.dirname(page.source), path))
        if here not in site.names: return f'there is no notebook {here}'
        place = site.names[here]
    other = page if place == page.name and place not in site.pages else site.pages.get(place)
    if other is None and (site.folder/place).is_file() and not place.startswith('../'): return None
    if other is None: return f'there is no page or file {place}'
    return f'{place} has no anchor {anchor}' if anchor and anchor not in other.anchors else None


def faults(site):
    "A sentence for every link that leads nowhere and every anchor that a page has twice."
    found = []
    for page in site.pages.values():
        found += page_faults(page, lambda link, loads, page=page: fault(page, link, site, loads))
        found += [f'{page.source}: #{anchor}: {count} places have this anchor' for anchor, count in Counter(page.anchors).items() if count > 1]
        found += [f'{page.source}: #{anchor}: an anchor has no space' for anchor in page.anchors if re.search(r'\s', anchor)]
    return list(dict.fromkeys(found))


def page_faults(page, wrong):
    "A sentence for every link and every address of a page with which something is `wrong(link, loads)`, and for every link that did not become one."
    asked = [*((link, False) for link in page.links), *((link, True) for link in page.loads)]
    return [f'{page.source}: {link[:120].strip() or "an empty link"}: {what}' for link, loads in asked if (what := wrong(link, loads))] + [
        f'{page.source}: {words}: this was meant as a link, and is none' for words in page.meant]


def menu(entry):
    "Every page that a part of a menu names, with its text if it has one."
    if isinstance(entry, str): return [(entry, None)]
    if isinstance(entry, list): return [pair for one in entry for pair in menu(one)]
    if not isinstance(entry, dict): return []
    own = [(entry['href'], entry.get('text'))] if 'href' in entry else [(entry['section'], None)] if str(entry.get('section', '')).endswith('.ipynb') else []
    return own + [pair for part in ('contents', 'left', 'right', 'menu') for pair in menu(entry.get(part, []))]


def menus(folder):
    "The links of navigation bar and sidebar, by the file that has them."
    import yaml
    bars = ('_quarto.yml', 'navbar'), ('sidebar.yml', 'sidebar')
    read = lambda name: yaml.safe_load((folder/name).read_text(encoding='utf-8')) if (folder/name).exists() else {}
    return {name: menu((read(name).get('website') or {}).get(part, {})) for name, part in bars}


def menu_faults(folder, site):
    "Menu entries without a page, and pages without a menu entry."
    entries, start = menus(folder), Page('index.ipynb', 'index.html', '')
    found = [f'{name}: {link}: {what}' for name, links in entries.items() for link, _ in links if (what := fault(start, link, site))]
    listed = {link for link, _ in entries['sidebar.yml']}
    return found + [f'{source}: the sidebar does not list it' for source in site.names if source not in listed]


def text_page(site, name): return Page(name, name, pandoc((site.root/name).read_text(encoding='utf-8'), 'gfm'))


def text_faults(site, texts=TEXTS):
    "The same for the texts of the repository, whose links are read there: to files, and to headings of texts."
    def wrong(link, loads):
        path, _, anchor = unquote(link).partition('#')
        if not link.strip() or urlsplit(link).scheme: return fault(page, link, site, loads)
        return in_repository(site, posixpath.normpath(posixpath.join(posixpath.dirname(name), path)) if path else name, anchor)
    found = []
    for name in filter(lambda name: (site.root/name).exists(), texts):
        page = text_page(site, name)
        found += page_faults(page, wrong)
    return found


def standing(folder):
    "Pages that are HTML as they stand, and what style sheets load."
    for path in sorted([*folder.glob('[!_.]*.css'), *folder.glob('[!_.]*/**/*.css')]):
        name = path.relative_to(folder).as_posix()
        yield Draft(name, name, '', f'<style>{path.read_text(encoding="utf-8")}</style>')
    for path in sorted(folder.glob('[!_.]*/**/*.html')):
        name = path.relative_to(folder).as_posix()
        yield Draft(name, name, '', path.read_text(encoding='utf-8'))


def checked(folder, pages, root=ROOT):
    "The site of these pages, and all its faults."
    from melodynb._modidx import d as index
    found = index['settings']
    names = {page.source: page.name for page in pages}
    read = {page.name: Page(page.source, page.name, page.html) for page in [*pages, *standing(folder)]}
    site = Site(read, names, folder, found['doc_host'] + found['doc_baseurl'], found['git_url'], root)
    twins = [f'{page.source}: {page.name}: {read[page.name].source} becomes this page, too' for page in pages if read[page.name].source != page.source]
    return site, faults(site) + twins + menu_faults(folder, site)

# Plain pages, to look at without Quarto.

def preview(pages, folder, into):
    "Every page with its navigation and the style sheet, and the files beside them."
    shutil.rmtree(into, ignore_errors=True)
    shutil.copytree(folder, into, ignore=shutil.ignore_patterns('*.ipynb', '*.yml', '_*', '.*'))
    links, names = menus(folder), {page.source: page for page in pages}
    order = [names[link] for link, _ in links['sidebar.yml'] if link in names]
    for page in pages:
        up = posixpath.relpath('.', posixpath.dirname(page.name) or '.')
        entry = lambda link, text: f'<a href="{posixpath.normpath(posixpath.join(up, names[link].name if link in names else link))}">{text or names[link].title}</a>' if text or link in names else ''
        top = [entry('index.ipynb', 'melodynb')] + [entry(*one) for one in links['_quarto.yml'] if one[1]]
        whole = ''.join(f'<li>{entry(*one)}</li>' for one in links['sidebar.yml'])
        place = order.index(page) if page in order else None
        after = entry(order[place + 1].source, f'{order[place + 1].title} \u2192') if place is not None and place + 1 < len(order) else ''
        nav = f'{"".join(top)}<details><summary>All pages</summary><ul>{whole}</ul></details>'
        html = re.sub(r'href="([^":#]+\.ipynb)(?=["#])', lambda found: f'href="{as_page(found[1], page, names)}', page.html)
        (into/page.name).parent.mkdir(parents=True, exist_ok=True)
        (into/page.name).write_text(PAGE.format(title=page.title, style=style(), links=nav, body=html + f'<p>{after}</p>'), encoding='utf-8')
    return into/'index.html'


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
    drawn = [path for path in sorted(into.rglob('*.html')) if 'site_libs' not in path.parts and 'play' not in path.parts]
    read = [Page(path.relative_to(into).as_posix(), path.relative_to(into).as_posix(), path.read_text(encoding='utf-8')) for path in drawn]
    return faults(Site({page.name: page for page in read}, {}, into))


def report(found, what):
    "Print the faults; whether there are any."
    for line in found: print(line, file=sys.stderr)
    print(f'{what}: {len(found) or "no"} fault{"s"[:len(found) != 1]}')
    return bool(found)


def main():
    parser = argparse.ArgumentParser(description='Make the documentation site, or check what it is made of.')
    parser.add_argument('--check', action='store_true', help='process the notebooks as they are and check every link, without running them')
    parser.add_argument('--preview', action='store_true', help='with --check: write the plain pages, too')
    options = parser.parse_args()
    if found := missing(HERE): sys.exit('\n'.join(found))
    if options.check:
        os.environ.setdefault('MELODYNB_SIZE', 'tiny') # for the few cells that nbdev runs
        folder = process(ROOT)
    else:
        work = ROOT/'_pages'
        if failed := execute(HERE, work): sys.exit(f'no site is made of notebooks that fail: {", ".join(failed)}')
        stage(HERE, work)
        folder = process(work)
    pages = drafts(folder)
    site, found = checked(folder, pages)
    wrong = report(found + text_faults(site), f'{len(pages)} pages, {sum(len(page.links) for page in site.pages.values()):,} links')
    if options.preview or not options.check:
        print(f'plain pages, {sum(len(page.html) for page in pages)/1e6:.0f} MB: {preview(pages, folder, ROOT/"_preview")}')
    if wrong: sys.exit(1)
    if options.check: return
    if not shutil.which('quarto'): return print('drawing the site in _docs needs Quarto, see https://quarto.org/docs/get-started')
    report(render(folder, ROOT/'_docs'), f'site in {ROOT/"_docs"}') # what Quarto adds is only told: the pages are sound


if __name__ == '__main__': main()
