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

// What is kept changes one after the other, in the order in which readers came and went: what a
// page says late, when a later one was kept already, no longer counts.
let turn = Promise.resolve(), opened = 0, newest = 0;
const order = new Map();
const inTurn = act => turn = turn.catch(() => 0).then(act);
const isLate = source => (order.get(source?.id) || 0) < newest;

// A page is kept for a week from its date (which some servers give twice), and none without one.
const isOld = page => !(Date.now() - Date.parse((page.headers.get('Date') || '').slice(-29)) < 7 * 864e5);

async function forgetAllBut(reader) {
  for (const name of await caches.keys()) {
    if (!name.startsWith(PAGES)) continue;
    if (name !== PAGES + reader) { await caches.delete(name); continue; }
    const cache = await caches.open(name);
    for (const key of await cache.keys()) if (isOld(await cache.match(key))) await cache.delete(key);
  }
}

async function keep(request, response, number = newest) {
  const reader = response.headers.get('X-Trellis-Offline');
  if (!reader || !response.ok || response.redirected) return;
  await inTurn(async () => {
    newest = Math.max(newest, number);
    await forgetAllBut(reader);
    const cache = await caches.open(PAGES + reader);
    await cache.put(request.url, response);
  });
}

async function page(event) {
  const number = event.resultingClientId ? ++opened : 0;
  if (number) order.set(event.resultingClientId, number);
  try {
    const response = await event.preloadResponse || await fetch(event.request);
    event.waitUntil(keep(event.request, response.clone(), number));
    return response;
  } catch {
    for (const name of await caches.keys()) {
      if (!name.startsWith(PAGES)) continue;
      const kept = await (await caches.open(name)).match(event.request.url);
      if (kept && !isOld(kept)) return kept;
    }
    return await caches.match(OFFLINE) || Response.error();
  }
}

self.addEventListener('fetch', event => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (origin !== location.origin || request.method !== 'GET') return;
  if (request.mode === 'navigate') event.respondWith(page(event));
  else if (pathname.startsWith('/assets/')) event.respondWith(asset(request, pathname));
});

// Scripts of single pages are kept once they were used; their address names their content.
async function asset(request, pathname) {
  const kept = await caches.match(pathname);
  if (kept) return kept;
  const response = await fetch(request);
  if (response.ok && pathname.endsWith('.js')) await (await caches.open(SHELL)).put(pathname, response.clone());
  return response;
}

// Answers to events and texts of notes that were given without a connection wait here, for their
// reader alone, and are sent once: each carries its key, and a later text of the same key replaces the
// earlier one. An expired sign-in keeps them; signing out or another reader ends them.
const waiting = (mode, act) => new Promise((resolve, reject) => {
  const opening = indexedDB.open('answers', 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore('answers', { keyPath: 'key' });
  opening.onerror = () => reject(opening.error);
  opening.onsuccess = () => {
    const base = opening.result, change = base.transaction('answers', mode);
    const request = act(change.objectStore('answers'));
    change.oncomplete = () => { base.close(); resolve(request.result); };
    change.onabort = () => { base.close(); reject(change.error); };
  };
});
const all = () => waiting('readonly', store => store.getAll());
const put = answer => waiting('readwrite', store => store.put(answer));
const drop = key => waiting('readwrite', store => store.delete(key));

async function report(answer, news) {
  const pages = await self.clients.matchAll({ type: 'window' });
  for (const page of pages) page.postMessage({ answer: { page: answer.page, key: answer.key, ...news } });
  return pages.length;
}

async function sendOne(answer) {
  const form = await fetch(answer.page, { cache: 'no-store', redirect: 'manual' });
  const text = form.type === 'opaqueredirect' ? '' : await form.text();
  const [, reader = ''] = text.match(/data-user="([^"]*)"/) || [];
  if (!reader) return void await report(answer, { state: 'signin' });
  if (reader !== answer.reader) return drop(answer.key);
  const [, token = ''] = text.match(/name="csrf_token" value="([^"]+)"/) || [];
  const body = new URLSearchParams(answer.body);
  body.set('csrf_token', token);
  body.set('queued', '1');
  const sent = await fetch(answer.url, { method: 'POST', body, headers: { 'X-CSRFToken': token, 'HX-Request': 'true', 'HX-Request-Type': 'partial' } });
  if (sent.status >= 500 || sent.status === 429) throw new Error(sent.status);
  const { said, to: page = answer.page } = sent.ok ? await sent.json().catch(() => ({})) : {};
  // A text that is refused stays: only its writer may give it up.
  if (answer.isText && !said) return void await report(answer, { state: 'stuck', said: body.get('text') });
  await settled(answer.key, answer.body, { ...answer, done: true, news: { state: 'sent', said, page } });
}

// While it was on its way a later text may have taken its place; that one goes next.
async function settled(key, body, answer) {
  const now = (await all()).find(one => one.key === key);
  if (now && now.body !== body) return sendOne(now);
  if (await report(answer, answer.news)) await drop(key);
  else await put(answer);
}

// One at a time, in the order in which they were given.
let sending = Promise.resolve();
const send = () => sending = sending.catch(() => 0).then(async () => {
  for (const answer of (await all()).sort((one, other) => one.at - other.at)) {
    if (!answer.done) await sendOne(answer);
    else if (await report(answer, answer.news)) await drop(answer.key);
  }
});
self.addEventListener('sync', event => { if (event.tag === 'answers') event.waitUntil(send()); });

async function hold(answer, port) {
  await put(answer);
  port?.postMessage('kept');
  await self.registration.sync?.register('answers').catch(() => 0);
}

// The offline page is read anew, in turn, so that an answer on its way from before a change of
// language never takes the place of the one after it.
async function speak(language) {
  const shell = await caches.open(SHELL), known = await shell.match('/offline/language');
  if (!language || (known && await known.text() === language)) return;
  await shell.add(fresh(OFFLINE)).catch(() => 0);
  await shell.put('/offline/language', new Response(language));
}

// The page says who reads it and in which language, or that somebody signs out.
self.addEventListener('message', event => event.waitUntil((async () => {
  const { reader = '', language, use, out, hold: answer, send: wanted, waiting: page, again, drop: key } = event.data || {};
  if (use) return self.skipWaiting();
  if (answer) return hold(answer, event.ports[0]);
  if (key) return drop(key);
  if (again) return keep(new Request(again), await fetch(again));
  if (page) {
    const found = (await all()).filter(one => !one.done && one.reader === reader && (page === '*' || one.page === page));
    return event.ports[0].postMessage(found.sort((one, other) => one.at - other.at));
  }
  if (wanted) {
    for (const one of await all()) if (!one.done) await report(one, { state: 'waits' });
    return send().catch(() => 0);
  }
  if (!out && isLate(event.source)) return event.ports[0]?.postMessage('done');
  for (const one of await all()) if (out || (reader && one.reader !== reader)) await drop(one.key);
  await inTurn(async () => {
    await forgetAllBut(reader);
    await speak(language);
  });
  event.ports[0]?.postMessage('done');
})()));

// A push is sealed for this device and says only that there is news, unless its reader wants more.
// Its tag is the id of the message, so that one which comes twice replaces itself without a sound.
self.addEventListener('push', event => {
  let said = {};
  try { said = event.data.json(); } catch { /* shown all the same: a push must be seen */ }
  const { tag, body = '', link = '/notifications/', lang = '', dir = 'auto' } = said;
  event.waitUntil(self.registration.showNotification('Trellis', { body, tag, lang, dir, data: link }));
});

self.addEventListener('notificationclick', event => {
  event.notification.close();
  const to = new URL(event.notification.data || '/', location.origin);
  if (to.origin !== location.origin) return;
  event.waitUntil((async () => {
    for (const tab of await clients.matchAll({ type: 'window' }))
      if (tab.url === to.href) return tab.focus();
    return clients.openWindow(to.href);
  })());
});
