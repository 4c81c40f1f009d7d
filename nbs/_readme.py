"""Write README.md from the landing page: `python nbs/_readme.py`, or `--print` to look at it.

The text and code of nbs/index.ipynb without its outputs, its hidden cells and its directives."""
import json
import re
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent


def part(cell):
    "One cell as Markdown; nothing for a hidden one."
    source = ''.join(cell['source'])
    if re.search(r'^#\|\s*hide\s*$', source, re.M): return ''
    if cell['cell_type'] == 'markdown': return re.sub(r'\]\((images/|\w+\.ipynb)', r'](nbs/\1', source)
    code = re.sub(r'^#\|.*\n?', '', source, flags=re.M).strip()
    return f'```python\n{code}\n```'


def readme():
    "The whole landing page."
    cells = json.loads((HERE/'index.ipynb').read_text(encoding='utf-8'))['cells']
    return '\n\n'.join(filter(None, map(part, cells))) + '\n'


if __name__ == '__main__':
    if '--print' in sys.argv: sys.stdout.write(readme())
    else: (HERE.parent/'README.md').write_text(readme(), encoding='utf-8')
