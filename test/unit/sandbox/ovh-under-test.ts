import { calculatePKCECodeChallenge, generateRandomCodeVerifier } from 'oauth4webapi';

import type { Clock } from '../../../platform/clock.ts';
import { createSandboxClient, type SandboxClient } from '../../../sandbox/client.ts';
import { createSandbox, sandboxEnvironment } from '../../../sandbox/sandbox.ts';

export const redirectUri = 'http://127.0.0.1:5000/ovh/oauth2/callback';

export interface TokenReply {
  readonly status: number;
  readonly body: {
    readonly access_token?: string;
    readonly refresh_token?: string;
    readonly expires_in?: number;
    readonly scope?: string;
    readonly error?: string;
    readonly error_description?: string;
  };
}

/** A sandbox as a bare HTTP client sees it: nothing of Mooring is in between. */
export interface OvhUnderTest {
  readonly url: string;
  readonly environment: Record<string, string>;
  readonly cloud: SandboxClient;
  readonly clock: Clock & { advance(seconds: number): void };
  authorizeUrl(parameters?: Record<string, string | null>): URL;
  /** The form of a token request for a code that was just approved. */
  approvedCode(account?: string): Promise<Record<string, string>>;
  token(form: Record<string, string>, region?: 'EU' | 'US'): Promise<TokenReply>;
  /** Signs in and answers the refresh token. */
  signIn(account?: string): Promise<{ accessToken: string; refreshToken: string; code: Record<string, string> }>;
  refresh(refreshToken: string): Promise<TokenReply>;
  api(path: string, token?: string): Promise<{ status: number; body: unknown }>;
  close(): Promise<void>;
}

export async function startOvh(): Promise<OvhUnderTest> {
  let nowMs = Date.parse('2026-11-23T10:00:00Z');
  const clock = { now: () => nowMs, advance: (seconds: number) => void (nowMs += seconds * 1000) };
  const sandbox = createSandbox({ clock });
  const url = await sandbox.listen();
  return { ...speakOvh(url), clock, close: () => sandbox.close() };
}

/** The same, towards a sandbox that is already there. */
export function speakOvh(url: string): Omit<OvhUnderTest, 'clock' | 'close'> {
  const environment = sandboxEnvironment(url);
  const cloud = createSandboxClient(url);
  const verifier = generateRandomCodeVerifier();
  const challenge = calculatePKCECodeChallenge(verifier);

  function authorizeUrl(parameters: Record<string, string | null> = {}): URL {
    const target = new URL(environment['OVH_EU_AUTHORIZE_URL'] ?? '');
    const standard = { response_type: 'code', scope: 'all', state: 'some-state', redirect_uri: redirectUri };
    const all = { client_id: environment['OVH_EU_CLIENT_ID'] ?? '', ...standard, ...parameters };
    for (const [name, value] of Object.entries(all)) if (value !== null) target.searchParams.set(name, value);
    return target;
  }

  async function approvedCode(account?: string) {
    const pkce = { code_challenge: await challenge, code_challenge_method: 'S256' };
    const back = await cloud.decide(authorizeUrl(pkce), account === undefined ? {} : { account });
    const code = back.searchParams.get('code') ?? '';
    return { grant_type: 'authorization_code', code, redirect_uri: redirectUri, code_verifier: verifier };
  }

  async function token(form: Record<string, string>, region = 'EU'): Promise<TokenReply> {
    const client = {
      client_id: environment[`OVH_${region}_CLIENT_ID`] ?? '',
      client_secret: environment[`OVH_${region}_CLIENT_SECRET`] ?? '',
    };
    const response = await fetch(environment[`OVH_${region}_TOKEN_URL`] ?? '', {
      method: 'POST',
      body: new URLSearchParams({ ...client, ...form }),
    });
    const text = await response.text();
    return { status: response.status, body: (text === '' ? {} : JSON.parse(text)) as TokenReply['body'] };
  }

  return {
    url,
    environment,
    cloud,
    authorizeUrl,
    approvedCode,
    token,
    async signIn(account) {
      const code = await approvedCode(account);
      const { access_token = '', refresh_token = '' } = (await token(code)).body;
      return { accessToken: access_token, refreshToken: refresh_token, code };
    },
    refresh: (refreshToken) => token({ grant_type: 'refresh_token', refresh_token: refreshToken }),
    async api(path, bearer) {
      const headers: Record<string, string> = bearer === undefined ? {} : { authorization: `Bearer ${bearer}` };
      const response = await fetch(`${environment['OVH_EU_API_URL']}${path}`, { headers });
      return { status: response.status, body: await response.json() };
    },
  };
}
