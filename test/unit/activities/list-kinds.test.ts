import { beforeEach, describe, expect, test } from 'vitest';

import { ephemeralKeys } from '../../../stores/ephemeral/keys.ts';
import { refusal } from '../../workflows/discovery/scripted-lister.ts';
import { connection } from './discovery-world.ts';
import { createListingWorld, failed, failure, listed, type ListingWorld } from './listing-world.ts';

const denied = failure('user', 'list_denied', { denied: { action: 'ec2:DescribeVolumes' } });
const throttled = failure('transient', 'rate_limited', { retryAfterSeconds: 40 });

let world: ListingWorld;
let cloud: ListingWorld['cloud'];
beforeEach(async () => {
  world = await createListingWorld();
  ({ cloud } = world);
});

const rows = async () => (await world.inventory.page(connection.id, {}, null, 100)).rows;
const partitions = async () => await world.inventory.partitions(connection.id);
const events = async (name: string) =>
  (await world.ephemeral.readStream(ephemeralKeys.events('acme'), null, 1_000))
    .map(({ value }) => value as { readonly event: string })
    .filter(({ event }) => event.startsWith(name));

describe('a list that answers several kinds', () => {
  test('one list is asked for once, and written as a partition for each of its kinds', async () => {
    cloud.answer = (kind, place) => listed(kind, [`${kind}-1`, `${kind}-2`], place);
    const tally = { lists: 2, complete: 2, resources: 4, added: 4 };
    expect(await world.runToEnd()).toMatchObject({ outcome: 'listed', tally });
    expect(cloud.asked).toEqual([{ list: 'all', kinds: ['instance', 'volume'], projectId: 'p1' }]);
    expect((await partitions()).map(({ kind, project, resources }) => [kind, project, resources])).toEqual([
      ['instance', 'p1', 2],
      ['volume', 'p1', 2],
    ]);
  });

  test('a kind without its right fails alone, is not asked for again, and says which right', async () => {
    cloud.answer = (kind, place) => (kind === 'volume' ? failed(kind, denied) : listed(kind, ['a'], place));
    expect(await world.runToEnd()).toMatchObject({ tally: { complete: 1, failed: 1, problems: [denied.problem] } });
    expect(cloud.asked).toHaveLength(1);
    expect(await partitions()).toMatchObject([{ denied: null }, { denied: { action: 'ec2:DescribeVolumes' } }]);
  });

  test('only the kinds that failed for a transient cause are asked for again, when the cloud allows it', async () => {
    cloud.answer = (kind, place) =>
      kind === 'volume' && cloud.asked.length < 2 ? failed(kind, throttled) : listed(kind, ['a'], place);
    const first = await world.run();
    expect(first.outcome).toMatchObject({ reason: { nextRetryDelay: 40_000 } });
    expect(await world.runToEnd({ details: first.left })).toMatchObject({ tally: { lists: 2, complete: 2, added: 2 } });
    expect(cloud.asked.map(({ kinds }) => kinds)).toEqual([['instance', 'volume'], ['volume']]);
  });

  test('a kind that lost parts for a transient cause is kept as far as it came, and completed by the next attempt', async () => {
    const loss = { ...throttled, path: '/page/2' };
    cloud.answer = (kind, place) =>
      kind === 'volume' && cloud.asked.length < 2
        ? listed(kind, ['a'], place, [loss])
        : listed(kind, ['a', 'b'], place);
    const first = await world.run();
    expect((await rows()).filter(({ kind }) => kind === 'volume')).toHaveLength(1);
    const tally = { lists: 2, complete: 2, partial: 0, resources: 4, added: 4 };
    expect(await world.runToEnd({ details: first.left })).toMatchObject({ tally });
    expect(cloud.asked.map(({ kinds }) => kinds)).toEqual([['instance', 'volume'], ['volume']]);
  });

  test('a kind that loses parts in every attempt ends as partial, and its changes are counted once', async () => {
    const loss = { ...throttled, retryAfterSeconds: null, path: '/page/2' };
    cloud.answer = (kind, place) => listed(kind, ['a'], place, kind === 'volume' ? [loss] : []);
    expect(await world.runToEnd()).toMatchObject({
      tally: { lists: 2, complete: 1, partial: 1, resources: 2, added: 2 },
    });
    expect(cloud.asked).toHaveLength(5);
  });

  test('a loss that another attempt would not change is told at once', async () => {
    const loss = { ...failure('user', 'row_unreadable'), path: 'row 3' };
    cloud.answer = (kind, place) => listed(kind, ['a'], place, kind === 'volume' ? [loss] : []);
    expect(await world.runToEnd()).toMatchObject({ tally: { complete: 1, partial: 1 } });
    expect(cloud.asked).toHaveLength(1);
  });

  test('a refusal that stands within a kind never ends the discovery, whatever its class', async () => {
    cloud.answer = (kind, place) =>
      kind === 'volume' ? failed(kind, failure('revoked', 'refused')) : listed(kind, ['a'], place);
    expect(await world.runToEnd()).toMatchObject({ outcome: 'listed', tally: { complete: 1, failed: 1 } });
  });

  test('a kind that the lister says nothing of is asked for again, and fails in the end', async () => {
    cloud.answer = (kind, place) => listed(kind === 'volume' ? 'other' : kind, ['a'], place);
    expect(await world.runToEnd()).toMatchObject({ tally: { complete: 1, failed: 1 } });
    expect(cloud.asked).toHaveLength(5);
  });

  test('kinds that a method can never list are not asked for', async () => {
    cloud.cannotList = { volume: 'Google has no read-only scope for it.' };
    cloud.answer = (kind, place) => listed(kind, ['a'], place);
    expect(await world.runToEnd()).toMatchObject({ tally: { lists: 1, complete: 1 } });
    expect(cloud.asked).toMatchObject([{ kinds: ['instance'] }]);
  });

  test('what a cloud repeats of the credential is not kept with the problem', async () => {
    await world.signIn('token-that-is-secret');
    const echo = { code: 'forbidden', message: 'You sent token-that-is-secret.', remedy: 'Nothing.' };
    cloud.answer = (kind) => failed(kind, failure('user', 'forbidden', { problem: echo }));
    const outcome = await world.runToEnd();
    expect(await partitions()).toMatchObject([{ stale: { problem: { message: 'You sent [redacted].' } } }, {}]);
    expect(JSON.stringify(outcome)).not.toContain('token-that-is-secret');
  });

  test('a list that is not complete is logged by its code, without what the cloud said', async () => {
    cloud.answer = (kind, place) => (kind === 'volume' ? failed(kind, denied) : listed(kind, ['a'], place));
    await world.runToEnd();
    expect(cloud.logged.map(({ fields }) => fields)).toMatchObject([
      { connection: connection.id, kind: 'volume', project: 'p1', outcome: 'failed', problem: 'list_denied' },
    ]);
    expect(JSON.stringify(cloud.logged)).not.toContain('hunter2');
  });
});

describe('the second witness', () => {
  /** A list of two volumes, then one that lacks the second, in the pass of that hour. */
  const listWithoutB = async (hour = 1) => {
    cloud.answer = (kind, place) => listed(kind, kind === 'volume' ? ['a', 'b'] : [], place);
    if (hour === 1) await world.runToEnd();
    cloud.answer = (kind, place) => listed(kind, kind === 'volume' ? ['a'] : [], place);
    return await world.runToEnd({ since: `2030-01-01T0${hour}:00:00.000Z` });
  };

  test('what a complete list lacks is asked about, and removed where the witness says so', async () => {
    const asked: string[] = [];
    cloud.witness = ({ kind, projectId, rows: absent }) => {
      asked.push(`${kind} ${projectId} ${absent.map(({ id }) => id).join()}`);
      return Promise.resolve({ gone: new Set(['b']), there: new Set(), refused: null });
    };
    expect(await listWithoutB()).toMatchObject({ tally: { complete: 2, removed: 1 } });
    expect(asked).toEqual(['volume p1 b']);
  });

  test.each([
    ['is refused', async () => await Promise.reject(refusal('user', 'list_denied'))],
    ['is not answered', async () => await Promise.reject(refusal('transient', 'cloud_unavailable'))],
    ['fails in an unknown way', async () => await Promise.reject(new TypeError('A bug.'))],
  ])('a witness that %s removes nothing, and the list is told as partial', async (_what, witness) => {
    cloud.witness = witness;
    for (const hour of [1, 2, 3]) {
      const outcome = await listWithoutB(hour);
      expect(outcome).toMatchObject({ outcome: 'listed', tally: { complete: 1, partial: 1, removed: 0 } });
    }
    expect(await rows()).toHaveLength(2);
  });

  test('a witness that is refused the credential itself removes nothing and ends the pass', async () => {
    cloud.witness = async () => await Promise.reject(refusal('revoked', 'credential_rejected'));
    expect(await listWithoutB()).toMatchObject({ outcome: 'unauthorized', problem: { code: 'credential_rejected' } });
    expect(await rows()).toHaveLength(2);
  });
});

describe('the right to list', () => {
  test('a right that is lost in many projects at once is one event for each kind, and one when it is back', async () => {
    const places = Array.from({ length: 17 }, (_, n) => `region-${n}`);
    cloud.answer = (kind, place) => listed(kind, ['a'], place);
    await world.runToEnd({ places });
    cloud.answer = (kind, place) => (kind === 'volume' ? failed(kind, denied) : listed(kind, ['a'], place));
    await world.runToEnd({ places });
    await world.runToEnd({ places });
    const lost = { event: 'resource_access_lost', kind: 'volume', projects: 17, action: 'ec2:DescribeVolumes' };
    expect(await events('resource_access')).toMatchObject([lost]);
    cloud.answer = (kind, place) => listed(kind, ['a'], place);
    await world.runToEnd({ places });
    const regained = { event: 'resource_access_regained', kind: 'volume', projects: 17 };
    expect(await events('resource_access')).toMatchObject([lost, regained]);
  });
});
