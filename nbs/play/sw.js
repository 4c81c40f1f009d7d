/* Keeps the whole page on this device, so that it works without a network. Names and checksums are written by data/build_play.py. */
const VERSION = 'f312738f8504';
const FILES = {
  'char-gpt.onnx': '3395013d3613d72e33ea5c2dd9b595522fc5843659c414bc5764a86a5cdf170e',
  'icon.svg': '8153f412f8575b3ce71db10538ffff1f9a2bea9801397b098e1bab3864c48eac',
  'index.html': 'e84914c8fd443255fbab695cda681a62894e19d0c90b8de43b50c5b3ecd601f3',
  'instrument.js': '5d3a816818d55dec5f0bb512a2b91ef780eb9458afd8827fbba661f7af286a60',
  'model.js': 'bf6891e6110da728481366254b15ddc219b660bffdd245e9cb155a66ced52103',
  'model.json': '9ba41e1cbd08a548858d43536a2c9ac4340787acbf4346ab7d3a479bf2d1705e',
  'music.js': '8c0664b78ba33f06e1e90d546a02d2636b4af0e679757511bc050255f616ba18',
  'play.css': '79339fe8622fc66ca92e092e4153749232cd4bdc1e04e9e65d1c1fd08c7f8525',
  'play.js': 'c6613f544830cb8a45b41c3d8fe30044eced275a735f78794f3d3e9aba630fe5',
  'sound.js': '778e02e3a077dd1d5682f19a6d7ec0c7c23c9bd25fdc06a204978dfcac423138',
  'vendor/onnxruntime-web/LICENSE': '2f07c72751aed99790b8a4869cf2311df85a860b22ded05fa22803587a48922c',
  'vendor/onnxruntime-web/ThirdPartyNotices.txt': '0e07b95f3a8d6230037707c5c4a2b554d12c4cb67369669ac255635528ffcee2',
  'vendor/onnxruntime-web/ort-wasm-simd-threaded.wasm': 'fd078a39438a65660fc6c9df8d42fc886b5bf2931d6dbdd8dc51a17b1221499f',
  'vendor/onnxruntime-web/ort.wasm.bundle.min.mjs': '54c6c268b1cd9308aafc9c110eb19ea65191ac0a422326b789cbbe26d589bce7',
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
