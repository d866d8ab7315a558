// Settings of push: the button asks the browser, and then tells the server this device's address.
(() => {
  'use strict';
  const form = document.getElementById('push-form'), off = document.getElementById('push-off');
  const say = name => {
    for (const line of document.querySelectorAll('[data-push]')) line.hidden = line.dataset.push !== name;
  };
  const worker = navigator.serviceWorker;
  if (!worker || !window.PushManager || !window.Notification) return say('unsupported');
  const known = async () => (await worker.ready).pushManager.getSubscription();
  // The server forgets the device whether or not the browser does.
  off?.addEventListener('submit', () => { known().then(found => found?.unsubscribe()); });
  if (!form) return;
  const post = (url, more = {}) => {
    const body = new FormData(form);
    for (const [name, value] of Object.entries(more)) body.set(name, value);
    return fetch(url, { method: 'POST', body });
  };
  form.addEventListener('submit', async event => {
    event.preventDefault();
    try {
      if (await Notification.requestPermission() !== 'granted') return say('denied');
      const answer = await post(form.dataset.key);
      await (await known())?.unsubscribe();
      const made = await (await worker.ready).pushManager.subscribe(
        { userVisibleOnly: true, applicationServerKey: await answer.text() });
      const { endpoint, keys } = made.toJSON();
      if ((await post(form.action, { endpoint, ...keys })).ok) return location.reload();
      await made.unsubscribe();
      say('refused');
    } catch { say('failed'); }
  });
  if (Notification.permission === 'denied') say('denied');
  document.getElementById('push-on').hidden = false;
})();
