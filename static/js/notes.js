// Notes: each opening of the page has a key, each change on it a turn, so that a save which is sent
// twice is one. What waits on this device is put back into the form, or listed below it.
(() => {
  'use strict';
  const form = document.getElementById('note-form');
  if (!form) return;
  const list = document.getElementById('notes-waiting');
  const state = () => document.getElementById('note-state');
  const worker = () => navigator.serviceWorker?.controller;
  const fresh = () => {
    form.elements.key.value = [...crypto.getRandomValues(new Uint8Array(16))].map(n => n.toString(16).padStart(2, '0')).join('');
    form.elements.turn.value = 1;
  };
  fresh();
  form.addEventListener('input', () => { form.elements.turn.value = +form.elements.turn.value + 1; });

  const waiting = () => new Promise(resolve => {
    if (!worker()) return resolve([]);
    const channel = new MessageChannel();
    channel.port1.onmessage = ({ data }) => resolve(data);
    worker().postMessage({ waiting: location.pathname, reader: document.body.dataset.user }, [channel.port2]);
  });
  const fill = body => {
    for (const name of ['text', 'key', 'turn', 'seen', 'scope'])
      if (form.elements[name] && body.has(name)) form.elements[name].value = body.get(name);
    form.closest('details')?.setAttribute('open', '');
    state().textContent = state().dataset.waits;
  };
  // A new note whose button was pressed stands below the form; everything else goes on in it.
  const show = async goOn => {
    const bodies = (await waiting()).map(one => new URLSearchParams(one.body));
    const done = list ? bodies.filter(body => body.has('save')) : [];
    const open = bodies.filter(body => !done.includes(body)).pop();
    if (open && goOn) fill(open);
    if (!list) return;
    list.hidden = !done.length;
    list.replaceChildren(...done.map(body => {
      const line = document.createElement('li'), text = document.createElement('p'), said = document.createElement('p');
      text.dir = 'auto';
      text.textContent = body.get('text').slice(0, 200);
      said.className = 'meta';
      said.textContent = state().dataset.kept;
      line.append(text, said);
      return line;
    }));
  };
  form.addEventListener('trellis:held', ({ detail }) => {
    state().textContent = state().dataset.kept;
    if (!list || !detail.has('save')) return;
    form.reset();
    fresh();
    show();
  });

  // The copy that is read without a connection follows what was saved.
  let later = 0, isNew = false;
  const keep = () => { if (isNew && navigator.onLine) worker()?.postMessage({ again: location.href }); isNew = false; };
  form.addEventListener('htmx:after:swap', () => { isNew = true; clearTimeout(later); later = setTimeout(keep, 3000); });
  addEventListener('pagehide', keep);
  navigator.serviceWorker?.addEventListener('message', () => show());
  show(true);
})();
