import { Type, type Static } from 'typebox';
import { Compile } from 'typebox/compile';
import { isoAt } from '../../platform/clock.ts';
import type { AccessRecord } from '../../stores/secrets/credential-record.ts';
import type { Problem } from '../../contracts/problem.ts';
import { isLate } from '../temporal/health.ts';
import { ConnectionStatusSchema, ProblemSchema } from '../connections/schema.ts';

const Condition = Type.Object({
  status: ConnectionStatusSchema,
  problem: Type.Union([ProblemSchema, Type.Null()]),
  warnings: Type.Array(ProblemSchema),
});
const condition = Compile(Condition);

/** What a connection last published of itself, for the readers of its credential. */
export type Condition = Static<typeof Condition>;

/** Undefined for what is none. */
export const parseCondition = (value: unknown): Condition | undefined => (condition.Check(value) ? value : undefined);

/** What is wrong with the connection is told beside the credential, which is good until it expires. */
export const warningsOf = (known: Condition | undefined): Problem[] => [
  ...(known?.warnings ?? []),
  ...((known?.status === 'degraded' || known?.status === 'action_required') && known.problem ? [known.problem] : []),
];

/** When the renewal of a record was due, where that is so long ago that it has been missed. ISO 8601. */
export function missedRenewal({ mooring }: AccessRecord, nowMs: number): string | undefined {
  const { next_refresh_at_ms: dueAtMs } = mooring;
  return dueAtMs !== null && isLate(dueAtMs, nowMs) ? isoAt(dueAtMs) : undefined;
}

export const renewalLate = (dueAt: string, cause: Problem | undefined): Problem => ({
  code: 'renewal_late',
  message: `The credential was to be renewed at ${dueAt}, and has not been${cause ? `: ${cause.message}` : '.'}`,
  remedy: cause?.remedy ?? 'GET the connection says what it is waiting for. Check that workers run: GET /readyz.',
});
