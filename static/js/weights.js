// A slider beside each weight; moving one tries the weights at once. Without script the numbers do.
(() => {
  'use strict';
  const tryIt = document.querySelector('#weights-try');
  let waiting = 0;
  const later = () => { clearTimeout(waiting); waiting = setTimeout(() => tryIt.click(), 300); };
  for (const number of document.querySelectorAll('[data-weight]')) {
    const slider = document.createElement('input');
    slider.type = 'range';
    slider.min = '0'; slider.max = '100'; slider.step = '0.5';
    slider.value = number.value;
    slider.className = 'slider';
    slider.setAttribute('aria-label', number.labels[0].textContent);
    slider.addEventListener('input', () => { number.value = slider.value; });
    slider.addEventListener('change', later);
    number.addEventListener('change', () => { slider.value = number.value; later(); });
    number.before(slider);
  }
})();
