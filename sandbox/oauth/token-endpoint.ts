import type { Reply } from '../core/cloud.ts';
import { authenticate, type OAuthApplication } from './clients.ts';
import type { Codes } from './codes.ts';
import type { OAuthContext } from './settings.ts';
import { isRefusal, refusalReply, refuse, type Refusal } from './errors.ts';
import type { Grant, Grants, TokenPair } from './grants.ts';

type Issued = { readonly grant: Grant; readonly tokens: TokenPair };

const endpoints: Readonly<Record<string, string>> = {
  authorization_code: 'token.code',
  refresh_token: 'token.refresh',
  client_credentials: 'token.client_credentials',
};

/** The endpoint's name for the fault script and the counters: by grant, because they fail differently. */
export const tokenEndpointName = (form: URLSearchParams): string =>
  endpoints[form.get('grant_type') ?? ''] ?? 'token.unsupported';

/** The token endpoint (RFC 6749, 3.2) of one region. */
export function createTokenEndpoint(
  context: OAuthContext,
  parts: { codes: Codes; grants: Grants },
): (region: string, applications: readonly OAuthApplication[], form: URLSearchParams) => Reply {
  const { codes, grants } = parts;

  function serve(region: string, application: OAuthApplication, form: URLSearchParams): Issued | Refusal {
    const { clientId } = application;
    switch (form.get('grant_type')) {
      case 'authorization_code':
        if (application.flow !== 'authorization_code') return wrongFlow;
        return codes.redeem({
          region,
          clientId,
          code: form.get('code') ?? '',
          redirectUri: form.get('redirect_uri') ?? '',
          verifier: form.get('code_verifier'),
        });
      case 'refresh_token':
        if (application.flow !== 'authorization_code') return wrongFlow;
        return grants.spend(form.get('refresh_token') ?? '', { clientId, region });
      case 'client_credentials':
        if (application.flow !== 'client_credentials') return wrongFlow;
        if (form.get('scope') !== 'all') return refuse('invalid_scope', 'The requested scope must be "all"');
        return grants.open({ region, clientId, account: null, scope: 'all' }, { renewable: false });
      default:
        return refuse('unsupported_grant_type', 'The authorization grant type is not supported');
    }
  }

  return (region, applications, form) => {
    const application = authenticate(applications, form);
    const issued = isRefusal(application) ? application : serve(region, application, form);
    return isRefusal(issued) ? refusalReply(issued) : tokenReply(context, issued);
  };
}

const wrongFlow = refuse('unauthorized_client', 'The application is not of the flow that this grant needs');

function tokenReply({ clock, settings }: OAuthContext, { grant, tokens }: Issued): Reply {
  return {
    status: 200,
    headers: { pragma: 'no-cache' },
    body: {
      ...(!settings().omitAccessToken && { access_token: tokens.accessToken }),
      token_type: 'Bearer',
      expires_in: Math.max(0, Math.round((tokens.accessExpiresAtMs - clock.now()) / 1000)),
      ...(tokens.refreshToken !== null && { refresh_token: tokens.refreshToken }),
      scope: grant.scope,
    },
  };
}

/** The revocation endpoint (RFC 7009): an unknown token is a success (2.2), because it is no longer good either way. */
export function revocationReply(
  grants: Grants,
  applications: readonly OAuthApplication[],
  form: URLSearchParams,
): Reply {
  const application = authenticate(applications, form);
  if (isRefusal(application)) return refusalReply(application);
  const token = form.get('token');
  if (!token) return refusalReply(refuse('invalid_request', 'token is missing'));
  grants.revokeToken(token);
  return { status: 200, body: '' };
}
