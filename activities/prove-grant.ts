import { cancellationSignal, Context } from '@temporalio/activity';

import { startDeadline } from '../platform/deadline.ts';
import type { JsonObject } from '../platform/json.ts';
import { Secret } from '../platform/secret.ts';
import type { CredentialRecord } from '../stores/secrets/credential-record.ts';
import type { ConnectionActivities, ProofInput, ProofOutcome } from '../contracts/activities.ts';
import { problems } from '../contracts/problem.ts';
import { ProviderError, type AuthMethod, type CallContext, type Prepared, type Proof } from '../providers/provider.ts';
import { takeClaim } from './claims.ts';
import { authMethodOf, type ActivityDependencies } from './dependencies.ts';
import { cloudNotYet, withStoreErrors } from './failures.ts';
import { publishFirst } from './publish-news.ts';
import { pendingKey, recordOrProblem, withIssue, type StoredRecord } from './records.ts';
import { tellInAttempt } from './webhooks/tell-events.ts';

type Dependencies = Pick<
  ActivityDependencies,
  'secrets' | 'providers' | 'clock' | 'newId' | 'ephemeral' | 'logger' | 'searchDigests'
>;

/** Prepares a pending grant, proves that it works and says whose it is. Throws "not yet" until it has propagated. */
export function createProveGrant(
  deps: Dependencies & Pick<ActivityDependencies, 'tellEndpoints'>,
): ConnectionActivities['proveGrant'] {
  return async (input) => {
    const signal = cancellationSignal();
    const context = Context.current();
    const telling = tellInAttempt(deps, input, context);
    try {
      await publishFirst(deps, input.connection, input.news, context.info.attempt);
      const outcome = await proveOnce(deps, input, signal);
      return { ...outcome, ...(await telling) };
    } finally {
      await telling;
    }
  };
}

/** One attempt; `exchangeCode` makes one too, right after it redeemed a code. Throws "not yet". */
export async function proveOnce(
  deps: Dependencies,
  { connection, pendingRef }: ProofInput,
  signal: AbortSignal,
): Promise<ProofOutcome> {
  const key = pendingKey(connection.id, pendingRef);
  const read = await withStoreErrors(() => recordOrProblem(deps.secrets, 'pending', key));
  if ('problem' in read) return { outcome: 'refused', problem: read.problem };
  const method = authMethodOf(deps, connection);
  const context = { region: connection.region, connectionId: connection.id, signal };
  let stored: StoredRecord;
  let proof: Proof;
  try {
    stored = await prepareGrant(deps, method, { key, stored: read.stored, context });
    proof = await method.prove({ ...context, record: stored.record });
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error;
    if (error.class === 'user' || error.class === 'revoked') return { outcome: 'refused', problem: error.problem };
    throw cloudNotYet(error, deps.clock.now());
  }
  const record = stored.record.reveal();
  const { issued, claim } = proof;
  if (claim !== undefined && !(await withStoreErrors(() => takeClaim(deps.secrets, connection, claim)))) {
    return { outcome: 'refused', problem: problems.claimedElsewhere };
  }
  const claimed = { ...record, mooring: { ...record.mooring, claim: claim ?? null } };
  if (issued) {
    const issue = {
      issued,
      attemptId: deps.newId(),
      generation: 1,
      issuedAtMs: deps.clock.now(),
      nextRefreshAtMs: null,
    };
    await withStoreErrors(() => deps.secrets.write('pending', key, withIssue(claimed, issue), { cas: stored.version }));
  } else if (claim !== undefined) {
    await withStoreErrors(() =>
      deps.secrets.write('pending', key, new Secret<JsonObject>(claimed), { cas: stored.version }),
    );
  }
  const { account, warnings } = proof;
  const accountDigest = await withStoreErrors(() => deps.searchDigests.account(connection.tenant, account.id));
  return { outcome: 'proven', account, accountDigest, warnings };
}

/** With the time to undo it, below the activity's 15 s: a preparation must not run on beside the next attempt. */
const PREPARATION_MS = 8_000;

/**
 * Turns the submitted values into those that are kept, where the method needs it. Fields that are no longer needed are
 * removed, and then every older version is destroyed. An attempt that was killed in between leaves a prepared record
 * with old versions, so they are destroyed each time. Throws `ProviderError`.
 */
async function prepareGrant(
  { secrets }: Pick<ActivityDependencies, 'secrets'>,
  method: AuthMethod,
  submission: { readonly key: string; readonly stored: StoredRecord; readonly context: Omit<CallContext, 'record'> },
): Promise<StoredRecord> {
  if (!method.prepare) return submission.stored;
  const { key, stored, context } = submission;
  const prepared = await inTime(method.prepare.bind(method), context, stored);
  let current = stored;
  if (prepared) {
    const record = withPrepared(stored.record.reveal(), prepared);
    const write = () => secrets.write('pending', key, new Secret<JsonObject>(record), { cas: stored.version });
    current = { version: await withStoreErrors(write), record: new Secret(record) };
  }
  if (current.version > 1) await withStoreErrors(() => secrets.prune('pending', key, current.version));
  return current;
}

async function inTime(
  prepare: NonNullable<AuthMethod['prepare']>,
  context: Omit<CallContext, 'record'>,
  { record }: StoredRecord,
): Promise<Prepared | undefined> {
  const deadline = startDeadline(PREPARATION_MS);
  try {
    const signal = AbortSignal.any([context.signal, deadline.signal]);
    return await prepare({ ...context, signal, record });
  } finally {
    deadline.cancel();
  }
}

function withPrepared(record: CredentialRecord, { fields, dropped }: Prepared): CredentialRecord {
  const kept = Object.entries(record).filter(([name]) => !dropped.includes(name));
  return { ...Object.fromEntries(kept), ...fields.reveal(), mooring: record.mooring } as CredentialRecord;
}
