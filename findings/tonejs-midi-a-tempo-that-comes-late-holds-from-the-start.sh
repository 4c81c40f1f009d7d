#!/bin/sh
# Seen with @tonejs/midi 2.0.28 and midi-file 1.2.4 (Node.js 20.20.2, Linux).
#
# Until its first tempo event a MIDI file is played at 120 quarters a minute. Where that event does not stand at the very
# beginning, @tonejs/midi lets its tempo hold for everything before it too: two quarters, with a tempo of 60 at the second,
# last 1 and 1 seconds, not .5 and 1. With a tempo of 120 written at the beginning the same file is read right.
#
# Output seen:
#   60 at the second quarter: notes at 0 and 1 s
#   120 at the first, 60 at the second: notes at 0 and 0.5 s
set -e
unset PYTHONPATH
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT; cd "$folder"
npm init -y > /dev/null
npm install --silent --no-audit --no-fund @tonejs/midi@2.0.28 midi-file@1.2.4
cat > look.cjs <<'JS'
const { Midi } = require('@tonejs/midi')
const { writeMidi } = require('midi-file')
const tempo = quarters => ({ deltaTime: 0, type: 'setTempo', microsecondsPerBeat: 60e6/quarters })
const note = key => [{ deltaTime: 0, type: 'noteOn', channel: 0, noteNumber: key, velocity: 64 },
                     { deltaTime: 480, type: 'noteOff', channel: 0, noteNumber: key, velocity: 64 }]
const END = { deltaTime: 0, type: 'endOfTrack' }
const FILES = { '60 at the second quarter': [...note(60), tempo(60), ...note(62), END],
                '120 at the first, 60 at the second': [tempo(120), ...note(60), tempo(60), ...note(62), END] }
for (const [name, events] of Object.entries(FILES)) {
  const bytes = writeMidi({ header: { format: 0, numTracks: 1, ticksPerBeat: 480 }, tracks: [events] })
  const [first, second] = new Midi(Buffer.from(bytes)).tracks[0].notes
  console.log(`${name}: notes at ${first.time} and ${second.time} s`)
}
JS
node look.cjs | tee seen
cat > described <<'TXT'
60 at the second quarter: notes at 0 and 1 s
120 at the first, 60 at the second: notes at 0 and 0.5 s
TXT
cmp described seen || { echo 'no longer as described'; exit 1; }
