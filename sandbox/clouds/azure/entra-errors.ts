import type { Reply } from '../../core/cloud.ts';
import type { FaultAction } from '../../core/faults.ts';
import type { Refusal, RefusalReason } from '../../oauth/errors.ts';

/** An error of the token endpoint as Microsoft Entra ID words it: its own code first, then the ids of the request. */
export function entraError(error: string, code: number, text: string): Reply {
  const id = '00000000-0000-4000-8000-000000000000';
  const timestamp = '2026-01-01 00:00:00Z';
  return {
    status: error === 'invalid_client' ? 401 : 400,
    body: {
      error,
      error_description: `${describe(code, text)} Trace ID: ${id} Correlation ID: ${id} Timestamp: ${timestamp}`,
      error_codes: [code],
      timestamp,
      trace_id: id,
      correlation_id: id,
      error_uri: `https://login.microsoftonline.com/error?code=${code}`,
    },
  };
}

export const describe = (code: number, text: string): string => `AADSTS${code}: ${text}`;

/** What the authorization server's parts refuse, in Microsoft's codes. */
const codes: Readonly<Record<RefusalReason, readonly [error: string, code: number, text: string]>> = {
  code_unknown: ['invalid_grant', 70000, 'The provided value for the input parameter "code" is not valid.'],
  code_used: [
    'invalid_grant',
    54005,
    'OAuth2 Authorization code was already redeemed, please retry with a new valid code or use an existing refresh token.',
  ],
  code_expired: [
    'invalid_grant',
    70008,
    'The provided authorization code or refresh token has expired due to inactivity.',
  ],
  redirect_uri: [
    'invalid_client',
    500112,
    'The reply address does not match the reply address provided when requesting Authorization code.',
  ],
  verifier: [
    'invalid_grant',
    501481,
    'The Code_Verifier does not match the code_challenge supplied in the authorization request.',
  ],
  token_unknown: ['invalid_grant', 70000, 'Provided grant is invalid or malformed.'],
  token_expired: ['invalid_grant', 700082, 'The refresh token has expired due to inactivity.'],
  grant_revoked: [
    'invalid_grant',
    50173,
    'The provided grant has expired due to it being revoked, a fresh auth token is needed.',
  ],
};

export function refusalOf({ error, description, reason }: Refusal): Reply {
  return reason ? entraError(...codes[reason]) : entraError(error, 9002313, description);
}

export const noSuchTenant = (tenant: string): Reply =>
  entraError(
    'invalid_request',
    90002,
    `Tenant '${tenant}' not found. Check to make sure you have the correct tenant ID.`,
  );

export const noSuchApplication = (clientId: string): Reply =>
  entraError(
    'unauthorized_client',
    700016,
    `Application with identifier '${clientId}' was not found in the directory.`,
  );

export const badSecret = (clientId: string): Reply =>
  entraError(
    'invalid_client',
    7000215,
    `Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '${clientId}'.`,
  );

export const oldSecret = (clientId: string): Reply =>
  entraError('invalid_client', 7000222, `The provided client secret keys for app '${clientId}' are expired.`);

/** An error of the token endpoint, to be put into a fault rule. */
export function entraFailure(error: string, code: number, text = 'A scripted error.'): FaultAction {
  const { status, body } = entraError(error, code, text);
  return { kind: 'respond', status, body };
}
