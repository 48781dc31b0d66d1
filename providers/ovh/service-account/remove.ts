import { createHash } from 'node:crypto';

import { Type } from 'typebox';

import type { Secret } from '../../../platform/secret.ts';
import type { OvhApi } from '../api.ts';
import { NamedClientSchema, NamedPolicySchema } from '../schema.ts';

/**
 * What a connection's service account and its policy are called at OVHcloud. Each consumer key makes one of its own:
 * re-authorising must not touch the account that is in use until the new one has proven itself.
 */
export function nameOf(connectionId: string, consumerKey: Secret<string>): string {
  const digest = createHash('sha256').update(consumerKey.reveal()).digest('hex').slice(0, 8);
  return `mooring-${connectionId}-${digest}`;
}

const CLIENTS = '/me/api/oauth2/client';

/**
 * Deletes a service account and its policy, found by their name: also those of a try whose answer never
 * came. Answers what was there. Throws `CallError`.
 */
export async function removeByName(api: OvhApi, name: string, signal: AbortSignal): Promise<string[]> {
  const remove = (path: string) => api.call({ method: 'DELETE', path, reply: Type.Unknown(), signal });
  const removed: string[] = [];

  const policies = await api.pages('/v2/iam/policy', NamedPolicySchema, signal);
  for (const policy of policies.filter((each) => each.name === name)) {
    await remove(`/v2/iam/policy/${encodeURIComponent(policy.id)}`);
    removed.push('iam_policy');
  }
  const ids = await api.call({ method: 'GET', path: CLIENTS, reply: Type.Array(Type.String()), signal });
  const clients = await Promise.all(
    ids.map((id) =>
      api.call({ method: 'GET', path: `${CLIENTS}/${encodeURIComponent(id)}`, reply: NamedClientSchema, signal }),
    ),
  );
  for (const client of clients.filter((each) => each.name === name)) {
    await remove(`${CLIENTS}/${encodeURIComponent(client.clientId)}`);
    removed.push('service_account');
  }
  return removed;
}
