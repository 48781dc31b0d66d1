import { describe, expect, it } from 'vitest';
import type { ConnectionsGateway } from '../../../api/temporal/gateway.ts';
import type { Found } from '../../../api/sign-in/found.ts';
import { createResultLinks } from '../../../api/sign-in/links.ts';
import { EphemeralStoreUnavailable } from '../../../stores/ephemeral/port.ts';
import { createInventory } from '../../../stores/inventory/inventory.ts';
import type { ConnectionView } from '../../../contracts/connection.ts';
import { problem } from '../../contract/inventory.rows.ts';
import { composeApp } from './composed-app.ts';
import { row } from './resources/accounts.ts';
import { catalogOfSky, denied, partition } from './resources/sky.ts';
import { foundOf, keyRing, viewWith } from './support.ts';

const cookie = 'c'.repeat(43);
const notYet = { intervalSeconds: null, nextAt: null, running: null, last: null };
const summary = {
  trigger: 'connected' as const,
  startedAt: '2026-11-23T08:00:00.000Z',
  finishedAt: '2026-11-23T08:00:09.000Z',
  lists: 1,
  complete: 1,
  partial: 0,
  failed: 0,
  resources: 2,
  added: 2,
  removed: 0,
  changed: 0,
  problems: [],
  notice: null,
};
/** Rows are listed once, so nothing is removed. */
const list = { since: summary.startedAt };
const connected: Partial<ConnectionView> = { status: 'active', invitation: null, discovery: notYet };

/** The result page of one sign-in, in the browser that signed in. */
async function resultOf(changes: Partial<ConnectionView>, standIns: Parameters<typeof composeApp>[1] = {}) {
  let view = viewWith(changes);
  const viewForLink = async () => foundOf(view);
  const connections = { viewForLink } as unknown as ConnectionsGateway;
  const { app, deps, clock } = await composeApp({}, { connections, ...standIns });
  const path = await createResultLinks({ keyRing, clock }).path({
    c: view.id,
    e: 1,
    b: keyRing.digest('browser', cookie),
  });
  const headers = { cookie: `__Host-mooring-browser=${cookie}` };
  return {
    inventory: createInventory(deps),
    become: (more: Partial<ConnectionView>) => (view = viewWith({ ...changes, ...more })),
    write: { connection: view.id, epoch: 1, kind: 'instance', project: 'p1' },
    page: async (as: object = headers) => await app.inject({ url: path, headers: { ...as } }),
    found: async (as: object = headers) => {
      const reply = await app.inject({ url: `${path}/progress`, headers: { ...as } });
      return { status: reply.statusCode, ...reply.json<{ done: boolean; title: string; found: Found | null }>() };
    },
  };
}

describe('the result page, once the account is connected', () => {
  it('the result page shows resources while they are being listed, and all of them afterwards at the same address', async () => {
    const { inventory, write, become, page, found } = await resultOf(connected);
    expect(await found()).toMatchObject({ done: true, found: { listing: true, kinds: [] } });
    become({ discovery: { ...notYet, running: { since: summary.startedAt, trigger: 'connected' } } });
    await inventory.replace(write, [row('i-1'), row('i-2')], 'cli', list);
    const live = await found();
    expect(live.found).toMatchObject({
      listing: true,
      kinds: [{ kind: 'instance', title: 'instance: 2', open: true }],
    });
    const whileListing = await page();
    expect(whileListing.body).toContain('Looking for resources: 2 resources so far');
    expect(whileListing.body).toContain('http-equiv="refresh"');
    become({ discovery: { ...notYet, last: summary } });
    expect((await found()).found?.listing).toBe(false);
    const { body } = await page();
    expect(body).toContain('2 resources found');
    expect(body).toContain('name of i-1');
    expect(body).not.toContain('http-equiv="refresh"');
  });

  it('the result page reports which kinds are incomplete and how many resources it does not show', async () => {
    const { inventory, write, found, page } = await resultOf({ ...connected, discovery: { ...notYet, last: summary } });
    await inventory.replace(
      write,
      Array.from({ length: 130 }, (_none, index) => row(`i-${index}`)),
      'cli',
      list,
    );
    await inventory.markStale({ ...write, project: 'p2' }, problem);
    const seen = (await found()).found;
    expect(seen?.kinds).toMatchObject([{ title: 'instance: 130 (not all could be listed)', more: 'And 105 more.' }]);
    expect(seen?.kinds[0]?.rows).toHaveLength(25);
    expect((await page()).body).toContain('And 105 more.');
  });

  it('the result page shows the rows of every kind, as its cloud calls it, and folds long lists', async () => {
    const { inventory, write, page } = await resultOf(
      { ...connected, provider: 'ovh', method: 'authorization_code' },
      { providers: catalogOfSky() },
    );
    const many = Array.from({ length: 60 }, (_none, index) => row(`i-${index}`));
    await inventory.replace(write, many, 'cli', list);
    await inventory.replace({ ...write, kind: 'volume' }, [row('v-1', { kind: 'volume' })], 'cli', list);
    const { body } = await page();
    expect(body).toMatch(/<details class="found" data-kind="instance" >\s*<summary>Machines: 60<\/summary>/);
    expect(body).toMatch(/<details class="found" data-kind="volume" open>\s*<summary>Disks: 1<\/summary>/);
    expect(body).toContain('name of v-1');
  });

  it('the result page links a resource to its page in the console over https alone', async () => {
    const { inventory, write, page, found } = await resultOf({ ...connected, discovery: { ...notYet, last: summary } });
    const urls = ['https://console.test/a?x=1&y=2', 'http://console.test/b', 'javascript:alert(1)', 'not an address'];
    const rows = urls.map((consoleUrl, index) => row(`i-${index}`, { consoleUrl }));
    await inventory.replace(write, rows, 'cli', list);
    const links = (await found()).found?.kinds[0]?.rows.map(({ consoleUrl }) => consoleUrl);
    expect(links).toEqual([urls[0], null, null, null]);
    const { body } = await page();
    expect(body).toContain(
      '<a href="https://console.test/a?x=1&amp;y=2" target="_blank" rel="noopener noreferrer">name of i-0</a>',
    );
    expect(body).not.toMatch(/javascript:|http:\/\/console/);
  });

  it('the result page names the right that is missing for a kind, and leaves out kinds of which there is nothing', async () => {
    const partitions = [partition({ kind: 'database' }), denied('sky:ListVolumes', { kind: 'volume' })];
    const page = async () => ({ rows: [], partitions: [], next: null });
    const { found } = await resultOf(connected, { inventory: { partitions: async () => partitions, page } });
    expect((await found()).found?.kinds.map(({ title }) => title)).toEqual([
      'volume: 0 (not all could be listed: sky:ListVolumes is missing)',
    ]);
  });

  it('the result page escapes markup in the name of a resource', async () => {
    const { inventory, write, page } = await resultOf({ ...connected, discovery: { ...notYet, last: summary } });
    await inventory.replace(write, [row('i-1', { name: '<script>alert(1)</script>' })], 'cli', list);
    expect((await page()).body).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
    expect((await page()).body).not.toContain('<script>alert');
  });

  it('the result page is refused to any other browser', async () => {
    const { inventory, write, page, found } = await resultOf({ ...connected, discovery: { ...notYet, last: summary } });
    await inventory.replace(write, [row('i-1')], 'cli', list);
    for (const other of [{}, { cookie: `__Host-mooring-browser=${'d'.repeat(43)}` }]) {
      expect((await found(other)).status).toBe(403);
      const reply = await page(other);
      expect([reply.statusCode, reply.body.includes('i-1')]).toEqual([403, false]);
    }
  });

  it.each([
    ['a way in without discovery', { ...connected, discovery: null }],
    ['a disconnected connection', { ...connected, status: 'disconnected' as const }],
    ['a sign-in that is being verified', { ...connected, status: 'verifying' as const }],
  ])('the result page shows no resources of %s', async (_what, changes) => {
    expect((await (await resultOf(changes)).found()).found).toBeNull();
  });

  it('the result page says that the account is connected even while the inventory does not answer', async () => {
    const down = () => Promise.reject(new EphemeralStoreUnavailable('down'));
    const { found } = await resultOf(connected, { inventory: { page: down, partitions: down } });
    expect(await found()).toMatchObject({ status: 200, title: 'Connected', found: null });
  });
});

describe('the result page, while access is being verified', () => {
  const lastProblem = { code: 'not_yet', message: 'Not yet.', remedy: 'Wait.', link: 'https://sky.example/validate' };
  const verification = {
    step: 'proof' as const,
    attempts: 2,
    nextTryAt: '2026-11-23T08:00:30.000Z',
    lastProblem,
    account: null,
  };
  const headers = { cookie: `__Host-mooring-browser=${cookie}`, origin: 'https://mooring.example' };

  async function waiting() {
    const tried: string[] = [];
    const view = viewWith({ status: 'verifying', verification: { ...verification, attemptsBefore: 0 } });
    const connections = {
      viewForLink: async () => foundOf(view, { verification }),
      tryNow: async (tenant: string, id: string) => void tried.push(`${tenant}/${id}`),
    } as unknown as ConnectionsGateway;
    const { app, clock } = await composeApp({}, { connections });
    const path = await createResultLinks({ keyRing, clock }).path({
      c: view.id,
      e: 1,
      b: keyRing.digest('browser', cookie),
    });
    return {
      tried,
      id: view.id,
      path,
      page: async () => (await app.inject({ url: path, headers })).body,
      tryNow: async (as: object) => await app.inject({ method: 'POST', url: `${path}/try-now`, headers: { ...as } }),
    };
  }

  it('the result page shows how often access was tried, when the next try is, and a link to the remedy', async () => {
    const page = await (await waiting()).page();
    expect(page).toContain('Tried 2 times; the next try is at 08:00:30 UTC.');
    expect(page).toContain('href="https://sky.example/validate"');
    expect(page).not.toMatch(/id="try-now"[^>]*hidden/);
  });

  it('the browser that signed in can start the next try at once and is sent back to the result page', async () => {
    const { tried, id, path, tryNow } = await waiting();
    const reply = await tryNow(headers);
    expect([reply.statusCode, reply.headers.location]).toEqual([303, path]);
    expect(tried).toEqual([`acme/${id}`]);
  });

  it.each([
    ['another browser', { ...headers, cookie: `__Host-mooring-browser=${'d'.repeat(43)}` }],
    ['another site', { ...headers, origin: 'https://elsewhere.example' }],
  ])('the next try is not started for %s', async (_who, as) => {
    const { tried, tryNow } = await waiting();
    expect((await tryNow(as)).statusCode).toBe(403);
    expect(tried).toEqual([]);
  });

  it('the result page starts at most six tries within a minute', async () => {
    const { tried, tryNow } = await waiting();
    for (let count = 0; count < 6; count++) await tryNow(headers);
    expect((await tryNow(headers)).statusCode).toBe(429);
    expect(tried).toHaveLength(6);
  });
});
