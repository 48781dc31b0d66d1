import { createBoundedMap } from '../../../platform/bounded-map.ts';
import type { Clock } from '../../../platform/clock.ts';
import type { Sign, Verdict } from './errors.ts';

/**
 * What the lists of one pass have learnt about a region. A region that cannot be listed costs a few calls, not the time
 * of every list.
 */
export interface RegionHealth {
  /** Why the region is not asked any more in this pass; undefined = it is. */
  troubleIn(connectionId: string, region: string): Verdict | undefined;
  /** `served`: the call succeeded. Otherwise the service has at least replied. */
  noteReply(connectionId: string, region: string, served: boolean): void;
  noteFailure(connectionId: string, region: string, service: string, verdict: Verdict): void;
  /** A new pass begins. */
  forget(connectionId: string): void;
}

interface State {
  readonly sinceMs: number;
  hasReplied: boolean;
  hasServed: boolean;
  readonly failed: Map<Sign, Set<string>>;
  trouble: Verdict | undefined;
}

/** Another worker does not hear of a new pass, so what is known also ends by itself. */
const KEPT_MS = 5 * 60 * 1000;
const MOST_CONNECTIONS = 2_000;
/**
 * One service alone may be denied by the organisation, left out of a proxy's list, or down. Two of them, with nothing
 * that works beside them, are the region.
 */
const ENOUGH_SERVICES = 2;

export function createRegionHealth(clock: Clock): RegionHealth {
  const connections = createBoundedMap<string, Map<string, State>>(MOST_CONNECTIONS);

  function stateOf(connectionId: string, region: string): State {
    let regions = connections.get(connectionId);
    if (!regions) connections.set(connectionId, (regions = new Map()));
    const known = regions.get(region);
    if (known && clock.now() - known.sinceMs < KEPT_MS) return known;
    const fresh: State = {
      sinceMs: clock.now(),
      hasReplied: false,
      hasServed: false,
      failed: new Map(),
      trouble: undefined,
    };
    regions.set(region, fresh);
    return fresh;
  }

  return {
    troubleIn: (connectionId, region) => stateOf(connectionId, region).trouble,
    noteReply(connectionId, region, served) {
      const state = stateOf(connectionId, region);
      state.hasReplied = true;
      state.hasServed ||= served;
    },
    noteFailure(connectionId, region, service, verdict) {
      const { sign } = verdict;
      const state = stateOf(connectionId, region);
      const services = state.failed.get(sign) ?? new Set<string>();
      state.failed.set(sign, services.add(service));
      const isEnough = services.size >= ENOUGH_SERVICES;
      if (isOfRegion(sign, state, isEnough)) state.trouble = verdict;
    },
    forget: (connectionId) => connections.delete(connectionId),
  };
}

function isOfRegion(sign: Sign, { hasReplied, hasServed }: State, isEnough: boolean): boolean {
  switch (sign) {
    case 'region_disabled':
      return true;
    case 'denied_by_organisation':
      return isEnough && !hasServed;
    case 'not_connected':
    case 'not_answered':
      return isEnough && !hasReplied;
    case 'session_ended':
    case 'throttled':
    case 'not_found':
    case null:
      return false;
  }
}
