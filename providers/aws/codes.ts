import type { Verdict } from '../http/classify.ts';
import type { RegionSettings } from '../manifests/settings.ts';
import { credentialsMissing, variableNames } from './variables.ts';

const config = (code: string, message: string, remedy: string): Verdict => ({
  class: 'config',
  problem: { code, message, remedy },
});
const user = (code: string, message: string, remedy: string): Verdict => ({
  class: 'user',
  problem: { code, message, remedy },
});

/** What an error code of STS means to everybody but the role; undefined where it is none that we know. */
export function judgeCode(
  code: string,
  said: string,
  { manifest: region, values }: RegionSettings,
): Verdict | undefined {
  const { accessKeyId, secretAccessKey, stsRegion } = variableNames(region);
  // On the wire some codes end in `Exception` and some do not; the SDK names its own classes with it.
  switch (code.replace(/Exception$/, '')) {
    case 'NoCredentials':
      return { class: 'config', problem: credentialsMissing(region) };
    case 'AccessDenied':
      return config(
        'operator_access_denied',
        `AWS denies Mooring's own identity this call: "${said}".`,
        'Check the policies of the user or role that Mooring runs with; it needs sts:AssumeRole.',
      );
    case 'InvalidClientTokenId':
    case 'UnrecognizedClient':
    case 'SignatureDoesNotMatch':
    case 'IncompleteSignature':
    case 'MissingAuthenticationToken':
      return config(
        'operator_credentials_rejected',
        `AWS does not accept Mooring's own credentials in ${region.id} (${code}): a key is wrong, deleted, or of another partition.`,
        `Correct ${accessKeyId} and ${secretAccessKey}, restart Mooring, and check with "aws sts get-caller-identity".`,
      );
    case 'ExpiredToken':
      return config(
        'operator_credentials_expired',
        "Mooring's own AWS credentials have expired.",
        'Give Mooring keys that last, or a workload identity, which renews itself; restart Mooring.',
      );
    case 'RequestExpired':
    case 'RequestTimeTooSkewed':
      return config(
        'clock_skew',
        "AWS refuses requests of this machine: its clock is more than five minutes off AWS's.",
        'Set the clock of the machine that Mooring runs on (NTP).',
      );
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
        `STS is switched off in region ${values['stsRegion']} for the role's account (RegionDisabledException).`,
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
