import { calculatePKCECodeChallenge, generateRandomCodeVerifier } from 'oauth4webapi';
import { expect } from 'vitest';

import type { AuthMethod, CallContext, IssuedCredential } from '../../providers/provider.ts';
import type { JsonObject } from '../../platform/json.ts';
import { Secret } from '../../platform/secret.ts';
import { createSandboxClient, type SandboxClient } from '../../sandbox/client.ts';
import { createSandbox, sandboxEnvironment } from '../../sandbox/sandbox.ts';
import { ovhAuthorizeUrl, ovhRedirectUri, ovhRegion, ovhSignIn } from './provider.ovh.harness.ts';

/** OVHcloud's sign-in on a sandbox whose behaviour the test steers. */
export interface OvhOnSandbox {
  readonly cloud: SandboxClient;
  readonly environment: Record<string, string>;
  method(options?: { deadlineMs?: number }): AuthMethod;
  exchange(): Promise<IssuedCredential>;
  holding(fields: Secret<JsonObject>, more?: JsonObject): CallContext;
  /** What a connected account's record holds. */
  connect(): Promise<CallContext>;
  close(): Promise<void>;
}

export async function startOvhOnSandbox(): Promise<OvhOnSandbox> {
  const sandbox = createSandbox();
  const environment = sandboxEnvironment(await sandbox.listen());
  const cloud = createSandboxClient(sandbox.url);
  const { signal } = new AbortController();

  const method = (options?: { deadlineMs?: number }) => ovhSignIn(environment, options);
  const holding = (fields: Secret<JsonObject>, more: JsonObject = {}) => ({
    region: ovhRegion,
    connectionId: 'con-sandbox',
    record: new Secret({ ...fields.reveal(), ...more }),
    signal,
  });
  async function granted() {
    const verifier = generateRandomCodeVerifier();
    const back = await cloud.decide(ovhAuthorizeUrl(environment, await calculatePKCECodeChallenge(verifier)));
    const code = new Secret(back.searchParams.get('code') ?? '');
    return {
      region: ovhRegion,
      code,
      verifier: new Secret(verifier),
      redirectUri: ovhRedirectUri,
      iss: null,
      signal,
    };
  }
  const exchange = async () => (await method().exchange?.(await granted())) ?? expect.fail('no exchange');

  return {
    cloud,
    environment,
    method,
    exchange,
    holding,
    connect: async () => holding((await exchange()).fields),
    close: () => sandbox.close(),
  };
}
