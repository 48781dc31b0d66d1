import { Type, type Static } from 'typebox';
import { type OAuthContext, oauthDefaults, OAuthSettingsSchema } from '../../oauth/settings.ts';

/** What the parts of the simulated OVHcloud share. */
export interface OvhContext extends OAuthContext {
  readonly settings: () => OvhSettings;
}

/** Unix seconds by OVHcloud's own clock. */
export const apiSeconds = ({ clock, settings }: Pick<OvhContext, 'clock' | 'settings'>): number =>
  Math.floor(clock.now() / 1000) + settings().apiClockAheadSeconds;

/** How the simulated OVHcloud behaves beyond its authorization server. */
export const OvhSettingsSchema = Type.Object(
  {
    ...OAuthSettingsSchema.properties,
    /** How far OVHcloud's clock is ahead of this machine's: what `/auth/time` says, and what signatures must say. */
    apiClockAheadSeconds: Type.Integer(),
    /** A new IAM policy grants nothing for so long. */
    iamPropagationSeconds: Type.Integer({ minimum: 0 }),
    /** Of one credential, counted from each full minute on; null = as many as it likes. */
    requestsPerMinute: Type.Union([Type.Integer({ minimum: 1 }), Type.Null()]),
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
  requestsPerMinute: null,
};
