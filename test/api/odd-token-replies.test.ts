import { beforeAll, describe, expect, it } from 'vitest';
import type { FaultAction } from '../../sandbox/core/faults.ts';
import { connect, platform, type Platform } from './support/connect.ts';
import { startStack, temporalAddress, type Stack } from './support/stack.ts';

const address = temporalAddress();

type Altered = Omit<Extract<FaultAction, { kind: 'alter' }>, 'kind'>;

const oddities: readonly [string, Altered][] = [
  ['has no token type', { unset: ['token_type'] }],
  ['has a token type of another kind', { set: { token_type: 'MAC' } }],
  ['has null for its lifetime and scope', { set: { expires_in: null, scope: null } }],
  ['has a lifetime with a fraction', { set: { expires_in: 1799.5 } }],
  ['has a lifetime of zero', { set: { expires_in: 0 } }],
  ['has a lifetime as text', { set: { expires_in: 'an hour' } }],
  ['has an invalid ID token', { set: { id_token: 'not a JWT' } }],
  ['has another status and content type', { status: 201, headers: { 'content-type': 'text/html' } }],
  ['has a WWW-Authenticate header', { headers: { 'www-authenticate': 'Bearer error="invalid_token"' } }],
];

describe.skipIf(address === null)('an odd token response of a cloud', { timeout: 60_000 }, () => {
  let stack: Stack;
  let acme: Platform;
  beforeAll(async () => {
    stack = await startStack(address ?? '');
    acme = platform(stack, await stack.keyFor('acme', 'admin'));
  });

  it.each(oddities)(
    'a token response that %s is accepted: the connection is active, renewed, listed and can be ended',
    async (_odd, altered) => {
      for (const endpoint of ['token.code', 'token.refresh']) {
        await stack.cloud.fault({ endpoint }, { kind: 'alter', ...altered });
      }
      const { id } = (await connect(stack, acme)).connection;
      const renewed = await acme.call('POST', `/${id}/refresh`);
      expect(renewed.statusCode, renewed.body).toBe(200);
      expect(await acme.get(id)).toMatchObject({ status: 'active', credential: { generation: 2 } });
      const lease = await acme.call('GET', `/${id}/credentials`);
      expect(lease.statusCode, lease.body).toBe(200);
      expect(lease.json<{ ttlSeconds: number }>().ttlSeconds).toBeGreaterThan(0);
      expect((await acme.call('GET', '')).statusCode).toBe(200);
      expect(await stack.cloud.counters()).toMatchObject({ refreshTokensSpentTwice: 0, codesRedeemedTwice: 0 });
      expect((await acme.call('DELETE', `/${id}`)).statusCode).toBe(202);
      await acme.until(id, 'disconnected');
    },
  );
});
