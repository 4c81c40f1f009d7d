/* A recipe that fits into a link. Nothing here touches the page. */
import { LIMITS } from './music.js';

export const MOST_BARS = 64;
const MOST_GAPS = 64;
const TOLD = {
  // what a link of each model says
  'char-gpt': ['opening', 'temperature', 'seed', 'length'],
  'remi-folk': ['model', 'opening', 'key', 'meter', 'bars', 'temperature', 'top_p', 'seed', 'weights'],
};

// A phrase as text, such as 6_8-120-0.6.62-6.12.64: meter, tempo, and start, length and pitch of each note.
const asText = ({ meter, bpm, notes }) =>
  [meter.replace('/', '_'), bpm, ...notes.map(note => note.join('.'))].join('-');

// The phrase of such a text; null where it is torn, or its notes are not one after the other.
const asPhrase = text => {
  const [, beats, unit, bpm, rest] =
    /^(\d{1,2})_(\d{1,2})-(\d{2,3})((?:-\d{1,4}\.\d{1,2}\.\d{1,3})+)$/.exec(text) || [];
  if (!rest) return null;
  const notes = rest
    .slice(1)
    .split('-')
    .map(note => note.split('.').map(Number));
  const apart = notes.every(
    ([start, duration], i) => duration > 0 && start + duration <= (notes[i + 1]?.[0] ?? Infinity),
  );
  return apart && notes.length <= LIMITS.opening
    ? { meter: `${beats}/${unit}`, bpm: Number(bpm), notes }
    : null;
};

export const toLink = ({ model, ...recipe }) => {
  const told = { model, ...recipe, top_p: recipe.topP, key: recipe.key || '', meter: recipe.meter || '' };
  const again = (recipe.again || []).map(({ first, stop, seed }) => [
    'again',
    `${first + 1}-${stop}-${seed}`,
  ]); // bars that were written anew, in this order
  const phrase = model === 'remi-folk' && recipe.phrase ? [['phrase', asText(recipe.phrase)]] : [];
  return `#${new URLSearchParams([...TOLD[model].map(name => [name, told[name]]), ...phrase, ...again])}`;
};

// The recipe of a link, bounded, and what is wrong with it in sentences; null where the link holds none.
export const fromLink = hash => {
  const found = new URLSearchParams(hash.slice(1)),
    faults = [],
    named = found.get('model');
  if (!['seed', 'opening', 'model'].some(name => found.has(name))) return null;
  const known = named === null || Object.hasOwn(TOLD, named),
    model = known ? named || 'char-gpt' : 'remi-folk';
  const number = (name, least, most, otherwise) => {
    const value = Number.parseFloat(found.get(name));
    return Number.isFinite(value) ? Math.min(most, Math.max(least, value)) : otherwise;
  };
  const missing = TOLD[model].filter(name => !found.has(name) && name !== 'model'),
    strange = [...found.keys()].filter(
      name => !TOLD[model].includes(name) && !['model', 'again', 'phrase'].includes(name),
    );
  const again = found
      .getAll('again')
      .slice(0, MOST_GAPS)
      .map(text => /^(\d{1,3})-(\d{1,3})-(\d{1,10})$/.exec(text)),
    odd = again.indexOf(null);
  // A link that sets the desk, and lets nobody write yet.
  const begin = [...found.keys()].every(name => ['model', 'opening'].includes(name));
  if (!known)
    faults.push(
      `This link asks for the model “${named.slice(0, 40)}”, which this page does not have: ` +
        'the link is torn, or from a later version.',
    );
  else if (missing.length && !begin)
    faults.push(`This link is torn: it does not say ${missing.join(', ')}, so expect other music.`);
  else if (strange.length)
    faults.push(
      `This link says ${strange[0].slice(0, 40)}, which this page does not know: ` +
        'it is from a later version, so expect other music.',
    );
  if (odd >= 0)
    faults.push(
      `This link is torn: “${found.getAll('again')[odd].slice(0, 40)}” names no bars that were written anew, ` +
        'so expect other music.',
    );
  const phrase = found.has('phrase') ? asPhrase(found.get('phrase')) : null;
  if (found.has('phrase') && !phrase)
    faults.push('This link is torn: its phrase cannot be read, and its letters are taken, a beat each.');
  return {
    model,
    faults,
    phrase,
    begin,
    again: again.filter(Boolean).map(([, first, stop, seed]) => ({
      first: first - 1,
      stop: Number(stop),
      seed: Math.min(LIMITS.seed, Number(seed)),
    })),
    opening: found.get('opening') || '',
    temperature: number('temperature', 0, LIMITS.temperature, 1),
    seed: Math.round(number('seed', 0, LIMITS.seed, 0)),
    length: Math.round(number('length', 1, LIMITS.length, 96)),
    bars: Math.round(number('bars', 1, MOST_BARS, 16)),
    topP: number('top_p', 0.05, 1, 0.9),
    key: found.get('key') || null,
    meter: found.get('meter') || null,
    weights: found.get('weights') || null,
  };
};
