import type { Clock } from '../platform/clock.ts';
import type { startDeadline } from '../platform/deadline.ts';
import type { KeyRing } from '../platform/key-ring.ts';
import type { Logger } from '../platform/logger.ts';
import type { Slots } from '../platform/slots.ts';
import type { EphemeralStore } from '../stores/ephemeral/port.ts';
import type { Inventory } from '../stores/inventory/port.ts';
import type { SecretStore } from '../stores/secrets/port.ts';
import type { KeepFreshInput } from '../contracts/activities.ts';
import type { ConnectionRef } from '../contracts/connection.ts';
import type { DiscoveryDone, DiscoveryInput } from '../contracts/discovery.ts';
import type { MethodManifest } from '../providers/manifests/types.ts';
import type { AuthMethod, Provider } from '../providers/provider.ts';
import type { AttemptOutcome } from './refresh/attempt.ts';
import type { ProviderGate } from './refresh/provider-gate.ts';

/** What the activities are made of; composed once for a worker. */
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
  /** A new random id, for telling one attempt's marks from another's. */
  readonly newId: () => string;
}

/** Hears how attempts to renew ended; for metrics. */
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
  /** Starts a discovery unless one runs. Answers whether one runs now because of this or an earlier call. */
  start(input: DiscoveryInput): Promise<'started' | 'running'>;
  /** Tells a connection the outcome of a pass. One that has ended is no error; rejects where Temporal does not answer. */
  tell(connectionId: string, done: DiscoveryDone): Promise<void>;
}

export interface DiscoveryTools {
  readonly starter: DiscoveryStarter;
  /** Lists under way at once in this process, of all connections together. */
  readonly listsAtOnce: number;
  /** Told of each list that was made. */
  readonly onList?: (list: { provider: string; kind: string; outcome: string; seconds: number }) => void;
  /** Told of each pass that listed to its end. */
  readonly onPass?: (pass: { provider: string; seconds: number }) => void;
}

/**
 * The code that acts for a connection. Its absence is a deployment's mistake (a worker older than the connection),
 * so it is thrown as it is and tried again: the next deployment may have it.
 */
export function authMethodOf(deps: Pick<ActivityDependencies, 'providers'>, connection: ConnectionRef): AuthMethod {
  const method = deps.providers.get(connection.provider)?.methods[connection.method];
  if (!method) throw new Error(`This worker has no ${connection.provider} ${connection.method}: deploy one that has.`);
  return method;
}

/** What the manifest says of the method that a connection came in by; undefined where this worker does not know it. */
export const methodManifestOf = (
  { providers }: Pick<ActivityDependencies, 'providers'>,
  { provider, method }: ConnectionRef,
): MethodManifest | undefined => providers.get(provider)?.manifest.methods.find(({ id }) => id === method);

/** What the activities of a discovery are made of. */
export interface DiscoveryDependencies extends Pick<
  ActivityDependencies,
  'secrets' | 'ephemeral' | 'providers' | 'clock' | 'logger' | 'discovery'
> {
  readonly inventory: Inventory;
  /** One for each list under way in this process. */
  readonly listSlots: Slots;
  readonly startDeadline?: typeof startDeadline;
}
