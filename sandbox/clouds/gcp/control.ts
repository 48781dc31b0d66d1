import { Type } from 'typebox';
import { Value } from 'typebox/value';

import { type CloudContext, type ControlRoute, SandboxError } from '../../core/cloud.ts';
import type { Grants } from '../../oauth/grants.ts';
import { people, serviceAccounts } from './accounts.ts';
import type { Keys } from './keys.ts';
import type { Roles } from './roles.ts';
import type { GcpSettings } from './settings.ts';

const KeySchema = Type.Object({ tokenUri: Type.String() }, { additionalProperties: false });
const ProjectsSchema = Type.Array(Type.String());

/** What a customer does in the console and in the Google account: for tests and for trying out. */
export function controlRoutes(
  { tables }: CloudContext<GcpSettings>,
  { grants, keys, roles }: { grants: Grants; keys: Keys; roles: Roles },
): ControlRoute[] {
  function serviceAccount(email: string) {
    const account = serviceAccounts.find((known) => known.email === email);
    if (!account) throw new SandboxError(404, `There is no service account ${email}.`);
    return account;
  }

  return [
    {
      method: 'POST',
      path: /^\/gcp\/service-accounts\/([^/]+)\/keys$/,
      handle({ parameters: [email = ''], body }) {
        if (!Value.Check(KeySchema, body)) throw new SandboxError(400, 'The body is {tokenUri}.');
        return tables.commit(() => keys.create(serviceAccount(email), body.tokenUri));
      },
    },
    {
      method: 'DELETE',
      path: /^\/gcp\/service-accounts\/([^/]+)\/keys\/([^/]+)$/,
      handle({ parameters: [email = '', id = ''] }) {
        if (!tables.commit(() => keys.delete(email, id))) throw new SandboxError(404, `${email} has no key ${id}.`);
        return { deleted: id };
      },
    },
    {
      method: 'PUT',
      path: /^\/gcp\/members\/([^/]+)\/projects$/,
      handle({ parameters: [email = ''], body }) {
        if (!Value.Check(ProjectsSchema, body)) throw new SandboxError(400, 'The body is a list of project ids.');
        if (!tables.commit(() => roles.grant(email, body))) throw new SandboxError(404, 'No such member or project.');
        return { member: email, projects: body };
      },
    },
    {
      method: 'POST',
      path: /^\/gcp\/accounts\/([^/]+)\/revoke$/,
      handle({ parameters: [email = ''] }) {
        const person = people.find((known) => known.email === email);
        if (!person) throw new SandboxError(404, `There is no account ${email}.`);
        return { revoked: tables.commit(() => grants.revokeAccount(person.id, null)) };
      },
    },
  ];
}
