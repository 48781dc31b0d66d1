import { setTimeout as pause } from 'node:timers/promises';
import type { Connection } from '../../../api/connections/schema.ts';
import type { Platform } from '../../support/platform.ts';

const BETWEEN_MS = 50;
const LIST_TRIES = 60;
/**
 * A workflow task that Temporal had just given to a worker that stops is given to another one seconds later. What is
 * sent to that connection meanwhile is told that it may still be carried out.
 */
export const UNANSWERED = 'no_worker_answered';

export interface Traffic {
  /** Stops it; answers how many requests were served, and one line for each that was not answered as it must be. */
  stop(): Promise<{ readonly served: number; readonly faults: readonly string[] }>;
}

/**
 * A light client: reads one, the list and credentials, renames and refreshes, one request after the other. It alone
 * writes to `own`, so that it knows what each must be called. Where nobody listens (the API is deployed) it goes on.
 */
export function startTraffic(platform: Platform, all: readonly string[], own: readonly string[]): Traffic {
  const faults: string[] = [];
  const names = new Map<string, string>();
  let served = 0;
  const over = new AbortController();

  /** `codes` besides success are good answers. */
  async function request(what: string, ask: () => Promise<unknown>, ...codes: readonly string[]): Promise<void> {
    try {
      await ask();
      served += 1;
    } catch (error) {
      // Nobody listens.
      if (error instanceof TypeError) return;
      if (codes.includes((error as { code?: string }).code ?? '')) served += 1;
      else faults.push(`${what}: ${String(error)}`);
    }
  }

  async function missingRows(): Promise<string[]> {
    const { items } = await platform.call<{ items: Connection[] }>('GET', '/v1/connections?limit=200');
    const unreadable = items.filter(({ problem }) => problem?.code === 'view_undecodable');
    if (unreadable.length > 0) throw new Error(`Rows that cannot be read: ${unreadable.map(({ id }) => id).join()}`);
    return all.filter((id) => !items.some((item) => item.id === id));
  }

  async function round(number: number): Promise<void> {
    const one = all[number % all.length] ?? '';
    const mine = own[number % own.length] ?? '';
    await request('read', async () => await platform.get(one));
    await request('list', async () => {
      // Visibility is behind for a moment: between the end of one run and the next, a connection may be in no list.
      let missing = await missingRows();
      for (let tries = 0; missing.length > 0 && tries < LIST_TRIES; tries++) {
        await pause(BETWEEN_MS);
        missing = await missingRows();
      }
      if (missing.length > 0) throw new Error(`Missing rows: ${missing.join()}`);
    });
    await request('credentials', async () => await platform.call('GET', `/v1/connections/${mine}/credentials`));
    await request(
      'rename',
      async () => {
        const name = `name ${number}`;
        // Before the answer: where it is lost, the name may be the new one all the same.
        names.delete(mine);
        await platform.call('PATCH', `/v1/connections/${mine}`, { name });
        names.set(mine, name);
      },
      UNANSWERED,
    );
    await request('read what was written', async () => {
      const { name } = await platform.get(mine);
      const wanted = names.get(mine);
      if (wanted !== undefined && name !== wanted) throw new Error(`${mine} is called ${name}, not ${wanted}`);
    });
    const refresh = async (): Promise<unknown> => await platform.call('POST', `/v1/connections/${mine}/refresh`);
    await request('refresh', refresh, 'refresh_too_soon', UNANSWERED);
  }

  const running = (async () => {
    for (let number = 0; !over.signal.aborted; number++) {
      await round(number);
      await pause(BETWEEN_MS);
    }
  })();

  return {
    async stop() {
      over.abort();
      await running;
      return { served, faults };
    },
  };
}
