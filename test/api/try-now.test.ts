import { beforeAll, describe, expect, it } from 'vitest';
import type { Connection } from '../../api/connections/schema.ts';
import { eventually } from '../support/eventually.ts';
import { connect, platform, type Platform } from './support/connect.ts';
import { inviteRole, trustPolicyOf } from './support/role.ts';
import { startStack, temporalAddress, type Stack } from './support/stack.ts';

const address = temporalAddress();
/** The account whose role is waited for, and its name. */
const account = '222233334441';

describe.skipIf(address === null)('trying now', { timeout: 60_000 }, () => {
  let stack: Stack;
  let acme: Platform;
  beforeAll(async () => {
    stack = await startStack(address ?? '');
    acme = platform(stack, await stack.keyFor('acme', 'admin'));
  });
  const tryNow = async (id: string) => await acme.call('POST', `/${id}/try-now`);
  const requests = async () => (await stack.cloud.counters('aws')).requests['sts.AssumeRole'] ?? 0;
  const waiting = async (name: string, tries: number) => {
    const invited = await inviteRole(acme);
    const { id } = invited.connection;
    const fields = { role_arn: `arn:aws:iam::${account}:role/${name}` };
    expect((await acme.call('POST', `/${id}/submission`, { fields })).statusCode).toBe(200);
    const verification = await eventually(
      `try ${tries + 1} to be due`,
      async () => {
        const connection = await acme.get(id);
        const { verification: seen } = connection;
        return seen?.nextTryAt != null && seen.attempts > tries && seen;
      },
      30_000,
    );
    return { invited, id, verification };
  };

  it('a try-now request runs the next try early and the connection becomes active', async () => {
    const { invited, id, verification } = await waiting('comes-later', 2);
    await stack.cloud.putAwsRole({ name: 'comes-later', trustPolicy: trustPolicyOf(invited) });
    const reply = await tryNow(id);
    expect(reply.statusCode, reply.body).toBe(202);
    const { credential } = await acme.until(id, 'active');
    expect(Date.parse(credential?.issuedAt ?? '')).toBeLessThan(Date.parse(verification.nextTryAt ?? ''));
  });

  it('the number of tries never decreases after a try-now request', async () => {
    const { id, verification } = await waiting('never-comes', 1);
    const asked = await requests();
    expect((await tryNow(id)).json<Connection>().verification?.attempts).toBeGreaterThanOrEqual(verification.attempts);
    await eventually('another try', async () => (await requests()) > asked);
    const after = await eventually('the next try to be due', async () => {
      const { verification: seen } = await acme.get(id);
      return seen?.nextTryAt != null && seen;
    });
    expect(after.attempts).toBeGreaterThan(verification.attempts);
  });

  it('a try-now request renews at once although the cloud sent a long Retry-After just before', async () => {
    const { connection } = await connect(stack, acme, { region: 'ovh-ca' });
    const at = { region: 'ovh-ca', endpoint: 'token.refresh' } as const;
    await stack.cloud.fault(at, { kind: 'respond', status: 503, headers: { 'retry-after': '1800' } }, null);
    await acme.call('POST', `/${connection.id}/refresh`);
    await acme.until(connection.id, 'degraded');
    await stack.cloud.clearFaults();
    const reply = await tryNow(connection.id);
    expect(reply.statusCode, reply.body).toBe(202);
    expect(await acme.until(connection.id, 'active')).toMatchObject({ credential: { generation: 2 } });
  });

  it('a try-now request is refused where nothing waits, for other tenants, and above the rate limit', async () => {
    const { connection } = await acme.invite();
    expect((await tryNow(connection.id)).json()).toMatchObject({ status: 409, code: 'nothing_to_try' });
    const stranger = platform(stack, await stack.keyFor('globex', 'admin'));
    expect((await stranger.call('POST', `/${connection.id}/try-now`)).statusCode).toBe(404);
    const statuses = [];
    for (let count = 0; count < 6; count++) statuses.push((await tryNow(connection.id)).statusCode);
    expect(statuses).toEqual([409, 409, 409, 409, 409, 429]);
  });
});
