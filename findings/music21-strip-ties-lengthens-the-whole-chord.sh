#!/bin/sh
# Seen with music21 10.5.1 (Python 3.11, Linux).
#
# In a chord some notes may be tied on while others end: C E G for a quarter, of which E and G are held for one more quarter,
# and G for a third one. `stripTies` is to join tied notes into one. Here it gives the whole first chord, C included, the length
# of 2 quarters, keeps E and G as a second chord that begins while they still sound, and drops the third quarter of the G.
# What sounds: C 1, E 2, G 3 quarters. What it gives: C 2, E 2 + 1, G 2 + 1.
#
# Output seen:
#   before: C4 E4 G4 at 0.0 for 1.0; E4 G4 at 1.0 for 1.0; G4 at 2.0 for 1.0
#   after:  C4 E4 G4 at 0.0 for 2.0; E4 G4 at 1.0 for 1.0
set -e
unset PYTHONPATH
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT; cd "$folder"
python3 -m venv env && env/bin/python -m pip install -q music21==10.5.1
cat > look.py <<'PY'
from music21 import chord, meter, note, stream, tie
first, second, third = chord.Chord(['C4', 'E4', 'G4']), chord.Chord(['E4', 'G4']), note.Note('G4')
for one in first.notes[1:]: one.tie = tie.Tie('start')
second.notes[0].tie, second.notes[1].tie = tie.Tie('stop'), tie.Tie('continue')
third.tie = tie.Tie('stop')
measure = stream.Measure([meter.TimeSignature('3/4'), first, second, third])
part = stream.Part([measure])
def told(part):
    return '; '.join(f'{" ".join(p.nameWithOctave for p in each.pitches)} at {each.offset} for {each.quarterLength}'
                     for each in part.flatten().notes)
print('before:', told(part))
print('after: ', told(part.stripTies()))
PY
env/bin/python look.py | tee seen
cat > described <<'TXT'
before: C4 E4 G4 at 0.0 for 1.0; E4 G4 at 1.0 for 1.0; G4 at 2.0 for 1.0
after:  C4 E4 G4 at 0.0 for 2.0; E4 G4 at 1.0 for 1.0
TXT
cmp described seen || { echo 'no longer as described'; exit 1; }
