// A slider beside each weight; moving one previews the weights at once. Without script the numbers
// and the button do.
(() => {
  'use strict';
  const tryIt = document.querySelector('#weights-try');
  let waiting = 0;
  const later = () => { clearTimeout(waiting); waiting = setTimeout(() => tryIt.click(), 150); };
  for (const number of document.querySelectorAll('[data-weight]')) {
    const slider = document.createElement('input');
    slider.type = 'range';
    slider.min = '0'; slider.max = '100'; slider.step = '0.5';
    slider.value = number.value;
    slider.className = 'slider';
    slider.setAttribute('aria-label', number.labels[0].textContent);
    slider.addEventListener('input', () => { number.value = slider.value; });
    slider.addEventListener(tryIt.dataset.live ? 'input' : 'change', later);
    number.addEventListener('change', () => { slider.value = number.value; later(); });
    number.before(slider);
  }
  const preparing = document.querySelector('[data-preparing]');
  if (tryIt.dataset.live === 'prepare' && preparing) { // a large cohort is got ready while one reads
    preparing.hidden = false;
    window.addEventListener('load', () => tryIt.click());
  }
})();
