import { Secret } from '../../platform/secret.ts';
import { rotatingSignIn, SignInRecordSchema } from '../oauth/sign-in.ts';
import { parseRecord } from '../preconditions.ts';
import { ProviderError, type AuthMethod } from '../provider.ts';
import { createGcpClient, type GcpMethodDependencies } from './client.ts';
import { gcpClassifier } from './errors.ts';
import { accessEnds, noAccessToken, noProjects, noRefreshTokenWarning } from './problems.ts';

/** What Google documents. */
const DOCUMENTED_TTL_SECONDS = 3600;
/** A token is not shown to an API when it would expire on the way. */
const NEARLY_EXPIRED_SECONDS = 60;

/** Sign-in by the customer; the refresh token stays the same. */
export function authorizationCode(deps: GcpMethodDependencies, methodId: string): AuthMethod {
  const { clock } = deps;
  const signIn = rotatingSignIn(deps, methodId, {
    server: ({ urls }, client) => ({
      issuer: urls['issuer'] ?? '',
      tokenUrl: urls['token'] ?? '',
      revokeUrl: urls['revoke'] ?? '',
      ...client,
    }),
    async account({ region, accessToken, signal }) {
      const google = createGcpClient(deps, region);
      const account = await google.account(accessToken, signal);
      const { rows: projects, warnings } = await google.projects(accessToken, signal);
      if (projects.length > 0) return { account, warnings };
      const problem = noProjects(account.displayName ?? account.id, undefined, region);
      throw new ProviderError({ class: 'transient', problem, delivery: 'answered' });
    },
    classifier: (operation, region, redirectUri) =>
      gcpClassifier({
        operation,
        region,
        ...(redirectUri !== undefined && { redirectUri }),
      }),
    terms: {
      documentedTtlSeconds: DOCUMENTED_TTL_SECONDS,
      noAccessToken,
      noRefreshToken: noRefreshTokenWarning,
      warnings: ({ refreshTtlSeconds }) =>
        refreshTtlSeconds === null ? [] : [accessEnds(new Date(clock.now() + refreshTtlSeconds * 1000))],
    },
  });

  return {
    ...signIn,
    async prove(context) {
      const stored = parseRecord(SignInRecordSchema, context.record);
      // A role that was asked for may be granted days later, when the token of the sign-in has long expired.
      const hasExpired = (stored.expires_at ?? Infinity) - clock.now() / 1000 < NEARLY_EXPIRED_SECONDS;
      if (!hasExpired || stored.refresh_token === undefined) return await signIn.prove(context);
      const issued = await signIn.refresh(context);
      const record = new Secret({ ...context.record.reveal(), ...issued.fields.reveal() });
      return { ...(await signIn.prove({ ...context, record })), issued };
    },
  };
}
