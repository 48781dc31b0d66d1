import Type from 'typebox';
import { Compile } from 'typebox/compile';

import { nullable } from '../../platform/schema.ts';
import { isAccessRecord, isCredentialRecord, liveKeys } from '../../stores/secrets/credential-record.ts';
import type { Gate, SecretStore } from '../../stores/secrets/port.ts';
import type { ConnectionAbout } from '../../contracts/activities.ts';
import type { ConnectionRef, Tombstone } from '../../contracts/connection.ts';
import { pendingKey } from '../records.ts';
import type { PendingGrant, Stored } from './decide.ts';

const Reference = Type.Object({
  id: Type.String(),
  tenant: Type.String(),
  provider: Type.String(),
  region: Type.String(),
  method: Type.String(),
});
const tombstoneDocument = Compile(
  Type.Object({ connection: Reference, revocation: Type.Object({ outcome: Type.String() }) }),
);
const aboutDocument = Compile(
  Type.Object({
    v: Type.Literal(1),
    connection: Reference,
    name: nullable(Type.String()),
    tags: Type.Array(Type.String()),
    setup: Type.Record(Type.String(), Type.String()),
    account: nullable(Type.Object({ id: Type.String(), displayName: nullable(Type.String()) })),
    epoch: Type.Integer({ minimum: 0 }),
    createdAt: Type.String(),
    discovery: nullable(Type.Object({ intervalSeconds: nullable(Type.Number()), concurrency: Type.Integer() })),
    request: nullable(Type.Object({ digest: Type.String(), invitationExpiresAt: Type.String() })),
  }),
);

/** What the secret store holds under an id, by name. Throws what the store throws. */
export async function readStored(secrets: SecretStore, id: string): Promise<Stored> {
  const [live, revoking, refs, tombstone] = await Promise.all([
    secrets.list('live', `${id}/`),
    secrets.list('revoking', `${id}/`),
    secrets.list('pending', `${id}/`),
    secrets.read('tombstones', id),
  ]);
  const pending = await Promise.all(refs.map(async (ref) => await readPending(secrets, id, ref)));
  return {
    live,
    revoking,
    pending: pending.filter((grant) => grant !== undefined),
    tombstone: asTombstone(tombstone?.data.reveal()),
  };
}

async function readPending(secrets: SecretStore, id: string, ref: string): Promise<PendingGrant | undefined> {
  const stored = await secrets.read('pending', pendingKey(id, ref));
  return stored && { ref, writtenAtMs: Date.parse(stored.writtenAt) };
}

/** Our own worker wrote it from this type; only the fields that a decision depends on are checked. */
const asTombstone = (document: unknown): Tombstone | null =>
  tombstoneDocument.Check(document) ? (document as unknown as Tombstone) : null;

/** The record from which a lost connection is started again; null if absent, or overwritten by another program. */
export async function readAbout(secrets: SecretStore, id: string): Promise<ConnectionAbout | null> {
  const document = (await secrets.read('live', liveKeys.about(id)))?.data.reveal();
  return aboutDocument.Check(document) && document.connection.id === id ? document : null;
}

/** The connection's reference, from any of its records: each names tenant, provider, region and method. */
export async function readReference(secrets: SecretStore, id: string, stored: Stored): Promise<ConnectionRef | null> {
  const { tombstone, live, revoking, pending } = stored;
  if (tombstone) return tombstone.connection;
  const keys: readonly (readonly [Gate, string])[] = [
    ...live.map((name) => ['live', `${id}/${name}`] as const),
    ...revoking.map((name) => ['revoking', `${id}/${name}`] as const),
    ...pending.map(({ ref }) => ['pending', pendingKey(id, ref)] as const),
  ];
  for (const [gate, key] of keys) {
    const document = (await secrets.read(gate, key))?.data.reveal();
    if (!isCredentialRecord(document) && !isAccessRecord(document)) continue;
    const { mooring, provider, endpoint: region, auth_method: method } = document;
    return { id, tenant: mooring.tenant, provider, region, method };
  }
  return null;
}
