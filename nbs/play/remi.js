/* Attempt 4: bars, positions, notes. What may follow comes from a table that data/build_play.py made of the grammar
in Python; how a piece is begun, written, ended and put into its key is told here as melodynb.compose has it. */
import { LETTERS, REST, choose, dice, odds, topLine } from './music.js';

const mod12 = number => ((number % 12) + 12) % 12;

/* The words of the model. `record`: of data/build_play.py; among others how many of the last bars are counted down,
how many bars are written anew at most (`hole`), how many endings are tried, in which tempo an opening is read, and
how many tokens around a gap are read (`room`). */
export class Language {
  constructor(record) {
    Object.assign(this, record, { ids: new Map(record.vocabulary.map((symbol, id) => [symbol, id])) });
    this.words = record.vocabulary.map(symbol => {
      const [, kind, value] = /^([^_]+)_?(.*)$/.exec(symbol);
      return { kind, value: /^\d+$/.test(value) ? Number(value) : value };
    });
    this.first = {};
    this.count = {};
    this.words.forEach(({ kind }, id) => {
      this.first[kind] ??= id;
      this.count[kind] = (this.count[kind] || 0) + 1;
    });
    this.meters = Object.keys(record.lengths);
    this.keys = Object.keys(record.ears.keys);
  }

  id(symbol) {
    if (!this.ids.has(symbol)) throw new RangeError(`the model has no word ${symbol}`);
    return this.ids.get(symbol);
  }

  bar(left) {
    return this.id(left <= this.countdown ? `Bar_${left}` : 'Bar');
  } // `left`: bars to come, this one included
  number(symbol) {
    return this.id(symbol) - this.first[symbol.split('_')[0]];
  } // among the words of its kind
}

/* A place in a piece of known form. `form`: language, bars of the whole piece, meter and key or null, and whether
it is steady, which is without new tempos. */
export class Place {
  constructor(form, ids = []) {
    Object.assign(this, {
      form,
      last: 'nothing',
      bar: 0,
      length: 0,
      step: -1,
      bars: 0,
      end: 0,
      sounding: false,
      named: false,
      meter: form.meter,
    });
    for (const id of ids) this.push(id);
  }

  push(id) {
    const { kind, value } = this.form.language.words[id];
    this.last = kind;
    if (kind === 'Bar')
      Object.assign(this, { bar: this.bar + this.length, bars: this.bars + 1, step: -1, sounding: false });
    if (kind === 'Meter')
      Object.assign(this, { length: this.form.language.lengths[value], meter: this.meter || value });
    if (kind === 'Position') this.step = value;
    if (kind === 'Tempo') this.named = true;
    if (kind === 'Pitch') this.sounding = true;
    if (kind === 'Duration') this.end = this.bar + this.step + value;
  }

  get first() {
    return Math.max(this.step + 1, this.end - this.bar);
  } // step of the bar that is free

  get circumstances() {
    const { bars, key, steady } = this.form;
    return {
      opening: this.bars === 1,
      more: bars > this.bars,
      late: this.first >= this.length,
      named: this.named,
      sounding: this.sounding,
      steady,
      meter: Boolean(this.meter),
      key: Boolean(key),
    };
  }

  get quantities() {
    const { language, bars, key } = this.form,
      left = bars - this.bars;
    return {
      0: 0,
      1: 1,
      first: this.first,
      length: this.length,
      bar: Math.max(0, language.count.Bar - left),
      room: Math.min(this.length * Math.max(1, left) - this.step, language.longest * language.grid),
      meter: this.meter && language.number(`Meter_${this.meter}`),
      key: key && language.number(`Key_${key}`),
    };
  }

  get table() {
    return this.form.language.grammar;
  }

  // For each word whether it may follow.
  get allowed() {
    const { language } = this.form,
      told = this.circumstances,
      known = this.quantities;
    const rule = this.table[this.last]?.find(one =>
      Object.entries(one.if).every(([name, value]) => told[name] === value),
    );
    if (!rule) throw new Error(`the grammar has no rule for what follows ${this.last} here`);
    const mask = new Uint8Array(language.words.length);
    for (const [kind, from, until] of rule.may) {
      const size = language.count[kind],
        start = from === undefined ? 0 : known[from];
      const stop =
        from === undefined || until === 'all'
          ? size
          : until === undefined
            ? start + 1
            : Math.min(size, known[until]);
      if (start < stop) mask.fill(1, language.first[kind] + start, language.first[kind] + stop);
    }
    return mask;
  }
}

/* A place in a gap, as melodynb.infill.GapPlace has it: bars begin as they did, and the gap is as long as it was.
`before` and `missing` are tokens; `steps` is how long the gap is. */
export class GapPlace extends Place {
  constructor(language, before, missing, steps) {
    super({ language, bars: 0, meter: null, key: null, steady: true }, before);
    const kind = id => language.words[id].kind,
      begun = before.some(id => kind(id) === 'Bar');
    const lines = [...missing.keys()].filter(place => kind(missing[place]) === 'Bar');
    this.later = lines.map((line, number) => {
      const bar = missing.slice(line, lines[number + 1]),
        tempo = bar.find(id => kind(id) === 'Tempo');
      const given = bar.filter(id => ['Bar', 'Meter', 'Key'].includes(kind(id)));
      return number || begun || tempo === undefined ? given : [...given, language.id('Position_0'), tempo];
    });
    this.stop = this.bar + this.length + steps;
    this.given = this.later.shift();
  }

  push(id) {
    super.push(id);
    if (this.given?.length) this.given = this.given.slice(1);
    else if (this.last === 'Bar' && this.later?.length) this.given = this.later.shift().slice(1);
  }

  get table() {
    return this.form.language.gaps;
  }
  get limit() {
    return Math.min(this.length, this.stop - this.bar);
  }
  get circumstances() {
    return { later: this.later.length > 0, late: this.first >= this.limit, sounding: this.sounding };
  }

  get quantities() {
    const { language } = this.form;
    return {
      0: 0,
      1: 1,
      first: this.first,
      end: this.limit,
      room: Math.min(this.stop - this.bar - this.step, language.longest * language.grid),
      bar: this.later.length ? this.later[0][0] - language.first.Bar : null,
    };
  }

  get allowed() {
    if (!this.given.length) return super.allowed;
    const mask = new Uint8Array(this.form.language.words.length);
    mask[this.given[0]] = 1;
    return mask;
  }
}

// Notes from tokens: start and duration in steps of the grid, pitch, and the place of the token that names it.
export const decode = (language, ids) => {
  const found = { notes: [], bars: [], meter: null, key: null, tempos: [] };
  let bar = 0,
    next = 0,
    step = 0,
    pitch = null,
    named = 0;
  ids.forEach((id, place) => {
    const { kind, value } = language.words[id];
    if (kind === 'Bar') {
      bar = step = next;
      found.bars.push(bar);
    }
    if (kind === 'Meter') {
      next = bar + language.lengths[value];
      found.meter ||= value;
    }
    if (kind === 'Key' && value !== 'none') found.key ||= value;
    if (kind === 'Position') step = bar + value;
    if (kind === 'Tempo' && found.tempos.at(-1)?.bpm !== value) found.tempos.push({ step, bpm: value });
    if (kind === 'Pitch') [pitch, named] = [value, place];
    if (kind === 'Duration' && pitch !== null) {
      found.notes.push({ start: step, duration: value, pitch, token: named });
      pitch = null;
    }
  });
  return { ...found, end: next };
};

// A whole piece as tokens, from Start to End; where its bars begin among them; its key is that of its music.
export const encode = (language, { notes: all, bars, meter, key, tempos }) => {
  const notes = topLine(all),
    length = language.lengths[meter],
    last = Math.floor(notes.at(-1).start / length),
    ids = [language.id('Start')],
    lines = [];
  for (let bar = 0; bar <= last; bar += 1) {
    lines.push(ids.length);
    ids.push(language.bar(last + 1 - bar), language.id(`Meter_${meter}`));
    if (!bar) ids.push(language.id(`Key_${key}`));
    let step = -1;
    const at = to => {
      if (to !== step) ids.push(language.id(`Position_${to - bar * length}`));
      step = to;
    };
    const inside = ({ start, step = start }) => Math.floor(step / length) === bar;
    const events = [
      ...tempos.filter(inside).map(({ step, bpm }) => ({ step, words: [`Tempo_${bpm}`] })),
      ...notes.filter(inside).map(({ start, duration, pitch }) => ({
        step: start,
        words: [`Pitch_${pitch}`, `Duration_${duration}`],
      })),
    ];
    events.sort((a, b) => a.step - b.step); // a tempo before the note of its place
    for (const { step, words } of events) {
      at(step);
      ids.push(...words.map(word => language.id(word)));
    }
  }
  return { ids: [...ids, language.id('End')], lines };
};

/* The tokens of a gap, and those before and behind it that a model reads: all, or as many bars as fit into `room`,
behind an empty bar with the meter and key that hold there. As melodynb.infill has it. */
export const around = (language, ids, lines, first, stop) => {
  const edges = [...lines, ids.length - 1],
    gap = ids.slice(edges[first], edges[stop]),
    newest = (kind, tokens) => tokens.filter(id => language.words[id].kind === kind).slice(-1);
  let low = 0,
    high = lines.length;
  while (edges[high] - edges[low] + 16 > language.room && (low < first - 1 || high > stop)) {
    if (high - stop >= first - low) high -= 1;
    else low += 1;
  }
  const past = ids.slice(0, edges[low]),
    heading = low ? [language.id('Bar'), ...newest('Meter', past), ...newest('Key', past)] : [],
    key = first ? [] : newest('Key', gap);
  return {
    before: [language.id('Start'), ...heading, ...ids.slice(edges[low], edges[first]), ...key],
    missing: gap,
    behind: ids.slice(edges[stop], edges[high]),
  };
};

// Hearing

// The likeliest tonic of a melody: melodynb.metrics.KeyFinder.
export const tonicOf = ({ ears }, pitches) => {
  const counts = Array(12).fill(0),
    last = mod12(pitches.at(-1));
  for (const pitch of pitches) counts[mod12(pitch)] += 1;
  const likely = tonic =>
    Math.max(
      ...ears.finder.map(([sounds, ends]) =>
        counts.reduce(
          (sum, count, pitch) => sum + count * sounds[mod12(pitch - tonic)],
          ends[mod12(last - tonic)],
        ),
      ),
    );
  const all = Array.from({ length: 12 }, (_, tonic) => likely(tonic));
  return all.indexOf(Math.max(...all));
};

const best = (values, rank) =>
  values.reduce((most, one) => {
    const [a, b] = [rank(most), rank(one)],
      place = a.findIndex((value, i) => value !== b[i]);
    return place >= 0 && b[place] > a[place] ? one : most;
  });

// The likeliest key of an opening: melodynb.metrics.KeyReader.
export const keyOf = ({ ears: { reader, keys } }, pitches) => {
  const notes = pitches.map(mod12),
    all = reader.names.map((_, place) => place);
  const likely = all.map(place =>
    notes.reduce(
      (sum, pitch) => sum + reader.sounds[place][pitch],
      reader.prior[place] + reader.firsts[place][notes[0]],
    ),
  );
  const signature = place => mod12(keys[reader.names[place]].fifths);
  // Place in the row of fifths, from the lowest of the scale.
  const strange = fifths => notes.filter(note => mod12(7 * note - fifths + 1) > 6).length;
  const weight = fifths => {
    const values = all.filter(place => signature(place) === fifths).map(place => likely[place]),
      most = Math.max(...values);
    return most + Math.log(values.reduce((sum, value) => sum + Math.exp(value - most), 0));
  };
  const fifths = best([...Array(12).keys()], one => [-strange(one), weight(one)]);
  const named = all.filter(place => signature(place) === fifths);
  return reader.names[
    best(named, place => [Number(notes.includes(keys[reader.names[place]].tonic)), likely[place]])
  ];
};

// The opening

// Notes of an opening: letters last a beat each, a phrase has its own rhythm, meter and tempo.
const given = (language, { opening, phrase, meter }) => {
  const { grid, tempo } = language,
    note = (start, duration, pitch) => ({ start, duration, pitch, token: -1 });
  if (phrase) return { ...phrase, notes: phrase.notes.map(numbers => note(...numbers)) };
  const notes = [...opening].flatMap((letter, beat) =>
    letter === REST ? [] : [note(beat * grid, grid, 60 + LETTERS.indexOf(letter))],
  );
  return { meter: meter || '4/4', bpm: tempo, notes };
};

/* An opening as the model reads it: notes, key, and the tokens, with which the last bars count down to `bars` new
ones. As melodynb.compose.Continuation has it. */
export const opened = (language, recipe) => {
  const { bars, key } = recipe,
    { meter, bpm, notes } = given(language, recipe),
    length = language.lengths[meter];
  const read =
    key ||
    keyOf(
      language,
      notes.map(note => note.pitch),
    );
  const count = Math.floor(notes.at(-1).start / length) + 1,
    join = count * length;
  const words = [language.id('Start')],
    word = symbol => words.push(language.id(symbol));
  for (let bar = 0; bar < count; bar += 1) {
    words.push(language.bar(count - bar + bars));
    word(`Meter_${meter}`);
    if (!bar) for (const symbol of [`Key_${read}`, 'Position_0', `Tempo_${bpm}`]) word(symbol);
    for (const note of notes.filter(({ start }) => Math.floor(start / length) === bar)) {
      if (note.start) word(`Position_${note.start % length}`);
      note.token = words.length;
      word(`Pitch_${note.pitch}`);
      word(`Duration_${Math.min(note.duration, join - note.start)}`);
    }
  }
  const behind = words.length;
  words.push(language.bar(bars));
  word(`Meter_${meter}`);
  return {
    notes,
    bpm,
    key: read,
    join,
    behind,
    ids: words,
    form: { language, bars: count + bars, meter, key: null, steady: true },
  };
};

// Writing

/* A piece by a recipe: bars, key and meter or null, opening, temperature, topP, seed. Ids grow while it is written;
`music` says at any time what is there. */
export class Piece {
  constructor(language, recipe) {
    Object.assign(this, { language, recipe, chances: [], moved: 0, key: null });
    this.opening = recipe.phrase || /[^R]/.test(recipe.opening) ? opened(language, recipe) : null;
    this.form = this.opening?.form || {
      language,
      bars: recipe.bars,
      meter: recipe.meter,
      key: recipe.key,
      steady: false,
    };
    this.ids = this.opening ? [...this.opening.ids] : [language.id('Start')];
  }

  get music() {
    if (this.gap) return this.filled;
    if (!this.opening) {
      const music = decode(this.language, this.ids);
      for (const note of music.notes) note.pitch += this.moved;
      return { ...music, key: this.key || music.key, join: 0 };
    }
    const { notes, key, join, behind, form, bpm } = this.opening,
      music = decode(this.language, this.ids.slice(behind)),
      { length } = new Place(form, this.opening.ids);
    const over = notes.at(-1), // may sound into the new bars, where no note of its pitch stops before it
      held = note => (note.pitch === over.pitch ? over.start + over.duration - note.start : 0);
    const later = music.notes
      .map(note => ({ ...note, start: note.start + join, token: note.token + behind }))
      .map(note => ({ ...note, duration: Math.max(note.duration, held(note)) }));
    const lines = Array.from({ length: join / length }, (_, bar) => bar * length);
    return {
      notes: [...notes, ...later],
      bars: [...lines, ...music.bars.map(bar => bar + join)],
      meter: form.meter,
      key,
      join,
      tempos: [{ step: 0, bpm }, ...music.tempos.map(({ step, bpm }) => ({ step: step + join, bpm }))],
      end: music.end + join,
    };
  }

  get barsWritten() {
    return Math.max(
      0,
      this.ids.filter(id => this.language.words[id].kind === 'Bar').length -
        (this.form.bars - this.recipe.bars) -
        1,
    );
  }

  // Writes on from `ids` with the dice of a seed, and remembers at each token what else could have come.
  async *go(reader, ids, read, seed) {
    this.chances.length = ids.length;
    yield* this.fill(reader, ids, new Place(this.form, ids), seed, read);
  }

  async *fill(reader, ids, place, seed, read = ids) {
    const {
        language,
        recipe: { temperature, topP },
      } = this,
      throwDice = dice(seed),
      end = language.id('End');
    this.ids = [...ids];
    let logits = await reader.afresh(read);
    for (;;) {
      const shares = odds(logits, temperature, topP, place.allowed),
        id = choose(shares, throwDice());
      this.ids.push(id);
      this.chances[this.ids.length - 1] = shares;
      yield this;
      if (id === end) return;
      place.push(id);
      logits = (await reader.read([id])).at(-1);
    }
  }

  // All of it, as a reader reads; yields after every token. A piece from nothing may get other last bars, until it
  // rests.
  async *write(reader) {
    const { language, recipe } = this;
    yield* this.go(reader, this.ids, this.ids, recipe.seed);
    if (this.opening) return;
    const first = [...this.ids],
      chances = [...this.chances];
    for (let trial = 0; trial < language.endings && !this.rests; trial += 1) {
      const lines = [...first.keys()].filter(place => language.words[first[place]].kind === 'Bar'),
        there = first.slice(0, (lines.at(-2) ?? lines[0]) + 1);
      this.trial = trial + 1;
      this.chances = [...chances];
      yield* this.go(reader, there, await reader.window(there), 64 * recipe.seed + trial);
    }
    if (!this.rests) Object.assign(this, { ids: first, chances });
    this.settle();
    yield this;
  }

  // Why some bars cannot be written anew, as a sentence; empty if they can.
  refusal(first, stop) {
    const { notes, bars } = this.music,
      there = bars.length;
    if (!(Number.isInteger(first) && Number.isInteger(stop) && first >= 0 && first < stop && stop <= there))
      return `Choose bars from 1 to ${there}, the first not behind the last.`;
    const { hole } = this.language;
    if (stop - first > Math.min(hole, there - 1))
      return `At most ${hole} bars can be written anew at once, and one must stay.`;
    if (!first && notes[0].start) return 'Bar 1 is an upbeat: begin at bar 2.';
    if (!notes.some(({ start }) => start >= bars.at(-1)))
      return 'The last bar has no note yet: let the piece be finished first.';
    return '';
  }

  // Writes bars anew, from `first` (counted from 0) to before `stop`; all else stays. As melodynb.infill.Filling
  // has it.
  async *rewrite(reader, { first, stop, seed }) {
    const { language, music, chances } = this,
      { notes, bars } = music,
      { ids, lines } = encode(language, music);
    const { before, missing, behind } = around(language, ids, lines, first, stop),
      prompt = [...before, language.id(`Hole_${stop - first}`), ...behind, language.id('Fill')];
    const last = notes.at(-1),
      end = Math.min(bars[stop] ?? music.end, Math.max(last.start + last.duration, bars[stop - 1] + 1));
    const kept = notes
      .filter(({ start }) => start < bars[first] || start >= end)
      .map(note => ({ shares: chances[note.token], ...note, token: -1 }));
    Object.assign(this, { gap: { music, kept, start: bars[first], behind: prompt.length } });
    yield* this.fill(reader, prompt, new GapPlace(language, before, missing, end - bars[first]), seed);
  }

  // The music with what the gap has so far.
  get filled() {
    const { music, kept, start, behind } = this.gap,
      { notes } = decode(this.language, this.ids.slice(behind));
    const fresh = notes.map(note => ({ ...note, start: note.start + start, token: note.token + behind }));
    return { ...music, notes: [...kept, ...fresh].sort((a, b) => a.start - b.start) };
  }

  get pitches() {
    return decode(this.language, this.ids).notes.map(note => note.pitch);
  }

  // Whether the last note is the tonic that one hears.
  get rests() {
    return mod12(this.pitches.at(-1)) === tonicOf(this.language, this.pitches);
  }

  // Moves the notes so that the tonic one hears is that of the key, and calls it major or minor as it sounds.
  settle() {
    const { ears } = this.language,
      { key } = decode(this.language, this.ids),
      { tonic, minor } = ears.keys[key],
      heard = tonicOf(this.language, this.pitches);
    this.moved = mod12(tonic - heard + 6) - 6;
    const third = steps => this.pitches.filter(pitch => mod12(pitch + this.moved - tonic) === steps).length,
      low = third(3) > third(4);
    this.key = this.recipe.key || (low === minor ? key : ears.own[low ? 'minor' : 'major'][tonic]);
  }
}
