#!/bin/sh
# Seen with music21 10.5.1 (Python 3.11, Linux).
#
# Tune books file "The Kerry Reel" under K, as "Kerry Reel, The", and so do the titles of their ABC and MusicXML. music21 gives
# another text back than the file holds: an article behind the last comma is moved to the front. So titles that are read do not
# match the index of the collection. Inside it keeps the text as it was: written again as MusicXML, the title is the old one.
#
# Output seen:
#   Kerry Reel, The -> The Kerry Reel
#   Reel, The Kerry -> Reel, The Kerry
#   written again: <movement-title>Kerry Reel, The</movement-title>
set -e
unset PYTHONPATH
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT; cd "$folder"
python3 -m venv env && env/bin/python -m pip install -q music21==10.5.1
cat > look.py <<'PY'
import re
from music21 import converter, musicxml
def read(title):
    return converter.parseData(
        f'<?xml version="1.0" encoding="UTF-8"?><score-partwise version="4.0"><work><work-title>{title}</work-title></work>'
        '<part-list><score-part id="P1"><part-name>Fiddle</part-name></score-part></part-list><part id="P1"><measure number="1">'
        '<attributes><divisions>1</divisions></attributes><note><pitch><step>G</step><octave>4</octave></pitch>'
        '<duration>4</duration><type>whole</type></note></measure></part></score-partwise>', format='musicxml')
for title in 'Kerry Reel, The', 'Reel, The Kerry': print(title, '->', read(title).metadata.title)
again = musicxml.m21ToXml.GeneralObjectExporter(read('Kerry Reel, The')).parse().decode()
print('written again:', re.search('<movement-title>.*</movement-title>', again)[0])
PY
env/bin/python look.py | tee seen
cat > described <<'TXT'
Kerry Reel, The -> The Kerry Reel
Reel, The Kerry -> Reel, The Kerry
written again: <movement-title>Kerry Reel, The</movement-title>
TXT
cmp described seen || { echo 'no longer as described'; exit 1; }
