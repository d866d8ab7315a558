// Copies the chosen front-end files out of node_modules and writes their digests: `npm run vendor`.
// Nothing else of a package is shipped; tests/contracts/test_frontend.py hashes the copies again.
import fs from 'node:fs';
import path from 'node:path';
import crypto from 'node:crypto';

const root = path.resolve(import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname), '../..');
const from = name => path.join(process.env.NODE_MODULES ?? path.join(root, 'node_modules'), name);
const here = name => path.join(root, 'static', name);

const copies = {
  'vendor/htmx.min.js': 'htmx.org/dist/htmx.min.js',
  'vendor/hx-csp.min.js': 'htmx.org/dist/ext/hx-csp.min.js',
  'vendor/LICENSE-htmx.txt': 'htmx.org/LICENSE',
  'vendor/LICENSE-lucide.txt': 'lucide-static/LICENSE',
};
for (const [to, source] of Object.entries(copies)) {
  const text = fs.readFileSync(from(source), 'utf8').replace(/\n?\/\/# sourceMappingURL=.*\s*$/, '\n');
  fs.writeFileSync(here(to), text);
}

const icons = fs.readFileSync(here('icons/chosen.txt'), 'utf8').split(/\s+/).filter(Boolean).sort();
const symbol = name => {
  const svg = fs.readFileSync(from(`lucide-static/icons/${name}.svg`), 'utf8');
  const inner = svg.replace(/<!--[\s\S]*?-->/g, '').match(/<svg[^>]*>([\s\S]*)<\/svg>/)[1];
  return `<symbol id="${name}" viewBox="0 0 24 24">${inner.replace(/\s*\n\s*/g, '').replace(/ \/>/g, '/>')}</symbol>`;
};
const mark = fs.readFileSync(here('icons/mark.svg'), 'utf8').match(/<symbol[\s\S]*<\/symbol>/)[0].replace(/\n/g, '');
fs.writeFileSync(here('icons/sprite.svg'), [
  '<svg xmlns="http://www.w3.org/2000/svg">',
  '<!-- Lucide icons, ISC and MIT licenses: vendor/LICENSE-lucide.txt -->',
  ...icons.map(symbol), mark, '</svg>', ''].join('\n'));

const version = name => JSON.parse(fs.readFileSync(from(`${name}/package.json`), 'utf8')).version;
const files = [...Object.keys(copies), 'icons/sprite.svg'];
const sha = name => crypto.createHash('sha256').update(fs.readFileSync(here(name))).digest('hex');
fs.writeFileSync(here('vendor/vendor.json'), JSON.stringify({
  packages: { 'htmx.org': version('htmx.org'), 'lucide-static': version('lucide-static') },
  sha256: Object.fromEntries(files.map(name => [name, sha(name)])),
}, null, 2) + '\n');
