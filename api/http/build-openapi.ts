import { randomBytes } from 'node:crypto';
import { systemClock } from '../../platform/clock.ts';
import { KeyRing } from '../../platform/key-ring.ts';
import { createLogger } from '../../platform/logger.ts';
import { Registry } from '../../platform/metrics.ts';
import { manifests } from '../../providers/manifests/all.ts';
import { resolveSettings } from '../../providers/manifests/settings.ts';
import { buildApp } from '../app.ts';
import { createProviderCatalog } from '../connections/provider-catalog.ts';

/** The OpenAPI document, from the application as it is composed, without any store or Temporal behind it. */
export async function buildOpenApi(): Promise<object> {
  const app = await buildApp({
    config: {
      publicUrl: 'http://localhost:5000',
      uiOrigin: 'http://localhost:8233',
      codecPathToken: undefined,
      requestsPerMinute: null,
      quotas: { connections: null, submissionsPerMinute: null, validationsPerMinute: null, invitationsPerHour: null },
      webhooks: { allowed: '', allowsHttp: false },
      temporal: { namespace: 'default' },
      discovery: { intervalSeconds: null, concurrency: 1 },
    },
    logger: createLogger('openapi', 'silent'),
    clock: systemClock,
    metrics: new Registry(),
    randomBytes,
    keyRing: KeyRing.parse(KeyRing.generate()),
    connections: absent('connections'),
    batches: absent('batches'),
    bulk: absent('bulk'),
    webhookEndpoints: absent('webhookEndpoints'),
    deliveries: absent('deliveries'),
    replays: absent('replays'),
    secrets: absent('secrets'),
    ephemeral: absent('ephemeral'),
    audit: { page: unused, lines: unused, verify: unused, recorder: silentRecorder, broken: 0 },
    inventory: absent('inventory'),
    quotas: absent('quotas'),
    apiKeys: absent('apiKeys'),
    searchDigests: absent('searchDigests'),
    tenants: absent('tenants'),
    providerPauses: absent('providerPauses'),
    providerStates: absent('providerStates'),
    providers: createProviderCatalog(manifests.map((manifest) => resolveSettings(manifest, {}))),
  });
  await app.ready();
  const document = app.swagger();
  await app.close();
  return document;
}

/** Building and closing the application records nothing. */
const silentRecorder = {
  record: () => undefined,
  flush: async () => undefined,
  close: async () => undefined,
  waiting: 0,
  lost: 0,
};

const unused = (): never => {
  throw new TypeError('Composing the application must not read the audit record.');
};

/** For a dependency that building the application must not use. */
function absent<T extends object>(name: string): T {
  return new Proxy({} as T, {
    get() {
      throw new TypeError(`Composing the application must not use "${name}".`);
    },
  });
}
