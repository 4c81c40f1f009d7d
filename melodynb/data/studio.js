/* What the Studio's widgets cannot do by themselves: keys that sound at once, and notes of a player that can be asked about.
   One set of listeners on the page serves every Studio, also those that are drawn later. sound.js and INSTRUMENT come before it. */
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

  const key = event => {
    const button = event.target.closest && event.target.closest('.melodynb-key');
    const name = button && [...button.classList].find(name => name.startsWith('melodynb-pitch-'));
    if (name) strike(Number(name.slice(15)));
  };
  document.addEventListener('pointerdown', key);
  document.addEventListener('click', event => event.detail === 0 && key(event)); // from the keyboard

  // A click on a note of the result tells the Studio which, through a text field that nobody sees.
  document.addEventListener('click', event => {
    const result = event.target.closest && event.target.closest('.melodynb-result .melodynb');
    const studio = result && result.closest('.melodynb-studio');
    if (!studio || event.target.closest('.bar, .wishes, .legend')) return;
    const note = event.target.closest('[data-note]') || result.querySelector('.lit');
    const field = studio.querySelector('.melodynb-picked input');
    if (!note || !field) return;
    state.picked += 1;
    field.value = `${note.dataset.note} ${state.picked}`;
    for (const name of ['input', 'change']) field.dispatchEvent(new Event(name, { bubbles: true }));
  });

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
      if (attributeName === 'data-live' && target.closest('.melodynb-stage')) target.closest('.melodynb-stage').style.minHeight = '';
    for (const { addedNodes } of changes) for (const node of addedNodes) {
      const link = node.querySelector && node.querySelector('.melodynb-download:not([data-taken])');
      if (link) { link.dataset.taken = 'yes'; link.click(); }
    }
  };
  const watched = { attributes: true, attributeFilter: ['disabled', 'style', 'data-live'], childList: true, subtree: true };

  document.addEventListener('focusin', event => {
    const studio = event.target.closest && event.target.closest('.melodynb-studio');
    if (!studio) return;
    if (!moving && event.target !== home && !event.target.matches('.melodynb-stop')) home = null; // somebody went elsewhere
    if (!studio.hasAttribute('data-lm-suppress-shortcuts')) {
      studio.addEventListener('keydown', own);
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
