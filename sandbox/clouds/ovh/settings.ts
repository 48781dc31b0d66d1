import { Type, type Static } from 'typebox';

import { oauthDefaults, OAuthSettingsSchema } from '../../oauth/settings.ts';

/** How the simulated OVHcloud behaves beyond its authorization server. */
export const OvhSettingsSchema = Type.Object(
  {
    ...OAuthSettingsSchema.properties,
    /** How far OVHcloud's clock is ahead of this machine's: what `/auth/time` says, and what signatures must say. */
    apiClockAheadSeconds: Type.Integer(),
    /** A new IAM policy grants nothing for so long. */
    iamPropagationSeconds: Type.Integer({ minimum: 0 }),
    /** Of consumer keys from the moment they are approved; null = they do not expire. */
    consumerKeyLifetimeSeconds: Type.Union([Type.Integer({ minimum: 1 }), Type.Null()]),
  },
  { additionalProperties: false },
);
export type OvhSettings = Static<typeof OvhSettingsSchema>;

export const ovhDefaults: OvhSettings = {
  ...oauthDefaults,
  apiClockAheadSeconds: 0,
  iamPropagationSeconds: 0,
  consumerKeyLifetimeSeconds: null,
};
