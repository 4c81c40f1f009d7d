"""What the key finder of `compose` counted in the folk tunes and the chorales.

`python data/build_keys.py` writes it anew."""
import json
from pathlib import Path

from melodynb.corpus import load_corpus
from melodynb.files import write_file
from melodynb.metrics import KeyFinder

STORED = Path(__file__).resolve().parent.parent/'melodynb'/'data'/'keys.json'


def counted():
    "The tables as text: mode -> how often each degree sounds, how often each ends, tunes."
    return json.dumps(KeyFinder().fit([*load_corpus('folk'), *load_corpus('chorales')]).tables) + '\n'


if __name__ == '__main__': write_file(STORED, counted().encode(), exist_ok=True)
