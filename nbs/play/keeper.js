/* What stays on this device, from the page's side: sw.js keeps it. */

// The newest service worker of this page, when it is at work; refused where it could not be installed.
const started = worker =>
  new Promise((resolve, reject) => {
    const look = () => {
      if (worker.state === 'activated') resolve(worker);
      if (worker.state === 'redundant') reject(new Error('there may be no room, or the network broke off'));
    };
    worker.addEventListener('statechange', look);
    look();
  });

/* Keeps files: see `act` in sw.js. The answer says whether all of the page is here; null where this browser keeps
nothing for an address such as this one. */
export const keep = async asked => {
  const registration = await navigator.serviceWorker?.register('sw.js').catch(() => null);
  const { installing, waiting, active } = registration || {},
    newest = installing || waiting || active;
  if (!newest) return null;
  const worker = await started(newest),
    { port1, port2 } = new MessageChannel();
  return new Promise((resolve, reject) => {
    port1.onmessage = ({ data }) => (data.fault ? reject(new Error(data.fault)) : resolve(data));
    worker.postMessage(asked, [port2]);
  });
};
