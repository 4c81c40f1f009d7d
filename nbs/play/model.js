/* The networks, from the page's side: fetched, checked, handed to the worker, and asked there. */

const fetched = new Map(); // whole files stay here, so that a second try fetches only what was missing
const models = new Map();
let tries = 0,
  record = null,
  office = null;

// What went wrong, as a sentence for the reader.
export class Trouble extends Error {}

const address = name => new URL(name, import.meta.url);

const ask = async name => {
  // A second try trusts no copy.
  const response = await fetch(address(name), { cache: tries ? 'reload' : 'default' }).catch(() => null);
  if (!response) throw new Trouble(`${name} could not be fetched: is there a network?`);
  if (!response.ok)
    throw new Trouble(`${name} could not be fetched: the server answered ${response.status}.`);
  return response;
};

const isWhole = async (bytes, sha256) => {
  if (!globalThis.crypto?.subtle) return true; // an address without https
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return sha256 === [...digest].map(byte => byte.toString(16).padStart(2, '0')).join('');
};

// A file of known size, piece by piece.
const fetchFile = async ({ name, bytes, sha256 }, report) => {
  if (fetched.has(name)) return fetched.get(name);
  report(0, bytes);
  const reader = (await ask(name)).body.getReader(),
    data = new Uint8Array(bytes);
  let have = 0;
  for (;;) {
    const { done, value } = await reader.read().catch(() => {
      throw new Trouble(`${name} broke off after ${have} bytes.`);
    });
    if (done) break;
    if (have + value.length <= bytes) data.set(value, have);
    have += value.length;
    report(have, bytes);
  }
  if (have !== bytes || !(await isWhole(data, sha256)))
    throw new Trouble(`${name} is not the file it should be: ${have} bytes came.`);
  fetched.set(name, data);
  return data;
};

// The worker, and who waits for which answer.
class Office {
  constructor() {
    Object.assign(this, { calls: 0, waiting: new Map() });
    this.ready = new Promise((resolve, reject) => {
      if (typeof Worker !== 'function')
        throw new Trouble(
          'This browser has no workers, in which the model runs; any browser made since 2023 has them.',
        );
      // What failed once is not asked for again under the same name.
      this.worker = new Worker(address(tries ? `worker.js?${tries}` : 'worker.js'), { type: 'module' });
      this.worker.onerror = event => {
        event.preventDefault();
        reject(
          new Trouble(
            'worker.js, or network.js which it needs, could not be started: ' +
              'it did not come whole, or this browser is older than 2023.',
          ),
        );
      };
      this.worker.onmessage = ({ data }) => (data.ready ? resolve() : this.answer(data));
    });
  }

  answer({ call, answer, fault }) {
    const { resolve, reject } = this.waiting.get(call);
    this.waiting.delete(call);
    if (fault) reject(new Error(fault));
    else resolve(answer);
  }

  ask(act, told) {
    const call = (this.calls += 1);
    return new Promise((resolve, reject) => {
      this.waiting.set(call, { resolve, reject });
      this.worker.postMessage({ call, act, ...told });
    });
  }
}

// A model, ready to read; `progress(bytes, of)` is told how far it is.
export const load = async (name, progress) => {
  if (models.has(name)) return models.get(name);
  try {
    record ||= await (await ask('model.json')).json().catch(() => {
      throw new Trouble('model.json is not the file it should be.');
    });
    office ||= new Office();
    const [data, ready] = await Promise.allSettled([fetchFile(record[name].file, progress), office.ready]);
    if (ready.reason) office = null;
    for (const { reason } of [data, ready]) if (reason) throw reason;
    await office.ask('load', { name, sizes: record[name], bytes: data.value });
    models.set(name, new Model(name, record[name]));
    return models.get(name);
  } catch (error) {
    tries += 1;
    throw error instanceof Trouble
      ? error
      : new Trouble(`The model could not be started (${error.message}).`);
  }
};

// The file of a model that is here.
export const fileOf = name => ({ name: record[name].file.name, bytes: fetched.get(record[name].file.name) });

class Model {
  constructor(name, told) {
    Object.assign(this, told, { name, ids: new Map(told.vocabulary.map((symbol, id) => [symbol, id])) });
  }
  reader() {
    return new Reader(this.name);
  }
}

// One piece as the worker reads it: see network.js.
let readers = 0;
class Reader {
  constructor(name) {
    this.number = readers += 1;
    office.ask('open', { name, reader: this.number });
  }

  read(ids, last = false) {
    return office.ask('read', { reader: this.number, ids, last });
  } // for each id the logits of what follows
  afresh(ids) {
    return office.ask('afresh', { reader: this.number, ids });
  } // the logits after a whole piece
  window(ids) {
    return office.ask('window', { reader: this.number, ids });
  }
}
