import { failure, success, type Elements } from './replies.ts';
import type { Role, Roles } from './roles.ts';
import type { Handler } from './sts.ts';
import { parseTrustPolicy } from './trust-policy.ts';

/** What the lines that Mooring's guide gives call: enough of IAM to make, change and delete a role. */
export function createIam(roles: Roles): Readonly<Record<string, Handler>> {
  const refuse = (status: number, code: string, message: string) => failure('iam', status, code, message);
  const malformed = refuse(400, 'MalformedPolicyDocument', 'The trust policy is malformed, or beyond the simulation.');
  const arnOf: (call: Parameters<Handler>[0]) => string = ({ partition, caller, form }) =>
    `arn:${partition.id}:iam::${caller.accountId}:role${form.get('Path') ?? '/'}${form.get('RoleName') ?? ''}`;
  const missing = (arn: string) => refuse(404, 'NoSuchEntity', `The role ${arn} cannot be found.`);

  return {
    CreateRole(call) {
      const trustPolicy = call.form.get('AssumeRolePolicyDocument') ?? '';
      const arn = arnOf(call);
      if (!parseTrustPolicy(trustPolicy)) return malformed;
      if (roles.get(arn)) return refuse(409, 'EntityAlreadyExists', `The role ${arn} already exists.`);
      const maxSessionSeconds = Number(call.form.get('MaxSessionDuration') ?? 3600);
      return success('iam', 'CreateRole', { Role: described(roles.put({ arn, trustPolicy, maxSessionSeconds })) });
    },
    GetRole(call) {
      const role = roles.get(arnOf(call));
      return role ? success('iam', 'GetRole', { Role: described(role) }) : missing(arnOf(call));
    },
    UpdateAssumeRolePolicy(call) {
      const trustPolicy = call.form.get('PolicyDocument') ?? '';
      const arn = arnOf(call);
      if (!roles.get(arn)) return missing(arn);
      if (!parseTrustPolicy(trustPolicy)) return malformed;
      roles.put({ arn, trustPolicy });
      return success('iam', 'UpdateAssumeRolePolicy', {});
    },
    AttachRolePolicy: (call) =>
      roles.get(arnOf(call)) ? success('iam', 'AttachRolePolicy', {}) : missing(arnOf(call)),
    DeleteRole: (call) => (roles.delete(arnOf(call)) ? success('iam', 'DeleteRole', {}) : missing(arnOf(call))),
  };
}

const described = ({ arn, name, trustPolicy, maxSessionSeconds }: Role): Elements => ({
  Path: '/',
  RoleName: name,
  RoleId: `AROASANDBOX${name.toUpperCase()}`,
  Arn: arn,
  CreateDate: '2026-01-01T00:00:00Z',
  AssumeRolePolicyDocument: encodeURIComponent(trustPolicy),
  MaxSessionDuration: maxSessionSeconds,
});
