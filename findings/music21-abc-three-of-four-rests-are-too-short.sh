#!/bin/sh
# Seen with music21 10.5.1 (Python 3.11, Linux).
#
# ABC has four letters for silence: z, x (not drawn, as long as z), Z2 (two bars) and X2 (the same, not drawn). music21
# reads z. It passes over x and Z, and takes X2 for two units, not two bars: what comes behind sounds too early, in this
# voice alone.
#
# Output seen:
#   C2z2|D4: D at 4
#   C2x2|D4: D at 2
#   C4|Z2|D4: D at 4
#   C4|X2|D4: D at 6
set -e
unset PYTHONPATH
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT; cd "$folder"
python3 -m venv env && env/bin/python -m pip install -q music21==10.5.1
cat > look.py <<'PY'
from music21 import converter
for music in ('C2z2|D4', 'C2x2|D4', 'C4|Z2|D4', 'C4|X2|D4'):
    score = converter.parse(f'%abc-2.1\nX:1\nT:a\nM:4/4\nL:1/4\nK:C\n{music}|]\n', format='abc')
    print(f'{music}: D at {list(score.recurse().notes)[-1].getOffsetInHierarchy(score):.1g}')
PY
env/bin/python look.py | tee seen
cat > described <<'TXT'
C2z2|D4: D at 4
C2x2|D4: D at 2
C4|Z2|D4: D at 4
C4|X2|D4: D at 6
TXT
cmp described seen || { echo 'no longer as described'; exit 1; }
