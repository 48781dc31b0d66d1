import type { Reply, SandboxRequest } from '../../../core/cloud.ts';
import { bearerTokenOf } from '../../../oauth/authorize.ts';
import type { Grants } from '../../../oauth/grants.ts';
import type { Subscription } from '../directory.ts';
import type { Principals } from '../principals.ts';
import type { AzureCloud } from '../settings.ts';

/** Who bears a token, and what they may do. */
export interface Caller {
  readonly id: string;
  /** Those that they have the role Reader on, whatever their state. */
  readonly subscriptions: readonly Subscription[];
  may(action: string, subscription: string): boolean;
  /** What their role says: `notActions` are those that were taken away. */
  readonly permissions: { readonly actions: readonly string[]; readonly notActions: readonly string[] };
}

export const armError = (status: number, code: string, message: string): Reply => ({
  status,
  body: { error: { code, message } },
});

/** In the words of Azure Resource Manager, which checks the right before it looks. */
export const forbidden = (caller: Caller, action: string, scope: string): Reply =>
  armError(
    403,
    'AuthorizationFailed',
    `The client '${caller.id}' with object id '${caller.id}' does not have authorization to perform action '${action}' over scope '${scope}' or the scope is invalid. If access was recently granted, please refresh your credentials.`,
  );

/** Runs what needs a valid token and an API version, or answers why it cannot. */
export function createAuthorized({ grants, principals }: { grants: Grants; principals: Principals }) {
  return (cloud: AzureCloud, request: SandboxRequest, answer: (caller: Caller) => Reply): Reply => {
    const bearer = grants.bearer(bearerTokenOf(request) ?? '');
    if (bearer.state === 'expired') {
      return armError(401, 'ExpiredAuthenticationToken', 'The access token expiry time is in the past.');
    }
    if (bearer.state === 'unknown' || bearer.grant.region !== cloud.id) {
      return armError(401, 'InvalidAuthenticationToken', 'The access token is invalid.');
    }
    if (request.query.get('api-version') === null) {
      return armError(
        400,
        'MissingApiVersionParameter',
        'The api-version query parameter is required for all requests.',
      );
    }
    const id = bearer.grant.account ?? bearer.grant.clientId;
    const subscriptions = principals.visible(cloud, id);
    const denied = principals.denied(cloud, id);
    return answer({
      id,
      subscriptions,
      may: (action, subscription) =>
        subscriptions.some((one) => one.id === subscription.toLowerCase()) &&
        !denied.some((one) => one.toLowerCase() === action.toLowerCase()),
      permissions: { actions: ['*/read'], notActions: denied },
    });
  };
}
