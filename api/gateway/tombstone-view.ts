import { Type } from 'typebox';
import { Value } from 'typebox/value';
import type { ConnectionView, Tombstone } from '../../workflows/contracts/connection.ts';

const stored = Type.Object({
  connection: Type.Object({
    id: Type.String(),
    tenant: Type.String(),
    provider: Type.String(),
    region: Type.String(),
    method: Type.String(),
  }),
  revocation: Type.Object({ outcome: Type.String() }),
  disconnectedAt: Type.String(),
});

/** What is left of a connection beyond Temporal's retention; undefined for a document that is no tombstone. */
export function tombstoneView(document: unknown): ConnectionView | undefined {
  if (!Value.Check(stored, document)) return undefined;
  // Written by our own worker from this very type; what the view is made of has just been checked.
  const tombstone = document as unknown as Tombstone;
  const { connection, account, disconnectedAt } = tombstone;
  return {
    ...connection,
    name: null,
    tags: [],
    status: 'disconnected',
    statusSince: disconnectedAt,
    problem: null,
    warnings: [],
    account,
    setup: {},
    credential: null,
    invitation: null,
    verification: null,
    discovery: null,
    tombstone,
    createdAt: disconnectedAt,
    updatedAt: disconnectedAt,
  };
}
