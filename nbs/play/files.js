/* Music as files: MIDI, ABC, MusicXML. Notes have start, duration and pitch, in steps of which `grid` make a quarter note.
Nothing here touches the page. */
const bytesOf = (number, count) => Array.from({ length: count }, (_, place) => (number >>> (8 * (count - 1 - place))) & 255);

// A time as MIDI writes it: seven bits a byte, all but the last marked.
const ticks = number => number < 128 ? [number] : [...ticks(number >>> 7).map(byte => byte | 128), number & 127];
const BEAT = 480;

const word = text => [...text].map(character => character.charCodeAt(0));
const chunk = (name, bytes) => [...word(name), ...bytesOf(bytes.length, 4), ...bytes];

// A MIDI file of one track; `end`, in steps, is where it ends, `meter` such as '6/8' if it has one.
export const midi = (notes, { grid, end, tempos, meter = null }) => {
  const events = tempos.map(({ step, bpm }) => [step, 0, [255, 81, 3, ...bytesOf(Math.round(6e7 / bpm), 3)]]);
  if (meter) {
    const [beats, unit] = meter.split('/').map(Number);
    events.push([0, 0, [255, 88, 4, beats, Math.log2(unit), 24, 8]]);
  }
  events.push([0, 1, [192, 0]]);
  for (const { start, duration, pitch } of notes) events.push([start, 3, [144, pitch, 80]], [start + duration, 2, [128, pitch, 0]]);
  const last = Math.max(end, ...notes.map(({ start, duration }) => start + duration));
  events.push([last, 4, [255, 47, 0]]);
  events.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  let now = 0;
  const track = events.flatMap(([step, , bytes]) => {
    const at = Math.round(step * BEAT / grid), wait = at - now;
    now = at;
    return [...ticks(wait), ...bytes];
  });
  return new Uint8Array([...chunk('MThd', [...bytesOf(0, 2), ...bytesOf(1, 2), ...bytesOf(BEAT, 2)]), ...chunk('MTrk', track)]);
};

// Spelling: which letter, octave and accidental a pitch has in a key with so many sharps (flats below 0).
const FIFTHS = 'FCGDAEB', CLASSES = { C: 0, D: 2, E: 4, F: 5, G: 7, A: 9, B: 11 };
export const spelled = (pitch, fifths) => {
  const place = (7 * pitch - fifths + 1 + 120) % 12 + fifths - 1; // in the row of fifths, C is 0: from the fourth degree up
  const near = place > fifths + 8 ? place - 12 : place; // a lowered third or seventh rather than a raised second or sixth
  const letter = FIFTHS[((near + 1) % 7 + 7) % 7], alter = Math.floor((near + 1) / 7);
  return { letter, alter, octave: Math.floor((pitch - alter - CLASSES[letter]) / 12) - 1 };
};
const signed = (letter, fifths) => { // what the key signature does to a letter
  const place = FIFTHS.indexOf(letter);
  return fifths > place ? 1 : 7 + fifths <= place ? -1 : 0;
};

// The notes and rests of each bar, those that cross a bar line in parts: { start, duration, pitch or null, on: it is held over }.
export const inBars = ({ notes, bars, end }) => bars.map((from, number) => {
  const until = bars[number + 1] ?? end, found = [];
  let now = from;
  const rest = to => { if (to > now) found.push({ start: now, duration: to - now, pitch: null, on: false, held: false }); };
  for (const { start, duration, pitch } of notes) {
    const first = Math.max(start, from), last = Math.min(start + duration, until);
    if (first >= last) continue;
    rest(first);
    found.push({ start: first, duration: last - first, pitch, on: start + duration > until && number + 1 < bars.length, held: start < from });
    now = last;
  }
  rest(until);
  return found;
});

const fraction = (number, of) => {
  let [a, b] = [number, of];
  while (b) [a, b] = [b, a % b];
  const [above, below] = [number / a, of / a];
  return (above === 1 ? '' : above) + (below === 1 ? '' : `/${below}`);
};

// ABC: the unit is an eighth note.
export const abc = (music, { grid, title, fifths }) => {
  const { meter, key, tempos } = music, [tonic, mode] = key.split(' ');
  const lines = inBars(music).map(bar => {
    const now = new Map();
    return bar.map(({ duration, pitch, on }) => {
      const length = fraction(duration, grid / 2);
      if (pitch === null) return `z${length}`;
      const { letter, alter, octave } = spelled(pitch, fifths), name = letter + octave;
      const sign = (now.get(name) ?? signed(letter, fifths)) === alter ? '' : ['__', '_', '=', '^', '^^'][alter + 2];
      now.set(name, alter);
      const high = octave >= 5 ? letter.toLowerCase() + "'".repeat(octave - 5) : letter + ','.repeat(4 - octave);
      return sign + high + length + (on ? '-' : '');
    }).join(' ');
  });
  const rows = Array.from({ length: Math.ceil(lines.length / 4) }, (_, row) => lines.slice(4 * row, 4 * row + 4).join(' | '));
  return `X:1\nT:${title}\nM:${meter}\nL:1/8\nQ:1/4=${tempos[0].bpm}\nK:${tonic}${mode === 'major' ? '' : mode.slice(0, 3)}\n${rows.join(' |\n')} |]\n`;
};

// MusicXML: how a length is written, the longest first, in steps of a grid of 12.
const VALUES = [[72, 'whole', 1], [48, 'whole'], [36, 'half', 1], [24, 'half'], [18, 'quarter', 1], [12, 'quarter'], [9, 'eighth', 1], [8, 'quarter', 0, 3], [6, 'eighth'],
  [4, 'eighth', 0, 3], [3, '16th'], [2, '16th', 0, 3], [1, '32nd', 0, 3]];
const values = duration => {
  const found = [];
  for (let left = duration; left > 0;) {
    const value = VALUES.find(([steps]) => steps <= left);
    found.push(value);
    left -= value[0];
  }
  return found;
};
const escaped = text => text.replace(/[&<>"]/g, sign => `&#${sign.charCodeAt(0)};`);

const MODES = ['major', 'minor', 'dorian', 'mixolydian', 'phrygian', 'lydian', 'locrian'];

export const musicXml = (music, { grid, title, fifths }) => {
  const { meter, key, tempos } = music, [beats, unit] = meter.split('/'), mode = key.split(' ')[1];
  const note = ({ duration, pitch, on, held }) => values(duration).map(([steps, type, dots = 0, three = 0], number, all) => {
    const { letter, alter, octave } = pitch === null ? {} : spelled(pitch, fifths), stop = pitch !== null && (held || number > 0), start = pitch !== null && (on || number + 1 < all.length);
    const sound = pitch === null ? '<rest/>' : `<pitch><step>${letter}</step>${alter ? `<alter>${alter}</alter>` : ''}<octave>${octave}</octave></pitch>`;
    const ties = [stop && 'stop', start && 'start'].filter(Boolean);
    return `<note>${sound}<duration>${steps}</duration>${ties.map(tie => `<tie type="${tie}"/>`).join('')}<voice>1</voice><type>${type}</type>${'<dot/>'.repeat(dots)}${
      three ? '<time-modification><actual-notes>3</actual-notes><normal-notes>2</normal-notes></time-modification>' : ''}${
      ties.length ? `<notations>${ties.map(tie => `<tied type="${tie}"/>`).join('')}</notations>` : ''}</note>`;
  }).join('');
  const head = `<attributes><divisions>${grid}</divisions><key><fifths>${fifths}</fifths>${MODES.includes(mode) ? `<mode>${mode}</mode>` : ''}</key><time><beats>${beats}</beats><beat-type>${unit}</beat-type></time><clef><sign>G</sign><line>2</line></clef></attributes>` +
    `<direction placement="above"><direction-type><metronome><beat-unit>quarter</beat-unit><per-minute>${tempos[0].bpm}</per-minute></metronome></direction-type><sound tempo="${tempos[0].bpm}"/></direction>`;
  const measures = inBars(music).map((bar, number) => `<measure number="${number + 1}">${number ? '' : head}${bar.map(note).join('')}</measure>`);
  return `<?xml version="1.0" encoding="UTF-8"?>\n` +
    `<score-partwise version="4.0"><work><work-title>${escaped(title)}</work-title></work><part-list><score-part id="P1"><part-name>Melody</part-name></score-part></part-list>` +
    `<part id="P1">${measures.join('\n')}</part></score-partwise>\n`;
};
