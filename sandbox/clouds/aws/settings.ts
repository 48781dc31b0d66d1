import { Type, type Static } from 'typebox';

export const AwsSettingsSchema = Type.Object(
  {
    /** How long a new or changed role takes to reach STS. */
    propagationSeconds: Type.Integer({ minimum: 0 }),
    /** Regions whose STS endpoint the customers' accounts have switched off. */
    disabledRegions: Type.Array(Type.String()),
    /** Regions that the customers' accounts in partition `aws` have enabled, as EC2 and the account service list them. */
    enabledRegions: Type.Array(Type.String()),
    /** Regions in which no call works though they are listed: an SCP denies them, or sessions are not known there. */
    closedRegions: Type.Record(Type.String(), Type.Union([Type.Literal('denied'), Type.Literal('disabled')])),
  },
  { additionalProperties: false },
);
export type AwsSettings = Static<typeof AwsSettingsSchema>;

export const awsDefaults: AwsSettings = {
  propagationSeconds: 0,
  disabledRegions: [],
  enabledRegions: ['us-east-1', 'eu-west-1'],
  closedRegions: {},
};
