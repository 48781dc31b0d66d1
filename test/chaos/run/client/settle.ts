import { setTimeout as delay } from 'node:timers/promises';
import { isEnded, type Entry } from './ledger.ts';
import type { Client } from './traffic.ts';

const LOOK_AGAIN_MS = 1_500;
const SAY_EVERY_MS = 20_000;
/** Asked for at once, for a machine of two cores. */
const AT_ONCE = 6;
/** A try that is under way is not disturbed by another. */
const TRY_AGAIN_MS = 8_000;

/**
 * Everything is healthy: customers finish what they began, platforms ask for what was lost, resume what they paused
 * and recover what was stopped, until each connection is at rest. Answers those that are not when the time is over,
 * each with what it waits for.
 */
export async function settle(
  client: Client,
  withinMs: number,
  say: (line: string) => void,
): Promise<Map<Entry, string>> {
  const deadline = Date.now() + withinMs;
  let sayAtMs = Date.now() + SAY_EVERY_MS;
  const triedAtMs = new Map<Entry, number>();
  let restless = new Map<Entry, string>();
  do {
    restless = new Map();
    const queue = [...client.ledger.entries()];
    const work = async (): Promise<void> => {
      for (let entry = queue.shift(); entry; entry = queue.shift()) {
        const mayAct = Date.now() - (triedAtMs.get(entry) ?? 0) >= TRY_AGAIN_MS;
        const waitsFor = await nudge(client, entry, mayAct);
        if (waitsFor === undefined) continue;
        if (mayAct) triedAtMs.set(entry, Date.now());
        restless.set(entry, waitsFor);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    if (restless.size > 0 && Date.now() >= sayAtMs) {
      sayAtMs = Date.now() + SAY_EVERY_MS;
      for (const [{ id, key }, waitsFor] of restless) say(`${id ?? key} waits for ${waitsFor}`);
    }
    if (restless.size > 0) await delay(LOOK_AGAIN_MS);
  } while (restless.size > 0 && Date.now() < deadline);
  return restless;
}

/** One look, and one step on where one `mayAct`. Answers what the connection is waiting for; undefined = nothing. */
async function nudge({ people, verbs }: Client, entry: Entry, mayAct: boolean): Promise<string | undefined> {
  const { id, disconnect } = entry;
  if (id === null) {
    // Whether it was ever made is not known: asking again with the same key tells.
    const made = await people.create(entry);
    return made ? 'its customer' : 'an answer to its creation';
  }
  const connection = await verbs.get(entry);
  if (!connection) return 'an answer to GET';
  const { status, problem } = connection;
  if (disconnect) {
    if (disconnect.acceptedAtMs === null && mayAct) await verbs.disconnect(entry);
    return status === 'disconnected' ? undefined : `its disconnection (${status})`;
  }
  const because = problem ? `, ${problem.code}: ${problem.message}` : '';
  if (status === 'active') return isFresh(connection.credential) ? undefined : 'a fresh credential';
  if (mayAct) await act({ people, verbs }, entry, status);
  return `${status}${because}`;
}

async function act({ people, verbs }: Pick<Client, 'people' | 'verbs'>, entry: Entry, status: string): Promise<void> {
  switch (status) {
    case 'awaiting_customer':
      await people.comeIn(entry);
      break;
    case 'expired':
      if (await people.invite(entry)) await people.comeIn(entry);
      break;
    case 'action_required':
      if (await people.reauthorize(entry)) await people.comeIn(entry);
      break;
    case 'paused':
      await verbs.verb(entry, 'resume');
      break;
    case 'stopped':
      await verbs.verb(entry, 'recover');
      break;
    default:
      // Verifying, degraded, disconnecting: these go on by themselves.
      if (isEnded(entry)) await verbs.verb(entry, 'recover');
  }
}

const isFresh = (credential: { readonly expiresAt: string | null } | null): boolean =>
  credential !== null && (credential.expiresAt === null || Date.parse(credential.expiresAt) > Date.now());
