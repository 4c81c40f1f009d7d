#!/bin/sh
# Seen with verovio 6.4.1, muspy 0.5.0 and symusic 0.6.0 (Python 3.11, Linux).
#
# A metronome mark of MusicXML names its beat by a note value and any number of dots: a dot makes it half as long again,
# two dots three quarters as long again. 80 dotted quarters a minute are 120 quarters a minute; 80 double-dotted ones are
# 140.
#
# verovio multiplies by 4/3 for one dot and by 8/5 for two: in 6/8 a piece is played at eight ninths of its speed. muspy takes two
# dots for one. A <sound tempo="..."> beside the mark, where there is one, hides both.
#
# Output seen:
#   quarter, 0 dots at 80: verovio 80 quarters a minute, muspy 80
#   quarter, 1 dots at 80: verovio 106.67 quarters a minute, muspy 120
#   quarter, 2 dots at 80: verovio 128 quarters a minute, muspy 120
set -e
unset PYTHONPATH
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT; cd "$folder"
python3 -m venv env && env/bin/python -m pip install -q verovio==6.4.1 muspy==0.5.0 symusic==0.6.0 "setuptools<81"
cat > look.py <<'PY'
import base64
import warnings
warnings.simplefilter('ignore')
import muspy
import symusic
import verovio
SHEET = """<?xml version="1.0" encoding="UTF-8"?>
<score-partwise version="4.0"><part-list><score-part id="P1"><part-name>a</part-name></score-part></part-list><part id="P1">
<measure number="1"><attributes><divisions>2</divisions><time><beats>6</beats><beat-type>8</beat-type></time></attributes>
<direction><direction-type><metronome><beat-unit>quarter</beat-unit>DOTS<per-minute>80</per-minute></metronome></direction-type>
</direction><note><pitch><step>C</step><octave>4</octave></pitch><duration>6</duration><type>half</type><dot/></note></measure>
</part></score-partwise>"""
for dots in range(3):
    with open('tune.musicxml', 'w') as file: file.write(SHEET.replace('DOTS', '<beat-unit-dot/>'*dots))
    engine = verovio.toolkit()
    engine.loadFile('tune.musicxml')
    played = symusic.Score.from_midi(base64.b64decode(engine.renderToMIDI())).tempos[0].qpm
    read = muspy.read_musicxml('tune.musicxml').tempos[0].qpm
    print(f'quarter, {dots} dots at 80: verovio {played:.5g} quarters a minute, muspy {read:.5g}')
PY
env/bin/python look.py | tee seen
cat > described <<'TXT'
quarter, 0 dots at 80: verovio 80 quarters a minute, muspy 80
quarter, 1 dots at 80: verovio 106.67 quarters a minute, muspy 120
quarter, 2 dots at 80: verovio 128 quarters a minute, muspy 120
TXT
cmp described seen || { echo 'no longer as described'; exit 1; }
