import { rotatingSignIn } from '../oauth/sign-in.ts';
import type { MethodDependencies } from '../preconditions.ts';
import type { AuthMethod } from '../provider.ts';
import { authorizationServer, createOvhClient } from './client.ts';
import { ovhClassifier } from './errors.ts';
import { noAccessToken, noRefreshTokenWarning } from './problems.ts';

/** OVHcloud documents one hour. */
const DOCUMENTED_TTL_SECONDS = 3600;

/** Sign-in by the customer; each refresh replaces the refresh token. */
export const authorizationCode = (deps: MethodDependencies): AuthMethod =>
  rotatingSignIn(deps, 'authorization_code', {
    server: authorizationServer,
    account: async ({ region, accessToken, signal }) => ({
      account: await createOvhClient(deps, region, { kind: 'token', accessToken }).account(signal),
      warnings: [],
    }),
    classifier: (operation, { manifest }) => ovhClassifier({ operation, region: manifest }),
    terms: {
      documentedTtlSeconds: DOCUMENTED_TTL_SECONDS,
      noAccessToken,
      noRefreshToken: noRefreshTokenWarning,
    },
  });
