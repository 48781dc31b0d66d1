import { inspect } from 'node:util';

import { describe, expect, it, onTestFinished, vi } from 'vitest';

import { systemClock } from '../../../platform/clock.ts';
import { Secret } from '../../../platform/secret.ts';
import { anyFreePort } from '../../../scripts/dev/ports.ts';
import { SecretStoreUnavailable } from '../../../stores/secrets/port.ts';
import { createVaultSecretStore, type VaultSecretStoreOptions } from '../../../stores/secrets/vault.ts';
import { createVaultTransport, type VaultTransport } from '../../../stores/secrets/vault-client.ts';
import { eventually } from '../../support/eventually.ts';
import { drip, hang, html, json, reset, startScriptedVault } from './scripted-vault.ts';

/** Far more than a login or an answer takes, on a busy machine too. */
const TIMEOUT_MS = 1_000;
/** For calls that are known to last until their deadline, by a store that is logged in. */
const SHORT_MS = 150;
/** What a busy machine may add. */
const SLACK_MS = 1_500;

const open = (address: string, overrides: Partial<VaultSecretStoreOptions> = {}) =>
  createVaultSecretStore({
    address,
    mount: 'mooring',
    auth: { roleId: 'role', secretId: new Secret('canary-secret-id') },
    timeoutMs: TIMEOUT_MS,
    clock: systemClock,
    ...overrides,
  });
type Store = ReturnType<typeof open>;

const calls = {
  write: async (store: Store) => await store.write('live', 'con_a', new Secret({ token: 'canary-value' }), { cas: 1 }),
  destroy: async (store: Store) => await store.destroy('live', 'con_a'),
  read: async (store: Store) => await store.read('live', 'con_a'),
  list: async (store: Store) => await store.list('pending', ''),
} as const;
type Call = keyof typeof calls;

/** The error of a failed call: it must be of the port's type, come in time and contain no secret. */
async function unavailability(store: Store, call: Call, timeoutMs = TIMEOUT_MS): Promise<SecretStoreUnavailable> {
  const startedAt = performance.now();
  const error: unknown = await calls[call](store).then(
    (value) => expect.unreachable(`answered ${inspect(value)}`),
    (reason: unknown) => reason,
  );
  expect(performance.now() - startedAt).toBeLessThan(timeoutMs + SLACK_MS);
  expect(error).toBeInstanceOf(SecretStoreUnavailable);
  expect(inspect(error, { depth: Infinity, showHidden: true })).not.toContain('canary');
  return error as SecretStoreUnavailable;
}

/** Logs in first: a deadline covers the login too, and one that the login used up would not test the call itself. */
async function untilLoggedIn(store: Store, requests: readonly { readonly url?: string | undefined }[]): Promise<void> {
  await eventually('a call with a token', async () => {
    await store.ping().catch(() => undefined);
    return requests.some(({ url }) => url?.startsWith('/v1/mooring/data/'));
  });
}

describe('a Vault that fails', () => {
  it.each([
    ['hangs', hang, SHORT_MS],
    ['never ends its answer', drip, SHORT_MS],
    ['resets the connection', reset, TIMEOUT_MS],
    ['is behind a proxy that answers 502', html(502), TIMEOUT_MS],
    ['fails inside (500)', json(500, { errors: ['internal error'] }), TIMEOUT_MS],
    ['is behind a proxy that answers 503', html(503), TIMEOUT_MS],
    ['is replaced by a web page (200)', html(200), TIMEOUT_MS],
  ])('a Vault that %s leaves a change ambiguous, but not a read', async (_how, data, timeoutMs) => {
    const { address, requests } = await startScriptedVault({ data });
    const store = open(address, { timeoutMs });
    await untilLoggedIn(store, requests);
    for (const call of ['write', 'destroy'] as const) {
      expect(await unavailability(store, call, timeoutMs)).toMatchObject({ ambiguous: true });
    }
    for (const call of ['read', 'list'] as const) {
      expect(await unavailability(store, call, timeoutMs)).toMatchObject({ ambiguous: false });
    }
  });

  it.each([
    ['is sealed', json(503, { errors: ['Vault is sealed'] }), 'unseal it'],
    ['limits the rate', json(429, { errors: ['request path "x": rate limit quota exceeded'] }), '429'],
    ['redirects to another node', json(307, {}), 'active node'],
    ['refuses by policy', json(403, { errors: ['permission denied'] }), 'policy'],
    [
      'is still making the mount ready',
      json(400, { errors: ['Upgrading from non-versioned to versioned data.'] }),
      '400',
    ],
  ])('a request to a Vault that %s has changed nothing', async (_how, data, words) => {
    const { address } = await startScriptedVault({ data });
    const store = open(address);
    for (const call of Object.keys(calls) as Call[]) {
      const error = await unavailability(store, call);
      expect(error).toMatchObject({ ambiguous: false });
      expect(error.message).toContain(words);
    }
  });

  it('a write to a Vault that refuses the connection has changed nothing', async () => {
    const error = await unavailability(open(`http://127.0.0.1:${await anyFreePort()}`), 'write');
    expect(error.ambiguous).toBe(false);
    expect(error.message).toContain('ECONNREFUSED');
  });

  it.each([
    ['hangs', hang],
    ['resets the connection', reset],
    ['answers with a page', html(200)],
  ])('a write is never sent, and changes nothing, where Vault %s at the login', async (_how, login) => {
    const { address, requests } = await startScriptedVault({ login });
    expect(await unavailability(open(address), 'write')).toMatchObject({ ambiguous: false });
    expect(requests.map(({ url }) => url)).toEqual(['/v1/auth/approle/login']);
  });

  it('a write that timed out is not sent again where Vault refuses its token later', async () => {
    const { address, requests } = await startScriptedVault({ data: json(200, { data: { version: 1 } }) });
    const lateRefusal = Promise.withResolvers<{ status: number; text: string }>();
    let loginsAnswered = 0;
    const send = createVaultTransport();
    // The first write is refused after its caller has timed out, and this transport ignores the signal.
    const late: VaultTransport = async (url, { signal: _unheeded, ...request }) => {
      const isLogin = url.endsWith('/login');
      if (request.method === 'POST' && !isLogin && loginsAnswered === 1) return await lateRefusal.promise;
      const reply = await send(url, request);
      if (isLogin) loginsAnswered++;
      return reply;
    };
    const store = open(address, { transport: late });
    expect(await unavailability(store, 'write')).toMatchObject({ ambiguous: true });

    lateRefusal.resolve({ status: 403, text: JSON.stringify({ errors: ['permission denied', 'invalid token'] }) });
    await expect.poll(() => loginsAnswered).toBe(2);
    await store.destroy('live', 'con_b');
    expect(requests.map(({ method, url }) => `${method} ${url}`)).toEqual([
      'POST /v1/auth/approle/login',
      'POST /v1/auth/approle/login',
      'DELETE /v1/mooring/metadata/live/con_b',
    ]);
  });

  it('a write times out even where the transport ignores its signal', async () => {
    const { address } = await startScriptedVault({});
    const send = createVaultTransport();
    const deaf: VaultTransport = async (url, request) =>
      url.endsWith('/login') ? await send(url, request) : await new Promise(() => {});
    expect(await unavailability(open(address, { transport: deaf }), 'write')).toMatchObject({ ambiguous: true });
  });

  it('a 404 from a proxy is not taken for a missing credential', async () => {
    const { address } = await startScriptedVault({ data: html(404) });
    expect(await unavailability(open(address), 'read')).toMatchObject({ ambiguous: false });
    expect(await unavailability(open(address), 'list')).toMatchObject({ ambiguous: false });
  });
});

describe('a request to Vault', () => {
  it('a request to Vault uses nothing from the environment, and prints nothing', async () => {
    vi.stubEnv('VAULT_TOKEN', 'canary-environment');
    vi.stubEnv('VAULT_NAMESPACE', 'canary-environment');
    vi.stubEnv('VAULT_PREFIX', '/canary-environment');
    const stderr = vi.spyOn(process.stderr, 'write');
    onTestFinished(() => {
      vi.unstubAllEnvs();
      stderr.mockRestore();
    });
    const { address, requests } = await startScriptedVault({ data: json(200, { data: { version: 2 } }) });
    expect(await calls.write(open(address))).toBe(2);

    expect(requests.map(({ url, headers }) => [url, headers['x-vault-token'], headers['x-vault-namespace']])).toEqual([
      ['/v1/auth/approle/login', undefined, undefined],
      ['/v1/mooring/data/live/con_a', 'hvs.canary-token', undefined],
    ]);
    expect(stderr).not.toHaveBeenCalled();
  });

  it('a request to Vault names the configured namespace', async () => {
    const { address, requests } = await startScriptedVault({ data: json(200, { data: { version: 2 } }) });
    await calls.write(open(address, { namespace: 'teams/cloud' }));
    expect(requests.map(({ headers }) => headers['x-vault-namespace'])).toEqual(['teams/cloud', 'teams/cloud']);
  });
});
