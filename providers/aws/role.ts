import { Value } from 'typebox/value';

import type { Clock } from '../../platform/clock.ts';
import type { JsonObject } from '../../platform/json.ts';
import { Secret } from '../../platform/secret.ts';
import { problems, type Problem } from '../../contracts/problem.ts';
import { calling } from '../http/call-watch.ts';
import { classified } from '../http/classify.ts';
import { ProviderError, type AuthMethod, type CallContext, type Delivery, type IssuedCredential } from '../provider.ts';
import type { OpenPartition, PartitionAccess, Session } from './client.ts';
import { awsClassifier, type Operation } from './errors.ts';
import { LONGEST_SESSION_POLICY } from './manifest.ts';
import {
  durationInvalid,
  insecureTrustPolicy,
  notARoleArn,
  otherAccount,
  otherPartition,
  sessionPolicyTooLong,
  trustUnproven,
} from './problems.ts';
import { proveTrust, type TrustVerdict } from './role/trust-proof.ts';
import { parseRoleArn, RecordSchema, type RoleArn, type RoleRecord } from './schema.ts';

const DAY_SECONDS = 24 * 60 * 60;

/** A role of the customer's that we assume with this connection's external ID; each session is a credential. */
export function role(deps: { open: OpenPartition; clock: Clock; random: (bytes: number) => Buffer }): AuthMethod {
  const { open, clock, random } = deps;
  const nowSeconds = () => Math.floor(clock.now() / 1000);

  async function assume(access: PartitionAccess, submission: Submission, operation: Operation, signal: AbortSignal) {
    const { record, sessionName, durationSeconds, sessionPolicy } = submission;
    const request = { roleArn: record.role_arn, externalId: record.external_id, sessionName, durationSeconds };
    return classified(awsClassifier({ operation, region: access.region, record }), () =>
      calling('role.assume', () => access.client.assumeRole({ ...request, sessionPolicy }, signal)),
    );
  }

  const probe = (access: PartitionAccess, { record, sessionName }: Submission, signal: AbortSignal) => {
    const otherExternalId = random(24).toString('base64url');
    return classified(awsClassifier({ operation: 'ourselves', region: access.region, record }), () =>
      calling({ operation: 'trust.probe', isRefusalGood: true }, () =>
        proveTrust(access.client, { roleArn: record.role_arn, sessionName, otherExternalId }, signal),
      ),
    );
  };

  return {
    async prove(context) {
      const { signal } = context;
      const submission = readSubmission(context);
      const { record, arn } = submission;
      const access = open(context.region);
      const operation = record.session_token === undefined ? 'first' : 'again';
      const session = await assume(access, submission, operation, signal);
      const [caller, verdict, ourselves] = await Promise.all([
        classified(awsClassifier({ operation: 'whose', region: access.region, record }), () =>
          access.client.caller(signal, session),
        ),
        probe(access, submission, signal),
        access.ourselves(signal),
      ]);
      if (caller.accountId !== arn.accountId) throw refusal(otherAccount(arn.accountId, caller.accountId));
      refuseOpen(verdict, record, arn, ourselves.accountId);
      if (verdict.trust === 'unknown') throw unproven(verdict.why);
      return {
        account: { id: arn.accountId, displayName: arn.name },
        warnings: [],
        claim: record.role_arn,
        issued: issued(session, submission, nowSeconds()),
      };
    },

    async refresh(context) {
      const { signal } = context;
      const submission = readSubmission(context);
      const { record, arn } = submission;
      const access = open(context.region);
      const provenAt = record.trust_proven_at ?? 0;
      const isDue = nowSeconds() - provenAt >= DAY_SECONDS;
      const [session, verdict] = await Promise.all([
        assume(access, submission, 'again', signal),
        isDue ? probe(access, submission, signal) : null,
      ]);
      if (verdict?.trust === 'open') {
        refuseOpen(verdict, record, arn, (await access.ourselves(signal)).accountId);
      }
      // A probe without an answer says nothing about the role: the session is good, and the next refresh asks again.
      return issued(session, submission, verdict?.trust === 'safe' ? nowSeconds() : provenAt);
    },

    revoke: () =>
      Promise.resolve({
        outcome: 'unsupported',
        note: 'AWS sessions cannot be revoked from outside; the last one ends by itself within an hour. Delete the role to end the access at once.',
      }),
  };
}

function issued(session: Session, { durationSeconds }: Submission, trustProvenAt: number): IssuedCredential {
  return {
    fields: new Secret<JsonObject>({
      access_key_id: session.accessKeyId,
      secret_access_key: session.secretAccessKey.reveal(),
      session_token: session.sessionToken.reveal(),
      trust_proven_at: trustProvenAt,
    }),
    // AWS grants the length that was asked for, or refuses. Its own `Expiration` is a time of day on another clock.
    ttlSeconds: durationSeconds,
    renewable: true,
    scopes: [],
    warnings: [],
  };
}

function refuseOpen(verdict: TrustVerdict, record: RoleRecord, arn: RoleArn, accountId: string): void {
  if (verdict.trust === 'open') throw refusal(insecureTrustPolicy(record, arn, accountId, verdict.opening), 'answered');
}

const unproven = (why: string) =>
  new ProviderError({ class: 'transient', problem: trustUnproven(why), delivery: 'answered' });

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
export function readSubmission({
  record: stored,
  region,
  connectionId,
}: Pick<CallContext, 'record' | 'region' | 'connectionId'>): Submission {
  const record = stored.reveal();
  if (!Value.Check(RecordSchema, record)) throw refusal(problems.credentialMissing);
  const arn = parseRoleArn(record.role_arn);
  if (!arn) throw refusal(notARoleArn(record.role_arn));
  if (arn.partition !== region) throw refusal(otherPartition(arn, region));
  const durationSeconds = Number(record.duration_seconds || LONGEST_SECONDS);
  const inRange = durationSeconds >= SHORTEST_SECONDS && durationSeconds <= LONGEST_SECONDS;
  if (!Number.isInteger(durationSeconds) || !inRange) throw refusal(durationInvalid);
  const sessionPolicy = record.session_policy || undefined;
  if ((sessionPolicy?.length ?? 0) > LONGEST_SESSION_POLICY) throw refusal(sessionPolicyTooLong);
  return {
    record,
    arn,
    durationSeconds,
    sessionPolicy,
    // 2 to 64 of these characters; the customer finds the connection by it in CloudTrail.
    sessionName: connectionId.replaceAll(/[^\w+=,.@-]/g, '-').slice(0, 64),
  };
}

const refusal = (problem: Problem, delivery: Delivery = 'not_sent') =>
  new ProviderError({ class: 'user', problem, delivery });
