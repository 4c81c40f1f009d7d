#!/bin/sh
# Seen with @tonejs/midi 2.0.28 (Node.js 20.20.2, Linux).
#
# The key signature of a MIDI file is a number of sharps or flats, and a byte that says major or minor. @tonejs/midi gives
# the two as `key` and `scale`. The name is always that of the major key: three flats and minor, which is C minor, becomes
# the key "Eb" of the scale "minor", and no sharp and minor, A minor, becomes "C" "minor". A file that it writes holds what
# was read.
#
# Output seen:
#   C minor: key Eb, scale minor
#   A minor: key C, scale minor
#   Eb major: key Eb, scale major
set -e
unset PYTHONPATH
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT; cd "$folder"
npm init -y > /dev/null
npm install --silent --no-audit --no-fund @tonejs/midi@2.0.28
cat > look.cjs <<'JS'
const { Midi } = require('@tonejs/midi')
const file = (flats, minor) => Buffer.concat([Buffer.from('4d546864000000060000000101e04d54726b0000000a00ff5902', 'hex'),
  Buffer.from([256 - flats & 255, minor]), Buffer.from('00ff2f00', 'hex')])
for (const [name, flats, minor] of [['C minor', 3, 1], ['A minor', 0, 1], ['Eb major', 3, 0]]) {
  const { key, scale } = new Midi(file(flats, minor)).header.keySignatures[0]
  console.log(`${name}: key ${key}, scale ${scale}`)
}
JS
node look.cjs | tee seen
cat > described <<'TXT'
C minor: key Eb, scale minor
A minor: key C, scale minor
Eb major: key Eb, scale major
TXT
cmp described seen || { echo 'no longer as described'; exit 1; }
