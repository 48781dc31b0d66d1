/** Who may assume the role, and with which external ID. */
export interface Trust {
  readonly partition: string;
  /** Mooring's own account, 12 digits. */
  readonly accountId: string;
  readonly externalId: string;
}

/** The AWS managed policies to choose from; the first is the default. */
export const managedPolicies = ['ReadOnlyAccess', 'PowerUserAccess'] as const;

export const principalOf = ({ partition, accountId }: Omit<Trust, 'externalId'>): string =>
  `arn:${partition}:iam::${accountId}:root`;

/** The one trust policy that is safe: `StringEquals`, so that a missing or another external ID is denied. */
export const trustPolicy = (trust: Trust): string =>
  JSON.stringify(
    {
      Version: '2012-10-17',
      Statement: [
        {
          Effect: 'Allow',
          Principal: { AWS: principalOf(trust) },
          Action: 'sts:AssumeRole',
          Condition: { StringEquals: { 'sts:ExternalId': trust.externalId } },
        },
      ],
    },
    null,
    2,
  );
