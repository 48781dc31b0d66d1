import { describe, expect, test } from 'vitest';
import { providerFiles, providerFoldersCheck } from '../../../scripts/check/provider-folders.ts';
import { repositoryOf } from './plant.ts';

const folder = (id: string, files: readonly string[] = providerFiles): Record<string, string> =>
  Object.fromEntries(files.map((file) => [`providers/${id}/${file}`, '']));

describe('provider folders', () => {
  const check = providerFoldersCheck(['sky', 'sea']);

  test('folders of one shape that are all listed are right', async () => {
    const shared = { 'providers/http/http.ts': '', 'providers/manifests/all.ts': '' };
    const { problems } = await check.run(repositoryOf({ ...folder('sky'), ...folder('sea'), ...shared }));
    expect(problems).toEqual([]);
  });

  test.for(providerFiles)('a folder without %s is named', async (missing) => {
    const rest = providerFiles.filter((file) => file !== missing);
    const { problems } = await check.run(repositoryOf({ ...folder('sky'), ...folder('sea', rest) }));
    expect(problems).toEqual([expect.stringContaining(`providers/sea: has no ${missing}`)]);
  });

  test('a folder that no line lists, and a line without a folder, are named', async () => {
    const { problems } = await check.run(repositoryOf({ ...folder('sky'), ...folder('land') }));
    expect(problems).toEqual([
      'providers/land: is not in providers/manifests/all.ts',
      'providers/manifests/all.ts: "sea" has no folder',
    ]);
  });
});
