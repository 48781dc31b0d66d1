import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const folder = join(import.meta.dirname, '../../workflows');
const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.ts'));

/** Mutable state at the left margin is outside every function: one V8 context may serve workflows of many tenants. */
const mutable = /^(?:export )?(?:let|var)\b|^(?:export )?const \w+[^=]*= (?:new (?:Map|Set|WeakMap|Array)\b|\[\];)/m;

test.for(files)('workflows/%s keeps no mutable state at module level', (path) => {
  expect(readFileSync(join(folder, path), 'utf8')).not.toMatch(mutable);
});

test.for(['let seen = 0;', 'export const cache = new Map();', 'const queue: string[] = [];'])(
  'the check for module state detects a line like "%s"',
  (line) => {
    expect(`import x from 'y';\n${line}\n`).toMatch(mutable);
  },
);
