#!/bin/sh
# Seen with music21 10.5.1 (Python 3.11, Linux).
#
# A full-measure rest, <rest measure="yes"/>, says that the whole measure is silent; its <duration> says how long the measure
# is. In an upbeat of one quarter it lasts one quarter. music21 reads the duration, and then gives the rest the length of the
# time signature, 4 quarters. The part that rests is three quarters longer than the part that plays, and from there on the
# two do not sound together: the second note of the lower part, written under the first whole bar, begins at 4, not at 1.
# A rest that is spelled out (<type>quarter</type>, no attribute) is read right.
#
# Output seen:
#   upper part: C5 at 0.0, D5 at 1.0
#   lower part: C3 at 4.0
set -e
unset PYTHONPATH
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT; cd "$folder"
python3 -m venv env && env/bin/python -m pip install -q music21==10.5.1
cat > upbeat.musicxml <<'XML'
<?xml version="1.0" encoding="UTF-8"?>
<score-partwise version="4.0">
  <part-list>
    <score-part id="P1"><part-name>upper</part-name></score-part>
    <score-part id="P2"><part-name>lower</part-name></score-part>
  </part-list>
  <part id="P1">
    <measure number="0" implicit="yes">
      <attributes><divisions>1</divisions><time><beats>4</beats><beat-type>4</beat-type></time></attributes>
      <note><pitch><step>C</step><octave>5</octave></pitch><duration>1</duration><type>quarter</type></note>
    </measure>
    <measure number="1">
      <note><pitch><step>D</step><octave>5</octave></pitch><duration>4</duration><type>whole</type></note>
    </measure>
  </part>
  <part id="P2">
    <measure number="0" implicit="yes">
      <attributes><divisions>1</divisions><time><beats>4</beats><beat-type>4</beat-type></time></attributes>
      <note><rest measure="yes"/><duration>1</duration></note>
    </measure>
    <measure number="1">
      <note><pitch><step>C</step><octave>3</octave></pitch><duration>4</duration><type>whole</type></note>
    </measure>
  </part>
</score-partwise>
XML
cat > look.py <<'PY'
from music21 import converter
score = converter.parse('upbeat.musicxml')
for part in score.parts:
    notes = (f'{n.nameWithOctave} at {n.getOffsetInHierarchy(score)}' for n in part.recurse().notes)
    print(f'{part.partName} part: {", ".join(notes)}')
PY
env/bin/python look.py | tee seen
printf 'upper part: C5 at 0.0, D5 at 1.0\nlower part: C3 at 4.0\n' | cmp - seen || { echo 'no longer as described'; exit 1; }
