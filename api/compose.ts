import { randomBytes } from 'node:crypto';
import { Client, Connection, defaultGrpcRetryOptions, makeGrpcRetryInterceptor } from '@temporalio/client';
import { systemClock } from '../platform/clock.ts';
import type { Config } from '../platform/config.ts';
import type { Logger } from '../platform/logger.ts';
import { createRegistry, measured, operationSeconds } from '../platform/metrics.ts';
import { connectionOptions } from '../platform/temporal/connection.ts';
import { createDataConverter } from '../platform/temporal/data-converter.ts';
import { createDeliveryStarter } from '../platform/temporal/delivery-start.ts';
import type { ProviderSettings } from '../providers/manifests/settings.ts';
import { createApiKeys } from '../stores/api-keys.ts';
import { createEgress } from '../platform/egress.ts';
import { createAudit } from '../stores/audit/audit.ts';
import { composeStores, openAuditStore } from '../stores/compose.ts';
import { createInventory } from '../stores/inventory/inventory.ts';
import { createProviderPauses, recentPauses } from '../stores/provider-pauses.ts';
import { createProviderStates } from '../stores/provider-states.ts';
import { createSearchDigests } from '../stores/search-digests.ts';
import { createTenants } from '../stores/tenants.ts';
import { createWebhookEndpoints } from '../stores/webhooks/endpoints.ts';
import { createTellEndpoints } from '../stores/webhooks/tell-endpoints.ts';
import { createBatchesGateway } from './batches/gateway.ts';
import { createBulkGateway } from './bulk/gateway.ts';
import { createProviderCatalog } from './connections/provider-catalog.ts';
import type { AppDependencies } from './http/app-types.ts';
import { ApiProblem } from './http/problem.ts';
import { createQuotas } from './http/quotas.ts';
import { createConnectionsGateway } from './temporal/gateway.ts';
import { createDeliveriesGateway } from './webhooks/gateway.ts';
import { createReplaysGateway } from './webhooks/replay-gateway.ts';

/** grpc/status.proto: RESOURCE_EXHAUSTED. */
const isExhausted = (code: number): boolean => code === 8;

/** A mistake of the caller does not count as a failed call to Temporal. */
const isFault = (error: unknown): boolean => !(error instanceof ApiProblem) || error.status >= 500;

export interface Composition {
  readonly deps: AppDependencies;
  /** Closes all connections. Call it after closing the application. */
  close(): Promise<void>;
}

/** The only place where the API's adapters are chosen and constructed. Connects to nothing yet. */
export function compose(config: Config, providers: readonly ProviderSettings[], logger: Logger): Composition {
  const { keyRing } = config;
  const clock = systemClock;
  const metrics = createRegistry();
  const now = (): number => performance.now();
  const temporalSeconds = operationSeconds(metrics, 'mooring_temporal_seconds', 'Calls of the API to Temporal.');
  const egress = createEgress(config.egress);
  const stores = composeStores(config, egress, metrics, logger);
  const auditStore = openAuditStore(config, egress, logger);
  const { secrets, ephemeral } = stores;
  const inventory = createInventory({ ephemeral, clock });
  const tenants = createTenants({ secrets });
  const providerPauses = recentPauses(createProviderPauses({ secrets, clock }), clock);
  const connection = temporalConnection(config);
  const client = new Client({
    connection,
    namespace: config.temporal.namespace,
    dataConverter: createDataConverter(keyRing, config.payloadEncryption, { refused: 'throw' }),
  });
  const webhookEndpoints = createWebhookEndpoints({ secrets, clock });
  const tellEndpoints = createTellEndpoints({
    endpoints: webhookEndpoints,
    deliveries: createDeliveryStarter(client, clock),
    ephemeral,
    clock,
    logger,
  });
  const connections = measured(
    createConnectionsGateway({ client, ephemeral, secrets, inventory, clock, logger, tellEndpoints }),
    temporalSeconds,
    now,
    isFault,
  );
  return {
    deps: {
      config,
      logger,
      clock,
      metrics,
      randomBytes,
      keyRing,
      connections,
      batches: measured(createBatchesGateway({ client }), temporalSeconds, now, isFault),
      bulk: measured(createBulkGateway({ client }), temporalSeconds, now, isFault),
      webhookEndpoints,
      deliveries: measured(createDeliveriesGateway({ client, clock }), temporalSeconds, now, isFault),
      replays: measured(createReplaysGateway({ client, clock }), temporalSeconds, now, isFault),
      secrets,
      ephemeral,
      audit: createAudit({ store: auditStore, keyRing, clock, logger, retention: config.audit }),
      inventory,
      quotas: createQuotas({ config, connections, ephemeral, tenants, clock, logger }),
      apiKeys: createApiKeys({ secrets, clock }),
      searchDigests: createSearchDigests({ secrets, mayWrite: config.dev }),
      tenants,
      providers: createProviderCatalog(providers),
      providerPauses,
      providerStates: createProviderStates({ ephemeral, pauses: providerPauses, clock }),
    },
    async close() {
      await Promise.all([connection.close(), stores.close(), auditStore.close()]);
    },
  };
}

/** Connects lazily, so that the API can start while Temporal is down; /readyz reports it. */
function temporalConnection({ temporal }: Config): Connection {
  const retry = defaultGrpcRetryOptions();
  return Connection.lazy({
    ...connectionOptions(temporal),
    interceptors: [
      makeGrpcRetryInterceptor({
        ...retry,
        // "Too many requests" goes to the caller at once, because retrying here would add load.
        retryableDecider: (attempt, status) => !isExhausted(status.code) && retry.retryableDecider(attempt, status),
      }),
    ],
  });
}
