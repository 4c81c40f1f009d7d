#!/bin/sh
# Seen with muspy 0.5.0, partitura 1.9.0, music21 10.5.1, verovio 6.4.1 and symusic 0.6.0 (Python 3.11, Linux).
#
# A note of MusicXML that carries <chord/> begins with the note before it and may be shorter; the position in the bar moves
# by the first note of the chord alone. Here C lasts four quarters, the E above it two, and a D follows in the next bar, at
# 4.
#
# muspy keeps both lengths, and moves on by the last one: D comes at 2, under the chord, and so does all that follows in
# this part. partitura, music21 and verovio keep the place, and make E as long as C. None of the four does both.
#
# Output seen:
#   muspy: E lasts 2, D at 2
#   partitura: E lasts 4, D at 4
#   music21: E lasts 4, D at 4
#   verovio: E lasts 4, D at 4
set -e
unset PYTHONPATH
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT; cd "$folder"
python3 -m venv env && env/bin/python -m pip install -q muspy==0.5.0 partitura==1.9.0 music21==10.5.1 verovio==6.4.1 symusic==0.6.0 "setuptools<81"
cat > tune.musicxml <<'XML'
<?xml version="1.0" encoding="UTF-8"?>
<score-partwise version="4.0"><part-list><score-part id="P1"><part-name>a</part-name></score-part></part-list><part id="P1">
  <measure number="1">
    <attributes><divisions>1</divisions><time><beats>4</beats><beat-type>4</beat-type></time></attributes>
    <note><pitch><step>C</step><octave>4</octave></pitch><duration>4</duration><type>whole</type></note>
    <note><chord/><pitch><step>E</step><octave>4</octave></pitch><duration>2</duration><type>half</type></note>
  </measure>
  <measure number="2"><note><pitch><step>D</step><octave>4</octave></pitch><duration>4</duration><type>whole</type></note></measure>
</part></score-partwise>
XML
cat > look.py <<'PY'
import base64
import warnings
warnings.simplefilter('ignore')
import muspy
import partitura
import symusic
import verovio
from music21 import converter
def by_muspy():
    music = muspy.read_musicxml('tune.musicxml')
    return {note.pitch: (note.time/music.resolution, note.duration/music.resolution) for note in music.tracks[0].notes}
def by_partitura():
    rows = partitura.load_musicxml('tune.musicxml').note_array()
    return {row['pitch']: (row['onset_quarter'], row['duration_quarter']) for row in rows}
def by_music21():
    score = converter.parse('tune.musicxml')
    return {pitch.midi: (note.getOffsetInHierarchy(score), note.quarterLength) for note in score.recurse().notes for pitch in note.pitches}
def by_verovio():
    engine = verovio.toolkit()
    engine.loadFile('tune.musicxml')
    score = symusic.Score.from_midi(base64.b64decode(engine.renderToMIDI()))
    return {n.pitch: (n.time/score.ticks_per_quarter, n.duration/score.ticks_per_quarter) for n in score.tracks[0].notes}
for name, read in dict(muspy=by_muspy, partitura=by_partitura, music21=by_music21, verovio=by_verovio).items():
    notes = read()
    print(f'{name}: E lasts {notes[64][1]:.1g}, D at {notes[62][0]:.1g}')
PY
env/bin/python look.py | tee seen
cat > described <<'TXT'
muspy: E lasts 2, D at 2
partitura: E lasts 4, D at 4
music21: E lasts 4, D at 4
verovio: E lasts 4, D at 4
TXT
cmp described seen || { echo 'no longer as described'; exit 1; }
