/* What letters are: pitches, odds, dice, a recipe that fits into a link, a MIDI file. Nothing here touches the page. */

export const LETTERS = 'CcDdEFfGgAaB'; // twelve pitch classes from C up; a small letter is the sharp
export const REST = 'R', END = '\n';
export const LIMITS = { opening: 64, length: 512, seed: 2 ** 32 - 1, temperature: 2 };

export const pitchOf = letter => 60 + LETTERS.indexOf(letter); // all in the octave of middle C, as CharTokenizer.decode has them

export const nameOf = letter => {
  if (letter === END) return 'the end';
  if (letter === REST) return 'rest';
  return letter === letter.toUpperCase() ? letter : `${letter.toUpperCase()} sharp`;
};

// Why a text cannot be an opening, as a sentence; empty if it can.
export const refusal = text => {
  const wrong = [...text].find(letter => !(LETTERS + REST).includes(letter));
  const written = `write ${[...LETTERS].join(' ')} (a small letter is the sharp), or R for a rest`;
  if (wrong) return `“${wrong}” is no letter of this model: ${written}.`;
  if (text.length > LIMITS.opening) return `The opening has ${text.length} letters; ${LIMITS.opening} are the most.`;
  return '';
};

// The numbers of a seed, each at least 0 and below 1: mulberry32 (Tommy Ettinger, 2017; public domain).
export const dice = seed => {
  let state = seed | 0;
  return () => {
    state = (state + 0x6D2B79F5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
};

// Logits as odds that add up to 1; at temperature 0 the likeliest letter has them all.
export const odds = (logits, temperature) => {
  const values = [...logits], most = Math.max(...values);
  if (temperature === 0) return values.map((_, id) => Number(id === values.indexOf(most)));
  const weights = values.map(value => Math.exp((value - most) / temperature));
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map(weight => weight / sum);
};

// Where a number from 0 up to 1 falls when the odds are laid side by side.
export const choose = (shares, number) => {
  let edge = 0;
  for (const [id, share] of shares.entries()) {
    edge += share;
    if (number < edge) return id;
  }
  return shares.lastIndexOf(Math.max(...shares)); // the sum fell short of 1 by a rounding
};

export const toLink = ({ opening, temperature, seed, length }) => `#${new URLSearchParams({ opening, temperature, seed, length })}`;

// The recipe of a link, bounded; null where the link holds none.
export const fromLink = hash => {
  const found = new URLSearchParams(hash.slice(1));
  if (!found.has('seed') && !found.has('opening')) return null;
  const number = (name, least, most, otherwise) => {
    const value = Number.parseFloat(found.get(name));
    return Number.isFinite(value) ? Math.min(most, Math.max(least, value)) : otherwise;
  };
  return {
    opening: found.get('opening') || '',
    temperature: number('temperature', 0, LIMITS.temperature, 1),
    seed: Math.round(number('seed', 0, LIMITS.seed, 0)),
    length: Math.round(number('length', 1, LIMITS.length, 96)),
  };
};

const bytesOf = (number, count) => Array.from({ length: count }, (_, place) => (number >>> (8 * (count - 1 - place))) & 255);

// A time as MIDI writes it: seven bits a byte, all but the last marked.
const ticks = number => number < 128 ? [number] : [...ticks(number >>> 7).map(byte => byte | 128), number & 127];

// A MIDI file: one track, one beat a letter.
export const midi = (letters, tempo) => {
  const beat = 480, track = [0, 255, 81, 3, ...bytesOf(Math.round(6e7 / tempo), 3), 0, 192, 0];
  let silence = 0;
  for (const letter of letters) {
    if (letter === REST) { silence += beat; continue; }
    track.push(...ticks(silence), 144, pitchOf(letter), 80, ...ticks(beat), 128, pitchOf(letter), 0);
    silence = 0;
  }
  track.push(...ticks(silence), 255, 47, 0);
  const word = text => [...text].map(character => character.charCodeAt(0));
  return new Uint8Array([...word('MThd'), ...bytesOf(6, 4), ...bytesOf(0, 2), ...bytesOf(1, 2), ...bytesOf(beat, 2),
    ...word('MTrk'), ...bytesOf(track.length, 4), ...track]);
};
