/* Keeps the whole page on this device, so that it works without a network. Names and checksums are written by data/build_play.py. */
const VERSION = 'be0cc34deacc';
const FILES = {
  'bars.js': '668a85f24eb9a80cd5834fc53144628232515fc9702a4aaffbeef795a50fc80d',
  'char-gpt.safetensors': '1d9da0211654fecdb9fc66b6e874981aea559af84ca11b34648cfa81514d5637',
  'dom.js': 'fa286119bf17f8c233dc671cf057ea92c62a49cdc242a389844d3d99f2a8b302',
  'engraver.js': 'baa929c5b7bebb2b3b0adb5db3ef8f420e2eefa9c05e8ab39bf1d1199eea378e',
  'files.js': 'f610b0f3133636763ea03817ff50a8fcebedb2a63952015d614ff9cc6ebdcaa3',
  'icon.svg': '8153f412f8575b3ce71db10538ffff1f9a2bea9801397b098e1bab3864c48eac',
  'index.html': '8b565955a177982be51f1d46d47b1e8cb67dd4c5554382a8ca276fa48210f8a4',
  'instrument.js': '5d3a816818d55dec5f0bb512a2b91ef780eb9458afd8827fbba661f7af286a60',
  'letters.js': '78295ccdff81973e7faefd4283f430dc46d2e4da8aa1b66755cc3bc757eff722',
  'links.js': '4ba6653247ce2262da7792487d2bfcf533a8b2ee6e1d0072f3f53e320394b66a',
  'model.js': '2ab41c1fe6d53bbb64571a4f4ff50486be20f66c6c61cccd40ff9bc3e0cd5570',
  'model.json': 'f97a6de5215b0a2af8bfc76704e6cb838ba7baeca4c108fa2ed5e08317db6450',
  'music.js': '5b830994f576a78495a76fcd1cf64a06b62383c0d3719d35970da28803e69a8f',
  'network.js': '7bb5ed03857fd7dccc30770e8328b2fd418a03899ab72031371435044185941a',
  'play.css': 'd414c5e3b49e98ea125d61340226efdb382f0474b63534273ea0827427833b54',
  'play.js': '3fc3521df797fc898b490fa01647f03245034060cc2a0e759c8302d8e8a8e048',
  'remi-folk.safetensors': '42a4ecb58dc00b4ec012e5b9fba26b12c48f3507eadb6120c6bd57ffa0f6137c',
  'remi.js': '08b90683c0ad05608f5cdcb478b143fa4f3b2ae17c9a31dc294f94a9e846794a',
  'rolls.js': '424826deabca2878fd62e1a96bb9daa36a7fa8a2f2644160308a6714c8802fd7',
  'score.js': 'f9c260bbe3f2dc7809fb740119069089f09c23c0818f2aa959254b0bd47940d5',
  'sound.js': 'df7463733fb01196378772ad176f62ff0f1ba1f0958d6d41ab08346f3a472312',
  'vendor/verovio/COPYING': '8b1ba204bb69a0ade2bfcf65ef294a920f6bb361b317dba43c7ef29d96332b9b',
  'vendor/verovio/COPYING.LESSER': 'a5681bf9b05db14d86776930017c647ad9e6e56ff6bbcfdf21e5848288dfaf1b',
  'vendor/verovio/verovio-module.mjs': 'cd7c77d0738e9359b9f77956ae398556bf9949f35e4c5b3471ab3198fd660431',
  'vendor/verovio/verovio.mjs': '3db61c94295aeb4983baff06b5e03b2fc0e397fa405fa2461f81427954ec874b',
  'worker.js': 'fe3881d5ca71fb2c70236f26bc9fa7367e7021bba5a3024ce984af1e549a23e0',
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
