import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describe, expect, test } from 'vitest';

const root = join(import.meta.dirname, '../..');
const text = readFileSync(join(root, 'docs/architecture.md'), 'utf8');

const ways = text.split(/^## /m).flatMap((section) => {
  const files = [...section.matchAll(/^\d+\. `([^`]+)`: /gm)].map(([, path = '']) => path);
  return files.length === 0 ? [] : [{ title: section.split('\n')[0] ?? '', files }];
});

const product = ['contracts', 'platform', 'stores', 'providers', 'workflows', 'activities', 'api', 'worker'];

/** `a --> b` for each pair of folders with an import from one to the other, types included. */
function importArrows(): string[] {
  const arrows = product.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.ts'))
      .flatMap((path) => {
        const file = join(root, folder, path);
        const imports = [...readFileSync(file, 'utf8').matchAll(/(?:from|import\() ?'(\.[^']+)'/g)];
        return imports.map(([, target = '']) => relative(root, join(file, '..', target)).split('/')[0] ?? '');
      })
      .filter((target) => target !== folder)
      .map((target) => `${folder} --> ${target}`),
  );
  return [...new Set(arrows)].toSorted();
}

describe('docs/architecture.md', () => {
  test('docs/architecture.md draws exactly the imports that exist between folders', () => {
    const drawn = [...text.matchAll(/^ {2}(\w+ --> \w+)$/gm)].map(([, arrow = '']) => arrow);
    expect(drawn.toSorted()).toEqual(importArrows());
  });

  test('docs/architecture.md describes the path of a callback, of a refresh and of a resource row', () => {
    expect(ways.map(({ title }) => title.split(',')[0])).toEqual(['A callback', 'A refresh', 'A resource row']);
  });

  test.for(ways)('the path "$title" names only existing files, at most 14', ({ files }) => {
    expect(files.filter((path) => !existsSync(join(root, path)))).toEqual([]);
    expect(files.length).toBeLessThanOrEqual(14);
  });
});
