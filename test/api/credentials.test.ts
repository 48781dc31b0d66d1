import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Secret } from '../../platform/secret.ts';
import { liveKeys, type CredentialRecord } from '../../stores/secrets/credential-record.ts';
import { eventually } from '../support/eventually.ts';
import { connect, platform, type Platform } from './support/connect.ts';
import { startStack, temporalAddress, type Stack } from './support/stack.ts';

const address = temporalAddress();

interface Lease {
  readonly credential: { readonly access_token: string };
  readonly generation: number;
  readonly ttlSeconds: number;
  readonly expiresAt: string;
  readonly warnings: { readonly code: string }[];
}

describe.skipIf(address === null)('a credential', () => {
  let stack: Stack;
  let acme: Platform;
  beforeAll(async () => {
    stack = await startStack(address ?? '');
    acme = platform(stack, await stack.keyFor('acme', 'admin'));
  });
  beforeEach(async () => {
    await stack.cloud.clearFaults();
    await stack.cloud.change({ ovh: { accessTokenLifetimeSeconds: 3600 } });
  });
  const read = async (id: string, query = '') => await acme.call('GET', `/${id}/credentials${query}`);
  /** Makes what is stored look older than it is: as if upkeep had not run for a while. */
  const age = async (id: string, secondsLeft: number) => {
    const stored = await stack.secrets.read('live', liveKeys.access(id));
    const expires_at = Math.floor(Date.now() / 1000) + secondsLeft;
    await stack.secrets.write('live', liveKeys.access(id), new Secret({ ...stored?.data.reveal(), expires_at }));
  };
  /** The same for the record that the worker renews by. */
  const ageRenewal = async (id: string, secondsLeft: number) => {
    const stored = await stack.secrets.read('live', liveKeys.renewal(id));
    const record = stored?.data.reveal() as CredentialRecord;
    const { ttl_seconds: ttlSeconds } = record.mooring;
    const issued_at_ms = Date.now() - ((ttlSeconds ?? 0) - secondsLeft) * 1000;
    await stack.secrets.write(
      'live',
      liveKeys.renewal(id),
      new Secret({ ...record, mooring: { ...record.mooring, issued_at_ms } }),
    );
  };

  it('a credential is served as stored, without its refresh token, and is never cached', async () => {
    const { connection } = await connect(stack, acme);
    const record = (await stack.secrets.read('live', liveKeys.renewal(connection.id)))?.data.reveal() ?? {};
    const reply = await read(connection.id);
    expect(reply.headers['cache-control']).toBe('no-store');
    const lease = reply.json<Lease>();
    expect(lease).toMatchObject({ generation: 1, warnings: [] });
    expect(lease.credential.access_token).toBe(record['access_token']);
    expect(Date.parse(lease.expiresAt)).toBe(Number(record['expires_at']) * 1000);
    const { refresh_token: refreshToken } = record;
    if (typeof refreshToken !== 'string') expect.fail('The sandbox gave no refresh token to look for.');
    expect(reply.body).not.toContain(refreshToken);
  });

  it('a credential with too little time left is renewed exactly once for fifty concurrent readers', async () => {
    const { connection } = await connect(stack, acme);
    await age(connection.id, 30);
    await ageRenewal(connection.id, 30);
    const before = await stack.cloud.counters();
    const leases = await Promise.all(
      Array.from({ length: 50 }, async () => (await read(connection.id, '?minTtlSeconds=3000')).json<Lease>()),
    );
    const after = await stack.cloud.counters();
    expect(after.refreshTokensSpent - before.refreshTokensSpent).toBe(1);
    expect(new Set(leases.map(({ credential }) => credential.access_token)).size).toBe(1);
    expect(leases.every(({ ttlSeconds }) => ttlSeconds >= 3000)).toBe(true);
  });

  it('a minimum lifetime longer than the cloud issues is refused, and the maximum is named', async () => {
    const { connection } = await connect(stack, acme);
    const problem = (await read(connection.id, '?minTtlSeconds=3601')).json<{ maximumTtlSeconds: number }>();
    expect(problem).toMatchObject({ status: 422, code: 'minimum_life_too_long' });
    expect(problem.maximumTtlSeconds).toBeLessThanOrEqual(3600);
  });

  it('a credential with a lifetime of less than a minute is served where no minimum is requested', async () => {
    await stack.cloud.change({ ovh: { accessTokenLifetimeSeconds: 45 } });
    const { connection } = await connect(stack, acme);
    const reply = await read(connection.id);
    expect(reply.statusCode, reply.body).toBe(200);
    expect(reply.json<Lease>().ttlSeconds).toBeLessThanOrEqual(45);
  });

  it('no credential is served before the customer has signed in', async () => {
    const { connection } = await acme.invite();
    expect((await read(connection.id)).json()).toMatchObject({ status: 409, code: 'no_credential' });
  });

  it('a credential is still served while the cloud is unavailable, with a warning', async () => {
    await stack.cloud.change({ ovh: { accessTokenLifetimeSeconds: 120 } });
    const { connection } = await connect(stack, acme);
    await stack.cloud.fault({ endpoint: 'token.refresh' }, { kind: 'respond', status: 503 }, null);
    expect((await acme.call('POST', `/${connection.id}/refresh`)).statusCode).toBe(503);
    await acme.until(connection.id, 'degraded');
    // The failure is published shortly after it happens.
    await eventually('the warning', async () => {
      const reply = await read(connection.id);
      expect(reply.statusCode).toBe(200);
      return reply.json<Lease>().warnings.length > 0;
    });
  });

  it('a valid credential is served while no worker runs, with a warning if it expires too soon', async () => {
    const { connection } = await connect(stack, acme);
    await stack.stopWorker();
    try {
      expect((await read(connection.id)).statusCode).toBe(200);
      await age(connection.id, 40);
      const lease = (await read(connection.id, '?minTtlSeconds=60')).json<Lease>();
      expect(lease.ttlSeconds).toBeLessThanOrEqual(40);
      expect(lease.warnings.map(({ code }) => code)).toContain('life_shorter_than_asked');
    } finally {
      await stack.startWorker();
    }
  });

  it('an expired credential that cannot be renewed is refused with the problem of the connection', async () => {
    const { connection } = await connect(stack, acme);
    const { account } = await acme.get(connection.id);
    await stack.cloud.revokeOvhAccount(account?.id ?? '');
    await acme.call('POST', `/${connection.id}/refresh`);
    await acme.until(connection.id, 'action_required');
    await age(connection.id, -1);
    const { problem } = await acme.get(connection.id);
    expect(problem?.code).toEqual(expect.any(String));
    expect((await read(connection.id)).json()).toMatchObject({ status: 409, code: problem?.code });
  });
});
