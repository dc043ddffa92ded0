/**
 * Keeps the kiosk's shell: page, styles, modules, texts, fonts. Network first, so that a new version is
 * shown at once; the copy answers only when the server is away or slow. The API is never kept: a ticket
 * is real or there is none.
 */
const CACHE = 'vez-kiosk-1';
const SLOW_MS = 3000;

const ours = (url) => url.origin === location.origin
  && (/^\/kiosk\//.test(url.pathname) || /^\/static\/(shared|vendor)\//.test(url.pathname)
    || /^\/units\/[^/]+\/brand\.css$/.test(url.pathname));

addEventListener('install', () => skipWaiting());
addEventListener('activate', (event) => {
  event.waitUntil((async () => {
    for (const name of await caches.keys()) if (name.startsWith('vez-kiosk-') && name !== CACHE) await caches.delete(name);
    await clients.claim();
  })());
});

async function fresh(request, cache) {
  const response = await fetch(request, { cache: 'no-cache' });
  // A proxy's error page must never replace a good copy.
  if (response.ok) await cache.put(request, response.clone());
  return response;
}

async function answer(request) {
  const cache = await caches.open(CACHE);
  const kept = await cache.match(request, { ignoreSearch: request.mode === 'navigate' });
  const network = fresh(request, cache);
  if (!kept) return network;
  const late = new Promise((resolve) => { setTimeout(() => resolve(kept), SLOW_MS); });
  return Promise.race([network.then((r) => (r.status < 500 ? r : kept), () => kept), late]);
}

addEventListener('fetch', (event) => {
  if (event.request.method === 'GET' && ours(new URL(event.request.url))) event.respondWith(answer(event.request));
});

// The first visit's files were fetched before this worker was there: take them once more, into the copy.
addEventListener('message', (event) => {
  if (event.data?.keep) event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(event.data.keep)));
});
