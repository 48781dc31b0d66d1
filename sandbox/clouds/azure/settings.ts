import { Type, type Static } from 'typebox';
import { oauthDefaults, OAuthSettingsSchema } from '../../oauth/settings.ts';
import type { OAuthApplication } from '../../oauth/clients.ts';
import { BrokenPagesSchema } from './resources/pages.ts';

export const AzureSettingsSchema = Type.Object(
  {
    ...OAuthSettingsSchema.properties,
    /** How long a new role assignment takes to show. */
    rolePropagationSeconds: Type.Integer({ minimum: 0 }),
    /** How long a new application, or a new secret of one, takes to be known everywhere. */
    applicationPropagationSeconds: Type.Integer({ minimum: 0 }),
    /** Subscriptions on one page of the list. */
    pageSize: Type.Integer({ minimum: 1 }),
    /** Resources on one page of the lists of Azure Resource Manager. */
    resourcePageSize: Type.Integer({ minimum: 1 }),
    /** The quota of Resource Graph for one principal. */
    graphQueriesIn5Seconds: Type.Integer({ minimum: 0 }),
    /** By endpoint. */
    brokenPages: BrokenPagesSchema,
  },
  { additionalProperties: false },
);
export type AzureSettings = Static<typeof AzureSettingsSchema>;

export const azureDefaults: AzureSettings = {
  ...oauthDefaults,
  // Microsoft: "refresh tokens aren't revoked when used to acquire new access tokens".
  spentTokensStayGood: true,
  rolePropagationSeconds: 0,
  applicationPropagationSeconds: 0,
  pageSize: 2,
  resourcePageSize: 1000,
  graphQueriesIn5Seconds: 15,
  brokenPages: {},
};

/** One of the simulated clouds of Microsoft's, below a path of its own. */
export interface AzureCloud {
  readonly id: string;
  readonly variablePrefix: string;
  /** What access tokens for Azure Resource Manager are asked for as. */
  readonly audience: string;
  /** Mooring's own app registration, which people sign in to. */
  readonly application: OAuthApplication;
}

export const azureClouds: readonly AzureCloud[] = [
  cloud('global', 'AZURE', 'https://management.azure.com', '1'),
  cloud('china', 'AZURE_CHINA', 'https://management.chinacloudapi.cn', '2'),
  cloud('us-government', 'AZURE_US_GOVERNMENT', 'https://management.usgovcloudapi.net', '3'),
];

function cloud(id: string, variablePrefix: string, audience: string, digit: string): AzureCloud {
  return {
    id,
    variablePrefix,
    audience,
    application: {
      clientId: `a99a99a${digit}-0000-4000-8000-00000000000a`,
      clientSecret: `sandbox~${id}~application~secret`,
      name: 'Mooring',
      flow: 'authorization_code',
    },
  };
}

/** What the operator of a real installation would set, for all three clouds. */
export function azureEnvironment(origin: string): Record<string, string> {
  return Object.fromEntries(
    azureClouds.flatMap(({ id, variablePrefix, application }) => [
      [`${variablePrefix}_AUTHORITY_HOST`, `${origin}/azure/${id}`],
      [`${variablePrefix}_AUTHORIZE_URL`, `${origin}/azure/${id}/{tenantId}/oauth2/v2.0/authorize`],
      [`${variablePrefix}_TOKEN_URL`, `${origin}/azure/${id}/{tenantId}/oauth2/v2.0/token`],
      [`${variablePrefix}_ADMIN_CONSENT_URL`, `${origin}/azure/${id}/{tenantId}/adminconsent`],
      [`${variablePrefix}_APP_REGISTRATIONS_URL`, `${origin}/azure/${id}/app-registrations`],
      [`${variablePrefix}_API_URL`, `${origin}/azure/${id}`],
      [`${variablePrefix}_CLIENT_ID`, application.clientId],
      [`${variablePrefix}_CLIENT_SECRET`, application.clientSecret],
    ]),
  );
}
