import { Secret } from '../platform/secret.ts';
import { SecretStoreUnavailable } from '../stores/secrets/port.ts';
import { newRecord } from '../stores/secrets/credential-record.ts';
import type { ConnectionActivities, ExchangeOutcome } from '../workflows/contracts/activities.ts';
import { problems } from '../workflows/contracts/problem.ts';
import { authMethodOf, type ActivityDependencies } from './dependencies.ts';
import { startDeadline } from './providers/deadline.ts';
import { ProviderError, type IssuedCredential } from './providers/provider.ts';
import { pendingKey, unixSeconds, withIssue, type Issue } from './records.ts';
import { sealIssue } from './sealed-reply.ts';

type Dependencies = Pick<ActivityDependencies, 'secrets' | 'providers' | 'keyRing' | 'clock'>;

const HTTP_DEADLINE_MS = 6_000;

/** Redeems an authorization code, once. Codes are single use: it never tries again by itself. */
export function createExchangeCode(deps: Dependencies): ConnectionActivities['exchangeCode'] {
  return async ({ connection, pendingRef, attemptId, code, sealedVerifier, iss, redirectUri }) => {
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
    const issue: Issue = { issued, attemptId, generation: 1, issuedAt: unixSeconds(deps.clock) };
    try {
      const record = withIssue(newRecord(connection), issue);
      await deps.secrets.write('pending', pendingKey(connection.id, pendingRef), record, { cas: 0 });
      return { outcome: 'granted', warnings };
    } catch (error) {
      if (!(error instanceof SecretStoreUnavailable)) throw error;
      return { outcome: 'sealed', sealed: sealIssue(deps.keyRing, connection.id, issue), warnings };
    }
  };
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
