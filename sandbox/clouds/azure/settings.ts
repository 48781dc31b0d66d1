import { Type, type Static } from 'typebox';

import { oauthDefaults, OAuthSettingsSchema } from '../../oauth/settings.ts';

export const AzureSettingsSchema = Type.Object(
  {
    ...OAuthSettingsSchema.properties,
    /** How long a new role assignment takes to show. */
    rolePropagationSeconds: Type.Integer({ minimum: 0 }),
    /** How long a new application, or a new secret of one, takes to be known everywhere. */
    applicationPropagationSeconds: Type.Integer({ minimum: 0 }),
    /** Subscriptions on one page of the list. */
    pageSize: Type.Integer({ minimum: 1 }),
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
};
