import { Type } from 'typebox';
import { Value } from 'typebox/value';
import type { OAuthApplication } from '../../../oauth/clients.ts';
import { ovhAccounts } from '../accounts.ts';
import type { OvhContext } from '../context.ts';
import { ovhRegions } from '../regions.ts';
import type { Reply } from '../../../core/cloud.ts';
import { apiErrors } from '../api-errors.ts';
import { ok, parsedBody, type ApiCall, type ApiRoute } from '../api-route.ts';

/** An OAuth2 client that a customer made (`POST /me/api/oauth2/client`). */
export interface OAuthClientRow extends OAuthApplication {
  readonly region: string;
  /** Nichandle of its owner. */
  readonly account: string;
  readonly description: string;
  readonly callbackUrls: readonly string[];
  readonly createdAt: string;
}

export interface ServiceAccounts {
  create(of: Omit<OAuthClientRow, 'clientId' | 'clientSecret' | 'createdAt'>): OAuthClientRow;
  find(region: string, clientId: string): OAuthClientRow | undefined;
  of(region: string, account: string): OAuthClientRow[];
  /** False where there is none. */
  delete(clientId: string): boolean;
  list(): OAuthClientRow[];
  /** Whom the token endpoint of a region knows, those that were there from the start included. */
  applications(region: string): OAuthApplication[];
}

export function createServiceAccounts({ tables, random, clock }: OvhContext): ServiceAccounts {
  const rows = tables.table<OAuthClientRow>('ovh.oauthClients');
  const list = () => [...rows.values()];
  return {
    create(of) {
      const row: OAuthClientRow = {
        ...of,
        clientId: `${of.region.slice('ovh-'.length).toUpperCase()}.${random(12)}`,
        clientSecret: `ovh-cs-${random(24)}`,
        createdAt: new Date(clock.now()).toISOString(),
      };
      rows.put(row.clientId, row);
      return row;
    },
    find: (region, clientId) => list().find((row) => row.clientId === clientId && row.region === region),
    of: (region, account) => list().filter((row) => row.region === region && row.account === account),
    delete(clientId) {
      const isThere = rows.get(clientId) !== undefined;
      rows.delete(clientId);
      return isThere;
    },
    list,
    applications: (region) => [
      ...(ovhRegions.find(({ id }) => id === region)?.applications ?? []),
      ...list().filter((row) => row.region === region),
    ],
  };
}

/** The service account that is there from the start acts for the first account, and may do whatever that may. */
export const readyServiceAccountOwner = ovhAccounts[0].nichandle;

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
