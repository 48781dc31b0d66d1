import { Type, type Static } from 'typebox';
import { Value } from 'typebox/value';

const OneOrMore = Type.Union([Type.String(), Type.Array(Type.String())]);

const StatementSchema = Type.Object(
  {
    Sid: Type.Optional(Type.String()),
    Effect: Type.Union([Type.Literal('Allow'), Type.Literal('Deny')]),
    Principal: Type.Union([Type.Literal('*'), Type.Object({ AWS: OneOrMore }, { additionalProperties: false })]),
    Action: OneOrMore,
    Condition: Type.Optional(Type.Record(Type.String(), Type.Record(Type.String(), OneOrMore))),
  },
  { additionalProperties: false },
);

const PolicySchema = Type.Object({
  Version: Type.Literal('2012-10-17'),
  Statement: Type.Union([StatementSchema, Type.Array(StatementSchema, { minItems: 1 })]),
});
export type TrustPolicy = Static<typeof PolicySchema>;
type Statement = Static<typeof StatementSchema>;

export interface AssumeAttempt {
  readonly accountId: string;
  readonly arn: string;
  readonly externalId: string | null;
}

const operators: Readonly<Record<string, (value: string, pattern: string) => boolean>> = {
  StringEquals: (value, pattern) => value === pattern,
  StringEqualsIgnoreCase: (value, pattern) => value.toLowerCase() === pattern.toLowerCase(),
  StringLike: (value, pattern) => like(pattern).test(value),
};

/** Undefined where the document is malformed, or uses what this simulation does not evaluate. */
export function parseTrustPolicy(text: string): TrustPolicy | undefined {
  try {
    const document: unknown = JSON.parse(text);
    return Value.Check(PolicySchema, document) && statements(document).every(isEvaluated) ? document : undefined;
  } catch {
    return undefined;
  }
}

/** Allowed by one statement, denied by none. */
export function lets(policy: TrustPolicy, attempt: AssumeAttempt): boolean {
  const matching = statements(policy).filter((statement) => matches(statement, attempt));
  return matching.some(({ Effect }) => Effect === 'Allow') && matching.every(({ Effect }) => Effect === 'Allow');
}

const statements = ({ Statement }: TrustPolicy): Statement[] => [Statement].flat();

const isEvaluated = ({ Condition = {} }: Statement): boolean =>
  Object.entries(Condition).every(
    ([operator, keys]) =>
      operator.replace(/IfExists$/, '') in operators &&
      Object.keys(keys).every((key) => key.toLowerCase() === 'sts:externalid'),
  );

function matches({ Principal, Action, Condition = {} }: Statement, attempt: AssumeAttempt): boolean {
  const principals = Principal === '*' ? ['*'] : [Principal.AWS].flat();
  const ours = ['*', attempt.accountId, attempt.arn, attempt.arn.replace(/:[^:]+$/, ':root')];
  return (
    principals.some((principal) => ours.includes(principal)) &&
    [Action].flat().some((action) => like(action.toLowerCase()).test('sts:assumerole')) &&
    Object.entries(Condition).every(([operator, keys]) =>
      Object.values(keys).every((values) => holds(operator, [values].flat(), attempt.externalId)),
    )
  );
}

/** A key that the request lacks fails a condition, unless its operator ends in `IfExists`. */
function holds(operator: string, values: readonly string[], externalId: string | null): boolean {
  if (externalId === null) return operator.endsWith('IfExists');
  const test = operators[operator.replace(/IfExists$/, '')];
  return test !== undefined && values.some((value) => test(externalId, value));
}

/** Whether text fits a pattern with `*` and `?`. */
export const like = (pattern: string): RegExp =>
  new RegExp(
    `^${pattern
      .replaceAll(/[.+^${}()|[\]\\]/g, String.raw`\$&`)
      .replaceAll('*', '.*')
      .replaceAll('?', '.')}$`,
  );
