/* Sound: the package's own instrument and room, and a clock that plays notes ahead of time. */
import { INSTRUMENT, melodynbSound } from './instrument.js';

const AHEAD = 1.5,
  SOON = 0.08,
  VELOCITY = 90; // seconds, seconds, as MIDI has it

export class Sound extends melodynbSound.Sound {
  note(pitch, when = this.now, seconds = 0.4) {
    if (pitch === null) return;
    this.line ||= this.channel();
    this.play(INSTRUMENT, { pitch, velocity: VELOCITY, seconds, when, into: this.line });
  }

  // What sounds fades within an instant; what was still to come does not come.
  hush() {
    this.silence(this.line);
    this.line = null;
  }
}

/* Plays a list of notes that may still grow: each has a start and a duration in beats, and a pitch, or null for a
rest. `onMove(place)` is told where it is, in beats, -1 while it is silent. */
export class Player {
  constructor(sound, { notes, growing, tempo, onMove }) {
    Object.assign(this, { sound, notes, growing, tempo, onMove, playing: false });
  }

  get beat() {
    return 60 / this.tempo();
  }

  // In beats, as it is heard now.
  get place() {
    return Math.max(
      this.from,
      Math.min(this.edge(), (this.sound.now - this.sound.late - this.anchor) / this.beat),
    );
  }

  // Where the next note begins; behind the last one, where that ends.
  edge(notes = this.notes()) {
    const last = notes.at(-1);
    return notes[this.next]?.start ?? (last ? last.start + last.duration : 0);
  }

  play(from) {
    this.pause();
    this.sound.open();
    const notes = this.notes(),
      next = notes.findIndex(note => note.start >= from - 1e-6);
    Object.assign(this, {
      playing: true,
      from,
      next: next < 0 ? notes.length : next,
      anchor: this.sound.now + SOON - from * this.beat,
    });
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

  // The same note at another speed.
  retime() {
    if (!this.playing) return;
    const { place } = this,
      notes = this.notes();
    this.play(notes.findLast(note => note.start <= place)?.start ?? 0);
  }

  fill() {
    const notes = this.notes(),
      now = this.sound.now,
      due = () => this.anchor + this.edge(notes) * this.beat;
    if (this.next >= notes.length && due() < now) {
      if (!this.growing()) return this.end();
      this.anchor = now + SOON - this.edge(notes) * this.beat; // it waits for the next note
    }
    while (this.next < notes.length && due() < now + AHEAD) {
      const { pitch, duration } = notes[this.next];
      this.sound.note(pitch, Math.max(now, due()), duration * this.beat);
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
