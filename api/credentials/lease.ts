import { Type, type Static } from 'typebox';
import { Compile } from 'typebox/compile';
import type { Problem } from '../../contracts/problem.ts';
import { iso } from '../../contracts/time.ts';
import type { AccessRecord } from '../../stores/secrets/credential-record.ts';
import { ConnectionStatusSchema, ProblemSchema } from '../connections/schema.ts';
import { ApiProblem } from '../http/problem.ts';
import { isLate } from '../../contracts/health.ts';

/** The fields of a record that the manifest names. Other fields are never returned. */
export const leasedCredential = (record: AccessRecord, leased: readonly string[]): Record<string, string> =>
  Object.fromEntries(
    Object.entries(record).filter(
      (entry): entry is [string, string] => leased.includes(entry[0]) && typeof entry[1] === 'string',
    ),
  );

export type LeaseDecision =
  | { readonly lease: 'serve'; readonly remainingSeconds: number | null }
  | { readonly lease: 'refresh'; readonly remainingSeconds: number }
  | { readonly lease: 'impossible'; readonly maximumTtlSeconds: number };

/** Whether a record lives long enough for this reader. Pure. */
export function decideLease(record: AccessRecord, minTtlSeconds: number, nowMs: number): LeaseDecision {
  const { mooring, expires_at: expiresAt } = record;
  if (expiresAt == null) return { lease: 'serve', remainingSeconds: null };
  const remainingSeconds = Math.floor(expiresAt - nowMs / 1000);
  if (remainingSeconds > 0 && remainingSeconds >= minTtlSeconds) return { lease: 'serve', remainingSeconds };
  const { ttl_seconds: maximum } = mooring;
  if (maximum !== null && minTtlSeconds > maximum) {
    return { lease: 'impossible', maximumTtlSeconds: Math.floor(maximum) };
  }
  return { lease: 'refresh', remainingSeconds };
}

export const lifeTooLong = (minTtlSeconds: number, maximumTtlSeconds: number): ApiProblem =>
  new ApiProblem({
    status: 422,
    code: 'minimum_life_too_long',
    message: `A life of ${minTtlSeconds} seconds was asked for; the cloud issues credentials for ${maximumTtlSeconds}.`,
    remedy: `Ask for at most ${maximumTtlSeconds} seconds.`,
    details: { maximumTtlSeconds },
  });

/** The warning for a reader who gets a credential with a shorter life than requested. */
export const shorterThanAsked = (remainingSeconds: number, cause: Problem): Problem => ({
  code: 'life_shorter_than_asked',
  message: `The credential lives for another ${remainingSeconds} seconds and could not be renewed now: ${cause.message}`,
  remedy: cause.remedy,
});

const Condition = Type.Object({
  status: ConnectionStatusSchema,
  problem: Type.Union([ProblemSchema, Type.Null()]),
  warnings: Type.Array(ProblemSchema),
});
const condition = Compile(Condition);

/** The condition that the connection last published, for readers of its credential. */
export type Condition = Static<typeof Condition>;

/** Undefined when the value is not a condition. */
export const parseCondition = (value: unknown): Condition | undefined => (condition.Check(value) ? value : undefined);

/** Problems of the connection become warnings, because the credential itself is valid until it expires. */
export const warningsOf = (known: Condition | undefined): Problem[] => [
  ...(known?.warnings ?? []),
  ...((known?.status === 'degraded' || known?.status === 'action_required') && known.problem ? [known.problem] : []),
];

/** When the renewal of a record was due, if it is overdue. ISO 8601. */
export function missedRenewal({ mooring }: AccessRecord, nowMs: number): string | undefined {
  const { next_refresh_at_ms: dueAtMs } = mooring;
  return dueAtMs !== null && isLate(dueAtMs, nowMs) ? iso(dueAtMs) : undefined;
}

export const renewalLate = (dueAt: string, cause: Problem | undefined): Problem => ({
  code: 'renewal_late',
  message: `The credential was to be renewed at ${dueAt}, and has not been${cause ? `: ${cause.message}` : '.'}`,
  remedy: cause?.remedy ?? 'GET the connection says what it is waiting for. Check that workers run: GET /readyz.',
});
