#!/bin/sh
# Seen with abcjs 6.7.2 and midi-file 1.2.4 (Node.js 20.20.2, Linux).
#
# abcjs makes a MIDI file of a tune. Under a staccato dot, one would guess, a note is shorter. In the file its note-off
# stands *before* its note-on, at the same tick, and no other follows: readers that pair the two find no note, and a
# synthesizer that plays the file as it stands holds the note to the end. Without the dot the two are a quarter apart.
#
# Output seen:
#   C D2: on 60 at 0, off 60 at 480, on 62 at 480, off 62 at 1440
#   .C D2: off 60 at 0, on 60 at 0, on 62 at 480, off 62 at 1440
set -e
unset PYTHONPATH
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT; cd "$folder"
npm init -y > /dev/null
npm install --silent --no-audit --no-fund abcjs@6.7.2 midi-file@1.2.4
cat > look.cjs <<'JS'
const abcjs = require('abcjs')
const { parseMidi } = require('midi-file')
for (const music of ['C D2', '.C D2']) {
  const file = abcjs.synth.getMidiFile(`X:1\nT:a\nM:3/4\nL:1/4\nQ:1/4=120\nK:C\n${music}|]\n`, { midiOutputType: 'binary' })
  let now = 0
  const told = []
  for (const event of parseMidi(Buffer.from(file[0] ?? file)).tracks.at(-1)) {
    now += event.deltaTime
    if (event.type.startsWith('note')) told.push(`${event.type.slice(4).toLowerCase()} ${event.noteNumber} at ${now}`)
  }
  console.log(`${music}: ${told.join(', ')}`)
}
JS
node look.cjs | tee seen
cat > described <<'TXT'
C D2: on 60 at 0, off 60 at 480, on 62 at 480, off 62 at 1440
.C D2: off 60 at 0, on 60 at 0, on 62 at 480, off 62 at 1440
TXT
cmp described seen || { echo 'no longer as described'; exit 1; }
