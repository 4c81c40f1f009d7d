/* The networks of the course in plain JavaScript: weights as they are shipped, read one token at a time, all that was
read before kept as keys and values. Runs in a worker, and in Node.js for the tests. Nothing here touches the page. */

import { LOOPS } from './loops.js';

export const MOST_READERS = 4; // that a network has room for, of a few megabytes each

// Numbers of half precision, all 65,536 of them.
let halves = null;
const half = bits => {
  const sign = bits >>> 15 ? -1 : 1,
    exponent = (bits >>> 10) & 31,
    rest = bits & 1023;
  if (exponent === 31) return rest ? NaN : sign * Infinity;
  return exponent ? sign * 2 ** (exponent - 15) * (1 + rest / 1024) : (sign * 2 ** -14 * rest) / 1024;
};
const widened = (bytes, values) => {
  halves ||= Float32Array.from({ length: 65536 }, (_, bits) => half(bits));
  const bits = new Uint16Array(bytes);
  for (let i = 0; i < bits.length; i += 1) values[i] = halves[bits[i]];
  return values;
};

/* The tensors of a safetensors file, by name, each as one row of numbers; `take` gives room for so many numbers. */
export const readWeights = (bytes, take) => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength),
    size = Number(view.getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + size))),
    tensors = {};
  delete header.__metadata__;
  for (const [name, { dtype, data_offsets: edges }] of Object.entries(header)) {
    if (dtype !== 'F16') throw new Error(`${name} is ${dtype}, not of half precision`);
    const [from, until] = edges.map(edge => 8 + size + edge);
    tensors[name] = widened(bytes.slice(from, until).buffer, take((until - from) / 2));
  }
  return tensors;
};

// The loops in plain JavaScript, for browsers without WebAssembly, or whose WebAssembly takes one number at a time.

// Rows of weights times a vector, and a bias if there is one; four sums at once, which is what a processor likes.
const times = (weight, bias, x, out) => {
  const width = x.length;
  for (let row = 0, at = 0; row < out.length; row += 1, at += width) {
    let a = 0,
      b = 0,
      c = 0,
      d = 0;
    for (let i = 0; i < width; i += 4) {
      a += weight[at + i] * x[i];
      b += weight[at + i + 1] * x[i + 1];
      c += weight[at + i + 2] * x[i + 2];
      d += weight[at + i + 3] * x[i + 3];
    }
    out[row] = a + b + c + d + (bias ? bias[row] : 0);
  }
  return out;
};

// How well each of `count` keys answers a query: both are rows of `width`, of which `size` numbers from `first` on
// count.
const answers = (query, keys, out, { first, count, size, width }) => {
  for (let t = 0; t < count; t += 1) {
    let sum = 0;
    for (let i = first; i < first + size; i += 1) sum += query[i] * keys[t * width + i];
    out[t] = sum;
  }
};

// The sum of the values, each as far as its share goes.
const collect = (shares, values, out, { first, count, size, width }) => {
  out.fill(0, first, first + size);
  for (let t = 0; t < count; t += 1)
    for (let i = first; i < first + size; i += 1) out[i] += shares[t] * values[t * width + i];
};

/* Where numbers lie, and the loops over them: in one memory of `floats` numbers with the loops of data/loops.ts,
which are four times as fast; in arrays of their own where that cannot be had, or with `plain`. */
class Room {
  constructor(floats, plain) {
    Object.assign(this, { used: 16, times, answers, collect }); // place 0 means: no bias
    if (plain) return;
    try {
      const memory = new WebAssembly.Memory({ initial: Math.ceil((4 * floats) / 65536) }),
        code = Uint8Array.from(atob(LOOPS), letter => letter.charCodeAt(0));
      this.loops = new WebAssembly.Instance(new WebAssembly.Module(code), { env: { memory } }).exports;
      this.buffer = memory.buffer;
    } catch {
      return; // the plain loops do it, too
    }
    for (const name of ['times', 'answers', 'collect']) this[name] = this[`quick_${name}`];
  }

  // Room for so many numbers.
  take = count => {
    if (!this.buffer) return new Float32Array(count);
    const numbers = new Float32Array(this.buffer, 4 * this.used, count);
    this.used += 16 * Math.ceil(count / 16);
    return numbers;
  };

  quick_times(weight, bias, x, out) {
    this.loops.times(
      weight.byteOffset,
      bias?.byteOffset || 0,
      x.byteOffset,
      out.byteOffset,
      out.length,
      x.length,
    );
    return out;
  }

  quick_answers(query, keys, out, { first, count, size, width }) {
    const [from, of] = [query, keys].map(one => one.byteOffset + 4 * first);
    this.loops.answers(from, of, out.byteOffset, count, size, 4 * width);
  }

  quick_collect(shares, values, out, { first, count, size, width }) {
    const [from, to] = [values, out].map(one => one.byteOffset + 4 * first);
    this.loops.collect(shares.byteOffset, from, to, count, size, 4 * width);
  }
}

const normed = (x, gain, shift, out) => {
  let mean = 0,
    spread = 0;
  for (const value of x) mean += value / x.length;
  for (const value of x) spread += (value - mean) ** 2 / x.length;
  const scale = 1 / Math.sqrt(spread + 1e-5);
  for (let i = 0; i < x.length; i += 1) out[i] = (x[i] - mean) * scale * gain[i] + shift[i];
  return out;
};

// The error function, to 2e-7: Abramowitz and Stegun 1964, formula 7.1.26.
const erf = x => {
  const t = 1 / (1 + 0.3275911 * Math.abs(x));
  const sum =
    t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  return Math.sign(x) * (1 - sum * Math.exp(-x * x));
};
const BENDS = { relu: x => Math.max(0, x), gelu: x => 0.5 * x * (1 + erf(x * Math.SQRT1_2)) };

/* Where music is, as far as its tokens say: which bar, which step in it, which tonic; a filling stands where its
hole was. As melodynb.bar_transformer.read_places has it. */
class Place {
  constructor(facts, count) {
    Object.assign(this, { facts, count, bars: 0, gap: 0, back: 0, step: 0, tonic: 0 });
  }

  push(id) {
    const [begun, missing, fills, step, tonic] = [0, 1, 2, 3, 4].map(
      row => this.facts[row * this.count + id],
    );
    this.bars += begun + missing;
    if (missing > 0) this.gap = this.bars - missing;
    if (fills > 0) this.back = this.gap - this.bars;
    if (step >= 0) this.step = step;
    if (tonic >= 0) this.tonic = tonic;
  }

  get bar() {
    return this.bars + this.back;
  }
}

export class Network {
  // `sizes`: of the record that data/build_play.py writes; `bytes`: of the safetensors file; `plain`: without
  // WebAssembly.
  constructor(sizes, bytes, plain = false) {
    const { width, heads, layers, context, vocab_size } = sizes,
      shelf = 2 * layers * width * context,
      room = new Room(
        bytes.length / 2 + MOST_READERS * shelf + 16 * width + context + 4 * vocab_size + 65536,
        plain,
      );
    Object.assign(this, sizes, { room, weights: readWeights(bytes, room.take), size: width / heads });
    this.blocks = Array.from({ length: this.layers }, (_, layer) => this.block(`blocks.${layer}.`));
    this.bend = BENDS[this.activation];
    const wanted = { x: 1, y: 1, roles: 3, found: 1, wide: 4 };
    for (const name in wanted) this[name] = room.take(wanted[name] * width);
    this.scores = room.take(context);
    this.odds = room.take(this.weights['head.weight'].length / width);
    this.shelves = Array.from({ length: MOST_READERS }, () => ({}));
    this.readers = 0;
  }

  // Room for the keys and values of one reader; the one that had it so many readers ago has stopped.
  shelf(reader) {
    const { room, layers, width, context } = this,
      shelf = this.shelves[this.readers++ % MOST_READERS],
      rows = () => Array.from({ length: layers }, () => room.take(width * context));
    shelf.keys ||= rows();
    shelf.values ||= rows();
    return Object.assign(shelf, { reader });
  }

  block(prefix) {
    const names = Object.keys(this.weights).filter(name => name.startsWith(prefix));
    return Object.fromEntries(names.map(name => [name.slice(prefix.length), this.weights[name]]));
  }

  reader() {
    return new Reader(this);
  }

  // What is read on where all is too much: places in `ids`, as melodynb.sample.kept_places finds them.
  kept(ids, keep) {
    const newest = Array.from({ length: keep }, (_, i) => ids.length - keep + i);
    if (!this.weights.facts) return newest;
    const fact = (row, id) => this.weights.facts[row * this.vocab_size + id];
    const lines = [...ids.keys()].filter(place => fact(0, ids[place]));
    const first = lines.findIndex((line, number) => number && ids.length - line <= keep - 4);
    if (first < 0) return newest;
    const from = lines[first],
      bar = lines[first - 1];
    const key = [...Array(from).keys()].findLast(place => fact(4, ids[place]) >= 0);
    return [
      0,
      bar,
      bar + 1,
      ...(key === undefined ? [] : [key]),
      ...Array.from({ length: ids.length - from }, (_, i) => from + i),
    ];
  }
}

// One piece as a network reads it, through a window that slides when it is full.
export class Reader {
  constructor(network) {
    this.network = network;
    this.shelf = network.shelf(this);
    this.begin();
  }

  begin() {
    const { width, weights, vocab_size } = this.network;
    Object.assign(this, {
      ids: [],
      cos: new Float32Array(width),
      sin: new Float32Array(width),
    });
    this.place = weights.facts && new Place(weights.facts, vocab_size);
  }

  // Reads ids behind what was read before; for each of them the logits of what follows. Of many, `last` asks only
  // for the last.
  read(ids, last = false) {
    if (this.shelf.reader !== this) throw new Error('this piece was given up for newer ones');
    const { context } = this.network,
      all = [...this.ids, ...ids],
      asked = last ? 1 : ids.length;
    if (all.length > context) {
      ids = this.network.kept(all, context / 2).map(place => all[place]);
      this.begin();
    }
    const found = [];
    ids.forEach((id, number) => {
      this.step(id);
      if (!last || number === ids.length - 1) found.push(this.logits());
    });
    return found.slice(-asked);
  }

  // The logits after `ids` as a whole piece; of what was read before, the beginning that both share is not read
  // again.
  afresh(ids) {
    const old = this.ids,
      end = Math.min(old.length, ids.length - 1),
      shared = ids.findIndex((id, place) => place >= end || id !== old[place]);
    this.begin();
    for (const id of ids.slice(0, shared)) {
      this.ids.push(id);
      this.place?.push(id);
    }
    return this.read(ids.slice(shared), true)[0];
  }

  // What of a longer piece it reads before it goes on.
  window(ids) {
    const keep = Math.min(ids.length, this.network.context / 2);
    return keep < ids.length ? this.network.kept(ids, keep).map(place => ids[place]) : ids;
  }

  step(id) {
    const { x, weights, width } = this.network,
      number = this.ids.length;
    this.ids.push(id);
    this.place?.push(id);
    const row = this.place ? this.heard(id) : id;
    for (let i = 0; i < width; i += 1) x[i] = weights['tokens.weight'][row * width + i];
    if (weights['places.weight'])
      for (let i = 0; i < width; i += 1) x[i] += weights['places.weight'][number * width + i];
    if (weights['steps.weight'])
      for (let i = 0; i < width; i += 1) x[i] += weights['steps.weight'][this.place.step * width + i];
    if (this.place) this.angles(number);
    this.network.blocks.forEach((block, layer) => this.pass(block, layer, number));
  }

  heard(id) {
    return this.network.weights.heard[this.place.tonic * this.network.vocab_size + id];
  }

  // How far each pair of numbers is turned at this token, in single precision as PyTorch has it.
  angles(number) {
    const { speeds } = this.network,
      { bar, step } = this.place;
    for (let i = 0; i < speeds[0].length; i += 1) {
      const angle = Math.fround(
        Math.fround(number * speeds[0][i]) +
          Math.fround(bar * speeds[1][i]) +
          Math.fround(step * speeds[2][i]),
      );
      this.cos[i] = Math.cos(angle);
      this.sin[i] = Math.sin(angle);
    }
  }

  // Rotates the pairs of each head of a query or a key.
  turn(roles, from) {
    const { heads, size } = this.network,
      half = size / 2;
    for (let head = 0; head < heads; head += 1)
      for (let i = 0; i < half; i += 1) {
        const first = from + head * size + i,
          a = roles[first],
          b = roles[first + half];
        roles[first] = a * this.cos[i] - b * this.sin[i];
        roles[first + half] = a * this.sin[i] + b * this.cos[i];
      }
  }

  // Look around, then think; what each half finds is added to the stream.
  pass(block, layer, number) {
    const { x, y, roles, found, wide, width, bend, room } = this.network,
      { keys, values } = this.shelf;
    room.times(
      block['attention.qkv.weight'],
      block['attention.qkv.bias'],
      normed(x, block['norm1.weight'], block['norm1.bias'], y),
      roles,
    );
    if (this.place) for (const from of [0, width]) this.turn(roles, from);
    keys[layer].set(roles.subarray(width, 2 * width), number * width);
    values[layer].set(roles.subarray(2 * width), number * width);
    this.look(layer, number + 1);
    room.times(block['attention.out.weight'], block['attention.out.bias'], found, y);
    for (let i = 0; i < width; i += 1) x[i] += y[i];
    room.times(
      block['feed.wide.weight'],
      block['feed.wide.bias'],
      normed(x, block['norm2.weight'], block['norm2.bias'], y),
      wide,
    );
    for (let i = 0; i < wide.length; i += 1) wide[i] = bend(wide[i]);
    room.times(block['feed.back.weight'], block['feed.back.bias'], wide, y);
    for (let i = 0; i < width; i += 1) x[i] += y[i];
  }

  // Each head collects the values of the tokens so far, by how well their keys answer its query.
  look(layer, count) {
    const { heads, size, width, roles, found, scores, room } = this.network,
      { keys, values } = this.shelf;
    for (let head = 0; head < heads; head += 1) {
      const part = { first: head * size, count, size, width };
      room.answers(roles, keys[layer], scores, part);
      this.share(count);
      room.collect(scores, values[layer], found, part);
    }
  }

  // Scores as shares of 1.
  share(count) {
    const { scores, size } = this.network,
      scale = 1 / Math.sqrt(size);
    let most = -Infinity,
      sum = 0;
    for (let t = 0; t < count; t += 1) if (scores[t] > most) most = scores[t];
    for (let t = 0; t < count; t += 1) sum += scores[t] = Math.exp((scores[t] - most) * scale);
    for (let t = 0; t < count; t += 1) scores[t] /= sum;
  }

  logits() {
    const { x, y, weights, vocab_size, odds, room } = this.network,
      bias = weights['head.bias'];
    const all = room.times(
      weights['head.weight'],
      bias,
      normed(x, weights['norm.weight'], weights['norm.bias'], y),
      odds,
    );
    return this.place
      ? Float32Array.from({ length: vocab_size }, (_, id) => all[this.heard(id)])
      : all.slice();
  }
}
