import { beforeEach, describe, expect, test, vi } from 'vitest';
import { createListResources } from '../../../activities/list-resources.ts';
import type { Listing, ResourceLister } from '../../../activities/providers/lister.ts';
import { ProviderError } from '../../../activities/providers/provider.ts';
import type { RegionSettings } from '../../../activities/providers/settings.ts';
import { EphemeralStoreUnavailable } from '../../../stores/ephemeral/port.ts';
import { createInventory } from '../../../stores/inventory/inventory.ts';
import { resource } from '../../workflows/discovery/scripted-lister.ts';
import { connection, createUpkeepWorld, inActivity, type UpkeepWorld } from './upkeep-world.ts';

const list = { kind: 'instance', project: 'p1' };
const found = (...ids: string[]): Listing => ({
  rows: ids.map((id) => resource('instance', 'p1', id)),
  complete: true,
  losses: [],
  source: 'cli',
  notice: null,
});
const rejected = new ProviderError({
  class: 'revoked',
  problem: { code: 'credential_rejected', message: 'The token is no longer good.', remedy: 'Sign in again.' },
  delivery: 'answered',
});

let world: UpkeepWorld;
let inventory: ReturnType<typeof createInventory>;
/** What the cloud does when it is asked for a list. */
let answer: (accessToken: string) => Promise<Listing> | Listing;

beforeEach(async () => {
  world = await createUpkeepWorld();
  inventory = createInventory({ ephemeral: world.ephemeral, clock: world.deps.clock });
});

const made = (attempt = 1) => {
  const lister: ResourceLister = {
    kinds: [{ id: 'instance', label: 'Instances', scope: 'project' }],
    projectKind: 'project',
    listProjects: () => Promise.reject(new Error('Not asked for here.')),
    listKind: async ({ record }) => await answer(record.reveal()['access_token'] as string),
    readiness: () => Promise.resolve({ source: 'cli', version: '0', notice: null }),
  };
  const discovery = { lister, regions: new Map([[connection.region, {} as RegionSettings]]) };
  const providers = new Map([['ovh', { ...world.cloud.provider, discovery }]]);
  const activity = createListResources({ ...world.deps, providers, inventory });
  return inActivity(activity, { connection, epoch: 1, list }, { attempt });
};
const rows = async () => (await inventory.page(connection.id, {}, null, 10)).rows.map(({ id }) => id);

describe('a list', () => {
  test('whose token was replaced while it was made is made again at once, with the new one', async () => {
    const seen: string[] = [];
    answer = async (accessToken) => {
      seen.push(accessToken);
      if (seen.length > 1) return found('a');
      await world.secrets.write('live', connection.id, world.signedIn(2, 'meanwhile'));
      throw rejected;
    };
    await expect(made()).rejects.toMatchObject({ nonRetryable: false, nextRetryDelay: 0 });
    expect(await made(2)).toMatchObject({ outcome: 'complete', resources: 1 });
    expect(new Set(seen).size).toBe(2);
  });

  test('whose token is refused though nobody has replaced it says so, for a refresh', async () => {
    answer = () => Promise.reject(rejected);
    expect(await made()).toMatchObject({ outcome: 'unauthorized', problem: { code: 'credential_rejected' } });
  });

  test('that finds the ephemeral store away is made again later, and what was known is still there', async () => {
    answer = () => found('a');
    await made();
    const away = new EphemeralStoreUnavailable('Redis does not answer.');
    vi.spyOn(inventory, 'replace').mockRejectedValueOnce(away);
    answer = () => found('a', 'b');
    await expect(made()).rejects.toMatchObject({
      nonRetryable: false,
      details: [{ problem: { code: 'ephemeral_store_unavailable' } }],
    });
    expect(await rows()).toEqual(['a']);
    expect(await made(2)).toMatchObject({ outcome: 'complete', changes: { added: 1, removed: 0 } });
    expect(await rows()).toEqual(['a', 'b']);
  });
});
