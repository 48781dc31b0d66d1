import { randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import type { Guide } from '../../../api/connections/guide.ts';
import type { SandboxClient } from '../../../sandbox/client.ts';
import type { Invited, Platform } from './connect.ts';

export interface InvitedRole extends Invited {
  readonly guide: Guide;
}

/** A connection that waits for a role's ARN. */
export async function inviteRole(backend: Platform, more: object = {}): Promise<InvitedRole> {
  return (await backend.invite({ provider: 'aws', region: 'aws', ...more })) as InvitedRole;
}

/** The trust policy of a connection's guide, as a customer copies it. */
export function trustPolicyOf({ guide }: InvitedRole): object {
  const text = guide.blocks.find(({ format }) => format === 'json')?.text;
  if (text === undefined) expect.fail('The guide has no trust policy.');
  return JSON.parse(text) as object;
}

/** Does what the guide says; answers the new role's ARN. */
export async function makeRole(
  cloud: SandboxClient,
  invited: InvitedRole,
  trustPolicy: object = trustPolicyOf(invited),
): Promise<string> {
  return await cloud.putAwsRole({ name: `mooring-${randomUUID().slice(0, 8)}`, trustPolicy });
}
