// One tap copies the address of a page; without script it can be selected.
(() => {
  'use strict';
  for (const box of document.querySelectorAll('[data-share]')) {
    const button = box.querySelector('button'), address = box.querySelector('input');
    if (!navigator.clipboard) continue;
    button.hidden = false;
    button.addEventListener('click', async () => {
      await navigator.clipboard.writeText(address.value);
      button.querySelector('span').textContent = button.dataset.done;
      document.querySelector('#announce').textContent = button.dataset.done;
    });
  }
})();
