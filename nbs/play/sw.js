/* Keeps the whole page on this device, so that it works without a network. Names and checksums are written by data/build_play.py. */
const VERSION = 'c2f84e32bb83';
const FILES = {
  'bars.js': '8b0f1a3746c4117121c06d5941f85206a58d5d1c5909f3bea47d8f3e8d7a1478',
  'char-gpt.safetensors': '1d9da0211654fecdb9fc66b6e874981aea559af84ca11b34648cfa81514d5637',
  'dom.js': 'a4d8fbc40097481d7255d149fa365bdb1d08196e6a7423a9c0e8ad6e52688976',
  'files.js': 'a00b57d791238983d31828fa8d0185164240eee36835342b190f5a3b31f68635',
  'icon.svg': '8153f412f8575b3ce71db10538ffff1f9a2bea9801397b098e1bab3864c48eac',
  'index.html': 'a47c28ed0b6f7904f6ba4a8dbfc401ca5f19427105539584a1a4ff3fab8271be',
  'instrument.js': '5d3a816818d55dec5f0bb512a2b91ef780eb9458afd8827fbba661f7af286a60',
  'letters.js': '7123b8ecc6d7a9db4a6d87d0be8feb515650a2f4699c9c3e507d637b7dcff75e',
  'links.js': 'e3c81b38067580d54c6deda0aa5877b89f082c4eaf0606033e69b19cb6e13423',
  'model.js': '82f7d063eee8cd5b0aeccc5c8eb3ae2e2922adb505e061b69c062f0cfc8ffdac',
  'model.json': '170ca1b92d02265a8ced92ed21733373bacd33d881e213dd9bf6ce9ad0ae9124',
  'music.js': '39361b413957f582d128dff93eaabcad9c5976a3428cc68bdde6e87a2fdd95db',
  'network.js': 'e5ea304dbf9f5ac4a9d7a474e91848821ed98763ca132de6aaec9281c313c526',
  'play.css': '77e4302bf54b3013119c4b86e8a9072e5dc1bf3399cbb4f6c380cc7fb7762a08',
  'play.js': '1634e5e552461003b77cb21fb37fb6f33937d00101e7ba88df8cfe24d602028f',
  'remi-folk.safetensors': '42a4ecb58dc00b4ec012e5b9fba26b12c48f3507eadb6120c6bd57ffa0f6137c',
  'remi.js': 'b34883deb7ddbefa01a4f9aa21cf1829ae9f71d3a45cd0d05b42d444e25043e6',
  'rolls.js': '4ba2b9e955628abc05d9924dae926a0d5dffa4bf72fef43df9c1993c440882a7',
  'sound.js': '27bef241aa021cd9e4806aaf311d164a72bcd4dd6bb5c0af2536fddbe752b7bf',
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
