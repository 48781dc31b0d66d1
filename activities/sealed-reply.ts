import type { JsonObject } from '../platform/json.ts';
import type { KeyRing } from '../platform/key-ring.ts';
import { Secret } from '../platform/secret.ts';
import type { SealedReply } from '../contracts/activities.ts';
import type { Issue } from './records.ts';

interface Envelope {
  readonly fields: JsonObject;
  readonly ttlSeconds: number | null;
  readonly renewable: boolean;
  readonly scopes: readonly string[];
  /** Unix milliseconds. */
  readonly issuedAtMs: number;
  readonly nextRefreshAtMs: number | null;
}

/** A cloud's reply as it may pass through a workflow: sealed under the key ring, bound to its connection. */
export function sealIssue(keyRing: KeyRing, connectionId: string, issue: Issue): SealedReply {
  const { ttlSeconds, renewable, scopes, fields } = issue.issued;
  const { issuedAtMs, nextRefreshAtMs } = issue;
  const envelope: Envelope = { fields: fields.reveal(), ttlSeconds, renewable, scopes, issuedAtMs, nextRefreshAtMs };
  return {
    envelope: keyRing.seal('envelope', JSON.stringify(envelope), connectionId),
    attemptId: issue.attemptId,
    generation: issue.generation,
  };
}

export function openIssue(keyRing: KeyRing, connectionId: string, sealed: SealedReply): Issue {
  const opened = keyRing.open('envelope', sealed.envelope, connectionId).toString();
  const { fields, ttlSeconds, renewable, scopes, issuedAtMs, nextRefreshAtMs } = JSON.parse(opened) as Envelope;
  return {
    issued: { fields: new Secret(fields), ttlSeconds, renewable, scopes },
    attemptId: sealed.attemptId,
    generation: sealed.generation,
    issuedAtMs,
    nextRefreshAtMs,
  };
}

/** The same reply under the key that seals now: a key that is being retired is then not needed for it any more. */
export function resealIssue(keyRing: KeyRing, connectionId: string, sealed: SealedReply): SealedReply {
  return {
    ...sealed,
    envelope: keyRing.seal('envelope', keyRing.open('envelope', sealed.envelope, connectionId), connectionId),
  };
}
