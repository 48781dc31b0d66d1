import { beforeEach, describe, expect, test } from 'vitest';
import { createDiscardGrant } from '../../../activities/discard-grant.ts';
import { createPromoteGrant } from '../../../activities/promote-grant.ts';
import { Secret } from '../../../platform/secret.ts';
import { liveKeys } from '../../../stores/secrets/credential-record.ts';
import { about, connection, createUpkeepWorld, inActivity, type UpkeepWorld } from './upkeep-world.ts';
import { manifestOf } from './scripted-cloud.ts';

const pendingRef = 'second';
const key = `${connection.id}/${pendingRef}`;

let world: UpkeepWorld;
beforeEach(async () => {
  world = await createUpkeepWorld();
  await world.secrets.write('pending', key, world.signedIn(1, 'sign-in'));
});

const discard = (attempt: number, deps = world.deps) =>
  inActivity(createDiscardGrant(deps), { connection, pendingRef }, { attempt });

describe('discarding a grant', () => {
  test('discarding a grant revokes it at the cloud and deletes it, and can be repeated', async () => {
    await discard(1);
    await discard(2);
    expect(world.cloud.calls.revoked).toEqual(['refresh-token-2']);
    expect(await world.secrets.read('pending', key)).toBeUndefined();
  });

  test('discarding a grant leaves the credential in use unchanged', async () => {
    await discard(1);
    expect(await world.renewal()).toMatchObject({ refresh_token: 'refresh-token-1' });
    expect(await world.access()).toMatchObject({ access_token: 'access-token-1' });
  });

  test('discarding a submitted grant only deletes it, because its keys may be in use elsewhere', async () => {
    const manifest = manifestOf({ flow: 'form', fields: [], minted: [] });
    await discard(1, { ...world.deps, providers: new Map([['ovh', { ...world.cloud.provider, manifest }]]) });
    expect(world.cloud.calls.revoked).toEqual([]);
    expect(await world.secrets.read('pending', key)).toBeUndefined();
  });

  test.each([
    ['at once', () => Promise.resolve()],
    ['after a refresh', () => world.refresh(world.asked())],
  ])(
    'discarding a grant whose promotion was interrupted only deletes it, because it is in use (%s)',
    async (_when, meanwhile) => {
      world.secrets.goesDownAfterChanges(1);
      const promote = createPromoteGrant(world.deps);
      await expect(inActivity(promote, { connection, pendingRef, about })).rejects.toMatchObject({ type: 'not_yet' });
      world.secrets.down = false;
      world.pass(1_000);
      await meanwhile();
      await discard(1);
      expect(world.cloud.calls.revoked).toEqual([]);
      expect(await world.secrets.read('pending', key)).toBeUndefined();
      world.pass(60_000);
      expect(await world.refresh(world.asked({ requestId: 'later' }))).toMatchObject({ outcome: 'refreshed' });
      expect(world.cloud.calls.spentTwice).toBe(0);
    },
  );

  test('discarding deletes an unreadable grant, and does not wait for an unreadable live record', async () => {
    const unreadable = new Secret({ hello: 'world' });
    await world.secrets.write('live', liveKeys.renewal(connection.id), unreadable);
    await discard(1);
    expect(world.cloud.calls.revoked).toEqual(['refresh-token-2']);
    await world.secrets.write('pending', key, unreadable);
    await discard(1);
    expect(await world.secrets.read('pending', key)).toBeUndefined();
  });

  test('discarding a grant waits for an unavailable cloud, but deletes the grant at the last attempt', async () => {
    world.cloud.script('unreachable', 'unreachable');
    await expect(discard(19)).rejects.toMatchObject({ type: 'not_yet' });
    expect(await world.secrets.read('pending', key)).toBeDefined();
    await discard(20);
    expect(await world.secrets.read('pending', key)).toBeUndefined();
  });
});
