/* Sound: one struck string, tuned to each letter, and a clock that plays letters ahead of time. */
import { REST, pitchOf } from './music.js';

const AHEAD = 1.5, SOON = 0.08, RELEASE = 0.35, FADE = 0.06; // seconds
const PITCH = 66; // of the string as it is made; all others turn it faster or slower

// A string: partials that fade the sooner the higher they are.
const string = context => {
  const rate = context.sampleRate, buffer = context.createBuffer(1, 2.6 * rate, rate), samples = buffer.getChannelData(0);
  const base = 440 * 2 ** ((PITCH - 69) / 12);
  [1, 0.55, 0.3, 0.17, 0.08, 0.05, 0.02].forEach((strength, index) => {
    const partial = index + 1, turn = 2 * Math.PI * base * partial * Math.sqrt(1 + 0.0004 * partial ** 2) / rate, fade = (1.6 + 1.1 * index) / rate;
    for (let place = 0; place < samples.length; place += 1) samples[place] += strength * Math.sin(turn * place) * Math.exp(-fade * place);
  });
  for (let place = 0; place < 0.006 * rate; place += 1) samples[place] *= place / (0.006 * rate); // no click
  return buffer;
};

// A small room: noise that dies away.
const room = context => {
  const rate = context.sampleRate, buffer = context.createBuffer(2, 1.1 * rate, rate);
  for (const side of [0, 1]) {
    const samples = buffer.getChannelData(side);
    for (let place = 0; place < samples.length; place += 1) samples[place] = (2 * Math.random() - 1) * Math.exp(-5 * place / rate);
  }
  return new ConvolverNode(context, { buffer });
};

export class Sound {
  constructor() { this.sounding = new Set(); }

  // To be called from a click or a key: browsers let nothing sound before.
  open() {
    if (!this.context) {
      this.context = new AudioContext();
      this.string = string(this.context);
      this.out = new GainNode(this.context, { gain: 0.3 });
      const space = room(this.context), amount = new GainNode(this.context, { gain: 0.05 }), even = new DynamicsCompressorNode(this.context);
      this.out.connect(even).connect(this.context.destination);
      this.out.connect(space).connect(amount).connect(even);
    }
    this.context.resume();
    return this;
  }

  get now() { return this.context ? this.context.currentTime : 0; }

  note(letter, when = this.now, seconds = 0.4) {
    if (letter === REST) return;
    const source = new AudioBufferSourceNode(this.context, { buffer: this.string, playbackRate: 2 ** ((pitchOf(letter) - PITCH) / 12) });
    const gain = new GainNode(this.context);
    gain.gain.setValueAtTime(1, when + seconds);
    gain.gain.setTargetAtTime(0, when + seconds, RELEASE / 3);
    source.connect(gain).connect(this.out);
    source.start(when);
    source.stop(when + seconds + 2 * RELEASE);
    const note = { source, gain };
    this.sounding.add(note);
    source.onended = () => this.sounding.delete(note);
  }

  // What sounds fades within an instant, as a sudden stop would click; what was still to come does not come.
  silence() {
    for (const { source, gain } of this.sounding) {
      gain.gain.cancelScheduledValues(this.now);
      gain.gain.setTargetAtTime(0, this.now, FADE / 6);
      source.stop(this.now + FADE);
    }
    this.sounding.clear();
  }
}

/* Plays a list of letters that may still grow. `onMove(place)` is told where it is, in letters, -1 while it is silent. */
export class Player {
  constructor(sound, { letters, growing, tempo, onMove }) { Object.assign(this, { sound, letters, growing, tempo, onMove, playing: false }); }

  get beat() { return 60 / this.tempo(); }

  // In letters, as it is heard now.
  get place() {
    const late = this.sound.context.outputLatency || 0;
    return Math.max(this.from, Math.min(this.next, (this.sound.now - late - this.anchor) / this.beat));
  }

  play(from) {
    this.pause();
    this.sound.open();
    Object.assign(this, { playing: true, from, next: from, anchor: this.sound.now + SOON - from * this.beat });
    this.fill();
    this.watch();
  }

  pause() {
    if (!this.playing) return;
    this.sound.silence();
    this.end();
  }

  // Nothing more to play; the last note rings out.
  end() {
    this.playing = false;
    clearTimeout(this.timer);
    cancelAnimationFrame(this.frame);
    this.onMove(-1);
  }

  // The same place at another speed.
  retime() { if (this.playing) this.play(Math.floor(this.place)); }

  fill() {
    const letters = this.letters(), now = this.sound.now, due = () => this.anchor + this.next * this.beat;
    if (this.next >= letters.length && due() < now) {
      if (!this.growing()) return this.end();
      this.anchor = now + SOON - this.next * this.beat; // it waits for the next letter
    }
    while (this.next < letters.length && due() < now + AHEAD) {
      this.sound.note(letters[this.next], Math.max(now, due()), this.beat);
      this.next += 1;
    }
    this.timer = setTimeout(() => this.fill(), 50);
  }

  watch() {
    if (!this.playing) return;
    this.onMove(this.place);
    this.frame = requestAnimationFrame(() => this.watch());
  }
}
