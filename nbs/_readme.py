"""Write README.md from the landing page: `python nbs/_readme.py`, or `--print` to look at it.

The text and code of nbs/index.ipynb without its outputs, its hidden cells and its directives. Where the page has its
players, the README has a link to them: it cannot sound."""
import json
import re
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
PROJECT = (HERE.parent/'pyproject.toml').read_text(encoding='utf-8')
SITE = re.search('^Documentation = "(.+)"$', PROJECT, re.M)[1]
HEAR = (f'**[Hear all four attempts on the site]({SITE})**, with nothing to install. '
        'This is how its first four pieces are made:')


def part(cell):
    "One cell as Markdown; nothing for a hidden one."
    source = ''.join(cell['source'])
    if re.search(r'^#\|\s*hide\s*$', source, re.M): return ''
    if cell['cell_type'] == 'markdown':
        source = source.replace('](play/', f']({SITE}play/')
        return re.sub(r'\]\((images/|[\w/]+\.ipynb)', r'](nbs/\1', source)
    code = re.sub(r'^#\|.*\n?', '', source, flags=re.M).strip()
    return f'```python\n{code}\n```'


def readme():
    "The whole landing page."
    cells = json.loads((HERE/'index.ipynb').read_text(encoding='utf-8'))['cells']
    first, *rest = map(part, cells)
    return '\n\n'.join(filter(None, [first, HEAR, *rest])) + '\n'


if __name__ == '__main__':
    if '--print' in sys.argv: sys.stdout.write(readme())
    else: (HERE.parent/'README.md').write_text(readme(), encoding='utf-8')
