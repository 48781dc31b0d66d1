import type { Reply, SandboxRequest } from '../../core/cloud.ts';
import type { OAuthContext } from '../../oauth/context.ts';
import type { Grant, Grants } from '../../oauth/grants.ts';
import { findAccount, ovhAccounts } from './accounts.ts';
import { apiErrors } from './api-errors.ts';
import type { OvhRegion } from './regions.ts';

type Resource = (of: { grant: Grant; region: OvhRegion }) => unknown;

/** What needs a credential, by path below `/1.0` and endpoint name. */
const resources: Readonly<Record<string, { endpoint: string; read: Resource }>> = {
  '/auth/details': { endpoint: 'auth.details', read: authDetails },
  '/me': { endpoint: 'me', read: me },
};

/** The endpoint of the regional API v1 that a path names; undefined where there is none. */
export function createApi(context: OAuthContext, grants: Grants) {
  const withQueryId = (reply: Reply, region: OvhRegion): Reply => ({
    ...reply,
    headers: { 'x-ovh-queryid': `${region.short.toUpperCase()}.sandbox.${context.random(6)}` },
  });

  return (region: OvhRegion, path: string, request: SandboxRequest): { endpoint: string; handle: () => Reply } => {
    const answer = (endpoint: string, handle: () => Reply) => ({
      endpoint,
      handle: () => withQueryId(handle(), region),
    });
    if (request.method === 'GET' && path === '/auth/time') {
      return answer('auth.time', () => ({ status: 200, body: Math.floor(context.clock.now() / 1000) }));
    }
    const resource = request.method === 'GET' ? resources[path] : undefined;
    if (!resource) return answer('api.unknown', () => apiErrors.notFound);
    return answer(resource.endpoint, () => {
      const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1];
      if (token === undefined) return apiErrors.notSignedIn;
      const bearer = grants.bearer(token);
      if (bearer.state === 'expired') return apiErrors.notSignedIn;
      if (bearer.state === 'unknown' || bearer.grant.region !== region.id) return apiErrors.invalidCredential;
      return { status: 200, body: resource.read({ grant: bearer.grant, region }) };
    });
  };
}

/** A service account acts for the account that made it: here, the first one. */
const ownerOf = (grant: Grant) => findAccount(grant.account) ?? ovhAccounts[0];

function authDetails({ grant, region }: { grant: Grant; region: OvhRegion }) {
  const { nichandle } = ownerOf(grant);
  const identity = grant.account === null ? `credential:${nichandle}/oauth2-${grant.clientId}` : `account:${nichandle}`;
  return {
    account: nichandle,
    allowedRoutes: null,
    description: '',
    identities: [`urn:v1:${region.short}:identity:${identity}`],
    method: grant.account === null ? 'credential' : 'account',
    roles: [],
    user: null,
  };
}

function me({ grant, region }: { grant: Grant; region: OvhRegion }) {
  const { nichandle, ...person } = ownerOf(grant);
  return {
    nichandle,
    customerCode: nichandle.replace(/\D/g, ''),
    ...person,
    ovhCompany: 'ovh',
    ovhSubsidiary: region.short.toUpperCase(),
    language: 'en_GB',
    currency: { code: 'EUR', symbol: '€' },
    state: 'complete',
    kycValidated: true,
  };
}
