// Reads each MusicXML file that is named, with MuseScore's engine, and writes what it understood beside it:
// NAME.reread.musicxml. One process a file is safest: an engine that stumbles takes no other file with it.
delete globalThis.fetch // the engine would ask it for a file on the disk, which it refuses
const { readFileSync, writeFileSync } = require('node:fs')
const { createRequire } = require('node:module')
const [folder, path] = process.argv.slice(2)
const engine = createRequire(`${folder}/`)('webmscore')

async function reread() {
  await engine.ready
  const score = await engine.load('xml', new Uint8Array(readFileSync(path)))
  writeFileSync(path.replace(/\.musicxml$/, '.reread.musicxml'), await score.saveXml())
}

reread().then(() => process.exit(0), error => { console.error(error); process.exit(1) })
