import { Type } from 'typebox';
import { Value } from 'typebox/value';

import type { Reply } from '../../../core/cloud.ts';
import { apiErrors } from '../api-errors.ts';
import { ok, parsedBody, type ApiCall, type ApiRoute } from '../api-route.ts';
import type { OAuthClientRow, ServiceAccounts } from './service-accounts.ts';

const ClientSchema = Type.Object(
  {
    name: Type.String({ minLength: 1 }),
    description: Type.String(),
    flow: Type.Enum(['AUTHORIZATION_CODE', 'CLIENT_CREDENTIALS']),
    callbackUrls: Type.Array(Type.String()),
  },
  { additionalProperties: false },
);

const PATH = '/me/api/oauth2/client';
const ACTION = 'account:apiovh:me/api/oauth2/client';

/** Service accounts and sign-in applications, as their owner makes and deletes them. The secret is shown once. */
export function serviceAccountRoutes(serviceAccounts: ServiceAccounts): readonly ApiRoute[] {
  const own = ({ caller, region, parameters: [id = ''] }: ApiCall, answer: (row: OAuthClientRow) => Reply): Reply => {
    const row = serviceAccounts.find(region.id, id);
    return row?.account === caller.account.nichandle ? answer(row) : apiErrors.noSuchObject(id);
  };
  return [
    {
      path: new RegExp(`^/1\\.0${PATH}$`),
      endpoint: 'oauth2.client.list',
      action: `${ACTION}/get`,
      handle: ({ caller, region }) =>
        ok(serviceAccounts.of(region.id, caller.account.nichandle).map(({ clientId }) => clientId)),
    },
    {
      method: 'POST',
      path: new RegExp(`^/1\\.0${PATH}$`),
      endpoint: 'oauth2.client.create',
      action: `${ACTION}/create`,
      handle({ caller, region, request }) {
        const body = parsedBody(request);
        if (!Value.Check(ClientSchema, body)) return apiErrors.badRequest('Missing or invalid parameter in body');
        const { clientId, clientSecret } = serviceAccounts.create({
          ...body,
          flow: body.flow === 'CLIENT_CREDENTIALS' ? 'client_credentials' : 'authorization_code',
          region: region.id,
          account: caller.account.nichandle,
        });
        return ok({ clientId, clientSecret });
      },
    },
    {
      path: new RegExp(`^/1\\.0${PATH}/([^/]+)$`),
      endpoint: 'oauth2.client.detail',
      action: `${ACTION}/get`,
      handle: (call) =>
        own(call, ({ clientId, name, description, flow, callbackUrls, createdAt }) =>
          ok({ clientId, name, description, flow: flow.toUpperCase(), callbackUrls, createdAt, identity: null }),
        ),
    },
    {
      method: 'DELETE',
      path: new RegExp(`^/1\\.0${PATH}/([^/]+)$`),
      endpoint: 'oauth2.client.delete',
      action: `${ACTION}/delete`,
      handle: (call) =>
        own(call, ({ clientId }) => {
          serviceAccounts.delete(clientId);
          return ok(null);
        }),
    },
  ];
}
