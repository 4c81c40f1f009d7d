#!/bin/sh
# Seen with symusic 0.6.0, mido 1.3.3 and pretty_midi 0.2.11 (Python 3.11, Linux).
#
# The MIDI file format left two doors open for later versions: a header may be longer than 6 bytes, and chunks of an unknown
# kind may stand between those that one knows. A reader is to pass over both. Each of these readers takes one door and refuses
# the other: symusic will not read a header of 10 bytes, mido (and pretty_midi, which reads through it) no file with an
# unknown chunk before its track.
#
# Output seen:
#   a header of 10 bytes: symusic RuntimeError, mido 1 note, pretty_midi 1 note
#   an unknown chunk: symusic 1 note, mido OSError, pretty_midi OSError
set -e
unset PYTHONPATH
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT; cd "$folder"
python3 -m venv env && env/bin/python -m pip install -q symusic==0.6.0 mido==1.3.3 pretty_midi==0.2.11 setuptools==80.9.0
cat > look.py <<'PY'
import io
import warnings
warnings.simplefilter('ignore')
import mido
import pretty_midi
import symusic
TRACK = bytes.fromhex('4d54726b 0000000d 00903c50 8360803c40 00ff2f00')
FILES = {'a header of 10 bytes': bytes.fromhex('4d546864 0000000a 0001 0001 01e0 00000000') + TRACK,
         'an unknown chunk': bytes.fromhex('4d546864 00000006 0001 0001 01e0 58464948 00000002 0000') + TRACK}
def of_mido(data): return sum(m.type == 'note_on' for m in mido.MidiFile(file=io.BytesIO(data)).tracks[0])
def of_pretty_midi(data): return len(pretty_midi.PrettyMIDI(io.BytesIO(data)).instruments[0].notes)
def of_symusic(data): return len(symusic.Score.from_midi(data).tracks[0].notes)
def told(read, data):
    try: return f'{read(data)} note'
    except Exception as error: return type(error).__name__
for name, data in FILES.items():
    readers = dict(symusic=of_symusic, mido=of_mido, pretty_midi=of_pretty_midi)
    print(f'{name}:', ', '.join(f'{reader} {told(read, data)}' for reader, read in readers.items()))
PY
env/bin/python look.py | tee seen
cat > described <<'TXT'
a header of 10 bytes: symusic RuntimeError, mido 1 note, pretty_midi 1 note
an unknown chunk: symusic 1 note, mido OSError, pretty_midi OSError
TXT
cmp described seen || { echo 'no longer as described'; exit 1; }
