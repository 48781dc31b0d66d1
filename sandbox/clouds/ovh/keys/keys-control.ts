import { Type } from 'typebox';
import { Value } from 'typebox/value';

import { type ControlRoute, SandboxError } from '../../../core/cloud.ts';
import type { Tables } from '../../../core/tables.ts';
import { findAccount, ovhAccounts } from '../accounts.ts';
import type { Policies } from '../iam/policies.ts';
import type { ServiceAccounts } from '../iam/service-accounts.ts';
import { ovhRegions } from '../regions.ts';
import { type Applications, everything, type ConsumerKeys } from './consumer-keys.ts';

const KeysSchema = Type.Object(
  {
    region: Type.Optional(Type.String()),
    account: Type.Optional(Type.String()),
    rules: Type.Optional(Type.Array(Type.Object({ method: Type.String(), path: Type.String() }))),
  },
  { additionalProperties: false },
);

const AccountSchema = Type.Pick(KeysSchema, ['region', 'account'], { additionalProperties: false });

/** What a customer does with keys and service accounts, without a browser or a signature. */
export function keysControl(
  tables: Tables,
  keySources: {
    applications: Applications;
    consumerKeys: ConsumerKeys;
    serviceAccounts: ServiceAccounts;
    policies: Policies;
  },
): ControlRoute[] {
  const { applications, consumerKeys, serviceAccounts, policies } = keySources;
  return [
    {
      method: 'POST',
      path: /^\/ovh\/keys$/,
      handle({ body = {} }) {
        if (!Value.Check(KeysSchema, body)) throw new SandboxError(400, 'The body is {region?, account?, rules?}.');
        const { region = ovhRegions[0]?.id ?? '', account = ovhAccounts[0].nichandle, rules = everything } = body;
        if (!findAccount(account)) throw new SandboxError(404, `There is no account ${account}.`);
        return tables.commit(() => {
          const application = applications.create(region);
          const key = consumerKeys.request({ applicationKey: application.key, region, rules });
          consumerKeys.approve(key, account);
          return {
            applicationKey: application.key,
            applicationSecret: application.secret,
            consumerKey: key.consumerKey,
          };
        });
      },
    },
    {
      method: 'DELETE',
      path: /^\/ovh\/keys\/([^/]+)$/,
      handle({ parameters: [consumerKey = ''] }) {
        tables.commit(() => consumerKeys.forget(consumerKey));
        return { deleted: consumerKey };
      },
    },
    {
      method: 'GET',
      path: /^\/ovh\/iam$/,
      handle: () => ({
        serviceAccounts: serviceAccounts
          .list()
          .map(({ clientId, name, region, account }) => ({ clientId, name, region, account })),
        policies: policies.list(),
      }),
    },
    {
      method: 'POST',
      path: /^\/ovh\/service-accounts$/,
      handle({ body = {} }) {
        if (!Value.Check(AccountSchema, body)) throw new SandboxError(400, 'The body is {region?, account?}.');
        const { region = ovhRegions[0]?.id ?? '', account = ovhAccounts[0].nichandle } = body;
        if (!findAccount(account)) throw new SandboxError(404, `There is no account ${account}.`);
        const terms = { region, account, flow: 'client_credentials', callbackUrls: [] } as const;
        const made = tables.commit(() =>
          serviceAccounts.create({ ...terms, name: 'made by hand', description: 'Of the control API' }),
        );
        return { clientId: made.clientId, clientSecret: made.clientSecret };
      },
    },
    {
      method: 'DELETE',
      path: /^\/ovh\/service-accounts\/([^/]+)$/,
      handle({ parameters: [clientId = ''] }) {
        const isDeleted = tables.commit(() => serviceAccounts.delete(clientId));
        if (!isDeleted) throw new SandboxError(404, `There is no service account ${clientId}.`);
        return { deleted: clientId };
      },
    },
  ];
}
