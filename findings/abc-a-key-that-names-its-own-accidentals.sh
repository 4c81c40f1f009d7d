#!/bin/sh
# Seen with abcjs 6.7.2, midi-file 1.2.4, verovio 6.4.1, music21 10.5.1 and symusic 0.6.0 (Python 3.11, Node.js 20.20.2, Linux).
#
# ABC writes a key of one's own by its accidentals: K:Amin ^g is A minor with every G sharp, and after the word exp nothing
# holds but what is written: K:D exp _b^f has B flat and F sharp, and no C sharp.
#
# abcjs reads the first, and leaves the C sharp of D major in the second. verovio and music21 read the tonic and pass over
# the rest: A minor with G natural, and D major with B natural. None of the three reads both keys right.
#
# Output seen:
#   K:Amin ^g, G A: 68 69 is right; abcjs 68 69, verovio 67 69, music21 67 69
#   K:D exp _b^f, B C F: 70 60 66 is right; abcjs 70 61 66, verovio 71 61 66, music21 71 61 66
set -e
unset PYTHONPATH
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT; cd "$folder"
python3 -m venv env && env/bin/python -m pip install -q verovio==6.4.1 music21==10.5.1 symusic==0.6.0
npm init -y > /dev/null
npm install --silent --no-audit --no-fund abcjs@6.7.2 midi-file@1.2.4
cat > look.cjs <<'JS'
const abcjs = require('abcjs')
const { parseMidi } = require('midi-file')
const file = abcjs.synth.getMidiFile(process.argv[2], { midiOutputType: 'binary' })
const events = parseMidi(Buffer.from(file[0] ?? file)).tracks.at(-1)
console.log(events.filter(event => event.type === 'noteOn').map(event => event.noteNumber).join(' '))
JS
cat > look.py <<'PY'
import base64
import subprocess
import symusic
import verovio
from music21 import converter
def by_abcjs(tune): return subprocess.run(['node', 'look.cjs', tune], capture_output=True, text=True, check=True).stdout.split()
def by_music21(tune): return [note.pitch.midi for note in converter.parse(tune, format='abc').recurse().notes]
def by_verovio(tune):
    engine = verovio.toolkit()
    engine.setInputFrom('abc')
    engine.loadData(tune)
    return [note.pitch for note in symusic.Score.from_midi(base64.b64decode(engine.renderToMIDI())).tracks[0].notes]
for key, music, right in (('Amin ^g', 'G A', '68 69'), ('D exp _b^f', 'B C F', '70 60 66')):
    tune = f'%abc-2.1\nX:1\nT:a\nM:3/4\nL:1/4\nK:{key}\n{music}|]\n'
    readers = dict(abcjs=by_abcjs, verovio=by_verovio, music21=by_music21)
    told = ', '.join(f'{name} {" ".join(map(str, read(tune)))}' for name, read in readers.items())
    print(f'K:{key}, {music}: {right} is right; {told}')
PY
env/bin/python look.py | tee seen
cat > described <<'TXT'
K:Amin ^g, G A: 68 69 is right; abcjs 68 69, verovio 67 69, music21 67 69
K:D exp _b^f, B C F: 70 60 66 is right; abcjs 70 61 66, verovio 71 61 66, music21 71 61 66
TXT
cmp described seen || { echo 'no longer as described'; exit 1; }
