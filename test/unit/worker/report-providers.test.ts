import { expect, onTestFinished, test } from 'vitest';
import { join } from 'node:path';
import { ProviderError, type Provider } from '../../../providers/provider.ts';
import type { ProviderManifest } from '../../../providers/manifests/types.ts';
import { resolveSettings } from '../../../providers/manifests/settings.ts';
import { createLogger } from '../../../platform/logger.ts';
import { KeyRing } from '../../../platform/key-ring.ts';
import { createSqliteEphemeralStore } from '../../../stores/ephemeral/sqlite.ts';
import { createProviderReports } from '../../../stores/provider-reports.ts';
import { createProviderReporter } from '../../../worker/report-providers.ts';
import { createManualClock } from '../../contract/manual-clock.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const region = (id: string) => ({
  id,
  label: id,
  urls: {},
  settings: { key: { names: [`SKY_${id.toUpperCase()}_KEY`], description: '', secret: true } } as const,
});
const manifest: ProviderManifest = {
  id: 'sky',
  name: 'Sky',
  enableVariables: ['ENABLE_SKY'],
  regionWord: 'region',
  requestIdHeaders: [],
  regions: [region('up'), region('down')],
  methods: [
    {
      id: 'role',
      flow: 'form',
      name: 'Role',
      asks: 'A role.',
      requires: ['key'],
      rotatesRefreshTokens: false,
      discovers: false,
      leased: [],
      variables: {},
      identity: ['account'],
      minted: [],
      fields: [],
    },
  ],
};
const refused = { code: 'key_refused', message: 'The cloud refuses SKY_UP_KEY.', remedy: 'Set another.' };

async function reporterWith(
  identity: NonNullable<Provider['identity']>,
  environment: Record<string, string> = { SKY_UP_KEY: 'a-secret' },
) {
  const folder = temporaryFolder();
  const clock = createManualClock();
  const keyRing = KeyRing.parse(KeyRing.generate());
  const ephemeral = createSqliteEphemeralStore({ path: join(folder, 'ephemeral.db'), keyRing, clock });
  onTestFinished(async () => await ephemeral.close());
  const reports = createProviderReports({ ephemeral });
  const report = createProviderReporter({
    providers: new Map([['sky', { identity }]]),
    settings: [resolveSettings(manifest, environment)],
    reports,
    logger: createLogger('test', 'silent'),
  });
  return { reports, report, clock, ephemeral };
}

const known = () => Promise.resolve({ account: '1' });

test('a region that is set up is asked for Mooring’s identity, and one that is not is reported with its variables', async () => {
  const asked: string[] = [];
  const { reports, report } = await reporterWith(async (id) => {
    asked.push(id);
    return await known();
  });
  await report();
  expect(asked).toEqual(['up']);
  expect(await reports.read('sky', 'up')).toEqual({
    notReady: {},
    identity: { outcome: 'known', identity: { account: '1' } },
  });
  const missing = { code: 'credentials_not_configured', variables: ['SKY_DOWN_KEY'] };
  expect(await reports.read('sky', 'down')).toMatchObject({ notReady: { role: missing }, identity: null });
});

test('a report names variables and never holds their values', async () => {
  const { report, ephemeral } = await reporterWith(known, { SKY_UP_KEY: 'a-secret', SKY_UP_CLIENT: 'a-client' });
  await report();
  const stored = await Promise.all(['up', 'down'].map(async (id) => await ephemeral.get(`provider-report:sky:${id}`)));
  expect(stored.every((value) => value !== undefined)).toBe(true);
  expect(JSON.stringify(stored)).not.toContain('a-secret');
});

test('a connector that the worker has switched off is reported as disabled', async () => {
  const { report, reports } = await reporterWith(known, { SKY_UP_KEY: 'a-secret', ENABLE_SKY: 'false' });
  await report();
  expect(await reports.read('sky', 'up')).toMatchObject({
    notReady: { role: { code: 'connector_disabled', variables: ['ENABLE_SKY'] } },
    identity: null,
  });
});

test('a refusal is reported as it is, and is replaced by the identity once the cloud accepts', async () => {
  let works = false;
  const { reports, report } = await reporterWith(() =>
    works ? known() : Promise.reject(new ProviderError({ class: 'config', problem: refused, delivery: 'answered' })),
  );
  await report();
  expect(await reports.read('sky', 'up')).toMatchObject({ identity: { outcome: 'problem', problem: refused } });
  works = true;
  await report();
  expect(await reports.read('sky', 'up')).toMatchObject({ identity: { outcome: 'known' } });
});

test('the report of a stopped worker expires', async () => {
  const { reports, report, clock } = await reporterWith(known);
  await report();
  clock.advance(16 * 60);
  expect(await reports.read('sky', 'up')).toBeUndefined();
});
