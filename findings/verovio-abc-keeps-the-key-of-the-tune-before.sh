#!/bin/sh
# Seen with verovio 6.4.1 and symusic 0.6.0 (Python 3.11, Linux).
#
# A tune of ABC says its key, and a toolkit of verovio's is made for each tune. In one process the key of the tune before
# stays all the same where the next has no sharps and no flats: a tune in C, read after one in D, is played with F sharp
# and C sharp. A process of its own plays it in C. What is engraved is not touched: the key signature is drawn as it should
# be.
#
# Output seen:
#   in C, by itself: 60 65 71
#   in C, after a tune in D: 61 66 71
#   in A minor, after a tune in F: 60 65 70
set -e
unset PYTHONPATH
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT; cd "$folder"
python3 -m venv env && env/bin/python -m pip install -q verovio==6.4.1 symusic==0.6.0
cat > look.py <<'PY'
import base64
import sys
import symusic
import verovio
def played(key):
    engine = verovio.toolkit()
    engine.setInputFrom('abc')
    engine.loadData(f'X:1\nT:a\nM:3/4\nL:1/4\nK:{key}\nCFB|]\n')
    return symusic.Score.from_midi(base64.b64decode(engine.renderToMIDI())).tracks[0].notes
name, *keys = sys.argv[1:]
for key in keys: notes = played(key)
print(f'{name}:', *(note.pitch for note in notes))
PY
env/bin/python look.py 'in C, by itself' C | tee seen
env/bin/python look.py 'in C, after a tune in D' D C | tee -a seen
env/bin/python look.py 'in A minor, after a tune in F' F Am | tee -a seen
cat > described <<'TXT'
in C, by itself: 60 65 71
in C, after a tune in D: 61 66 71
in A minor, after a tune in F: 60 65 70
TXT
cmp described seen || { echo 'no longer as described'; exit 1; }
