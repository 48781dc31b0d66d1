import { Type, type Static } from 'typebox';

import { maybe } from '../../platform/schema.ts';

/** What this provider needs of the stored record: what was submitted, what was minted, and what AWS gave for it. */
export const RecordSchema = Type.Object({
  role_arn: Type.String({ minLength: 1 }),
  external_id: Type.String({ minLength: 2, maxLength: 1224 }),
  /** As submitted: text; an empty one counts as absent. */
  duration_seconds: Type.Optional(Type.Union([Type.String(), Type.Number(), Type.Null()])),
  session_policy: maybe(Type.String()),
  /** Present once a session was issued: the role has trusted us before. */
  session_token: Type.Optional(Type.String()),
  /** Unix seconds of the last complete proof that the trust policy demands the external ID. */
  trust_proven_at: Type.Optional(Type.Number()),
});
export type RoleRecord = Static<typeof RecordSchema>;

/** `AssumeRole`: the reply's `Credentials`. */
export const SessionSchema = Type.Object({
  AccessKeyId: Type.String({ minLength: 1 }),
  SecretAccessKey: Type.String({ minLength: 1 }),
  SessionToken: Type.String({ minLength: 1 }),
});

/** `GetCallerIdentity`. */
export const CallerSchema = Type.Object({
  Account: Type.String({ pattern: '^\\d{12}$' }),
  Arn: Type.String({ minLength: 1 }),
});

export interface RoleArn {
  readonly partition: string;
  readonly accountId: string;
  /** With its path, as AWS shows it to people. */
  readonly name: string;
}

/** Undefined where it is not a role's ARN. */
export function parseRoleArn(arn: string): RoleArn | undefined {
  const [, partition, accountId, name] =
    /^arn:(aws(?:-cn|-us-gov)?):iam::(\d{12}):role\/([\w+=,.@/-]{1,512})$/.exec(arn) ?? [];
  return partition && accountId && name ? { partition, accountId, name } : undefined;
}
