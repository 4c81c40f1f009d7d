"""The checking of the site: every link, anchor and address of its pages, its menus and the texts of the repository.

`_site.py` makes the pages; here nothing is made. A fault is a sentence: where, what, and what is wrong with it."""
import posixpath
import re
import subprocess
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

ROOT = Path(__file__).resolve().parent.parent
TEXTS = 'README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'data/SOURCES.md'  # whose links are checked, too
BADGES = 'https://img.shields.io/', 'https://colab.research.google.com/assets/'
COLAB = 'https://colab.research.google.com/github'


def is_badge(address):
    "Whether an address is that of a picture of words, drawn by another host."
    return address.startswith(BADGES) or bool(re.search(r'/actions/workflows/[^/]+/badge\.svg$', address))


def about(root=ROOT):
    "Where site and repository are, and what they are about: pyproject.toml is the one place that says it."
    try: import tomllib
    except ImportError: import tomli as tomllib  # Python 3.10, where pytest brings it
    project = tomllib.loads((root/'pyproject.toml').read_text(encoding='utf-8'))['project']
    urls = {name.lower(): url.rstrip('/') for name, url in project['urls'].items()}
    return dict(name=project['name'], description=project['description'], site=urls['documentation'],
                repository=urls['repository'])


class Draft(NamedTuple):
    source: str  # 'how_to/own_midi.ipynb'
    name: str    # 'how_to/own_midi.html'
    title: str
    html: str


def pandoc(text, kind='markdown'):
    "Markdown as HTML, as Quarto's own Pandoc makes it: with the same anchors."
    import pypandoc
    command = [pypandoc.get_pandoc_path(), '-f', kind, '-t', 'html', '--mathml', '--wrap=none']
    done = subprocess.run(command, input=text, capture_output=True, text=True, encoding='utf-8', check=True)
    return done.stdout


# What a page offers, and what it asks for

CODE = 'code', 'pre', 'math', 'script', 'style', 'svg'
ADDRESS = re.compile(r'url\(\s*[\'"]?([^\'")]+)')
SHEET = re.compile(r'@import\s+[\'"]([^\'"]+)')
MODULE = re.compile(r'\b(?:from|import\(?)\s*[\'"](https?://[^\'"]+)')
MEANT = re.compile(  # Markdown left these words as they were
    r'(?<!\w)\[[^][]+\](?:\[[^][]*\]| ?\([^()\s]+\.\w+(?:#[^()\s]*)?\))')


class Page(HTMLParser):
    "A page as it was drawn: its anchors, links and headings, what it loads, and what was meant to say something."
    def __init__(self, source, name, html):
        super().__init__(convert_charrefs=True)
        self.source, self.name = source, name
        self.anchors, self.links, self.loads, self.meant = [], [], [], []
        self.levels, self.silent, self.lost = [], [], []  # of headings; pictures without words; headings that are none
        self.inside, self.code = '', 0  # the tag around, and how many around it hold code
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attributes):
        given = {name: value or '' for name, value in attributes}
        self.inside, self.code = tag, self.code + (tag in CODE)
        self.anchors += anchors_of(tag, given)
        if tag in ('a', 'area') and 'href' in given: self.links.append(given['href'])
        self.loads += loads_of(tag, given)
        if re.fullmatch('h[1-6]', tag) and (self.levels or tag == 'h1'): self.levels.append(int(tag[1]))
        if tag == 'img' and 'alt' not in given: self.silent.append(given.get('src', '')[:60])

    def handle_data(self, text):
        if self.inside == 'style': self.loads += SHEET.findall(text) + ADDRESS.findall(text)
        if self.inside == 'script': self.loads += MODULE.findall(text)
        if not self.code: self.meant += [found[0] for found in MEANT.finditer(text)]
        if not self.code: self.lost += re.findall(r'(?<!\S)#{2,6} \S.{,60}', text)

    def handle_endtag(self, tag):
        self.inside, self.code = '', max(0, self.code - (tag in CODE))

    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes)
        self.handle_endtag(tag)


def anchors_of(tag, given):
    "The places in a page that a tag with these attributes names, each once."
    names = [given.get('id'), given.get('name') if tag == 'a' else None]
    return list(dict.fromkeys(filter(None, names)))


def loads_of(tag, given):
    "The addresses that a browser fetches for a tag with these attributes."
    found = [given[name] for name in ('src', 'poster') if name in given]
    if tag in ('image', 'use'): found += [given[name] for name in ('href', 'xlink:href') if name in given]
    if tag == 'object' and 'data' in given: found.append(given['data'])
    if tag == 'link' and re.search('stylesheet|icon|preload|manifest', given.get('rel', '')):
        found.append(given.get('href', ''))
    found += [one.split()[0] for one in given.get('srcset', '').split(',') if one.strip()]
    return found + ADDRESS.findall(given.get('style', ''))


class Site(NamedTuple):
    pages: dict        # 'score.html' -> Page
    names: dict        # '00_score.ipynb' -> 'score.html'
    folder: Path       # of files that are no pages
    home: str = ''     # address of the site, no slash at its end
    repository: str = ''
    root: Path = ROOT  # of the repository


# What is wrong with one link

def fault(page, link, site, loads=False):
    "What is wrong with one link of a page, in words, or None."
    if not link.strip(): return 'it names no place'
    if link.startswith('data:'): return None
    if at_home(link, site): return inner(Page('', 'index.html', ''), home_path(link, site), site)
    if path := path_in_repository(link, site): return in_repository(site, unquote(path), urlsplit(link).fragment)
    parts = urlsplit(link)
    if parts.scheme == 'mailto': return mail_fault(unquote(parts.path))
    if parts.scheme or parts.netloc: return outer(link, parts, loads, badges=page.source in TEXTS)
    return inner(page, link, site)


def at_home(link, site):
    "Whether a link names this site by its full address."
    return bool(site.home) and (link.rstrip('/') == site.home or link.startswith((f'{site.home}/', f'{site.home}#')))


def home_path(link, site):
    "The same link as one of the landing page; Markdown copies of pages count as the pages."
    return re.sub(r'\.html\.md\b', '.html', link[len(site.home):].lstrip('/')) or 'index.html'


def path_in_repository(link, site):
    "The file that a link to the repository, or to Colab with it, names; None for other links."
    if not site.repository: return None
    colab = COLAB + urlsplit(site.repository).path
    found = re.match(rf'(?:{re.escape(site.repository)}|{re.escape(colab)})/(?:blob|tree)/main/([^#?]+)', link)
    return found and found[1]


def mail_fault(address):
    return None if re.fullmatch(r'[^@\s]+@[\w-]+(\.[\w-]+)+', address) else 'no mail address'


def outer(link, parts, loads, badges):
    "What is wrong with an address on another host; it is not asked. A text may show `badges`, a page of the site not."
    if parts.scheme in ('', 'http', 'file'): return 'an address on another host begins with https://'
    named = re.fullmatch(r'[\w-]+(\.[\w-]+)+', parts.netloc) and not parts.netloc.startswith('127.')
    if not named or re.search(r'\s', link): return 'no address that a reader could open'
    return 'the page loads this from another host' if loads and not (badges and is_badge(link)) else None


def in_repository(site, path, anchor):
    "What is wrong with a link to a file of the repository, and to a heading if the file is a text."
    if path.startswith(('/', '..')) or not (site.root/path).exists(): return f'the repository has no {path}'
    if anchor and path.endswith('.md') and anchor not in text_page(site, path).anchors:
        return f'{path} has no anchor {anchor}'
    return None


def inner(page, link, site):
    "What is wrong with a link to this site."
    path, _, anchor = unquote(link).partition('#')
    path = path.partition('?')[0]
    if path.startswith('/'): return 'it begins at the root of the host, where this site need not be'
    place = place_of(page, path)
    if place.endswith('.ipynb'):
        here = posixpath.normpath(posixpath.join(posixpath.dirname(page.source), path))
        if here not in site.names: return f'there is no notebook {here}'
        place = site.names[here]
    return place_fault(page, place, anchor, site)


def place_of(page, path):
    "Where a path leads from a page, counted from the root of the site."
    if not path: return page.name
    place = posixpath.normpath(posixpath.join(posixpath.dirname(page.name), path))
    if path.endswith('/') or place == '.': place = posixpath.normpath(posixpath.join(place, 'index.html'))
    return place


def place_fault(page, place, anchor, site):
    "What is wrong with a page or file of the site, and with an anchor there."
    other = page if place == page.name and place not in site.pages else site.pages.get(place)
    if other is None:
        is_file = (site.folder/place).is_file() and not place.startswith('../')
        return None if is_file else f'there is no page or file {place}'
    return f'{place} has no anchor {anchor}' if anchor and anchor not in other.anchors else None


# What is wrong with all of them

def faults(site):
    "A sentence for every link that leads nowhere and every anchor that a page has twice."
    found = []
    for page in site.pages.values():
        def wrong(link, loads, page=page): return fault(page, link, site, loads)
        found += page_faults(page, wrong)
        found += anchor_faults(page) + reading_faults(page)
    return list(dict.fromkeys(found))


def page_faults(page, wrong):
    """A sentence for every link and address with which something is `wrong(link, loads)`.

    And one for words that did not become the link that they were meant to be."""
    asked = [(link, False) for link in page.links] + [(link, True) for link in page.loads]
    told = [(link, wrong(link, loads)) for link, loads in asked]
    return [*(f'{page.source}: {link[:120].strip() or "an empty link"}: {what}' for link, what in told if what),
            *(f'{page.source}: {words}: this was meant as a link, and is none' for words in page.meant)]


def reading_faults(page):
    "A sentence for every heading that is none or leaves a level out, and every picture that says nothing."
    steps = [f'h{below}: a heading of level {above} comes before it, and none between'
             for above, below in zip(page.levels, page.levels[1:]) if below > above + 1]
    silent = [f'{src}: a picture without words' for src in page.silent]
    lost = [f'{line}: this was meant as a heading, and is none; leave a line free above it' for line in page.lost]
    return [f'{page.source}: {what}' for what in steps + silent + lost]


def anchor_faults(page):
    "A sentence for every anchor that a page has twice, or that no link can name."
    counts = Counter(page.anchors)
    twice = [f'#{anchor}: {count} places have this anchor' for anchor, count in counts.items() if count > 1]
    spaced = [f'#{anchor}: an anchor has no space' for anchor in page.anchors if re.search(r'\s', anchor)]
    return [f'{page.source}: {what}' for what in twice + spaced]


# Menus and texts

def menu(entry):
    "Every page that a part of a menu names, with its text if it has one."
    if isinstance(entry, str): return [(entry, None)]
    if isinstance(entry, list): return sum(map(menu, entry), [])
    if not isinstance(entry, dict): return []
    own = [(entry['href'], entry.get('text'))] if 'href' in entry else []
    section = str(entry.get('section', ''))
    if not own and section.endswith('.ipynb'): own = [(section, None)]
    return own + sum((menu(entry.get(part, [])) for part in ('contents', 'left', 'right', 'menu')), [])


def website(path):
    "What a file of Quarto's says of the site."
    import yaml
    return (yaml.safe_load(path.read_text(encoding='utf-8')).get('website') if path.exists() else None) or {}


def menus(folder):
    "The links of navigation bar and sidebar, by the file that has them."
    bars = ('_quarto.yml', 'navbar'), ('sidebar.yml', 'sidebar')
    return {name: menu(website(folder/name).get(part, {})) for name, part in bars}


def menu_faults(folder, site):
    "Menu entries without a page, and pages without a menu entry; the name of the site leads to the landing page."
    entries, start = menus(folder), Page('index.ipynb', 'index.html', '')
    found = []
    for name, links in entries.items():
        told = [(link, fault(start, link, site)) for link, _ in links]
        found += [f'{name}: {link}: {what}' for link, what in told if what]
    listed = {link for links in entries.values() for link, _ in links} | {start.source}
    return found + [f'{source}: no menu lists it' for source in site.names if source not in listed]


def text_page(site, name):
    return Page(name, name, pandoc((site.root/name).read_text(encoding='utf-8'), 'gfm'))


def text_faults(site, texts=TEXTS):
    "The same for the texts of the repository, whose links are read there: to files, and to headings of texts."
    found = []
    for name in filter(lambda name: (site.root/name).exists(), texts):
        page = text_page(site, name)
        def wrong(link, loads, page=page): return text_fault(page, link, loads, site)
        found += page_faults(page, wrong)
    return found


def text_fault(page, link, loads, site):
    "What is wrong with one link of a text."
    path, _, anchor = unquote(link).partition('#')
    if not link.strip() or urlsplit(link).scheme: return fault(page, link, site, loads)
    place = posixpath.normpath(posixpath.join(posixpath.dirname(page.name), path)) if path else page.name
    return in_repository(site, place, anchor)


# A whole site

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
    twins = [f'{page.source}: {page.name}: {read[page.name].source} becomes this page, too'
             for page in pages if read[page.name].source != page.source]
    return site, faults(site) + twins + menu_faults(folder, site)
