import type { Clock } from '../platform/clock.ts';
import type { startDeadline } from '../platform/deadline.ts';
import type { KeyRing } from '../platform/key-ring.ts';
import type { Logger } from '../platform/logger.ts';
import type { Slots } from '../platform/slots.ts';
import type { EphemeralStore } from '../stores/ephemeral/port.ts';
import type { Inventory } from '../stores/inventory/port.ts';
import type { SearchDigests } from '../stores/search-digests.ts';
import type { SecretStore } from '../stores/secrets/port.ts';
import type { WebhookEndpoints } from '../stores/webhooks/port.ts';
import type { TellEndpoints } from '../stores/webhooks/tell-endpoints.ts';
import type { KeepFreshInput } from '../contracts/activities.ts';
import type { ConnectionRef } from '../contracts/connection.ts';
import type { DiscoveryDone, DiscoveryInput } from '../contracts/discovery.ts';
import type { MethodManifest } from '../providers/manifests/types.ts';
import type { AuthMethod, Provider } from '../providers/provider.ts';
import type { AttemptOutcome } from './refresh/attempt.ts';
import type { ProviderGate } from './refresh/provider-gate.ts';
import type { Post } from './webhooks/post.ts';
import type { ReplayedDeliveries } from './webhooks/replay-ports.ts';

/** The adapters that the activities use; composed once for a worker. */
export interface ActivityDependencies {
  readonly secrets: SecretStore;
  readonly ephemeral: EphemeralStore;
  readonly providers: ReadonlyMap<string, Provider>;
  readonly keyRing: KeyRing;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly gate: ProviderGate;
  readonly observer: RefreshObserver;
  /** 0 ≤ x < 1. */
  readonly random: () => number;
  readonly startDiscoveryIfDue: StartDiscoveryIfDue;
  readonly discovery: DiscoveryTools;
  readonly searchDigests: Pick<SearchDigests, 'account'>;
  readonly tellEndpoints: TellEndpoints;
  /** A new random id, by which an attempt distinguishes its own marker from another's. */
  readonly newId: () => string;
}

/** Receives the outcome of each attempt to renew, for metrics. */
export interface RefreshObserver {
  /** `lateSeconds`: from when the renewal was due to its beginning; null where none was due. */
  attempted(provider: string, outcome: AttemptOutcome['outcome'], lateSeconds: number | null): void;
}

/** Starts a discovery where one is due, and answers when the next one is. Never throws. */
export type StartDiscoveryIfDue = (
  connection: ConnectionRef,
  plan: NonNullable<KeepFreshInput['discovery']>,
) => Promise<{ readonly nextAt: string | null }>;

export interface DiscoveryStarter {
  /** Starts a discovery. `running`: an earlier call has started one, and it still runs. */
  start(input: DiscoveryInput): Promise<'started' | 'running'>;
  /** Signals the outcome of a pass. An ended connection is no error. Rejects where Temporal does not answer. */
  tell(connectionId: string, done: DiscoveryDone): Promise<void>;
}

export interface DiscoveryTools {
  readonly starter: DiscoveryStarter;
  /** The most lists at once in this process, for all connections together. */
  readonly listsAtOnce: number;
  /** Called after each list. */
  readonly onList?: (list: { provider: string; kind: string; outcome: string; seconds: number }) => void;
  /** Called after each pass that was completed. */
  readonly onPass?: (pass: { provider: string; seconds: number }) => void;
}

export interface WebhookTools {
  readonly endpoints: Pick<WebhookEndpoints, 'read' | 'change'>;
  readonly post: Post;
  /** Whether addresses may begin with `http://`: under `npm start` alone. */
  readonly allowsHttp: boolean;
  /** Deliveries that exist, for replays. */
  readonly existing: ReplayedDeliveries;
}

/**
 * The code of a connection's method. A worker that lacks it is older than the connection: a mistake in the deployment.
 * So a plain error is thrown, and the activity is retried: the next deployment may have the method.
 */
export function authMethodOf(deps: Pick<ActivityDependencies, 'providers'>, connection: ConnectionRef): AuthMethod {
  const method = deps.providers.get(connection.provider)?.methods[connection.method];
  if (!method) throw new Error(`This worker has no ${connection.provider} ${connection.method}: deploy one that has.`);
  return method;
}

/** The manifest of a connection's method; undefined where this worker does not know it. */
export const methodManifestOf = (
  { providers }: Pick<ActivityDependencies, 'providers'>,
  { provider, method }: ConnectionRef,
): MethodManifest | undefined => providers.get(provider)?.manifest.methods.find(({ id }) => id === method);

/** The adapters that the activities of a discovery use. */
export interface DiscoveryDependencies extends Pick<
  ActivityDependencies,
  'secrets' | 'ephemeral' | 'providers' | 'clock' | 'logger' | 'discovery'
> {
  readonly inventory: Inventory;
  /** One for each list in flight in this process. */
  readonly listSlots: Slots;
  readonly startDeadline?: typeof startDeadline;
}
