// Counts down what the page says in words; the server's seconds decide, not the phone's clock.
(() => {
  'use strict';
  const begun = new WeakMap();
  const tick = () => {
    for (const line of document.querySelectorAll('[data-seconds]')) {
      if (!begun.has(line)) begun.set(line, performance.now());
      const left = Math.max(0, line.dataset.seconds - Math.floor((performance.now() - begun.get(line)) / 1000));
      const text = Math.floor(left / 60) + ':' + String(left % 60).padStart(2, '0');
      const place = line.querySelector('[data-left]');
      if (place.textContent !== text) place.textContent = text;
    }
  };
  setInterval(tick, 500);
  tick();
})();
