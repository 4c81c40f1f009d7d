/* Turns every static player on the page into a live one: it makes its sound from the notes, and two pictures follow.
   It draws nothing by itself: the pictures are the <img> elements that are there already, made live. sound.js comes before it. */
(() => {
  const LEAD = 0.15, AHEAD = 1.5, PAUSE = 80; // s of silence before the first note, s that are planned ahead, ms between plans
  const NAMES = 'C C♯ D E♭ E F F♯ G A♭ A B♭ B'.split(' ');
  const { Sound, SOON } = melodynbSound, sound = new Sound();

  const html = (tag, attributes = {}, text = '') => {
    const element = Object.assign(document.createElement(tag), { textContent: text });
    for (const name in attributes) element.setAttribute(name, attributes[name]);
    return element;
  };

  const svg = (tag, attributes = {}, text = '') => {
    const element = document.createElementNS('http://www.w3.org/2000/svg', tag);
    for (const name in attributes) element.setAttribute(name, attributes[name]);
    element.textContent = text;
    return element;
  };
  const rectangle = attributes => svg('rect', attributes);

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

  const nameOf = pitch => `${NAMES[pitch % 12]}${Math.floor(pitch / 12) - 1}`;

  // The picture in an <img> as live SVG.
  const enliven = view => {
    const image = view.querySelector('img'), text = decodeURIComponent(image.src.slice(image.src.indexOf(',') + 1));
    const picture = new DOMParser().parseFromString(text, 'image/svg+xml').documentElement;
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
      root.dataset.live = 'yes';
      root.melodynb = this;
      // end, notes, bars, map, instruments, level, and new where there is a seam: as display.py's _timetable makes them
      Object.assign(this, JSON.parse(root.dataset.player), { root, at: 0, paused: true, speed: 1, loop: null, lit: new Set(), muted: new Set() });
      this.order = this.notes.map((_, index) => index).sort((a, b) => this.notes[a][0] - this.notes[b][0]);
      this.calm = matchMedia('(prefers-reduced-motion: reduce)');
      this.buildBar();
      this.buildParts();
      this.buildRoll();
      this.buildSheet();
      this.marks = this.notes.map(() => []);
      for (const mark of root.querySelectorAll('[data-note]')) this.marks[mark.dataset.note].push(mark);
      this.notes.forEach((_, index) => this.marks[index][0].append(svg('title', {}, this.name(index))));
      window.addEventListener('melodynb-play', event => event.detail === this || this.pause());
      sound.listeners.add(sentence => this.tell(sentence));
      root.addEventListener('keydown', event => this.key(event));
      this.draw();
    }

    buildBar() {
      this.button = html('button', { type: 'button', class: 'play' });
      this.time = html('span', { class: 'clock' });
      this.now = html('span', { class: 'now', 'aria-hidden': 'true' });
      this.trouble = html('p', { class: 'trouble', role: 'status' });
      const bar = html('div', { class: 'bar' });
      bar.append(this.button, this.time, this.now);
      this.root.querySelector('audio').replaceWith(bar);
      this.root.querySelector('.still')?.remove();
      bar.after(this.buildWishes(), this.trouble);
      this.button.addEventListener('click', () => this.toggle());
    }

    // Tempo, and what is played again and again.
    buildWishes() {
      const row = html('div', { class: 'wishes' }), tempo = html('label', {}, 'Tempo ');
      this.tempo = html('input', { type: 'range', min: 50, max: 150, step: 5, value: 100 });
      this.percent = html('output');
      tempo.append(this.tempo, this.percent);
      this.tempo.addEventListener('input', () => this.retime());
      this.again = html('button', { type: 'button', class: 'again', 'aria-pressed': false, title: 'Or drag over the roll with Shift, or press [ and ]' }, '↻ Loop');
      this.again.addEventListener('click', () => this.setLoop(this.loop ? null : this.spanOf()));
      this.span = html('span', { class: 'span', hidden: '' });
      this.edges = ['bars', 'to'].map((text, side) => {
        const label = html('label', {}, `${text} `), numbers = this.numbers();
        const field = html('input', { type: 'number', min: numbers[0], max: numbers.at(-1), value: side ? numbers.at(-1) : numbers[0],
          'aria-label': side ? 'Loop to bar' : 'Loop from bar' });
        field.addEventListener('change', () => this.setLoop(this.spanOf()));
        label.append(field);
        this.span.append(label);
        return field;
      });
      row.append(tempo, this.again, this.span);
      return row;
    }

    // Each of several parts can be silent.
    buildParts() {
      for (const [part, name] of [...this.root.querySelectorAll('.legend .part')].entries()) {
        const label = html('label', { class: 'part' }), box = html('input', { type: 'checkbox', checked: '' });
        label.append(box, ...name.childNodes);
        name.replaceWith(label);
        box.addEventListener('change', () => this.mute(part, !box.checked));
      }
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
      this.chosen = rectangle({ class: 'chosen', height, y: 0, width: 0 });
      picture.querySelector('.paper').after(this.chosen);
      const back = this.map.map(([at, x]) => [x, at]);
      const under = event => between(back, new DOMPoint(event.clientX, event.clientY).matrixTransform(picture.getScreenCTM().inverse()).x);
      this.slider.addEventListener('pointerdown', event => {
        if (event.button) return;
        this.slider.setPointerCapture(event.pointerId);
        const note = event.target.closest('[data-note]'), at = under(event);
        this.drag = event.shiftKey ? end => this.choose(at, end) : end => this.seek(end);
        if (event.shiftKey) this.choose(at, at);
        else this.seek(note ? this.notes[note.dataset.note][0] : at);
      });
      this.slider.addEventListener('pointermove', event => this.drag && this.drag(under(event)));
      for (const name of ['pointerup', 'pointercancel']) this.slider.addEventListener(name, () => { this.drag = null; });
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

    // Seconds of the music at its own tempo, as it is heard now.
    get currentTime() {
      if (this.paused) return this.at;
      const at = this.from + Math.max(0, sound.now - sound.late - this.anchor) * this.speed, [begin, end] = this.round || [0, this.end];
      return at < end ? at : this.round ? begin + (at - end) % (end - begin) : this.end;
    }

    // Every note from where the music begins, with the moment at which it does; for ever, if it goes round.
    * cues() {
      const [begin, end] = this.round || [0, Infinity];
      for (let from = this.from, shift = 0; ; from = begin, shift += end - begin) {
        for (const index of this.order) {
          const [start, stop] = this.notes[index], at = Math.max(start, from);
          if (stop > from && start < end) yield { index, at: at + shift, skip: at - start, length: Math.min(stop, end) - start };
        }
        if (!this.round) return;
        yield { at: end + shift }; // a round may be empty
      }
    }

    // Makes the tones of the first half second, so that none of them is late.
    warm() {
      for (const { index, at, length } of this.cues()) {
        if (at > this.from + 0.5 * this.speed) return;
        if (index !== undefined) sound.warm(this.instruments[this.notes[index][4]], this.notes[index][2], length / this.speed);
      }
    }

    // Plans the next notes. What is late, since the page was asleep, is left out.
    plan() {
      const moment = cue => this.anchor + (cue.at - this.from) / this.speed, now = sound.now;
      if (!this.root.isConnected) return this.pause(); // nobody could stop it any more
      while (this.cue && moment(this.cue) < now + AHEAD) {
        const { index, skip, length } = this.cue, when = moment(this.cue), late = Math.max(0, sound.now - when);
        if (index !== undefined && when > now - 0.05) {
          const [,, pitch, velocity, part] = this.notes[index];
          sound.play(this.instruments[part], { pitch, velocity, seconds: length / this.speed, skip: skip / this.speed + late, when: when + late,
            into: this.channels[part] });
        }
        this.cue = this.ahead.next().value;
      }
      this.timer = setTimeout(() => this.plan(), PAUSE);
    }

    play() {
      this.stop();
      this.paused = false;
      sound.open();
      Object.assign(this, { from: this.at, round: this.loop && this.at < this.loop[1] ? this.loop : null, anchor: sound.now + SOON });
      this.warm();
      this.anchor = sound.now + SOON;
      window.dispatchEvent(new CustomEvent('melodynb-play', { detail: this }));
      this.out = sound.channel(this.level);
      this.channels = this.instruments.map((_, part) => sound.channel(this.muted.has(part) ? 0 : 1, this.out));
      this.ahead = this.cues();
      this.cue = this.ahead.next().value;
      this.plan();
      this.run();
    }

    // Ends what is played; it fades, or rings out if it was over.
    stop(over = false) {
      clearTimeout(this.timer);
      if (this.out && !over) sound.silence(this.out);
      this.out = null;
    }

    pause() {
      if (this.paused) return;
      const at = this.currentTime;
      this.stop(at >= this.end);
      Object.assign(this, { at, paused: true });
      this.draw();
    }

    seek(seconds) {
      Object.assign(this, { moved: true, at: Math.max(0, Math.min(this.end - 0.01, seconds)) });
      if (!this.paused) this.play();
      this.draw();
    }

    toggle() {
      if (!this.paused) return this.pause();
      const first = Math.max(0, this.notes[this.order[0]][0] - LEAD);
      if ((this.at < first && !this.moved) || this.at >= this.end - 0.011) this.at = first; // an upbeat need not wait for its bar
      if (this.loop && this.at >= this.loop[1]) this.at = this.loop[0];
      this.play();
    }

    // The same place at another speed.
    retime() {
      const at = this.currentTime;
      Object.assign(this, { at, speed: this.tempo.valueAsNumber / 100 });
      clearTimeout(this.later);
      if (!this.paused) this.later = setTimeout(() => this.paused || this.play(), PAUSE);
      if (!this.paused) Object.assign(this, { from: at, anchor: sound.now - sound.late });
      this.draw();
    }

    mute(part, silent) {
      if (silent) this.muted.add(part); else this.muted.delete(part);
      if (this.out) this.channels[part].gain.setTargetAtTime(silent ? 0 : 1, sound.now, 0.01);
      this.notes.forEach((note, index) => note[4] === part && this.marks[index].forEach(mark => mark.classList.toggle('muted', silent)));
      this.draw();
    }

    tell(sentence) {
      this.trouble.textContent = this.paused ? '' : sentence;
      if (sentence || this.paused) return;
      this.pause(); // sound has come after all: from here on, by its clock
      setTimeout(() => this.play());
    }

    // Bars to go round in

    numbers() { return this.bars.slice(0, -1).map(([, number]) => number); }

    // From where to where, in seconds, the two fields reach.
    spanOf() {
      const numbers = this.numbers(), wished = this.edges.map(field => Math.round(field.valueAsNumber) || numbers[0]);
      const [low, high] = [Math.min(...wished), Math.max(...wished)], first = numbers.findIndex(number => number >= low), last = numbers.findLastIndex(number => number <= high);
      return [this.bars[Math.max(0, first)][0], this.bars[Math.max(first, last) + 1][0]];
    }

    // The bars that two moments lie in, as the loop.
    choose(one, other) {
      const [first, final] = [Math.min(one, other), Math.max(one, other)].map(at => this.bar(at).index);
      [first, final].forEach((index, side) => { this.edges[side].value = this.bars[index][1]; });
      this.setLoop([this.bars[first][0], this.bars[final + 1][0]]);
    }

    setLoop(span) {
      const at = this.currentTime;
      this.loop = span && [Math.max(0, span[0]), Math.min(this.end, span[1])];
      if (this.loop && this.loop[1] - this.loop[0] < 0.05) this.loop = null;
      this.again.setAttribute('aria-pressed', Boolean(this.loop));
      this.span.hidden = !this.loop;
      const edges = (this.loop || [0, 0]).map(second => between(this.map, second));
      this.chosen.setAttribute('x', edges[0]);
      this.chosen.setAttribute('width', edges[1] - edges[0]);
      this.at = this.loop && (at < this.loop[0] || at >= this.loop[1]) ? this.loop[0] : at;
      if (!this.paused) this.play();
      this.draw();
    }

    draw() {
      const at = this.currentTime, playing = !this.paused;
      const sounding = new Set();
      this.notes.forEach(([start, stop,,, part], index) => { if (start <= at && at < stop && !this.muted.has(part)) sounding.add(index); });
      for (const index of this.lit) if (!sounding.has(index)) this.marks[index].forEach(mark => mark.classList.remove('lit'));
      for (const index of sounding) if (!this.lit.has(index)) this.marks[index].forEach(mark => mark.classList.add('lit'));
      const changed = sounding.size !== this.lit.size || [...sounding].some(index => !this.lit.has(index));
      this.lit = sounding;
      if (!this.calm.matches || changed || !playing) this.cursor.setAttribute('x', between(this.map, at) - 1);
      this.drawLine(at);
      this.write(at, playing);
      if (playing) {
        reveal(this.roll, this.cursor, !this.calm.matches);
        if (this.sheet) reveal(this.sheet, this.line, !this.calm.matches);
      }
    }

    // A note's name, and whose it is where there is a seam.
    name(index) {
      return nameOf(this.notes[index][2]) + (this.new ? this.new.includes(index) ? ' (model)' : ' (given)' : '');
    }

    // What is said in words.
    write(at, playing) {
      const [here, whole] = [at, this.end].map(seconds => clock(seconds / this.speed));
      this.time.textContent = `${here} / ${whole}`;
      this.now.textContent = [this.where(at), [...this.lit].map(index => this.name(index)).join(' ')].filter(Boolean).join(' · ');
      this.percent.textContent = `${this.tempo.value} %`;
      this.tempo.setAttribute('aria-valuetext', `${this.tempo.value} percent`);
      this.button.textContent = playing ? '❚❚ Pause' : '▶ Play';
      this.button.setAttribute('aria-label', `${playing ? 'Pause' : 'Play'} ${this.root.dataset.title}`);
      if (Math.floor(at) === this.spoken && playing) return;
      this.spoken = Math.floor(at);
      this.slider.setAttribute('aria-valuenow', Math.min(at, this.end).toFixed(1));
      this.slider.setAttribute('aria-valuetext', `${this.where(at)}, ${here} of ${whole}`);
    }

    run() {
      cancelAnimationFrame(this.frame);
      if (this.paused) return;
      if (this.currentTime >= this.end) return this.pause();
      this.draw();
      this.frame = requestAnimationFrame(() => this.run());
    }

    key(event) {
      if (event.altKey || event.ctrlKey || event.metaKey) return;
      const at = this.currentTime, { index, beat } = this.bar(at), loop = this.loop || [0, this.end];
      const bars = step => this.bars[Math.max(0, Math.min(this.bars.length - 2, index + step))][0];
      const moves = { ArrowLeft: at - beat, ArrowRight: at + beat, ArrowDown: at - beat, ArrowUp: at + beat, PageUp: bars(1), PageDown: bars(-1),
        Home: 0, End: this.end };
      const spans = { '[': [at, loop[1] > at ? loop[1] : this.end], ']': [loop[0] < at ? loop[0] : 0, at] };
      event.stopPropagation();
      if (event.target.matches('input') || (event.target.matches('button') && [' ', 'Enter'].includes(event.key))) return; // their own keys
      if (event.key in moves) this.seek(moves[event.key]);
      else if (event.key in spans) this.setLoop(spans[event.key]);
      else if (event.key === 'l') this.again.click();
      else if (event.key === ' ') this.toggle();
      else return;
      event.preventDefault();
    }
  }

  for (const root of document.querySelectorAll('.melodynb[data-player*=instruments]:not([data-live])')) new Player(root); // others are of an older version
})();
