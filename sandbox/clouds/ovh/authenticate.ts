import type { Reply, SandboxRequest } from '../../core/cloud.ts';
import { bearerTokenOf } from '../../oauth/authorize.ts';
import type { Grants } from '../../oauth/grants.ts';
import { findAccount, type OvhAccount } from './accounts.ts';
import { apiErrors } from './api-errors.ts';
import { readyServiceAccountOwner, type ServiceAccounts } from './iam/service-accounts.ts';
import type { OvhRegion } from './regions.ts';

/** The identity behind a request. */
export interface Caller {
  readonly account: OvhAccount;
  readonly method: 'account' | 'credential';
  /** The last part of the identity's URN. */
  readonly identity: string;
  /** Set where the request was signed with one. */
  readonly consumerKey?: string;
}

export type Authentication = { readonly caller: Caller } | { readonly refusal: Reply };

/** One method of authentication; undefined if a request does not use it. */
export type Authenticator = (request: SandboxRequest, region: OvhRegion) => Authentication | undefined;

/** The first method that the request uses decides. */
export const createAuthenticate =
  (ways: readonly Authenticator[]) =>
  (request: SandboxRequest, region: OvhRegion): Authentication => {
    for (const way of ways) {
      const answer = way(request, region);
      if (answer) return answer;
    }
    return { refusal: apiErrors.notSignedIn };
  };

/** Access tokens of this sandbox's authorization server (RFC 6750), good in the region that issued them. */
export const bearerToken =
  (grants: Grants, serviceAccounts: ServiceAccounts): Authenticator =>
  (request, region) => {
    const token = bearerTokenOf(request);
    if (token === undefined) return undefined;
    const bearer = grants.bearer(token);
    if (bearer.state === 'expired') return { refusal: apiErrors.notSignedIn };
    if (bearer.state === 'unknown' || bearer.grant.region !== region.id)
      return { refusal: apiErrors.invalidCredential };
    const { account: nichandle, clientId } = bearer.grant;
    const isKnown = serviceAccounts.applications(region.id).some((application) => application.clientId === clientId);
    // A service account acts for the account that made it.
    const owner = serviceAccounts.find(region.id, clientId)?.account ?? readyServiceAccountOwner;
    const account = findAccount(nichandle ?? owner);
    if (!isKnown || !account) return { refusal: apiErrors.invalidCredential };
    return {
      caller:
        nichandle === null
          ? { account, method: 'credential', identity: `credential:${account.nichandle}/oauth2-${clientId}` }
          : { account, method: 'account', identity: `account:${account.nichandle}` },
    };
  };
