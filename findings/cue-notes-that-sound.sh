#!/bin/sh
# Seen with music21 10.5.1, partitura 1.9.0, verovio 6.4.1, muspy 0.5.0 and symusic 0.6.0 (Python 3.11, Linux).
#
# A <cue/> note of MusicXML shows a player what another part has just then. The format says that it is silent: a small note
# that sounds is written with <type size="cue">. Of four readers muspy leaves it silent. The other three play it, so that
# the notes of the other part are heard twice, or a bar that a part counts through is not silent.
#
# Output seen:
#   music21: 60 79
#   partitura: 60 79
#   verovio: 60 79
#   muspy: 60
set -e
unset PYTHONPATH
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT; cd "$folder"
python3 -m venv env && env/bin/python -m pip install -q music21==10.5.1 partitura==1.9.0 verovio==6.4.1 muspy==0.5.0 symusic==0.6.0 "setuptools<81"
cat > tune.musicxml <<'XML'
<?xml version="1.0" encoding="UTF-8"?>
<score-partwise version="4.0"><part-list><score-part id="P1"><part-name>a</part-name></score-part></part-list><part id="P1">
  <measure number="1">
    <attributes><divisions>1</divisions><time><beats>4</beats><beat-type>4</beat-type></time></attributes>
    <note><pitch><step>C</step><octave>4</octave></pitch><duration>2</duration><type>half</type></note>
    <note><cue/><pitch><step>G</step><octave>5</octave></pitch><duration>2</duration><type>half</type></note>
  </measure>
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
def by_music21(): return [note.pitch.midi for note in converter.parse('tune.musicxml').recurse().notes]
def by_partitura(): return partitura.load_musicxml('tune.musicxml').note_array()['pitch']
def by_muspy(): return [note.pitch for note in muspy.read_musicxml('tune.musicxml').tracks[0].notes]
def by_verovio():
    engine = verovio.toolkit()
    engine.loadFile('tune.musicxml')
    return [note.pitch for note in symusic.Score.from_midi(base64.b64decode(engine.renderToMIDI())).tracks[0].notes]
for name, read in dict(music21=by_music21, partitura=by_partitura, verovio=by_verovio, muspy=by_muspy).items():
    print(f'{name}:', *read())
PY
env/bin/python look.py | tee seen
cat > described <<'TXT'
music21: 60 79
partitura: 60 79
verovio: 60 79
muspy: 60
TXT
cmp described seen || { echo 'no longer as described'; exit 1; }
