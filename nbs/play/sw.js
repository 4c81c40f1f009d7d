/* Keeps the whole page on this device, so that it works without a network. Names and checksums are written by data/build_play.py. */
const VERSION = '06a0d4a29992';
const FILES = {
  'bars.js': 'c7d765200b4fe8759d4b81ccbf36a10f9d8ff0c778e496733e359fa202256f83',
  'char-gpt.safetensors': '1d9da0211654fecdb9fc66b6e874981aea559af84ca11b34648cfa81514d5637',
  'dom.js': 'a4d8fbc40097481d7255d149fa365bdb1d08196e6a7423a9c0e8ad6e52688976',
  'engraver.js': '71bd82aeafc25fd9bba7e521bc247ba99448c3069442ca1e9694e7bc1fb0a425',
  'files.js': '2ff0dc32cd4447d399bb91c25a4d235fc1eb80d0f47b8ba60eb5c9e1820a81fc',
  'icon.svg': '8153f412f8575b3ce71db10538ffff1f9a2bea9801397b098e1bab3864c48eac',
  'index.html': '8b565955a177982be51f1d46d47b1e8cb67dd4c5554382a8ca276fa48210f8a4',
  'instrument.js': '5d3a816818d55dec5f0bb512a2b91ef780eb9458afd8827fbba661f7af286a60',
  'letters.js': '7123b8ecc6d7a9db4a6d87d0be8feb515650a2f4699c9c3e507d637b7dcff75e',
  'links.js': '326bbe601fb24088b328f095c8ae8c298ce1aa90791ff0ec4b5f0574cc8a2469',
  'model.js': '82f7d063eee8cd5b0aeccc5c8eb3ae2e2922adb505e061b69c062f0cfc8ffdac',
  'model.json': 'f97a6de5215b0a2af8bfc76704e6cb838ba7baeca4c108fa2ed5e08317db6450',
  'music.js': '39361b413957f582d128dff93eaabcad9c5976a3428cc68bdde6e87a2fdd95db',
  'network.js': 'e5ea304dbf9f5ac4a9d7a474e91848821ed98763ca132de6aaec9281c313c526',
  'play.css': 'd414c5e3b49e98ea125d61340226efdb382f0474b63534273ea0827427833b54',
  'play.js': '662923f3166aef2e3b6f96f0b7e29b4cb44013b32cf01a7a68457cbb76702a8a',
  'remi-folk.safetensors': '42a4ecb58dc00b4ec012e5b9fba26b12c48f3507eadb6120c6bd57ffa0f6137c',
  'remi.js': 'a84bf9b4a924b1938c922d81aa1614d522fcc83df84032c5df4f211671f7a90e',
  'rolls.js': '4ba2b9e955628abc05d9924dae926a0d5dffa4bf72fef43df9c1993c440882a7',
  'score.js': '7318001c3c3c3b37a091145f25ffc859b082bdd405c154ad7e05afa507e8dbfd',
  'sound.js': '27bef241aa021cd9e4806aaf311d164a72bcd4dd6bb5c0af2536fddbe752b7bf',
  'vendor/verovio/COPYING': '8b1ba204bb69a0ade2bfcf65ef294a920f6bb361b317dba43c7ef29d96332b9b',
  'vendor/verovio/COPYING.LESSER': 'a5681bf9b05db14d86776930017c647ad9e6e56ff6bbcfdf21e5848288dfaf1b',
  'vendor/verovio/verovio-module.mjs': 'cd7c77d0738e9359b9f77956ae398556bf9949f35e4c5b3471ab3198fd660431',
  'vendor/verovio/verovio.mjs': '3db61c94295aeb4983baff06b5e03b2fc0e397fa405fa2461f81427954ec874b',
  'worker.js': 'efc2f87f16bb05350507699e2f115b127e91ef42c1fdb92b49094b94ef397077',
};

const SCOPE = self.registration.scope, PREFIX = `melodynb-play ${SCOPE} `, NAME = PREFIX + VERSION;
const address = name => new URL(name, SCOPE).href;

const checksum = async bytes => {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return [...digest].map(byte => byte.toString(16).padStart(2, '0')).join('');
};

// A file goes into the cache if it is the one of this version: from an older cache, from the browser's memory, or from the server.
const keep = async (cache, name, expected) => {
  const url = address(name);
  for (const look of [() => caches.match(url), () => fetch(url), () => fetch(url, { cache: 'reload' })]) {
    const response = await look();
    if (!response?.ok) continue;
    const bytes = await response.arrayBuffer(), type = response.headers.get('Content-Type') || 'application/octet-stream';
    if (await checksum(bytes) === expected) return cache.put(url, new Response(bytes, { headers: { 'Content-Type': type } }));
  }
  throw new Error(`${name} is not the file of version ${VERSION}`);
};

const install = async () => {
  const cache = await caches.open(NAME);
  for (const [name, expected] of Object.entries(FILES)) await keep(cache, name, expected);
  await self.skipWaiting();
};

const activate = async () => {
  for (const name of await caches.keys()) if (name.startsWith(PREFIX) && name !== NAME) await caches.delete(name);
  await self.clients.claim();
};

const answer = async (request, name) => await (await caches.open(NAME)).match(address(name)) || fetch(request);

self.addEventListener('install', event => event.waitUntil(install()));
self.addEventListener('activate', event => event.waitUntil(activate()));
self.addEventListener('fetch', event => {
  const { origin, pathname } = new URL(event.request.url), url = origin + pathname;
  const name = url.startsWith(SCOPE) ? url.slice(SCOPE.length) || 'index.html' : '';
  if (event.request.method === 'GET' && Object.hasOwn(FILES, name)) event.respondWith(answer(event.request, name));
});
