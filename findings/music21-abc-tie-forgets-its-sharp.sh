#!/bin/sh
# Seen with music21 10.5.1 (Python 3.11, Linux).
#
# In ABC, as on paper, a note that is tied over a bar line keeps its accidental, though the bar line ends all others: ^F4-|F4|F4
# is one long F sharp and then an F. music21 lets the bar line take the sharp away: the tied note becomes an F natural, so the
# tie joins two different pitches, and three notes sound.
#
# Output seen:
#   F#4 4.0, F4 4.0, F4 4.0
#   ties: start, stop, None
set -e
unset PYTHONPATH
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT; cd "$folder"
python3 -m venv env && env/bin/python -m pip install -q music21==10.5.1
cat > look.py <<'PY'
from music21 import converter
notes = [*converter.parse('X:1\nT:Tie\nM:4/4\nL:1/4\nK:C\n^F4-|F4|F4|\n', format='abc').recurse().notes]
print(', '.join(f'{n.nameWithOctave} {float(n.quarterLength)}' for n in notes))
print('ties:', ', '.join(str(n.tie and n.tie.type) for n in notes))
PY
env/bin/python look.py | tee seen
printf 'F#4 4.0, F4 4.0, F4 4.0\nties: start, stop, None\n' | cmp - seen || { echo 'no longer as described'; exit 1; }
