#!/bin/sh
# Seen with muspy 0.5.0 (Python 3.11, Linux).
#
# In MusicXML a second voice is written behind the first, after a <backup>, and may stop before the bar is over: the bar is
# as long as its longest voice. muspy ends the bar where it stopped reading. A second voice of two quarters makes a bar of
# four two quarters long, and everything behind it in this part comes two quarters early. With a rest that fills the voice
# it is right.
#
# Output seen:
#   second voice, then a rest: next bar at 4
#   second voice, no rest: next bar at 2
set -e
unset PYTHONPATH
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT; cd "$folder"
python3 -m venv env && env/bin/python -m pip install -q muspy==0.5.0 "setuptools<81"
cat > look.py <<'PY'
import warnings
warnings.simplefilter('ignore')
import muspy
TIME = '<attributes><divisions>1</divisions><time><beats>4</beats><beat-type>4</beat-type></time></attributes>'
def note(what, length, voice): return f'<note>{what}<duration>{length}</duration><voice>{voice}</voice></note>'
def pitch(step): return f'<pitch><step>{step}</step><octave>4</octave></pitch>'
SECOND = '<backup><duration>4</duration></backup>' + note(pitch('E'), 2, 2)
for name, rest in {'then a rest': note('<rest/>', 2, 2), 'no rest': ''}.items():
    with open('tune.musicxml', 'w') as file:
        file.write(f"""<?xml version="1.0" encoding="UTF-8"?>
<score-partwise version="4.0"><part-list><score-part id="P1"><part-name>a</part-name></score-part></part-list><part id="P1">
<measure number="1">{TIME}{note(pitch('G'), 4, 1)}{SECOND}{rest}</measure>
<measure number="2">{note(pitch('D'), 4, 1)}</measure></part></score-partwise>""")
    music = muspy.read_musicxml('tune.musicxml')
    last = [note.time/music.resolution for note in music.tracks[0].notes if note.pitch == 62]
    print(f'second voice, {name}: next bar at {last[0]:.1g}')
PY
env/bin/python look.py | tee seen
cat > described <<'TXT'
second voice, then a rest: next bar at 4
second voice, no rest: next bar at 2
TXT
cmp described seen || { echo 'no longer as described'; exit 1; }
