#!/bin/sh
# Seen with abcjs 6.7.2, midi-file 1.2.4, verovio 6.4.1, music21 10.5.1 and symusic 0.6.0 (Python 3.11, Node.js 20.20.2, Linux).
#
# In ABC |:: and ::| enclose what is played three times, |: and :| what is played twice. None of three readers counts the
# colons: abcjs, verovio and music21 play both kinds twice.
#
# Output seen:
#   |:C4|E4:|D4|C4: abcjs CECEDC, verovio CECEDC, music21 CECEDC
#   |::C4|E4::|D4|C4: abcjs CECEDC, verovio CECEDC, music21 CECEDC
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
def by_abcjs(tune): return map(int, subprocess.run(['node', 'look.cjs', tune], capture_output=True, text=True, check=True).stdout.split())
def by_music21(tune): return [note.pitch.midi for note in converter.parse(tune, format='abc').expandRepeats().recurse().notes]
def by_verovio(tune):
    engine = verovio.toolkit()
    engine.setInputFrom('abc')
    engine.loadData(tune)
    return [note.pitch for note in symusic.Score.from_midi(base64.b64decode(engine.renderToMIDI())).tracks[0].notes]
for music in ('|:C4|E4:|D4|C4', '|::C4|E4::|D4|C4'):
    tune = f'%abc-2.1\nX:1\nT:a\nM:4/4\nL:1/4\nK:C\n{music}|]\n'
    readers = dict(abcjs=by_abcjs, verovio=by_verovio, music21=by_music21)
    print(f'{music}:', ', '.join(f'{name} {"".join("C.D.E"[pitch - 60] for pitch in read(tune))}' for name, read in readers.items()))
PY
env/bin/python look.py | tee seen
cat > described <<'TXT'
|:C4|E4:|D4|C4: abcjs CECEDC, verovio CECEDC, music21 CECEDC
|::C4|E4::|D4|C4: abcjs CECEDC, verovio CECEDC, music21 CECEDC
TXT
cmp described seen || { echo 'no longer as described'; exit 1; }
