/* The page: what people press, and what they see. Letters come from model.js, sound from sound.js. */
import { END, LETTERS, LIMITS, REST, choose, dice, fromLink, midi, nameOf, odds, refusal, toLink } from './music.js';
import { load, Trouble } from './model.js';
import { Player, Sound } from './sound.js';

const CELL = 22, ROW = 15, ROWS = LETTERS.length + 1; // pixels; the lowest row is for rests
const SYMBOLS = [...LETTERS, REST, END];
const find = id => document.getElementById(id);
const calm = matchMedia('(prefers-reduced-motion: reduce)');
const breath = () => new Promise(resolve => { setTimeout(resolve); });
const letters = count => count === 1 ? '1 letter' : `${count} letters`;
const percent = share => Math.round(100 * share);

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

const effect = temperature => {
  if (temperature === 0) return 'The likeliest letter every time: soon it goes in circles.';
  if (temperature < 0.6) return 'Careful: favourites first, and much repetition.';
  if (temperature < 0.95) return 'A little bolder about favourites than the tunes it learned from.';
  if (temperature <= 1.05) return 'Its own odds, as it learned them.';
  if (temperature < 1.5) return 'Adventurous: rare letters come up more often.';
  return 'Wild: close to throwing dice.';
};

// The picture: a column for each letter, a row for each pitch.
class Roll {
  constructor(root) {
    const height = ROWS * ROW, names = svg('svg', { class: 'names', width: 34, height, 'aria-hidden': 'true' });
    [...LETTERS].forEach((letter, pitch) => {
      const label = letter === letter.toUpperCase() ? letter : `${letter.toUpperCase()}♯`;
      names.append(svg('text', { class: 'name', x: 17, y: this.top(letter) + ROW - 4 }, label));
    });
    names.append(svg('text', { class: 'name', x: 17, y: this.top(REST) + ROW - 4 }, 'rest'));
    this.view = html('div', { class: 'view', role: 'slider', tabindex: 0, 'aria-label': 'Place in the melody', 'aria-valuemin': 0 });
    this.picture = svg('svg', { height, width: '100%', 'aria-hidden': 'true' });
    this.stripes = [...LETTERS].filter(letter => letter !== letter.toUpperCase())
      .map(letter => svg('rect', { class: 'stripe', x: 0, y: this.top(letter), height: ROW, width: '100%' }));
    this.cursor = svg('rect', { class: 'cursor', width: 2, height, x: -9, y: 0 });
    root.append(names, this.view);
    this.view.append(this.picture);
    this.clear();
  }

  top(letter) { return ROW * (letter === REST ? ROWS - 1 : LETTERS.length - 1 - LETTERS.indexOf(letter)); }

  clear() {
    this.marks = [];
    this.picture.replaceChildren(...this.stripes, this.cursor);
    this.picture.style.minWidth = 0;
  }

  add(letter, kind) {
    const index = this.marks.length, x = index * CELL, y = this.top(letter);
    const mark = svg('g', { class: `${kind}${letter === REST ? ' is-rest' : ''}`, 'data-index': index });
    mark.append(svg('rect', { class: 'hit', x, y: 0, width: CELL, height: ROWS * ROW }),
      svg('rect', { class: 'body', x: x + 2, y: y + 1.5, width: CELL - 4, height: ROW - 3, rx: kind === 'opening' ? 0 : 6 }),
      svg('text', { x: x + CELL / 2, y: y + ROW - 3.5 }, letter));
    this.marks.push(mark);
    this.cursor.before(mark);
    this.picture.style.minWidth = `${(index + 2) * CELL}px`;
  }

  // Scrolls inside the picture only, and in steps, so that the eye can rest.
  reveal(place) {
    const x = place * CELL, { scrollLeft, clientWidth } = this.view;
    if (x < scrollLeft || x > scrollLeft + clientWidth - 2 * CELL) this.view.scrollLeft = x - clientWidth / 4;
  }

  move(place) { this.cursor.setAttribute('x', place < 0 ? -9 : place * CELL); }
}

class Page {
  constructor() {
    Object.assign(this, { letters: [], logits: [], opened: 0, at: -1, turn: 0, writing: false, job: Promise.resolve() });
    this.sound = new Sound();
    this.sound.listeners.add(sentence => this.soundless(sentence));
    this.player = new Player(this.sound, { letters: () => this.letters, growing: () => this.writing, tempo: () => find('tempo').valueAsNumber,
      onMove: place => this.follow(place) });
    this.roll = new Roll(find('roll'));
    this.buildPiano();
    this.buildOdds();
    this.listen();
    this.settings();
    this.open();
  }

  buildPiano() {
    let column = 1;
    for (const letter of [...LETTERS, REST]) {
      const white = letter === letter.toUpperCase(), kind = letter === REST ? 'rest' : white ? 'white' : 'black';
      const key = html('button', { type: 'button', class: kind, 'data-letter': letter, 'aria-label': nameOf(letter) }, letter);
      key.style.gridColumn = white ? `${column} / span 2` : `${column - 1} / span 2`;
      if (white) column += 2;
      if (!white) key.prepend(html('small', {}, `${letter.toUpperCase()}♯`));
      find('piano').append(key);
    }
  }

  buildOdds() {
    this.bars = SYMBOLS.map(symbol => {
      const bar = html('div'), share = html('small'), name = html('b', {}, symbol === END ? 'end' : symbol);
      bar.append(share, html('i'), name);
      find('odds').append(bar);
      return bar;
    });
  }

  listen() {
    const on = (id, name, act) => find(id).addEventListener(name, act);
    on('piano', 'click', event => this.strike(event.target.closest('[data-letter]')?.dataset.letter));
    on('piano', 'keydown', event => this.pianoKey(event));
    on('opening', 'input', event => this.typed(event));
    for (const id of ['opening', 'seed']) on(id, 'keydown', event => event.key === 'Enter' && this.write());
    on('back', 'click', () => this.setOpening([...find('opening').value].slice(0, -1).join('')));
    on('clear', 'click', () => { this.setOpening(''); find('opening').focus(); });
    for (const id of ['temperature', 'length', 'tempo']) on(id, 'input', () => this.settings());
    on('tempo', 'change', () => this.player.retime());
    on('write', 'click', event => {
      if (this.writing && event.detail > 1) return; // the second half of a double click is no Stop
      if (this.writing) this.stop();
      else this.write();
    });
    on('again', 'click', () => { find('seed').value = Math.floor(1e6 * Math.random()); this.write(); });
    on('play', 'click', () => this.toggle());
    on('midi', 'click', () => this.download());
    on('link', 'click', () => this.share());
    on('retry', 'click', () => this.load());
    on('roll', 'click', event => this.pick(event, index => this.play(index)));
    on('letters', 'click', event => this.pick(event, index => { this.player.pause(); this.select(index); this.hear(this.letters[index]); }));
    this.roll.view.addEventListener('keydown', event => this.rollKey(event));
    window.addEventListener('hashchange', () => this.open());
    window.addEventListener('pagehide', () => this.player.pause()); // whoever comes back presses Play
  }

  // What a link asks for, if it does, and the model to do it.
  open() {
    const wish = fromLink(location.hash);
    if (wish) {
      for (const name of ['temperature', 'seed', 'length']) find(name).value = wish[name];
      this.wish = wish;
      this.settings();
    }
    this.setOpening(wish ? wish.opening : find('opening').value);
    if (this.model) this.grant();
    else if (!this.loading) this.load();
  }

  // Writes what a link asked for, without sound: nobody has pressed anything yet.
  grant() {
    if (this.wish) this.write(false);
    else this.think();
    this.wish = null;
  }

  async load() {
    this.loading = true;
    find('trouble').hidden = true;
    find('loading').hidden = false;
    try {
      this.model = await load((bytes, whole) => {
        find('progress').value = bytes / whole;
        this.say(bytes < whole ? `Loading the model and its runtime: ${(bytes / 1e6).toFixed(0)} of ${(whole / 1e6).toFixed(0)} MB` : 'Starting the model…', true);
      });
      for (const id of ['write', 'again']) find(id).disabled = false;
      this.say('Ready.');
      this.grant();
      this.keep();
    } catch (error) {
      if (!(error instanceof Trouble)) throw error;
      this.say('');
      find('trouble-text').textContent = error.message;
      find('trouble').hidden = false;
    } finally {
      find('loading').hidden = true;
      this.loading = false;
    }
  }

  // Lets the browser keep the page, where it can.
  async keep() {
    try {
      await navigator.serviceWorker.register('sw.js');
      await navigator.serviceWorker.ready;
      find('offline').textContent = 'It is kept on this device now.';
    } catch { /* without https, or in a private window: the page works all the same */ }
  }

  // No sound can be had, or it has come after all: then from here on, by its clock.
  soundless(sentence) {
    find('silence').textContent = sentence;
    if (!sentence && this.player.playing) setTimeout(() => this.player.retime());
  }

  say(text, often = false) {
    const line = find('status');
    line.setAttribute('aria-live', often ? 'off' : 'polite');
    if (line.textContent !== text) line.textContent = text;
  }

  // The opening

  get opening() { return find('opening').value.replace(/[\s\p{Cc}\p{Cf}]/gu, ''); } // a pasted text may hold what nobody sees

  checkOpening() {
    const fault = refusal(this.opening);
    find('opening-fault').textContent = fault;
    find('opening').setAttribute('aria-invalid', Boolean(fault));
    return !fault;
  }

  // A new opening: what was written after another one goes.
  setOpening(text) {
    this.stop();
    this.player.pause();
    if (this.model) this.say('');
    find('opening').value = text;
    this.lay(this.checkOpening() ? this.opening : '');
    this.think();
  }

  // The odds after the opening, before anything is written.
  think() {
    if (!this.model || !this.checkOpening()) return;
    const turn = this.turn, symbols = [END, ...this.letters];
    this.line(async () => {
      if (turn !== this.turn) return;
      const logits = await this.model.reader().read(symbols.map(symbol => this.model.ids.get(symbol)));
      if (turn !== this.turn) return;
      this.logits = logits;
      this.showOdds();
    });
  }

  // The model does one thing at a time; what else is asked of it stands in line.
  line(work) {
    this.job = this.job.then(work).catch(error => this.say(`The model stopped (${error.message}). Load the page again.`));
    return this.job;
  }

  lay(opening) {
    Object.assign(this, { letters: [], logits: [], opened: opening.length, at: -1, shown: null });
    this.roll.clear();
    this.roll.view.scrollLeft = 0;
    find('letters').replaceChildren();
    for (const letter of opening) this.add(letter);
    this.select(this.letters.length - 1);
  }

  strike(letter) {
    if (!letter) return;
    this.setOpening(this.opening + letter);
    this.hear(letter);
  }

  typed(event) {
    const text = find('opening').value;
    this.setOpening(text);
    this.hear(event.data?.at(-1));
  }

  pianoKey(event) {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    if ((LETTERS + REST).includes(event.key)) this.strike(event.key);
    else if (event.key === 'Backspace') this.setOpening(this.opening.slice(0, -1));
    else return;
    event.preventDefault();
  }

  hear(letter) {
    if (!letter || !(LETTERS + REST).includes(letter) || !globalThis.AudioContext) return;
    this.sound.open().note(letter);
    const key = find('piano').querySelector(`[data-letter="${letter}"]`);
    key.classList.add('down');
    setTimeout(() => key.classList.remove('down'), 180);
  }

  settings() {
    const temperature = find('temperature').valueAsNumber;
    find('temperature-value').value = temperature.toFixed(2);
    find('temperature-word').textContent = effect(temperature);
    for (const id of ['length', 'tempo']) find(`${id}-value`).value = find(id).value;
    this.showOdds();
  }

  // Writing

  recipe() {
    const seed = Math.round(Math.min(LIMITS.seed, Math.max(0, find('seed').valueAsNumber || 0)));
    find('seed').value = seed;
    return { opening: this.opening, temperature: find('temperature').valueAsNumber, seed, length: find('length').valueAsNumber };
  }

  async write(aloud = true) {
    if (!this.model) return;
    if (!this.checkOpening()) return find('opening').focus();
    this.stop();
    this.player.pause();
    const recipe = this.recipe(), turn = this.turn;
    history.replaceState(null, '', toLink(recipe));
    this.lay(recipe.opening);
    this.shown = recipe; // of the melody in the picture, whatever is set after it
    this.setWriting(true);
    if (aloud) this.play(0);
    if (aloud) find('roll').scrollIntoView({ block: 'nearest', behavior: calm.matches ? 'auto' : 'smooth' });
    await this.line(() => this.go(recipe, turn));
    if (turn === this.turn) this.setWriting(false);
  }

  async go({ opening, temperature, seed, length }, turn) {
    const { ids, vocabulary } = this.model, reader = this.model.reader(), throwDice = dice(seed), stopped = () => turn !== this.turn;
    if (stopped()) return;
    let logits = await reader.read([END, ...opening].map(symbol => ids.get(symbol)));
    if (stopped()) return;
    this.logits.push(...logits);
    for (let count = 0; count < length; count += 1) {
      const id = choose(odds(this.logits.at(-1), temperature), throwDice());
      if (vocabulary[id] === END) return this.finish(`The model ended its tune after ${letters(count)}.`);
      logits = await reader.read([id]);
      if (stopped()) return;
      this.logits.push(...logits);
      this.add(vocabulary[id]);
      if (!this.player.playing) { this.select(this.letters.length - 1); this.roll.reveal(this.letters.length - 1); }
      await breath();
      if (stopped()) return;
    }
    this.finish(`${letters(length)} written.`);
  }

  finish(text) {
    this.say(text);
    if (!this.player.playing) this.select(this.letters.length - 1);
  }

  setWriting(writing) {
    this.writing = writing;
    find('write').textContent = writing ? '■ Stop' : 'Write';
    if (writing) this.say('Writing…');
  }

  stop() {
    this.turn += 1;
    if (!this.writing) return;
    this.setWriting(false);
    this.player.pause();
    this.say(`Stopped after ${letters(this.letters.length - this.opened)}.`);
  }

  add(letter) {
    const index = this.letters.length, kind = index < this.opened ? 'opening' : 'written';
    this.letters.push(letter);
    this.roll.add(letter, kind);
    find('letters').append(html('span', { class: kind, 'data-index': index }, letter));
  }

  // Hearing and looking

  pick(event, act) {
    const mark = event.target.closest('[data-index]');
    if (mark) act(Number(mark.dataset.index));
  }

  toggle() {
    if (this.player.playing) return this.player.pause();
    const last = this.letters.length - 1;
    this.play(this.at < last ? Math.max(0, this.at) : 0);
  }

  play(from) {
    if (!globalThis.AudioContext) return this.say('This browser has no Web Audio, so the melody stays silent.');
    if (!this.letters.length && !this.writing) return this.say('There is nothing to play yet: tap an opening, or press Write.');
    this.player.play(from);
  }

  follow(place) {
    find('play').textContent = place < 0 ? '▶ Play' : '❚❚ Pause';
    if (place < 0) return this.roll.move(-1);
    const index = Math.min(Math.floor(place), this.letters.length - 1);
    this.roll.move(calm.matches ? index : place);
    if (index === this.at) return;
    this.select(index);
    this.roll.reveal(index);
  }

  select(index) {
    for (const old of [this.roll.marks[this.at], find('letters').children[this.at]]) old?.classList.remove('now');
    this.at = index;
    for (const mark of [this.roll.marks[index], find('letters').children[index]]) mark?.classList.add('now');
    const slider = this.roll.view, count = this.letters.length, kind = index < this.opened ? 'of your opening' : 'written by the model';
    slider.setAttribute('aria-valuemax', count);
    slider.setAttribute('aria-valuenow', index + 1);
    slider.setAttribute('aria-valuetext', index < 0 ? 'before the first letter' : `${nameOf(this.letters[index])}, letter ${index + 1} of ${count}, ${kind}`);
    this.showOdds();
  }

  rollKey(event) {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const last = this.letters.length - 1;
    const places = { ArrowLeft: this.at - 1, ArrowDown: this.at - 1, ArrowRight: this.at + 1, ArrowUp: this.at + 1, PageDown: this.at - 8, PageUp: this.at + 8, Home: 0, End: last };
    if (event.key in places) {
      this.player.pause();
      this.select(Math.max(-1, Math.min(last, places[event.key])));
      this.roll.reveal(this.at);
      if (this.at >= 0) this.hear(this.letters[this.at]);
    } else if (event.key === 'Enter') this.play(Math.max(0, this.at));
    else if (event.key === ' ') this.toggle();
    else return;
    event.preventDefault();
  }

  // How likely each letter is after the chosen one, at the temperature that is set now.
  showOdds() {
    const logits = this.logits[this.at + 1], came = this.letters[this.at + 1];
    const before = this.letters.slice(Math.max(0, this.at - 5), this.at + 1).join(' ');
    const where = this.at < 0 ? 'for the first letter' : `after ${this.at > 5 ? '… ' : ''}${before}`;
    find('odds-where').textContent = !logits ? 'The odds of the next letter appear here once the model is loaded.'
      : `Odds in percent ${where}, at temperature ${find('temperature').valueAsNumber.toFixed(2)}.${came ? ` What came was ${came}.` : ''}`;
    const shares = logits && odds(logits, find('temperature').valueAsNumber);
    const told = SYMBOLS.map((symbol, place) => {
      const share = shares ? shares[this.model.ids.get(symbol)] : 0, bar = this.bars[place];
      bar.querySelector('i').style.setProperty('--share', share);
      bar.querySelector('small').textContent = percent(share) || '';
      bar.classList.toggle('chosen', Boolean(logits) && symbol === came);
      return [share, `${nameOf(symbol)} ${percent(share)} %`];
    });
    const best = told.sort((a, b) => b[0] - a[0]).slice(0, 4).map(([, words]) => words).join(', ');
    find('odds').setAttribute('aria-label', logits ? `Odds of the next letter: ${best}` : 'Odds of the next letter: none yet');
  }

  // Taking it along

  download() {
    if (!this.letters.some(letter => letter !== REST)) return this.say('There is no note to save yet: tap an opening, or press Write.');
    const file = new Blob([midi(this.letters, find('tempo').valueAsNumber)], { type: 'audio/midi' });
    const link = html('a', { href: URL.createObjectURL(file), download: `char-gpt-${this.opening || 'alone'}-seed-${(this.shown || this.recipe()).seed}.mid` });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60000);
  }

  async share() {
    if (!this.checkOpening()) return find('opening').focus();
    history.replaceState(null, '', toLink(this.shown || this.recipe()));
    try {
      await navigator.clipboard.writeText(location.href);
      this.say(`The link is copied. Whoever opens it sees ${this.shown ? 'this melody written again' : 'what the model makes of this opening'}.`);
    } catch { this.say('The link is in the address bar: copy it from there.'); }
  }
}

new Page();
