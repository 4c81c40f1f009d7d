/* What letters are, odds, and dice. Nothing here touches the page. */

export const LETTERS = 'CcDdEFfGgAaB'; // twelve pitch classes from C up; a small letter is the sharp
export const REST = 'R',
  END = '\n';
export const LIMITS = { opening: 64, length: 512, seed: 2 ** 32 - 1, temperature: 2 };

// All in the octave of middle C, as CharTokenizer.decode has them.
export const pitchOf = letter => 60 + LETTERS.indexOf(letter);

export const nameOf = letter => {
  if (letter === END) return 'the end';
  if (letter === REST) return 'rest';
  return letter === letter.toUpperCase() ? letter : `${letter.toUpperCase()} sharp`;
};

// One note at a time: cut where the next begins, without what sounds below a held note. As
// melodynb.score.Score.melody.
export const topLine = notes => {
  const line = [];
  for (const note of notes) {
    const above = line.at(-1);
    if (above) {
      const over = above.start + above.duration - note.start;
      if (above.pitch > note.pitch && over >= note.duration / 2) continue;
      line[line.length - 1] = { ...above, duration: Math.min(above.duration, note.start - above.start) };
    }
    line.push(note);
  }
  return line;
};

// Why a text cannot be an opening, as a sentence; empty if it can.
export const refusal = text => {
  const wrong = [...text].find(letter => !(LETTERS + REST).includes(letter));
  const written = `write ${[...LETTERS].join(' ')} (a small letter is the sharp), or R for a rest`;
  if (wrong) return `“${wrong}” is no letter of this model: ${written}.`;
  if (text.length > LIMITS.opening)
    return `The opening has ${text.length} letters; ${LIMITS.opening} are the most.`;
  return '';
};

// The numbers of a seed, each at least 0 and below 1: mulberry32 (Tommy Ettinger, 2017; public domain).
export const dice = seed => {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
};

/* Logits as odds that add up to 1; at temperature 0 the likeliest has them all. With `topP` only the likeliest stay
that together hold this share; with `allowed`, only those that it marks. */
export const odds = (logits, temperature, topP = 1, allowed = null) => {
  const values = Array.from(logits, (value, id) => (allowed && !allowed[id] ? -Infinity : value)),
    most = Math.max(...values);
  if (temperature === 0) return values.map((_, id) => Number(id === values.indexOf(most)));
  const shares = alone(values.map(value => Math.exp((value - most) / temperature)));
  if (topP >= 1) return shares;
  let held = 0;
  for (const id of [...shares.keys()].sort((a, b) => shares[b] - shares[a])) {
    const before = held;
    held += shares[id];
    if (before >= topP) shares[id] = 0;
  }
  return alone(shares);
};

const alone = weights => {
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
