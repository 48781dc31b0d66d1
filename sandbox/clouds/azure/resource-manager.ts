import type { CloudContext, Reply, SandboxRequest } from '../../core/cloud.ts';
import { bearerTokenOf } from '../../oauth/authorize.ts';
import type { Grants } from '../../oauth/grants.ts';
import type { AzureCloud, AzureSettings } from './settings.ts';
import type { Principals } from './principals.ts';

const failure = (status: number, code: string, message: string): Reply => ({
  status,
  body: { error: { code, message } },
});

/** `GET /subscriptions` of Azure Resource Manager, in pages; nothing for who has no role, as the real one answers. */
export function createSubscriptionList(
  { settings }: CloudContext<AzureSettings>,
  { grants, principals }: { grants: Grants; principals: Principals },
): (cloud: AzureCloud, request: SandboxRequest) => Reply {
  return (cloud, request) => {
    const { query, headers } = request;
    const bearer = grants.bearer(bearerTokenOf(request) ?? '');
    if (bearer.state === 'expired') {
      return failure(401, 'ExpiredAuthenticationToken', 'The access token expiry time is in the past.');
    }
    if (bearer.state === 'unknown' || bearer.grant.region !== cloud.id) {
      return failure(401, 'InvalidAuthenticationToken', 'The access token is invalid.');
    }
    if (query.get('api-version') === null) {
      return failure(
        400,
        'MissingApiVersionParameter',
        'The api-version query parameter is required for all requests.',
      );
    }
    const rows = principals.visible(cloud, bearer.grant.account ?? bearer.grant.clientId);
    const from = Number(Buffer.from(query.get('$skiptoken') ?? '', 'base64url').toString()) || 0;
    const to = from + settings().pageSize;
    const rest = new URLSearchParams({
      'api-version': query.get('api-version') ?? '',
      $skiptoken: Buffer.from(String(to)).toString('base64url'),
    });
    return {
      status: 200,
      body: {
        value: rows.slice(from, to).map(({ id, name, tenantId, state }) => ({
          id: `/subscriptions/${id}`,
          subscriptionId: id,
          tenantId,
          displayName: name,
          state,
          authorizationSource: 'RoleBased',
        })),
        ...(to < rows.length && {
          nextLink: `http://${headers.host}/azure/${cloud.id}/subscriptions?${rest.toString()}`,
        }),
        count: { type: 'Total', value: rows.length },
      },
    };
  };
}
