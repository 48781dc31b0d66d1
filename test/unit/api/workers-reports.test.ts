import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { manifests } from '../../../providers/manifests/all.ts';
import { resolveSettings } from '../../../providers/manifests/settings.ts';
import { createProviderCatalog } from '../../../api/connections/provider-catalog.ts';
import { missingAtWorkers } from '../../../api/connections/setup.ts';
import { createLogger } from '../../../platform/logger.ts';
import { ephemeralKeys } from '../../../stores/ephemeral/keys.ts';
import { EphemeralStoreUnavailable, type EphemeralStore } from '../../../stores/ephemeral/port.ts';
import { createSealedEphemeralStore } from '../../../stores/ephemeral/sealed.ts';
import { createSqliteEphemeralStore } from '../../../stores/ephemeral/sqlite.ts';
import { createProviderReports, type ProviderReport } from '../../../stores/provider-reports.ts';
import { createManualClock } from '../../contract/manual-clock.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { composeApp } from './composed-app.ts';
import { keyRing } from './support.ts';

const missing = {
  code: 'credentials_not_configured',
  message: 'OAuth2 credentials not configured for ovh-eu.',
  remedy: 'Set OVH_EU_CLIENT_SECRET and restart Mooring.',
  variables: ['OVH_EU_CLIENT_SECRET'],
};

const environment = { OVH_EU_CLIENT_ID: 'mine' };
const catalog = createProviderCatalog(manifests.map((manifest) => resolveSettings(manifest, environment)));
const ovhSignIn = catalog.choose('ovh', 'ovh-eu', 'authorization_code');

interface Option {
  readonly region: string;
  readonly method: string;
  readonly ready: boolean;
  readonly missing: { readonly code: string; readonly variables: readonly string[] } | null;
}

/** The API with OVHcloud's client id and no secret, as production gives it. */
async function apiWithoutSecrets(ephemeral?: EphemeralStore) {
  const { app, deps, keyFor } = await composeApp({}, { providers: catalog, ...(ephemeral && { ephemeral }) });
  const headers = await keyFor('acme', 'admin');
  const reports = createProviderReports(deps);
  return {
    report: async (provider: string, region: string, value: ProviderReport) =>
      await reports.publish(provider, region, value),
    create: async (payload: object) => await app.inject({ method: 'POST', url: '/v1/connections', headers, payload }),
    option: async (provider: string, region: string, method: string): Promise<Option | undefined> => {
      const reply = await app.inject({ url: '/v1/providers', headers });
      const { items } = reply.json<{ items: { id: string; ways: Option[] }[] }>();
      const ways = items.find(({ id }) => id === provider)?.ways ?? [];
      return ways.find((way) => way.region === region && way.method === method);
    },
  };
}

describe('what the workers have reported', () => {
  it('a method is ready where the API has what leads to the cloud and no worker has reported anything missing', async () => {
    const { option, report } = await apiWithoutSecrets();
    expect(await option('ovh', 'ovh-eu', 'authorization_code')).toMatchObject({ ready: true, missing: null });
    await report('ovh', 'ovh-eu', { notReady: {}, identity: null });
    expect(await option('ovh', 'ovh-eu', 'authorization_code')).toMatchObject({ ready: true, missing: null });
    expect(await option('ovh', 'ovh-ca', 'authorization_code')).toMatchObject({
      ready: false,
      missing: { variables: ['OVH_CA_CLIENT_ID'] },
    });
  });

  it('a method whose secret the workers lack is not ready, and starts no connection', async () => {
    const { option, report, create } = await apiWithoutSecrets();
    await report('ovh', 'ovh-eu', { notReady: { authorization_code: missing }, identity: null });
    expect(await option('ovh', 'ovh-eu', 'authorization_code')).toMatchObject({ ready: false, missing });
    expect(await option('ovh', 'ovh-eu', 'api_credentials')).toMatchObject({ ready: true });
    const reply = await create({ provider: 'ovh', region: 'ovh-eu' });
    expect(reply.statusCode).toBe(409);
    expect(reply.json()).toMatchObject({ code: missing.code, detail: missing.message, variables: missing.variables });
  });

  it('a method with an identity waits for a report, even where the API has no setting of the cloud', async () => {
    const { option, report, create } = await apiWithoutSecrets();
    expect(await option('aws', 'aws', 'role')).toMatchObject({ ready: false, missing: { code: 'identity_unknown' } });
    expect((await create({ provider: 'aws', region: 'aws' })).statusCode).toBe(503);
    const identity = { outcome: 'known', identity: { accountId: '111122223333' } } as const;
    await report('aws', 'aws', { notReady: {}, identity });
    expect(await option('aws', 'aws', 'role')).toMatchObject({ ready: true, missing: null });
  });

  it('a method without an identity stays ready while the ephemeral store does not answer', async () => {
    const away = () => Promise.reject(new EphemeralStoreUnavailable('away'));
    expect(await missingAtWorkers({ get: away, put: away }, ovhSignIn)).toBeUndefined();
  });
});

describe('a report in a Redis that another program writes to', () => {
  const identity = { outcome: 'known', identity: { accountId: '666666666666' } } as const;
  const report: ProviderReport = { notReady: {}, identity };
  const place = (region: string) => ephemeralKeys.providerReport('aws', region);

  async function apiOnRedis() {
    const clock = createManualClock();
    const raw = createSqliteEphemeralStore({ path: join(temporaryFolder(), 'raw.db'), keyRing, clock });
    onTestFinished(async () => await raw.close());
    const logger = createLogger('test', 'silent');
    const ephemeral = createSealedEphemeralStore({ store: raw, keyRing, clock, logger });
    const reports = createProviderReports({ ephemeral });
    return { raw, clock, reports, ...(await apiWithoutSecrets(ephemeral)) };
  }

  it('a forged report puts no account into what customers are asked to trust', async () => {
    const { raw, option, create } = await apiOnRedis();
    await raw.put(place('aws'), report, 60);
    expect(await option('aws', 'aws', 'role')).toMatchObject({ ready: false, missing: { code: 'identity_unknown' } });
    const reply = await create({ provider: 'aws', region: 'aws' });
    expect(reply.statusCode).toBe(503);
    expect(reply.body).not.toContain('666666666666');
  });

  it('a report of one region counts for nothing in another region', async () => {
    const { raw, reports, option } = await apiOnRedis();
    await reports.publish('aws', 'aws-cn', report);
    await raw.put(place('aws'), (await raw.get(place('aws-cn'))) ?? null, 60);
    expect(await option('aws', 'aws-cn', 'role')).toMatchObject({ ready: true });
    expect(await option('aws', 'aws', 'role')).toMatchObject({ ready: false, missing: { code: 'identity_unknown' } });
  });

  it('an old report that is put back counts for nothing', async () => {
    const { raw, clock, reports, option } = await apiOnRedis();
    await reports.publish('aws', 'aws', report);
    const kept = (await raw.get(place('aws'))) ?? null;
    clock.advance(17 * 60);
    await raw.put(place('aws'), kept, 86_400);
    expect(await option('aws', 'aws', 'role')).toMatchObject({ ready: false, missing: { code: 'identity_unknown' } });
  });
});
