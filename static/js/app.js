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
  const make = (name, more) => Object.assign(document.createElement(name), more);
  const small = (name, textContent, more) => make(name, { className: 'button button-small', textContent, ...more });
  const notice = (kind, textContent, ...more) => {
    const box = make('div', { className: 'notice notice-' + kind });
    box.append(make('p', { textContent }), ...more);
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
  // What may wait for a connection waits in the worker; everything else is only said to have failed.
  document.addEventListener('htmx:error', event => {
    const { ctx } = event.detail, worker = navigator.serviceWorker?.controller, form = ctx?.sourceElement;
    if (!worker || !user || !form?.matches?.('[data-queue]')) return notice('danger', word('failed'));
    const body = new URLSearchParams(ctx.request.body), channel = new MessageChannel();
    const isText = form.dataset.queue === 'text';
    channel.port1.onmessage = () => {
      if (!isText || body.has('save')) notice('info', word('kept'));
      form.dispatchEvent(new CustomEvent('trellis:held', { detail: body }));
    };
    worker.postMessage({ hold: {
      key: body.get('key'), url: ctx.request.action, page: location.pathname, body: body.toString(), reader: user, at: Date.now(), isText,
    } }, [channel.port2]);
  });
  const heard = ({ data }) => {
    const { state, said, page, key } = data.answer || {};
    if (!state || (state === 'waits' && page !== location.pathname)) return;
    if (state === 'stuck') {
      const onclick = () => { navigator.serviceWorker.controller?.postMessage({ drop: key }); $('#status').replaceChildren(); };
      const text = make('textarea', { className: 'input', value: said, readOnly: true, ariaLabel: word('stuck') });
      return notice('danger', word('stuck'), text, small('button', word('discard'), { onclick }));
    }
    const isSent = state === 'sent';
    notice(isSent ? 'success' : 'info', said || word({ sent: 'lost', waits: 'kept', signin: 'signin' }[state]),
      ...isSent ? [small('a', word('open'), { href: page })] : []);
  };
  const hurry = () => navigator.serviceWorker?.controller?.postMessage({ send: true });
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
    const form = event.target, worker = navigator.serviceWorker?.controller;
    const isOut = worker && form.matches('[data-sign-out]');
    if (form.dataset.sure) return void (isOut && tell('', true));
    if (!form.dataset.confirm && !isOut) return;
    event.preventDefault();
    const asked = isOut ? anyWaits(worker).then(some => !some || confirmed(word('leaving'))) : confirmed(form.dataset.confirm);
    asked.then(yes => {
      if (!yes) return;
      form.dataset.sure = 'yes';
      form.requestSubmit(event.submitter);
    });
  });
  // Whether something waits on this device; a worker that says nothing holds nobody up.
  const anyWaits = worker => new Promise(resolve => {
    const channel = new MessageChannel();
    channel.port1.onmessage = ({ data }) => resolve(data.length > 0);
    worker.postMessage({ waiting: '*', reader: user }, [channel.port2]);
    setTimeout(resolve, 1000, false);
  });

  // The connection.
  const connection = () => {
    let bar = $('#connection');
    if (navigator.onLine) return bar?.remove();
    if (bar || $('[data-reload]')) return;
    bar = make('p', { id: 'connection', className: 'connection', textContent: word('offline') });
    $('.top').append(bar);
    say(bar.textContent);
  };
  addEventListener('online', () => { connection(); hurry(); });
  addEventListener('offline', connection);

  // The worker: the policy lets exactly one address through.
  const { user, lang } = document.body.dataset;
  const tell = (reader, out) => navigator.serviceWorker?.controller?.postMessage({ reader, out, language: lang });
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
      hurry();
    }, () => {});
    navigator.serviceWorker.addEventListener('message', heard);
  };
  // A new version waits until it is asked for, so that no half-filled form is lost.
  const offer = next => {
    const onclick = () => {
      navigator.serviceWorker.addEventListener('controllerchange', () => location.reload(), { once: true });
      next.postMessage({ use: true });
    };
    notice('info', word('update'), small('button', word('use'), { onclick }));
  };

  // Leaving quickly puts the other page in this one's place, so that Back does not return here.
  document.addEventListener('click', event => {
    const way = event.target.closest?.('a[data-leave]');
    if (!way) return;
    event.preventDefault();
    location.replace(way.href);
  });

  // The current tab of a strip that runs out of a narrow page is brought into sight.
  for (const tab of document.querySelectorAll('.tabs [aria-current]')) {
    const strip = tab.closest('.tabs'), [inner, outer] = [tab, strip].map(e => e.getBoundingClientRect());
    strip.scrollLeft += inner.left - outer.left - (outer.width - inner.width) / 2;
  }
  connection();
  attend(document);
  const flash = $('[data-announce]');
  if (flash) say(flash.textContent.trim());
  addEventListener('load', register);
})();
