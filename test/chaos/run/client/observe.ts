import { Type, type Static } from 'typebox';
import { Value } from 'typebox/value';
import type { Findings } from '../invariants/findings.ts';
import type { Answer } from './http.ts';
import { isEnded, type Entry } from './ledger.ts';

const nullable = <T extends Type.TSchema>(schema: T) => Type.Union([schema, Type.Null()]);
const problem = Type.Object({ code: Type.String(), message: Type.String() });

/** As much of a connection as a run looks at. */
export const SeenConnection = Type.Object({
  id: Type.String(),
  status: Type.String(),
  statusSince: Type.String(),
  tags: Type.Array(Type.String()),
  warnings: Type.Array(Type.Object({ code: Type.String() })),
  problem: nullable(problem),
  credential: nullable(Type.Object({ generation: Type.Integer(), expiresAt: nullable(Type.String()) })),
  tombstone: Type.Unknown(),
  /** Whether Mooring itself keeps up with it. */
  health: Type.Optional(nullable(Type.Object({ state: Type.String() }))),
});
export type SeenConnection = Static<typeof SeenConnection>;

/** What a reader is served. */
const SeenCredential = Type.Object({
  credential: Type.Record(Type.String(), Type.String()),
  expiresAt: nullable(Type.String()),
  generation: Type.Integer(),
  warnings: Type.Array(Type.Object({ code: Type.String() })),
});
export type SeenCredential = Static<typeof SeenCredential>;

/**
 * How a connection tells that it spent a token once more on purpose: a marker of an attempt whose end was not known
 * stood in its record. With strict rotation the cloud then takes the grant back.
 */
const replayMarks = new Set(['rotation_response_lost', 'replayed']);

/** What its timeline adds: each event with its time. */
export function observeTimeline(entry: Entry, { status, body }: Answer): void {
  if (status !== 200) return;
  const { items } = body as { items: readonly { at: string; event: string }[] };
  for (const { at, event } of items) if (replayMarks.has(event)) entry.replays.add(Date.parse(at));
}

/** How long the API may take to notice what an operator did. A Cancel is carried out by a worker, which may be frozen. */
const NOTICED_WITHIN_MS = { terminated: 15_000, cancelled: 60_000 } as const;

export const connectionOf = (answer: Answer): SeenConnection | undefined =>
  answer.status === 200 && Value.Check(SeenConnection, answer.body) ? answer.body : undefined;

/** Holds an answer of `GET /v1/connections/{id}` against the ledger, and notes what it says. */
export function observeConnection(findings: Findings, entry: Entry, answer: Answer): SeenConnection | undefined {
  const { id, acceptedAtMs, disconnect } = entry;
  const { sentAtMs } = answer;
  const accepted = acceptedAtMs !== null && acceptedAtMs < sentAtMs;
  if (answer.status === 404) {
    if (accepted) findings.check('kept', id, 'GET answers 404');
    return undefined;
  }
  const connection = connectionOf(answer);
  if (!connection) return undefined;
  const { status, credential } = connection;
  findings.check('kept', id, undefined);
  if (disconnect?.acceptedAtMs != null && disconnect.acceptedAtMs < sentAtMs) {
    const left = status === 'disconnecting' || status === 'disconnected';
    findings.check('gone', id, left ? undefined : `it is ${status} though its disconnection was accepted`);
  } else if (!disconnect && (status === 'disconnecting' || status === 'disconnected')) {
    findings.check('kept', id, `it is ${status} though nobody asked for that`);
  }
  const end = isEnded(entry) ? entry.ended.at(-1) : undefined;
  if (!disconnect && end && end.atMs + NOTICED_WITHIN_MS[end.how] < sentAtMs) {
    const told = `its workflow was ${end.how} ${Math.round((sentAtMs - end.atMs) / 1000)} s ago, and it is ${status}`;
    findings.check('seen', id, status === 'stopped' ? undefined : told);
  }
  // While the secret store is away, it says that it may not know the newest.
  const isConfirmed = connection.warnings.every(({ code }) => code !== 'facts_unconfirmed');
  if (isConfirmed) observeGeneration(findings, entry, credential?.generation, sentAtMs);
  entry.seen = { status, atMs: sentAtMs };
  if (connection.problem && status === 'action_required') {
    entry.refusals.add(connection.problem.code);
    if (replayMarks.has(connection.problem.code)) entry.replays.add(Date.parse(connection.statusSince));
  }
  return connection;
}

/** Holds an answer of `GET …/credentials` against the clock and the ledger. */
export function observeCredential(findings: Findings, entry: Entry, answer: Answer): SeenCredential | undefined {
  if (answer.status !== 200 || !Value.Check(SeenCredential, answer.body)) return undefined;
  const { expiresAt, warnings, generation } = answer.body;
  // It was read after the request was sent: what had expired by then was expired when it was served.
  const expired = expiresAt !== null && Date.parse(expiresAt) <= answer.sentAtMs && warnings.length === 0;
  const text = `generation ${generation} expired at ${expiresAt}, was asked for at ${new Date(answer.sentAtMs).toISOString()}`;
  findings.check('fresh', entry.id, expired ? text : undefined);
  return answer.body;
}

/** A request sees at least what was known before it was sent. */
function observeGeneration(findings: Findings, entry: Entry, generation: number | undefined, sentAtMs: number): void {
  if (generation === undefined) return;
  const { value, atMs } = entry.generation;
  const text = `its generation is ${generation} after it was ${value}`;
  findings.check('written', entry.id, sentAtMs > atMs && generation < value ? text : undefined);
  if (generation > value) entry.generation = { value: generation, atMs: Date.now() };
}
