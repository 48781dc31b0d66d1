import { Context } from '@temporalio/activity';

import type { Clock } from '../../platform/clock.ts';
import type { Logger } from '../../platform/logger.ts';
import { EphemeralStoreUnavailable } from '../../stores/ephemeral/port.ts';
import { fractionOf, nextPass, type DiscoverySchedule } from '../../stores/inventory/pass.ts';
import type { Inventory } from '../../stores/inventory/port.ts';
import type { ConnectionRef } from '../../contracts/connection.ts';
import type { DiscoveryActivities } from '../../contracts/discovery.ts';
import { problems } from '../../contracts/problem.ts';
import { iso } from '../../contracts/time.ts';
import type { DiscoveryStarter } from '../dependencies.ts';
import { notYet } from '../failures.ts';

interface Dependencies {
  readonly starter: Pick<DiscoveryStarter, 'start'>;
  readonly inventory: Pick<Inventory, 'pass'>;
}

const TRIES = 3;

/** For a discovery that a caller requests; one that is due is started by `startIfDue`. */
export function createStartDiscovery({ starter, inventory }: Dependencies): DiscoveryActivities['startDiscovery'] {
  return async (input) => {
    const outcome = await starter.start(input);
    if (outcome === 'started' || Context.current().info.attempt >= TRIES) return outcome;
    // The running one has recorded its end and is about to close: it would not list again for this request.
    if (await isOver(inventory, input.connection.id)) throw notYet(problems.discoveryCloses, 1);
    return outcome;
  };
}

async function isOver(inventory: Dependencies['inventory'], connection: string): Promise<boolean> {
  try {
    return (await inventory.pass(connection))?.finishedAt != null;
  } catch (error) {
    if (!(error instanceof EphemeralStoreUnavailable)) throw error;
    return false;
  }
}

export interface DiscoveryPlan extends DiscoverySchedule {
  readonly concurrency: number;
}

export interface StartIfDueDependencies {
  readonly inventory: Pick<Inventory, 'pass'>;
  readonly starter: Pick<DiscoveryStarter, 'start'>;
  readonly clock: Clock;
  readonly logger: Logger;
}

const MINUTE_MS = 60 * 1000;
const HOUR_MS = 60 * MINUTE_MS;

/**
 * Starts the discovery of a connection if none is recorded (it has just connected, or the ephemeral store was lost), or
 * if the last one is older than the interval. Answers when to ask again; null = never by itself. Never rejects, because
 * a problem of a discovery must not disturb the renewal that calls it.
 */
export function createStartIfDue({ inventory, starter, clock, logger }: StartIfDueDependencies) {
  return async (connection: ConnectionRef, plan: DiscoveryPlan): Promise<{ readonly nextAt: string | null }> => {
    const { id } = connection;
    const { epoch, intervalSeconds, concurrency } = plan;
    const now = clock.now();
    try {
      const { at, trigger } = nextPass(await inventory.pass(id), id, plan);
      if (at === null || at > now) return { nextAt: at === null ? null : iso(at) };
      const since = iso(now);
      const outcome = await starter.start({ connection, epoch, trigger, since, concurrency });
      if (outcome === 'started') {
        const begun = { epoch, trigger, startedAt: since, finishedAt: since, summary: null };
        const next = nextPass(begun, id, plan).at;
        return { nextAt: next === null ? null : iso(next) };
      }
      // The running one takes longer than its interval, waits for a worker, or its record was lost with the store.
      return { nextAt: iso(now + Math.min((intervalSeconds ?? Infinity) * 1000, HOUR_MS)) };
    } catch (error) {
      logger.warn({ err: error, connection: id }, 'A discovery that may be due was not started; it is tried again.');
      // Spread, so that ten thousand connections do not ask every minute while a store is unavailable.
      return { nextAt: iso(now + MINUTE_MS * (1 + 9 * fractionOf(`${id} ${now}`))) };
    }
  };
}
