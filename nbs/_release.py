"""What a release needs to know.

`python nbs/_release.py NOTES.md` prints the version and writes what CHANGELOG.md says of it. A version that still
ends in .dev0, or of which nothing is said, is no release."""
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def version(root=ROOT):
    "The version that the package says it has."
    return re.search(r"__version__ = '([^']+)'", (root/'melodynb'/'__init__.py').read_text(encoding='utf-8'))[1]


def notes(name, root=ROOT):
    "What the section of a version says in CHANGELOG.md; a sentence on the way out where there is none."
    if not re.fullmatch(r'\d+\.\d+\.\d+', name):
        sys.exit(f'{name} is no version to release; write one such as 0.2.0 into melodynb/__init__.py')
    text = (root/'CHANGELOG.md').read_text(encoding='utf-8')
    found = re.search(rf'^## {re.escape(name)}\b[^\n]*\n(.*?)(?=^## |\Z)', text, re.M | re.S)
    if not found or not found[1].strip():
        sys.exit(f'CHANGELOG.md says nothing of {name}; give its section the heading "## {name}"')
    cited = re.search(r'^version: (.+)$', (root/'CITATION.cff').read_text(encoding='utf-8'), re.M)[1]
    if cited != name: sys.exit(f'CITATION.cff names version {cited}, the package {name}; write {name} there, too')
    return found[1].strip() + '\n'


def main():
    name = version()
    Path(sys.argv[1]).write_text(notes(name), encoding='utf-8')
    print(name)


if __name__ == '__main__': main()
