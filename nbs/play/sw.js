/* Keeps on this device what was used of the page, so that it works without a network, and all of it where that is
asked for. Names and checksums are written by data/build_play.py. */
const VERSION = '8851cb701406';
const FILES = {
  'bars.js': '5c2af89b0e4df1eb38cce0cf80a27b3582f0b19ac8540f14d95a4a29ce307f51',
  'char-gpt.safetensors': '1d9da0211654fecdb9fc66b6e874981aea559af84ca11b34648cfa81514d5637',
  'choice.js': '394ed0e65bcd0c908990c980de1f25e57b398dbaf099e0227b451efe495b7730',
  'dom.js': 'fa286119bf17f8c233dc671cf057ea92c62a49cdc242a389844d3d99f2a8b302',
  'engraver.js': '58a79595900f9cc1821b2bfc788a4d894380d1c7883ca8941841ff739fb1e508',
  'files.js': '9a28d767af9aaae2a07a2a1b6264f5245cc5bac22772e6d09f98e6dd2b19acb5',
  'icon.svg': '8153f412f8575b3ce71db10538ffff1f9a2bea9801397b098e1bab3864c48eac',
  'index.html': '5fd1a0fdcd146f045880cb3c6882363e39c1aea49ad93b3eb70c2c04f6f06bfe',
  'instrument.js': '5d3a816818d55dec5f0bb512a2b91ef780eb9458afd8827fbba661f7af286a60',
  'keeper.js': '578c0b871b7755115b62ca412eb10eef65644ed01b4b6fe61c7ad45a24e941c2',
  'letters.js': 'a830fe88c0fbfe357e3f602edfa47850807b757f8db4af1f9e4b6ba32f671699',
  'links.js': 'aa191f61121b5f5c77aa47410e8fc5d75bfc80adc966e44966cd0faec471d711',
  'loops.js': 'e9891f6fb4e394ca653d0b8dc2e299b1c0bf33dff60050000e9c6632f7bf2a59',
  'model.js': 'e797c8eadf71f80e49834524f1a9b6b130049c86277b29fbd7c7c151df63cc25',
  'model.json': '30cf4cdb8a4274d820e34c4a170093727b421b9a0566a89e3c9c0c740f703fa5',
  'music.js': 'f05c969c0f6cbbb8d4d67487d741ff93b0f84be39905c0ded239dbe2e22e6b85',
  'network.js': '896cd64e9c183cda89598ec87a6a266b2dd48c4e4c1f4caf184454edef22df4c',
  'play.css': '4fd95f8d76d94dec2a85ecae576515e9ca749c86e88494c3fc997db75495f9d4',
  'play.js': '8d853e44f6ae81c8fbbaf96db662325e3de6fbe1451a49dc7bf54d095eef9891',
  'remi-folk.safetensors': '9621c0b3419747e1fde83f3e66038815cfc9c12793a35e140f2d871061cee54b',
  'remi.js': 'cb08df3a1f205a7db1e16b7d0a646fcc2ab962ef399fba52d4708cbcd517206f',
  'rhythm.js': 'f5f3d998ea7c2ed179134c11715cec270d11d52d526b4559ae9eb1e5bbf48db3',
  'rolls.js': '826733313ec8b2da322e2e911f11c74ba8ecdbc187e2b837eb8ce209040929ff',
  'score.js': 'c6c737f8d3140b3520c2a3db2cff157c4b7d144b35643c43fcb908526fdb8e42',
  'sound.js': 'c648c94efcd8cb3baefa8a45a6c7e4215fc54e2adfb19a4b34047fd2b9472e51',
  'take.js': '04daeb627dcf4d587714384927e42c137cfc0f5abe6748f6ded90883f0f86096',
  'vendor/verovio/COPYING': '8b1ba204bb69a0ade2bfcf65ef294a920f6bb361b317dba43c7ef29d96332b9b',
  'vendor/verovio/COPYING.LESSER': 'a5681bf9b05db14d86776930017c647ad9e6e56ff6bbcfdf21e5848288dfaf1b',
  'vendor/verovio/verovio-module.mjs': 'cd7c77d0738e9359b9f77956ae398556bf9949f35e4c5b3471ab3198fd660431',
  'vendor/verovio/verovio.mjs': '3db61c94295aeb4983baff06b5e03b2fc0e397fa405fa2461f81427954ec874b',
  'worker.js': '7a0fcaf28496faee4e3120101f81fe141d247efb8c8a1bc3307108486f438dad',
};

const SCOPE = self.registration.scope,
  PREFIX = `melodynb-play ${SCOPE} `,
  NAME = PREFIX + VERSION;
const address = name => new URL(name, SCOPE).href;

const checksum = async bytes => {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return [...digest].map(byte => byte.toString(16).padStart(2, '0')).join('');
};

const put = (cache, name, bytes, type = 'application/octet-stream') =>
  cache.put(address(name), new Response(bytes, { headers: { 'Content-Type': type } }));
const typeOf = response => response.headers.get('Content-Type') || undefined;

/* A file goes into the cache if it is the one of this version: from an older cache, from the browser's memory, or
from the server. */
const keep = async (cache, name) => {
  const url = address(name);
  if (await cache.match(url)) return;
  for (const look of [() => caches.match(url), () => fetch(url), () => fetch(url, { cache: 'reload' })]) {
    const response = await look();
    if (!response?.ok) continue;
    const bytes = await response.arrayBuffer();
    if ((await checksum(bytes)) === FILES[name]) return put(cache, name, bytes, typeOf(response));
  }
  throw new Error(`${name} is not the file of version ${VERSION}`);
};

// The page itself is kept at once; weights and the engraver when they are used, or were before in another version.
const big = name => name.startsWith('vendor/') || name.endsWith('.safetensors');

const install = async () => {
  const cache = await caches.open(NAME);
  for (const name in FILES) if (!big(name) || (await caches.match(address(name)))) await keep(cache, name);
  await self.skipWaiting();
};

const activate = async () => {
  for (const name of await caches.keys())
    if (name.startsWith(PREFIX) && name !== NAME) await caches.delete(name);
  await self.clients.claim();
};

// What came from the server is kept if it is whole and of this version.
const remember = async (cache, name, response) => {
  const bytes = await response.arrayBuffer();
  if ((await checksum(bytes)) === FILES[name]) await put(cache, name, bytes, typeOf(response));
};

const answer = async (event, name) => {
  const cache = await caches.open(NAME),
    kept = await cache.match(address(name));
  if (kept) return kept;
  const response = await fetch(event.request);
  if (response.ok) event.waitUntil(remember(cache, name, response.clone()).catch(() => {})); // there may be no room
  return response;
};

/* What the page asks for: `have` are files that it holds already, as name and bytes; `names` are to be kept, and with
`all` all of them. The answer says whether the whole page is here now. */
const act = async ({ have = [], names = [], all = false }) => {
  const cache = await caches.open(NAME);
  for (const { name, bytes } of have)
    if (!(await cache.match(address(name))) && (await checksum(bytes)) === FILES[name])
      await put(cache, name, bytes);
  for (const name of all ? Object.keys(FILES) : names) await keep(cache, name);
  const here = await Promise.all(Object.keys(FILES).map(name => cache.match(address(name))));
  return { whole: here.every(Boolean) };
};

self.addEventListener('install', event => event.waitUntil(install()));
self.addEventListener('activate', event => event.waitUntil(activate()));
self.addEventListener('message', event => {
  const [port] = event.ports,
    failed = error => port.postMessage({ fault: error.message });
  event.waitUntil(act(event.data).then(told => port.postMessage(told), failed));
});
self.addEventListener('fetch', event => {
  const { origin, pathname } = new URL(event.request.url),
    url = origin + pathname;
  const name = url.startsWith(SCOPE) ? url.slice(SCOPE.length) || 'index.html' : '';
  if (event.request.method === 'GET' && Object.hasOwn(FILES, name)) event.respondWith(answer(event, name));
});
