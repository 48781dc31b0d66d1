import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import { createCli } from '../providers/cli/run-cli.ts';
import { createStartIfDue } from '../activities/discovery/start-discovery.ts';
import { createActivities } from '../activities/index.ts';
import type { ListerReadiness } from '../providers/listing/lister.ts';
import { manifests } from '../providers/manifests/all.ts';
import { createProviders } from '../providers/registry.ts';
import { resolveSettings } from '../providers/manifests/settings.ts';
import { createReconcileConnections } from '../activities/reconcile/reconcile-connections.ts';
import { createProviderGate } from '../activities/refresh/provider-gate.ts';
import { createPost } from '../activities/webhooks/post.ts';
import { createRestoreAccess } from '../activities/live-record.ts';
import { systemClock } from '../platform/clock.ts';
import type { Config } from '../platform/config.ts';
import { createEgress } from '../platform/egress.ts';
import type { Logger } from '../platform/logger.ts';
import { createAddressRules } from '../platform/public-address.ts';
import { createDeliveryStarter } from '../platform/temporal/delivery-start.ts';
import { createRegistry, type Registry } from '../platform/metrics.ts';
import { connectionOptions } from '../platform/temporal/connection.ts';
import { createDataConverter } from '../platform/temporal/data-converter.ts';
import { createProviderReports } from '../stores/provider-reports.ts';
import { createProviderPauses } from '../stores/provider-pauses.ts';
import { composeStores } from '../stores/compose.ts';
import { createKeyLookup } from '../stores/key-check.ts';
import { createInventory } from '../stores/inventory/inventory.ts';
import type { EphemeralStore } from '../stores/ephemeral/port.ts';
import { createSearchDigests } from '../stores/search-digests.ts';
import type { SecretStore } from '../stores/secrets/port.ts';
import { createWebhookEndpoints } from '../stores/webhooks/endpoints.ts';
import { createTellEndpoints } from '../stores/webhooks/tell-endpoints.ts';
import type { Activities } from '../contracts/activities.ts';
import { createBatchConnections } from './batch-connections.ts';
import { createBulkConnections } from './bulk-connections.ts';
import { createClockWatch } from './clock-watch.ts';
import { createConnectionDirectory } from './connection-directory.ts';
import { createDiscoveryStarter } from './discovery-starter.ts';
import {
  createRefreshObserver,
  listSeconds,
  measuredActivities,
  passSeconds,
  measuredFetch,
  createReconcileMetrics,
} from './metrics.ts';
import { createReplayedDeliveries } from './replayed-deliveries.ts';
import { createProviderReporter } from './report-providers.ts';
import { putSchedules } from './schedules.ts';
import type { ProviderWork } from './workers.ts';

export interface Composition {
  readonly secrets: SecretStore;
  readonly ephemeral: EphemeralStore;
  readonly activities: Activities;
  readonly providerWork: readonly ProviderWork[];
  /** Makes the key that connections are searched with, where there is none. Rejects as the secret store does. */
  prepareSearch(): Promise<void>;
  /** Whether any process of Mooring ever had a key with this id. */
  readonly isKnownKey: (keyId: string) => Promise<boolean>;
  readonly metrics: Registry;
  /** How each cloud's resources are listed in this process, by provider. */
  listing(): Promise<Readonly<Record<string, ListerReadiness>>>;
  /** Resolves when Temporal answers. */
  askTemporal(signal: AbortSignal): Promise<unknown>;
  /** Reports for the API which settings are missing, and Mooring's own identity at each cloud. Never rejects. */
  reportProviders(): Promise<void>;
  /** Creates the Temporal schedules, or updates them to this build. */
  putSchedules(): Promise<void>;
  close(): Promise<void>;
}

/** Rejects when the signal aborts. */
const pause = async (milliseconds: number, signal: AbortSignal): Promise<void> =>
  await sleep(milliseconds, undefined, { signal });

/** The only place where the worker's adapters are chosen and constructed. Connects to nothing yet. */
export function compose(config: Config, environment: NodeJS.ProcessEnv, logger: Logger): Composition {
  const { keyRing } = config;
  const clock = systemClock;
  const metrics = createRegistry();
  const egress = createEgress(config.egress);
  const stores = composeStores(config, egress, metrics, logger);
  const { secrets, ephemeral } = stores;
  const cli = createCli({ environment });
  const sawDate = createClockWatch({ clock, logger, metrics });
  const providers = createProviders({
    environment,
    fetch: measuredFetch(egress.fetch, metrics, sawDate),
    clock,
    cli,
  });
  const temporal = Connection.lazy(connectionOptions(config.temporal));
  const client = new Client({
    connection: temporal,
    namespace: config.temporal.namespace,
    dataConverter: createDataConverter(keyRing, config.payloadEncryption),
  });
  const searchDigests = createSearchDigests({ secrets, mayWrite: true });
  const starter = createDiscoveryStarter(client);
  const inventory = createInventory({ ephemeral, clock });
  const endpoints = createWebhookEndpoints({ secrets, clock });
  const deliveries = createDeliveryStarter(client, clock);
  createReconcileMetrics(metrics, ephemeral);
  const reconcileConnections = createReconcileConnections({
    secrets,
    ephemeral,
    directory: createConnectionDirectory(client, clock, searchDigests),
    clock,
    logger,
    restoreAccess: createRestoreAccess({ secrets, providers }),
    sleep: pause,
  });
  const activities = createActivities({
    secrets,
    ephemeral,
    providers,
    keyRing,
    clock,
    logger,
    gate: createProviderGate({
      ephemeral,
      pauses: createProviderPauses({ secrets, clock }),
      clock,
      logger,
      random: Math.random,
    }),
    observer: createRefreshObserver(metrics),
    random: Math.random,
    startDiscoveryIfDue: createStartIfDue({ inventory, starter, clock, logger }),
    discovery: {
      starter,
      listsAtOnce: config.discovery.lists,
      onList: listSeconds(metrics),
      onPass: passSeconds(metrics),
    },
    batches: { connections: createBatchConnections(client, clock, searchDigests), sleep: pause },
    bulk: { connections: createBulkConnections(client) },
    searchDigests,
    tellEndpoints: createTellEndpoints({ endpoints, deliveries, ephemeral, clock, logger }),
    webhooks: {
      endpoints,
      post: createPost(egress, { rules: createAddressRules(config.webhooks.allowed) }),
      allowsHttp: config.webhooks.allowsHttp,
      existing: createReplayedDeliveries(client, clock),
    },
    newId: randomUUID,
  });
  return {
    secrets,
    ephemeral,
    activities: { ...measuredActivities(activities, metrics), reconcileConnections },
    providerWork: manifests.map(({ id, renewalsPerSecond }) => ({ id, renewalsPerSecond })),
    prepareSearch: async () => await searchDigests.load(),
    isKnownKey: createKeyLookup(secrets),
    metrics,
    async listing() {
      const ready = [...providers].flatMap(([id, { discovery }]) =>
        discovery ? [[id, discovery.lister] as const] : [],
      );
      return Object.fromEntries(await Promise.all(ready.map(async ([id, lister]) => [id, await lister.readiness()])));
    },
    askTemporal: async (signal) =>
      await temporal.withAbortSignal(signal, () => temporal.workflowService.getSystemInfo({})),
    reportProviders: createProviderReporter({
      providers,
      settings: manifests.map((manifest) => resolveSettings(manifest, environment)),
      reports: createProviderReports({ ephemeral }),
      logger,
    }),
    putSchedules: async () => await putSchedules(client),
    async close() {
      cli.close();
      await Promise.all([temporal.close(), stores.close()]);
    },
  };
}
