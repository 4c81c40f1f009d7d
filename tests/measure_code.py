"""How the code reads, in figures: `python tests/measure_code.py` prints one table for the code and one for the story.

The columns of other projects, and of this one at a6baf1f, were measured with the same definitions in November 2026."""
import ast
import json
import re
import sys
from itertools import chain
from pathlib import Path
from statistics import median, quantiles

ROOT = Path(__file__).parent.parent
COMPREHENSIONS = ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp
FUNCTIONS = ast.FunctionDef, ast.AsyncFunctionDef
BEFORE = {
    'line width, p90 (characters)': ('121', '85', '85', '74', '74', '82'),
    'lines over 120 / over 140 (%)': ('10.1 / 4.4', '1.1 / .7', '1.1 / .3', '.5 / .2', '0 / 0', '0 / 0'),
    'nested comprehensions per 1,000 lines': ('11.0', '1.4', '0', '1.8', '.3', '1.4'),
    'named lambdas per 1,000 lines': ('7.2', '0', '.8', '0', '0', '0'),
    'most names in one module': ('130', '48', '16', '19', '35', '25'),
    'private names imported across modules': ('40', '0', '0', '0', '0', '0'),
}
PEERS = 'a6baf1f', 'claudette', 'nanochat', 'miniai', 'mir_eval', 'MidiTok'


def written(text):
    "A module without the list of its names, which nbdev writes as wide as it likes."
    return re.sub(r'^__all__ = \[.*?\]\n', '', text, flags=re.M | re.S)


class Source:
    "Some Python files, read once."
    def __init__(self, paths):
        self.texts = {path: path.read_text(encoding='utf-8') for path in sorted(paths)}
        self.trees = {path: ast.parse(text) for path, text in self.texts.items()}
        self.lines = [line for text in self.texts.values() for line in written(text).splitlines() if line.strip()]

    def nodes(self, *kinds):
        "Every node of these kinds, in all files."
        for tree in self.trees.values():
            yield from (node for node in ast.walk(tree) if isinstance(node, kinds))

    def per_thousand(self, nodes):
        return 1000*len(list(nodes))/len(self.lines)


def module_code():
    "The modules of the package, the generated index apart."
    return Source(path for path in (ROOT/'melodynb').glob('*.py') if path.name != '_modidx.py')


def other_code():
    "What stands beside the package: tests, benchmarks, builders, the makers of the pages."
    folders = 'tests', 'benchmarks', 'data', 'nbs'
    return Source(chain.from_iterable((ROOT/folder).glob('*.py') for folder in folders))


def nested_comprehensions(source):
    "Comprehensions that hold another one, or have a second `for`."
    for outer in source.nodes(*COMPREHENSIONS):
        inner = [node for node in ast.walk(outer) if isinstance(node, COMPREHENSIONS)]
        if len(inner) > 1 or len(outer.generators) > 1: yield outer


def named_lambdas(source):
    "Lambdas that are given a name at once, alone or in a row of assignments."
    for node in source.nodes(ast.Assign):
        values = node.value.elts if isinstance(node.value, ast.Tuple) else [node.value]
        yield from (value for value in values if isinstance(value, ast.Lambda))


def function_lengths(source):
    "Lines of every function, its signature and docstring included."
    return [node.end_lineno - node.lineno + 1 for node in source.nodes(*FUNCTIONS)]


def top_names(tree):
    "Functions, classes and values that a module defines."
    for node in tree.body:
        if isinstance(node, (*FUNCTIONS, ast.ClassDef)): yield node.name
        if isinstance(node, ast.Assign):
            yield from (name.id for target in node.targets for name in ast.walk(target) if isinstance(name, ast.Name))


def private_imports(source):
    "Private names that one module takes from another."
    for node in source.nodes(ast.ImportFrom):
        ours = node.level or (node.module or '').startswith('melodynb')
        if ours: yield from (alias.name for alias in node.names if re.match(r'_[A-Za-z]', alias.name))


def p90(values):
    return round(quantiles(values, n=10)[-1])


def figures(source):
    "The rows of the table: name -> what is measured."
    widths = [len(line) for line in source.lines]
    over = ' / '.join(f'{100*sum(width > limit for width in widths)/len(widths):.1f}' for limit in (120, 140))
    lengths = function_lengths(source)
    return {
        'line width, p90 (characters)': f'{p90(widths)}',
        'lines over 120 / over 140 (%)': over,
        'nested comprehensions per 1,000 lines': f'{source.per_thousand(nested_comprehensions(source)):.1f}',
        'named lambdas per 1,000 lines': f'{source.per_thousand(named_lambdas(source)):.1f}',
        'most names in one module': f'{max(len(set(top_names(tree))) for tree in source.trees.values())}',
        'private names imported across modules': f'{len(list(private_imports(source)))}',
        'functions: median / p90 / longest (lines)': f'{median(lengths):.0f} / {p90(lengths)} / {max(lengths)}',
        'files / lines / longest file': f'{len(source.texts)} / {len(source.lines):,} / '
                                        f'{max(text.count(chr(10)) for text in source.texts.values())}',
    }


# How long a person reads

def is_library(source):
    "Whether a cell is folded away: code that is exported, and what only tests or sets up."
    return bool(re.search(r'^#\|\s*(export[is]?|hide|default_exp)\b', source, re.M))


def reading_minutes(notebook):
    "Words at 170 a minute, lines of story code at 4 seconds, cells at 12."
    cells = json.loads(notebook.read_text(encoding='utf-8'))['cells']
    sources = [(cell['cell_type'], ''.join(cell['source'])) for cell in cells]
    words = sum(len(source.split()) for kind, source in sources if kind == 'markdown')
    story = [source for kind, source in sources if kind == 'code' and not is_library(source)]
    lines = sum(bool(line.strip()) and not line.startswith('#|') for source in story for line in source.split('\n'))
    return words/170 + lines*4/60 + len(cells)*12/60


def show(rows):
    "Rows under each other, columns aligned."
    widths = [max(map(len, column)) for column in zip(*rows)]
    for row in rows: print('  '.join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip())


def main():
    package, beside = figures(module_code()), figures(other_code())
    blank = ('',)*len(PEERS)
    show([('measured', 'melodynb', 'tests etc.', *PEERS),
          *((name, value, beside[name], *BEFORE.get(name, blank)) for name, value in package.items())])
    print('\nreading time of the notebooks, minutes')
    show([(path.stem, f'{reading_minutes(path):.0f}') for path in sorted((ROOT/'nbs').glob('*.ipynb'))])


if __name__ == '__main__':
    sys.exit(main())
