import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { manifests } from '../../../providers/manifests/all.ts';

/** What every provider has, beside its methods and its discovery. A folder of the same name holds what is too long. */
const common = ['README.md', 'client.ts', 'errors.ts', 'index.ts', 'manifest.ts', 'problems.ts', 'schema.ts'];
const folders = ['client', 'errors', 'manifest'];

test.for(manifests)(
  'the folder of $id has the files of its siblings, its methods, its discovery, and no others',
  (manifest) => {
    const folder = fileURLToPath(new URL(`../../../providers/${manifest.id}`, import.meta.url));
    const entries = readdirSync(folder);
    const methods = manifest.methods.map(({ id }) => id.replaceAll('_', '-'));
    const own = [...methods.flatMap((method) => [`${method}.ts`, method]), ...folders, 'discovery', 'discovery.ts'];
    expect(entries).toEqual(expect.arrayContaining(common));
    expect(entries.filter((entry) => !common.includes(entry) && !own.includes(entry))).toEqual([]);
  },
);
