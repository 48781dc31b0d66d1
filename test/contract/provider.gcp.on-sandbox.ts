import { expect } from 'vitest';

import type { GcpDependencies } from '../../providers/gcp/index.ts';
import type { AuthMethod, CallContext, IssuedCredential } from '../../providers/provider.ts';
import type { Environment } from '../../providers/manifests/settings.ts';
import type { JsonObject } from '../../platform/json.ts';
import { Secret } from '../../platform/secret.ts';
import { createSandboxClient, type SandboxClient } from '../../sandbox/client.ts';
import { createSandbox, sandboxEnvironment } from '../../sandbox/sandbox.ts';
import { ada, gcpGranted, gcpMethod, gcpRegion } from './provider.gcp.harness.ts';

/** Google Cloud on a sandbox whose behaviour the test steers. */
export interface GcpOnSandbox {
  readonly cloud: SandboxClient;
  readonly environment: Record<string, string>;
  signIn(options?: Partial<GcpDependencies>, changed?: Environment): AuthMethod;
  serviceAccount(options?: Partial<GcpDependencies>, changed?: Environment): AuthMethod;
  holding(fields: JsonObject): CallContext;
  /** Signs in and approves; `changed` replaces parameters of the authorize URL. */
  exchange(options?: { account?: string; changed?: Readonly<Record<string, string>> }): Promise<IssuedCredential>;
  /** What a connected person's record holds. */
  connect(account?: string): Promise<CallContext>;
  close(): Promise<void>;
}

export async function startGcpOnSandbox(): Promise<GcpOnSandbox> {
  const sandbox = createSandbox();
  const environment = sandboxEnvironment(await sandbox.listen());
  const cloud = createSandboxClient(sandbox.url);
  const { signal } = new AbortController();

  const method =
    (id: string) =>
    (options: Partial<GcpDependencies> = {}, changed: Environment = {}) =>
      gcpMethod({ ...environment, ...changed }, id, options);
  const signIn = method('authorization_code');
  const holding = (fields: JsonObject): CallContext => ({
    region: gcpRegion,
    connectionId: 'con-sandbox',
    record: new Secret(fields),
    signal,
  });
  async function exchange({ account = ada.email, changed = {} }: Parameters<GcpOnSandbox['exchange']>[0] = {}) {
    const request = await gcpGranted(environment, (url) => cloud.decide(url, { account }), { changed });
    return (await signIn().exchange?.(request)) ?? expect.fail('no exchange');
  }

  return {
    cloud,
    environment,
    signIn,
    serviceAccount: method('service_account'),
    holding,
    exchange,
    connect: async (account) => holding((await exchange(account === undefined ? {} : { account })).fields.reveal()),
    close: () => sandbox.close(),
  };
}
