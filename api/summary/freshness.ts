import type { Freshness } from '../../contracts/connection.ts';
import { ephemeralKeys } from '../../stores/ephemeral/keys.ts';
import type { EphemeralStore } from '../../stores/ephemeral/port.ts';
import type { ConnectionsGateway } from '../temporal/gateway.ts';
import { parseFacts } from '../temporal/parse-view.ts';

/** The promise: a credential that is handed out has at least this much life. */
const PROMISED_SECONDS = 300;
const MOST_MEASURED = 1_000;
const ASKED_AT_ONCE = 100;
const TURN_MS = 60_000;

export interface MeasuredFreshness {
  readonly seconds: typeof PROMISED_SECONDS;
  readonly credentials: number;
  readonly measured: number;
  readonly unknown: number;
  readonly fresh: number;
  /** Null where nothing is known of any. */
  readonly share: number | null;
}

/**
 * Measured by what the last renewal of each connection published. Of more than a thousand connections a part is measured,
 * another one each minute. Rejects where Temporal or the ephemeral store does not answer.
 */
export async function measureFreshness(
  {
    connections,
    ephemeral,
  }: { readonly connections: Pick<ConnectionsGateway, 'handingOut'>; readonly ephemeral: Pick<EphemeralStore, 'get'> },
  tenant: string,
  nowMs: number,
): Promise<MeasuredFreshness> {
  const { total, items } = await connections.handingOut(tenant, MOST_MEASURED, Math.floor(nowMs / TURN_MS));
  const facts: (Freshness | undefined)[] = [];
  for (let from = 0; from < items.length; from += ASKED_AT_ONCE) {
    const ids = items.slice(from, from + ASKED_AT_ONCE);
    facts.push(...(await Promise.all(ids.map(async (id) => parseFacts(await ephemeral.get(ephemeralKeys.facts(id)))))));
  }
  const known = facts.filter((each) => each !== undefined);
  const fresh = known.filter(
    ({ expiresAt }) => expiresAt === null || Date.parse(expiresAt) - nowMs >= PROMISED_SECONDS * 1000,
  ).length;
  return {
    seconds: PROMISED_SECONDS,
    credentials: total,
    measured: items.length,
    unknown: items.length - known.length,
    fresh,
    share: known.length === 0 ? null : fresh / known.length,
  };
}
