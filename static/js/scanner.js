// The scanner at the door: reads codes by camera, picture or keys, keeps them on this device while
// there is no connection, sends them when there is one. Nothing here knows a name beforehand.
(() => {
  'use strict';
  const $ = id => document.getElementById(id);
  const root = $('scanner'), user = document.body.dataset.user;
  if (!root || !window.indexedDB) return;
  const event = root.dataset.event, owner = user + '|' + event;
  const word = name => $('scanner-words').content.querySelector(`[data-word="${name}"]`).textContent;
  const uuid = () => {
    const b = [...crypto.getRandomValues(new Uint8Array(16))];
    b[6] = b[6] & 15 | 64; b[8] = b[8] & 63 | 128;
    return b.map((n, i) => ([4, 6, 8, 10].includes(i) ? '-' : '') + n.toString(16).padStart(2, '0')).join('');
  };

  // Two stores: packs (codes by reader and event) and scans (by their own id).
  const opened = new Promise((resolve, reject) => {
    const request = indexedDB.open('trellis-scanner', 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore('packs');
      request.result.createObjectStore('scans', { keyPath: 'id' });
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  const store = async (name, mode, act) => {
    const table = (await opened).transaction(name, mode).objectStore(name);
    return new Promise((resolve, reject) => {
      const request = act(table);
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
  };
  const kept = async () => (await store('scans', 'readonly', t => t.getAll()))
    .filter(scan => scan.owner === owner).sort((a, b) => a.at < b.at ? -1 : 1);

  let codes = null, device = '';
  const seen = new Set();
  const clean = text => text.toUpperCase().replace(/[^0-9A-Z]/g, '').replace(/O/g, '0').replace(/[IL]/g, '1');

  const show = (text, tone) => { $('scanner-state').textContent = text; $('scanner-state').dataset.tone = tone || ''; };
  const lines = new Map();
  const note = (id, text) => {
    let line = lines.get(id);
    if (!line) {
      line = document.createElement('li');
      lines.set(id, line);
      $('scanner-log').prepend(line);
      if ($('scanner-log').children.length > 30) $('scanner-log').lastChild.remove();
    }
    line.textContent = text;
  };
  const count = async () => {
    const number = (await kept()).length;
    $('scanner-queue').textContent = number ? word('kept') + ' ' + number : '';
    root.dataset.kept = number;
  };

  const take = async (text, method) => {
    const code = clean(text);
    $('scanner-form').code.value = '';
    if (!code) return show(word('nocode'));
    if (method === 'scan' && seen.has(code)) return show(word('again'));
    seen.add(code);
    const scan = { id: uuid(), owner, code, at: new Date().toISOString(), device, method };
    await store('scans', 'readwrite', t => t.put(scan));
    const state = word(codes && !codes.has(code) ? 'doubtful' : 'valid');
    show(state);
    note(scan.id, code.slice(0, 4) + '… ' + state);
    await count();
    send();
  };

  let busy = false;
  const send = async () => {
    if (busy || !navigator.onLine) return;
    busy = true;
    try {
      for (let scans = await kept(); scans.length; scans = await kept()) {
        const part = scans.slice(0, 100);
        const answer = await fetch(root.dataset.send, {
          method: 'POST',
          redirect: 'error',
          headers: { 'Content-Type': 'application/json', 'X-CSRFToken': $('scanner-form').csrf_token.value },
          body: JSON.stringify({
            sent_at: new Date().toISOString(),
            scans: part.map(({ id, code, at, device, method }) => ({ id, code, at, device, method })),
          }),
        });
        if (answer.status === 401 || answer.status === 400) { show(word('signin')); break; }
        if (!answer.ok) { show(word('refused')); break; }
        for (const { id, text, who } of (await answer.json()).results) {
          const line = (who ? who + ': ' : '') + text;
          note(id, line);
          show(line);
        }
        for (const { id } of part) await store('scans', 'readwrite', t => t.delete(id));
      }
    } catch { /* no connection, or signed out: what is kept stays */ }
    busy = false;
    await count();
  };

  const fill = async () => {
    try {
      const answer = await fetch(root.dataset.pack, { redirect: 'error' });
      const pack = answer.ok && (await answer.json()).codes;
      if (pack) await store('packs', 'readwrite', t => t.put(pack, owner));
    } catch { /* what was fetched before is used */ }
    const pack = await store('packs', 'readonly', t => t.get(owner));
    codes = pack ? new Set(pack) : null;
    show(pack ? word('ready') + ' ' + pack.length : word('unready'));
    root.dataset.ready = pack ? pack.length : '';
  };

  // Camera and pictures, where the browser reads codes by itself.
  const detector = 'BarcodeDetector' in window ? new BarcodeDetector({ formats: ['qr_code'] }) : null;
  const look = async source => {
    const found = await detector.detect(source).catch(() => []);
    for (const { rawValue } of found) await take(rawValue, 'scan');
    return found.length;
  };
  const start = async () => {
    const view = $('scanner-view');
    try {
      view.srcObject = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment' } });
      await view.play();
    } catch { return show(word('nocamera')); }
    $('scanner-start').hidden = true;
    for (;;) {
      await look(view);
      await new Promise(resolve => setTimeout(resolve, 250));
    }
  };
  if (detector) {
    $('scanner-file-field').hidden = false;
    $('scanner-file').addEventListener('change', async ({ target }) => {
      const picture = target.files[0] && await createImageBitmap(target.files[0]).catch(() => null);
      if (!picture || !await look(picture)) show(word('nocode'));
      target.value = '';
    });
    if (navigator.mediaDevices?.getUserMedia) {
      $('scanner-camera').hidden = false;
      $('scanner-start').addEventListener('click', start);
    }
  }

  $('scanner-form').addEventListener('submit', submitted => {
    submitted.preventDefault();
    submitted.stopPropagation();
    take($('scanner-form').code.value, 'typed');
  }, true);
  addEventListener('online', send);
  setInterval(send, 20000);
  (async () => {
    device = await store('packs', 'readonly', t => t.get('device')) || uuid();
    await store('packs', 'readwrite', t => t.put(device, 'device'));
    await fill();
    await count();
    send();
  })();
})();
