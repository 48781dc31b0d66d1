import type { ConnectionRef, ConnectionStatus, ConnectionView } from './connection.ts';
import type { ConnectionInput } from './messages.ts';
import { iso } from './time.ts';

/** The first invitation's epoch; the workflow counts on from it. */
export const FIRST_EPOCH = 1;

/** The view of a connection of which only this is known; callers set the other fields over it. `at` is ISO 8601. */
export function emptyView(
  { id, tenant, provider, region, method }: ConnectionRef,
  status: ConnectionStatus,
  at: string,
): ConnectionView {
  return {
    id,
    tenant,
    provider,
    region,
    method,
    name: null,
    tags: [],
    status,
    statusSince: at,
    problem: null,
    warnings: [],
    account: null,
    setup: {},
    credential: null,
    invitation: null,
    verification: null,
    discovery: null,
    tombstone: null,
    createdAt: at,
    updatedAt: at,
  };
}

/** The view before any worker has run the workflow. It is in the memo, so that the connection is listed at once. */
export function initialView(input: ConnectionInput, nowMs: number): ConnectionView {
  const { name, tags, setup, invitation, discovery } = input;
  const { lifetimeSeconds, passcodeRequired, confirm } = invitation;
  return {
    ...emptyView(input, 'awaiting_customer', iso(nowMs)),
    name,
    tags,
    setup,
    invitation: {
      epoch: FIRST_EPOCH,
      expiresAt: iso(nowMs + lifetimeSeconds * 1000),
      purpose: 'connect',
      passcodeRequired,
      confirm,
      locked: false,
    },
    discovery: discovery && undiscovered(discovery),
  };
}

/** The discovery of a connection for which none has run yet. */
export const undiscovered = ({ intervalSeconds }: NonNullable<ConnectionInput['discovery']>) => ({
  intervalSeconds,
  nextAt: null,
  running: null,
  last: null,
});
