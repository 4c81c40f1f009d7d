/* Keeps the whole page on this device, so that it works without a network. Names and checksums are written by data/build_play.py. */
const VERSION = '504a84643057';
const FILES = {
  'bars.js': 'a6705113ec6c84825874d97b52b5c08800bb4d357d008b0a13a86514e16834c0',
  'char-gpt.safetensors': '1d9da0211654fecdb9fc66b6e874981aea559af84ca11b34648cfa81514d5637',
  'dom.js': 'a4d8fbc40097481d7255d149fa365bdb1d08196e6a7423a9c0e8ad6e52688976',
  'files.js': '22583c8eb2f2d396b49f801eb8ac465908208503114fb7495f2e0b5a47609055',
  'icon.svg': '8153f412f8575b3ce71db10538ffff1f9a2bea9801397b098e1bab3864c48eac',
  'index.html': 'cf6573e6d084407068737c81392e25b3b287eff591e50d9fb463d942692affca',
  'instrument.js': '5d3a816818d55dec5f0bb512a2b91ef780eb9458afd8827fbba661f7af286a60',
  'letters.js': '7123b8ecc6d7a9db4a6d87d0be8feb515650a2f4699c9c3e507d637b7dcff75e',
  'links.js': 'bdeb72da4fad81b2bebf9ebbe67570e9e4d70ea0e9ca928aaf53cefec32e3722',
  'model.js': 'a95377c50fb609075fda5641905f1625020b806cad2b4db515b9707105974411',
  'model.json': '170ca1b92d02265a8ced92ed21733373bacd33d881e213dd9bf6ce9ad0ae9124',
  'music.js': '39361b413957f582d128dff93eaabcad9c5976a3428cc68bdde6e87a2fdd95db',
  'network.js': 'ed092c41b3cd96b1625cf612ecd7c25c8ff774523ef31abf039aa0449e747321',
  'play.css': '244f2c0404cb32dd20dde0cf39db34bc6c3d3e5f114e6decad866bf62cb8b337',
  'play.js': 'ca7d41fcd62e46745ec329aec1517eca332c396065b269fb012e7ad86e8c2309',
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
