import type { JsonObject } from '../platform/json.ts';
import { Secret } from '../platform/secret.ts';
import {
  factsOf,
  isAccessRecord,
  isCredentialRecord,
  liveKeys,
  type CredentialRecord,
} from '../stores/secrets/credential-record.ts';
import { SecretStoreConflict, type SecretStore } from '../stores/secrets/port.ts';
import type { ConnectionActivities, PromoteInput, PromoteOutcome } from '../contracts/activities.ts';
import { releaseClaim } from './claims.ts';
import { methodManifestOf, type ActivityDependencies } from './dependencies.ts';
import { withStoreErrors } from './failures.ts';
import { pendingKey, projection, promotionId, recordOrProblem } from './records.ts';
import { refreshDelayMs } from './refresh/schedule.ts';
import { projectAccess } from './refresh/store-reply.ts';

type Dependencies = Pick<ActivityDependencies, 'secrets' | 'clock' | 'providers' | 'random'>;

/**
 * Moves a proven grant from `pending/` to `live/`: first the record, then the part that is handed out together with the
 * record from which a lost connection is started again. The record names its grant. So an attempt that was killed in
 * between can be repeated, and a record that a refresh has renewed since is kept: the grant's own token is spent.
 */
export function createPromoteGrant(deps: Dependencies): ConnectionActivities['promoteGrant'] {
  return (input) =>
    withStoreErrors(async () => await promote(deps, input, await inUse(deps.secrets, input.connection.id)));
}

/** Throws what the store throws: a conflict if the record in use has changed since `live` was read. */
export async function promote(deps: Dependencies, input: PromoteInput, live: InUse): Promise<PromoteOutcome> {
  const { connection, pendingRef } = input;
  const before = live.record;
  if (before?.mooring.grant === pendingRef) return await finish(deps, input, before);
  const read = await recordOrProblem(deps.secrets, 'pending', pendingKey(connection.id, pendingRef));
  if ('problem' in read) return { outcome: 'refused', problem: read.problem };
  return await finish(deps, input, await put(deps, input, read.stored.record.reveal(), live));
}

export interface InUse {
  /** 0 where nothing is stored. */
  readonly version: number;
  /** Undefined also where another program has made it unreadable: a new sign-in then overwrites it. */
  readonly record: CredentialRecord | undefined;
  /** The last one that was handed out. The next one is higher, because readers take a lower one for older. */
  readonly generation: number;
}

export async function inUse(secrets: SecretStore, id: string): Promise<InUse> {
  const stored = await secrets.read('live', liveKeys.renewal(id));
  const document = stored?.data.reveal();
  const version = stored?.version ?? 0;
  if (isCredentialRecord(document)) return { version, record: document, generation: document.mooring.generation };
  const access = (await secrets.read('live', liveKeys.access(id)))?.data.reveal();
  return { version, record: undefined, generation: isAccessRecord(access) ? access.mooring.generation : 0 };
}

async function put(
  deps: Dependencies,
  { connection, pendingRef }: PromoteInput,
  proven: CredentialRecord,
  { version, record: before, generation }: InUse,
): Promise<CredentialRecord> {
  const { secrets, clock, random } = deps;
  const { mooring } = proven;
  const longestCycleSeconds = methodManifestOf(deps, connection)?.longestCycleSeconds;
  const issuedAtMs = mooring.issued_at_ms === 0 ? clock.now() : mooring.issued_at_ms;
  const next: CredentialRecord = {
    ...proven,
    mooring: {
      ...mooring,
      attempt_id: promotionId(pendingRef),
      grant: pendingRef,
      generation: generation + 1,
      issued_at_ms: issuedAtMs,
      next_refresh_at_ms: mooring.renewable
        ? issuedAtMs + refreshDelayMs(mooring.ttl_seconds, random(), longestCycleSeconds)
        : null,
    },
  };
  // Before the write, which replaces the only record of what the previous credential had claimed.
  const given = before?.mooring.claim;
  if (given && given !== mooring.claim) await releaseClaim(secrets, connection, given);
  await secrets.write('live', liveKeys.renewal(connection.id), new Secret<JsonObject>(next), { cas: version });
  return next;
}

async function finish(
  deps: Dependencies,
  { connection, pendingRef, about }: PromoteInput,
  record: CredentialRecord,
): Promise<PromoteOutcome> {
  const { secrets } = deps;
  const leased = methodManifestOf(deps, connection)?.leased ?? [];
  await Promise.all([
    handOut(secrets, connection.id, record, leased),
    secrets.write('live', liveKeys.about(connection.id), new Secret(about as unknown as JsonObject)),
  ]);
  await secrets.destroy('pending', pendingKey(connection.id, pendingRef));
  return { outcome: 'promoted', credential: factsOf(record) };
}

/** Creates the record that is handed out. If it exists, a renewal may have written a newer one, which is kept. */
async function handOut(secrets: SecretStore, id: string, record: CredentialRecord, leased: readonly string[]) {
  try {
    await secrets.write('live', liveKeys.access(id), projection(record, leased), { cas: 0 });
  } catch (error) {
    if (!(error instanceof SecretStoreConflict)) throw error;
    await projectAccess(secrets, id, record, leased);
  }
}
