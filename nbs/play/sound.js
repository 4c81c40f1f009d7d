/* Sound: the package's own instrument and room, and a clock that plays letters ahead of time. */
import { INSTRUMENT, melodynbSound } from './instrument.js';
import { REST, pitchOf } from './music.js';

const AHEAD = 1.5, SOON = 0.08, VELOCITY = 90; // seconds, seconds, as MIDI has it

export class Sound extends melodynbSound.Sound {
  note(letter, when = this.now, seconds = 0.4) {
    if (letter === REST) return;
    this.line ||= this.channel();
    this.play(INSTRUMENT, { pitch: pitchOf(letter), velocity: VELOCITY, seconds, when, into: this.line });
  }

  // What sounds fades within an instant; what was still to come does not come.
  hush() {
    this.silence(this.line);
    this.line = null;
  }
}

/* Plays a list of letters that may still grow. `onMove(place)` is told where it is, in letters, -1 while it is silent. */
export class Player {
  constructor(sound, { letters, growing, tempo, onMove }) { Object.assign(this, { sound, letters, growing, tempo, onMove, playing: false }); }

  get beat() { return 60 / this.tempo(); }

  // In letters, as it is heard now.
  get place() {
    return Math.max(this.from, Math.min(this.next, (this.sound.now - this.sound.late - this.anchor) / this.beat));
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
    this.sound.hush();
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
