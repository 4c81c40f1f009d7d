#!/bin/sh
# Seen with abcjs 6.7.2 and midi-file 1.2.4 (Node.js 20.20.2, Linux).
#
# A MIDI file keeps beats and tempo apart: where a tune slows down, a tempo event follows and a quarter stays a quarter.
# The file that abcjs makes has one tempo, that of the beginning, and writes what is slower as longer: at half the tempo a
# bar of four quarters takes eight. It sounds right; bars, beats and note values that are read from the file are not those
# of the tune.
#
# Output seen:
#   one tempo: 120 a minute; quarters at 0 1 2 3 4 5 6 7
#   [Q:1/4=60] at the second bar: 120 a minute; quarters at 0 1 2 3 4 6 8 10
set -e
unset PYTHONPATH
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT; cd "$folder"
npm init -y > /dev/null
npm install --silent --no-audit --no-fund abcjs@6.7.2 midi-file@1.2.4
cat > look.cjs <<'JS'
const abcjs = require('abcjs')
const { parseMidi } = require('midi-file')
for (const [name, change] of [['one tempo', ''], ['[Q:1/4=60] at the second bar', '[Q:1/4=60]']]) {
  const tune = `X:1\nT:a\nM:4/4\nL:1/4\nQ:1/4=120\nK:C\nCDEF|${change}GABc|]\n`
  const file = abcjs.synth.getMidiFile(tune, { midiOutputType: 'binary' })
  const { header, tracks } = parseMidi(Buffer.from(file[0] ?? file))
  const tempos = tracks.flat().filter(event => event.type === 'setTempo').map(event => `${Math.round(60e6/event.microsecondsPerBeat)} a minute`)
  let now = 0
  const starts = []
  for (const event of tracks.at(-1)) {
    now += event.deltaTime
    if (event.type === 'noteOn') starts.push(now/header.ticksPerBeat)
  }
  console.log(`${name}: ${tempos.join(', ')}; quarters at ${starts.join(' ')}`)
}
JS
node look.cjs | tee seen
cat > described <<'TXT'
one tempo: 120 a minute; quarters at 0 1 2 3 4 5 6 7
[Q:1/4=60] at the second bar: 120 a minute; quarters at 0 1 2 3 4 6 8 10
TXT
cmp described seen || { echo 'no longer as described'; exit 1; }
