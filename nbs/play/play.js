/* The page: what people press, and what they see. Letters and bars come from letters.js and bars.js, the networks
from model.js, sound from sound.js. */
import { LETTERS, LIMITS, REST, nameOf, pitchOf, refusal } from './music.js';
import { Bars } from './bars.js';
import { BarRoll } from './rolls.js';
import { Take } from './take.js';
import { Letters } from './letters.js';
import { fromLink, toLink } from './links.js';
import { keep } from './keeper.js';
import { fileOf, load, Trouble } from './model.js';
import { Player, Sound } from './sound.js';
import { calm, count, find, html } from './dom.js';

const TYPES = {
  midi: ['.mid', 'audio/midi'],
  abc: ['.abc', 'text/vnd.abc'],
  xml: ['.musicxml', 'application/vnd.recordare.musicxml+xml'],
};

const effect = temperature => {
  if (temperature === 0) return 'The likeliest every time: soon it goes in circles.';
  if (temperature < 0.6) return 'Careful: favourites first, and much repetition.';
  if (temperature < 0.95) return 'A little bolder about favourites than the tunes it learned from.';
  if (temperature <= 1.05) return 'Its own odds, as it learned them.';
  if (temperature < 1.5) return 'Adventurous: rare turns come up more often.';
  return 'Wild: close to throwing dice.';
};

// The letter that a key of a computer writes; empty for other keys.
const keyOf = ({ key = '' }) => (key.length === 1 && LETTERS.includes(key) ? key : '');

class Page {
  constructor() {
    Object.assign(this, { models: {}, turn: 0, writing: false, phrase: null, job: Promise.resolve() });
    this.sound = new Sound();
    this.sound.listeners.add(sentence => this.soundless(sentence));
    this.player = new Player(this.sound, {
      notes: () => this.craft.notes(),
      growing: () => this.writing,
      tempo: () => this.craft.tempo,
      onMove: place => this.follow(place),
    });
    this.crafts = { 'remi-folk': new Bars(this), 'char-gpt': new Letters(this) };
    this.craft = this.crafts['remi-folk'];
    this.buildPiano();
    this.buildTake();
    this.listen();
    this.choose(this.craft.model);
    this.settings();
    this.open();
  }

  get model() {
    return this.models[this.craft.model];
  }

  buildPiano() {
    let column = 1;
    for (const letter of [...LETTERS, REST]) {
      const white = letter === letter.toUpperCase(),
        kind = letter === REST ? 'rest' : white ? 'white' : 'black';
      const key = html(
        'button',
        { type: 'button', class: kind, 'data-letter': letter, 'aria-label': nameOf(letter) },
        letter,
      );
      key.style.gridColumn = white ? `${column} / span 2` : `${column - 1} / span 2`;
      if (white) column += 2;
      if (!white) key.dataset.sharp = `${letter.toUpperCase()}♯`;
      find('piano').append(key);
    }
  }

  // A phrase that is played in rhythm, and its picture.
  buildTake() {
    this.take = new Take(this.sound, {
      changed: () => this.phrased(),
      beat: (number, of, before) => {
        find('record').dataset.zero = this.take.start;
        find('beat').textContent =
          `${'○'.repeat(number)}●${'○'.repeat(of - 1 - number)}${before ? ' …' : ''}`;
      },
      ended: () => this.recorded(),
    });
    this.taken = new BarRoll(find('take'), 'What you played, rounded');
    for (const name of ['valuemin', 'valuenow']) this.taken.view.removeAttribute(`aria-${name}`);
    this.taken.view.setAttribute('role', 'img');
  }

  listen() {
    const on = (id, name, act) => find(id).addEventListener(name, act);
    on('models', 'click', event => this.change(event.target.closest('[data-model]')?.dataset.model));
    on('piano', 'click', event => this.tap(event));
    on('piano', 'pointerdown', event => this.touch(event));
    on('record', 'click', () => this.record());
    on('round', 'change', () => this.phrased());
    window.addEventListener('keydown', event => this.typedInRhythm(event));
    window.addEventListener('keyup', event => this.take.up(pitchOf(keyOf(event)), event.timeStamp));
    for (const name of ['pointerup', 'pointercancel'])
      window.addEventListener(name, event => this.take.up(this.touched, event.timeStamp));
    on('piano', 'keydown', event => this.pianoKey(event));
    on('opening', 'input', event => this.typed(event));
    for (const id of ['opening', 'seed']) on(id, 'keydown', event => event.key === 'Enter' && this.write());
    on('back', 'click', () => this.setOpening([...find('opening').value].slice(0, -1).join('')));
    on('clear', 'click', () => {
      this.setOpening('');
      find('opening').focus();
    });
    on('keyboard', 'click', () => this.connect());
    for (const id of ['temperature', 'length', 'tempo', 'bars', 'top-p', 'pace'])
      on(id, 'input', () => this.settings());
    on('pace', 'change', () => this.phrased());
    on('key', 'change', () => this.setOpening(find('opening').value, this.phrase));
    on('meter', 'change', () => {
      if (this.phrase) this.phrased();
      else this.setOpening(find('opening').value);
    });
    on('tempo', 'change', () => this.player.retime());
    on('write', 'click', event => {
      if (this.writing && event.detail > 1) return; // the second half of a double click is no Stop
      if (this.writing) this.stop();
      else this.write();
    });
    on('again', 'click', () => {
      find('seed').value = Math.floor(1e6 * Math.random());
      this.write();
    });
    on('rewrite', 'click', () => this.rewrite());
    on('play', 'click', () => this.toggle());
    for (const kind in TYPES) on(kind, 'click', () => this.download(kind));
    on('link', 'click', () => this.share());
    on('retry', 'click', () => this.load());
    on('keep-all', 'click', () => this.keepAll());
    for (const craft of Object.values(this.crafts)) {
      const { view } = craft.roll;
      view.addEventListener('click', event => {
        const mark = event.target.closest('[data-index]');
        if (mark) this.playFrom(Number(mark.dataset.index));
      });
      view.addEventListener('keydown', event => this.rollKey(event));
    }
    window.addEventListener('hashchange', () => this.open());
    window.addEventListener('pagehide', () => this.player.pause()); // whoever comes back presses Play
  }

  // Which model

  choose(model) {
    this.craft = this.crafts[model];
    for (const button of find('models').children)
      button.setAttribute('aria-pressed', button.dataset.model === model);
    for (const part of document.querySelectorAll('[data-for]')) part.hidden = part.dataset.for !== model;
    for (const id of ['trouble', 'loading']) find(id).hidden = true; // of the other model
    this.ready();
  }

  ready() {
    for (const id of ['write', 'again']) find(id).disabled = !this.model;
  }

  // Another model for the same opening.
  change(model) {
    if (!model || model === this.craft.model) return;
    this.stop();
    this.take.end();
    this.player.pause();
    find('link-fault').textContent = '';
    this.choose(model);
    this.settings();
    if (!this.craft.shown) this.craft.lay(this.checkOpening() ? this.opening : '');
    if (this.model) this.begin();
    else this.load();
  }

  // What a link asks for, if it does, and the model to do it.
  open() {
    const wish = fromLink(location.hash);
    find('link-fault').textContent = wish ? wish.faults.join(' ') : '';
    if (wish) {
      this.stop();
      this.player.pause();
      this.choose(wish.model);
      this.wish = wish.begin ? null : wish;
      if (wish.begin) find('opening').value = wish.opening;
    }
    if (this.wish) {
      for (const name of ['temperature', 'seed', 'length', 'bars']) find(name).value = this.wish[name];
      find('top-p').value = this.wish.topP;
      if (this.wish.phrase) find('pace').value = this.wish.phrase.bpm;
      this.settings();
    }
    this.setOpening(this.wish ? this.wish.opening : find('opening').value, this.wish?.phrase);
    if (this.model) this.begin();
    else this.load();
  }

  // The model is here. What a link asked for is written without sound: nobody has pressed anything yet.
  begin() {
    const { wish, craft } = this;
    this.wish = null;
    if (!wish || wish.model !== craft.model) return craft.shown ? this.say('Ready.') : this.think();
    if (craft.ask) find('link-fault').textContent = [...wish.faults, ...craft.ask(wish)].join(' ');
    this.settings();
    this.write(false, wish.again);
  }

  async load() {
    const { craft } = this,
      name = craft.model,
      here = () => this.craft === craft;
    find('trouble').hidden = true;
    find('loading').hidden = false;
    find('progress').value = 0;
    try {
      const model = await load(name, (bytes, whole) => {
        if (!here()) return;
        find('progress').value = bytes / whole;
        this.say(
          bytes < whole
            ? `Loading the model: ${(bytes / 1e6).toFixed(1)} of ${(whole / 1e6).toFixed(1)} MB`
            : 'Starting the model…',
          true,
        );
      });
      craft.learn?.(model);
      this.models[name] = model;
      this.keep({ have: [fileOf(name)] });
      if (!here()) return;
      this.ready();
      this.say('Ready.');
      this.begin();
    } catch (error) {
      if (!(error instanceof Trouble)) throw error;
      if (!here()) return;
      this.say('');
      find('trouble-text').textContent = error.message;
      find('trouble').hidden = false;
    } finally {
      if (here()) find('loading').hidden = true;
    }
  }

  // Lets the browser keep what was used of the page, or all of it, where it can.
  async keep(asked) {
    const said = text => {
      find('offline').textContent = text;
    };
    try {
      const kept = await keep(asked);
      find('keep-all').hidden = !kept || kept.whole;
      if (!kept) return said('Here it cannot be kept on this device, and needs a network each time.');
      said(`${kept.whole ? 'All of it' : 'What you have used'} is kept on this device now.`);
    } catch (error) {
      said(`It could not be kept on this device (${error.message}): all that is here goes on working.`);
    }
  }

  async keepAll() {
    find('keep-all').disabled = true;
    find('offline').textContent = 'Fetching the rest…';
    await this.keep({ all: true });
    find('keep-all').disabled = false;
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

  get opening() {
    return find('opening').value.replace(/[\s\p{Cc}\p{Cf}]/gu, '');
  } // a pasted text may hold what nobody sees

  checkOpening() {
    const fault = refusal(this.opening);
    find('opening-fault').textContent = fault;
    find('opening').setAttribute('aria-invalid', Boolean(fault));
    return !fault;
  }

  // A new opening, letters or a phrase and its letters: what was written after another one goes.
  setOpening(text, phrase = null) {
    this.phrase = phrase;
    if (!phrase) this.forget();
    this.stop();
    this.player.pause();
    if (this.model) this.say('');
    find('opening').value = text;
    const opening = this.checkOpening() ? this.opening : '';
    for (const craft of Object.values(this.crafts)) craft.lay(opening);
    this.think();
  }

  think() {
    if (!this.model || !this.checkOpening()) return;
    const { turn, craft, model } = this,
      stopped = () => turn !== this.turn;
    this.line(() => stopped() || craft.think(model, stopped));
  }

  // The model does one thing at a time; what else is asked of it stands in line.
  line(work) {
    this.job = this.job
      .then(work)
      .catch(error => this.say(`The model stopped (${error.message}). Load the page again.`));
    return this.job;
  }

  // A phrase in rhythm

  forget() {
    this.take.end();
    this.take.strokes = [];
    find('take').hidden = true;
  }

  record() {
    if (this.take.on) return this.take.end();
    const { language } = this.crafts['remi-folk'],
      meter = find('meter').value || '4/4';
    if (!language) return this.recordSaid('The model is still loading: a moment.');
    this.setOpening('');
    this.take.begin({
      bpm: find('pace').valueAsNumber,
      meter,
      grid: language.grid,
      length: language.lengths[meter],
    });
    this.taken.clear();
    find('take').hidden = false;
    find('piano').scrollIntoView({ block: 'nearest' });
    find('record').setAttribute('aria-pressed', true);
    find('record').textContent = '■ That is all';
    this.recordSaid(
      `One bar of clicks, and it is your turn, in ${meter}: tap the keys, type, or play a MIDI keyboard.`,
    );
  }

  recordSaid(text) {
    find('record-said').textContent = text;
  }

  recorded() {
    find('beat').textContent = '';
    find('record').setAttribute('aria-pressed', false);
    find('record').textContent = '● Play in rhythm';
    const notes = this.phrase?.notes.length || 0;
    find('take').hidden = !notes;
    this.recordSaid(
      notes
        ? `${count(notes, 'note')}, rounded to ${find('round').selectedOptions[0].text}; the thin lines are how you played. ` +
            'Press Write, and it goes on.'
        : 'Nothing was played.',
    );
  }

  // The phrase as it is now: rounded, drawn, and the opening of both models; letters know no rhythm.
  phrased() {
    const craft = this.crafts['remi-folk'],
      { strokes, bpm } = this.take,
      pace = find('pace').valueAsNumber,
      meter = find('meter').value || '4/4';
    if (!craft.language || !(strokes.length || this.phrase)) return;
    const phrase = strokes.length
      ? { ...craft.phraseOf(strokes, bpm), bpm: pace }
      : { ...this.phrase, bpm: pace, meter };
    this.setOpening(phrase.notes.map(([, , pitch]) => LETTERS[pitch % 12]).join(''), phrase);
    find('take').hidden = !strokes.length || !craft.music;
    if (find('take').hidden) return;
    this.taken.clear();
    this.taken.show(craft.music, craft.language.grid);
    this.taken.played(phrase.raw, craft.language.grid);
    this.taken.reveal(craft.beat(craft.size - 1));
  }

  tap(event) {
    const letter = event.target.closest('[data-letter]')?.dataset.letter;
    if (!this.take.on) return this.strike(letter);
    if (letter && letter !== REST && event.detail === 0) this.inRhythm(letter, event.timeStamp); // by Enter or Space
  }

  touch(event) {
    const letter = event.target.closest('[data-letter]')?.dataset.letter;
    if (!this.take.on || !letter || letter === REST) return;
    this.touched = pitchOf(letter);
    this.inRhythm(letter, event.timeStamp);
  }

  typedInRhythm(event) {
    const field = event.target.closest?.('input, select'),
      letter = keyOf(event);
    if (!this.take.on || field || !letter || event.repeat || event.altKey || event.ctrlKey || event.metaKey)
      return;
    this.inRhythm(letter, event.timeStamp);
    event.preventDefault();
  }

  inRhythm(letter, stamp) {
    this.take.down(pitchOf(letter), stamp);
    this.hearLetter(letter);
  }

  strike(letter) {
    if (!letter) return;
    this.setOpening(this.opening + letter);
    this.hearLetter(letter);
  }

  typed(event) {
    const text = find('opening').value;
    this.setOpening(text);
    this.hearLetter(event.data?.at(-1));
  }

  pianoKey(event) {
    if (this.take.on || event.altKey || event.ctrlKey || event.metaKey) return;
    if ((LETTERS + REST).includes(event.key)) this.strike(event.key);
    else if (event.key === 'Backspace') this.setOpening(this.opening.slice(0, -1));
    else return;
    event.preventDefault();
  }

  // Keys of a MIDI keyboard are struck as those on the page are.
  async connect() {
    const said = text => {
      find('keyboard-said').textContent = text;
    };
    if (!navigator.requestMIDIAccess)
      return said('This browser knows no MIDI keyboards: tap the keys here, or type.');
    try {
      const access = await navigator.requestMIDIAccess();
      const hear = () => {
        for (const input of access.inputs.values())
          input.onmidimessage = ({ data: [act, pitch, force], timeStamp }) => {
            const down = act >> 4 === 9 && force > 0;
            if (this.take.on && down) this.hear(pitch);
            if (this.take.on && down) this.take.down(pitch, timeStamp);
            else if (down) this.strike(LETTERS[pitch % 12]);
            else if ([8, 9].includes(act >> 4)) this.take.up(pitch, timeStamp);
          };
        said(
          access.inputs.size
            ? `Listening to ${[...access.inputs.values()].map(input => input.name).join(', ')}.`
            : 'No MIDI keyboard is connected: plug one in, and it is heard.',
        );
      };
      access.onstatechange = hear;
      hear();
    } catch {
      said(
        'This browser was not allowed to listen to MIDI keyboards: allow it beside the address, or tap the keys here.',
      );
    }
  }

  hearLetter(letter) {
    if (!letter || !(LETTERS + REST).includes(letter) || !globalThis.AudioContext) return;
    this.hear(letter === REST ? null : pitchOf(letter));
    const key = find('piano').querySelector(`[data-letter="${letter}"]`);
    key.classList.add('down');
    setTimeout(() => key.classList.remove('down'), 180);
  }

  hear(pitch) {
    if (globalThis.AudioContext) this.sound.open().note(pitch);
  }

  settings() {
    const temperature = find('temperature').valueAsNumber;
    find('temperature-value').value = temperature.toFixed(2);
    find('temperature-word').textContent = effect(temperature);
    for (const id of ['length', 'tempo', 'bars', 'pace']) find(`${id}-value`).value = find(id).value;
    find('top-p-value').value = find('top-p').valueAsNumber.toFixed(2);
    this.craft.showOdds();
  }

  // Writing

  recipe() {
    const seed = Math.round(Math.min(LIMITS.seed, Math.max(0, find('seed').valueAsNumber || 0)));
    find('seed').value = seed;
    return this.craft.recipe({
      model: this.craft.model,
      opening: this.opening,
      temperature: find('temperature').valueAsNumber,
      seed,
    });
  }

  // Some bars of the piece anew.
  async rewrite() {
    const { craft, model } = this,
      fault = this.writing ? 'Let it finish first, or stop it.' : craft.refusal;
    find('rewrite-said').textContent = fault;
    if (fault || !model) return;
    this.stop();
    this.player.pause();
    const { turn } = this,
      stopped = () => turn !== this.turn;
    this.setWriting(true);
    await this.line(async () => {
      const said = stopped() ? '' : await craft.rewrite(model, stopped);
      if (!stopped()) this.say(said);
    });
    if (stopped()) return;
    history.replaceState(null, '', toLink(craft.shown));
    this.setWriting(false);
    if (craft.at >= 0) this.playFrom(craft.at);
  }

  async write(aloud = true, again = []) {
    const { craft, model } = this;
    if (!model) return;
    this.take.end();
    if (!this.checkOpening()) return find('opening').focus();
    this.stop();
    this.player.pause();
    if (aloud) find('link-fault').textContent = '';
    const recipe = { ...this.recipe(), again },
      turn = this.turn,
      stopped = () => turn !== this.turn;
    history.replaceState(null, '', toLink(recipe));
    craft.lay(recipe.opening);
    craft.shown = recipe; // of the music in the picture, whatever is set after it
    this.setWriting(true);
    if (aloud) this.play(0);
    if (aloud)
      craft.roll.view.scrollIntoView({ block: 'nearest', behavior: calm.matches ? 'auto' : 'smooth' });
    await this.line(async () => {
      const said = stopped() ? '' : await craft.write(model, recipe, stopped);
      if (!stopped()) this.finish(said);
    });
    if (!stopped()) this.setWriting(false);
  }

  // The craft has a note more.
  grown() {
    const last = this.craft.size - 1;
    if (this.player.playing || last < 0) return;
    this.craft.select(last);
    this.reveal(last);
  }

  finish(text) {
    this.say(text);
    if (!this.player.playing) this.craft.select(this.craft.size - 1);
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
    this.say(`Stopped after ${count(this.craft.written, this.craft.unit)}.`);
  }

  // Hearing and looking

  reveal(index) {
    this.craft.roll.reveal(this.craft.beat ? this.craft.beat(index) : index);
  }

  toggle() {
    if (this.player.playing) return this.player.pause();
    const { at, size } = this.craft;
    this.playFrom(at < size - 1 ? Math.max(0, at) : 0);
  }

  playFrom(index) {
    this.play(index < this.craft.size ? this.craft.start(index) : 0);
  }

  play(from) {
    if (!globalThis.AudioContext)
      return this.say('This browser has no Web Audio, so the melody stays silent.');
    if (!this.craft.size && !this.writing)
      return this.say('There is nothing to play yet: tap an opening, or press Write.');
    this.player.play(from);
  }

  follow(place) {
    const { craft } = this;
    find('play').textContent = place < 0 ? '▶ Play' : '❚❚ Pause';
    if (place < 0) return craft.roll.move(-1);
    if (!craft.size) return;
    const index = craft.index(place),
      beat = craft.steps ? craft.steps(place) / craft.language.grid : place;
    craft.roll.move(calm.matches ? (craft.beat ? craft.beat(Math.max(0, index)) : index) : beat);
    if (index === craft.at) return;
    craft.select(index);
    if (index >= 0) this.reveal(index);
  }

  rollKey(event) {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const { craft } = this,
      { at } = craft,
      last = craft.size - 1;
    const places = {
      ArrowLeft: at - 1,
      ArrowDown: at - 1,
      ArrowRight: at + 1,
      ArrowUp: at + 1,
      PageDown: at - 8,
      PageUp: at + 8,
      Home: 0,
      End: last,
    };
    if ((event.shiftKey || event.key === 'Escape') && craft.choose?.(event.key, true)) this.player.pause();
    else if (event.key in places) {
      this.player.pause();
      craft.select(Math.max(-1, Math.min(last, places[event.key])));
      if (craft.at >= 0) {
        this.reveal(craft.at);
        this.hear(craft.pitch(craft.at));
      }
    } else if (event.key === 'Enter') this.playFrom(Math.max(0, at));
    else if (event.key === ' ') this.toggle();
    else return;
    event.preventDefault();
  }

  // Taking it along

  download(kind) {
    if (!this.craft.sounds) return this.say('There is no note to save yet: tap an opening, or press Write.');
    const [ending, type] = TYPES[kind],
      file = new Blob([this.craft.keep(kind)], { type });
    const link = html('a', { href: URL.createObjectURL(file), download: this.craft.file + ending });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60000);
  }

  async share() {
    if (!this.checkOpening()) return find('opening').focus();
    const { shown } = this.craft,
      seen = shown ? 'this melody written again' : 'what the model makes of this opening';
    history.replaceState(null, '', toLink(shown || this.recipe()));
    try {
      await navigator.clipboard.writeText(location.href);
      this.say(`The link is copied. Whoever opens it sees ${seen}.`);
    } catch {
      this.say('The link is in the address bar: copy it from there.');
    }
  }
}

new Page();
