import { Type } from 'typebox';
import { Value } from 'typebox/value';

import { type ControlRoute, SandboxError } from '../../core/cloud.ts';
import type { Tables } from '../../core/tables.ts';
import { awsPartitions } from './accounts.ts';
import type { Roles } from './roles.ts';
import { parseTrustPolicy } from './trust-policy.ts';

const RoleSchema = Type.Object(
  {
    partition: Type.Optional(Type.String()),
    /** Which of the simulated customers; left out: the first. */
    account: Type.Optional(Type.String()),
    name: Type.String({ pattern: '^[\\w+=,.@-]{1,64}$' }),
    trustPolicy: Type.Object({}),
    maxSessionSeconds: Type.Optional(Type.Integer({ minimum: 3600, maximum: 43_200 })),
  },
  { additionalProperties: false },
);

const ArnSchema = Type.Object({ arn: Type.String() }, { additionalProperties: false });

/** What a customer does in IAM, without a signature: for tests and for trying out. */
export const controlRoutes = (tables: Tables, roles: Roles): ControlRoute[] => [
  { method: 'GET', path: /^\/aws\/roles$/, handle: () => roles.list() },
  {
    method: 'PUT',
    path: /^\/aws\/roles$/,
    handle({ body }) {
      if (!Value.Check(RoleSchema, body)) {
        throw new SandboxError(400, 'The body is {name, trustPolicy, partition?, account?, maxSessionSeconds?}.');
      }
      const { partition = 'aws', account, name, maxSessionSeconds } = body;
      const home = awsPartitions.find(({ id }) => id === partition);
      const owner = home?.customers.find(({ id }) => id === account) ?? (account === undefined && home?.customers[0]);
      if (!owner) throw new SandboxError(404, `There is no account ${account ?? ''} in ${partition}.`);
      const trustPolicy = JSON.stringify(body.trustPolicy);
      if (!parseTrustPolicy(trustPolicy)) throw new SandboxError(400, 'The trust policy is malformed.');
      const arn = `arn:${partition}:iam::${owner.id}:role/${name}`;
      return tables.commit(() =>
        roles.put({ arn, trustPolicy, ...(maxSessionSeconds !== undefined && { maxSessionSeconds }) }),
      );
    },
  },
  {
    method: 'DELETE',
    path: /^\/aws\/roles$/,
    handle({ body }) {
      if (!Value.Check(ArnSchema, body)) throw new SandboxError(400, 'The body is {arn}.');
      if (!tables.commit(() => roles.delete(body.arn))) throw new SandboxError(404, `There is no role ${body.arn}.`);
      return { deleted: body.arn };
    },
  },
];
