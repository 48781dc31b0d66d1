import type { Problem } from '../../contracts/problem.ts';
import type { RegionManifest } from '../manifests/types.ts';
import { trustPolicy } from './manifest/guide.ts';
import type { RoleArn, RoleRecord } from './schema.ts';

const aws = (said: string): string => (said === '' ? '' : ` AWS says: "${said}".`);

/** AWS gives one answer to all of these, so the text names them all. */
export const roleNotAssumable = (
  { role_arn, external_id }: Pick<RoleRecord, 'role_arn' | 'external_id'>,
  said: string,
): Problem => ({
  code: 'role_not_assumable',
  message:
    `Mooring cannot assume this role: ${role_arn} (AccessDenied). Either it is new or was just changed, which takes ` +
    'from seconds to over 5 minutes to reach all of AWS; or its trust policy names another account or another ' +
    'external ID, the role does not exist, or a policy of the organisation (SCP) forbids it: AWS answers all of these ' +
    `alike.${aws(said)}`,
  remedy:
    'Wait up to 5 minutes after creating or changing the role: it is tried again by itself. Then compare the role ' +
    `ARN, the account ID in the trust policy's principal, and the external ID in its condition with ${external_id}, ` +
    'to the letter (they are case-sensitive). Ask whether an SCP or a permissions boundary denies sts:AssumeRole. ' +
    'The operator checks that Mooring\'s credentials are set and whose they are with "aws sts get-caller-identity", ' +
    'that they may call sts:AssumeRole, and restarts Mooring after changing them.',
});

export const roleWithdrawn = ({ role_arn }: Pick<RoleRecord, 'role_arn'>, said: string): Problem => ({
  code: 'role_withdrawn',
  message: `The role ${role_arn} no longer trusts Mooring: it was deleted, or its trust policy was changed.${aws(said)}`,
  remedy:
    'Restore the role and its trust policy, then re-authorise the connection: POST ' +
    '/v1/connections/{id}/reauthorize, and submit the role again. If you meant to end the access, disconnect.',
});

/** How the role could be assumed without the right external ID. */
export type Opening = 'without an external ID' | 'with any external ID';

export const insecureTrustPolicy = (
  record: Pick<RoleRecord, 'role_arn' | 'external_id'>,
  { partition }: RoleArn,
  accountId: string,
  opening: Opening,
): Problem => ({
  code: 'insecure_trust_policy',
  message:
    `The trust policy of ${record.role_arn} lets Mooring assume the role ${opening}: anyone who learns its ARN could ` +
    'reach this account through Mooring (the confused deputy problem). Such a role is not used.',
  remedy:
    "Replace the role's trust policy with the following, wait a few minutes, and submit the role again: " +
    trustPolicy({ partition, accountId, externalId: record.external_id }),
});

export const trustUnproven = (why: string): Problem => ({
  code: 'trust_policy_unproven',
  message: `Mooring can assume the role, but could not finish proving that its trust policy demands the external ID: ${why}`,
  remedy: 'Nothing to do: it is tried again by itself, and the role is not used before that.',
});

export const sessionNotUsable = (code: string): Problem => ({
  code: 'session_not_usable_yet',
  message: `AWS issued a session for the role, but does not know it everywhere yet (${code || 'no reason given'}).`,
  remedy: 'Nothing to do: it is tried again by itself.',
});

export const notARoleArn = (given: string): Problem => ({
  code: 'role_arn_invalid',
  message: `"${given.slice(0, 200)}" is not the ARN of an IAM role.`,
  remedy: 'Copy the ARN from the role\'s page, or from "aws iam get-role --query Role.Arn"; submit it again.',
});

export const otherPartition = ({ partition }: RoleArn, region: string): Problem => ({
  code: 'partition_mismatch',
  message: `The role is in partition ${partition}, and this connection is for ${region}: they share nothing.`,
  remedy: `Submit a role of ${region}, or create the connection again for ${partition}.`,
});

export const otherAccount = (given: string, found: string): Problem => ({
  code: 'account_mismatch',
  message: `The role's ARN names account ${given}, but the session is of account ${found}.`,
  remedy: 'Copy the ARN again from the page of the role, and submit it.',
});

export const durationInvalid: Problem = {
  code: 'duration_invalid',
  message: 'The session length is not a whole number of seconds from 900 to 3600.',
  remedy: 'Leave it empty, or give one in that range; submit again.',
};

export const sessionPolicyTooLong: Problem = {
  code: 'session_policy_too_long',
  message: 'The session policy is longer than 2,048 characters, which is the most that AWS takes.',
  remedy: 'Shorten it, or leave it out and narrow the role itself; submit again.',
};

/** The names of our own credentials' variables in a partition. */
export function variableNames({ settings }: RegionManifest) {
  const name = (role: string) => settings[role]?.names[0] ?? role;
  return {
    accessKeyId: name('accessKeyId'),
    secretAccessKey: name('secretAccessKey'),
    stsRegion: name('stsRegion'),
    workloadIdentity: name('workloadIdentity'),
  };
}

export function credentialsMissing(region: RegionManifest): Problem {
  const { accessKeyId, secretAccessKey, stsRegion, workloadIdentity } = variableNames(region);
  return {
    code: 'credentials_not_configured',
    message: `AWS credentials not configured for ${region.id}: Mooring has no identity that could assume roles.`,
    remedy: `Set ${accessKeyId} and ${secretAccessKey} (or ${workloadIdentity}=true), and ${stsRegion} where it is not ${region.settings['stsRegion']?.default}; restart Mooring, and check with "aws sts get-caller-identity".`,
  };
}

export const insecureUrl = (url: string, { urls }: RegionManifest): Problem => ({
  code: 'insecure_url',
  message: `Sessions are asked for over https only, and ${url || 'the configured STS endpoint'} is not.`,
  remedy: `Unset or correct ${urls['sts']?.variable}; http is accepted for addresses of this machine alone.`,
});
