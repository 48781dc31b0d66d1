import { createHash } from 'node:crypto';

/** What the mock server lacks of Microsoft Entra ID: it takes any secret, any code's redirect URI and any refresh token. */
export interface EntraScript {
  /** Before the mock sees a token request: the refusal that Entra would answer. */
  refuse(form: URLSearchParams): EntraRefusal | undefined;
  codeGiven(code: string, terms: { redirectUri: string; challenge: string }): void;
  tokensGiven(form: URLSearchParams, tokens: { accessToken: string; refreshToken: string | undefined }): void;
  /** Whether Azure Resource Manager takes the token. */
  accepts(accessToken: string): boolean;
  /** The customer deletes the client secret of their application. */
  dropSecret(clientId: string): void;
}

export interface EntraRefusal {
  readonly error: string;
  readonly code: number;
  readonly text: string;
}

interface Grant {
  revoked: boolean;
}

interface Code {
  readonly redirectUri: string;
  readonly challenge: string;
  readonly grant: Grant;
  used: boolean;
}

/** `secrets`: of each application, by its client ID. */
export function createEntraScript(secrets: Map<string, string>): EntraScript {
  const codes = new Map<string, Code>();
  const refreshTokens = new Map<string, Grant>();
  const accessTokens = new Map<string, Grant>();
  const refusal = (error: string, code: number, text: string): EntraRefusal => ({ error, code, text });

  function refuseCode(form: URLSearchParams): EntraRefusal | undefined {
    const code = codes.get(form.get('code') ?? '');
    if (!code)
      return refusal('invalid_grant', 70000, 'The provided value for the input parameter "code" is not valid.');
    if (code.used) {
      code.grant.revoked = true;
      return refusal('invalid_grant', 54005, 'OAuth2 Authorization code was already redeemed.');
    }
    if (code.redirectUri !== form.get('redirect_uri')) {
      return refusal('invalid_client', 500112, 'The reply address does not match the reply address provided before.');
    }
    const challenge = createHash('sha256')
      .update(form.get('code_verifier') ?? '')
      .digest('base64url');
    if (challenge !== code.challenge) {
      return refusal('invalid_grant', 501481, 'The Code_Verifier does not match the code_challenge.');
    }
    code.used = true;
    return undefined;
  }

  function grantOf(form: URLSearchParams): Grant {
    const code = codes.get(form.get('code') ?? '');
    return code?.grant ?? refreshTokens.get(form.get('refresh_token') ?? '') ?? { revoked: false };
  }

  return {
    refuse(form) {
      const clientId = form.get('client_id') ?? '';
      if (!secrets.has(clientId)) {
        return refusal('unauthorized_client', 700016, `Application with identifier '${clientId}' was not found.`);
      }
      if (secrets.get(clientId) !== form.get('client_secret')) {
        return refusal('invalid_client', 7000215, 'Invalid client secret provided.');
      }
      if (form.get('grant_type') === 'authorization_code') return refuseCode(form);
      if (form.get('grant_type') !== 'refresh_token') return undefined;
      const grant = refreshTokens.get(form.get('refresh_token') ?? '');
      if (!grant) return refusal('invalid_grant', 70000, 'Provided grant is invalid or malformed.');
      return grant.revoked ? refusal('invalid_grant', 50173, 'The provided grant has been revoked.') : undefined;
    },
    codeGiven: (code, terms) => void codes.set(code, { ...terms, grant: { revoked: false }, used: false }),
    tokensGiven(form, { accessToken, refreshToken }) {
      const grant = grantOf(form);
      accessTokens.set(accessToken, grant);
      if (refreshToken !== undefined) refreshTokens.set(refreshToken, grant);
    },
    accepts: (accessToken) => accessTokens.get(accessToken)?.revoked === false,
    dropSecret: (clientId) => void secrets.set(clientId, ''),
  };
}
