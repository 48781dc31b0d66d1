import { isoAt } from '../../platform/clock.ts';
import type { News } from '../../contracts/activities.ts';
import type { ConnectionView } from '../../contracts/connection.ts';
import type { ConnectionInput } from '../../contracts/messages.ts';

/** The first invitation's epoch; the workflow counts on from it. */
export const FIRST_EPOCH = 1;

/** What a connection looks like before any worker has looked at it: kept in the memo, so that it is listed at once. */
export function initialView(input: ConnectionInput, nowMs: number): ConnectionView {
  const { id, tenant, provider, region, method, name, tags, invitation } = input;
  const now = isoAt(nowMs);
  return {
    id,
    tenant,
    provider,
    region,
    method,
    name,
    tags,
    status: 'awaiting_customer',
    statusSince: now,
    problem: null,
    warnings: [],
    account: null,
    setup: input.setup,
    credential: null,
    invitation: {
      epoch: FIRST_EPOCH,
      expiresAt: isoAt(nowMs + invitation.lifetimeSeconds * 1000),
      purpose: 'connect',
      passcodeRequired: invitation.passcodeRequired,
      confirm: invitation.confirm,
    },
    verification: null,
    discovery: input.discovery && {
      intervalSeconds: input.discovery.intervalSeconds,
      nextAt: null,
      running: null,
      last: null,
    },
    tombstone: null,
    createdAt: now,
    updatedAt: now,
  };
}

/** What is told of a connection that was just started: the first entry of its timeline, as the workflow has it. */
export function invitedNews({ status, problem, warnings, createdAt, invitation }: ConnectionView): News {
  const text = `Invitation made; it runs out at ${invitation?.expiresAt ?? createdAt}.`;
  return { status, problem, warnings, entries: [{ at: createdAt, event: 'invited', text }] };
}
