import type { OAuthApplication } from '../../oauth/clients.ts';

/** The short name stands in URNs (`urn:v1:eu:…`) and in the environment variables' prefix. */
export interface OvhRegion {
  readonly id: string;
  readonly short: string;
  readonly variablePrefix: string;
  readonly applications: readonly [signIn: OAuthApplication, service: OAuthApplication];
}

export const ovhRegions: readonly OvhRegion[] = ['eu', 'us', 'ca'].map((short) => ({
  id: `ovh-${short}`,
  short,
  variablePrefix: `OVH_${short.toUpperCase()}`,
  applications: [
    {
      clientId: `sandbox-${short}-0f1e2d3c`,
      clientSecret: `sandbox-${short}-application-secret`,
      name: 'Mooring',
      flow: 'authorization_code',
    },
    {
      clientId: `sandbox-${short}-4b5a6978`,
      clientSecret: `sandbox-${short}-service-secret`,
      name: 'Mooring service account',
      flow: 'client_credentials',
    },
  ],
}));

/** What the operator of a real installation would set, for all three regions. */
export function ovhEnvironment(origin: string): Record<string, string> {
  return Object.fromEntries(
    ovhRegions.flatMap(({ id, variablePrefix, applications: [signIn] }) => [
      [`${variablePrefix}_AUTHORIZE_URL`, `${origin}/${id}/auth/oauth2/authorize`],
      [`${variablePrefix}_TOKEN_URL`, `${origin}/${id}/auth/oauth2/token`],
      [`${variablePrefix}_REVOKE_URL`, `${origin}/${id}/auth/oauth2/revoke`],
      [`${variablePrefix}_API_URL`, `${origin}/${id}/1.0`],
      [`${variablePrefix}_CREATE_TOKEN_URL`, `${origin}/${id}/createToken/`],
      [`${variablePrefix}_CLIENT_ID`, signIn.clientId],
      [`${variablePrefix}_CLIENT_SECRET`, signIn.clientSecret],
    ]),
  );
}
