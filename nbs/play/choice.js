/* Bars that somebody chooses in a picture, with mouse, finger or keys. */

// From the bar where it began to the one it was led to, counted from 0; null where none is chosen.
export class Choice {
  constructor(changed) {
    Object.assign(this, { changed, from: null, to: null });
  }

  get any() {
    return this.from !== null;
  }
  get first() {
    return Math.min(this.from, this.to);
  }
  get last() {
    return Math.max(this.from, this.to);
  }

  // One bar, or `onward` all bars from the one that was chosen before.
  take(bar, onward = false) {
    if (!onward || !this.any) this.from = bar;
    this.to = bar;
    this.changed();
  }

  clear() {
    Object.assign(this, { from: null, to: null });
    this.changed();
  }
}

/* Lets a pointer choose: a press takes a bar, a drag or Shift those up to another one, and so does a second tap of
a finger. `barAt(event, held)` tells which bar is there, or null; where the picture `scrolls` under a finger, it
only taps. */
export const choosing = (root, choice, barAt, scrolls = false) => {
  let kind = '',
    held = false,
    pressed = null;
  const taps = () => scrolls && kind === 'touch';
  const press = event => {
    const bar = barAt(event, held),
      second = kind === 'touch' && choice.any && choice.first === choice.last && bar !== choice.first;
    if (bar !== null) choice.take(bar, event.shiftKey || second);
    pressed = event.shiftKey ? null : bar;
    return bar !== null;
  };
  root.addEventListener('pointerdown', event => {
    kind = event.pointerType;
    if (event.button === 0 && !taps()) held = press(event);
  });
  root.addEventListener('pointermove', event => {
    const bar = held ? barAt(event, held) : null;
    if (bar === null || bar === choice.to) return;
    if (pressed !== null) choice.take(pressed); // a drag begins where it was pressed, whatever was chosen before
    choice.take(bar, true);
  });
  root.addEventListener('click', event => taps() && press(event));
  for (const name of ['pointerup', 'pointercancel'])
    window.addEventListener(name, () => {
      held = false;
    });
};
