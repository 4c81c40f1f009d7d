/* Attempt 1 on the page: one letter a note. */
import { midi } from './files.js';
import { END, LETTERS, REST, choose, dice, nameOf, odds, pitchOf } from './music.js';
import { LetterRoll } from './rolls.js';
import { breath, count, find, html, percent } from './dom.js';

const SYMBOLS = [...LETTERS, REST, END];

export class Letters {
  model = 'char-gpt';

  constructor(page) {
    Object.assign(this, { page, letters: [], logits: [], opened: 0, at: -1, shown: null });
    this.roll = new LetterRoll(find('roll'));
    this.bars = SYMBOLS.map(symbol => {
      const bar = html('div');
      bar.append(html('small'), html('i'), html('b', {}, symbol === END ? 'end' : symbol));
      find('odds').append(bar);
      return bar;
    });
    find('letters').addEventListener('click', event =>
      this.pick(event, index => {
        page.player.pause();
        this.select(index);
        page.hear(this.pitch(index));
      }),
    );
  }

  get size() {
    return this.letters.length;
  }
  get written() {
    return this.letters.length - this.opened;
  }
  get tempo() {
    return find('tempo').valueAsNumber;
  }
  get unit() {
    return 'letter';
  }

  notes() {
    return this.letters.map((letter, start) => ({
      start,
      duration: 1,
      pitch: letter === REST ? null : pitchOf(letter),
    }));
  }
  start(index) {
    return index;
  }
  index(beat) {
    return Math.min(Math.floor(beat), this.size - 1);
  }
  pitch(index) {
    return this.letters[index] === REST ? null : pitchOf(this.letters[index]);
  }

  pick(event, act) {
    const mark = event.target.closest('[data-index]');
    if (mark) act(Number(mark.dataset.index));
  }

  lay(opening) {
    Object.assign(this, { letters: [], logits: [], opened: opening.length, at: -1, shown: null });
    this.roll.clear();
    this.roll.view.scrollLeft = 0;
    find('letters').replaceChildren();
    for (const letter of opening) this.add(letter);
    this.select(this.size - 1);
  }

  add(letter) {
    const index = this.size,
      kind = index < this.opened ? 'opening' : 'written';
    this.letters.push(letter);
    this.roll.add(letter, kind);
    find('letters').append(html('span', { class: kind, 'data-index': index }, letter));
  }

  // Writing

  recipe(common) {
    return { ...common, length: find('length').valueAsNumber };
  }

  // The odds after the opening, before anything is written.
  async think(model, stopped) {
    const symbols = [END, ...this.letters],
      logits = await model.reader().read(symbols.map(symbol => model.ids.get(symbol)));
    if (stopped()) return;
    this.logits = logits;
    this.showOdds();
  }

  // What it says at the end, if nobody stopped it.
  async write(model, { opening, temperature, seed, length }, stopped) {
    const { ids, vocabulary } = model,
      reader = model.reader(),
      throwDice = dice(seed);
    let logits = await reader.read([END, ...opening].map(symbol => ids.get(symbol)));
    if (stopped()) return '';
    this.logits.push(...logits);
    this.showOdds();
    for (let written = 0; written < length; written += 1) {
      const id = choose(odds(this.logits.at(-1), temperature), throwDice());
      if (vocabulary[id] === END) return `The model ended its tune after ${count(written, 'letter')}.`;
      logits = await reader.read([id]);
      if (stopped()) return '';
      this.logits.push(...logits);
      this.add(vocabulary[id]);
      this.page.grown();
      await breath();
      if (stopped()) return '';
    }
    return `${count(length, 'letter')} written.`;
  }

  // Looking

  select(index) {
    for (const old of [this.roll.marks[this.at], find('letters').children[this.at]])
      old?.classList.remove('now');
    this.at = index;
    for (const mark of [this.roll.marks[index], find('letters').children[index]]) mark?.classList.add('now');
    const slider = this.roll.view,
      kind = index < this.opened ? 'of your opening' : 'written by the model';
    slider.setAttribute('aria-valuemax', this.size);
    slider.setAttribute('aria-valuenow', index + 1);
    slider.setAttribute(
      'aria-valuetext',
      index < 0
        ? 'before the first letter'
        : `${nameOf(this.letters[index])}, letter ${index + 1} of ${this.size}, ${kind}`,
    );
    this.showOdds();
  }

  // How likely each letter is after the chosen one, at the temperature that is set now.
  showOdds() {
    const logits = this.logits[this.at + 1],
      came = this.letters[this.at + 1],
      temperature = find('temperature').valueAsNumber;
    const before = this.letters.slice(Math.max(0, this.at - 5), this.at + 1).join(' ');
    const where = this.at < 0 ? 'for the first letter' : `after ${this.at > 5 ? '… ' : ''}${before}`;
    find('odds-where').textContent = !logits
      ? 'The odds of the next letter appear here once the model is loaded.'
      : `Odds in percent ${where}, at temperature ${temperature.toFixed(2)}.${came ? ` What came was ${came}.` : ''}`;
    const shares = logits && odds(logits, temperature),
      ids = this.page.models[this.model]?.ids;
    const told = SYMBOLS.map((symbol, place) => {
      const share = shares ? shares[ids.get(symbol)] : 0,
        bar = this.bars[place];
      bar.querySelector('i').style.setProperty('--share', share);
      bar.querySelector('small').textContent = percent(share) || '';
      bar.classList.toggle('chosen', Boolean(logits) && symbol === came);
      return [share, `${nameOf(symbol)} ${percent(share)} %`];
    });
    const best = told
      .sort((a, b) => b[0] - a[0])
      .slice(0, 4)
      .map(([, words]) => words)
      .join(', ');
    find('odds').setAttribute(
      'aria-label',
      logits ? `Odds of the next letter: ${best}` : 'Odds of the next letter: none yet',
    );
  }

  // Taking it along

  get sounds() {
    return this.letters.some(letter => letter !== REST);
  }
  get file() {
    return `char-gpt-${this.page.opening || 'alone'}-seed-${(this.shown || this.page.recipe()).seed}`;
  }

  keep() {
    // bytes of a MIDI file
    return midi(
      this.notes().filter(note => note.pitch !== null),
      { grid: 1, end: this.size, tempos: [{ step: 0, bpm: this.tempo }] },
    );
  }
}
