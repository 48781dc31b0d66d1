#!/usr/bin/env node
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * The `mooring` program. Built, it runs as it is. In a checkout, packages and Node are made ready first as for
 * `npm start`, and it runs from its sources, in the folder of whoever called it.
 */
const root = fileURLToPath(new URL('..', import.meta.url));
const source = join(root, 'cli', 'main.ts');

if (existsSync(source)) {
  try {
    const [{ handOver }, { NODE_FLAGS, selectNode }, { ensurePackages }] = await Promise.all([
      import('./bootstrap/hand-over.mjs'),
      import('./bootstrap/node.mjs'),
      import('./bootstrap/packages.mjs'),
    ]);
    await ensurePackages({ root, log: (line) => console.error(line) });
    handOver({
      root,
      node: selectNode({ root }),
      args: [...NODE_FLAGS, source, ...process.argv.slice(2)],
      cwd: process.cwd(),
      withPrograms: false,
    });
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  }
} else {
  await import(new URL('../dist/cli/main.js', import.meta.url).href);
}
