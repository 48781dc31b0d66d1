import { plainText } from '../../contracts/plain-text.ts';
import type { CallFailure } from '../http/call-error.ts';
import type { Classifier, Verdict } from '../http/classify.ts';
import type { RegionSettings } from '../manifests/settings.ts';
import {
  credentialsMissing,
  insecureUrl,
  roleNotAssumable,
  roleWithdrawn,
  sessionNotUsable,
  variableNames,
} from './problems.ts';
import type { RoleRecord } from './schema.ts';

/**
 * `first`: the role has never trusted us. `again`: it has. `whose`: a session that was just issued is shown to STS.
 * `ourselves`: no customer is involved.
 */
export type Operation = 'first' | 'again' | 'whose' | 'ourselves';

/** What an answer is about. */
export interface Situation {
  readonly operation: Operation;
  readonly region: RegionSettings;
  /** Absent where no customer is involved. */
  readonly record?: RoleRecord;
}

/** STS's answers in our vocabulary; https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html */
export function awsClassifier({ operation, region, record }: Situation): Classifier {
  return {
    cloud: 'AWS',
    statusPage: 'https://health.aws.amazon.com/health/status',
    judge(failure) {
      if (failure.kind === 'insecure_url')
        return { class: 'config', problem: insecureUrl(failure.url, region.manifest) };
      if (failure.kind !== 'status') return undefined;
      const { code, said } = words(failure);
      // A session takes a moment to be known everywhere, so nothing that is said about it is final.
      if (operation === 'whose') return { class: 'transient', problem: sessionNotUsable(code) };
      const isAboutRole = code === 'AccessDenied' && operation !== 'ourselves' && !isOfOurPolicies(said);
      if (isAboutRole && record) return denied(operation, record, said);
      return judgeCode(code, said, region);
    },
  };
}

/**
 * True if AWS says that a policy of the caller denies the call, so that the operator must change it. The role's trust
 * policy (a resource-based policy) and a resource control policy are the customer's.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
 */
const isOfOurPolicies = (said: string): boolean =>
  /\b(identity-based|session|VPC endpoint|service control) policy\b|\bpermissions boundary\b/i.test(said);

function denied(operation: Operation, record: RoleRecord, said: string): Verdict {
  // A role that has trusted us and does so no more was changed; before that, "not yet" and "never" look alike.
  return operation === 'again'
    ? { class: 'revoked', problem: roleWithdrawn(record, said) }
    : { class: 'transient', problem: roleNotAssumable(record, said) };
}

export const isAccessDenied = (failure: CallFailure): boolean =>
  failure.kind === 'status' && failure.status === 403 && words(failure).code === 'AccessDenied';

function words({ body }: Extract<CallFailure, { kind: 'status' }>): { code: string; said: string } {
  const { code, message } = body ?? {};
  return {
    code: typeof code === 'string' ? code : '',
    said: typeof message === 'string' ? plainText(message, 300) : '',
  };
}

const config = (code: string, message: string, remedy: string): Verdict => ({
  class: 'config',
  problem: { code, message, remedy },
});
const user = (code: string, message: string, remedy: string): Verdict => ({
  class: 'user',
  problem: { code, message, remedy },
});

const clockSkew = config(
  'clock_skew',
  "AWS refuses requests of this machine: its clock is more than five minutes off AWS's.",
  'Set the clock of the machine that Mooring runs on (NTP).',
);

function credentialsRejected(code: string, { manifest: region }: RegionSettings): Verdict {
  const { accessKeyId, secretAccessKey } = variableNames(region);
  return config(
    'operator_credentials_rejected',
    `AWS does not accept Mooring's own credentials in ${region.id} (${code}): a key is wrong, deleted, or of another partition.`,
    `Correct ${accessKeyId} and ${secretAccessKey}, restart Mooring, and check with "aws sts get-caller-identity".`,
  );
}

/** What an error code of STS means where it is not about the role; undefined where it is not known. */
function judgeCode(code: string, said: string, region: RegionSettings): Verdict | undefined {
  const { stsRegion } = variableNames(region.manifest);
  // On the wire some codes end in `Exception` and some do not; the SDK names its own classes with it.
  switch (code.replace(/Exception$/, '')) {
    case 'NoCredentials':
      return { class: 'config', problem: credentialsMissing(region.manifest) };
    case 'AccessDenied':
      return config(
        'operator_access_denied',
        `AWS denies Mooring's own identity this call: "${said}".`,
        'Check the policies of the user or role that Mooring runs with; it needs sts:AssumeRole.',
      );
    case 'SignatureDoesNotMatch':
      return /signature (expired|not yet current)/i.test(said) ? clockSkew : credentialsRejected(code, region);
    case 'InvalidClientTokenId':
    case 'UnrecognizedClient':
    case 'IncompleteSignature':
    case 'MissingAuthenticationToken':
      return credentialsRejected(code, region);
    case 'ExpiredToken':
      return config(
        'operator_credentials_expired',
        "Mooring's own AWS credentials have expired.",
        'Give Mooring keys that last, or a workload identity, which renews itself; restart Mooring.',
      );
    case 'RequestExpired':
    case 'RequestTimeTooSkewed':
      return clockSkew;
    case 'Throttling':
    case 'RequestLimitExceeded':
    case 'TooManyRequests':
      return {
        class: 'transient',
        problem: {
          code: 'cloud_rate_limited',
          message: `AWS asks for fewer requests (${code}).`,
          remedy: 'Nothing to do: it is tried again by itself.',
        },
      };
    case 'RegionDisabled':
      return user(
        'region_disabled',
        `STS is switched off in region ${region.values['stsRegion']} for the role's account (RegionDisabledException).`,
        `An administrator of that account activates the region's STS endpoint in IAM, Account settings; or the operator sets ${stsRegion} to a region that is on everywhere. Then submit the role again.`,
      );
    case 'MalformedPolicyDocument':
    case 'PackedPolicyTooLarge':
      return user(
        'session_policy_refused',
        `AWS refuses the session policy (${code}): "${said}".`,
        'Correct or shorten it (2,048 characters at most, fewer where it does not compress), or leave it out; submit again.',
      );
    case 'ValidationError':
      return user(
        'role_request_refused',
        `AWS refuses the request as it stands (ValidationError): "${said}".`,
        "Compare the role ARN to the letter, and let the session length not exceed the role's maximum; submit again.",
      );
    default:
      return undefined;
  }
}
