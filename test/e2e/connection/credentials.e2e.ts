import { liveKeys } from '../../../stores/secrets/credential-record.ts';
import { expect, test } from 'vitest';
import { eventually } from '../../support/eventually.ts';
import type { InWorld } from '../connection.e2e.ts';

interface CredentialReply {
  readonly credential: Readonly<Record<string, string>>;
  readonly ttlSeconds: number;
  readonly generation: number;
  readonly warnings: readonly { readonly code: string }[];
}

/** What a platform uses a connection for: to read its credential and to refresh it. */
export function credentials({ world, customer }: InWorld): void {
  const read = async (id: string, minTtlSeconds?: number): Promise<CredentialReply> => {
    const query = minTtlSeconds === undefined ? '' : `?minTtlSeconds=${minTtlSeconds}`;
    return await customer().platform.call('GET', `/v1/connections/${id}/credentials${query}`);
  };

  test('a reader gets the stored access token and never the refresh token', async () => {
    const { id } = await customer().connect();
    const reply = await read(id);
    const record = await world().secrets.read('live', liveKeys.renewal(id));
    expect(reply.credential['access_token']).toBe(record?.['access_token']);
    expect(reply).toMatchObject({ generation: 1, warnings: [] });
    expect(JSON.stringify(reply)).not.toContain(record?.['refresh_token']);
  });

  test('a requested refresh stores new tokens with the next generation, and a second request joins it', async () => {
    const { platform, cloud } = customer();
    const { id } = await customer().connect({ region: 'ovh-us' });
    const before = await world().secrets.read('live', liveKeys.renewal(id));
    expect(await platform.call('POST', `/v1/connections/${id}/refresh`)).toMatchObject({
      outcome: 'refreshed',
      spent: true,
      credential: { generation: 2 },
    });
    const after = await world().secrets.read('live', liveKeys.renewal(id));
    expect(after?.['access_token']).not.toBe(before?.['access_token']);
    expect(after?.['refresh_token']).not.toBe(before?.['refresh_token']);
    expect((await read(id)).credential['access_token']).toBe(after?.['access_token']);
    const { refreshTokensSpent } = await cloud.counters();
    // A second request at once joins the refresh that has just been made.
    expect(await platform.call('POST', `/v1/connections/${id}/refresh`)).toMatchObject({
      outcome: 'refreshed',
      spent: false,
      credential: { generation: 2 },
    });
    expect(await cloud.counters()).toMatchObject({ refreshTokensSpent, refreshTokensSpentTwice: 0 });
  });

  test('a reader who asks for too long a life is refused, and is warned where the credential lives shorter', async () => {
    const { id } = await customer().connect();
    await expect(read(id, 7200)).rejects.toMatchObject({ status: 422, code: 'minimum_life_too_long' });
    expect(await read(id, 3000)).toMatchObject({ generation: 1, warnings: [] });
    // A second of its life has passed by now, and a credential that was issued within the last minute is not replaced.
    const short = await eventually('a second to pass', async () => {
      const reply = await read(id, 3600);
      return reply.ttlSeconds < 3600 && reply;
    });
    expect(short).toMatchObject({ generation: 1, warnings: [{ code: 'life_shorter_than_asked' }] });
  });
}
