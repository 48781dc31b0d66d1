import { createAwsProvider, type AwsDependencies } from '../../providers/aws/index.ts';
import { manifest } from '../../providers/aws/manifest.ts';
import type { AuthMethod, Provider } from '../../providers/provider.ts';
import { resolveSettings, type Environment } from '../../providers/manifests/settings.ts';
import { systemClock } from '../../platform/clock.ts';

/** AWS in an installation with that environment. */
export function awsProvider(environment: Environment, options: Partial<AwsDependencies> = {}): Provider {
  return createAwsProvider({ settings: resolveSettings(manifest, environment), clock: systemClock, fetch, ...options });
}

export function awsRole({ methods }: Provider): AuthMethod {
  if (!methods['role']) throw new Error('The AWS provider has no method role.');
  return methods['role'];
}

/** A trust policy for an account; without a condition it demands no external ID. */
export const trusting = (accountId: string, condition?: object, partition = 'aws') => ({
  Version: '2012-10-17',
  Statement: [
    {
      Effect: 'Allow',
      Principal: { AWS: `arn:${partition}:iam::${accountId}:root` },
      Action: 'sts:AssumeRole',
      ...(condition && { Condition: condition }),
    },
  ],
});
