#!/bin/sh
# Seen with muspy 0.5.0 (Python 3.11, Linux).
#
# A first ending may serve two passes: "1, 2", then "3". The part before it is played three times, each time with its own
# ending. muspy plays the first two passes and stops there: the third ending, and with it the end of the piece, is not in
# the music. With endings "1", "2" and "3", each of its own, all three are played.
#
# Output seen:
#   endings 1, 2 and 3: 60 62 60 62
#   endings 1 and 2: 60 62 60 64
set -e
unset PYTHONPATH
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT; cd "$folder"
python3 -m venv env && env/bin/python -m pip install -q muspy==0.5.0 "setuptools<81"
cat > look.py <<'PY'
import warnings
warnings.simplefilter('ignore')
import muspy
TIME = '<attributes><divisions>1</divisions><time><beats>4</beats><beat-type>4</beat-type></time></attributes>'
def note(step): return f'<note><pitch><step>{step}</step><octave>4</octave></pitch><duration>4</duration><type>whole</type></note>'
def ending(number, kind, side, repeat=''): return f'<barline location="{side}"><ending number="{number}" type="{kind}"/>{repeat}</barline>'
BACK, FORWARD = '<repeat direction="backward"/>', '<barline location="left"><repeat direction="forward"/></barline>'
for first, last in (('1, 2', '3'), ('1', '2')):
    bars = [TIME + FORWARD + note('C'), ending(first, 'start', 'left') + note('D') + ending(first, 'stop', 'right', BACK),
            ending(last, 'start', 'left') + note('E') + ending(last, 'stop', 'right')]
    measures = ''.join(f'<measure number="{n}">{bar}</measure>' for n, bar in enumerate(bars, 1))
    with open('tune.musicxml', 'w') as file:
        file.write(f"""<?xml version="1.0" encoding="UTF-8"?>
<score-partwise version="4.0"><part-list><score-part id="P1"><part-name>a</part-name></score-part></part-list>
<part id="P1">{measures}</part></score-partwise>""")
    print(f'endings {first} and {last}:', *(note.pitch for note in muspy.read_musicxml('tune.musicxml').tracks[0].notes))
PY
env/bin/python look.py | tee seen
cat > described <<'TXT'
endings 1, 2 and 3: 60 62 60 62
endings 1 and 2: 60 62 60 64
TXT
cmp described seen || { echo 'no longer as described'; exit 1; }
