#!/bin/sh
# Seen with verovio 6.4.1 and symusic 0.6.0 (Python 3.11, Linux).
#
# In ABC a chord may carry its length inside, [C2E2G2], or behind the bracket, [CEG]2; where both stand, they multiply.
# verovio reads the length inside only. A chord with its length behind lasts one unit, its bar is too short, and the next
# bar comes early.
#
# Output seen:
#   [C2E2G2] D2|E4: D at 2, E at 4
#   [CEG]2 D2|E4: D at 1, E at 3
set -e
unset PYTHONPATH
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT; cd "$folder"
python3 -m venv env && env/bin/python -m pip install -q verovio==6.4.1 symusic==0.6.0
cat > look.py <<'PY'
import base64
import symusic
import verovio
for music in ('[C2E2G2] D2|E4', '[CEG]2 D2|E4'):
    engine = verovio.toolkit()
    engine.setInputFrom('abc')
    engine.loadData(f'X:1\nT:a\nM:4/4\nL:1/4\nK:C\n{music}|]\n')
    score = symusic.Score.from_midi(base64.b64decode(engine.renderToMIDI()))
    *_, second, third = sorted(note.time/score.ticks_per_quarter for note in score.tracks[0].notes)
    print(f'{music}: D at {second:.3g}, E at {third:.3g}')
PY
env/bin/python look.py | tee seen
cat > described <<'TXT'
[C2E2G2] D2|E4: D at 2, E at 4
[CEG]2 D2|E4: D at 1, E at 3
TXT
cmp described seen || { echo 'no longer as described'; exit 1; }
