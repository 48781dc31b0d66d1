import { createHash } from 'node:crypto';
import type { Command } from '../../contracts/messages.ts';

/**
 * What a repeat of a verb is recognised by: the verb and the caller's key, hashed because it ends up in workflow
 * state. Nothing without a key: then every request is its own.
 */
export function requestIdOf(verb: string, idempotencyKey: string | undefined): Pick<Command, 'requestId'> {
  if (idempotencyKey === undefined) return {};
  return { requestId: `${verb}:${createHash('sha256').update(idempotencyKey).digest('base64url').slice(0, 22)}` };
}
