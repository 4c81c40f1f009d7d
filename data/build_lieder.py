"""Builds melodynb/data/lieder.tsv.xz, the index of the Lieder, from their prepared folder; no music is taken over.

    python data/build_lieder.py FOLDER [--check]   # --check: compare with the shipped file, write nothing

A row is id, path in the repository (composer, set and song), split, number of notes, sharps of the first signature, and
the fingerprint of notes and meters that `melodynb.lieder` asks of every song it loads.
"""
import csv
import hashlib
import lzma
import sys
from pathlib import Path

from collection import FILTERS, SHIPPED

from melodynb.lieder import _folder_pianos


def rows(folder: Path) -> list[str]:
    "The index, a line for each song in the order of the folder's own."
    pianos = _folder_pianos(folder)
    lines = []
    with open(folder/'index.tsv', encoding='utf-8', newline='') as file:
        for song in csv.DictReader(file, delimiter='\t', quoting=csv.QUOTE_NONE):
            piano = pianos[song['id']]
            notes = len(piano.notes[0])
            if notes != int(song['notes']):
                sys.exit(f'{song["id"]} has {notes} notes, its index says {song["notes"]}')
            path = '/'.join(song[column] for column in ('composer', 'set', 'title'))
            row = song['id'], path, song['split'], song['notes'], song['fifths'], piano.fingerprint
            lines.append('\t'.join(row))
    return lines


def main():
    if len(sys.argv) < 2: sys.exit(__doc__)
    text = ''.join(f'{line}\n' for line in rows(Path(sys.argv[1]))).encode()
    data = lzma.compress(text, check=lzma.CHECK_SHA256, filters=FILTERS)
    path = SHIPPED/'lieder.tsv.xz'
    print(f'{path.name}: {text.count(10):,} songs, {len(data):,} bytes, sha256 {hashlib.sha256(data).hexdigest()}')
    if '--check' not in sys.argv: path.write_bytes(data)
    elif lzma.decompress(path.read_bytes()) != text: sys.exit(f'{path.name} differs from the shipped file')


if __name__ == '__main__': main()
