/* The networks of the course in plain JavaScript: weights as they are shipped, read one token at a time, all that was
read before kept as keys and values. Runs in a worker, and in Node.js for the tests. Nothing here touches the page. */

// Numbers of half precision, all 65,536 of them.
let halves = null;
const half = bits => {
  const sign = bits >>> 15 ? -1 : 1,
    exponent = (bits >>> 10) & 31,
    rest = bits & 1023;
  if (exponent === 31) return rest ? NaN : sign * Infinity;
  return exponent ? sign * 2 ** (exponent - 15) * (1 + rest / 1024) : (sign * 2 ** -14 * rest) / 1024;
};
const widened = bytes => {
  halves ||= Float32Array.from({ length: 65536 }, (_, bits) => half(bits));
  const bits = new Uint16Array(bytes),
    values = new Float32Array(bits.length);
  for (let i = 0; i < bits.length; i += 1) values[i] = halves[bits[i]];
  return values;
};

// The tensors of a safetensors file, by name, each as one row of numbers.
export const readWeights = bytes => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength),
    size = Number(view.getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + size))),
    tensors = {};
  delete header.__metadata__;
  for (const [
    name,
    {
      dtype,
      data_offsets: [from, until],
    },
  ] of Object.entries(header)) {
    if (dtype !== 'F16') throw new Error(`${name} is ${dtype}, not of half precision`);
    tensors[name] = widened(bytes.slice(8 + size + from, 8 + size + until).buffer);
  }
  return tensors;
};

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

/* Where music is, as far as its tokens say: which bar, which step in it, which tonic; a filling stands where its hole was.
As melodynb.bar_transformer.read_places has it. */
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
  // `sizes`: of the record that data/build_play.py writes; `bytes`: of the safetensors file.
  constructor(sizes, bytes) {
    Object.assign(this, sizes, { weights: readWeights(bytes), size: sizes.width / sizes.heads });
    this.blocks = Array.from({ length: this.layers }, (_, layer) => this.block(`blocks.${layer}.`));
    this.bend = BENDS[this.activation];
    const room = { x: 1, y: 1, roles: 3, found: 1, wide: 4 };
    for (const name in room) this[name] = new Float32Array(room[name] * this.width);
    this.scores = new Float32Array(this.context);
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
    this.begin();
  }

  begin() {
    const { layers, width, context, weights, vocab_size } = this.network;
    const room = () => Array.from({ length: layers }, () => new Float32Array(width * context));
    Object.assign(this, {
      ids: [],
      keys: this.keys || room(),
      values: this.values || room(),
      cos: new Float32Array(width),
      sin: new Float32Array(width),
    });
    this.place = weights.facts && new Place(weights.facts, vocab_size);
  }

  // Reads ids behind what was read before; for each of them the logits of what follows. Of many, `last` asks only for the last.
  read(ids, last = false) {
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

  // The logits after `ids` as a whole piece; of what was read before, the beginning that both share is not read again.
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
    const { x, y, roles, found, wide, width, bend } = this.network;
    times(
      block['attention.qkv.weight'],
      block['attention.qkv.bias'],
      normed(x, block['norm1.weight'], block['norm1.bias'], y),
      roles,
    );
    if (this.place) for (const from of [0, width]) this.turn(roles, from);
    this.keys[layer].set(roles.subarray(width, 2 * width), number * width);
    this.values[layer].set(roles.subarray(2 * width), number * width);
    this.look(layer, number + 1);
    times(block['attention.out.weight'], block['attention.out.bias'], found, y);
    for (let i = 0; i < width; i += 1) x[i] += y[i];
    times(
      block['feed.wide.weight'],
      block['feed.wide.bias'],
      normed(x, block['norm2.weight'], block['norm2.bias'], y),
      wide,
    );
    for (let i = 0; i < wide.length; i += 1) wide[i] = bend(wide[i]);
    times(block['feed.back.weight'], block['feed.back.bias'], wide, y);
    for (let i = 0; i < width; i += 1) x[i] += y[i];
  }

  // Each head collects the values of the tokens so far, by how well their keys answer its query.
  look(layer, count) {
    const { heads, size, width, roles, found, scores } = this.network,
      keys = this.keys[layer],
      values = this.values[layer];
    found.fill(0);
    for (let head = 0; head < heads; head += 1) {
      const first = head * size;
      let most = -Infinity,
        sum = 0;
      for (let t = 0; t < count; t += 1) {
        let score = 0;
        for (let i = first; i < first + size; i += 1) score += roles[i] * keys[t * width + i];
        scores[t] = score / Math.sqrt(size);
        if (scores[t] > most) most = scores[t];
      }
      for (let t = 0; t < count; t += 1) sum += scores[t] = Math.exp(scores[t] - most);
      for (let t = 0; t < count; t += 1) {
        const share = scores[t] / sum;
        for (let i = first; i < first + size; i += 1) found[i] += share * values[t * width + i];
      }
    }
  }

  logits() {
    const { x, y, weights, vocab_size } = this.network,
      bias = weights['head.bias'];
    const all = times(
      weights['head.weight'],
      bias,
      normed(x, weights['norm.weight'], weights['norm.bias'], y),
      new Float32Array(bias.length),
    );
    return this.place ? Float32Array.from({ length: vocab_size }, (_, id) => all[this.heard(id)]) : all;
  }
}
