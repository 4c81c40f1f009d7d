#!/bin/sh
# Seen with partitura 1.9.0, music21 10.5.1, symusic 0.6.0, muspy 0.5.0, mido 1.3.3 (Python 3.11, Linux).
#
# A note repeated at once: the second note-on stands in the file before the note-off that ends the first, both at the same
# tick. MIDI gives events of one tick no other order than that of the file, and many programs write them so.
#
# symusic and muspy read two notes of one quarter. partitura forgets the first, and its one note has no length. music21
# keeps both, the second without a length. Where the note-off stands first, all four agree.
#
# Output seen:
#   off, then on: symusic 0+1 1+1, muspy 0+1 1+1, partitura 0+1 1+1, music21 0+1 1+1
#   on, then off: symusic 0+1 1+1, muspy 0+1 1+1, partitura 1+0, music21 0+1 1+0
set -e
unset PYTHONPATH
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT; cd "$folder"
python3 -m venv env && env/bin/python -m pip install -q partitura==1.9.0 music21==10.5.1 symusic==0.6.0 muspy==0.5.0 mido==1.3.3 "setuptools<81"
cat > look.py <<'PY'
import warnings
warnings.simplefilter('ignore')
import mido
import muspy
import partitura
import symusic
from music21 import converter
def on(time=0): return mido.Message('note_on', note=60, velocity=64, time=time)
def off(time=0): return mido.Message('note_off', note=60, time=time)
FILES = {'off, then on': [on(), off(480), on(), off(480)], 'on, then off': [on(), on(480), off(), off(480)]}
def by_symusic():
    return [(note.time/480, note.duration/480) for note in symusic.Score('tune.mid').tracks[0].notes]
def by_muspy():
    music = muspy.read_midi('tune.mid')
    return [(note.time/music.resolution, note.duration/music.resolution) for note in music.tracks[0].notes]
def by_partitura(): # half a second a quarter
    return [(2*row['onset_sec'], 2*row['duration_sec']) for row in partitura.load_performance_midi('tune.mid').note_array()]
def by_music21():
    score = converter.parse('tune.mid')
    return [(note.getOffsetInHierarchy(score), note.quarterLength) for note in score.recurse().notes]
for name, track in FILES.items():
    file = mido.MidiFile(tracks=[mido.MidiTrack(track)])
    file.save('tune.mid')
    readers = dict(symusic=by_symusic, muspy=by_muspy, partitura=by_partitura, music21=by_music21)
    found = {reader: ' '.join(f'{start:.1g}+{length:.1g}' for start, length in read()) for reader, read in readers.items()}
    print(f'{name}:', ', '.join(f'{reader} {told}' for reader, told in found.items()))
PY
env/bin/python look.py | tee seen
cat > described <<'TXT'
off, then on: symusic 0+1 1+1, muspy 0+1 1+1, partitura 0+1 1+1, music21 0+1 1+1
on, then off: symusic 0+1 1+1, muspy 0+1 1+1, partitura 1+0, music21 0+1 1+0
TXT
cmp described seen || { echo 'no longer as described'; exit 1; }
