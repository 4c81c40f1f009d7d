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

  // A button that is greyed out loses the focus; it goes to Stop while a piece is written, and back to the first button after it.
  let last;
  const hand = () => {
    const row = last && last.disabled && document.activeElement === document.body && last.closest('.melodynb-actions');
    const open = row ? [...row.querySelectorAll('button:not([disabled])')] : [];
    if (open.length) open[0].focus({ preventScroll: true });
  };
  document.addEventListener('focusin', event => {
    const studio = event.target.closest && event.target.closest('.melodynb-studio');
    if (!studio) return;
    last = event.target;
    if (!studio.hasAttribute('data-lm-suppress-shortcuts')) {
      studio.addEventListener('keydown', own);
      new MutationObserver(hand).observe(studio, { attributes: true, attributeFilter: ['disabled'], subtree: true });
    }
    studio.setAttribute('data-lm-suppress-shortcuts', 'true');
    for (const icon of studio.querySelectorAll('button i')) icon.setAttribute('aria-hidden', 'true');
    for (const handle of studio.querySelectorAll('.noUi-handle, .ui-slider-handle')) {
      const label = handle.closest('.widget-hslider, .jupyter-widget-hslider');
      const name = label && label.querySelector('.widget-label, label');
      if (name) handle.setAttribute('aria-label', name.textContent);
    }
  });
})();
