import { describe, expect, test } from 'vitest';
import { manifests } from '../../../providers/manifests/all.ts';
import {
  providerFiles,
  providerFoldersCheck,
  providerNames,
  providerNamesCheck,
} from '../../../scripts/check/providers.ts';
import { repositoryOf } from './plant.ts';

const folder = (id: string, files: readonly string[] = providerFiles): Record<string, string> =>
  Object.fromEntries(files.map((file) => [`providers/${id}/${file}`, '']));

describe('provider folders', () => {
  const check = providerFoldersCheck(['sky', 'sea']);

  test('listed provider folders with all required files are no problem', async () => {
    const shared = { 'providers/http/http.ts': '', 'providers/manifests/all.ts': '' };
    const { problems } = await check.run(repositoryOf({ ...folder('sky'), ...folder('sea'), ...shared }));
    expect(problems).toEqual([]);
  });

  test.for(providerFiles)('a provider folder without %s is reported', async (missing) => {
    const rest = providerFiles.filter((file) => file !== missing);
    const { problems } = await check.run(repositoryOf({ ...folder('sky'), ...folder('sea', rest) }));
    expect(problems).toEqual([expect.stringContaining(`providers/sea: has no ${missing}`)]);
  });

  test('a provider folder that is not listed and a listed provider without a folder are reported', async () => {
    const { problems } = await check.run(repositoryOf({ ...folder('sky'), ...folder('land') }));
    expect(problems).toEqual([
      'providers/land: is not in providers/manifests/all.ts',
      'providers/manifests/all.ts: "sea" has no folder',
    ]);
  });
});

describe('provider names', () => {
  const check = providerNamesCheck(providerNames(manifests));

  const problemsOf = async (files: Record<string, string>): Promise<readonly string[]> =>
    (await check.run(repositoryOf(files))).problems;

  test.for([
    ['in a string', "const id = 'ovh';"],
    ['in a comment', '// Azure answers late.'],
    ['as a display name', 'title: OVHcloud'],
    ['in a constant', 'const key = OVH_EU_CLIENT_ID;'],
    ['at the start of an identifier', 'const ovhClient = client;'],
    ['inside an identifier', 'if (isGcpProject) return;'],
    ['in the name of a type', 'interface AwsRole {}'],
    ['as the name of its company', 'Sign in with Google'],
  ])('a provider name %s is found in workflows/', async ([, line]) => {
    expect(await problemsOf({ 'workflows/connection.ts': `\n${line}\n` })).toEqual([
      expect.stringMatching(/^workflows\/connection\.ts:2: names a provider/),
    ]);
  });

  test.for(['acmeCloudClient', 'isAcmeCloud', 'AcmeCloudRole', 'ACMECLOUD_ID', 'acme-cloud: acmecloud'])(
    'a provider name of two words is found in %s',
    async (line) => {
      const { problems } = await providerNamesCheck(['acmecloud']).run(repositoryOf({ 'api/a.ts': line }));
      expect(problems).toHaveLength(1);
    },
  );

  test('a provider name in the name of a file in api/ is found', async () => {
    expect(await problemsOf({ 'api/routes/ovh-callback.ts': '' })).toEqual([
      expect.stringMatching(/^api\/routes\/ovh-callback\.ts: names a provider \("ovh"\)/),
    ]);
  });

  test('words that only contain a provider name are allowed', async () => {
    expect(await problemsOf({ 'workflows/connection.ts': 'laws, drawsAway, HAWSER, googolplex, lazured' })).toEqual([]);
  });

  test.for(['worker/compose.ts', 'platform/config.ts', 'scripts/dev/plan.ts', 'stores/a.ts', '.ci/run'])(
    'a provider name in %s is found',
    async (path) => {
      expect(await problemsOf({ [path]: 'OVHCLOUD_PATH' })).toEqual([expect.stringContaining(`${path}:1: names a`)]);
    },
  );

  test.for(['providers/ovh/client.ts', 'sandbox/programs.ts', 'test/a.ts', 'docs/a.md', 'README.md', 'Dockerfile'])(
    'a provider name in %s is allowed',
    async (path) => {
      expect(await problemsOf({ [path]: 'OVHcloud' })).toEqual([]);
    },
  );
});
