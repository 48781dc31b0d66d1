import type { ConnectionView, Tombstone } from '../../contracts/connection.ts';
import { problems } from '../../contracts/problem.ts';

/** What is left of a connection beyond Temporal's retention. */
export function tombstoneView(tombstone: Tombstone): ConnectionView {
  const { connection, account, disconnectedAt, status } = tombstone;
  return {
    ...connection,
    name: null,
    tags: [],
    status,
    statusSince: disconnectedAt,
    problem: status === 'expired' ? problems.invitationExpired : null,
    warnings: [],
    account,
    setup: {},
    credential: null,
    invitation: null,
    verification: null,
    discovery: null,
    tombstone: status === 'disconnected' ? tombstone : null,
    createdAt: disconnectedAt,
    updatedAt: disconnectedAt,
  };
}
