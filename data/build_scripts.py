"""Builds the short forms of the script and the style sheet that every player carries, out of those that people read.

    python data/build_scripts.py           writes melodynb/data/player.min.js and player.min.css
    python data/build_scripts.py --check   says whether they are what it would write

Run it after every change of sound.js, player.js or player.css there. It needs `pip install tdewolff-minify`. The
first line of each file holds a checksum of its sources, so that a test finds a forgotten run where that package is
missing."""
import hashlib
import sys
from argparse import ArgumentParser
from pathlib import Path

DATA = Path(__file__).resolve().parents[1]/'melodynb'/'data'
SOURCES = {'player.min.js': ('sound.js', 'player.js'), 'player.min.css': ('player.css',)}
KINDS = {'.js': 'application/javascript', '.css': 'text/css'}


def whole(name):
    "The sources of a file as one; scripts in a function of their own, so that a page may hold them twice."
    text = '\n'.join((DATA/source).read_text(encoding='utf-8') for source in SOURCES[name])
    return f'(() => {{\n{text}}})();\n' if name.endswith('.js') else text


def mark(name):
    "The first line of a file."
    return f'/* {" ".join(SOURCES[name])} {hashlib.sha256(whole(name).encode()).hexdigest()[:16]} */\n'


def build(name):
    "What a file should be."
    import minify
    return mark(name) + minify.string(KINDS[Path(name).suffix], whole(name)) + '\n'


def main():
    parser = ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('--check', action='store_true', help='compare with what is there, write nothing')
    asked = parser.parse_args()
    made = {name: build(name) for name in SOURCES}
    if not asked.check:
        for name, text in made.items(): (DATA/name).write_text(text, encoding='utf-8')
    different = [name for name, text in made.items() if (DATA/name).read_text(encoding='utf-8') != text]
    if different: sys.exit(f'{", ".join(different)} would change: run python data/build_scripts.py')
    print(', '.join(f'{name}: {len(text.encode()):,} bytes' for name, text in made.items()))


if __name__ == '__main__': main()
