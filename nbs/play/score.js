/* The engraved piece: its picture comes from engraver.js when it is asked for, and its notes follow the cursor. */
import { find, svg as draw } from './dom.js';

const STRANGE = 'style, script, foreignObject, a'; // what a picture has no need of here

export class Engraved {
  // `used` is called when the engraver has come.
  constructor(used) {
    Object.assign(this, {
      used,
      calls: 0,
      asked: false,
      notes: [],
      bars: [],
      chosen: [null, null],
      worker: null,
    });
  }

  // The worker; `fail` is called where it cannot be had.
  start() {
    if (this.worker) return this.worker;
    this.worker = new Worker(new URL(`engraver.js${this.tries ? `?${this.tries}` : ''}`, import.meta.url), {
      type: 'module',
    });
    this.worker.onerror = event => {
      event.preventDefault();
      this.worker = null;
      this.tries = (this.tries || 0) + 1;
      this.say(
        'The engraver could not be started: is there a network? The piece is still here; press again to try again.',
      );
      this.hide();
    };
    this.worker.onmessage = ({ data }) => this.got(data);
    return this.worker;
  }

  say(text) {
    find('engraved-said').textContent = text;
  }

  hide() {
    this.asked = false;
    this.clear();
    this.show();
  }

  show() {
    find('engrave').setAttribute('aria-pressed', this.asked);
    find('engraved').hidden = !this.asked;
  }

  clear() {
    this.calls += 1; // what is still to come is of an older piece
    Object.assign(this, { notes: [], bars: [] });
    find('engraved').replaceChildren();
  }

  // `xml`: of the piece, `words`: the piece in words, `at`: the quarter notes where the chosen note begins.
  draw(xml, words, at) {
    Object.assign(this, { words, at, asked: true });
    this.clear();
    this.show();
    this.say('Engraving… The first time, the engraver of 2.3 MB may have to be fetched.');
    this.start().postMessage({ call: this.calls, xml, width: find('engraved').clientWidth || 700 });
  }

  got({ call, svg, times, fault }) {
    if (call !== this.calls) return;
    if (fault) {
      this.say(`The piece could not be engraved (${fault.slice(0, 120)}); it is still here.`);
      return this.hide();
    }
    const picture = new DOMParser().parseFromString(svg, 'image/svg+xml').documentElement;
    for (const part of picture.querySelectorAll(STRANGE)) part.remove();
    picture.setAttribute('role', 'img');
    picture.setAttribute('aria-label', `Engraved: ${this.words}`);
    find('engraved').replaceChildren(document.adoptNode(picture));
    this.notes = times
      .map(([beat, id]) => ({
        beat,
        mark: picture.getElementById?.(id) || picture.querySelector(`#${CSS.escape(id)}`),
      }))
      .filter(({ mark }) => mark?.classList.contains('note'));
    this.used?.();
    this.used = null;
    this.bars = [...picture.querySelectorAll('.measure')].map(measure => this.box(measure));
    this.choose(...this.chosen);
    this.say('');
    this.select(this.at);
  }

  // All of a bar can be pressed, not its lines alone.
  box(measure) {
    const { x, y, width, height } = measure.getBBox(),
      box = draw('rect', { class: 'bar', x, y, width, height });
    measure.prepend(box);
    return box;
  }

  barAt({ clientX, clientY }) {
    const bar = document.elementFromPoint(clientX, clientY)?.closest('#engraved .measure');
    return bar ? this.bars.indexOf(bar.firstElementChild) : null;
  }

  // Shows which bars are chosen; null for none.
  choose(first, last = first) {
    this.chosen = [first, last];
    this.bars.forEach((bar, number) =>
      bar.classList.toggle('chosen', first !== null && first <= number && number <= last),
    );
  }

  // Scrolls inside the picture only.
  reveal(mark) {
    const box = find('engraved'),
      part = mark.getBoundingClientRect(),
      view = box.getBoundingClientRect();
    if (part.top < view.top || part.bottom > view.bottom)
      box.scrollTop += part.top - view.top - view.height / 3;
  }

  // The note that begins so many quarter notes after the beginning; null for none.
  select(at) {
    this.at = at;
    for (const { beat, mark } of this.notes)
      mark.classList.toggle('now', at !== null && Math.abs(beat - at) < 0.01);
    const now = this.notes.find(({ mark }) => mark.classList.contains('now'))?.mark;
    if (now) this.reveal(now);
  }
}
