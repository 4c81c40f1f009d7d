#!/bin/sh
# Seen with pypianoroll 1.0.4, pretty_midi 0.2.11, mido 1.3.3 (Python 3.11, Linux).
#
# pypianoroll says that its resolution is in time steps per quarter note. What it reads from a MIDI file is in steps per
# *beat* as pretty_midi counts beats, and in 6/8 that beat is a dotted quarter. With 24 steps, an eighth lasts 12 in 4/4
# and 8 in 6/8, with nothing in the object that says which: two files of the same notes give rolls of different lengths.
#
# Output seen:
#   4/4: 24 steps a quarter, an eighth lasts 12 steps, twelve of them 144
#   6/8: 24 steps a quarter, an eighth lasts 8 steps, twelve of them 96
set -e
unset PYTHONPATH
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT; cd "$folder"
python3 -m venv env && env/bin/python -m pip install -q pypianoroll==1.0.4 pretty_midi==0.2.11 mido==1.3.3 "setuptools<81"
cat > look.py <<'PY'
import warnings
warnings.simplefilter('ignore')
import mido
import pypianoroll
EIGHTHS = [mido.Message(kind, note=60 + n, time=time) for n in range(12) for kind, time in (('note_on', 0), ('note_off', 240))]
for over, under in ((4, 4), (6, 8)):
    meter = mido.MetaMessage('time_signature', numerator=over, denominator=under)
    file = mido.MidiFile(tracks=[mido.MidiTrack([meter, *EIGHTHS])])
    file.save('tune.mid')
    music = pypianoroll.read('tune.mid')
    roll = music.tracks[0].pianoroll > 0
    print(f'{over}/{under}: {music.resolution} steps a quarter, an eighth lasts {roll[:, 61].sum()} steps, twelve of them {roll.any(1).sum()}')
PY
env/bin/python look.py | tee seen
cat > described <<'TXT'
4/4: 24 steps a quarter, an eighth lasts 12 steps, twelve of them 144
6/8: 24 steps a quarter, an eighth lasts 8 steps, twelve of them 96
TXT
cmp described seen || { echo 'no longer as described'; exit 1; }
