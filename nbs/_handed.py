"""What is handed to Quarto: the notebooks as nbdev leaves them, and what their pages need besides.

Quarto reads a cell from its list of lines; one long string loses its line breaks there. For an output of HTML or
script it would load two libraries from another host, so both go in a block of raw HTML, which it leaves alone.
"""
import json
import posixpath
import re
from html import escape

from _links import is_badge
from _sounds import lightened
from _story import still

# Raw HTML as an output of Markdown
RAW = re.compile(r'\n?(?P<ticks>`{3,})\{=html\}\n(?P<html>.*)\n(?P=ticks)\n?', re.S)
# Outputs for which Quarto adds libraries from another host
LOADING = 'text/html', 'application/javascript', 'application/vnd.jupyter.widget-view+json'
FIGURES = 'image/png', 'image/svg+xml', 'image/jpeg'


def read(path):
    "A notebook as JSON."
    return json.loads(path.read_text(encoding='utf-8'))


def write(page, path):
    path.write_text(json.dumps(page, ensure_ascii=False, indent=1), encoding='utf-8')


def lines(text):
    "A text, whole or in lines, as the list of its lines."
    return ''.join(text).splitlines(keepends=True)


ENTRY = re.compile(r'(?<=\n)### ([\w.]+)$', re.M)  # in what nbdev's show_doc says of a name
PRIVATE = re.compile(r'\[(`_\w+(?:\(\))?`)\]\([^)]*\)')  # a link to a name that has no entry


def finish(path, up):
    "One processed page, ready for Quarto: lines, raw HTML, words for figures, anchors, links that need no server."
    page = read(path)
    page['metadata'].pop('widgets', None)
    methods = methods_without_entry(page)
    below = False  # a heading of the second level, so that entries, of the third, follow one
    for cell in page['cells']:
        below = below or cell['cell_type'] == 'markdown' and bool(re.search(r'^## ', ''.join(cell['source']), re.M))
        finish_cell(cell, methods, up, '###' if below else '##')
    lighten(page, up, path.parent/up)
    for name, words in badges_of(page):
        (path.parent/up/'badges').mkdir(exist_ok=True)
        (path.parent/up/'badges'/name).write_text(badge(words), encoding='utf-8')
    write(page, path)


def finish_cell(cell, methods, up, level='###'):
    "The same for one cell, in place; its entries get headings of this level."
    if cell['cell_type'] == 'markdown': cell['source'] = at_home(''.join(cell['source']), up)
    if cell['cell_type'] == 'code':
        cell['outputs'] = [in_lines(without_scripts(output)) for output in still(cell['outputs'])]
        for data in (output['data'] for output in cell['outputs'] if 'text/markdown' in output.get('data', {})):
            text = at_home(''.join(data['text/markdown']), up)
            data['text/markdown'] = lines(with_methods(text, methods, level))
        put_words(cell)
    cell['source'] = lines(cell['source'])


def lighten(page, up, root):
    "Leave to the site what the players of a page share."
    shown = [output['data'] for cell in page['cells'] for output in cell.get('outputs', ())
             if 'text/markdown' in output.get('data', {})]
    texts = lightened([''.join(data['text/markdown']) for data in shown], up, root)
    for data, text in zip(shown, texts): data['text/markdown'] = lines(text)


def without_scripts(output):
    "An output whose HTML or script goes as Markdown, in a block of raw HTML; nothing else is left of it."
    data = output.get('data', {})
    kind = next((kind for kind in LOADING if kind in data), None)
    if kind is None: return output
    html = ''.join(data[kind])
    if kind.endswith('javascript'): html = f'<script>{html}</script>'
    ticks = '`'*max(3, 1 + max(map(len, re.findall('`+', html)), default=0))
    return {**output, 'data': {'text/markdown': f'\n{ticks}{{=html}}\n{html}\n{ticks}\n'}}


def in_lines(output):
    "An output with each of its texts as a list of lines."
    if 'text' in output: output = {**output, 'text': lines(output['text'])}
    if 'data' not in output: return output
    data = {kind: lines(text) if isinstance(text, str) else text for kind, text in output['data'].items()}
    return {**output, 'data': data}


def put_words(cell):
    "Tell Quarto what each figure of a cell shows, if the cell itself does not."
    source = quoted(''.join(cell['source']))
    cell['source'] = source
    if re.search(r'^#\|\s*fig-alt:', source, re.M): return
    words = list(map(words_of, cell['outputs']))
    if not any(words): return
    told = words[0] if len(words) == 1 else words
    cell['source'] = f'#| fig-alt: {json.dumps(told, ensure_ascii=False)}\n{source}'


def quoted(source):
    "The source of a cell whose own words for a figure are in quotation marks, so that they may hold a colon."
    def mark(found): return found[0] if found[2][0] in '"\'[|>' else found[1] + json.dumps(found[2], ensure_ascii=False)
    return re.sub(r'^(#\|\s*fig-alt:\s*)(\S.*?)[ \t]*$', mark, source, flags=re.M)


def words_of(output):
    "What the figure of an output shows, as the run of its notebook noted it; empty where it is none."
    kind = next((kind for kind in FIGURES if kind in output.get('data', {})), None)
    return output.get('metadata', {}).get(kind, {}).get('alt', '')


# Badges: pictures of words, which other hosts would draw

PICTURE = re.compile(r'<img\b[^>]*>|!\[(?P<alt>[^]]*)\]\((?P<src>[^)\s]+)\)')


def attribute(tag, name):
    "The value of an attribute in a tag, or nothing."
    found = re.search(rf'\b{name}="([^"]*)"', tag)
    return found[1] if found else ''


def badge_name(words):
    return re.sub(r'\W+', '-', words.lower()).strip('-') + '.svg'


def with_own_badges(text, up):
    "A text whose badges are pictures of this site."
    def own(found):
        address = found['src'] or attribute(found[0], 'src')
        words = found['alt'] or attribute(found[0], 'alt')
        if not is_badge(address) or not words: return found[0]
        return f'<img class="own-badge" src="{within(f"badges/{badge_name(words)}", up)}" alt="{words}">'
    return PICTURE.sub(own, text)


def badges_of(page):
    "The badges of a finished page: file name and words."
    text = '\n'.join(''.join(cell['source']) for cell in page['cells'] if cell['cell_type'] == 'markdown')
    words = re.findall(r'<img class="own-badge" src="[^"]*" alt="([^"]*)">', text)
    return {(badge_name(one), one) for one in words}


def badge(words):
    "Words in a frame, as SVG."
    width = 22 + round(6.6*len(words))
    return (f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="24" role="img" '
            f'aria-label="{escape(words)}">'
            f'<rect x=".5" y=".5" width="{width - 1}" height="23" rx="3" fill="#fbf7ef" stroke="#8a6d3b"/>'
            f'<text x="{width/2}" y="16" text-anchor="middle" font-family="system-ui, sans-serif" font-size="12" '
            f'fill="#5a4520">{escape(words)}</text></svg>')


# What is wrong with what is handed over

def handed_faults(path, name):
    "A sentence for each thing in a finished page that Quarto would draw wrongly, or load from elsewhere."
    found = []
    for number, cell in enumerate(read(path)['cells'], 1):
        found += [f'{name}: cell {number}: {what}' for what in cell_faults(cell)]
    return found


def cell_faults(cell):
    "What is wrong with one cell."
    outputs = cell.get('outputs', [])
    found = [] if is_lines(cell['source']) else ['its source is no list of lines']
    found += [f'Quarto would load libraries for an output of {kind}'
              for output in outputs for kind in LOADING if kind in output.get('data', {})]
    texts = [text for output in outputs for text in (output.get('text', []), *output.get('data', {}).values())]
    if not all(is_lines(text) for text in texts if not isinstance(text, dict)):
        found.append('a text of its output is no list of lines')
    if cell['cell_type'] == 'code': found += wish_faults(''.join(cell['source']))
    has_words = re.search(r'^#\|\s*fig-alt:', ''.join(cell['source']), re.M)
    if not has_words and any(set(FIGURES) & output.get('data', {}).keys() for output in outputs):
        found.append('a figure has no words: begin the cell with #| fig-alt:')
    return found


def wish_faults(source):
    "What is wrong with the wishes at the top of a code cell, which Quarto reads as YAML, and stops where it cannot."
    import yaml
    top = re.match(r'(?:#\|[^\n]*\n?)*', source)[0]
    try: yaml.safe_load(re.sub(r'^#\|', '', top, flags=re.M))
    except yaml.YAMLError as error: return ['Quarto cannot read its wishes: ' + ' '.join(str(error).split())]
    return []


def is_lines(text):
    "Whether a text is a list of lines, each with its end."
    return isinstance(text, list) and all(isinstance(line, str) for line in text) and lines(text) == text


# Names and links

def methods_without_entry(page):
    "The methods of a page's module, such as 'Score.bars', that show_doc did not document by themselves."
    from melodynb._modidx import d as index
    entries = {entry for cell in page['cells'] for text in markdown_in(cell) for entry in ENTRY.findall(text)}
    name, found = output_name(page), []
    for module, names in index['syms'].items():
        here = [one.removeprefix(f'{module}.') for one, (link, _) in names.items() if link.partition('#')[0] == name]
        found += [one for one in here if '.' in one and one not in entries]
    return found


def at_home(text, up):
    "A text whose badges and links to this site need no other host."
    return with_own_badges(with_short_links(text, up), up)


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


def with_methods(text, methods, level):
    "The entry of a class with the anchors of those methods that have none, so that a link to one leads somewhere."
    def add(found):
        own = [f'[]{{#{name.lower()}}}' for name in methods if name.startswith(f'{found[1]}.')]
        name = found[1].replace('__', r'\_\_')  # not in bold
        return f'{level} {name}' + '\n\n'*bool(own) + ''.join(own)
    return ENTRY.sub(add, text) if text.startswith('---\n') else text


def header(page):
    "What the head of a processed notebook says: title, description, and the file that becomes of it."
    import yaml
    first = page['cells'][0]
    return yaml.safe_load(''.join(first['source']).strip('-\n')) if first['cell_type'] == 'raw' else {}


def output_name(page):
    return header(page).get('output-file', '')
