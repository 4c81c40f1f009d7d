/* Turns every static player on the page into a live one: a button, a clock, and two pictures that follow the sound.
   It draws nothing by itself: the pictures are the <img> elements that are there already, made live. */
(() => {
  const LEAD = 0.15; // seconds of silence kept before the first note

  const html = (tag, attributes = {}, text = '') => {
    const element = Object.assign(document.createElement(tag), { textContent: text });
    for (const name in attributes) element.setAttribute(name, attributes[name]);
    return element;
  };

  const rectangle = attributes => {
    const element = document.createElementNS('http://www.w3.org/2000/svg', 'rect');
    for (const name in attributes) element.setAttribute(name, attributes[name]);
    return element;
  };

  const clock = seconds => `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, '0')}`;

  // Index of the last entry that begins at or before a value, at least 0.
  const last = (entries, value) => {
    let low = 0, high = entries.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (entries[middle][0] <= value) low = middle; else high = middle;
    }
    return low;
  };

  // Where `value` lies between the steps of a table of [from, to] pairs, as a number of the second column.
  const between = (table, value) => {
    const index = Math.min(last(table, value), table.length - 2);
    const [[a, left], [b, right]] = [table[index], table[index + 1]];
    return left + Math.max(0, Math.min(1, (value - a) / (b - a))) * (right - left);
  };

  // The picture in an <img> as live SVG.
  const enliven = view => {
    const image = view.querySelector('img');
    const bytes = Uint8Array.from(atob(image.src.split(',')[1]), character => character.charCodeAt(0));
    const picture = new DOMParser().parseFromString(new TextDecoder().decode(bytes), 'image/svg+xml').documentElement;
    picture.setAttribute('role', 'img');
    picture.setAttribute('aria-label', image.alt);
    const live = document.importNode(picture, true);
    image.replaceWith(live);
    return live;
  };

  // Pictures of one page share no ids: each engraving keeps its own noteheads.
  let count = 0;
  const separate = picture => {
    count += 1;
    for (const glyph of picture.querySelectorAll('defs [id]')) glyph.id += `-melodynb-${count}`;
    for (const use of picture.querySelectorAll('use')) use.setAttribute('href', `${use.getAttribute('xlink:href')}-melodynb-${count}`);
    for (const note of picture.querySelectorAll('.note[id]')) { note.dataset.note = note.id.slice(1).split('-')[0]; note.removeAttribute('id'); }
  };

  // Scrolls inside the view only, never the page.
  const reveal = (view, element, smooth) => {
    const outer = view.getBoundingClientRect(), inner = element.getBoundingClientRect(), options = { behavior: smooth ? 'smooth' : 'auto' };
    if (inner.left < outer.left || inner.right > outer.right - 20)
      options.left = view.scrollLeft + inner.left - outer.left - outer.width / 8;
    if (inner.top < outer.top || inner.bottom > outer.bottom)
      options.top = view.scrollTop + inner.top - outer.top - 10;
    if ('left' in options || 'top' in options) view.scrollTo(options);
  };

  class Player {
    constructor(root) {
      this.root = root;
      root.dataset.live = 'yes';
      Object.assign(this, JSON.parse(root.dataset.player)); // notes, bars, map, end: as display.py's _timetable makes them
      this.audio = root.querySelector('audio');
      this.calm = matchMedia('(prefers-reduced-motion: reduce)');
      this.lit = new Set();
      this.buildBar();
      this.buildRoll();
      this.buildSheet();
      this.marks = this.notes.map((_, index) => [...root.querySelectorAll(`[data-note="${index}"]`)]);
      for (const name of ['play', 'pause', 'seeking', 'seeked', 'ended', 'loadedmetadata']) this.audio.addEventListener(name, () => this.draw());
      this.audio.addEventListener('play', () => { window.dispatchEvent(new CustomEvent('melodynb-play', { detail: this })); this.run(); });
      window.addEventListener('melodynb-play', event => event.detail === this || this.audio.pause());
      root.addEventListener('keydown', event => this.key(event));
      this.draw();
    }

    buildBar() {
      this.button = html('button', { type: 'button', class: 'play' });
      this.time = html('span', { class: 'clock' });
      this.now = html('span', { class: 'now', 'aria-hidden': 'true' });
      const bar = html('div', { class: 'bar' });
      bar.append(this.button, this.time, this.now);
      this.audio.after(bar);
      this.button.addEventListener('click', () => this.toggle());
    }

    buildRoll() {
      this.roll = this.root.querySelector('.roll');
      const picture = this.picture = enliven(this.roll), height = picture.viewBox.baseVal.height;
      this.cursor = rectangle({ class: 'cursor', width: 2, height, y: 0 });
      picture.append(this.cursor);
      this.slider = html('div', { class: 'slider', role: 'slider', tabindex: 0, 'aria-label': 'Position in the music', 'aria-valuemin': 0,
        'aria-valuemax': this.end.toFixed(1) });
      picture.replaceWith(this.slider);
      this.slider.append(picture);
      const follow = event => {
        const point = new DOMPoint(event.clientX, event.clientY).matrixTransform(picture.getScreenCTM().inverse());
        this.seek(between(this.map.map(([at, x]) => [x, at]), point.x));
      };
      this.slider.addEventListener('pointerdown', event => {
        if (event.button) return;
        this.slider.setPointerCapture(event.pointerId);
        this.dragging = true;
        follow(event);
      });
      this.slider.addEventListener('pointermove', event => this.dragging && follow(event));
      for (const name of ['pointerup', 'pointercancel']) this.slider.addEventListener(name, () => { this.dragging = false; });
    }

    buildSheet() {
      this.sheet = this.root.querySelector('.sheet');
      if (!this.sheet) return;
      const picture = enliven(this.sheet);
      separate(picture);
      this.line = rectangle({ class: 'cursor', width: 22, y: 0, height: 0 });
      picture.querySelector('.page-margin').append(this.line);
      picture.addEventListener('click', event => {
        const note = event.target.closest('[data-note]');
        if (note) this.seek(this.notes[note.dataset.note][0]);
      });
    }

    // For every onset its place in the engraving, measured once the picture has a size: [seconds, x, top, height, system].
    places() {
      if (this.measured || !this.sheet) return this.measured || [];
      const places = [], systems = new Map();
      this.marks.forEach((marks, index) => {
        const note = marks.find(mark => mark.closest('.sheet'));
        if (!note || (places.length && this.notes[index][0] === places.at(-1)[0])) return;
        const system = note.closest('.system'), head = (note.querySelector('.notehead') || note).getBBox();
        if (!systems.has(system)) {
          const staves = [...system.querySelectorAll('.staff')].slice(0, 40).map(staff => staff.querySelector('path').getBBox().y);
          const box = { top: Math.min(...staves) - 300, bottom: Math.max(...staves) + 1020 };
          systems.set(system, box);
        }
        const box = systems.get(system);
        places.push([this.notes[index][0], head.x + head.width / 2, box.top, box.bottom - box.top, system]);
      });
      if (places.length && places.some(place => place[1])) this.measured = places;
      return places;
    }

    drawLine(at) {
      const places = this.places();
      if (!places.length) return;
      const index = last(places, at), [from, x, top, height, system] = places[index], next = places[index + 1];
      const part = next && next[4] === system && !this.calm.matches ? Math.min(1, Math.max(0, (at - from) / (next[0] - from))) : 0;
      this.line.setAttribute('x', x + part * (next ? next[1] - x : 0) - 11);
      this.line.setAttribute('y', top);
      this.line.setAttribute('height', height);
    }

    // The bar that sounds at a moment, and how long one of its beats is.
    bar(at) {
      const index = Math.min(last(this.bars, at), this.bars.length - 2), [start, number, beats] = this.bars[index];
      return { index, start, number, beat: (this.bars[index + 1][0] - start) / beats };
    }

    // "bar 3, beat 2", as a musician counts.
    where(at) {
      const { start, number, beat } = this.bar(at);
      return number ? `bar ${number}, beat ${1 + Math.max(0, Math.floor((at - start) / beat + 1e-3))}` : 'upbeat';
    }

    draw() {
      const at = this.audio.currentTime, playing = !this.audio.paused;
      const sounding = new Set();
      this.notes.forEach(([start, stop], index) => { if (start <= at && at < stop) sounding.add(index); });
      for (const index of this.lit) if (!sounding.has(index)) this.marks[index].forEach(mark => mark.classList.remove('lit'));
      for (const index of sounding) if (!this.lit.has(index)) this.marks[index].forEach(mark => mark.classList.add('lit'));
      const changed = sounding.size !== this.lit.size || [...sounding].some(index => !this.lit.has(index));
      this.lit = sounding;
      if (!this.calm.matches || changed || !playing) this.cursor.setAttribute('x', between(this.map, at) - 1);
      this.drawLine(at);
      this.time.textContent = `${clock(at)} / ${clock(this.end)}`;
      this.now.textContent = [this.where(at), [...sounding].map(index => this.notes[index][2]).join(' ')].filter(Boolean).join(' · ');
      this.button.textContent = playing ? '❚❚ Pause' : '▶ Play';
      this.button.setAttribute('aria-label', `${playing ? 'Pause' : 'Play'} ${this.root.dataset.title}`);
      if (Math.floor(at) !== this.spoken || !playing) {
        this.spoken = Math.floor(at);
        this.slider.setAttribute('aria-valuenow', Math.min(at, this.end).toFixed(1));
        this.slider.setAttribute('aria-valuetext', `${this.where(at)}, ${clock(at)} of ${clock(this.end)}`);
      }
      if (playing) {
        reveal(this.roll, this.cursor, !this.calm.matches);
        if (this.sheet) reveal(this.sheet, this.line, !this.calm.matches);
      }
    }

    run() {
      if (this.audio.paused) return;
      this.draw();
      requestAnimationFrame(() => this.run());
    }

    toggle() {
      if (!this.audio.paused) return this.audio.pause();
      const first = this.notes[0][0] - LEAD;
      if (this.audio.currentTime < first && !this.moved) this.audio.currentTime = first; // an upbeat need not wait for its bar
      if (this.audio.ended || this.audio.currentTime >= this.end) this.audio.currentTime = Math.max(0, first);
      this.audio.play().catch(() => {}); // a pause that comes at once is no fault
    }

    seek(seconds) {
      this.moved = true;
      this.audio.currentTime = Math.max(0, Math.min(this.end - 0.01, seconds));
      this.draw();
    }

    key(event) {
      if (event.altKey || event.ctrlKey || event.metaKey) return;
      const at = this.audio.currentTime, { index, beat } = this.bar(at);
      const bars = step => this.bars[Math.max(0, Math.min(this.bars.length - 2, index + step))][0];
      const moves = { ArrowLeft: at - beat, ArrowRight: at + beat, ArrowDown: at - beat, ArrowUp: at + beat, PageUp: bars(1), PageDown: bars(-1),
        Home: 0, End: this.end };
      if (event.key in moves) this.seek(moves[event.key]);
      else if (event.key === ' ' && event.target !== this.button) this.toggle();
      else if (event.key !== ' ' && event.key !== 'Enter') return;
      event.stopPropagation();
      if (event.target !== this.button || event.key in moves) event.preventDefault();
    }
  }

  for (const root of document.querySelectorAll('.melodynb[data-player]:not([data-live])')) new Player(root);
})();
