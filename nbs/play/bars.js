/* Attempt 4 on the page: bars, positions and notes. */
import { abc, midi, musicXml } from './files.js';
import { Language, Piece } from './remi.js';
import { quantised } from './rhythm.js';
import { MOST_BARS } from './links.js';
import { BarRoll } from './rolls.js';
import { Engraved } from './score.js';
import { Choice, choosing } from './choice.js';
import { breath, count, find, html, percent } from './dom.js';

const METERS = ['2/4', '3/4', '4/4', '6/8', '9/8', '12/8', '2/2', '3/8', '3/2', '6/4'];
const NAMES = ['C', 'C♯', 'D', 'E♭', 'E', 'F', 'F♯', 'G', 'A♭', 'A', 'B♭', 'B'];
const ENGRAVER = ['verovio-module.mjs', 'verovio.mjs'].map(name => `vendor/verovio/${name}`);
const MOST = 14; // likeliest notes that are shown
const nameOf = pitch => `${NAMES[pitch % 12]}${Math.floor(pitch / 12) - 1}`;
const keyName = key => key.replace(/^(.)b/, '$1♭').replace('#', '♯');

// A phrase as the package takes it: a MIDI file in letters.
const inLetters = ({ meter, bpm, notes }, grid) => {
  const told = notes.map(([start, duration, pitch]) => ({ start, duration, pitch })),
    file = midi(told, { grid, end: 0, tempos: [{ step: 0, bpm }], meter });
  return `midi:${btoa(String.fromCharCode(...file))}`;
};

// The call that writes the same music with the package.
const inPython = ({ bars, seed, temperature, topP, key, meter, opening, phrase, again }, heard, grid) => {
  const odds = { ...(temperature ? { temperature } : { top_k: 1 }), top_p: topP },
    told = { bars, seed, ...odds };
  const texts = Object.entries({
    key,
    meter: phrase ? null : meter,
    opening: phrase ? inLetters(phrase, grid) : /[^R]/.test(opening) && `notes:${[...opening].join(' ')}`,
  }).filter(([, text]) => text);
  const words = [
    ...Object.entries(told).map(([name, value]) => `${name}=${value}`),
    ...texts.map(([name, text]) => `${name}='${text}'`),
  ];
  const call = `make(Recipe(${words.join(', ')}), dice='page')`,
    how = Object.entries(odds)
      .map(([name, value]) => `${name}=${value}`)
      .join(', ');
  return again.reduce(
    (piece, { first, stop, seed: own }) =>
      `make(Recipe(opening=midi_opening(${piece}.score), gap=(${first}, ${stop}), ` +
      `key='${heard}', seed=${own}, ${how}), dice='page')`,
    call,
  );
};

export class Bars {
  model = 'remi-folk';
  tempo = 60; // of the player, whose beat is a second here: a piece may change its own tempo
  unit = 'note';

  constructor(page) {
    Object.assign(this, { page, piece: null, music: null, at: -1, shown: null, moved: 0 });
    this.roll = new BarRoll(find('staff'));
    this.engraved = new Engraved(() => page.keep({ names: ENGRAVER }));
    find('engrave').addEventListener('click', () =>
      this.engraved.asked ? this.engraved.hide() : this.engrave(),
    );
    this.choice = new Choice(() => this.chosen());
    this.roll.view.setAttribute('aria-describedby', 'choosing');
    choosing(this.roll.view, this.choice, (...told) => this.roll.barAt(...told));
    choosing(find('engraved'), this.choice, event => this.engraved.barAt(event), true);
    find('engraved').addEventListener('keydown', event => this.scoreKey(event));
    for (const id of ['first-bar', 'last-bar']) find(id).addEventListener('input', () => this.numbered());
    find('bars').max = MOST_BARS;
    for (const meter of METERS) find('meter').append(html('option', { value: meter }, meter));
  }

  // What the record of the model says of its language.
  learn(model) {
    if (this.language) return;
    this.language = new Language(model);
    const { keys } = this.language.ears,
      modes = {};
    for (const key of this.language.keys) (modes[key.split(' ')[1]] ||= []).push(key);
    for (const [mode, names] of Object.entries(modes)) {
      const group = html('optgroup', { label: mode });
      names.sort((a, b) => keys[a].tonic - keys[b].tonic);
      group.append(...names.map(key => html('option', { value: key }, keyName(key))));
      find('key').append(group);
    }
  }

  get size() {
    return this.music?.notes.length || 0;
  }
  get opened() {
    return this.music?.notes.filter(note => note.start < this.music.join).length || 0;
  }
  get written() {
    return this.size - this.opened;
  }

  // In seconds, by the tempos of the piece.
  seconds(step) {
    const { tempos } = this.music,
      { grid } = this.language;
    let time = 0;
    tempos.forEach(({ step: from, bpm }, number) => {
      const until = Math.min(step, tempos[number + 1]?.step ?? Infinity);
      if (until > from) time += (((until - from) / grid) * 60) / bpm;
    });
    return time;
  }

  steps(seconds) {
    const { tempos } = this.music,
      { grid } = this.language,
      last = tempos.findLast(({ step }) => this.seconds(step) <= seconds + 1e-6) || tempos[0];
    return last ? last.step + (((seconds - this.seconds(last.step)) * last.bpm) / 60) * grid : 0;
  }

  notes() {
    return (this.music?.notes || []).map(({ start, duration, pitch }) => {
      const from = this.seconds(start);
      return { start: from, duration: this.seconds(start + duration) - from, pitch };
    });
  }

  start(index) {
    return this.seconds(this.music.notes[index].start);
  } // for the player
  beat(index) {
    return this.music.notes[index].start / this.language.grid;
  } // for the picture
  index(seconds) {
    return this.music.notes.findLastIndex(note => this.seconds(note.start) <= seconds + 1e-6);
  }
  pitch(index) {
    return this.music.notes[index].pitch;
  }

  // The opening, before anything is written.
  lay(opening) {
    Object.assign(this, { piece: null, music: null, shown: null, at: -1, moved: 0 });
    this.clear();
    this.choice.clear();
    if (this.language && (opening || this.phrase))
      this.show(new Piece(this.language, this.recipe({ opening, seed: 0, temperature: 1 })));
    else this.tell();
    this.select(this.size - 1);
  }

  clear() {
    this.engraved.clear();
    this.roll.clear();
    this.roll.view.scrollLeft = 0;
  }

  // What a piece holds so far; what the picture has already stays in it.
  show(piece) {
    const before = this.music,
      { music } = piece,
      known = before?.notes.length || 0;
    const kept =
      known <= music.notes.length &&
      piece.moved === this.moved &&
      (!known ||
        before.notes.every(
          (note, i) => note.start === music.notes[i].start && note.pitch === music.notes[i].pitch,
        ));
    if (!kept) this.clear();
    Object.assign(this, { music, moved: piece.moved });
    this.roll.show(music, this.language.grid);
    this.mark();
    this.tell();
  }

  // The piece in words.
  tell() {
    const { music } = this;
    const said = music?.meter
      ? [
          music.key && keyName(music.key),
          music.meter,
          music.tempos[0] && `${music.tempos[0].bpm} quarter notes a minute`,
          count(music.bars.length, 'bar'),
          count(this.size, 'note'),
        ]
      : [];
    find('piece').textContent = said.filter(Boolean).join(' · ');
    find('python').textContent = this.shown ? inPython(this.shown, music?.key, this.language.grid) : '';
  }

  // Writing

  recipe(common) {
    return {
      ...common,
      bars: find('bars').valueAsNumber,
      key: find('key').value || null,
      meter: find('meter').value || null,
      topP: find('top-p').valueAsNumber,
      phrase: this.phrase,
      again: [],
      weights: this.page.models[this.model]?.file.sha256.slice(0, 8),
    };
  }

  // What was played, if the model has words for it; `raw`, how it was played, is no part of it.
  get phrase() {
    const { phrase } = this.page,
      { lengths, ids } = this.language || {};
    if (!phrase?.notes.length || !Object.hasOwn(lengths || {}, phrase.meter)) return null;
    const { meter, bpm, notes } = phrase,
      words = [
        `Tempo_${bpm}`,
        ...notes.flatMap(([, duration, pitch]) => [`Pitch_${pitch}`, `Duration_${duration}`]),
      ];
    return words.every(word => ids.has(word)) ? { meter, bpm, notes } : null;
  }

  // What strokes to a click become: see rhythm.js.
  phraseOf(strokes, bpm) {
    const { language } = this,
      { grid, lengths, longest, first, count: words } = language,
      meter = find('meter').value || '4/4',
      low = language.words[first.Pitch].value;
    return quantised(strokes, {
      bpm,
      meter,
      grid,
      longest,
      low,
      unit: Number(find('round').value),
      length: lengths[meter],
      high: low + words.Pitch - 1,
    });
  }

  // Sets what a link asks for; what is strange to this model becomes a sentence.
  ask(wish) {
    const faults = [];
    for (const name of ['bars', 'seed', 'temperature']) find(name).value = wish[name];
    find('top-p').value = wish.topP;
    for (const name of ['key', 'meter']) {
      find(name).value = wish[name] || '';
      if (find(name).value === (wish[name] || '')) continue;
      find(name).value = '';
      faults.push(
        `This link asks for the ${name} “${wish[name].slice(0, 40)}”, which is not among those here: ` +
          'the model chooses one.',
      );
    }
    if (wish.phrase && !this.phrase) {
      this.page.phrase = null;
      faults.push(
        'This link holds a phrase that this model has no words for: its letters are taken, a beat each.',
      );
    }
    const weights = this.page.models[this.model].file.sha256.slice(0, 8);
    if (wish.weights && wish.weights !== weights)
      faults.push(
        `This link was made with other weights (${wish.weights.slice(0, 12)}) than these (${weights}): ` +
          'expect other music.',
      );
    return faults;
  }

  async think() {
    if (!this.music) this.lay(this.page.opening);
  }

  async write(model, recipe, stopped) {
    recipe.again ||= [];
    const piece = (this.piece = new Piece(this.language, recipe));
    this.show(piece);
    for await (const { ids } of piece.write(model.reader())) {
      if (stopped()) return '';
      const kind = this.language.words[ids.at(-1)].kind;
      if (kind === 'Duration' || kind === 'Bar') {
        this.show(piece);
        this.page.grown();
        await breath();
        if (stopped()) return '';
      }
      if (piece.trial !== this.trial && piece.trial)
        this.page.say(`Trying another ending, number ${piece.trial}…`);
      this.trial = piece.trial;
    }
    this.show(piece);
    this.select(Math.min(this.at, this.size - 1));
    const done = []; // of what a link asks for
    if (recipe.again.length) this.shown = { ...recipe, again: [] };
    for (const gap of recipe.again) {
      const fault = piece.refusal(gap.first, gap.stop);
      if (fault)
        find('link-fault').textContent =
          `This link is torn, its bars ${gap.first + 1} to ${gap.stop} cannot be written anew: ${fault}`;
      else if (!(await this.fill(model, gap, stopped))) return '';
      else done.push(gap);
      this.shown = { ...recipe, again: [...done] };
    }
    if (this.engraved.asked) this.engrave();
    const tried = piece.trial ? ` It was given ${count(piece.trial, 'other ending')}.` : '';
    return `${count(recipe.bars, 'bar')} written, ${count(this.written, 'note')}.${tried}`;
  }

  // Writes some bars of the piece anew; false where it was stopped, and all is as it was.
  async fill(model, gap, stopped) {
    const { piece } = this,
      { ids, chances, gap: before } = piece,
      old = { ids, chances: [...chances], gap: before };
    const undo = () => {
      Object.assign(piece, old);
      this.show(piece);
      this.page.say('Stopped: the bars are as they were.');
    };
    for await (const { ids: read } of piece.rewrite(model.reader(), gap)) {
      if (!stopped() && this.language.words[read.at(-1)].kind !== 'Duration') continue;
      if (stopped()) return this.piece === piece && undo();
      this.show(piece);
      await breath();
      if (stopped()) return this.piece === piece && undo();
    }
    this.show(piece);
    return true;
  }

  // Why the bars that are asked for cannot be written anew; empty if they can.
  get refusal() {
    const [first, last] = ['first-bar', 'last-bar'].map(id => find(id).valueAsNumber);
    if (!this.shown || !this.size) return 'There is no piece yet: press Write.';
    return this.piece.refusal(first - 1, last);
  }

  // Bars were chosen in a picture: the numbers say which, and a sentence whether they can be had.
  chosen() {
    const { any, first, last } = this.choice,
      bars = first === last ? `Bar ${first + 1} is chosen.` : `Bars ${first + 1} to ${last + 1} are chosen.`;
    if (any) [find('first-bar').value, find('last-bar').value] = [first + 1, last + 1];
    find('rewrite-said').textContent = any ? this.refusal || bars : '';
    this.mark();
  }

  // Numbers were typed: the pictures show which bars they are.
  numbered() {
    const [first, last] = ['first-bar', 'last-bar'].map(id => find(id).valueAsNumber - 1),
      there = first >= 0 && first <= last && last < (this.music?.bars.length || 0);
    Object.assign(this.choice, there ? { from: first, to: last } : { from: null, to: null });
    find('rewrite-said').textContent = this.refusal;
    this.mark();
  }

  mark() {
    const { any, first, last } = this.choice;
    for (const picture of [this.roll, this.engraved]) picture.choose(any ? first : null, last);
  }

  // Keys choose bars: one further, with `onward` all up to there; false where the key means nothing.
  choose(key, onward) {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[key],
      { choice, music } = this;
    if (key === 'Escape' && choice.any) choice.clear();
    else if (!step || !music?.bars.length) return false;
    else if (!choice.any) choice.take(this.barOf(Math.max(0, this.at)));
    else choice.take(Math.max(0, Math.min(music.bars.length - 1, choice.to + step)), onward);
    if (choice.any) this.roll.reveal(this.roll.starts[choice.to]);
    return true;
  }

  scoreKey(event) {
    if (event.altKey || event.ctrlKey || event.metaKey || !this.choose(event.key, event.shiftKey)) return;
    if (this.choice.any && this.engraved.bars.length)
      this.engraved.reveal(this.engraved.bars[this.choice.to]);
    event.preventDefault();
  }

  barOf(index) {
    return this.music.bars.findLastIndex(bar => bar <= this.music.notes[index].start);
  }

  // Other bars in the piece, with dice of their own; the recipe remembers them.
  async rewrite(model, stopped) {
    const gap = {
      first: find('first-bar').valueAsNumber - 1,
      stop: find('last-bar').valueAsNumber,
      seed: Math.floor(1e6 * Math.random()),
    };
    if (!(await this.fill(model, gap, stopped))) return '';
    this.shown = { ...this.shown, again: [...this.shown.again, gap] };
    this.tell();
    this.select(this.music.notes.findIndex(({ start }) => start >= this.music.bars[gap.first]));
    this.page.reveal(Math.max(0, this.at));
    if (this.engraved.asked) this.engrave();
    return gap.stop - gap.first === 1
      ? `Bar ${gap.stop} is new.`
      : `Bars ${gap.first + 1} to ${gap.stop} are new.`;
  }

  // Looking

  select(index) {
    this.roll.marks[this.at]?.classList.remove('now');
    this.at = index;
    this.roll.marks[index]?.classList.add('now');
    this.engraved.select(index < 0 ? null : this.beat(index));
    const slider = this.roll.view,
      note = this.music?.notes[index],
      kind = index < this.opened ? 'of your opening' : 'written by the model';
    slider.setAttribute('aria-valuemax', this.size);
    slider.setAttribute('aria-valuenow', index + 1);
    slider.setAttribute(
      'aria-valuetext',
      note
        ? `${nameOf(note.pitch)}, note ${index + 1} of ${this.size}, bar ${this.barOf(index) + 1}, ${kind}`
        : 'before the first note',
    );
    this.showOdds();
  }

  // Which notes could have stood where the chosen one stands, as the dice saw it.
  showOdds() {
    const note = this.music?.notes[this.at],
      shares = note && (note.shares || this.piece?.chances[note.token]),
      root = find('chances');
    find('odds-where').textContent = !note
      ? 'Choose a note in the picture, and what could have stood there appears here.'
      : shares
        ? `Odds in percent for note ${this.at + 1}, at the temperature and truncation it was written with. ` +
          `What came was ${nameOf(note.pitch)}.`
        : `Note ${this.at + 1} is of your opening: nobody threw dice for it.`;
    const { words = [] } = this.language || {};
    const likely = [...(shares || [])]
      .map((share, id) => ({ share, id }))
      .filter(({ share, id }) => share > 0.002 && words[id].kind === 'Pitch')
      .sort((a, b) => b.share - a.share)
      .slice(0, MOST)
      .map(one => ({ ...one, pitch: words[one.id].value + (this.piece.moved || 0) }));
    root.replaceChildren(
      ...[...likely]
        .sort((a, b) => a.pitch - b.pitch)
        .map(({ share, pitch }) => {
          const bar = html('div', { class: pitch === note.pitch ? 'chosen' : '' }),
            height = html('i');
          height.style.setProperty('--share', share);
          bar.append(html('small', {}, percent(share) || ''), height, html('b', {}, nameOf(pitch)));
          return bar;
        }),
    );
    const best = likely
      .slice(0, 4)
      .map(({ share, pitch }) => `${nameOf(pitch)} ${percent(share)} %`)
      .join(', ');
    root.setAttribute('aria-label', best ? `Odds of this note: ${best}` : 'Odds of this note: none yet');
  }

  engrave() {
    if (!this.sounds)
      return this.page.say('There is no note to engrave yet: tap an opening, or press Write.');
    this.engraved.draw(
      this.keep('xml', true),
      find('piece').textContent,
      this.at < 0 ? null : this.beat(this.at),
    );
  }

  // Taking it along

  get sounds() {
    return this.size > 0;
  }
  get file() {
    return `remi-folk-seed-${(this.shown || this.page.recipe()).seed}`;
  }
  get title() {
    return `${this.model}, seed ${(this.shown || this.page.recipe()).seed}`;
  }

  keep(kind = 'midi', bare = false) {
    const { grid, ears } = this.language,
      { notes, tempos, meter, end, key } = this.music;
    if (kind === 'midi') return midi(notes, { grid, end, tempos, meter });
    const told = { grid, title: this.title, fifths: ears.keys[key].fifths, bare };
    return (kind === 'abc' ? abc : musicXml)(this.music, told);
  }
}
