/* What somebody played, on the grid of the model. Nothing here touches the page. */
export const MOST_STROKES = 64;

// How many steps a click lasts: three eighths where they go by threes, else what the meter counts.
export const beatOf = (meter, grid) => {
  const [beats, unit] = meter.split('/').map(Number);
  return unit === 8 && beats % 3 === 0 ? 1.5 * grid : (4 * grid) / unit;
};

// Keys that were struck, one at a time: of two struck together the higher.
const onsets = (strokes, step, unit) => {
  const found = [];
  for (const { pitch, from, until } of strokes) {
    const last = found.at(-1),
      start = Math.round(step(from) / unit) * unit;
    if (last && start <= last.start && step(from) - last.from < unit / 3) {
      if (pitch > last.pitch) Object.assign(last, { pitch, until: step(until ?? from) });
    } else {
      const at = last ? Math.max(start, last.start + unit) : start;
      found.push({ pitch, from: step(from), until: step(until ?? from), start: at });
    }
  }
  return found;
};

/* A phrase from strokes: pitch, and seconds after the first beat when a key went down and up (null: it is down
still). `bpm`: quarter notes a minute of the click; `unit`: steps to which all is rounded; `length`: of a bar. A
note lasts until the next one, but a silence of a beat is a rest. What was counted in before the first note is left
out, bar by bar. `raw` says in steps what was played. */
export const quantised = (strokes, { bpm, unit, meter, grid, length, low, high, longest }) => {
  const step = seconds => ((seconds * bpm) / 60) * grid,
    found = onsets(strokes, step, unit),
    empty = found.length ? Math.floor(found[0].start / length) * length : 0;
  const folded = pitch => {
    if (pitch < low) return folded(pitch + 12);
    return pitch > high ? folded(pitch - 12) : pitch;
  };
  const notes = found.map(({ start, until, pitch }, number) => {
    const next = found[number + 1],
      bar = empty + (Math.floor((start - empty) / length) + 1) * length,
      up = Math.max(start + unit, Math.round(until / unit) * unit);
    const end = next ? (next.start - up < grid ? next.start : up) : Math.min(bar, Math.max(up, start + grid));
    return [start - empty, Math.min(end, next?.start ?? end, start + longest * grid) - start, folded(pitch)];
  });
  const raw = found.map(({ from, until, pitch }) => [from - empty, until - empty, folded(pitch)]);
  return { meter, bpm, notes, raw };
};
