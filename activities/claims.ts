import { createHash } from 'node:crypto';

import type { JsonObject } from '../platform/json.ts';
import { Secret } from '../platform/secret.ts';
import { liveKeys } from '../stores/secrets/credential-record.ts';
import { SecretStoreConflict, type SecretStore } from '../stores/secrets/port.ts';
import type { ConnectionRef } from '../contracts/connection.ts';
import { isUnreadable, recordOrProblem } from './records.ts';

/**
 * Under `claims/`: the tenant that owns a claim, and its connections that use it. A claim without connections is free.
 * It is emptied and never destroyed, because a store destroys without check-and-set: that could also destroy the claim
 * that another connection has just taken.
 */
interface ClaimRecord extends JsonObject {
  claim: string | null;
  tenant: string | null;
  connections: string[];
}

type Holder = Pick<ConnectionRef, 'id' | 'tenant'>;

/** A claim may hold characters that a key must not have, such as the slashes of an ARN. */
const keyOf = (claim: string): string => createHash('sha256').update(claim).digest('hex');

/**
 * Takes a claim for one tenant; check-and-set decides a race between two. True where this tenant has it, also through
 * another of its connections. Only after a successful proof: otherwise a tenant could claim an ARN that is not its own.
 */
export async function takeClaim(secrets: SecretStore, { id, tenant }: Holder, claim: string): Promise<boolean> {
  return await changeClaim(secrets, claim, (held) => {
    const connections = held?.connections ?? [];
    if (connections.length > 0 && held?.tenant !== tenant) return { answer: false };
    if (connections.includes(id)) return { answer: true };
    return { answer: true, next: { claim, tenant, connections: [...connections, id] } };
  });
}

/** The connections of a tenant that use a claim; none where another tenant has it. */
export async function connectionsWithClaim(
  secrets: Pick<SecretStore, 'read'>,
  tenant: string,
  claim: string,
): Promise<readonly string[]> {
  const held = (await secrets.read('claims', keyOf(claim)))?.data.reveal() as ClaimRecord | undefined;
  return held?.tenant === tenant ? held.connections : [];
}

/** Removes a connection from a claim. Without connections the claim is free. */
export async function releaseClaim(secrets: SecretStore, { id }: Holder, claim: string): Promise<void> {
  await changeClaim(secrets, claim, (held) => {
    if (!held?.connections.includes(id)) return { answer: true };
    const connections = held.connections.filter((other) => other !== id);
    const next = connections.length > 0 ? { ...held, connections } : { claim: null, tenant: null, connections };
    return { answer: true, next };
  });
}

/**
 * Releases the claim of a grant that will not be used, unless the live credential has the same claim. Where the live
 * record is unreadable, the claim stays until the connection ends.
 */
export async function releaseUnlessLive(secrets: SecretStore, holder: Holder, claim: string | null): Promise<void> {
  if (claim === null) return;
  const live = await recordOrProblem(secrets, 'live', liveKeys.renewal(holder.id));
  const inUse = 'stored' in live ? live.stored.record.reveal().mooring.claim === claim : isUnreadable(live);
  if (!inUse) await releaseClaim(secrets, holder, claim);
}

async function changeClaim(
  secrets: SecretStore,
  claim: string,
  change: (held: ClaimRecord | undefined) => { answer: boolean; next?: ClaimRecord },
): Promise<boolean> {
  const key = keyOf(claim);
  for (;;) {
    const stored = await secrets.read('claims', key);
    const { answer, next } = change(stored?.data.reveal() as ClaimRecord | undefined);
    if (!next) return answer;
    try {
      await secrets.write('claims', key, new Secret<JsonObject>(next), { cas: stored?.version ?? 0 });
      return answer;
    } catch (error) {
      // Another connection wrote first: read its change, and decide again.
      if (!(error instanceof SecretStoreConflict)) throw error;
    }
  }
}
