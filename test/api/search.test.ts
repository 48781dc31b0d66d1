import { beforeAll, describe, expect, it } from 'vitest';
import type { Connection } from '../../api/connections/schema.ts';
import { eventually } from '../support/eventually.ts';
import { connect, platform, signIn, type Platform } from './support/connect.ts';
import { startStack, temporalAddress, type Stack } from './support/stack.ts';

const address = temporalAddress();
const ACCOUNT = 'la12345-ovh';

async function collected<T>(rows: AsyncIterable<T>): Promise<readonly T[]> {
  const all: T[] = [];
  for await (const row of rows) all.push(row);
  return all;
}

describe.skipIf(address === null)('the search', { timeout: 60_000 }, () => {
  let stack: Stack;
  let acme: Platform;
  let umbrella: Platform;
  let active: string;
  let invited: string;
  beforeAll(async () => {
    stack = await startStack(address ?? '');
    acme = platform(stack, await stack.keyFor('acme', 'admin'));
    umbrella = platform(stack, await stack.keyFor('umbrella', 'admin'));
    active = (await connect(stack, acme, { name: 'Billing Production' })).connection.id;
    invited = (await acme.invite({ name: 'Billing Staging', invitation: { lifetimeSeconds: 3_600 } })).connection.id;
    await connect(stack, umbrella, { name: 'Billing Production' });
  });

  const found = async (query: Record<string, string>, backend = acme): Promise<readonly string[]> => {
    const reply = await backend.call('GET', `?${new URLSearchParams(query).toString()}`);
    expect(reply.statusCode, reply.body).toBe(200);
    return reply
      .json<{ items: Connection[] }>()
      .items.map(({ id }) => id)
      .toSorted();
  };
  /** What the search finds once visibility has caught up. */
  const settled = async (query: Record<string, string>, ids: readonly string[]): Promise<readonly string[]> =>
    await eventually(`${JSON.stringify(query)} to find ${ids.length}`, async () => {
      const now = await found(query);
      return now.join() === ids.toSorted().join() && now;
    });
  it('the state of the installation names the task queues that a worker polls', async () => {
    const headers = await stack.operatorKey('operator:system');
    const system = await eventually('the workers to poll', async () => {
      const reply = await stack.app.inject({ url: '/v1/system', headers });
      const { queues } = reply.json<{ queues: { queue: string; kind: string; pollers: number }[] }>();
      return queues.every(({ pollers }) => pollers > 0) && queues;
    });
    expect(system).toContainEqual({ queue: 'mooring', kind: 'workflow', pollers: expect.any(Number), builds: [] });
  });

  it('the search finds a connection by words of its name, its account, and how its id begins, within its tenant', async () => {
    const cases: readonly (readonly [query: Record<string, string>, ids: readonly string[]])[] = [
      [{ name: 'production' }, [active]],
      [{ name: 'BILLING' }, [active, invited]],
      [{ name: 'staging billing' }, [invited]],
      [{ name: 'prod' }, []],
      [{ account: ACCOUNT.toUpperCase() }, [active]],
      [{ q: active.slice(0, 12) }, [active]],
      [{ q: 'production' }, [active]],
      [{ q: 'LA12345 ovh' }, [active]],
      [{ q: '…' }, []],
      [{ name: '…' }, []],
      [{ name: 'billing', status: 'active' }, [active]],
    ];
    for (const [query, ids] of cases) expect(await settled(query, ids)).toEqual(ids.toSorted());
  });

  it('the search finds a renamed connection by its new name and no longer by its old one', async () => {
    const { connection } = await acme.invite({ name: 'before' });
    expect(await settled({ name: 'before' }, [connection.id])).toHaveLength(1);
    await acme.call('PATCH', `/${connection.id}`, { name: 'Afterwards' });
    expect(await settled({ name: 'afterwards' }, [connection.id])).toHaveLength(1);
    expect(await settled({ name: 'before' }, [])).toHaveLength(0);
    await acme.call('PATCH', `/${connection.id}`, { name: null });
    expect(await settled({ name: 'afterwards' }, [])).toHaveLength(0);
  });

  it('the search finds what ends soon, and what was made or has changed in a time', async () => {
    const [hour, past] = [Date.now() + 3_600_000, Date.now() - 3_600_000].map((ms) => new Date(ms).toISOString());
    expect(await settled({ actBefore: hour ?? '', name: 'billing' }, [invited])).toHaveLength(1);
    expect(await settled({ createdAfter: past ?? '', name: 'billing' }, [active, invited])).toHaveLength(2);
    expect(await settled({ createdBefore: past ?? '', name: 'billing' }, [])).toHaveLength(0);
    expect(await settled({ statusSinceAfter: past ?? '', status: 'active' }, [active])).toHaveLength(1);
    expect(await settled({ statusSinceBefore: past ?? '', status: 'active' }, [])).toHaveLength(0);
  });

  it('the second page of a search has the same filters, and another search does not take its cursor', async () => {
    expect(await settled({ name: 'billing' }, [active, invited])).toHaveLength(2);
    const page = async (query: string) => await acme.call('GET', `?${query}`);
    const { items, nextCursor } = (await page('name=billing&limit=1')).json<{
      items: Connection[];
      nextCursor: string;
    }>();
    const next = (await page(`name=billing&limit=1&cursor=${nextCursor}`)).json<{ items: Connection[] }>();
    expect([...items, ...next.items].map(({ id }) => id).toSorted()).toEqual([active, invited].toSorted());
    expect((await page(`name=production&limit=1&cursor=${nextCursor}`)).json()).toMatchObject({
      code: 'invalid_cursor',
    });
  });

  it('Temporal shows an account and a name as digests, which differ between tenants', async () => {
    const attributes = async (tenant: string) => {
      const query = `MooringTenant='${tenant}' AND MooringStatus='active'`;
      const [row] = await collected(stack.client.workflow.list({ query }));
      return row?.searchAttributes;
    };
    const shown = await eventually('both to be listed', async () => {
      const both = await Promise.all(['acme', 'umbrella'].map(attributes));
      return both.every((each) => each !== undefined) && both;
    });
    const [ours, theirs] = shown;
    expect(ours?.['MooringAccount']).toEqual([expect.stringMatching(/^[a-z2-7]{16}$/)]);
    expect(ours?.['MooringName']).toHaveLength(2);
    expect(theirs?.['MooringAccount']).not.toEqual(ours?.['MooringAccount']);
    expect(theirs?.['MooringName']).not.toEqual(ours?.['MooringName']);
    expect(JSON.stringify(shown)).not.toMatch(/billing|production|la12345/i);
  });

  describe('the summary', () => {
    interface Summary {
      readonly connections: { living: number; byStatus: Record<string, number>; byReason: Record<string, number> };
      readonly waiting: { readonly total: number; readonly items: Connection[] };
      readonly ending: { readonly total: number; readonly items: { what: string; connection: Connection }[] };
      readonly freshness: { readonly credentials: number; readonly share: number | null };
      readonly unknown: readonly { readonly part: string }[];
    }
    let tenant: { authorization: string };
    let globex: Platform;
    beforeAll(async () => {
      tenant = await stack.keyFor('globex', 'admin');
      globex = platform(stack, tenant);
    });
    const summary = async () => {
      // Shared for ten seconds.
      stack.advance(11);
      const reply = await stack.app.inject({ url: '/v1/summary', headers: tenant });
      expect(reply.statusCode, reply.body).toBe(200);
      return reply.json<Summary>();
    };
    const confirming = async () => {
      const { connection, invitation } = await globex.invite({ invitation: { confirm: true } });
      const { browser, callback } = await signIn(stack, invitation.url);
      await browser.open(callback);
      await eventually('the account to wait', async () => (await globex.get(connection.id)).problem !== null);
      return connection.id;
    };

    it('the summary counts by status and reason, and has what needs a person in the order in which it began', async () => {
      await connect(stack, globex);
      const first = await confirming();
      const second = await confirming();
      const open = (await globex.invite()).connection.id;
      const seen = await eventually('the summary to have all', async () => {
        const told = await summary();
        return told.waiting.total === 2 && told.connections.living === 4 && told;
      });
      expect(seen.connections.byStatus).toMatchObject({ active: 1, verifying: 2, awaiting_customer: 1, expired: 0 });
      expect(seen.connections.byReason).toEqual({ confirmation_required: 2 });
      expect(seen.waiting.items.map(({ id }) => id)).toEqual([first, second]);
      expect(seen.ending.items.map(({ what }) => what).toSorted()).toEqual([
        'invitation',
        'verification',
        'verification',
      ]);
      expect(seen.ending.items.some(({ connection }) => connection.id === open)).toBe(true);
      expect(seen.unknown).toEqual([]);
    });

    it('the summary is told without a worker, and without Redis all but the freshness', async () => {
      await stack.stopWorker();
      stack.loseEphemeralStore(true);
      try {
        const told = await summary();
        expect(told.connections.living).toBe(4);
        expect(told.waiting.items).toHaveLength(2);
        expect(told.unknown.map(({ part }) => part)).toEqual(['freshness']);
      } finally {
        stack.loseEphemeralStore(false);
        await stack.startWorker();
      }
    });

    it('the summary counts a connection whose workflow was terminated as stopped', async () => {
      const { connection } = await connect(stack, globex);
      await stack.client.workflow.getHandle(connection.id).terminate('by mistake');
      const stopped = await eventually(
        'it to be counted',
        async () => (await summary()).connections.byStatus['stopped'] ?? false,
      );
      expect(stopped).toBe(1);
    });
  });
});
