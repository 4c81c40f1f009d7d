/* What the Studio's widgets cannot do by themselves: keys that sound at once, and notes of a player that can be asked about.
   One set of listeners on the page serves every Studio, also those that are drawn later. sound.js, keyboard.js and INSTRUMENT come before it. */
(() => {
  if (window.melodynbStudio) return;
  const state = window.melodynbStudio = { played: [], picked: 0 };
  const sound = new melodynbSound.Sound();
  sound.listeners.add(sentence => {
    for (const line of document.querySelectorAll('.melodynb-silent')) line.remove();
    for (const piano of sentence ? document.querySelectorAll('.melodynb-piano') : [])
      piano.after(Object.assign(document.createElement('p'), { className: 'melodynb-silent', role: 'status', textContent: sentence }));
  });

  const strike = pitch => {
    sound.open().play(INSTRUMENT, { pitch, velocity: 90, seconds: 0.4 });
    state.played.push(pitch);
  };

  // The pitch of a drawn key, or undefined.
  const pitchOf = target => {
    const button = target.closest && target.closest('.melodynb-key');
    const name = button && [...button.classList].find(name => name.startsWith('melodynb-pitch-'));
    return name ? Number(name.slice(15)) : undefined;
  };
  const key = event => {
    const pitch = pitchOf(event.target);
    if (pitch !== undefined && !listening(event.target)) strike(pitch);
  };
  document.addEventListener('pointerdown', key);
  document.addEventListener('click', event => event.detail === 0 && key(event)); // from the keyboard

  // A text goes to the kernel through a field that nobody sees.
  const write = (field, text) => {
    field.value = text;
    for (const name of ['input', 'change']) field.dispatchEvent(new Event(name, { bubbles: true }));
  };

  /* Call and response. A sign, which the kernel changes, says whose turn it is. While it is the person's, keys are heard: of the screen, of the
     computer, of a MIDI keyboard. All strokes of the phrase so far go to the kernel after each; a pause says that the phrase is over. */
  const ROW = ['KeyA', 'KeyW', 'KeyS', 'KeyE', 'KeyD', 'KeyF', 'KeyT', 'KeyG', 'KeyY', 'KeyH', 'KeyU', 'KeyJ', 'KeyK', 'KeyO', 'KeyL', 'KeyP'];
  const MOST = 400, LONGEST = 8; // strokes in a phrase; seconds that a key sounds
  const duet = state.duet = { turn: '', strokes: [], held: new Map(), over: false, low: 60, sent: 0 };
  const listening = target => {
    const studio = target && target.closest ? target.closest('.melodynb-studio') : document;
    return studio && studio.querySelector('.melodynb-sign[data-phase="listen"]');
  };

  const tell = over => {
    const field = duet.sign.closest('.melodynb-duet').querySelector('.melodynb-played input');
    duet.over = over;
    duet.sent += 1;
    if (field) write(field, JSON.stringify({ turn: duet.sign.dataset.turn, count: duet.sent, done: over, strokes: duet.strokes }));
  };
  const rest = () => {
    clearTimeout(duet.timer);
    const pause = Number(duet.sign.dataset.pause);
    if (duet.strokes.length >= MOST) tell(true);
    else if (pause) duet.timer = setTimeout(() => duet.held.size || !duet.sign.isConnected || tell(true), 1000 * pause);
  };
  const lit = (pitch, down) => {
    for (const one of document.querySelectorAll(`.melodynb-duet .melodynb-pitch-${pitch}`)) one.classList.toggle('down', down);
  };

  // A key goes down, and comes up; `id` says which, `time` in milliseconds.
  const down = (sign, id, pitch, velocity, time) => {
    if (duet.turn !== sign.dataset.turn) {
      for (const other of [...duet.held.keys()]) drop(other);
      Object.assign(duet, { turn: sign.dataset.turn, sign, strokes: [], over: false });
      window.dispatchEvent(new CustomEvent('melodynb-play', { detail: duet })); // whoever plays stops
    }
    if (duet.over || duet.held.has(id) || !(pitch >= 0 && pitch <= 127)) return;
    clearTimeout(duet.timer);
    const channel = sound.open().channel();
    sound.play(INSTRUMENT, { pitch, velocity, seconds: LONGEST, into: channel });
    state.played.push(pitch);
    duet.held.set(id, { pitch, velocity, time, channel });
    lit(pitch, true);
  };
  const drop = id => {
    const { pitch, channel } = duet.held.get(id);
    sound.silence(channel);
    lit(pitch, false);
    duet.held.delete(id);
  };
  const up = (id, time) => {
    if (!duet.held.has(id)) return;
    const { pitch, velocity, time: began } = duet.held.get(id);
    drop(id);
    if (duet.over || !duet.sign.isConnected) return;
    duet.strokes.push([pitch, began / 1000, Math.max(0.03, (time - began) / 1000), velocity]);
    tell(false);
    rest();
  };
  const letGo = () => { for (const id of [...duet.held.keys()]) up(id, performance.now()); };

  document.addEventListener('pointerdown', event => {
    const pitch = pitchOf(event.target), sign = pitch !== undefined && listening(event.target);
    if (sign) down(sign, event.pointerId, pitch, 90, event.timeStamp);
  });
  for (const name of ['pointerup', 'pointercancel']) document.addEventListener(name, event => up(event.pointerId, event.timeStamp));
  const letters = event => {
    const sign = listening(event.target), busy = event.target.closest('input, select, textarea, [role=slider], .melodynb-result');
    if (!sign || busy || event.ctrlKey || event.metaKey || event.altKey) return;
    const drawn = ['Enter', ' '].includes(event.key) ? pitchOf(event.target) : undefined, place = ROW.indexOf(event.code);
    if (['KeyZ', 'KeyX'].includes(event.code) && !event.repeat) duet.low = Math.max(24, Math.min(96, duet.low + (event.code === 'KeyX' ? 12 : -12)));
    if (drawn === undefined && place < 0) return;
    event.preventDefault();
    if (!event.repeat) down(sign, event.code, drawn ?? duet.low + place, 80, event.timeStamp);
  };
  document.addEventListener('keydown', letters, true);
  document.addEventListener('keyup', event => up(event.code, event.timeStamp), true);
  window.addEventListener('blur', letGo);

  document.addEventListener('click', event => {
    const button = event.target.closest && event.target.closest('.melodynb-midi');
    if (!button) return;
    const said = sentence => {
      const line = button.closest('.melodynb-duet').querySelector('.melodynb-said');
      if (line) line.textContent = sentence;
    };
    const sign = () => listening(button);
    melodynbKeyboard.connect({
      said,
      down: (pitch, velocity, time) => sign() && down(sign(), `midi ${pitch}`, pitch, velocity, time),
      up: (pitch, time) => up(`midi ${pitch}`, time),
      gone: letGo,
    });
  });

  // The answer is played as soon as its player is there, unless somebody plays already.
  const answered = (sign, times = 50) => {
    const from = Number(sign.dataset.from), root = sign.closest('.melodynb-studio').querySelector('.melodynb-result .melodynb[data-live]');
    if (!sign.isConnected || duet.turn === sign.dataset.turn || !times) return;
    if (!root || root.melodynb.end <= from) { setTimeout(answered, 100, sign, times - 1); return; }
    root.melodynb.seek(from);
    if (root.melodynb.paused) root.melodynb.play();
  };

  // A click on a note of the result tells the Studio which, through a text field that nobody sees.
  document.addEventListener('click', event => {
    const result = event.target.closest && event.target.closest('.melodynb-result .melodynb');
    const studio = result && result.closest('.melodynb-studio');
    if (!studio || event.target.closest('.bar, .wishes, .legend')) return;
    const note = event.target.closest('[data-note]') || result.querySelector('.lit');
    const field = studio.querySelector('.melodynb-picked input');
    if (!note || !field) return;
    state.picked += 1;
    write(field, `${note.dataset.note} ${state.picked}`);
  });

  /* A note in the picture of "Edit notes" is dragged: to the side by whole time steps, up and down by semitones, and at its right end it grows. Its
     pitch sounds on the way. The kernel is told where it was let go; Escape, or a finger that the browser takes away, leaves it where it was. */
  const EDGE = 9; // pixels at the right end of a note, a third of it at most
  let drag = null;
  const dragged = () => {
    const { note, roll, steps, tones, longer } = drag, { beat, row, step } = roll;
    if (longer) note.setAttribute('width', Math.max(2, drag.width + steps * step * beat));
    else note.setAttribute('transform', `translate(${steps * step * beat} ${-tones * row})`);
  };
  const back = note => {
    note.removeAttribute('transform');
    note.setAttribute('width', note.dataset.width);
  };
  document.addEventListener('pointerdown', event => {
    const note = event.target.closest && event.target.closest('.melodynb-drag [data-note]');
    if (!note || event.button || drag) return;
    event.preventDefault();
    const svg = note.ownerSVGElement, { left, right } = note.getBoundingClientRect(), width = Number(note.getAttribute('width'));
    const roll = Object.fromEntries(['beat', 'row', 'step', 'high'].map(name => [name, Number(svg.dataset[name])]));
    const pitch = roll.high - Math.round((note.getAttribute('y') - 18) / roll.row), scale = svg.getBoundingClientRect().width / svg.viewBox.baseVal.width;
    drag = { note, roll, pitch, width, scale, id: event.pointerId, x: event.clientX, y: event.clientY, steps: 0, tones: 0,
      longer: right - left > EDGE && right - event.clientX < Math.min(EDGE, (right - left) / 3) };
    note.dataset.width = width;
    note.setPointerCapture(event.pointerId);
  });
  document.addEventListener('pointermove', event => {
    if (!drag || event.pointerId !== drag.id) return;
    const { roll, scale, longer } = drag, tones = longer ? 0 : -Math.round((event.clientY - drag.y) / scale / roll.row);
    const steps = Math.round((event.clientX - drag.x) / scale / roll.beat / roll.step);
    if (steps === drag.steps && tones === drag.tones) return;
    if (tones !== drag.tones) strike(drag.pitch + tones);
    Object.assign(drag, { steps, tones });
    dragged();
  });
  const undrag = () => {
    if (drag) back(drag.note);
    drag = null;
  };
  document.addEventListener('pointerup', event => {
    if (!drag || event.pointerId !== drag.id) return;
    const { note, steps, tones, longer } = drag, field = note.closest('.melodynb-studio').querySelector('.melodynb-picked input');
    drag = null;
    state.picked += 1;
    const moved = steps || tones;
    if (field) write(field, moved ? `drag ${note.dataset.note} ${steps} ${tones} ${Number(longer)} ${state.picked}` : `${note.dataset.note} ${state.picked}`);
    if (moved) setTimeout(back, 1500, note); // where the kernel draws nothing new, because the note cannot be there
  });
  document.addEventListener('pointercancel', undrag);
  document.addEventListener('touchstart', event => { // a finger on a note does not scroll
    if (event.target.closest && event.target.closest('.melodynb-drag [data-note]')) event.preventDefault();
  }, { passive: false });
  document.addEventListener('keydown', event => event.key === 'Escape' && undrag(), true);

  /* A kernel may die, or be busy with another cell. Widgets that lost it are marked; and at each press a bell rings, which the kernel answers
     by emptying its field. What was made is remembered here, so that it can be made again. */
  const PATIENCE = 6000, MOST_KEPT = 500; // ms; pieces
  const GONE = 'The kernel is gone. What stands here can still be played, and this piece downloaded. To go on, run the cell again, open History, '
    + 'paste one of the recipes below, and press “Make it from the recipe”.';
  const SILENT = 'The kernel does not answer: it is busy with another cell, or it is gone. What stands here can still be played, and nothing is lost: '
    + 'wait, or restart the kernel, run the cell again, and make your pieces from the recipes below.';
  const made = element => Object.assign(document.createElement(element[0]), element[1]);
  const keep = studio => {
    const text = studio.querySelector('.melodynb-result .recipe pre')?.textContent;
    const kept = studio.melodynbKept ||= [];
    if (text && !kept.includes(text)) kept.push(text);
    if (kept.length > MOST_KEPT) kept.shift();
  };
  const lost = (studio, sentence) => {
    keep(studio);
    const kept = studio.melodynbKept.join('\n'), old = studio.querySelector('.melodynb-gone');
    if (old && old.dataset.said === sentence) return;
    found(studio);
    const box = made(['div', { className: 'melodynb-gone' }]);
    box.dataset.said = sentence;
    const said = made(['p', { textContent: sentence, className: 'alert' }]);
    said.setAttribute('role', 'alert');
    box.append(said);
    if (kept) {
      const text = made(['textarea', { readOnly: true, rows: 4, value: kept, ariaLabel: 'Recipes of all pieces that were made here, one a line' }]);
      const file = URL.createObjectURL(new Blob([`${kept}\n`], { type: 'text/plain' }));
      box.append(text, made(['a', { href: file, download: 'melodynb-recipes.txt', textContent: 'Download all recipes' }]));
    }
    studio.querySelector('.melodynb-stage').before(box);
  };
  const found = studio => {
    for (const box of studio.querySelectorAll('.melodynb-gone')) box.remove();
  };
  const gone = studio => studio.classList.contains('jupyter-widgets-disconnected');
  const ring = event => {
    const studio = event.target.closest && event.target.closest('button') && event.target.closest('.melodynb-studio');
    const field = studio && !event.target.closest('.melodynb') && studio.querySelector('.melodynb-bell input');
    if (!field) return;
    if (gone(studio)) { lost(studio, GONE); return; }
    state.picked += 1;
    write(field, `${state.picked}`);
    if (studio.melodynbWaits) return;
    const since = studio.melodynbWaits = performance.now();
    const wait = () => {
      const silent = studio.isConnected && field.value;
      if (!silent && !gone(studio)) found(studio);
      if (!silent) { studio.melodynbWaits = 0; return; }
      if (performance.now() - since > PATIENCE) lost(studio, gone(studio) ? GONE : SILENT);
      setTimeout(wait, 500);
    };
    setTimeout(wait, 100);
  };
  document.addEventListener('click', ring, true);

  // A link that makes a piece again: the address of this page without its question mark, behind which a token may stand, and the recipe.
  const MARK = '#melodynb=';
  document.addEventListener('click', async event => {
    const button = event.target.closest && event.target.closest('.melodynb-link');
    if (!button) return;
    const link = location.origin + location.pathname + button.dataset.end, said = button.nextElementSibling;
    try {
      await navigator.clipboard.writeText(link);
      said.textContent = 'The link is copied. Whoever opens it where a Studio runs, or pastes it under History, gets this piece.';
    } catch {
      said.textContent = `Copy this link: ${link}`;
    }
  });
  // Whoever followed such a link gets its piece, once a Studio is there.
  const follow = times => {
    const field = document.querySelector('.melodynb-studio .melodynb-picked input');
    if (field) write(field, `link ${location.hash}`);
    else if (times) setTimeout(follow, 200, times - 1);
  };
  if (location.hash.startsWith(MARK)) setTimeout(follow, 200, 100);

  // To JupyterLab single letters are commands, D twice deletes the cell: here they are not. A slider's handle gets the name of its slider.
  const own = event => {
    if (event.repeat && event.target.closest('button')) event.preventDefault(); // a key that is held presses once
    return event.ctrlKey || event.metaKey || event.altKey || event.key === 'Escape' || event.stopPropagation();
  };

  // A button that is greyed out loses the focus. While a piece is written Stop has it, and then the button that was pressed has it again,
  // or a neighbour, where that one is gone.
  let home, moving, later;
  const free = button => button && button.isConnected && !button.disabled && button.offsetParent;
  const move = button => {
    moving = true;
    button.focus({ preventScroll: true });
    moving = false;
  };
  const settle = late => {
    const now = document.activeElement, studio = home && home.closest('.melodynb-studio');
    const stop = studio && studio.querySelector('.melodynb-stop');
    if (!stop || (now !== document.body && now !== home && now !== stop)) return;
    if (free(stop)) return now === stop || move(stop);
    if (free(home)) return now === home || move(home);
    clearTimeout(later);
    if (!late) { later = setTimeout(settle, 400, true); return; }
    const beside = [home.closest('.melodynb-actions'), home.closest('.widget-vbox')].flatMap(box => box ? [...box.querySelectorAll('button')] : []).find(free);
    if (beside) move(beside);
  };
  const pressed = event => {
    const button = event.target.closest && event.target.closest('.melodynb-studio .melodynb-actions button');
    if (!button) return;
    if (!button.matches('.melodynb-stop')) home = button;
    const stage = button.closest('.melodynb-studio').querySelector('.melodynb-stage');
    if (stage) stage.style.minHeight = `${stage.offsetHeight}px`; // the page does not jump while there is no music on it
  };
  document.addEventListener('click', pressed, true);

  // What changes in a Studio: a button is greyed out, music has come, or a file is ready, which is taken at once.
  const changed = changes => {
    if (changes.some(change => ['disabled', 'style'].includes(change.attributeName))) { settle(); requestAnimationFrame(() => settle()); }
    for (const { target, attributeName } of changes)
      if (attributeName === 'data-live' && target.closest('.melodynb-stage')) {
        target.closest('.melodynb-stage').style.minHeight = '';
        keep(target.closest('.melodynb-studio'));
      }
    for (const { addedNodes } of changes) for (const node of addedNodes) {
      const link = node.querySelector && node.querySelector('.melodynb-download:not([data-taken])');
      if (link) { link.dataset.taken = 'yes'; link.click(); }
      const sign = node.querySelector && (node.matches('.melodynb-sign') ? node : node.querySelector('.melodynb-sign'));
      if (sign && Number(sign.dataset.from)) answered(sign);
    }
  };
  const watched = { attributes: true, attributeFilter: ['disabled', 'style', 'data-live'], childList: true, subtree: true };

  document.addEventListener('focusin', event => {
    const studio = event.target.closest && event.target.closest('.melodynb-studio');
    if (!studio) return;
    if (!moving && event.target !== home && !event.target.matches('.melodynb-stop')) home = null; // somebody went elsewhere
    if (!studio.hasAttribute('data-lm-suppress-shortcuts')) {
      studio.addEventListener('keydown', own);
      new MutationObserver(() => gone(studio) && lost(studio, GONE)).observe(studio, { attributes: true, attributeFilter: ['class'] });
      new MutationObserver(changed).observe(studio, watched);
    }
    studio.setAttribute('data-lm-suppress-shortcuts', 'true');
    for (const icon of studio.querySelectorAll('button i')) icon.setAttribute('aria-hidden', 'true');
    for (const handle of studio.querySelectorAll('.noUi-handle, .ui-slider-handle')) {
      const upper = handle.classList.contains('noUi-handle-upper'), lower = handle.parentElement.parentElement.querySelector('.noUi-handle-upper');
      const label = handle.closest('.widget-hslider, .jupyter-widget-hslider');
      const name = label && label.querySelector('.widget-label, label');
      if (name) handle.setAttribute('aria-label', name.textContent + (upper ? ', to' : lower ? ', from' : ''));
    }
  });
})();
