import { liveKeys } from '../../../stores/secrets/credential-record.ts';
import { expect, test } from 'vitest';
import { eventually } from '../../support/eventually.ts';
import type { InWorld } from '../connection.e2e.ts';

export function ending({ world, customer }: InWorld): void {
  test('a disconnected connection is revoked at the cloud, and only its tombstone is left', async () => {
    const { platform } = customer();
    const { id } = await customer().connect();
    await platform.call('POST', `/v1/connections/${id}/refresh`);
    const token = (await world().secrets.read('live', liveKeys.renewal(id)))?.['access_token'] as string;
    expect(await whoAmI(token)).toBe(200);

    await platform.call('DELETE', `/v1/connections/${id}`);
    const ended = await platform.until(id, 'disconnected');
    expect(ended.tombstone).toMatchObject({
      account: { id: 'la12345-ovh' },
      revocation: { outcome: 'revoked', revoked: expect.arrayContaining([expect.any(String)]) },
    });
    expect(await whoAmI(token)).toBe(403);
    const remains = await eventually('the tombstone', async () => {
      const found = await world().secrets.remains(id);
      return found.length > 0 && found;
    });
    expect(remains).toEqual([`tombstones/${id}`]);
    const tombstone = JSON.stringify(await world().secrets.read('tombstones', id));
    expect(tombstone).toContain(ended.tombstone?.disconnectedAt);
    expect(tombstone).not.toContain(token);

    await platform.call('DELETE', `/v1/connections/${id}`);
    await expect(platform.call('GET', `/v1/connections/${id}/credentials`)).rejects.toMatchObject({ status: 409 });
    await expect(platform.call('POST', `/v1/connections/${id}/invitation`)).rejects.toMatchObject({
      code: 'connection_ended',
    });
  });

  test('a connection that was never completed is disconnected with nothing to revoke', async () => {
    const { platform } = customer();
    const { connection } = await platform.invite();
    await platform.call('DELETE', `/v1/connections/${connection.id}`);
    const { tombstone } = await platform.until(connection.id, 'disconnected');
    expect(tombstone).toMatchObject({ account: null, revocation: { outcome: 'nothing_to_revoke' } });
  });

  /** The status with which the cloud's API answers a request with this token. */
  async function whoAmI(token: string): Promise<number> {
    const response = await fetch(`${world().running.sandbox}/ovh-eu/1.0/me`, {
      headers: { authorization: `Bearer ${token}` },
    });
    return response.status;
  }
}
