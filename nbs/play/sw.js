/* Keeps the whole page on this device, so that it works without a network. Names and checksums are written by data/build_play.py. */
const VERSION = '80ef5acec8f7';
const FILES = {
  'bars.js': 'f312ddc2babad1b0760c35ecbcffcd604313c9aa13d40bdec022740592759bb2',
  'char-gpt.safetensors': '1d9da0211654fecdb9fc66b6e874981aea559af84ca11b34648cfa81514d5637',
  'dom.js': 'a4d8fbc40097481d7255d149fa365bdb1d08196e6a7423a9c0e8ad6e52688976',
  'files.js': 'a00b57d791238983d31828fa8d0185164240eee36835342b190f5a3b31f68635',
  'icon.svg': '8153f412f8575b3ce71db10538ffff1f9a2bea9801397b098e1bab3864c48eac',
  'index.html': 'a47c28ed0b6f7904f6ba4a8dbfc401ca5f19427105539584a1a4ff3fab8271be',
  'instrument.js': '5d3a816818d55dec5f0bb512a2b91ef780eb9458afd8827fbba661f7af286a60',
  'letters.js': '7123b8ecc6d7a9db4a6d87d0be8feb515650a2f4699c9c3e507d637b7dcff75e',
  'links.js': 'e3c81b38067580d54c6deda0aa5877b89f082c4eaf0606033e69b19cb6e13423',
  'model.js': 'dedeaf4cb19d508c05599f69b47b83c8663e1cc82acd91fe8f8264a8e295550e',
  'model.json': '170ca1b92d02265a8ced92ed21733373bacd33d881e213dd9bf6ce9ad0ae9124',
  'music.js': '39361b413957f582d128dff93eaabcad9c5976a3428cc68bdde6e87a2fdd95db',
  'network.js': '9bdd989364fb3c8ccaaadc64d913785c52516a2656909c5e244fcdb09e43dac2',
  'play.css': '77e4302bf54b3013119c4b86e8a9072e5dc1bf3399cbb4f6c380cc7fb7762a08',
  'play.js': '1634e5e552461003b77cb21fb37fb6f33937d00101e7ba88df8cfe24d602028f',
  'remi-folk.safetensors': '42a4ecb58dc00b4ec012e5b9fba26b12c48f3507eadb6120c6bd57ffa0f6137c',
  'remi.js': '7d84deb4c575456d4f79e700762409acd91cb351d5930cf7a88a693119900781',
  'rolls.js': '4ba2b9e955628abc05d9924dae926a0d5dffa4bf72fef43df9c1993c440882a7',
  'sound.js': '27bef241aa021cd9e4806aaf311d164a72bcd4dd6bb5c0af2536fddbe752b7bf',
  'worker.js': 'a272c21af08caba8cb646f5df82e59474ddf0126c2776b193c4fc30ae4fbbaf8',
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
