import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { manifests } from '../../../providers/manifests/all.ts';

/** The files of every provider, beside its methods and its discovery. What is too long for a file is in its folder. */
const common = ['README.md', 'client.ts', 'errors.ts', 'index.ts', 'manifest.ts', 'problems.ts', 'schema.ts'];
const folders = ['client', 'errors', 'manifest'];

test.for(manifests)(
  'the folder of $id holds the common files, its methods, its discovery, and no other files',
  (manifest) => {
    const folder = fileURLToPath(new URL(`../../../providers/${manifest.id}`, import.meta.url));
    const entries = readdirSync(folder);
    const methods = manifest.methods.map(({ id }) => id.replaceAll('_', '-'));
    const own = [...methods.flatMap((method) => [`${method}.ts`, method]), ...folders, 'discovery', 'discovery.ts'];
    expect(entries).toEqual(expect.arrayContaining(common));
    expect(entries.filter((entry) => !common.includes(entry) && !own.includes(entry))).toEqual([]);
  },
);
