import { Type, type Static } from 'typebox';

export const AwsSettingsSchema = Type.Object(
  {
    /** How long a new or changed role takes to reach STS. */
    propagationSeconds: Type.Integer({ minimum: 0 }),
    /** Regions whose STS endpoint the customers' accounts have switched off. */
    disabledRegions: Type.Array(Type.String()),
  },
  { additionalProperties: false },
);
export type AwsSettings = Static<typeof AwsSettingsSchema>;

export const awsDefaults: AwsSettings = { propagationSeconds: 0, disabledRegions: [] };
