import { cancellationSignal, Context } from '@temporalio/activity';

import { startDeadline } from '../platform/deadline.ts';
import { Secret } from '../platform/secret.ts';
import { newRecord } from '../stores/secrets/credential-record.ts';
import { SecretStoreConflict, SecretStoreUnavailable } from '../stores/secrets/port.ts';
import type {
  ConnectionActivities,
  ExchangeInput,
  ExchangeOutcome,
  ProofInput,
  ProofOutcome,
} from '../contracts/activities.ts';
import type { CredentialFacts } from '../contracts/connection.ts';
import { problems } from '../contracts/problem.ts';
import { calling } from '../providers/http/call-watch.ts';
import { CALL_DEADLINE_MS } from '../providers/http/http.ts';
import { ProviderError, type IssuedCredential } from '../providers/provider.ts';
import { authMethodOf, type ActivityDependencies } from './dependencies.ts';
import { withStoreErrors } from './failures.ts';
import { inUse, promote, type InUse } from './promote-grant.ts';
import { proveOnce } from './prove-grant.ts';
import { publishFirst } from './publish-news.ts';
import { readAbout } from './reconcile/stored.ts';
import { pendingKey, recordOrProblem, withIssue, type Issue } from './records.ts';
import { sealIssue } from './sealed-reply.ts';

type Dependencies = Pick<
  ActivityDependencies,
  'secrets' | 'providers' | 'keyRing' | 'clock' | 'newId' | 'random' | 'ephemeral' | 'logger' | 'searchDigests'
>;

/**
 * The activity's timeout is 20 s. Reading the record in use takes up to 2 s, the exchange 6 s and writing the grant 2 s,
 * so a proof ends by 15 s.
 */
const PROOF_DEADLINE_MS = 5_000;
/**
 * Promotion makes four calls to the store in sequence, of at most 2 s each. It does not begin later than this after the
 * attempt was scheduled, so it ends before the timeout.
 */
const LAST_PROMOTION_MS = 11_000;

/**
 * Redeems an authorization code. A code can be used only once, so this never retries. Most grants work at once: they
 * are proven and promoted in the same attempt, which saves the workflow two activities. If that fails, the workflow
 * runs the missing step as an activity of its own, which is retried for as long as it takes.
 */
export function createExchangeCode(deps: Dependencies): ConnectionActivities['exchangeCode'] {
  return async ({ connection, pendingRef, attemptId, code, sealedVerifier, iss, redirectUri, promotion, news }) => {
    const [live] = await Promise.all([
      promotion && replaceable(deps, connection.id),
      publishFirst(deps, connection, news, 1),
    ]);
    const method = authMethodOf(deps, connection);
    if (!method.exchange) throw new Error(`${connection.method} has no code to exchange.`);
    const verifier = new Secret(deps.keyRing.open('envelope', sealedVerifier, connection.id).toString());
    const deadline = startDeadline(CALL_DEADLINE_MS);
    let issued: IssuedCredential;
    try {
      const request = { region: connection.region, code: new Secret(code), verifier, redirectUri, iss };
      issued = await method.exchange({ ...request, signal: deadline.signal });
    } catch (error) {
      if (!(error instanceof ProviderError)) throw error;
      return notExchanged(error);
    } finally {
      deadline.cancel();
    }
    const { warnings } = issued;
    const issue: Issue = { issued, attemptId, generation: 1, issuedAtMs: deps.clock.now(), nextRefreshAtMs: null };
    try {
      const record = withIssue(newRecord(connection), issue);
      await deps.secrets.write('pending', pendingKey(connection.id, pendingRef), record, { cas: 0 });
      const proof = await proveAtOnce(deps, { connection, pendingRef });
      const credential = live && (await promoteAtOnce(deps, { connection, pendingRef, promotion, proof, live }));
      return { outcome: 'granted', warnings, proof, credential };
    } catch (error) {
      if (!(error instanceof SecretStoreUnavailable)) throw error;
      return { outcome: 'sealed', sealed: sealIssue(deps.keyRing, connection.id, issue), warnings };
    }
  };
}

/**
 * The record that the grant will replace, read before the code is redeemed. A frozen attempt may continue after its
 * timeout, when a newer grant is in use. Its check-and-set uses the version read here, so the store refuses that write.
 */
async function replaceable({ secrets }: Dependencies, id: string): Promise<InUse | null> {
  try {
    return await inUse(secrets, id);
  } catch (error) {
    if (!(error instanceof SecretStoreUnavailable)) throw error;
    return null;
  }
}

async function proveAtOnce(deps: Dependencies, input: ProofInput): Promise<ProofOutcome | null> {
  const deadline = startDeadline(PROOF_DEADLINE_MS);
  try {
    const proof = await calling({ step: 'proof', operation: 'account.read' }, () =>
      proveOnce(deps, input, deadline.signal),
    );
    return proof.outcome === 'proven' ? proof : null;
  } catch {
    return null;
  } finally {
    deadline.cancel();
  }
}

interface ToPromote extends ProofInput {
  readonly promotion: ExchangeInput['promotion'];
  readonly proof: ProofOutcome | null;
  readonly live: InUse;
}

/** Null where the grant is not promoted here: the workflow promotes it later, or not at all. */
async function promoteAtOnce(
  deps: Dependencies,
  { connection, pendingRef, promotion, proof, live }: ToPromote,
): Promise<CredentialFacts | null> {
  if (!promotion || proof?.outcome !== 'proven' || isGivenUp(deps)) return null;
  const { account } = proof;
  if (promotion.accountId !== null && promotion.accountId !== account.id) return null;
  try {
    const about = { ...promotion.about, account };
    const outcome = await promote(deps, { connection, pendingRef, about }, live);
    return outcome.outcome === 'promoted' ? outcome.credential : null;
  } catch (error) {
    if (error instanceof SecretStoreUnavailable || error instanceof SecretStoreConflict) return null;
    throw error;
  }
}

/** Compares with the server's time of the attempt, because a frozen worker does not notice that it has timed out. */
const isGivenUp = ({ clock }: Dependencies): boolean =>
  cancellationSignal().aborted ||
  clock.now() - Context.current().info.currentAttemptScheduledTimestampMs > LAST_PROMOTION_MS;

function notExchanged({ class: kind, problem, delivery }: ProviderError): ExchangeOutcome {
  if (delivery === 'not_sent') return { outcome: 'not_sent', problem };
  switch (kind) {
    case 'config':
      return { outcome: 'misconfigured', problem };
    case 'user':
    case 'revoked':
      return { outcome: 'refused', problem };
    case 'transient':
      return delivery === 'answered'
        ? {
            outcome: 'refused',
            problem: { ...problem, remedy: `${problem.remedy} ${problems.exchangeAmbiguous.remedy}` },
          }
        : { outcome: 'ambiguous', problem: problems.exchangeAmbiguous };
  }
}

/**
 * A worker may be killed after it stored the grant, or even promoted it, and before it answered. The code is spent, but
 * the grant is not lost: the workflow continues where the attempt stopped.
 */
export function createRecoverExchange({
  secrets,
  searchDigests,
}: Pick<ActivityDependencies, 'secrets' | 'searchDigests'>): ConnectionActivities['recoverExchange'] {
  return ({ connection, pendingRef }) =>
    withStoreErrors(async () => {
      const pending = await recordOrProblem(secrets, 'pending', pendingKey(connection.id, pendingRef));
      if ('stored' in pending) return { outcome: 'granted', warnings: [], proof: null, credential: null };
      const { record } = await inUse(secrets, connection.id);
      // No pending record is left, so promotion has already written `about`, which has the account.
      const about = record?.mooring.grant === pendingRef ? await readAbout(secrets, connection.id) : null;
      if (!about?.account) return { outcome: 'ambiguous', problem: problems.exchangeAmbiguous };
      const { account } = about;
      const accountDigest = await searchDigests.account(connection.tenant, account.id);
      const proof = { outcome: 'proven', account, accountDigest, warnings: [] } as const;
      return { outcome: 'granted', warnings: [], proof, credential: null };
    });
}
