import { describe, expect, test } from 'vitest';
import { providerNames, providerNamesCheck } from '../../../scripts/check/provider-names.ts';
import { manifest } from '../../../providers/ovh/manifest.ts';
import { repositoryOf } from './plant.ts';

const check = providerNamesCheck(providerNames([manifest]));

const problemsOf = async (files: Record<string, string>): Promise<readonly string[]> =>
  (await check.run(repositoryOf(files))).problems;

describe('provider names', () => {
  test.for([
    ['in a string', "const id = 'ovh';"],
    ['in a comment', '// Azure answers late.'],
    ['as a display name', 'title: OVHcloud'],
    ['in a constant', 'const key = OVH_EU_CLIENT_ID;'],
    ['at the head of an identifier', 'const ovhClient = client;'],
    ['inside an identifier', 'if (isGcpProject) return;'],
    ['as a type', 'interface AwsRole {}'],
    ['as a company', 'Sign in with Google'],
  ])('one %s is found in workflows/', async ([, line]) => {
    expect(await problemsOf({ 'workflows/connection.ts': `\n${line}\n` })).toEqual([
      expect.stringMatching(/^workflows\/connection\.ts:2: names a provider/),
    ]);
  });

  test('one in the name of a file in api/ is found', async () => {
    expect(await problemsOf({ 'api/routes/ovh-callback.ts': '' })).toEqual([
      expect.stringMatching(/^api\/routes\/ovh-callback\.ts: names a provider \("ovh"\)/),
    ]);
  });

  test('words that only contain one are left alone', async () => {
    expect(await problemsOf({ 'workflows/connection.ts': 'laws, drawsAway, HAWSER, googolplex, lazured' })).toEqual([]);
  });

  test('outside the core they are free', async () => {
    expect(await problemsOf({ 'providers/ovh/client.ts': 'OVHcloud' })).toEqual([]);
  });
});
