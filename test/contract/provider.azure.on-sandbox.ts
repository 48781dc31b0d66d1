import { calculatePKCECodeChallenge, generateRandomCodeVerifier } from 'oauth4webapi';
import { expect } from 'vitest';

import type { AzureDependencies } from '../../providers/azure/index.ts';
import type { AuthMethod, CallContext, IssuedCredential } from '../../providers/provider.ts';
import type { Environment } from '../../providers/manifests/settings.ts';
import type { JsonObject } from '../../platform/json.ts';
import { Secret } from '../../platform/secret.ts';
import { createSandboxClient, type SandboxClient } from '../../sandbox/client.ts';
import { createSandbox, sandboxEnvironment } from '../../sandbox/sandbox.ts';
import { createManualClock, type ManualClock } from './manual-clock.ts';
import { azureAuthorizeUrl, azureMethod, azureRedirectUri, azureRegion } from './provider.azure.harness.ts';

/** Azure on a sandbox whose behaviour the test steers, seen by a clock that the test moves. */
export interface AzureOnSandbox {
  readonly cloud: SandboxClient;
  readonly environment: Environment;
  readonly clock: ManualClock;
  signIn(more?: Environment): AuthMethod;
  principal(options?: Partial<AzureDependencies>): AuthMethod;
  holding(record: JsonObject): CallContext;
  /** A person signs in and approves. */
  exchange(options?: { account?: string; method?: AuthMethod }): Promise<IssuedCredential>;
  /** What the record of somebody who signed in holds. */
  connect(account?: string): Promise<CallContext>;
  /** What a customer submits for a new application, stamped as it is prepared. */
  submitted(roles: readonly string[], more?: JsonObject): Promise<JsonObject & { client_id: string }>;
  close(): Promise<void>;
}

export async function startAzureOnSandbox(): Promise<AzureOnSandbox> {
  const sandbox = createSandbox();
  const environment = sandboxEnvironment(await sandbox.listen());
  const cloud = createSandboxClient(sandbox.url);
  const clock = createManualClock(Date.now());
  const { signal } = new AbortController();

  const signIn = (more: Environment = {}) => azureMethod('authorization_code', { ...environment, ...more }, { clock });
  const principal = (options: Partial<AzureDependencies> = {}) =>
    azureMethod('client_secret', environment, { clock, ...options });
  const holding = (record: JsonObject) => ({
    region: azureRegion,
    connectionId: 'con-sandbox',
    record: new Secret(record),
    signal,
  });

  async function exchange({ account = 'ada@lindqvist.example', method = signIn() } = {}) {
    const verifier = generateRandomCodeVerifier();
    const url = azureAuthorizeUrl(environment, await calculatePKCECodeChallenge(verifier));
    const code = (await cloud.decide(url, { account })).searchParams.get('code') ?? '';
    const request = { code: new Secret(code), verifier: new Secret(verifier), redirectUri: azureRedirectUri };
    return (await method.exchange?.({ region: azureRegion, ...request, iss: null, signal })) ?? expect.fail('none');
  }

  return {
    cloud,
    environment,
    clock,
    signIn,
    principal,
    holding,
    exchange,
    connect: async (account) => holding((await exchange(account === undefined ? {} : { account })).fields.reveal()),
    async submitted(roles, more = {}) {
      const { tenantId, clientId, secret } = await cloud.azure.addServicePrincipal('test');
      await cloud.azure.assignRoles(clientId, roles);
      const fields = { tenant_id: tenantId, client_id: clientId, client_secret: secret?.value ?? '', ...more };
      const prepared = await principal().prepare?.(holding(fields));
      return { ...fields, ...prepared?.fields.reveal() };
    },
    close: () => sandbox.close(),
  };
}
