/* A phrase that is played to a click: its keys, and when they went down and up. */
import { MOST_STROKES, beatOf } from './rhythm.js';

const SOON = 0.3,
  AHEAD = 0.25,
  CLICKS = [96, 89]; // seconds, seconds, pitches of the first beat and of the others

export class Take {
  // `changed` is called after each stroke, `beat(number, of)` at each click, `ended` when it is over.
  constructor(sound, { changed, beat, ended }) {
    Object.assign(this, { sound, changed, beat, ended, strokes: [], on: false });
  }

  // Clicks from now on; after one bar of them it is the first beat.
  begin({ bpm, meter, grid, length }) {
    this.sound.open();
    const click = (beatOf(meter, grid) / grid) * (60 / bpm),
      clicks = Math.round(length / beatOf(meter, grid));
    Object.assign(this, { strokes: [], on: true, bpm, click, clicks, next: 0, lead: -Infinity });
    this.first = this.sound.now + SOON;
    this.zero = this.first + click * clicks;
    this.timer = setInterval(() => this.tick(), 40);
    this.tick();
  }

  end() {
    if (!this.on) return;
    this.on = false;
    clearInterval(this.timer);
    this.ended();
  }

  tick() {
    const { sound, click, clicks, first } = this;
    for (; first + this.next * click < sound.now + AHEAD; this.next += 1)
      sound.note(CLICKS[Number(this.next % clicks > 0)], first + this.next * click, 0.06);
    this.listen();
    const heard = Math.floor((sound.now - sound.late - first) / click);
    if (heard >= 0) this.beat(heard % clicks, clicks, heard < clicks);
  }

  // How far the clock of the sound is before that of events; it moves in jerks, and is right when it is ahead most.
  listen() {
    this.lead = Math.max(this.lead, this.sound.now - performance.now() / 1000);
  }

  // When the first beat is heard, in milliseconds as events have them.
  get start() {
    return 1000 * (this.zero + this.sound.late - this.lead);
  }

  // Seconds after the first beat, of an event of the page or of a keyboard.
  at(stamp) {
    this.listen();
    return (stamp - this.start) / 1000;
  }

  down(pitch, stamp) {
    if (!this.on) return;
    this.strokes.push({ pitch, from: this.at(stamp), until: null });
    this.changed();
    if (this.strokes.length === MOST_STROKES) this.end();
  }

  up(pitch, stamp) {
    const stroke = this.strokes.findLast(one => one.pitch === pitch && one.until === null);
    if (!this.on || !stroke) return; // it went down before, or was never heard
    stroke.until = this.at(stamp);
    this.changed();
  }
}
