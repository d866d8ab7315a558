// The worker of Trellis. VERSION and ASSETS stand above, written by the server.
// Kept on the device: this version's assets, the offline page, and pages that opted in by the
// header X-Trellis-Offline, which names their reader. What belonged to a former reader goes.
const SHELL = 'shell-' + VERSION, PAGES = 'pages-';
const OFFLINE = '/offline';

const fresh = url => new Request(url, { cache: 'reload' });

self.addEventListener('install', event => event.waitUntil(
  caches.open(SHELL).then(cache => cache.addAll([...ASSETS, fresh(OFFLINE)]))));

self.addEventListener('activate', event => event.waitUntil((async () => {
  for (const name of await caches.keys())
    if (name.startsWith('shell-') && name !== SHELL) await caches.delete(name);
  await self.registration.navigationPreload?.enable();
  await self.clients.claim();
})()));

async function forgetAllBut(reader) {
  for (const name of await caches.keys())
    if (name.startsWith(PAGES) && name !== PAGES + reader) await caches.delete(name);
}

async function keep(request, response) {
  const reader = response.headers.get('X-Trellis-Offline');
  if (!reader || !response.ok || response.redirected) return;
  await forgetAllBut(reader);
  const cache = await caches.open(PAGES + reader);
  await cache.put(request.url, response);
}

async function page(event) {
  try {
    const response = await event.preloadResponse || await fetch(event.request);
    event.waitUntil(keep(event.request, response.clone()));
    return response;
  } catch {
    for (const name of await caches.keys()) {
      if (!name.startsWith(PAGES)) continue;
      const kept = await (await caches.open(name)).match(event.request.url);
      if (kept) return kept;
    }
    return await caches.match(OFFLINE) || Response.error();
  }
}

self.addEventListener('fetch', event => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (origin !== location.origin || request.method !== 'GET') return;
  if (request.mode === 'navigate') event.respondWith(page(event));
  else if (ASSETS.includes(pathname))
    event.respondWith(caches.match(pathname).then(kept => kept || fetch(request)));
});

// The page says who reads it and in which language, or that somebody signs out.
self.addEventListener('message', event => event.waitUntil((async () => {
  const { reader = '', language, use } = event.data || {};
  if (use) return self.skipWaiting();
  await forgetAllBut(reader);
  const shell = await caches.open(SHELL);
  const known = await shell.match('/offline/language');
  if (language && (!known || await known.text() !== language)) {
    await shell.add(fresh(OFFLINE)).catch(() => 0);
    await shell.put('/offline/language', new Response(language));
  }
  event.ports[0]?.postMessage('done');
})()));
