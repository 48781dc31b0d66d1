import { beforeEach, describe, expect, test } from 'vitest';
import { takeClaim } from '../../../activities/claims.ts';
import {
  createDestroySecrets,
  createRetireCredential,
  createRevokeCredential,
  createWriteTombstone,
} from '../../../activities/disconnect.ts';
import { sealIssue } from '../../../activities/sealed-reply.ts';
import { Secret } from '../../../platform/secret.ts';
import { liveKeys, revokingKey } from '../../../stores/secrets/credential-record.ts';
import type { Tombstone } from '../../../contracts/connection.ts';
import { about, connection, createUpkeepWorld, inActivity, type UpkeepWorld } from './upkeep-world.ts';

const { id } = connection;
const other = { ...connection, id: 'con_bbbbbbbbbbbbbbbbbbbbbbbbbb' };
let world: UpkeepWorld;
beforeEach(async () => {
  world = await createUpkeepWorld();
  await world.secrets.write('pending', `${id}/second`, world.signedIn(1, 'sign-in'));
});

const retire = () => inActivity(createRetireCredential(world.deps), { connection });
const destroy = () => inActivity(createDestroySecrets(world.deps), { connection });

describe('revoking', () => {
  const revoke = (sealed: Parameters<ReturnType<typeof createRevokeCredential>>[0]['sealed'] = null) =>
    inActivity(createRevokeCredential(world.deps), { connection, sealed });

  test('revoking a connection revokes its credential, a pending grant and a reply that came too late', async () => {
    await retire();
    await world.secrets.write('revoking', revokingKey(id, 'attempt-9'), world.signedIn(3, 'attempt-9'));
    expect(await revoke()).toEqual({ outcome: 'revoked', revoked: ['refresh_token'] });
    expect(world.cloud.calls.revoked.toSorted()).toEqual(['refresh-token-1', 'refresh-token-2', 'refresh-token-3']);
  });

  test('revoking a connection revokes a reply that was never stored', async () => {
    const { ttlSeconds, renewable, scopes } = world.cloud.terms;
    const issued = { fields: new Secret(world.cloud.issue()), ttlSeconds, renewable, scopes };
    const issue = { issued, attemptId: 'attempt-9', generation: 2, issuedAtMs: 0, nextRefreshAtMs: null };
    await revoke(sealIssue(world.keyRing, id, issue));
    expect(world.cloud.calls.revoked).toContain('refresh-token-3');
  });

  test('revoking a connection reports what the cloud refused to revoke', async () => {
    await world.secrets.destroy('pending', `${id}/second`);
    await retire();
    world.cloud.script('misconfigured');
    expect(await revoke()).toMatchObject({ outcome: 'failed', problem: { code: 'unsupported_token_type' } });
  });

  test('revoking a connection is retried where the cloud does not answer', async () => {
    await retire();
    world.cloud.script('unreachable');
    await expect(revoke()).rejects.toMatchObject({ type: 'not_yet' });
  });

  test('revoking a connection has nothing to do where nothing is stored', async () => {
    await destroy();
    expect(await revoke()).toEqual({ outcome: 'nothing_to_revoke' });
  });
});

describe('destroying what is stored', () => {
  const left = async () =>
    (
      await Promise.all((['pending', 'revoking', 'live'] as const).map((gate) => world.secrets.list(gate, `${id}/`)))
    ).flat();
  const claimed = async () =>
    (
      await Promise.all(
        (await world.secrets.list('claims', '')).map(async (name) =>
          (await world.secrets.read('claims', name))?.data.reveal(),
        ),
      )
    ).flatMap((record) => (record?.['claim'] ?? null) as string | null);

  beforeEach(async () => {
    await world.secrets.write('pending', `${id}/third`, world.signedIn(1, 'sign-in'));
    await world.secrets.write('revoking', revokingKey(id), world.signedIn(1, 'retired'));
    await world.secrets.write('revoking', revokingKey(id, 'attempt-9'), world.signedIn(2, 'attempt-9'));
    await world.secrets.write('live', liveKeys.about(id), new Secret({ ...about } as never));
    await world.secrets.write('live', liveKeys.renewal(other.id), world.signedIn(1, 'of another'));
  });

  test('destroying the secrets of a connection deletes all of its keys, and keeps those of another connection', async () => {
    await destroy();
    expect(await left()).toEqual([]);
    expect(await world.secrets.read('live', liveKeys.renewal(other.id))).toBeDefined();
  });

  test('destroying secrets releases their claims, except a claim that another connection uses too', async () => {
    for (const claim of ['of the pending', 'of the retired', 'of the live', 'of both']) {
      await takeClaim(world.secrets, connection, claim);
    }
    await takeClaim(world.secrets, other, 'of both');
    const withClaim = (claim: string) => {
      const record = world.signedIn(1, 'x').reveal();
      return new Secret({ ...record, mooring: { ...record.mooring, claim } });
    };
    await world.secrets.write('pending', `${id}/third`, withClaim('of the pending'));
    await world.secrets.write('revoking', revokingKey(id), withClaim('of the retired'));
    await world.secrets.write('revoking', revokingKey(id, 'attempt-9'), withClaim('of both'));
    await world.change({ claim: 'of the live' });
    await destroy();
    expect((await claimed()).filter((claim) => claim !== null)).toEqual(['of both']);
    // The tenant's other connection still holds it: another tenant cannot take it.
    expect(await takeClaim(world.secrets, { ...connection, tenant: 'stranger' }, 'of both')).toBe(false);
    expect(await takeClaim(world.secrets, { ...connection, tenant: 'stranger' }, 'of the live')).toBe(true);
  });

  test.each([0, 1, 2, 3, 4, 5, 6])(
    'destroying secrets is completed by a retry where it is killed after %i of its changes',
    async (changes) => {
      world.secrets.goesDownAfterChanges(changes);
      await expect(destroy()).rejects.toMatchObject({ type: 'not_yet' });
      world.secrets.down = false;
      await destroy();
      await destroy();
      expect(await left()).toEqual([]);
    },
  );

  test('destroying secrets also deletes records that another program made unreadable', async () => {
    await world.secrets.write('live', liveKeys.renewal(id), new Secret({ hello: 'world' }));
    await world.secrets.write('revoking', revokingKey(id), new Secret({ mooring: 7 }));
    await destroy();
    expect(await left()).toEqual([]);
  });
});

test('only the first tombstone of a connection is kept', async () => {
  const write = (disconnectedAt: string) => {
    const tombstone: Tombstone = {
      connection,
      account: null,
      revocation: { outcome: 'nothing_to_revoke' },
      disconnectedAt,
      status: 'disconnected',
      request: { digest: 'digest', invitationExpiresAt: '2030-01-15T00:00:00.000Z' },
    };
    return inActivity(createWriteTombstone(world.deps), { tombstone });
  };
  await write('2030-01-01T00:00:00.000Z');
  await write('2031-01-01T00:00:00.000Z');
  const stored = await world.secrets.read('tombstones', id);
  expect(stored?.data.reveal()).toMatchObject({
    disconnectedAt: '2030-01-01T00:00:00.000Z',
    request: { digest: 'digest' },
  });
});
