import { Type } from 'typebox';
import { Value } from 'typebox/value';

import type { JsonObject } from '../../../../platform/json.ts';
import { type ControlRoute, SandboxError } from '../../../core/cloud.ts';
import { MOST_OF_A_KIND, sizesSchema } from '../../../core/sizes.ts';
import type { Tables } from '../../../core/tables.ts';
import { awsPartitions } from '../accounts.ts';
import type { Callers } from '../callers.ts';
import type { Holder, Resources, Sizes } from './inventory.ts';
import { GLOBAL, kindNames, type KindName } from './kinds.ts';
import type { Rights } from './rights.ts';

const SizesSchema = sizesSchema(kindNames);
const FieldsSchema = Type.Record(Type.String(), Type.Unknown());
const DeniedSchema = Type.Object(
  { arn: Type.String(), actions: Type.Array(Type.String()) },
  { additionalProperties: false },
);

/** What a customer does in the console: makes, changes and deletes resources, and edits a role's policies. */
export function resourceControl(
  tables: Tables,
  { resources, rights, callers }: { resources: Resources; rights: Rights; callers: Callers },
): ControlRoute[] {
  const holderOf = (account: string, region: string): Holder => {
    const isKnown = awsPartitions.some(({ customers }) => customers.some(({ id }) => id === account));
    if (!isKnown) throw new SandboxError(404, `There is no account ${account}.`);
    return { account, region };
  };
  const kindOf = (region: string, name: string): KindName => {
    const kind = kindNames.find((each) => each === name && (each === 'buckets') === (region === GLOBAL));
    if (kind) return kind;
    throw new SandboxError(
      400,
      `There are no ${name} in ${region}. Kinds: ${kindNames.join(', ')}; buckets in ${GLOBAL}.`,
    );
  };
  const change = (parameters: readonly string[], fields: JsonObject | null): unknown => {
    const [account = '', region = '', name = '', arn = ''] = parameters;
    const holder = holderOf(account, region);
    const isDone = tables.commit(() => resources.change(holder, kindOf(region, name), arn, fields));
    if (!isDone) throw new SandboxError(404, `There is no ${arn} in ${region}.`);
    return { arn };
  };

  return [
    {
      method: 'PUT',
      path: /^\/aws\/resources\/(\d{12})\/([a-z0-9-]+)\/sizes$/,
      handle: ({ parameters: [account = '', region = ''], body }) => {
        if (!Value.Check(SizesSchema, body))
          throw new SandboxError(400, `The body is {kind: number}, up to ${MOST_OF_A_KIND} each.`);
        const holder = holderOf(account, region);
        for (const kind of Object.keys(body)) kindOf(region, kind);
        tables.commit(() => resources.resize(holder, body as Sizes));
        return resources.sizes(holder);
      },
    },
    {
      method: 'GET',
      path: /^\/aws\/resources\/(\d{12})\/([a-z0-9-]+)\/(\w+)$/,
      handle: ({ parameters: [account = '', region = '', kind = ''] }) =>
        resources.all(holderOf(account, region), kindOf(region, kind)).map(({ arn }) => arn),
    },
    {
      method: 'PUT',
      path: /^\/aws\/resources\/(\d{12})\/([a-z0-9-]+)\/(\w+)\/([^/]+)$/,
      handle: ({ parameters, body = {} }) => {
        if (!Value.Check(FieldsSchema, body)) throw new SandboxError(400, 'The body has the fields to set.');
        return change(parameters, body as JsonObject);
      },
    },
    {
      method: 'DELETE',
      path: /^\/aws\/resources\/(\d{12})\/([a-z0-9-]+)\/(\w+)\/([^/]+)$/,
      handle: ({ parameters }) => change(parameters, null),
    },
    {
      method: 'PUT',
      path: /^\/aws\/denied-actions$/,
      handle: ({ body }) => {
        if (!Value.Check(DeniedSchema, body)) throw new SandboxError(400, 'The body is {arn, actions}.');
        tables.commit(() => rights.deny(body.arn, body.actions));
        return body;
      },
    },
    {
      method: 'POST',
      path: /^\/aws\/sessions\/end$/,
      handle: () => {
        tables.commit(() => callers.endSessions());
        return { ended: callers.sessions().length };
      },
    },
  ];
}
