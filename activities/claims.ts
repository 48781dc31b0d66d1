import { createHash } from 'node:crypto';

import type { JsonObject } from '../platform/json.ts';
import { Secret } from '../platform/secret.ts';
import { liveKeys } from '../stores/secrets/credential-record.ts';
import { SecretStoreConflict, type SecretStore } from '../stores/secrets/port.ts';
import type { ConnectionRef } from '../contracts/connection.ts';
import { isUnreadable, recordOrProblem } from './records.ts';

/**
 * Under `claims/`: what belongs to one tenant, and by which of its connections. Without any it is free; it is emptied
 * and never destroyed: a store destroys without check-and-set, so another connection's claim could be destroyed with it.
 */
interface ClaimRecord extends JsonObject {
  claim: string | null;
  tenant: string | null;
  connections: string[];
}

type Holder = Pick<ConnectionRef, 'id' | 'tenant'>;

/** Claimed things have characters that no path may have (an ARN's colons and slashes). */
const keyOf = (claim: string): string => createHash('sha256').update(claim).digest('hex');

/**
 * Takes what must belong to one tenant; check-and-set decides between two at once. True where it is ours, also by
 * another connection of the same tenant. Only after a successful proof: else a stranger could squat on an ARN.
 */
export async function takeClaim(secrets: SecretStore, { id, tenant }: Holder, claim: string): Promise<boolean> {
  return await changeClaim(secrets, claim, (held) => {
    const connections = held?.connections ?? [];
    if (connections.length > 0 && held?.tenant !== tenant) return { answer: false };
    if (connections.includes(id)) return { answer: true };
    return { answer: true, next: { claim, tenant, connections: [...connections, id] } };
  });
}

/** Gives up a connection's part in a claim; with the last one it is free. */
export async function releaseClaim(secrets: SecretStore, { id }: Holder, claim: string): Promise<void> {
  await changeClaim(secrets, claim, (held) => {
    if (!held?.connections.includes(id)) return { answer: true };
    const connections = held.connections.filter((other) => other !== id);
    const next = connections.length > 0 ? { ...held, connections } : { claim: null, tenant: null, connections };
    return { answer: true, next };
  });
}

/**
 * What a grant claimed that is not put to use; the credential that is in use may stand on the same. Where that can't be
 * read, the claim stays until the connection ends.
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
      // Another connection was a moment faster: its change is read, and decided on again.
      if (!(error instanceof SecretStoreConflict)) throw error;
    }
  }
}
