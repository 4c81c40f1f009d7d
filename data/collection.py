"""Writes the compact files that `melodynb.corpus.load_corpus` reads.

A file is one xz stream: a line of JSON, then one byte for the pitch of every event and one for its length. The JSON
holds the table of lengths and, for every piece, its id, title, tempo, meter, key, split, changes and the size of each
voice.
A voice is a chain of notes and rests, one beginning where the other ends; pitch 0 is a rest.
"""
import hashlib
import importlib.util
import json
import lzma
import sys
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import chain
from pathlib import Path

SHIPPED = Path(__file__).resolve().parent.parent / 'melodynb' / 'data'
FILTERS = [dict(id=lzma.FILTER_LZMA2, preset=9 | lzma.PRESET_EXTREME, lc=0, lp=0, pb=0)]

Voice = list[tuple[int | None, Fraction]] # pitch as MIDI number, None for a rest, and length in quarter notes


@dataclass
class Piece:
    "One score of a collection."
    id: str
    title: str
    bpm: int                # quarter notes a minute
    meter: str
    key: str
    voices: dict[str, Voice]
    split: str = ''         # where a published split puts it
    changes: list[tuple[float, str, str]] = field(default_factory=list) # beat, what, value

    def row(self) -> list:
        "What the head of the file says of it."
        sizes = [[name, len(voice)] for name, voice in self.voices.items()]
        return [self.id, self.title, self.bpm, self.meter, self.key, self.split, self.changes, sizes]


def music21_corpus() -> Path:
    "The folder of music inside the installed music21 package, found without importing it."
    return Path(importlib.util.find_spec('music21').origin).parent / 'corpus'


def pack(pieces: list[Piece]) -> bytes:
    "A collection as the bytes of its file."
    voices = chain.from_iterable(piece.voices.values() for piece in pieces)
    events = list(chain.from_iterable(voices))
    lengths = sorted({length for _, length in events})
    code = {length: index for index, length in enumerate(lengths)}
    table = dict(lengths=list(map(str, lengths)), pieces=[piece.row() for piece in pieces])
    head = json.dumps(table, ensure_ascii=False, separators=(',', ':'))
    body = bytes(pitch or 0 for pitch, _ in events) + bytes(code[length] for _, length in events)
    return lzma.compress(head.encode() + b'\n' + body, format=lzma.FORMAT_XZ, check=lzma.CHECK_SHA256, filters=FILTERS)


def deliver(name: str, pieces: list[Piece]):
    "Write a collection, or with `--check` say whether it equals the shipped one."
    data, path = pack(pieces), SHIPPED / name
    print(f'{name}: {len(pieces):,} pieces, {len(data):,} bytes, sha256 {hashlib.sha256(data).hexdigest()}')
    if '--check' not in sys.argv: path.write_bytes(data)
    elif lzma.decompress(data) != lzma.decompress(path.read_bytes()):
        sys.exit(f'{name} differs from the shipped file')
    elif data != path.read_bytes():
        print(f'{name}: same contents as the shipped file, but this xz library packs them otherwise')
