#!/bin/sh
# Seen with verovio 6.4.1 and symusic 0.6.0 (Python 3.11, Linux).
#
# In MusicXML the length of a note is its <duration>, and <time-modification> says that three are played in the time of
# two. <tuplet>, the third element, only draws the bracket, and may be absent: many editions print a 3 once and then leave
# it away.
#
# verovio plays three eighths as a triplet where the bracket is drawn. Without it each lasts half a quarter, the bar grows
# by half a quarter, and all that follows comes late. Its reader of ABC does the same in its own way: (3CDE is a triplet if
# the notes are eighths, under a beam, and three plain quarters if they are quarters.
#
# Output seen:
#   MusicXML, a bracket: 60 at 0, 62 at 0.333, 64 at 0.667, 65 at 1
#   MusicXML, no bracket: 60 at 0, 62 at 0.5, 64 at 1, 65 at 1.5
#   ABC, eighths: 60 at 0, 62 at 0.333, 64 at 0.667, 65 at 1
#   ABC, quarters: 60 at 0, 62 at 1, 64 at 2, 65 at 3
set -e
unset PYTHONPATH
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT; cd "$folder"
python3 -m venv env && env/bin/python -m pip install -q verovio==6.4.1 symusic==0.6.0
cat > look.py <<'PY'
import base64
import symusic
import verovio
def note(step, length, more=''): return f'<note><pitch><step>{step}</step><octave>4</octave></pitch><duration>{length}</duration>{more}</note>'
def third(step, mark=''):
    three_in_two = '<time-modification><actual-notes>3</actual-notes><normal-notes>2</normal-notes></time-modification>'
    return note(step, 1, '<type>eighth</type>' + three_in_two + (f'<notations><tuplet type="{mark}"/></notations>' if mark else ''))
def sheet(*notes):
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<score-partwise version="4.0"><part-list><score-part id="P1"><part-name>a</part-name></score-part></part-list><part id="P1">
<measure number="1"><attributes><divisions>3</divisions><time><beats>4</beats><beat-type>4</beat-type></time></attributes>
{"".join(notes)}</measure></part></score-partwise>"""
END = note('F', 9, '<type>half</type><dot/>')
def tune(length, notes): return f'X:1\nT:a\nM:4/4\nL:{length}\nK:C\n{notes}|]\n'
WRITTEN = {'MusicXML, a bracket': sheet(third('C', 'start'), third('D'), third('E', 'stop'), END),
           'MusicXML, no bracket': sheet(third('C'), third('D'), third('E'), END),
           'ABC, eighths': tune('1/8', '(3CDE F2 z4'), 'ABC, quarters': tune('1/4', '(3CDE F2')}
for name, text in WRITTEN.items():
    engine = verovio.toolkit()
    engine.setInputFrom('abc' if name.startswith('ABC') else 'xml')
    engine.loadData(text)
    score = symusic.Score.from_midi(base64.b64decode(engine.renderToMIDI()))
    print(f'{name}:', ', '.join(f'{n.pitch} at {n.time/score.ticks_per_quarter:.3g}' for n in score.tracks[0].notes))
PY
env/bin/python look.py | tee seen
cat > described <<'TXT'
MusicXML, a bracket: 60 at 0, 62 at 0.333, 64 at 0.667, 65 at 1
MusicXML, no bracket: 60 at 0, 62 at 0.5, 64 at 1, 65 at 1.5
ABC, eighths: 60 at 0, 62 at 0.333, 64 at 0.667, 65 at 1
ABC, quarters: 60 at 0, 62 at 1, 64 at 2, 65 at 3
TXT
cmp described seen || { echo 'no longer as described'; exit 1; }
