import type { CloudContext, Reply } from '../../core/cloud.ts';
import type { AwsPartition } from './accounts.ts';
import type { Caller, Callers } from './callers.ts';
import { failure, success } from './replies.ts';
import type { Roles } from './roles.ts';
import type { AwsSettings } from './settings.ts';
import { lets } from './trust-policy.ts';

export type Handler = (call: { partition: AwsPartition; caller: Caller; form: URLSearchParams }) => Reply;

/** The two actions of STS that a service like Mooring calls; https://docs.aws.amazon.com/STS/latest/APIReference/ */
export function createSts(
  context: CloudContext<AwsSettings>,
  { roles, callers }: { roles: Roles; callers: Callers },
): Readonly<Record<'AssumeRole' | 'GetCallerIdentity', Handler>> {
  const { clock, counters, random } = context;
  const refuse = (status: number, code: string, message: string) => failure('sts', status, code, message);

  return {
    GetCallerIdentity: ({ caller }) =>
      success('sts', 'GetCallerIdentity', { Arn: caller.arn, UserId: caller.userId, Account: caller.accountId }),

    AssumeRole({ partition, caller, form }) {
      if (context.settings().disabledRegions.includes(caller.region)) {
        const text = `STS is not activated in this region for account:${arnAccount(form)}. Your account administrator can activate STS in this region using the IAM Console.`;
        return refuse(403, 'RegionDisabledException', text);
      }
      const arn = form.get('RoleArn') ?? '';
      const sessionName = form.get('RoleSessionName') ?? '';
      const externalId = form.get('ExternalId');
      const seconds = Number(form.get('DurationSeconds') ?? 3600);
      const invalid = validate({ arn, sessionName, externalId, seconds });
      if (invalid !== undefined) return refuse(400, 'ValidationError', invalid);
      const sessionPolicy = form.get('Policy');
      if (sessionPolicy !== null && !isJsonObject(sessionPolicy)) {
        return refuse(400, 'MalformedPolicyDocument', 'This policy contains invalid Json');
      }
      const policy = arn.startsWith(`arn:${partition.id}:`) ? roles.effectivePolicy(arn) : undefined;
      if (!policy || !lets(policy, { accountId: caller.accountId, arn: caller.arn, externalId })) {
        counters.add('assumeRoleDenied');
        const text = `User: ${caller.arn} is not authorized to perform: sts:AssumeRole on resource: ${arn}`;
        return refuse(403, 'AccessDenied', text);
      }
      const role = roles.get(arn);
      const longest = caller.arn.includes(':assumed-role/') ? 3600 : (role?.maxSessionSeconds ?? 3600);
      if (seconds > longest) {
        const text = 'The requested DurationSeconds exceeds the MaxSessionDuration set for this role.';
        return refuse(400, 'ValidationError', text);
      }
      counters.add('sessionsIssued');
      const accountId = role?.accountId ?? '';
      const session = {
        partition: partition.id,
        accountId,
        arn: `arn:${partition.id}:sts::${accountId}:assumed-role/${role?.name}/${sessionName}`,
        userId: `AROASANDBOX${accountId}:${sessionName}`,
        roleArn: arn,
        policy: sessionPolicy,
        accessKeyId: `ASIA${random(12)
          .replaceAll(/[^A-Za-z0-9]/g, '0')
          .toUpperCase()}`,
        secretAccessKey: random(30),
        sessionToken: random(150),
        expiresAt: clock.now() + seconds * 1000,
      };
      callers.add(session);
      return success('sts', 'AssumeRole', {
        Credentials: {
          AccessKeyId: session.accessKeyId,
          SecretAccessKey: session.secretAccessKey,
          SessionToken: session.sessionToken,
          Expiration: new Date(session.expiresAt).toISOString(),
        },
        AssumedRoleUser: { AssumedRoleId: session.userId, Arn: session.arn },
      });
    },
  };
}

const arnAccount = (form: URLSearchParams): string => (form.get('RoleArn') ?? '').split(':')[4] ?? '';

function validate(call: { arn: string; sessionName: string; externalId: string | null; seconds: number }) {
  const { arn, sessionName, externalId, seconds } = call;
  if (!/^arn:[\w-]+:iam::\d{12}:role\/\S+$/.test(arn)) return `${arn} is invalid`;
  if (!/^[\w+=,.@-]{2,64}$/.test(sessionName)) return "Value at 'roleSessionName' failed to satisfy constraint";
  if (externalId !== null && !/^[\w+=,.@:/-]{2,1224}$/.test(externalId)) {
    return "Value at 'externalId' failed to satisfy constraint";
  }
  if (!Number.isInteger(seconds) || seconds < 900) return "Value at 'durationSeconds' failed to satisfy constraint";
  return undefined;
}

function isJsonObject(text: string): boolean {
  try {
    return JSON.parse(text) instanceof Object;
  } catch {
    return false;
  }
}
