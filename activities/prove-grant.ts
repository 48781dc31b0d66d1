import { cancellationSignal, Context } from '@temporalio/activity';
import type { JsonObject } from '../platform/json.ts';
import { Secret } from '../platform/secret.ts';
import type { ConnectionActivities, ProofInput, ProofOutcome } from '../contracts/activities.ts';
import { problems } from '../contracts/problem.ts';
import { takeClaim } from './claims.ts';
import { authMethodOf, type ActivityDependencies } from './dependencies.ts';
import { notYet, withStoreErrors } from './failures.ts';
import { prepareGrant } from './prepare-grant.ts';
import { ProviderError, type Proof } from '../providers/provider.ts';
import { publishFirst } from './publish-news.ts';
import { pendingKey, recordOrProblem, withIssue, type StoredRecord } from './records.ts';

type Dependencies = Pick<ActivityDependencies, 'secrets' | 'providers' | 'clock' | 'newId' | 'ephemeral' | 'logger'>;

/** Prepares a pending grant, proves that it works and says whose it is; waits out propagation by "not yet". */
export function createProveGrant(deps: Dependencies): ConnectionActivities['proveGrant'] {
  return async (input) => {
    const signal = cancellationSignal();
    await publishFirst(deps, input.connection, input.news, Context.current().info.attempt);
    return await proveOnce(deps, input, signal);
  };
}

/** One try, also made right after a code was redeemed. Throws "not yet". */
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
    proof = await method.prove({ ...context, record: new Secret<JsonObject>(stored.record.reveal()) });
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error;
    if (error.class === 'user' || error.class === 'revoked') return { outcome: 'refused', problem: error.problem };
    throw notYet(error.problem, error.retryAfterSeconds);
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
  return { outcome: 'proven', account: proof.account, warnings: proof.warnings };
}
