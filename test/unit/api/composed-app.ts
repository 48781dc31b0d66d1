import { randomBytes } from 'node:crypto';
import { Writable } from 'node:stream';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { manifests } from '../../../providers/manifests/all.ts';
import { resolveSettings } from '../../../providers/manifests/settings.ts';
import type { App, AppDependencies } from '../../../api/http/app-types.ts';
import { buildApp } from '../../../api/app.ts';
import type { BatchesGateway } from '../../../api/batches/gateway.ts';
import type { BulkGateway } from '../../../api/bulk/gateway.ts';
import type { ConnectionsGateway } from '../../../api/temporal/gateway.ts';
import { createProviderCatalog } from '../../../api/connections/provider-catalog.ts';
import type { DeliveriesGateway } from '../../../api/webhooks/gateway.ts';
import type { ReplaysGateway } from '../../../api/webhooks/replay-gateway.ts';
import { createQuotas } from '../../../api/http/quotas.ts';
import { createLogger } from '../../../platform/logger.ts';
import { Registry } from '../../../platform/metrics.ts';
import { Secret } from '../../../platform/secret.ts';
import type { OperatorScope, TenantScope } from '../../../stores/api-key-scopes.ts';
import { createApiKeys, type CreatedApiKey } from '../../../stores/api-keys.ts';
import { createAudit } from '../../../stores/audit/audit.ts';
import { createSqliteAuditStore } from '../../../stores/audit/sqlite.ts';
import { createSqliteEphemeralStore } from '../../../stores/ephemeral/sqlite.ts';
import { createInventory } from '../../../stores/inventory/inventory.ts';
import { createProviderPauses, recentPauses } from '../../../stores/provider-pauses.ts';
import { createProviderStates } from '../../../stores/provider-states.ts';
import { createSqliteSecretStore } from '../../../stores/secrets/sqlite.ts';
import { createSearchDigests } from '../../../stores/search-digests.ts';
import { createTenants } from '../../../stores/tenants.ts';
import { createWebhookEndpoints } from '../../../stores/webhooks/endpoints.ts';
import { createManualClock, type ManualClock } from '../../contract/manual-clock.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { keyRing } from './support.ts';

export interface ComposedApp {
  readonly app: App;
  readonly clock: ManualClock;
  readonly deps: AppDependencies;
  /** Everything that was logged so far. */
  readonly log: () => string;
  /** Headers with a new key of a tenant. */
  readonly keyFor: (tenant: string, ...scopes: TenantScope[]) => Promise<{ authorization: string }>;
  /** Headers with a new key of an operator. */
  readonly operatorKey: (...scopes: OperatorScope[]) => Promise<{ authorization: string }>;
}

/** The application on SQLite stores, without Temporal: for all that must not reach it. */
export async function composeApp(
  config: Partial<AppDependencies['config']> = {},
  standIns: Partial<AppDependencies> = {},
): Promise<ComposedApp> {
  const folder = temporaryFolder();
  const clock = createManualClock();
  const secrets = createSqliteSecretStore({ path: join(folder, 'secrets.db'), keyRing, clock });
  const ephemeral = createSqliteEphemeralStore({ path: join(folder, 'ephemeral.db'), keyRing, clock });
  const auditStore = createSqliteAuditStore({ path: join(folder, 'audit.db') });
  const lines: string[] = [];
  const sink = new Writable({
    write(chunk, _encoding, done) {
      lines.push(String(chunk));
      done();
    },
  });
  const apiKeys = createApiKeys({ secrets, clock });
  const providerPauses = recentPauses(createProviderPauses({ secrets, clock }), clock);
  const logger = createLogger('test', 'info', sink);
  const withoutQuotas: Omit<AppDependencies, 'quotas'> = {
    config: {
      publicUrl: 'https://mooring.example',
      uiOrigin: 'http://ui.example:8233',
      codecPathToken: new Secret('path-token'),
      requestsPerMinute: null,
      quotas: { connections: null, submissionsPerMinute: null, validationsPerMinute: null, invitationsPerHour: null },
      webhooks: { allowed: '', allowsHttp: false },
      temporal: { namespace: 'default' },
      discovery: { intervalSeconds: 3_600, concurrency: 8 },
      ...config,
    },
    logger,
    clock,
    metrics: new Registry(),
    randomBytes,
    keyRing,
    connections: unreachable,
    batches: unreachable,
    bulk: unreachable,
    webhookEndpoints: createWebhookEndpoints({ secrets, clock }),
    deliveries: unreachable,
    replays: unreachable,
    secrets,
    ephemeral,
    audit: createAudit({ store: auditStore, keyRing, clock, logger, retention: { lines: 1_000, days: 400 } }),
    inventory: createInventory({ ephemeral, clock }),
    apiKeys,
    searchDigests: createSearchDigests({ secrets, mayWrite: true }),
    tenants: createTenants({ secrets }),
    providers: createProviderCatalog(manifests.map((manifest) => resolveSettings(manifest, {}))),
    providerPauses,
    providerStates: createProviderStates({ ephemeral, pauses: providerPauses, clock }),
    ...standIns,
  };
  const deps: AppDependencies = { ...withoutQuotas, quotas: createQuotas(withoutQuotas) };
  const app = await buildApp(deps);
  await app.ready();
  onTestFinished(async () => {
    await app.close();
    await secrets.close();
    await ephemeral.close();
    await auditStore.close();
  });
  return {
    app,
    clock,
    deps,
    log: () => lines.join(''),
    async keyFor(tenant, ...scopes) {
      return bearer(await deps.apiKeys.create({ tenant, scopes, name: 'test', expiresAt: null }));
    },
    async operatorKey(...scopes) {
      return bearer(await deps.apiKeys.create({ tenant: null, scopes, name: 'test', expiresAt: null }));
    },
  };
}

export const bearer = ({ key }: Pick<CreatedApiKey, 'key'>) => ({ authorization: `Bearer ${key.reveal()}` });

type Gateways = ConnectionsGateway & BatchesGateway & BulkGateway & DeliveriesGateway & ReplaysGateway;

const unreachable = new Proxy({} as Gateways, {
  get: (_target, name) => () => Promise.reject(new Error(`This test must not reach Temporal (${String(name)}).`)),
});
