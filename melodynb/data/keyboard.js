/* MIDI keyboards, for whoever wants to hear them. The browser is asked for them on a click; whatever comes of it is
   said in a sentence. */
const melodynbKeyboard = (() => {
  const NONE = 'This browser knows no MIDI keyboards: use the keys on the screen or those of the computer.';
  const REFUSED =
    'This browser was not allowed to listen to MIDI keyboards: allow it beside the address, or use the other keys.';
  const WAITING = 'No MIDI keyboard is connected: plug one in, and it is heard.';

  /* `said` gets sentences, `down` a pitch, a velocity and a time in milliseconds, `up` a pitch and a time, `gone`
     nothing: a keyboard was unplugged, and its keys will not come up any more. */
  const connect = async ({ said, down, up = () => {}, gone = () => {} }) => {
    if (!navigator.requestMIDIAccess) return said(NONE);
    let access, known = [];
    try { access = await navigator.requestMIDIAccess(); }
    catch { return said(REFUSED); }
    const hear = () => {
      const inputs = [...access.inputs.values()].filter(input => input.state !== 'disconnected');
      const names = inputs.map(input => input.name);
      for (const input of inputs)
        input.onmidimessage = ({ data: [act, pitch, force], timeStamp }) => {
          if (act >> 4 === 9 && force) down(pitch, force, timeStamp);
          else if (act >> 4 === 8 || act >> 4 === 9) up(pitch, timeStamp);
        };
      const lost = known.filter(name => !names.includes(name));
      known = names;
      if (lost.length) gone();
      const left = lost.length ? `${lost.join(', ')} was unplugged; what you played until then is kept. ` : '';
      said(left + (names.length ? `Listening to ${names.join(', ')}.` : WAITING));
    };
    access.onstatechange = hear;
    hear();
  };

  return { connect };
})();
