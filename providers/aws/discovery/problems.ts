import { plainText } from '../../../contracts/plain-text.ts';
import type { Problem } from '../../../contracts/problem.ts';

/** A call as people find it in AWS's own documents, e.g. `ec2:DescribeInstances`, and where it was made. */
export interface AskedFor {
  readonly action: string;
  readonly region: string;
}

export const LONGEST_QUOTE = 400;

const quoted = (said: string): string => (said === '' ? '.' : `: "${plainText(said, LONGEST_QUOTE)}".`);

const allowing = (action: string): string => JSON.stringify({ Effect: 'Allow', Action: [action], Resource: '*' });

export const listDenied = ({ action, region }: AskedFor, said: string): Problem => ({
  code: 'list_denied',
  message: `The role may not call ${action} in ${region}, so this is not listed${quoted(said)}`,
  remedy: `${remedyOf(action, said)} The next discovery lists it; what was found before is kept until then.`,
});

function remedyOf(action: string, said: string): string {
  if (/session policy/i.test(said)) {
    return `The connection's session policy leaves it out. Submit the role again with one that has this statement: ${allowing(action)}`;
  }
  if (/permissions boundary/i.test(said)) return `Let the role's permissions boundary allow ${action}.`;
  if (/explicit deny/i.test(said)) return `Take ${action} out of the policy that denies it to the role.`;
  return `Add this statement to the role's policies: ${allowing(action)} The AWS managed policy ReadOnlyAccess has it too.`;
}

export const regionDeniedByPolicy = ({ action, region }: AskedFor, said: string): Problem => ({
  code: 'region_denied_by_policy',
  message: `A policy of the organisation (SCP) denies ${action} in ${region}${quoted(said)}`,
  remedy:
    'Nothing to do where the organisation does not use this region. Otherwise its administrator changes the policy. ' +
    'Other regions are listed all the same.',
});

export const regionDisabled = ({ region }: AskedFor, code: string): Problem => ({
  code: 'region_disabled',
  message: `AWS does not know the session in ${region} (${code}): the account has not enabled this region.`,
  remedy: `Nothing to do where the region is not used. Otherwise enable ${region} in the account's settings, which can take hours to reach all services.`,
});

export const regionUnreachable = ({ region }: AskedFor, reason: string): Problem => ({
  code: 'region_unreachable',
  message: `AWS could not be reached in ${region} (${reason}).`,
  remedy: `Nothing to do: the next discovery tries again. If it persists, check that this machine and its proxy reach the endpoints of ${region}.`,
});

/** After calls to several services stayed without an answer, the region is not asked any more in this pass. */
export const regionSilent = (asked: AskedFor): Problem => regionUnreachable(asked, 'its services do not answer');

export const notAnswered = ({ action, region }: AskedFor, reason: string): Problem => ({
  code: 'cloud_unreachable',
  message: `AWS did not answer ${action} in ${region} (${reason}).`,
  remedy: 'Nothing to do: it is tried again by itself.',
});

export const rateLimited = ({ action, region }: AskedFor, code: string): Problem => ({
  code: 'cloud_rate_limited',
  message: `AWS asks for fewer calls of ${action} in ${region} (${code}). The account's own tools count too.`,
  remedy: 'Nothing to do: it is tried again by itself.',
});

export const unavailable = ({ action, region }: AskedFor, status: number): Problem => ({
  code: 'cloud_unavailable',
  message: `AWS could not serve ${action} in ${region} at the moment (HTTP ${status}).`,
  remedy: 'Nothing to do: it is tried again by itself. Outages are announced at https://health.aws.amazon.com.',
});

export const unexpectedAnswer = ({ action, region }: AskedFor, what: string): Problem => ({
  code: 'cloud_answer_unexpected',
  message: `AWS answered ${action} in ${region} with something that Mooring does not know (${what}).`,
  remedy:
    'It is tried again by itself. If it persists, check the endpoint that is set for this service, and report it.',
});

export const clockSkew: Problem = {
  code: 'clock_skew',
  message: "AWS refuses requests of this machine: its clock is more than five minutes off AWS's.",
  remedy: 'Set the clock of the machine that Mooring runs on (NTP).',
};

export const insecureEndpoint = (url: string, variable: string): Problem => ({
  code: 'insecure_url',
  message: `Resources are listed over https only, and ${url} is not.`,
  remedy: `Unset or correct ${variable}; http is accepted for addresses of this machine alone.`,
});

export const pagesRepeat = ({ action, region }: AskedFor): Problem => ({
  code: 'pages_repeat',
  message: `The pages of ${action} in ${region} have no end: AWS named the same page twice, or too many pages.`,
  remedy: 'It is tried again by itself. What was listed so far is kept.',
});

export const rowUnreadable = ({ action }: AskedFor, number: number): Problem => ({
  code: 'row_unreadable',
  message: `One row of ${action} (number ${number}) has no shape that Mooring knows.`,
  remedy: 'The rest of the list is kept. Report it with the kind of resource: AWS may have changed its API.',
});

export const partFailed = ({ action, region }: AskedFor, reason: string): Problem => ({
  code: 'part_not_listed',
  message: `${action} in ${region} left out a part: ${reason}`,
  remedy: 'It is tried again by itself. The rest of the list is kept.',
});

export const tagsDenied = ({ region }: AskedFor, denied: Problem): Problem => ({
  code: 'tags_denied',
  message: `Buckets, functions, load balancers and registries are listed without their tags in ${region}. ${denied.message}`,
  remedy: denied.remedy,
});

export const regionsAssumed: Problem = {
  code: 'regions_assumed',
  message:
    'The role may list the regions neither with ec2:DescribeRegions nor with account:ListRegions. The regions that every account has are looked at, and those that were known before; others are not found.',
  remedy: `Add this statement to the role's policies: ${allowing('ec2:DescribeRegions')}`,
};
