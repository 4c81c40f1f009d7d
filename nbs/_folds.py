"""Fold the library cells of every notebook, for JupyterLab and Colab: `python nbs/_folds.py`, a part of `make export`.

JupyterLab reads `jupyter.source_hidden` of a cell, Colab reads `cellView`; a click opens the code in both. Only these
two words of the metadata are written, and where a cell is no longer library code they go again. `--check` writes nothing."""
import json
import sys
from pathlib import Path

from melodynb.fold import parted

HERE = Path(__file__).resolve().parent
FOLDED = dict(cellView='form', jupyter=dict(source_hidden=True))


def notebooks():
    "All that are told, those of teachers and the solutions too."
    found = sorted(HERE.rglob('*.ipynb'))
    return [path for path in found if not any(part[0] in '._' for part in path.relative_to(HERE).parts)]


def with_fold(cell):
    "A cell with the words that fold it, or without them."
    if cell['cell_type'] != 'code': return cell
    other = {name: value for name, value in cell['metadata'].items() if name not in FOLDED}
    title, _ = parted(''.join(cell['source']))
    return {**cell, 'metadata': {**other, **FOLDED} if title else other}


def rewritten(text):
    "The text of a notebook with its folds, as nbdev would write it."
    page = json.loads(text)
    page['cells'] = list(map(with_fold, page['cells']))
    return json.dumps(page, indent=1, ensure_ascii=False, sort_keys=True) + '\n'


def main():
    different = []
    for path in notebooks():
        text = path.read_text(encoding='utf-8')
        if rewritten(text) == text: continue
        different.append(path.name)
        if '--check' not in sys.argv: path.write_text(rewritten(text), encoding='utf-8')
    if '--check' in sys.argv and different: sys.exit(f'run `make export`: {", ".join(different)} would change')


if __name__ == '__main__': main()
