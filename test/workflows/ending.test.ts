import { describe, expect, inject, test } from 'vitest';
import { revokingKey } from '../../stores/secrets/credential-record.ts';
import { refusal } from './support/connection.ts';
import { useWorld } from './support/world.ts';

describe.skipIf(inject('components').timeSkipping === null)('disconnecting', () => {
  const world = useWorld();

  test('a disconnect revokes at the cloud, destroys every secret and leaves a tombstone that records it', async () => {
    const connection = await world.connect();
    expect((await connection.send('disconnect')).status).toBe('disconnecting');
    const tombstone = await connection.result();
    expect(tombstone).toMatchObject({
      connection: { id: connection.id },
      account: { id: 'la12345-ovh' },
      revocation: { outcome: 'revoked', revoked: ['refresh_token', 'access_token'] },
    });
    expect((await world.cloud.counters()).grantsRevoked).toBe(1);
    expect(await connection.live()).toBeUndefined();
    expect(await world.secrets.list('revoking', `${connection.id}/`)).toEqual([]);
    expect((await world.secrets.read('tombstones', connection.id))?.data.reveal()).toMatchObject({
      disconnectedAt: tombstone?.disconnectedAt,
    });
  });

  test('a disconnect also revokes the tokens of a reply that was never stored', async () => {
    const connection = await world.connect();
    world.secrets.goesDownAfterWrites(1);
    expect((await refusal(connection.refresh())).code).toBe('secret_store_unavailable');
    await connection.send('disconnect');
    world.secrets.down = false;
    await world.pass({ minutes: 2 });
    expect((await connection.result())?.revocation.outcome).toBe('revoked');
    // The stored pair, spent as it is, and the sealed one.
    expect((await world.cloud.counters()).requests['revoke']).toBe(4);
    expect(await connection.live()).toBeUndefined();
  });

  test('a disconnect before the customer has connected removes the link and has nothing to revoke', async () => {
    const connection = await world.start();
    await connection.send('disconnect');
    expect((await connection.result())?.revocation).toEqual({ outcome: 'nothing_to_revoke' });
    expect((await connection.view()).invitation).toBeNull();
  });

  test('a repeated disconnect is answered while the disconnection is still under way', async () => {
    const connection = await world.connect();
    const tombstone = { operation: 'write', gate: 'tombstones' } as const;
    world.secrets.fail('fails', tombstone);
    world.secrets.fail('fails', tombstone);
    await connection.send('disconnect');
    await connection.reaches('disconnecting');
    expect((await connection.send('disconnect')).status).toBe('disconnecting');
    expect((await connection.result())?.revocation.outcome).toBe('revoked');
  });

  test('a disconnect goes on through a long outage of the cloud, and no credential is handed out meanwhile', async () => {
    await world.cloud.fault({ endpoint: 'revoke' }, { kind: 'respond', status: 503 }, null);
    const connection = await world.connect();
    await connection.send('disconnect');
    expect((await refusal(connection.refresh())).code).toBe('connection_ended');
    expect((await refusal(connection.reauthorize())).code).toBe('connection_ended');
    await world.pass({ hours: 30 });
    expect((await connection.view()).status).toBe('disconnecting');
    expect(await connection.live()).toBeUndefined();
    expect(await world.secrets.read('revoking', revokingKey(connection.id))).toBeDefined();
    expect((await connection.histories()).length).toBe(2);
    await world.cloud.clearFaults();
    await world.pass({ minutes: 6 });
    expect((await connection.result())?.revocation.outcome).toBe('revoked');
  });
});
