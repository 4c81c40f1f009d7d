#!/bin/sh
# Seen with music21 10.5.1 (Python 3.11, Linux).
#
# In MusicXML a drum kit is one part with several instruments: <score-instrument> and <midi-instrument> give each an id and a
# <midi-unpitched> number, and every note names its drum by <instrument id="...">. music21 reads the first instrument of the
# part alone. The notes keep their places on the staff and lose their drums: no note has a stored instrument, and a part of
# bass drum (36), closed hi-hat (42) and snare (38) becomes one instrument, the bass drum. Written again as MusicXML, two of
# the three are gone.
#
# Output seen:
#   instruments of the part: [('BassDrum', 36)]
#   drums of the notes: [None, None, None]
#   midi-unpitched written again: ['37']
set -e
unset PYTHONPATH
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT; cd "$folder"
python3 -m venv env && env/bin/python -m pip install -q music21==10.5.1
cat > look.py <<'PY'
import re
import warnings
from music21 import converter, musicxml
warnings.simplefilter('ignore')
drums = {'bass': (36, 'F', 4), 'hat': (42, 'G', 5), 'snare': (38, 'C', 5)}
listed = ''.join(f'<score-instrument id="{name}"><instrument-name>{name}</instrument-name></score-instrument>' for name in drums)
listed += ''.join(f'<midi-instrument id="{name}"><midi-channel>10</midi-channel><midi-program>1</midi-program>'
                  f'<midi-unpitched>{number + 1}</midi-unpitched></midi-instrument>' for name, (number, *_) in drums.items())
notes = ''.join(f'<note><unpitched><display-step>{step}</display-step><display-octave>{octave}</display-octave></unpitched>'
                f'<duration>1</duration><instrument id="{name}"/><type>quarter</type></note>'
                for name, (_, step, octave) in drums.items())
page = ('<?xml version="1.0" encoding="UTF-8"?><score-partwise version="4.0"><part-list><score-part id="P1">'
        f'<part-name>Kit</part-name>{listed}</score-part></part-list><part id="P1"><measure number="1"><attributes>'
        '<divisions>1</divisions><time><beats>3</beats><beat-type>4</beat-type></time>'
        f'<clef><sign>percussion</sign></clef></attributes>{notes}</measure></part></score-partwise>')
score = converter.parseData(page, format='musicxml')
found = score.recurse().getElementsByClass('Instrument')
print('instruments of the part:', [(type(each).__name__, each.percMapPitch) for each in found])
stored = [note.storedInstrument for note in score.recurse().notes]
print('drums of the notes:', [drum and drum.percMapPitch for drum in stored])
again = musicxml.m21ToXml.GeneralObjectExporter(score).parse().decode()
print('midi-unpitched written again:', re.findall('<midi-unpitched>(.*?)<', again))
PY
env/bin/python look.py | tee seen
cat > described <<'TXT'
instruments of the part: [('BassDrum', 36)]
drums of the notes: [None, None, None]
midi-unpitched written again: ['37']
TXT
cmp described seen || { echo 'no longer as described'; exit 1; }
