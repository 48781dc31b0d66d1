import { Secret } from '../platform/secret.ts';
import { SecretStoreUnavailable } from '../stores/secrets/port.ts';
import { newRecord } from '../stores/secrets/credential-record.ts';
import type { ConnectionActivities, ExchangeOutcome, ProofInput, ProofOutcome } from '../contracts/activities.ts';
import { problems } from '../contracts/problem.ts';
import { authMethodOf, type ActivityDependencies } from './dependencies.ts';
import { startDeadline } from '../providers/http/deadline.ts';
import { ProviderError, type IssuedCredential } from '../providers/provider.ts';
import { proveOnce } from './prove-grant.ts';
import { publishFirst } from './publish-news.ts';
import { pendingKey, withIssue, type Issue } from './records.ts';
import { sealIssue } from './sealed-reply.ts';

type Dependencies = Pick<
  ActivityDependencies,
  'secrets' | 'providers' | 'keyRing' | 'clock' | 'newId' | 'ephemeral' | 'logger'
>;

const HTTP_DEADLINE_MS = 6_000;
/** The activity may last 15 s: what is left of that for a first proof, after the exchange and the store's 2 s. */
const PROOF_DEADLINE_MS = 5_000;

/** Redeems an authorization code, once. Codes are single use: it never tries again by itself. */
export function createExchangeCode(deps: Dependencies): ConnectionActivities['exchangeCode'] {
  return async ({ connection, pendingRef, attemptId, code, sealedVerifier, iss, redirectUri, news }) => {
    await publishFirst(deps, connection, news, 1);
    const method = authMethodOf(deps, connection);
    if (!method.exchange) throw new Error(`${connection.method} has no code to exchange.`);
    const verifier = new Secret(deps.keyRing.open('envelope', sealedVerifier, connection.id).toString());
    const deadline = startDeadline(HTTP_DEADLINE_MS);
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
      return { outcome: 'granted', warnings, proof: await proveAtOnce(deps, { connection, pendingRef }) };
    } catch (error) {
      if (!(error instanceof SecretStoreUnavailable)) throw error;
      return { outcome: 'sealed', sealed: sealIssue(deps.keyRing, connection.id, issue), warnings };
    }
  };
}

/**
 * Most grants work at once: then the workflow is spared a whole activity. Whatever else comes of it, the proof is made
 * again as an activity of its own, which waits for as long as the cloud needs.
 */
async function proveAtOnce(deps: Dependencies, input: ProofInput): Promise<ProofOutcome | null> {
  const deadline = startDeadline(PROOF_DEADLINE_MS);
  try {
    const proof = await proveOnce(deps, input, deadline.signal);
    return proof.outcome === 'proven' ? proof : null;
  } catch {
    return null;
  } finally {
    deadline.cancel();
  }
}

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
