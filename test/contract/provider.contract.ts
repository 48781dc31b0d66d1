import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';

import { calculatePKCECodeChallenge, generateRandomCodeVerifier } from 'oauth4webapi';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import type { RedirectMethodManifest } from '../../providers/manifests/types.ts';
import type { AuthMethod, CallContext } from '../../providers/provider.ts';
import type { JsonObject } from '../../platform/json.ts';
import { Secret } from '../../platform/secret.ts';
import type { ProblemClass } from '../../contracts/problem.ts';
import { closedPort } from '../support/closed-port.ts';
import { thrown } from './thrown.ts';

/** A redirect method and the cloud (real, certified or simulated) that it is run against. */
export interface RedirectMethodHarness {
  readonly region: string;
  readonly redirectUri: string;
  readonly account: string;
  /** The method as an operator configured it, with single settings replaced: roles as in the manifest. */
  method(replaced?: { clientSecret?: string; tokenUrl?: string }): AuthMethod;
  /** Whether the server says that it can revoke a token. */
  readonly serverRevokes: boolean;
  /** A person signs in and approves. */
  signIn(challenge: string): Promise<{ code: string; iss: string | null }>;
  close(): Promise<void>;
}

/** How a cloud may differ beyond its manifest. Defaults: as in RFC 6749, with refresh tokens that work once. */
export interface RedirectMethodTraits {
  /** What an access token may do; default: `all`. */
  readonly scopes?: readonly string[];
  /** The lifetime of an access token; default: one hour. */
  readonly lifetimeSeconds?: number;
  /** The error for another redirect URI than the code's; default: `invalid_grant`. */
  readonly otherRedirectUri?: { readonly class: ProblemClass; readonly code: string };
  /** A used refresh token is accepted again, although each refresh gives a new one. */
  readonly spentTokensStayGood?: boolean;
  /** What the record holds beside tokens and our client ID; default: nothing. */
  readonly recordFields?: Readonly<Record<string, unknown>>;
  /** The account is identified by the token reply, and a reply without it is refused. */
  readonly identityComesWithTokens?: boolean;
}

const signal = new AbortController().signal;

/** What Mooring relies on, for every redirect method of every cloud. */
export function redirectMethodContract(
  name: string,
  manifest: Pick<RedirectMethodManifest, 'rotatesRefreshTokens' | 'revokesBy'>,
  start: () => Promise<RedirectMethodHarness>,
  traits: RedirectMethodTraits = {},
): void {
  const {
    scopes = ['all'],
    lifetimeSeconds = 3600,
    otherRedirectUri = { class: 'user', code: 'invalid_grant' },
    spentTokensStayGood = false,
    recordFields = {},
    identityComesWithTokens = false,
  } = traits;
  const keepsRefreshTokens = !manifest.rotatesRefreshTokens;
  const { revokesBy } = manifest;
  describe(`redirect method: ${name}`, () => {
    let harness: RedirectMethodHarness;
    let method: AuthMethod;
    beforeAll(async () => {
      harness = await start();
      method = harness.method();
    });
    afterAll(() => harness.close());

    async function granted() {
      const verifier = generateRandomCodeVerifier();
      const { code, iss } = await harness.signIn(await calculatePKCECodeChallenge(verifier));
      const { region, redirectUri } = harness;
      return { region, redirectUri, code: new Secret(code), verifier: new Secret(verifier), iss, signal };
    }
    type ExchangeRequest = Awaited<ReturnType<typeof granted>>;
    const exchange = (request: ExchangeRequest, by: AuthMethod = method) =>
      by.exchange?.(request) ?? expect.fail('a redirect method has an exchange');
    const holding = (record: Secret<JsonObject>): CallContext => ({
      region: harness.region,
      connectionId: 'con-contract',
      record,
      signal,
    });
    const connect = async () => holding((await exchange(await granted())).fields);
    /** What every complete token reply results in. */
    const terms = { ttlSeconds: lifetimeSeconds, renewable: true, scopes, warnings: [] };

    test('a code is exchanged for everything the record needs, with the lifetime that the cloud gave', async () => {
      const issued = await exchange(await granted());
      const { access_token, refresh_token, client_id, ...others } = issued.fields.reveal();
      expect(access_token).toEqual(expect.any(String));
      expect(refresh_token).toEqual(expect.any(String));
      expect(client_id).toEqual(expect.any(String));
      expect(others).toEqual(recordFields);
      expect(issued).toMatchObject(terms);
    });

    test('a second use of a code is refused, and revokes what the first use gave', async () => {
      const request = await granted();
      const first = holding((await exchange(request)).fields);
      const error = await thrown(exchange(request));
      expect(error).toMatchObject({ class: 'user', delivery: 'answered', problem: { code: 'invalid_grant' } });
      expect(await thrown(method.refresh(first))).toMatchObject({ class: 'revoked' });
    });

    test('a code is refused with a wrong verifier', async () => {
      const request = await granted();
      const stolen = { ...request, verifier: new Secret(generateRandomCodeVerifier()) };
      expect(await thrown(exchange(stolen))).toMatchObject({ class: 'user', problem: { code: 'invalid_grant' } });
    });

    test('a redirect URI that differs by a trailing slash is refused, and the remedy says so', async () => {
      const request = await granted();
      const error = await thrown(exchange({ ...request, redirectUri: `${request.redirectUri}/` }));
      expect(error).toMatchObject({ class: otherRedirectUri.class, problem: { code: otherRedirectUri.code } });
      expect(error.problem.remedy).toContain('trailing slash');
    });

    test('a callback of another authorization server is refused before its code is sent anywhere', async () => {
      const request = await granted();
      const error = await thrown(exchange({ ...request, iss: 'https://another.example' }));
      expect(error).toMatchObject({ class: 'user', problem: { code: 'invalid_callback' } });
      await expect(exchange(request), 'the code is unused').resolves.toMatchObject({ renewable: true });
    });

    test('a proof identifies the account', async () => {
      const proof = await method.prove(await connect());
      expect(proof.account).toEqual({ id: harness.account, displayName: expect.any(String) as string });
    });

    test('a refresh gives tokens that work and can be refreshed again', async () => {
      const before = await connect();
      const issued = await method.refresh(before);
      const old = before.record.reveal();
      const after = holding(new Secret({ ...old, ...issued.fields.reveal() }));
      const { access_token, refresh_token } = after.record.reveal();
      expect(issued).toMatchObject(terms);
      expect(access_token).not.toBe(old['access_token']);
      expect(refresh_token === old['refresh_token']).toBe(keepsRefreshTokens);
      await expect(method.prove(after)).resolves.toMatchObject({ account: { id: harness.account } });
      await expect(method.refresh(after)).resolves.toMatchObject({ renewable: true });
    });

    test('a refresh token that comes without an access token is kept, with a warning', async () => {
      const before = await connect();
      const { tokenUrl, close } = await answering({ refresh_token: 'the-newest', token_type: 'Bearer' });
      const issued = await harness.method({ tokenUrl }).refresh(before).finally(close);
      expect(issued.fields.reveal()).toEqual({ refresh_token: 'the-newest' });
      expect(issued).toMatchObject({ renewable: true, warnings: [{ code: 'no_access_token' }] });
    });

    test('the old refresh token stays in the record where a refresh gives no new one', async () => {
      const before = await connect();
      const { tokenUrl, close } = await answering({ access_token: 'the-newest', token_type: 'Bearer' });
      const issued = await harness.method({ tokenUrl }).refresh(before).finally(close);
      expect(issued.fields.reveal()).toMatchObject({ access_token: 'the-newest' });
      expect(issued.fields.reveal()).not.toHaveProperty('refresh_token');
      expect(issued).toMatchObject({ renewable: true });
    });

    test('a code that gives no refresh token gives a credential that cannot be renewed, with a warning', async () => {
      const { tokenUrl, close } = await answering({ access_token: 'the-only-one', token_type: 'Bearer' });
      const issued = exchange(await granted(), harness.method({ tokenUrl })).finally(close);
      if (identityComesWithTokens) {
        expect(await thrown(issued)).toMatchObject({ class: 'user' });
        return;
      }
      expect(await issued).toMatchObject({ renewable: false, warnings: [{ code: 'no_refresh_token' }] });
    });

    if (spentTokensStayGood) {
      test('a used refresh token is accepted again, so that a lost response costs nothing', async () => {
        const context = await connect();
        const first = await method.refresh(context);
        const replayed = await method.refresh(context);
        expect(replayed).toMatchObject(terms);
        for (const { fields } of [first, replayed]) {
          await expect(method.refresh(holding(fields))).resolves.toMatchObject({ renewable: true });
        }
      });
    } else if (!keepsRefreshTokens) {
      test('a spent refresh token that is used again is class revoked, and its successor stops working', async () => {
        const spent = await connect();
        const successor = holding((await method.refresh(spent)).fields);
        expect(await thrown(method.refresh(spent))).toMatchObject({
          class: 'revoked',
          delivery: 'answered',
          problem: { code: 'invalid_grant' },
        });
        expect(await thrown(method.refresh(successor))).toMatchObject({ class: 'revoked' });
        expect(await thrown(method.prove(successor))).toMatchObject({ class: 'revoked' });
      });
    }

    if (revokesBy === 'nobody') {
      test('a credential that Mooring cannot revoke is reported, with what the customer can do', async () => {
        expect(harness.serverRevokes, 'the server has an endpoint for it').toBe(false);
        const outcome = await method.revoke(await connect());
        expect(outcome).toEqual({ outcome: 'unsupported', note: expect.stringMatching(/^[A-Z].*\.$/) as string });
        expect(await method.revoke(holding(new Secret({})))).toEqual({ outcome: 'nothing_to_revoke' });
      });
    } else {
      test('no token works after a revocation, and revoking again still succeeds', async () => {
        const context = await connect();
        const everything = { outcome: 'revoked', revoked: ['refresh_token', 'access_token'] };
        expect(await method.revoke(context)).toEqual(everything);
        expect(await thrown(method.refresh(context))).toMatchObject({ class: 'revoked' });
        expect(await thrown(method.prove(context))).toMatchObject({ class: 'revoked' });
        expect(await method.revoke(context)).toEqual(everything);
        expect(await method.revoke(holding(new Secret({})))).toEqual({ outcome: 'nothing_to_revoke' });
      });
    }

    test('a refresh without a refresh token in the record sends nothing', async () => {
      const { refresh_token: _, ...rest } = (await connect()).record.reveal();
      expect(await thrown(method.refresh(holding(new Secret(rest))))).toMatchObject({
        class: 'user',
        delivery: 'not_sent',
        problem: { code: 'no_refresh_token' },
      });
    });

    test('a wrong client secret is the operator’s error, never the customer’s', async () => {
      const misconfigured = harness.method({ clientSecret: 'not-the-secret' });
      const request = await granted();
      const config = { class: 'config', delivery: 'answered', problem: { code: 'invalid_client' } };
      expect(await thrown(exchange(request, misconfigured))).toMatchObject(config);
      const context = holding((await exchange(request)).fields);
      expect(await thrown(misconfigured.refresh(context))).toMatchObject(config);
      if (revokesBy !== 'client') return;
      expect(await thrown(misconfigured.revoke(context))).toMatchObject(config);
    });

    test('a request that reached no server is reported as not sent, and the code and token still work', async () => {
      const unreachable = harness.method({ tokenUrl: await closedPort() });
      const request = await granted();
      const notSent = { class: 'transient', delivery: 'not_sent', problem: { code: 'cloud_unreachable' } };
      expect(await thrown(exchange(request, unreachable))).toMatchObject(notSent);
      const context = holding((await exchange(request)).fields);
      expect(await thrown(unreachable.refresh(context))).toMatchObject(notSent);
      await expect(method.refresh(context)).resolves.toMatchObject({ renewable: true });
    });

    test('a token endpoint on another host without TLS is never used', async () => {
      const careless = harness.method({ tokenUrl: 'http://192.0.2.1/token' });
      const refused = { class: 'config', delivery: 'not_sent', problem: { code: 'insecure_url' } };
      expect(await thrown(exchange(await granted(), careless))).toMatchObject(refused);
    });

    test('no error contains a secret, even when it is printed at full depth', async () => {
      const request = await granted();
      const context = holding((await exchange(request)).fields);
      const record = context.record.reveal();
      const successor = (await method.refresh(context)).fields.reveal();
      const errors = [
        await thrown(exchange(request)),
        await thrown(method.refresh(context)),
        await thrown(method.prove(context)),
        await thrown(harness.method({ clientSecret: 'not-the-secret' }).refresh(context)),
        await thrown(harness.method({ tokenUrl: await closedPort() }).refresh(context)),
      ];
      const printed = errors.map((error) => inspect(error, { depth: Infinity, showHidden: true })).join('\n');
      const secrets = [
        request.code.reveal(),
        request.verifier.reveal(),
        'not-the-secret',
        ...[record, successor].flatMap((tokens) => [tokens['access_token'], tokens['refresh_token']]),
      ].filter((value) => typeof value === 'string');
      expect(secrets.length).toBeGreaterThanOrEqual(keepsRefreshTokens ? 6 : 7);
      for (const secret of secrets) expect(printed).not.toContain(secret);
    });
  });
}

/** A token endpoint that answers every request with this reply. */
async function answering(reply: object): Promise<{ tokenUrl: string; close: () => void }> {
  const server = createHttpServer((_, response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(reply));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { tokenUrl: `http://127.0.0.1:${port}/token`, close: () => void server.close() };
}
