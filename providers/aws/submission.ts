import { Value } from 'typebox/value';

import { problems, type Problem } from '../../contracts/problem.ts';
import { ProviderError, type CallContext, type Delivery } from '../provider.ts';
import { durationInvalid, notARoleArn, otherPartition } from './role-problems.ts';
import { parseRoleArn, RecordSchema, type RoleArn, type RoleRecord } from './schema.ts';

/** AWS's own default, and its cap for a role that a role assumes. */
const LONGEST_SECONDS = 3600;
const SHORTEST_SECONDS = 900;

/** What a customer submitted for a connection, checked as far as it can be without asking AWS. */
export interface Submission {
  readonly record: RoleRecord;
  readonly arn: RoleArn;
  readonly durationSeconds: number;
  readonly sessionPolicy: string | undefined;
  readonly sessionName: string;
}

/** Throws {@link ProviderError} of class `user`, naming what to correct; nothing is sent before that. */
export function readSubmission({ record: stored, region, connectionId }: CallContext): Submission {
  const record = stored.reveal();
  if (!Value.Check(RecordSchema, record)) throw refusal(problems.credentialMissing);
  const arn = parseRoleArn(record.role_arn);
  if (!arn) throw refusal(notARoleArn(record.role_arn));
  if (arn.partition !== region) throw refusal(otherPartition(arn, region));
  const durationSeconds = Number(record.duration_seconds || LONGEST_SECONDS);
  const inRange = durationSeconds >= SHORTEST_SECONDS && durationSeconds <= LONGEST_SECONDS;
  if (!Number.isInteger(durationSeconds) || !inRange) throw refusal(durationInvalid);
  return {
    record,
    arn,
    durationSeconds,
    sessionPolicy: record.session_policy || undefined,
    // 2 to 64 of these characters; the customer finds the connection by it in CloudTrail.
    sessionName: connectionId.replaceAll(/[^\w+=,.@-]/g, '-').slice(0, 64),
  };
}

export const refusal = (problem: Problem, delivery: Delivery = 'not_sent') =>
  new ProviderError({ class: 'user', problem, delivery });
