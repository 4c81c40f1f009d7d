#!/bin/sh
# Seen with muspy 0.5.0 (Python 3.11, Linux).
#
# Two voices share a staff: the first holds C over two bars by a tie, the second plays the same C for two quarters. muspy
# looks for what a tie ends by pitch alone. The tie of the first voice is closed by, or glued to, the note of the second:
# where one C of 8 quarters and one of 2 are written, one of 6 comes out and one of 4. In two parts, not voices, the same
# music is read right.
#
# Output seen:
#   two voices: from 0 for 6, from 4 for 4
#   two parts: from 0 for 8, from 0 for 2
set -e
unset PYTHONPATH
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT; cd "$folder"
python3 -m venv env && env/bin/python -m pip install -q muspy==0.5.0 "setuptools<81"
cat > look.py <<'PY'
import warnings
warnings.simplefilter('ignore')
import muspy
TIME = '<attributes><divisions>1</divisions><time><beats>4</beats><beat-type>4</beat-type></time></attributes>'
def note(length, kind, voice, tie=''):
    sounds, drawn = (f'<tie type="{tie}"/>', f'<notations><tied type="{tie}"/></notations>') if tie else ('', '')
    pitch = '<pitch><step>C</step><octave>4</octave></pitch>'
    return f'<note>{pitch}<duration>{length}</duration>{sounds}<voice>{voice}</voice><type>{kind}</type>{drawn}</note>'
LONG, END, SHORT = note(4, 'whole', 1, 'start'), note(4, 'whole', 1, 'stop'), note(2, 'half', 2)
REST = '<note><rest/><duration>2</duration><voice>2</voice><type>half</type></note>'
BACK = '<backup><duration>4</duration></backup>'
def part(name, *bars): return f'<part id="{name}">' + ''.join(f'<measure number="{n}">{bar}</measure>' for n, bar in enumerate(bars, 1)) + '</part>'
WRITTEN = {'two voices': [part('P1', TIME + LONG + BACK + SHORT + REST, END)],
           'two parts': [part('P1', TIME + LONG, END), part('P2', TIME + SHORT + REST, '')]}
for name, parts in WRITTEN.items():
    names = ''.join(f'<score-part id="P{n}"><part-name>a</part-name></score-part>' for n, _ in enumerate(parts, 1))
    with open('tune.musicxml', 'w') as file:
        file.write(f'<?xml version="1.0" encoding="UTF-8"?>\n<score-partwise version="4.0"><part-list>{names}</part-list>{"".join(parts)}</score-partwise>')
    music = muspy.read_musicxml('tune.musicxml')
    told = [f'from {note.time/music.resolution:.1g} for {note.duration/music.resolution:.1g}' for track in music.tracks for note in track.notes]
    print(f'{name}:', ', '.join(told))
PY
env/bin/python look.py | tee seen
cat > described <<'TXT'
two voices: from 0 for 6, from 4 for 4
two parts: from 0 for 8, from 0 for 2
TXT
cmp described seen || { echo 'no longer as described'; exit 1; }
