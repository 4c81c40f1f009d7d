/* Two pictures of a melody: a column for each letter, and notes as long as they last. */
import { LETTERS, REST } from './music.js';
import { html, svg } from './dom.js';

// What both have: names at the left, a view that scrolls, a cursor, a mark for each note.
class Picture {
  constructor(root, label) {
    this.names = svg('svg', { class: 'names', width: 34, 'aria-hidden': 'true' });
    this.view = html('div', {
      class: 'view',
      role: 'slider',
      tabindex: 0,
      'aria-label': label,
      'aria-valuemin': 0,
      'aria-valuenow': 0,
    });
    this.picture = svg('svg', { width: '100%', 'aria-hidden': 'true' });
    this.cursor = svg('rect', { class: 'cursor', width: 2, x: -9, y: 0, height: '100%' });
    root.append(this.names, this.view);
    this.view.append(this.picture);
    this.marks = [];
  }

  // Scrolls inside the picture only, and in steps, so that the eye can rest.
  reveal(beat) {
    const x = beat * this.scale,
      { scrollLeft, clientWidth } = this.view;
    if (x < scrollLeft || x > scrollLeft + clientWidth - 44) this.view.scrollLeft = x - clientWidth / 4;
  }

  move(beat) {
    this.cursor.setAttribute('x', beat < 0 ? -9 : beat * this.scale);
  }
}

const ROW = 15,
  ROWS = LETTERS.length + 1; // pixels; the lowest row is for rests

export class LetterRoll extends Picture {
  scale = 22; // pixels a letter

  constructor(root) {
    super(root, 'Place in the melody');
    for (const picture of [this.names, this.picture]) picture.setAttribute('height', ROWS * ROW);
    [...LETTERS].forEach(letter => {
      const label = letter === letter.toUpperCase() ? letter : `${letter.toUpperCase()}♯`;
      this.names.append(svg('text', { class: 'name', x: 17, y: this.top(letter) + ROW - 4 }, label));
    });
    this.names.append(svg('text', { class: 'name', x: 17, y: this.top(REST) + ROW - 4 }, 'rest'));
    this.stripes = [...LETTERS]
      .filter(letter => letter !== letter.toUpperCase())
      .map(letter => svg('rect', { class: 'stripe', x: 0, y: this.top(letter), height: ROW, width: '100%' }));
    this.clear();
  }

  top(letter) {
    return ROW * (letter === REST ? ROWS - 1 : LETTERS.length - 1 - LETTERS.indexOf(letter));
  }

  clear() {
    this.marks = [];
    this.picture.replaceChildren(...this.stripes, this.cursor);
    this.picture.style.minWidth = 0;
  }

  add(letter, kind) {
    const index = this.marks.length,
      x = index * this.scale,
      y = this.top(letter);
    const mark = svg('g', { class: `${kind}${letter === REST ? ' is-rest' : ''}`, 'data-index': index });
    mark.append(
      svg('rect', { class: 'hit', x, y: 0, width: this.scale, height: ROWS * ROW }),
      svg('rect', {
        class: 'body',
        x: x + 2,
        y: y + 1.5,
        width: this.scale - 4,
        height: ROW - 3,
        rx: kind === 'opening' ? 0 : 6,
      }),
      svg('text', { x: x + this.scale / 2, y: y + ROW - 3.5 }, letter),
    );
    this.marks.push(mark);
    this.cursor.before(mark);
    this.picture.style.minWidth = `${(index + 2) * this.scale}px`;
  }
}

const LINE = 9,
  RULER = 24; // pixels: a semitone; the strip of bar numbers
const LOW = 60,
  HIGH = 81; // of the picture before there is any music
const BLACK = [1, 3, 6, 8, 10];

export class BarRoll extends Picture {
  scale = 44; // pixels a quarter note

  constructor(root) {
    super(root, 'Place in the piece');
    this.moving = svg('g');
    this.ruler = svg('rect', { class: 'ruler', x: 0, y: 0, height: RULER });
    this.range = svg('rect', { class: 'range', y: 0, height: '100%' });
    this.clear();
  }

  clear() {
    Object.assign(this, { marks: [], lines: 0, low: LOW, high: HIGH, starts: [], end: 0 });
    this.choose(null);
    this.notes = svg('g');
    this.bars = svg('g');
    this.stretch();
    this.picture.style.minWidth = 0;
  }

  // As many rows as the music needs.
  stretch() {
    const height = (this.high - this.low + 1) * LINE,
      rows = Array.from({ length: this.high - this.low + 1 }, (_, i) => this.low + i);
    for (const picture of [this.names, this.picture]) picture.setAttribute('height', height + RULER);
    this.moving.setAttribute('transform', `translate(0 ${(this.high + 1) * LINE + RULER})`);
    const stripes = rows
      .filter(pitch => BLACK.includes(pitch % 12))
      .map(pitch =>
        svg('rect', { class: 'stripe', x: 0, y: -(pitch + 1) * LINE, height: LINE, width: '100%' }),
      );
    this.moving.replaceChildren(...stripes, this.notes);
    this.names.replaceChildren(
      ...rows
        .filter(pitch => pitch % 12 === 0)
        .map(pitch =>
          svg(
            'text',
            { class: 'name', x: 17, y: (this.high + 1 - pitch) * LINE + RULER },
            `C${pitch / 12 - 1}`,
          ),
        ),
    );
    this.picture.replaceChildren(this.moving, this.range, this.bars, this.ruler, this.cursor);
  }

  // `music` as remi.js gives it, `beats` of a step; what is there already stays.
  show(music, grid) {
    const pitches = music.notes.map(note => note.pitch),
      low = Math.min(LOW, ...pitches.map(pitch => pitch - 1)),
      high = Math.max(HIGH, ...pitches.map(pitch => pitch + 1));
    if (low !== this.low || high !== this.high) {
      Object.assign(this, { low, high });
      this.stretch();
    }
    for (; this.lines < music.bars.length; this.lines += 1) {
      const x = (music.bars[this.lines] / grid) * this.scale;
      this.bars.append(
        svg('line', { class: 'line', x1: x + 0.5, x2: x + 0.5, y1: 0, y2: '100%' }),
        svg('text', { class: 'number', x: x + 4, y: 16 }, this.lines + 1),
      );
    }
    for (let index = this.marks.length; index < music.notes.length; index += 1)
      this.add(music.notes[index], index, grid, music.join);
    this.picture.style.minWidth = `${(music.end / grid + 1) * this.scale}px`;
    this.starts = music.bars.map(start => start / grid);
    this.end = music.end / grid;
    this.ruler.setAttribute('width', this.end * this.scale);
  }

  // Thin lines where keys really went down and up: in steps, with the pitch.
  played(raw, grid) {
    const line = ([from, until, pitch]) =>
      svg('rect', {
        class: 'played',
        x: (from / grid) * this.scale,
        y: -pitch * LINE - 1,
        width: Math.max(3, ((until - from) / grid) * this.scale),
        height: 3,
      });
    this.notes.append(...raw.map(line));
  }

  // The bar whose number is under the pointer; one that is `held` may leave the strip.
  barAt({ target, clientX }, held) {
    if (!this.starts.length || !(held || target === this.ruler)) return null;
    const beat = (clientX - this.picture.getBoundingClientRect().left) / this.scale;
    return Math.max(
      0,
      this.starts.findLastIndex(start => start <= beat),
    );
  }

  // Shows which bars are chosen; null for none.
  choose(first, last = first) {
    const there = first !== null && last < this.starts.length,
      [from, until] = there ? [this.starts[first], this.starts[last + 1] ?? this.end] : [0, 0];
    this.range.setAttribute('x', from * this.scale);
    this.range.setAttribute('width', (until - from) * this.scale);
  }

  add({ start, duration, pitch }, index, grid, join) {
    const x = (start / grid) * this.scale,
      width = (duration / grid) * this.scale,
      opening = start < join,
      y = -(pitch + 1) * LINE;
    const mark = svg('g', { class: opening ? 'opening' : 'written', 'data-index': index });
    mark.append(
      svg('rect', { class: 'hit', x, y: y - LINE, width, height: 3 * LINE }),
      svg('rect', {
        class: 'body',
        x: x + 1,
        y: y + 0.5,
        width: Math.max(3, width - 2),
        height: LINE - 1,
        rx: opening ? 0 : 3,
      }),
    );
    this.marks.push(mark);
    this.notes.append(mark);
  }
}
