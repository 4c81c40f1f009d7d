#!/bin/sh
# Seen with webmscore 1.2.1 on Node.js 20.20.2 (Linux).
#
# The engine of MuseScore, compiled for browsers and for Node.js, reads its own .wasm file from the disk, unless the global
# function `fetch` exists: then it fetches it, by a path of the disk. That was right while Node.js had no `fetch`. Since
# version 18 it has one, which takes addresses and refuses paths, and the package cannot be loaded by `require`. Without the
# global function the same program works: `delete globalThis.fetch` before the first `require`, or `node --no-experimental-fetch`.
#
# Output seen:
#   as it comes: ERR_INVALID_URL
#   without fetch: ready
set -e
unset PYTHONPATH
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT; cd "$folder"
npm init -y > /dev/null
npm install --silent --no-audit --no-fund webmscore@1.2.1
cat > look.cjs <<'JS'
const ended = text => { console.log(text); process.exit(0) }
for (const kind of ['uncaughtException', 'unhandledRejection']) process.on(kind, error => ended(error.code || error.cause?.code || String(error)))
require('webmscore').ready.then(() => ended('ready'))
JS
printf 'as it comes: %s\n' "$(node look.cjs)" | tee seen
printf 'without fetch: %s\n' "$(node --no-experimental-fetch look.cjs)" | tee -a seen
printf 'as it comes: ERR_INVALID_URL\nwithout fetch: ready\n' | cmp - seen || { echo 'no longer as described'; exit 1; }
