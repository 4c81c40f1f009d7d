"""Writes melodynb/data/variants.xz: which tunes of the collections are variants of each other by alignment.

    python data/build_variants.py [--check]   # --check: compare with the shipped file, write nothing

Some ten minutes on one core. Of folk tunes every agreement counts, however short: an examination is better too small
than leaky. Chorale melodies are short and move in steps, and there only a long agreement is more than chance.
"""
import json
import lzma
import sys

import numpy as np
from collection import FILTERS, SHIPPED
from melodynb.alignment import relatives
from melodynb.corpus import intervals, line_digest, load_corpus

GROUPS = {('folk', 'airds'): (0, 40), ('chorales',): (24, 40)} # collections: steps, notes that must agree


def variants(names: tuple[str, ...], least: tuple[int, int]) -> dict:
    "The digest of every line of some collections, and the pairs of lines that align."
    distinct = {intervals(score).tobytes(): intervals(score) for name in names for score in load_corpus(name)}
    lines = list(distinct.values())
    pairs = np.sort(relatives(lines, least=least), axis=1)
    return dict(lines=list(map(line_digest, lines)), pairs=sorted(pairs.tolist()))


if __name__ == '__main__':
    found = {' and '.join(names): variants(names, least) for names, least in GROUPS.items()}
    print({name: f'{len(one["lines"]):,} lines, {len(one["pairs"]):,} pairs' for name, one in found.items()})
    text, path = json.dumps(found, separators=(',', ':')).encode(), SHIPPED / 'variants.xz'
    if '--check' not in sys.argv: path.write_bytes(lzma.compress(text, check=lzma.CHECK_SHA256, filters=FILTERS))
    elif lzma.decompress(path.read_bytes()) != text: sys.exit('variants.xz differs from the shipped file')
