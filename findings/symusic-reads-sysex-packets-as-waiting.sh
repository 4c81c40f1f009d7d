#!/bin/sh
# Seen with symusic 0.6.0 and mido 1.3.3 (Python 3.11, Linux).
#
# A MIDI file may send a system-exclusive message in packets: F0, a length and data, and after a wait F7, a length and the rest.
# F7 may also stand alone, as an "escape" that carries any bytes. symusic does not take the data of an F7 event as data: their
# bytes are read as further delta times. Notes behind it sound later than they are written, and no error is raised.
#
# Here: F0 with 3 bytes at tick 0; F7 with 2 bytes at tick 16; a note at tick 16. And: F7 with 2 bytes, a note at tick 0.
#
# Output seen:
#   in two packets: written at 16, mido 16, symusic 19
#   an escape:      written at 0, mido 0, symusic 5
set -e
unset PYTHONPATH
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT; cd "$folder"
python3 -m venv env && env/bin/python -m pip install -q symusic==0.6.0 mido==1.3.3
cat > look.py <<'PY'
import io
import mido
import symusic
NOTE_AND_END = '00903c50 8360803c40 00ff2f00'
def file(events):
    track = bytes.fromhex(events + NOTE_AND_END)
    return bytes.fromhex('4d546864 00000006 0001 0001 01e0 4d54726b') + len(track).to_bytes(4, 'big') + track
def of_mido(data):
    now = 0
    for message in mido.MidiFile(file=io.BytesIO(data)).tracks[0]:
        now += message.time
        if message.type == 'note_on': return now
def of_symusic(data): return symusic.Score.from_midi(data).tracks[0].notes[0].time
for name, written, events in (('in two packets:', 16, '00f003430102 10f70201f7'), ('an escape:     ', 0, '00f7020102')):
    print(name, f'written at {written}, mido {of_mido(file(events))}, symusic {of_symusic(file(events))}')
PY
env/bin/python look.py | tee seen
cat > described <<'TXT'
in two packets: written at 16, mido 16, symusic 19
an escape:      written at 0, mido 0, symusic 5
TXT
cmp described seen || { echo 'no longer as described'; exit 1; }
