// What htmx leaves to us: focus and announcements, confirmation, dialogs, the worker, the connection.
(() => {
  'use strict';
  const $ = (selector, root = document) => root.querySelector(selector);
  const word = name => $(`[data-word="${name}"]`, $('#words').content).textContent;
  const say = text => {
    const region = $('#announce');
    region.textContent = '';
    setTimeout(() => { region.textContent = text; }, 50);
  };

  // Focus: an error summary first, then whatever asked for it.
  const attend = root => {
    const wanted = root.matches?.('[data-focus]') ? root : $('[data-focus]', root);
    if (wanted) wanted.focus();
    return !!wanted;
  };
  const notice = (kind, text, button) => {
    const box = document.createElement('div'), line = document.createElement('p');
    box.className = 'notice notice-' + kind;
    line.textContent = text;
    box.append(line);
    if (button) box.append(button);
    $('#status').replaceChildren(box);
  };

  let held = '';
  // A swap may take the focused control away; its heading or its root takes over.
  document.addEventListener('htmx:before:swap', event => {
    const target = event.detail.ctx.target;
    held = typeof target !== 'string' && target?.contains(document.activeElement) ? target.id : '';
    if (!event.detail.tasks.some(task => task.target?.id === 'status')) $('#status').replaceChildren();
  });
  document.addEventListener('htmx:after:swap', event => {
    const root = document.getElementById(held) || event.detail.ctx.sourceElement;
    if (root?.isConnected && attend(root)) return;
    if (held && root && document.activeElement === document.body) {
      const heading = $('h1, h2, h3', root) || root;
      heading.tabIndex = -1;
      heading.focus({ preventScroll: true });
    }
    held = '';
  });
  document.addEventListener('htmx:error', () => notice('danger', word('failed')));
  document.addEventListener('keydown', event => {
    if (event.key !== 'Escape') return;
    $('#status').replaceChildren();
    const menu = event.target.closest?.('details.menu[open]');
    if (menu) { menu.open = false; $('summary', menu).focus(); }
  });
  document.addEventListener('click', event => {
    for (const menu of document.querySelectorAll('details.menu[open]'))
      if (!menu.contains(event.target)) menu.open = false;
    const link = event.target.closest('[data-dialog]');
    const dialog = link && document.getElementById(link.dataset.dialog);
    if (dialog) { event.preventDefault(); dialog.showModal(); }
    if (event.target.closest('[data-reload]')) { event.preventDefault(); location.reload(); }
  });

  // Confirmation by one native dialog, for htmx and for plain forms alike.
  const confirmed = question => new Promise(resolve => {
    const dialog = $('#confirm');
    $('#confirm-text').textContent = question;
    dialog.returnValue = 'no';
    dialog.addEventListener('close', () => resolve(dialog.returnValue === 'yes'), { once: true });
    dialog.showModal();
  });
  document.addEventListener('htmx:confirm', event => {
    const { ctx, issueRequest, dropRequest } = event.detail;
    event.preventDefault();
    confirmed(ctx.confirm).then(yes => yes ? issueRequest() : dropRequest());
  });
  document.addEventListener('submit', event => {
    const form = event.target;
    if (form.matches('[data-sign-out]')) tell('');
    if (!form.dataset.confirm || form.dataset.sure) return;
    event.preventDefault();
    confirmed(form.dataset.confirm).then(yes => {
      if (!yes) return;
      form.dataset.sure = 'yes';
      form.requestSubmit(event.submitter);
    });
  });

  // The connection.
  const connection = () => {
    let bar = $('#connection');
    if (navigator.onLine) return bar?.remove();
    if (bar || $('[data-reload]')) return;
    bar = document.createElement('p');
    bar.id = 'connection';
    bar.className = 'connection';
    bar.textContent = word('offline');
    $('.top').append(bar);
    say(bar.textContent);
  };
  addEventListener('online', connection);
  addEventListener('offline', connection);

  // The worker: the policy lets exactly one address through.
  const { user, lang } = document.body.dataset;
  const tell = reader => navigator.serviceWorker?.controller?.postMessage({ reader, language: lang });
  const register = () => {
    if (!navigator.serviceWorker) return;
    const only = { createScriptURL: url => { if (url !== '/sw.js') throw new TypeError(url); return url; } };
    const policy = window.trustedTypes ? trustedTypes.createPolicy('trellis', only) : only;
    navigator.serviceWorker.register(policy.createScriptURL('/sw.js')).then(registration => {
      if (!registration) return;
      if (registration.waiting) offer(registration.waiting);
      registration.addEventListener('updatefound', () => {
        const next = registration.installing;
        next.addEventListener('statechange', () => {
          if (next.state === 'installed' && navigator.serviceWorker.controller) offer(next);
        });
      });
      tell(user);
    }, () => {});
  };
  // A new version waits until it is asked for, so that no half-filled form is lost.
  const offer = next => {
    const button = document.createElement('button');
    button.className = 'button button-small';
    button.textContent = word('use');
    button.onclick = () => {
      navigator.serviceWorker.addEventListener('controllerchange', () => location.reload(), { once: true });
      next.postMessage({ use: true });
    };
    notice('info', word('update'), button);
  };

  connection();
  attend(document);
  const flash = $('[data-announce]');
  if (flash) say(flash.textContent.trim());
  addEventListener('load', register);
})();
