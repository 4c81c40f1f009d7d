/* Keeps on this device what was used of the page, so that it works without a network, and all of it where that is asked
for. Names and checksums are written by data/build_play.py. */
const VERSION = 'f2b3a6cba881';
const FILES = {
  'bars.js': '9bf5f9839963ce2d5ed3f1d2380b3d478b4cfb86d0da9b1ab635b455d704b697',
  'char-gpt.safetensors': '1d9da0211654fecdb9fc66b6e874981aea559af84ca11b34648cfa81514d5637',
  'choice.js': 'ecad4e19e611ad6315e1b485e08f580fd3f2a330ed376fbfdd6296281b07fc65',
  'dom.js': 'fa286119bf17f8c233dc671cf057ea92c62a49cdc242a389844d3d99f2a8b302',
  'engraver.js': 'baa929c5b7bebb2b3b0adb5db3ef8f420e2eefa9c05e8ab39bf1d1199eea378e',
  'files.js': 'dc4d1a079f26188f0d669dd15be0061ffd88b47c47e5ab1474c2f3f3544249eb',
  'icon.svg': '8153f412f8575b3ce71db10538ffff1f9a2bea9801397b098e1bab3864c48eac',
  'index.html': '2c84423be45f0a5ae06a6283dcf3f5bb6be4f751aa717c35dfeaa77d3952833c',
  'instrument.js': '5d3a816818d55dec5f0bb512a2b91ef780eb9458afd8827fbba661f7af286a60',
  'keeper.js': 'de02c4a3fea8bd6176e140447f9540c816c85f7b7a94a8e4288fc76f3935096e',
  'letters.js': '78295ccdff81973e7faefd4283f430dc46d2e4da8aa1b66755cc3bc757eff722',
  'links.js': 'a6f1c82ffdc95551dc3398cdd9dd1c8faaaf3248ce5889f2c8cc683552b1cf0e',
  'loops.js': 'e9891f6fb4e394ca653d0b8dc2e299b1c0bf33dff60050000e9c6632f7bf2a59',
  'model.js': '0efdf0a44995e1eee2af01f92e91ce4239a6e51c2107fcd21e46c0a5bada40ab',
  'model.json': '6399ea15e7c96073735f6c75f26fa052cc3124cbcde3f7d58f40e330c96f426f',
  'music.js': '1b142a8c8ea2808c33008f43b8864eb99fb0994677e096112a4fe40b93cff5b3',
  'network.js': '842ca3096e1ee60ed032a26a39ea2f66cee502a8fa9f3a00fbce9003c4059824',
  'play.css': 'fd379d10494b042f6fa2cc294577ea13be085df924dad879a73d7d2a9c760afb',
  'play.js': 'af265ab17c40f85232179af5d1de9942e4185d4274d231ca8618271c9363f376',
  'remi-folk.safetensors': '42a4ecb58dc00b4ec012e5b9fba26b12c48f3507eadb6120c6bd57ffa0f6137c',
  'remi.js': 'd5ce769e4e75715fe9c655bf188733f371931e583ef089c2b14df5cf2bcf6c17',
  'rhythm.js': 'ae92f7ffb2b8115beb7f4fe26e97eb28942aa88e129315dd2d643b65cb7a32fb',
  'rolls.js': '826733313ec8b2da322e2e911f11c74ba8ecdbc187e2b837eb8ce209040929ff',
  'score.js': 'c6c737f8d3140b3520c2a3db2cff157c4b7d144b35643c43fcb908526fdb8e42',
  'sound.js': 'df7463733fb01196378772ad176f62ff0f1ba1f0958d6d41ab08346f3a472312',
  'take.js': '6f01142cc377e582700034434c65bae67d690fb45c3e2cc3e4d25b7f07c15f3b',
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

/* A file goes into the cache if it is the one of this version: from an older cache, from the browser's memory, or from
the server. */
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
