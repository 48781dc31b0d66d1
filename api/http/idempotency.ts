import { createHash } from 'node:crypto';
import type { Command } from '../../contracts/messages.ts';
import type { KeyRing } from '../../platform/key-ring.ts';
import type { Logger } from '../../platform/logger.ts';
import { ephemeralKeys } from '../../stores/ephemeral/keys.ts';
import { EphemeralStoreUnavailable, type EphemeralStore } from '../../stores/ephemeral/port.ts';
import type { Principal } from './principal.ts';
import { apiProblems } from './problem.ts';

const REMEMBERED_SECONDS = 24 * 3600;

/** A request about a connection, as its route has parsed it. */
interface KeyedRequest {
  readonly principal: Pick<Principal, 'tenant'> | null;
  readonly params: { readonly id: string };
  readonly headers: { readonly 'idempotency-key'?: string | undefined };
  readonly body: unknown;
}

/**
 * Throws `idempotency_key_reused` when the key was used within a day with another body. Best effort: without the
 * ephemeral store a repeated request still changes nothing, because the workflow remembers the requests that it served.
 */
export async function assertSameBody(
  deps: { readonly ephemeral: EphemeralStore; readonly keyRing: KeyRing; readonly logger: Logger },
  verb: string,
  { principal, params, headers, body }: KeyedRequest,
): Promise<void> {
  const { ephemeral, keyRing, logger } = deps;
  const { 'idempotency-key': key } = headers;
  if (key === undefined) return;
  const connection = params.id;
  // Ownership is checked later, so the tenant is part of the key: requests of another tenant must not collide.
  const hash = createHash('sha256')
    .update(JSON.stringify([principal?.tenant, verb, key]))
    .digest('base64url');
  const name = ephemeralKeys.request(connection, hash);
  // A keyed digest, because the body may contain a passcode, which is short enough to guess.
  const canonical = JSON.stringify([verb, connection, sorted(body)]);
  try {
    if (await ephemeral.putIfAbsent(name, keyRing.digest('invitation', canonical), REMEMBERED_SECONDS)) return;
    const before = await ephemeral.get(name);
    if (typeof before === 'string' && !keyRing.matches('invitation', canonical, before)) {
      throw apiProblems.idempotencyKeyReused();
    }
  } catch (error) {
    if (!(error instanceof EphemeralStoreUnavailable)) throw error;
    logger.warn({ err: error, connection }, 'A repeated request could not be compared with the first.');
  }
}

/** The order of an object's members says nothing (RFC 8259, 4). */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([one], [other]) => (one < other ? -1 : 1))
      .map(([name, member]) => [name, sorted(member)]),
  );
}

/**
 * The id that identifies a repeated verb: the verb and a hash of the caller's key, because it is kept in workflow
 * state. Empty without a key: every request is then a new one.
 */
export function requestIdOf(verb: string, idempotencyKey: string | undefined): Pick<Command, 'requestId'> {
  if (idempotencyKey === undefined) return {};
  return { requestId: `${verb}:${createHash('sha256').update(idempotencyKey).digest('base64url').slice(0, 22)}` };
}
