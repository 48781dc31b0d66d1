import type { FastifyReply } from 'fastify';
import type {
  ConnectionRef,
  ConnectionView,
  CredentialFacts,
  RevocationOutcome,
  Tombstone,
} from '../../contracts/connection.ts';
import type { DiscoveryView } from '../../contracts/discovery.ts';
import type { Problem } from '../../contracts/problem.ts';
import { withoutPending } from '../temporal/description.ts';
import type { ConnectionsGateway } from '../temporal/gateway.ts';
import type { Found } from '../temporal/lookup.ts';
import type { UpdateOutcome } from '../temporal/send-update.ts';
import type { Connection } from './schema.ts';

/** A view as the API sends it. `found` has what was read of the pending activities, if that was read. */
export function connectionReply(
  view: ConnectionView,
  found: Pick<Found, 'verification' | 'health'> = { verification: null, health: null },
  nowMs = Date.now(),
): Connection {
  const waiting = found.verification ?? (view.verification && withoutPending(view.verification));
  return {
    ...view,
    tags: [...view.tags],
    problem: view.problem && problemReply(view.problem),
    warnings: view.warnings.map(problemReply),
    credential: view.credential && credentialReply(view.credential, nowMs),
    verification: waiting,
    discovery: view.discovery && discoveryReply(view.discovery),
    tombstone: view.tombstone && tombstoneReply(view.tombstone),
    health: found.health,
  };
}

/** The connection as it is now. */
export async function currentReply(
  connections: Pick<ConnectionsGateway, 'view'>,
  tenant: string,
  id: string,
): Promise<Connection> {
  const found = await connections.view(tenant, id);
  return connectionReply(found.view, found);
}

/** The connection after an update; with 202 as it is now, while the update is still running. */
export async function updateReply(
  connections: Pick<ConnectionsGateway, 'view'>,
  reply: FastifyReply,
  { tenant, id }: Pick<ConnectionRef, 'tenant' | 'id'>,
  update: UpdateOutcome<ConnectionView>,
): Promise<Connection> {
  if (update.outcome === 'served') return connectionReply(update.reply);
  reply.code(202);
  return await currentReply(connections, tenant, id);
}

const problemReply = ({ code, message, remedy, link, until }: Problem): Problem => ({
  code,
  message,
  remedy,
  ...(link === undefined ? {} : { link }),
  ...(until === undefined ? {} : { until }),
});

function discoveryReply({ last, ...plan }: DiscoveryView): NonNullable<Connection['discovery']> {
  return { ...plan, last: last && { ...last, problems: last.problems.map(problemReply) } };
}

function tombstoneReply({ account, revocation, disconnectedAt }: Tombstone): NonNullable<Connection['tombstone']> {
  return { account, disconnectedAt, revocation: revocationReply(revocation) };
}

const revocationReply = (revocation: RevocationOutcome): NonNullable<Connection['tombstone']>['revocation'] =>
  revocation.outcome === 'revoked' ? { ...revocation, revoked: [...revocation.revoked] } : revocation;

/** Facts, with the remaining life at this moment. */
export function credentialReply(facts: CredentialFacts, nowMs: number): NonNullable<Connection['credential']> {
  const { generation, renewable, scopes, issuedAt, expiresAt, nextRefreshAt } = facts;
  const secondsUntil = (from: number): number | null =>
    expiresAt === null ? null : Math.max(Math.round((Date.parse(expiresAt) - from) / 1000), 0);
  return {
    generation,
    ttlSeconds: secondsUntil(nowMs),
    lifetimeSeconds: secondsUntil(Date.parse(issuedAt)),
    renewable,
    scopes: [...scopes],
    issuedAt,
    expiresAt,
    nextRefreshAt,
  };
}
