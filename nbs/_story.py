"""Run the story: every notebook from top to bottom, as pages with the music that they show.

`python nbs/_story.py` executes the notebooks in the order of their names, and leaves in `_story` a page for each, the
music of every player as MIDI, WAV and engraving, and an index.html that plays it. Names run only those:
`python nbs/_story.py 10_char_gpt`. No page needs a network, and library code is folded on all of them.

The same file is an IPython extension. Loaded in the kernel of a notebook, it keeps every score that is shown there.
"""
import argparse
import asyncio
import json
import logging
import os
import re
import shutil
import signal
import sys
import time
from contextlib import asynccontextmanager, suppress
from copy import deepcopy
from hashlib import sha1
from html import escape
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from melodynb.fold import parted

HERE = Path(__file__).resolve().parent
PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title><style>{style}</style></head>
<body class="story"><nav>{links}</nav><main>{body}</main><nav>{links}</nav>REACH</body></html>
""".replace('REACH', (HERE/'reach.html').read_text(encoding='utf-8').replace('{', '{{').replace('}', '}}'))

# In the kernel: keep what is shown.

class Keeper:
    "Writes the music of every score and player that a cell shows, once each."
    def __init__(self, folder, notebook):
        self.folder, self.notebook = folder, notebook
        self.kept = set()

    def __call__(self, shown):
        if not hasattr(shown, '_repr_html_'): return None  # a class that its notebook is still building
        for one in getattr(shown, 'players', [shown]): self.keep(one)
        return shown._repr_html_()

    def keep(self, one):
        score = getattr(one, 'score', one)
        if score in self.kept or not getattr(score, 'notes', ()): return
        self.kept.add(score)
        write_music(score, one.title or 'untitled', self.folder, f'{self.notebook}-{len(self.kept):02d}')


def load_ipython_extension(shell):
    "Write the music of what is shown into the folder MELODYNB_STORY."
    keeper = Keeper(Path(os.environ['MELODYNB_STORY'])/'music', os.environ['MELODYNB_NOTEBOOK'])
    pages = shell.display_formatter.formatters['text/html']
    for module, name in ('score', 'Score'), ('display', 'Player'), ('display', 'Players'):
        for home in f'melodynb.{module}', '__main__':  # __main__: where it is told
            pages.for_type_by_name(home, name, keeper)


def write_music(score, title, folder, name):
    "One score as MIDI, WAV and SVG, and a line in the list of all."
    from melodynb.audio import write_wav
    from melodynb.display import engrave
    from melodynb.score import MelodyError, write_midi
    write_midi(score, folder/f'{name}.mid', exist_ok=True)
    write_wav(score, folder/f'{name}.wav', exist_ok=True)
    remark = ''
    try: (folder/f'{name}.svg').write_text(str(engrave(score)), encoding='utf-8')
    except MelodyError as error: remark = f'no engraving: {error}'
    with (folder/'music.jsonl').open('a', encoding='utf-8') as lines:
        lines.write(json.dumps({'name': name, 'title': title, 'remark': remark}, ensure_ascii=False) + '\n')

# Around the kernel: run one notebook.

def skipped(source):
    "Cells that a story leaves out: those for other machines, and the one that exports the module."
    gpu = re.search(r'^#\|\s*gpu\b', source, re.M) and not shutil.which('nvidia-smi')
    return bool(gpu or 'nbdev_export()' in source or re.search(r'^#\|\s*eval:\s*false', source, re.M))


def run(path, folder=None):
    "The executed notebook and, if a cell failed, its source and traceback; the music that it shows goes to a folder."
    import nbformat
    logging.getLogger('asyncio').setLevel(logging.CRITICAL)  # nbclient's watch on a kernel may outlive it by a moment
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        if skipped(cell.source): cell.metadata['tags'] = ['skip-execution']
    env = {**os.environ, 'MELODYNB_STORY': str(folder), 'MELODYNB_NOTEBOOK': path.stem,
           'MPLBACKEND': 'module://matplotlib_inline.backend_inline',  # figures go to the page, whatever the shell has
           'PYTHONPATH': os.pathsep.join(filter(None, [str(HERE), os.environ.get('PYTHONPATH')]))}
    extensions = ['_pictures'] + ['_story']*(folder is not None)
    keeper = [f'--IPKernelApp.extensions={name}' for name in extensions]
    begun = []  # the cells that were
    client = stoppable()(notebook, timeout=None, kernel_name='python3',
                         resources={'metadata': {'path': str(path.parent)}},
                         on_cell_start=lambda cell, cell_index: begun.append(cell.source),
                         extra_arguments=[*keeper, '--IPKernelApp.log_level=40'])
    try: client.execute(env=env)
    except (Exception, asyncio.CancelledError) as error:
        if client.signal: sys.exit(stopped(client.signal, path))
        return notebook, told(error, begun)
    return notebook, None


def told(error, begun):
    "An error as this terminal can show it: with colours, or without; a kernel that died tells nothing, so we do."
    from nbclient.exceptions import DeadKernelError
    text = str(error) or repr(error)
    if isinstance(error, DeadKernelError):
        text = f'{begun[-1] if begun else ""}\n\nThe kernel died in it without a word; was the memory full?'
    return text if sys.stderr.isatty() else re.sub(r'\x1b\[[\d;]*m', '', text)


def stoppable():
    "A client that stops where it is when this process is told to, and takes its kernel with it."
    from nbclient import NotebookClient

    class Stoppable(NotebookClient):
        signal = None  # that stopped it

        @asynccontextmanager
        async def async_setup_kernel(self, **options):
            async with super().async_setup_kernel(**options):
                self.task = asyncio.current_task()
                for number in signal.SIGINT, signal.SIGTERM:
                    loop = asyncio.get_running_loop()
                    with suppress(RuntimeError): loop.add_signal_handler(number, self.stop, number)
                yield

        def stop(self, number):
            self.signal = number
            self.task.cancel()
    return Stoppable


def stopped(number, path):
    "The exit status of a run that a signal ended, as shells write it."
    print(f'\nstopped by {signal.Signals(number).name} in {path.name}', file=sys.stderr, flush=True)
    return 128 + number

# After the kernel: pages.

def readable(cell):
    "A cell as a reader wants it, in one cell, two or none: nothing hidden, no directives, library code folded."
    if re.search(r'^#\|\s*hide\s*$', cell.source, re.M): return []
    if cell.cell_type == 'markdown': return [{**cell, 'source': with_formulas(without_badge(cell.source))}]
    if cell.cell_type != 'code': return [cell]
    title, code = parted(cell.source)
    shown = {**cell, 'source': '' if title else code, 'outputs': still(cell.outputs)}
    return [*([fold(title, code)] if title and code else []), *([shown] if shown['source'] or shown['outputs'] else [])]


def without_badge(text):
    "A text without the links to other hosts that are pictures."
    return re.sub(r'<a [^>]*><img [^>]*src="http[^>]*></a>\n?', '', text)


def fold(title, code):
    "Code that opens with a click on its caption, as a cell of text."
    text = f'<details class="folded"><summary>{escape(title)}</summary>\n\n````python\n{code}\n````\n\n</details>'
    return dict(cell_type='markdown', id=sha1(text.encode()).hexdigest()[:8], metadata={}, source=text)


def still(outputs):
    "What a page shows that has no kernel: of a widget what stands in for it, or nothing."
    widget = 'application/vnd.jupyter.widget-view+json'
    def only_alive(output): return widget in output.get('data', {}) and 'text/html' not in output['data']
    outputs = [output for output in outputs if not only_alive(output)]
    for output in outputs: output.get('data', {}).pop(widget, None)
    return outputs


def with_formulas(text):
    "Every $formula$ outside of code as MathML, which browsers draw by themselves."
    from latex2mathml.converter import convert
    parts = re.split(r'(```.*?```|`[^`\n]*`)', text, flags=re.S)
    def draw(found): return convert(found[1] or found[2], display='block' if found[1] else 'inline')
    formula = re.compile(r'\$\$(.+?)\$\$|\$(?=\S)([^$\n]+?)(?<=\S)\$(?!\d)', re.S)
    return ''.join(part if i % 2 else formula.sub(draw, part) for i, part in enumerate(parts))


def body(notebook, **options):
    "The cells as HTML, without the page around them."
    from nbconvert import HTMLExporter
    from nbformat import from_dict
    exporter = HTMLExporter(template_name='basic', exclude_input_prompt=True, exclude_output_prompt=True, **options)
    cells = chain.from_iterable(map(readable, notebook.cells))
    html, _ = exporter.from_notebook_node(from_dict({**notebook, 'cells': list(cells)}))
    return re.sub(r'href="(\w+)\.ipynb(#[^"]*)?"', r'href="\1.html\2"', with_one_script(html))


def with_one_script(html):
    "A page whose players share one style sheet and one script."
    from melodynb.display import Player
    style, script = Player.shared()
    return style + html.replace(style, '').replace(script, '') + script if script in html else html


def for_index(notebook):
    "What its cells show whose label begins with `index-`: the index page shows it, too."
    label = re.compile(r'^#\|\s*label:\s*index-', re.M)
    cells = [cell for cell in notebook.cells if label.search(cell.source) and cell.get('outputs')]
    return body(type(notebook)({**notebook, 'cells': deepcopy(cells)}), exclude_input=True) if cells else ''


def style():
    "The style sheet of the site and the colours of code, by day and by night."
    from pygments.formatters import HtmlFormatter
    day, night = (HtmlFormatter(style=name).get_style_defs('.highlight') for name in ('default', 'github-dark'))
    dark = f'@media (prefers-color-scheme: dark) {{ {night} }}'
    return f'{(HERE/"styles.css").read_text(encoding="utf-8")}{day}\n{dark}\n.story .highlight {{ background: none; }}'


class Chapter(NamedTuple):
    name: str
    title: str
    summary: str
    html: str
    shown: str # on the index page, too
    note: str  # how the run went


def heading(notebook):
    "Title and summary from the first cell."
    text = notebook.cells[0].source
    found = re.search(r'^# (.+)', text, re.M), re.search(r'^> (.+)', text, re.M)
    return tuple(match[1] if match else '' for match in found)


def link(name, text):
    return f'<a href="{name}.html">{escape(text)}</a>'


def write_pages(chapters, folder):
    "One page per chapter, with the way back and forth."
    for i, chapter in enumerate(chapters):
        if chapter.name == 'index': continue
        before, after = chapters[max(i - 1, 0):i], chapters[i + 1:i + 2]
        links = neighbour(before, '\u2190 {}') + link('index', 'All chapters') + neighbour(after, '{} \u2192')
        page = PAGE.format(title=escape(chapter.title), style=style(), links=links, body=chapter.html)
        (folder/f'{chapter.name}.html').write_text(page, encoding='utf-8')


def neighbour(chapters, words):
    "A link to the chapter before or after, if there is one."
    named = [link(one.name, words.format(one.title)) for one in chapters if one.name != 'index']
    return named[0] if named else '<span></span>'


def write_index(chapters, folder):
    "The landing story, what chapters lend it, the list of chapters, and all music."
    html = next((one.html for one in chapters if one.name == 'index'), '<h1>melodynb</h1>')
    html += ''.join(f'<h2>{link(one.name, one.title)}</h2>{one.shown}' for one in chapters if one.shown)
    rows = ''.join(row(one) for one in chapters if one.name != 'index')
    html += f'<h2>Chapters</h2><ol class="chapters">{rows}</ol><h2>Everything that sounds</h2>'
    lines = (folder/'music'/'music.jsonl').read_text(encoding='utf-8').splitlines()
    music = list(map(json.loads, lines))
    html += ''.join(sounds(chapter, music) for chapter in sorted(chapters, key=lambda one: one.name < '1'))
    page = PAGE.format(title='melodynb: the story', style=style(), links='', body=html)
    (folder/'index.html').write_text(page, encoding='utf-8')


def row(chapter):
    "A chapter in the list of all."
    return f'<li>{link(chapter.name, chapter.title)}<span>{escape(chapter.summary)}</span><small>{chapter.note}</small></li>'


def sounds(chapter, music):
    "The pieces of a chapter under its title; nothing where there are none."
    pieces = ''.join(piece(one) for one in music if one['name'].startswith(f'{chapter.name}-'))
    return f'<h3>{link(chapter.name, chapter.title)}</h3><div class="music">{pieces}</div>' if pieces else ''


def piece(music):
    "One piece of music on the index: its name, its sound, its files and its engraving."
    name, title = f'music/{music["name"]}', escape(music['title'])
    score = f'<img loading="lazy" alt="{title}, engraved" src="{name}.svg">'
    if music['remark']: score = f'<small>{escape(music["remark"])}</small>'
    files = f'<a href="{name}.mid" download>MIDI</a> <a href="{name}.wav" download>WAV</a>'
    return (f'<figure><figcaption>{title} {files}</figcaption>'
            f'<audio controls preload="none" aria-label="{title}" src="{name}.wav"></audio>{score}</figure>')


def empty(folder):
    "Make the folder, or clear the music of an earlier run; a folder that holds anything else is refused."
    if folder.exists() and any(folder.iterdir()) and not (folder/'music'/'music.jsonl').exists():
        sys.exit(f'{folder} holds other files; name a new folder')
    shutil.rmtree(folder/'music', ignore_errors=True)
    for page in folder.glob('*.html'): page.unlink()
    (folder/'music').mkdir(parents=True)
    (folder/'music'/'music.jsonl').touch()


def chosen(folder, names):
    "The notebooks to run, in order; those that are named, or all."
    paths = sorted(path for path in folder.glob('*.ipynb') if not names or path.stem in names)
    return paths or sys.exit(f'no notebook in {folder} has a name among {names}')


def chapter_of(path, folder):
    "One notebook, run; whether it failed."
    print(f'{path.stem:<20}', end='', flush=True)
    start = time.perf_counter()
    notebook, error = run(path, folder)
    players = len(list((folder/'music').glob(f'{path.stem}-*.mid')))
    note = f'{time.perf_counter() - start:.0f} s, {players} piece{"s"[:players != 1]} of music'
    if error: note += ', stopped by an error'
    print(note, flush=True)
    if error: print(f'\n{path.name} failed in this cell:\n{error}\n', file=sys.stderr, flush=True)
    return Chapter(path.stem, *heading(notebook), body(notebook), for_index(notebook), note), error is not None


def main():
    parser = argparse.ArgumentParser(description='Execute the notebooks and write their pages and their music.')
    parser.add_argument('names', nargs='*', help='only these notebooks, such as 10_char_gpt')
    parser.add_argument('--notebooks', type=Path, default=HERE, help='folder of the notebooks')
    parser.add_argument('--into', type=Path, default=HERE.parent/'_story', help='folder of the pages')
    options = parser.parse_args()
    folder, paths = options.into.resolve(), chosen(options.notebooks, options.names)
    empty(folder)
    chapters, failures = [], 0
    for path in paths:
        chapter, failed = chapter_of(path, folder)
        chapters.append(chapter)
        failures += failed
        write_pages(chapters, folder)
        write_index(chapters, folder)
    print(f'{len(paths) - failures} of {len(paths)} notebooks ran; open {folder/"index.html"}')
    sys.exit(failures > 0)


if __name__ == '__main__': main()
