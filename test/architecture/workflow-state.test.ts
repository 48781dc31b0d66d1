import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const folder = join(import.meta.dirname, '../../workflows');
const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.ts'));

/** At the left margin, hence outside every function: one V8 context may serve many workflows, of many tenants. */
const mutable = /^(?:export )?(?:let|var)\b|^(?:export )?const \w+[^=]*= (?:new (?:Map|Set|WeakMap|Array)\b|\[\];)/m;

test.for(files)('workflows/%s keeps no state outside its workflow', (path) => {
  expect(readFileSync(join(folder, path), 'utf8')).not.toMatch(mutable);
});

test.for(['let seen = 0;', 'export const cache = new Map();', 'const queue: string[] = [];'])(
  'state like "%s" would be seen',
  (line) => {
    expect(`import x from 'y';\n${line}\n`).toMatch(mutable);
  },
);
