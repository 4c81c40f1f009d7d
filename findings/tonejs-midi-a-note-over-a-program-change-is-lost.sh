#!/bin/sh
# Seen with @tonejs/midi 2.0.28 (Node.js 20.20.2, Linux).
#
# A program change of MIDI holds for the notes that begin after it; one that sounds already goes on with its own sound
# until its note-off. @tonejs/midi sorts the events of a track by program before it looks for what ends each note. A note
# that begins under one program and ends under another finds no end there, and is not in the music at all, without a word.
#
# Output seen:
#   no change: 60 from 0 for 480, 62 from 240 for 480
#   a change at 240: 62 from 240 for 480
set -e
unset PYTHONPATH
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT; cd "$folder"
npm init -y > /dev/null
npm install --silent --no-audit --no-fund @tonejs/midi@2.0.28
cat > look.cjs <<'JS'
const { Midi } = require('@tonejs/midi')
const track = change => {
  const events = Buffer.from(`00c000 00903c40 ${change}903e40 8170803c40 8170803e40 00ff2f00`.replaceAll(' ', ''), 'hex')
  return Buffer.concat([Buffer.from('4d546864000000060000000101e04d54726b000000', 'hex'), Buffer.from([events.length]), events])
}
for (const [name, change] of [['no change', '8170'], ['a change at 240', '8170c02800']]) {
  const notes = new Midi(track(change)).tracks.flatMap(each => each.notes)
  console.log(`${name}: ` + notes.map(note => `${note.midi} from ${note.ticks} for ${note.durationTicks}`).join(', '))
}
JS
node look.cjs | tee seen
cat > described <<'TXT'
no change: 60 from 0 for 480, 62 from 240 for 480
a change at 240: 62 from 240 for 480
TXT
cmp described seen || { echo 'no longer as described'; exit 1; }
