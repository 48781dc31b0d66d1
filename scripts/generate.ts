import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { generators } from './generate/documents.ts';

const root = join(import.meta.dirname, '..');
const current = (path: string): string => (existsSync(join(root, path)) ? readFileSync(join(root, path), 'utf8') : '');

for (const generator of generators) {
  for (const { path, text } of await generator.generate(current)) {
    if (text === current(path)) continue;
    writeFileSync(join(root, path), text);
    console.log(`wrote ${path}`);
  }
}
