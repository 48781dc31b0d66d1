import type { ConnectionState } from './phases.ts';

/** Brings a state of one version up to the next; the key is the version that it starts from. */
type Upgrade = (state: Record<string, unknown>) => Record<string, unknown>;

/**
 * Upgrades for a state that an older build carried into a new run, one version at a time. A change to the shape of
 * `ConnectionState` raises `STATE_VERSION` and adds an entry here; entries are never changed afterwards.
 */
const upgrades: Readonly<Record<number, Upgrade>> = {
  // Events for webhooks are counted from here on.
  1: (state) => ({ ...state, v: 2, events: { sequence: 0, untold: [] } }),
};

const STATE_VERSION = 2;

/** Throws for a state of a newer build: the workflow task then fails until a worker of that build runs again. */
export function upgradeState(carried: ConnectionState): ConnectionState {
  let state = carried as unknown as Record<string, unknown>;
  for (let version = Number(state['v']); version !== STATE_VERSION; version = Number(state['v'])) {
    const upgrade = upgrades[version];
    if (!upgrade) throw new Error(`This build knows states up to version ${STATE_VERSION}, and was given ${version}.`);
    state = upgrade(state);
  }
  return state as unknown as ConnectionState;
}
