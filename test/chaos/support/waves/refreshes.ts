import { eventually } from '../../../support/eventually.ts';
import { liveGeneration } from '../stack-stores.ts';
import { untilHeld } from './held.ts';
import { askedFor, isRenewed, type Wave } from './wave.ts';

const points = {
  refreshSent: 'the refresh token is on its way to the cloud',
  refreshReplied: 'the refresh token is spent, the reply not stored',
  refreshStored: 'the new token is stored, the task not complete',
} as const;
type Point = keyof typeof points;

/** Requests of three regions, so that each meets the fault that is meant for it. */
const regions: Readonly<Record<Point, string>> = {
  refreshSent: 'ovh-eu',
  refreshReplied: 'ovh-us',
  refreshStored: 'ovh-ca',
};

/** Refreshes with a refresh token that rotates. */
export const refreshes: Wave<Point> = {
  name: 'refreshes',
  points,

  async poise(customer) {
    const connect = async (point: Point) => ({
      connection: (await customer.connect({ region: regions[point], name: point })).id,
    });
    const [refreshSent, refreshReplied, refreshStored] = await Promise.all([
      connect('refreshSent'),
      connect('refreshReplied'),
      connect('refreshStored'),
    ]);
    return { refreshSent, refreshReplied, refreshStored };
  },

  async reach(poised, { customer: { platform, cloud }, secrets, lockEphemeral, freeze }) {
    await cloud.fault({ endpoint: 'token.refresh', region: 'ovh-eu' }, { kind: 'hold_before' });
    await cloud.fault({ endpoint: 'token.refresh', region: 'ovh-us' }, { kind: 'hold_after' });
    await cloud.fault({ endpoint: 'token.refresh', region: 'ovh-ca' }, { kind: 'hold_after' });
    for (const { connection } of Object.values(poised)) {
      // Its caller may lose the connection to the API; the refresh itself is the workflow's.
      platform.call('POST', `/v1/connections/${connection}/refresh`).catch(() => {});
    }
    const held = await untilHeld(cloud, 3);
    const before = await cloud.counters();

    // Publishing the view follows withStoreErrors the token, in the same activity: its lock keeps the task from completing.
    const unlock = lockEphemeral();
    try {
      const stored = held.find(({ region }) => region === regions.refreshStored);
      if (stored) await cloud.release(stored);
      // On a slow machine the request may have run into its deadline: it is repeated, and the caller begins anew.
      await eventually('the new token to be stored, or its request to be repeated', async () => {
        if ((await liveGeneration(secrets, poised.refreshStored.connection)) === 2) return true;
        return (await cloud.counters()).refreshTokensSpentTwice > before.refreshTokensSpentTwice;
      });
      freeze();
    } finally {
      unlock();
    }
  },

  outcomeOf(_point, connection) {
    return isRenewed(connection) ? 'renewed' : askedFor(connection);
  },
};
