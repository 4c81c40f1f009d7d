/* The network: fetched with its runtime, both checked, and read one letter at a time. */

const RUNTIME = 'vendor/onnxruntime-web/', BINARY = `${RUNTIME}ort-wasm-simd-threaded.wasm`, NETWORK = 'char-gpt.onnx';
const fetched = new Map(); // whole files stay here, so that a second try fetches only what was missing
const TOO_OLD = 'This browser has no WebAssembly with SIMD, in which the model runs; any browser made since 2023 has it.';
let tries = 0;

// What went wrong, as a sentence for the reader.
export class Trouble extends Error {}

const address = name => new URL(name, import.meta.url);

const ask = async name => {
  const response = await fetch(address(name), { cache: tries ? 'reload' : 'default' }).catch(() => null); // a second try trusts no copy
  if (!response) throw new Trouble(`${name} could not be fetched: is there a network?`);
  if (!response.ok) throw new Trouble(`${name} could not be fetched: the server answered ${response.status}.`);
  return response;
};

const isWhole = async (bytes, sha256) => {
  if (!globalThis.crypto?.subtle) return true; // an address without https
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return sha256 === [...digest].map(byte => byte.toString(16).padStart(2, '0')).join('');
};

// A file of known size, piece by piece.
const fetchFile = async (name, { bytes, sha256 }, report) => {
  if (fetched.has(name)) return report(name, bytes);
  const reader = (await ask(name)).body.getReader(), data = new Uint8Array(bytes);
  let have = 0;
  for (;;) {
    const { done, value } = await reader.read().catch(() => { throw new Trouble(`${name} broke off after ${have} bytes.`); });
    if (done) break;
    if (have + value.length <= bytes) data.set(value, have);
    have += value.length;
    report(name, have);
  }
  if (have !== bytes || !await isWhole(data, sha256)) throw new Trouble(`${name} is not the file it should be: ${have} bytes came.`);
  fetched.set(name, data);
};

const fetchAll = async (files, progress) => {
  const have = {}, whole = Object.values(files).reduce((sum, file) => sum + file.bytes, 0);
  const report = (name, bytes) => {
    have[name] = bytes;
    progress(Object.values(have).reduce((sum, part) => sum + part, 0), whole);
  };
  const ends = await Promise.allSettled(Object.entries(files).map(([name, file]) => fetchFile(name, file, report)));
  for (const { reason } of ends) if (reason) throw reason; // what came whole is kept for the next try
};

const start = async () => {
  const again = tries ? `?${tries}` : ''; // a module that failed once is not asked for again under the same name
  const runtime = await import(`./${RUNTIME}ort.wasm.bundle.min.mjs${again}`).catch(() => {
    throw new Trouble('The runtime, ort.wasm.bundle.min.mjs, could not be fetched.');
  });
  runtime.env.logLevel = 'error';
  Object.assign(runtime.env.wasm, { numThreads: 1, wasmBinary: fetched.get(BINARY) }); // one thread: no special headers are needed
  return runtime;
};

// The model, ready to read; `progress(bytes, of)` is told how far it is.
export const load = async progress => {
  if (typeof WebAssembly !== 'object') throw new Trouble(TOO_OLD);
  try {
    const record = await (await ask('model.json')).json().catch(() => { throw new Trouble('model.json is not the file it should be.'); });
    await fetchAll(record.files, progress);
    const runtime = await start();
    const session = await runtime.InferenceSession.create(fetched.get(NETWORK), { executionProviders: ['wasm'], logSeverityLevel: 3 });
    return new Model(runtime, session, record);
  } catch (error) {
    tries += 1;
    throw error instanceof Trouble ? error : /SIMD/.test(error.message) ? new Trouble(TOO_OLD) : new Trouble(`The model could not be started (${error.message}).`);
  }
};

class Model {
  constructor(runtime, session, record) {
    Object.assign(this, record, { Tensor: runtime.Tensor, session });
    this.ids = new Map(this.vocabulary.map((symbol, id) => [symbol, id]));
  }

  empty() {
    return new this.Tensor('float32', [], [2 * this.layers, 1, this.heads, 0, this.width / this.heads]);
  }

  reader() { return new Reader(this); }
}

// Logits after each letter, through a window that slides by half a context when it is full, as melodynb.sample has it.
class Reader {
  constructor(model) { Object.assign(this, { model, ids: [], past: model.empty() }); }

  // Reads ids behind what was read before; for each of them the logits of what follows.
  async read(ids) {
    this.ids.push(...ids);
    if (this.ids.length > this.model.context) {
      this.ids = ids = this.ids.slice(-this.model.context / 2);
      this.past = this.model.empty();
    }
    const fresh = new this.model.Tensor('int64', BigInt64Array.from(ids, BigInt), [1, ids.length]);
    const { logits, present } = await this.model.session.run({ ids: fresh, past: this.past });
    this.past = present;
    const size = this.model.vocabulary.length;
    return ids.map((_, place) => logits.data.slice(place * size, (place + 1) * size));
  }
}
