import type { IncomingMessage, ServerResponse } from 'node:http';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyBaseLogger, FastifyInstance, RawServerDefault } from 'fastify';
import type { Clock } from '../../platform/clock.ts';
import type { Config } from '../../platform/config.ts';
import type { KeyRing } from '../../platform/key-ring.ts';
import type { Logger } from '../../platform/logger.ts';
import type { Registry } from '../../platform/metrics.ts';
import type { ApiKeyScope } from '../../stores/api-key-scopes.ts';
import type { ApiKeys } from '../../stores/api-keys.ts';
import type { Audit } from '../../stores/audit/audit.ts';
import type { EphemeralStore } from '../../stores/ephemeral/port.ts';
import type { Inventory } from '../../stores/inventory/port.ts';
import type { ProviderPauses } from '../../stores/provider-pauses.ts';
import type { ProviderStates } from '../../stores/provider-states.ts';
import type { SearchDigests } from '../../stores/search-digests.ts';
import type { SecretStore } from '../../stores/secrets/port.ts';
import type { Tenants } from '../../stores/tenants.ts';
import type { WebhookEndpoints } from '../../stores/webhooks/port.ts';
import type { BatchesGateway } from '../batches/gateway.ts';
import type { BulkGateway } from '../bulk/gateway.ts';
import type { ProviderCatalog } from '../connections/provider-catalog.ts';
import type { DeliveriesGateway } from '../webhooks/gateway.ts';
import type { ReplaysGateway } from '../webhooks/replay-gateway.ts';
import type { TenantQuotas } from './quotas.ts';
import type { ConnectionsGateway } from '../temporal/gateway.ts';
import type { KeySessions } from './plugins/key-sessions.ts';

export type App = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>;

/** Everything the application needs. `compose.ts` constructs it; tests may pass stand-ins. */
export interface AppDependencies {
  readonly config: Pick<
    Config,
    'publicUrl' | 'uiOrigin' | 'codecPathToken' | 'requestsPerMinute' | 'quotas' | 'webhooks'
  > & {
    /** Under `npm start`. */
    readonly dev?: boolean;
    readonly trustedProxies?: string | undefined;
    readonly startId?: string | undefined;
    readonly temporal: Pick<Config['temporal'], 'namespace'>;
    readonly discovery: Pick<Config['discovery'], 'intervalSeconds' | 'concurrency'>;
  };
  readonly logger: Logger;
  readonly clock: Clock;
  readonly metrics: Registry;
  readonly randomBytes: (size: number) => Buffer;
  readonly keyRing: KeyRing;
  readonly connections: ConnectionsGateway;
  readonly batches: BatchesGateway;
  readonly bulk: BulkGateway;
  readonly webhookEndpoints: WebhookEndpoints;
  readonly deliveries: DeliveriesGateway;
  readonly replays: ReplaysGateway;
  readonly secrets: SecretStore;
  readonly ephemeral: EphemeralStore;
  readonly audit: Audit;
  readonly inventory: Pick<Inventory, 'page' | 'partitions'>;
  readonly quotas: TenantQuotas;
  readonly apiKeys: ApiKeys;
  readonly searchDigests: SearchDigests;
  readonly tenants: Pick<Tenants, 'read' | 'create' | 'replace' | 'list'>;
  readonly providers: ProviderCatalog;
  readonly providerPauses: Pick<ProviderPauses, 'pause' | 'resume'>;
  readonly providerStates: ProviderStates;
}

/** Who may call a route: everyone (`public`), or an API key with this scope, or with one of these. */
export type Access = 'public' | ApiKeyScope | readonly ApiKeyScope[];

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Required: an application with a route that does not set it does not start. */
    access?: Access;
    /** How many values a body may have, inner ones included; see `plugins/body-values.ts`. */
    maxBodyValues?: number;
    /** Answers pages: its problems are pages too. */
    page?: boolean;
  }
  interface FastifyInstance {
    /** Ends what is held open for an API key when the key ends. */
    keySessions: KeySessions;
  }
}
