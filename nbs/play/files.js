/* Music as files: MIDI, ABC, MusicXML. Notes have start, duration and pitch, in steps of which `grid` make a
quarter note. Nothing here touches the page. */
import { topLine } from './music.js';

const bytesOf = (number, count) =>
  Array.from({ length: count }, (_, place) => (number >>> (8 * (count - 1 - place))) & 255);

// A time as MIDI writes it: seven bits a byte, all but the last marked.
const ticks = number =>
  number < 128 ? [number] : [...ticks(number >>> 7).map(byte => byte | 128), number & 127];
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
  for (const { start, duration, pitch } of notes)
    events.push([start, 3, [144, pitch, 80]], [start + duration, 2, [128, pitch, 0]]);
  const last = Math.max(end, ...notes.map(({ start, duration }) => start + duration));
  events.push([last, 4, [255, 47, 0]]);
  events.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  let now = 0;
  const track = events.flatMap(([step, , bytes]) => {
    const at = Math.round((step * BEAT) / grid),
      wait = at - now;
    now = at;
    return [...ticks(wait), ...bytes];
  });
  return new Uint8Array([
    ...chunk('MThd', [...bytesOf(0, 2), ...bytesOf(1, 2), ...bytesOf(BEAT, 2)]),
    ...chunk('MTrk', track),
  ]);
};

// Spelling: which letter, octave and accidental a pitch has in a key with so many sharps (flats below 0).
const FIFTHS = 'FCGDAEB',
  CLASSES = { C: 0, D: 2, E: 4, F: 5, G: 7, A: 9, B: 11 };
export const spelled = (pitch, fifths) => {
  // In the row of fifths, C is 0: from the fourth degree up.
  const place = ((7 * pitch - fifths + 1 + 120) % 12) + fifths - 1;
  // A lowered third or seventh rather than a raised second or sixth.
  const near = place > fifths + 8 ? place - 12 : place;
  const letter = FIFTHS[(((near + 1) % 7) + 7) % 7],
    alter = Math.floor((near + 1) / 7);
  return { letter, alter, octave: Math.floor((pitch - alter - CLASSES[letter]) / 12) - 1 };
};
const signed = (letter, fifths) => {
  // what the key signature does to a letter
  const place = FIFTHS.indexOf(letter);
  return fifths > place ? 1 : 7 + fifths <= place ? -1 : 0;
};

// The notes and rests of each bar, those that cross a bar line in parts: { start, duration, pitch or null, on: it
// is held over }.
export const inBars = ({ notes, bars, end }) => {
  const line = topLine(notes);
  return bars.map((from, number) => {
    const until = bars[number + 1] ?? end,
      found = [];
    let now = from;
    const rest = to => {
      if (to > now) found.push({ start: now, duration: to - now, pitch: null, on: false, held: false });
    };
    for (const { start, duration, pitch } of line) {
      const first = Math.max(start, from),
        last = Math.min(start + duration, until);
      if (first >= last) continue;
      rest(first);
      found.push({
        start: first,
        duration: last - first,
        pitch,
        on: start + duration > until && number + 1 < bars.length,
        held: start < from,
      });
      now = last;
    }
    rest(until);
    return found;
  });
};

const fraction = (number, of) => {
  let [a, b] = [number, of];
  while (b) [a, b] = [b, a % b];
  const [above, below] = [number / a, of / a];
  return (above === 1 ? '' : above) + (below === 1 ? '' : `/${below}`);
};

// ABC: the unit is an eighth note.
export const abc = (music, { grid, title, fifths }) => {
  const { meter, key, tempos } = music,
    [tonic, mode] = key.split(' ');
  const lines = inBars(music).map(bar => {
    const now = new Map();
    return bar
      .map(({ duration, pitch, on }) => {
        const length = fraction(duration, grid / 2);
        if (pitch === null) return `z${length}`;
        const { letter, alter, octave } = spelled(pitch, fifths),
          name = letter + octave;
        const sign =
          (now.get(name) ?? signed(letter, fifths)) === alter ? '' : ['__', '_', '=', '^', '^^'][alter + 2];
        now.set(name, alter);
        const high =
          octave >= 5 ? letter.toLowerCase() + "'".repeat(octave - 5) : letter + ','.repeat(4 - octave);
        return sign + high + length + (on ? '-' : '');
      })
      .join(' ');
  });
  const rows = Array.from({ length: Math.ceil(lines.length / 4) }, (_, row) =>
    lines.slice(4 * row, 4 * row + 4).join(' | '),
  );
  const short = mode === 'major' ? '' : mode.slice(0, 3),
    head = ['X:1', `T:${title}`, `M:${meter}`, 'L:1/8', `Q:1/4=${tempos[0].bpm}`, `K:${tonic}${short}`];
  return `${head.join('\n')}\n${rows.join(' |\n')} |]\n`;
};

// MusicXML: how a length is written, the longest first: steps of a grid of 12, name, beams, dots, whether it is of
// a triplet.
const VALUES = [
  [72, 'whole', 0, 1],
  [48, 'whole', 0],
  [36, 'half', 0, 1],
  [24, 'half', 0],
  [18, 'quarter', 0, 1],
  [12, 'quarter', 0],
  [9, 'eighth', 1, 1],
  [8, 'quarter', 0, 0, 3],
  [6, 'eighth', 1],
  [4, 'eighth', 1, 0, 3],
  [3, '16th', 2],
  [2, '16th', 2, 0, 3],
  [1, '32nd', 3, 0, 3],
];
const values = duration => {
  const found = [];
  for (let left = duration; left > 0;) {
    const value = VALUES.find(([steps]) => steps <= left);
    found.push(value);
    left -= value[0];
  }
  return found;
};

// The notes and rests of a bar as they are written, those of odd lengths in parts that are tied, with the beams of
// each beat.
const signs = (bar, from, beat) => {
  const found = bar.flatMap(({ start, duration, pitch, on, held }) => {
    let now = start - from;
    return values(duration).map(([steps, type, beams, dots = 0, three = 0], number, all) => {
      const at = now;
      now += steps;
      const stop = pitch !== null && (held || number > 0),
        go = pitch !== null && (on || number + 1 < all.length);
      return {
        pitch,
        steps,
        type,
        beams: pitch === null ? 0 : beams,
        dots,
        three,
        stop,
        go,
        beat: Math.floor(at / beat),
      };
    });
  });
  const joined = (a, b, level) => a && b && a.beat === b.beat && a.beams >= level && b.beams >= level;
  return found.map((sign, place) => ({
    ...sign,
    beaming: Array.from({ length: sign.beams }, (_, i) => {
      const [before, after] = [joined(found[place - 1], sign, i + 1), joined(sign, found[place + 1], i + 1)];
      if (before && after) return 'continue';
      if (before || after) return before ? 'end' : 'begin';
      if (joined(found[place - 1], sign, 1)) return 'backward hook';
      return joined(sign, found[place + 1], 1) ? 'forward hook' : '';
    }),
  }));
};

const escaped = text => text.replace(/[&<>"]/g, sign => `&#${sign.charCodeAt(0)};`);
const tag = (name, inside, attributes = '') => `<${name}${attributes}>${inside}</${name}>`;

const noteXml = (sign, fifths) => {
  const { letter, alter, octave } = sign.pitch === null ? {} : spelled(sign.pitch, fifths),
    ties = [sign.stop && 'stop', sign.go && 'start'].filter(Boolean);
  const sound =
    sign.pitch === null
      ? '<rest/>'
      : tag('pitch', tag('step', letter) + (alter ? tag('alter', alter) : '') + tag('octave', octave));
  const three = sign.three ? tag('time-modification', tag('actual-notes', 3) + tag('normal-notes', 2)) : '';
  const beams = sign.beaming.map((what, i) => what && tag('beam', what, ` number="${i + 1}"`)).join('');
  const notations = ties.length ? tag('notations', ties.map(tie => `<tied type="${tie}"/>`).join('')) : '';
  return tag(
    'note',
    sound +
      tag('duration', sign.steps) +
      ties.map(tie => `<tie type="${tie}"/>`).join('') +
      tag('voice', 1) +
      tag('type', sign.type) +
      '<dot/>'.repeat(sign.dots) +
      three +
      beams +
      notations,
  );
};

const MODES = ['major', 'minor', 'dorian', 'mixolydian', 'phrygian', 'lydian', 'locrian'];

// With `bare`, without the name of the part and the tempo, for a page that says both in words.
export const musicXml = (piece, { grid, title, fifths, bare = false }) => {
  const { meter, key, tempos, bars } = piece,
    [beats, unit] = meter.split('/').map(Number),
    mode = key.split(' ')[1],
    beat = unit === 8 && beats % 3 === 0 ? 1.5 * grid : grid;
  const named = tag('fifths', fifths) + (MODES.includes(mode) ? tag('mode', mode) : ''),
    time = tag('beats', beats) + tag('beat-type', unit);
  const head = tag(
    'attributes',
    tag('divisions', grid) +
      tag('key', named) +
      tag('time', time) +
      tag('clef', tag('sign', 'G') + tag('line', 2)),
  );
  const metronome = tag('metronome', tag('beat-unit', 'quarter') + tag('per-minute', tempos[0].bpm));
  const tempo = bare
    ? ''
    : tag(
        'direction',
        tag('direction-type', metronome) + `<sound tempo="${tempos[0].bpm}"/>`,
        ' placement="above"',
      );
  const end = tag('barline', tag('bar-style', 'light-heavy'), ' location="right"');
  const measures = inBars(piece).map((bar, number, all) =>
    tag(
      'measure',
      (number ? '' : head + tempo) +
        signs(bar, bars[number], beat)
          .map(sign => noteXml(sign, fifths))
          .join('') +
        (number + 1 === all.length ? end : ''),
      ` number="${number + 1}"`,
    ),
  );
  const part = tag(
    'part-list',
    tag('score-part', bare ? '<part-name/>' : tag('part-name', 'Melody'), ' id="P1"'),
  );
  const work = tag('work', tag('work-title', escaped(title))),
    music = tag('part', measures.join('\n'), ' id="P1"'),
    score = tag('score-partwise', work + part + music, ' version="4.0"');
  return `<?xml version="1.0" encoding="UTF-8"?>\n${score}\n`;
};
