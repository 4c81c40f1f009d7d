/* Music from notes: the instruments of melodynb/audio.py, tone for tone, in the browser. Players, Studio and play page share this script.
   An instrument is an object with the fields of Python's Struck, Held or Drum and its `kind`, or a Kit with `drums` by key.
   Nothing outside of this function is touched, but that all scripts of a page share one AudioContext. */
const melodynbSound = (() => {
  const NOISE = 1 << 16, PERIOD = 4096, WIDEST = 1.2; // samples, samples, radians of vibrato
  const SOON = 0.06, FADE = 0.05, PATIENCE = 1500; // s, s, ms until a silent AudioContext is given up
  const SILENT = 'There is no sound: this browser found no sound device, or may not play here. The music goes on in silence.';

  const hertz = pitch => 440 * 2 ** ((pitch - 69) / 12);
  const kept = new Map();
  const once = (key, make) => {
    if (!kept.has(key)) kept.set(key, make());
    return kept.get(key);
  };

  // Number `index` of a seed's dice, from 0 to 1: mulberry32 (Tommy Ettinger, 2017; public domain).
  const dice = (seed, index) => {
    const state = (seed + Math.imul(index + 1, 0x6D2B79F5)) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const white = (samples, seed) => Float64Array.from({ length: samples }, (_, index) => Math.sqrt(12) * (dice(seed, index) - 0.5));

  // The Fourier transform of a power of two of numbers, in place; `turn` is -1 forward and 1 back.
  const fourier = (real, imaginary, turn) => {
    const size = real.length;
    for (let i = 1, j = 0; i < size; i += 1) {
      let bit = size >> 1;
      for (; j & bit; bit >>= 1) j ^= bit;
      j ^= bit;
      if (i < j) { [real[i], real[j]] = [real[j], real[i]]; [imaginary[i], imaginary[j]] = [imaginary[j], imaginary[i]]; }
    }
    for (let half = 1; half < size; half *= 2) {
      for (let k = 0; k < half; k += 1) {
        const cosine = Math.cos(Math.PI * k / half), sine = turn * Math.sin(Math.PI * k / half);
        for (let low = k; low < size; low += 2 * half) {
          const high = low + half, a = real[high] * cosine - imaginary[high] * sine, b = real[high] * sine + imaginary[high] * cosine;
          real[high] = real[low] - a;
          imaginary[high] = imaginary[low] - b;
          real[low] += a;
          imaginary[low] += b;
        }
      }
    }
  };

  // `samples` after a filter: `gain` gives [real, imaginary] for each frequency in Hz.
  const filtered = (samples, rate, gain) => {
    const real = Float64Array.from(samples), imaginary = new Float64Array(real.length), size = real.length;
    fourier(real, imaginary, -1);
    for (let i = 0; i <= size / 2; i += 1) {
      const [a, b] = gain(i * rate / size), mirror = (size - i) % size;
      for (const [place, sign] of i === mirror ? [[i, 1]] : [[i, 1], [mirror, -1]])
        [real[place], imaginary[place]] = [real[place] * a - imaginary[place] * sign * b, real[place] * sign * b + imaginary[place] * a];
    }
    fourier(real, imaginary, 1);
    return real.map(value => value / size);
  };

  const band = (low, high, rate, seed) => once(`band ${low} ${high} ${rate} ${seed}`, () => {
    const top = Math.min(high, 0.4 * rate);
    const noise = filtered(white(NOISE, seed), rate, f => [f ? 1 / Math.sqrt((1 + (low / f) ** 4) * (1 + (f / top) ** 4)) : 0, 0]);
    const loudness = Math.sqrt(noise.reduce((sum, value) => sum + value * value, 0) / NOISE);
    return Float32Array.from(noise, value => value / loudness);
  });

  // Partials that begin together and die away, added to rows of samples.
  const ring = (rows, { frequency, decay, levels }, rate) => {
    const turn = 2 * Math.PI * frequency / rate, fade = Math.exp(-decay / rate), back = 2 * fade * Math.cos(turn), loss = fade * fade;
    const heard = Math.ceil(12 * rate / Math.max(decay, 1e-3)), samples = Math.min(rows[0].length, heard); // until it is down by 100 dB
    let before = 0, now = fade * Math.sin(turn);
    for (let place = 1; place < samples; place += 1) {
      for (let row = 0; row < rows.length; row += 1) rows[row][place] += levels[row] * now;
      [before, now] = [now, back * now - loss * before];
    }
  };

  const inharmonicity = pitch => Math.exp(0.0926 * pitch - 13.64) + Math.exp(-0.0847 * pitch - 5.82);

  const partials = (timbre, pitch, rate) => {
    const base = hertz(pitch), stiff = timbre.stiffness * inharmonicity(pitch);
    const string = n => [base * n * Math.sqrt((1 + stiff * n * n) / (1 + stiff)), Math.abs(Math.sin(Math.PI * n * timbre.point)) * n ** -timbre.slope];
    const all = timbre.modes.length ? timbre.modes.map((mode, i) => [base * mode, timbre.levels[i]]) : Array.from({ length: 64 }, (_, i) => string(i + 1));
    return all.filter(([frequency]) => frequency < 0.45 * rate);
  };

  const norm = values => Math.hypot(...values);

  const struck = (timbre, pitch, samples, rate) => {
    const rows = [new Float32Array(samples), new Float32Array(samples)], found = partials(timbre, pitch, rate);
    if (!found.length) return rows;
    const reach = Math.sqrt(hertz(pitch) / hertz(60)), begin = found[0][0];
    const levels = [timbre.soft, timbre.hard].map(width => found.map(([f, level]) => level * Math.exp((begin - f) / (width * reach))));
    const loudest = Math.max(...levels[1]), sizes = levels.map(norm), apart = 2 ** (timbre.detune / 2400);
    found.forEach(([f], i) => {
      if (levels[1][i] <= 3e-4 * loudest) return;
      const decay = timbre.loss * 2 ** (timbre.register * (pitch - 60) / 12) + timbre.friction * f * f, both = levels.map((row, k) => row[i] / sizes[k]);
      const strings = timbre.second ? [[f / apart, 1.7 * decay, 1 - timbre.second], [f * apart, 0.5 * decay, timbre.second]] : [[f, decay, 1]];
      for (const [frequency, fade, share] of strings) ring(rows, { frequency, decay: fade, levels: both.map(level => share * level) }, rate);
    });
    const noise = band(80, 2500, rate, 0), knock = Math.min(samples, Math.trunc(0.06 * rate));
    for (let i = 0; i < knock; i += 1) {
      const burst = timbre.knock * noise[i] * Math.exp(-i / (0.009 * rate));
      rows[0][i] += 0.5 * burst;
      rows[1][i] += burst;
    }
    if (timbre.tremolo) for (const row of rows) for (let i = 0; i < samples; i += 1) row[i] *= 1 - timbre.tremolo * Math.sin(Math.PI * 5.2 / rate * i) ** 2;
    return rows;
  };

  // How strong the player makes each partial, played gently and with force.
  const slopes = (timbre, frequencies) => [timbre.soft, timbre.hard].map((slope, row) => {
    const levels = frequencies.map((f, i) => {
      const n = i + 1, favoured = timbre.formants.reduce((sum, [centre, width, gain]) => sum + gain * Math.exp(-0.5 * ((f - centre) / width) ** 2), 0);
      const drawn = timbre.stops.length ? (timbre.stops[i] || 0) * (row ? n ** 0.2 : 1) : n ** -slope;
      return drawn * (n % 2 ? 1 : timbre.even) / (1 + (f / timbre.ceiling) ** 4) * (timbre.formants.length ? timbre.floor + favoured : 1);
    });
    const size = Math.max(norm(levels), 1e-9);
    return levels.map(level => level / size);
  });

  // One swing of a held sound, and its first sample once more.
  const periods = (timbre, pitch, rate) => {
    const count = Math.min(PERIOD / 8, Math.floor(0.45 * rate / hertz(pitch)));
    return slopes(timbre, Array.from({ length: count }, (_, i) => (i + 1) * hertz(pitch))).map(levels => {
      const real = new Float64Array(PERIOD), imaginary = new Float64Array(PERIOD);
      levels.forEach((level, i) => { real[i + 1] = level * Math.cos(3.883 * (i + 1) ** 2); imaginary[i + 1] = level * Math.sin(3.883 * (i + 1) ** 2); });
      fourier(real, imaginary, 1);
      return Float32Array.from({ length: PERIOD + 1 }, (_, i) => real[i % PERIOD]);
    });
  };

  const held = (timbre, pitch, samples, rate) => {
    const [soft, hard] = periods(timbre, pitch, rate), rows = [new Float32Array(samples), new Float32Array(samples)];
    const half = Math.floor(timbre.players / 2), even = Math.sqrt(1 + 0.18 * half);
    for (let player = -half; player <= half; player += 1) {
      const f = hertz(pitch) * 2 ** (player * timbre.detune / 1200), speed = timbre.speed * (1 + 0.09 * player), share = (player ? 0.3 : 1) / even;
      const swing = Math.min(timbre.vibrato * Math.LN2 / 1200 * f / speed, WIDEST) / (2 * Math.PI), later = player ? 0.25 : 0;
      for (let i = 0; i < samples; i += 1) {
        const at = i / rate, grown = swing ? swing * Math.max(0, Math.min(1, (at - timbre.delay) / 0.4)) : 0;
        const turns = f * at + later - (grown ? grown * Math.cos(2 * Math.PI * speed * at + 2.1 * player) : 0);
        const place = (turns - Math.floor(turns)) * PERIOD, index = Math.min(Math.floor(place), PERIOD - 1), part = place - index;
        rows[0][i] += share * (soft[index] + part * (soft[index + 1] - soft[index]));
        rows[1][i] += share * (hard[index] + part * (hard[index + 1] - hard[index]));
      }
    }
    if (timbre.bloom) for (let i = 0; i < samples; i += 1) rows[1][i] = rows[0][i] + (1 - Math.exp(-i / rate / timbre.bloom)) * (rows[1][i] - rows[0][i]);
    if (!timbre.breath || !soft.some(Boolean)) return rows;
    const wind = band(hertz(pitch), 3 * hertz(pitch) + 800, rate, Math.trunc(pitch));
    for (const row of rows) for (let i = 0; i < samples; i += 1) row[i] += timbre.breath * (1 + 2 * Math.exp(-i / rate / 0.04)) * wind[i % NOISE];
    return rows;
  };

  const drum = (timbre, key, samples, rate) => {
    const rows = [new Float32Array(samples), new Float32Array(samples)], noise = band(timbre.low, timbre.high, rate, key);
    const metal = timbre.metal ? Array.from({ length: 40 }, (_, i) => timbre.low + (timbre.high - timbre.low) * dice(key, i)) : [];
    for (const frequency of metal.filter(f => f < 0.45 * rate))
      ring(rows, { frequency, decay: (0.5 + frequency / 8000) / timbre.hiss, levels: [0.6 * timbre.metal / 6, timbre.metal / 6] }, rate);
    for (let i = 0; i < samples; i += 1) {
      const at = i / rate, turns = timbre.settle * at + 0.03 * (timbre.begin - timbre.settle) * (1 - Math.exp(-at / 0.03));
      const skin = timbre.skin * Math.sin(2 * Math.PI * turns) * Math.exp(-at / timbre.ring), hiss = timbre.noise * Math.exp(-at / timbre.hiss) * noise[i % NOISE];
      rows[0][i] += skin + 0.6 * hiss;
      rows[1][i] += skin + hiss;
    }
    return rows;
  };

  const KINDS = { Struck: struck, Held: held, Drum: drum };
  const timbreOf = (instrument, pitch) => instrument.kind === 'Kit' ? instrument.drums[pitch] : instrument;

  // The tone of an instrument on a pitch, at least so long; it is kept until a longer one is asked for.
  const tone = (timbre, pitch, samples, rate) => {
    const key = `${rate} ${pitch} ${JSON.stringify(timbre)}`, old = kept.get(key);
    if (old && old[0].length >= samples) return old;
    const made = KINDS[timbre.kind](timbre, pitch, samples, rate);
    kept.set(key, made);
    return made;
  };

  const ramp = (place, samples) => samples > 1 ? Math.sin(Math.PI / 2 * place / (samples - 1)) ** 2 : 0;

  // The samples of one note, from its stroke to silence.
  const note = (timbre, { pitch, velocity, seconds }, rate) => {
    const force = velocity / 127, most = Math.trunc((Math.min(seconds, timbre.longest) + timbre.release) * rate) + 1;
    const [soft, hard] = tone(timbre, pitch, most, rate), size = Math.min(Math.trunc((seconds + timbre.release) * rate), most);
    const level = 0.3 * timbre.gain * force ** 1.5, samples = new Float32Array(size);
    for (let i = 0; i < size; i += 1) samples[i] = level * ((1 - force) * soft[i] + force * hard[i]);
    const rise = Math.min(size, Math.trunc(rate * Math.min(timbre.attack, 0.4 * seconds)) + 1), fall = Math.min(size, Math.trunc(rate * timbre.release));
    for (let i = 0; i < rise; i += 1) samples[i] *= ramp(i, rise);
    for (let i = 0; i < fall; i += 1) samples[size - 1 - i] *= ramp(i, fall) ** 2;
    return samples;
  };

  // A bow turns, a breath is taken: a long held note as several.
  const breaths = (timbre, start, seconds) => {
    if (timbre.kind !== 'Held' || seconds <= timbre.longest) return [[start, seconds]];
    return [[start, timbre.longest], ...breaths(timbre, start + timbre.longest, seconds - timbre.longest)];
  };

  // What a small room answers to a clap; the clap itself is in it.
  const room = rate => once(`room ${rate}`, () => {
    const samples = Math.trunc(0.7 * rate), tail = new Float64Array(NOISE), clap = new Float64Array(NOISE);
    white(samples, 1).forEach((value, i) => { tail[i] = i / rate > 0.012 ? value * Math.exp(-6.9 * i / rate / 0.7) : 0; });
    const size = Math.sqrt(tail.reduce((sum, value) => sum + value * value, 0));
    clap[0] = 1;
    const dark = filtered(tail, rate, f => [1 / (1 + (f / 2500) ** 2), -f / 2500 / (1 + (f / 2500) ** 2)]);
    const both = clap.map((value, i) => value + 0.11 * dark[i] / size);
    const answer = filtered(both, rate, f => [f * f / (400 + f * f), 20 * f / (400 + f * f)]);
    return Float32Array.from(answer.subarray(0, Math.trunc(0.8 * rate)));
  });

  /* Where notes sound: the page's AudioContext, or one that is given, and the room behind it.
     Its clock goes on if no sound can be had; listeners are told then, with a sentence, and with '' when sound comes after all. */
  class Sound {
    constructor(context = null) { Object.assign(this, { context, listeners: new Set(), silent: 0 }); }

    tell(sentence) { for (const listen of this.listeners) listen(sentence); }

    // To be called from a click or a key: browsers let nothing sound before.
    open() {
      if (!this.context && globalThis.AudioContext) this.context = globalThis.melodynbContext ||= new AudioContext();
      if (this.context && !this.out) {
        const rate = this.context.sampleRate, answer = new AudioBuffer({ length: room(rate).length, sampleRate: rate });
        answer.copyToChannel(room(rate), 0);
        this.out = new GainNode(this.context);
        this.out.connect(new ConvolverNode(this.context, { buffer: answer, disableNormalization: true })).connect(this.context.destination);
      }
      if (this.silent) this.tell(SILENT);
      else if (!this.context) this.giveUp();
      else if (this.context.state !== 'running' && !(this.context instanceof OfflineAudioContext)) this.wake();
      return this;
    }

    wake() {
      this.context.resume().catch(() => {});
      clearTimeout(this.watch);
      this.watch = setTimeout(() => this.context.state === 'running' || this.giveUp(), PATIENCE);
    }

    // The clock of the page instead of that of the sound, until there is sound.
    giveUp() {
      this.silent = performance.now() / 1000 - (this.context?.currentTime || 0);
      this.tell(SILENT);
      this.context?.addEventListener('statechange', () => { this.tell(''); this.silent = 0; }, { once: true });
    }

    // Seconds, as they are heard.
    get now() {
      if (this.silent) return performance.now() / 1000 - this.silent;
      return this.context ? this.context.currentTime : 0;
    }

    get late() { return this.silent || !this.context ? 0 : this.context.outputLatency || 0; }

    // A place for notes that can be turned down together.
    channel(gain = 1, into = this.out) {
      if (!this.context) return null;
      const made = new GainNode(this.context, { gain });
      made.sources = into.sources || new Set();
      made.connect(into);
      return made;
    }

    // Makes the tone of a note, which is kept for when it is played.
    warm(instrument, pitch, seconds) {
      const timbre = timbreOf(instrument, pitch);
      if (this.context && !this.silent) for (const [, length] of breaths(timbre, 0, seconds)) note(timbre, { pitch, velocity: 1, seconds: length }, this.context.sampleRate);
    }

    // Plays a note `into` a channel at a moment of the clock; `skip` seconds of it are over already.
    play(instrument, { pitch, velocity = 80, seconds, when = this.now, skip = 0, into = this.out }) {
      if (!this.context || this.silent) return;
      const timbre = timbreOf(instrument, pitch), rate = this.context.sampleRate;
      for (const [start, length] of breaths(timbre, 0, seconds)) {
        if (start + length < skip) continue;
        const samples = note(timbre, { pitch, velocity, seconds: length }, rate), buffer = new AudioBuffer({ length: Math.max(1, samples.length), sampleRate: rate });
        buffer.copyToChannel(samples, 0);
        const source = new AudioBufferSourceNode(this.context, { buffer }), over = Math.max(0, skip - start);
        source.connect(into);
        source.start(Math.trunc((when + Math.max(0, start - skip)) * rate) / rate, over);
        into.sources?.add(source);
        source.onended = () => into.sources?.delete(source);
      }
    }

    // What sounds in a channel fades within an instant, as a sudden stop would click; what was still to come does not come.
    silence(channel) {
      if (!channel) return;
      const now = this.context.currentTime;
      channel.gain.setTargetAtTime(0, now, FADE / 6);
      for (const source of channel.sources) source.stop(now + FADE);
      channel.sources.clear();
    }
  }

  return { Sound, SOON, SILENT };
})();
