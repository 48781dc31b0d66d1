import { Secret } from '../../platform/secret.ts';
import { ephemeralKeys } from '../../stores/ephemeral/keys.ts';
import { isAccessRecord, liveKeys } from '../../stores/secrets/credential-record.ts';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Connection } from '../../api/connections/schema.ts';
import { openBrowser } from './support/browser.ts';
import { connect, platform, signIn, type Platform } from './support/connect.ts';
import { eventually } from '../support/eventually.ts';
import { startStack, temporalAddress, type Stack } from './support/stack.ts';

const address = temporalAddress();

describe.skipIf(address === null)('while no worker runs', { timeout: 60_000 }, () => {
  let stack: Stack;
  let acme: Platform;
  let active: Connection;
  let paused: Connection;
  let begun: Awaited<ReturnType<typeof signIn>> & { id: string; url: string };
  beforeAll(async () => {
    stack = await startStack(address ?? '');
    acme = platform(stack, await stack.keyFor('acme', 'admin'));
    const { id } = (await connect(stack, acme)).connection;
    active = await acme.get(id);
    paused = (await connect(stack, acme)).connection;
    paused = (await acme.call('POST', `/${paused.id}/pause`)).json<Connection>();
    const { connection, invitation } = await acme.invite();
    begun = { id: connection.id, url: invitation.url, ...(await signIn(stack, invitation.url)) };
    await eventually('a report of upkeep', async () => {
      const { raw } = await stack.client.workflow.getHandle(active.id).describe();
      return raw.pendingActivities?.some(({ lastFailure }) => lastFailure?.message);
    });
    await stack.stopWorker();
  });
  afterEach(() => stack.loseEphemeralStore(false));
  afterAll(async () => await stack.startWorker());

  it.each([
    ['', false],
    [', even without the ephemeral store', true],
  ])('without a worker, a connection, its credential and an invitation page are served%s', async (_what, lost) => {
    stack.loseEphemeralStore(lost);
    const { id, account, createdAt, credential } = active;
    const shown = {
      id,
      account,
      createdAt,
      status: 'active',
      credential: { generation: 1, issuedAt: credential?.issuedAt },
    };
    const reply = await acme.call('GET', `/${id}`);
    expect(reply.headers['mooring-view-source']).toBe('temporal');
    expect(reply.json()).toMatchObject(shown);
    const { items } = (await acme.call('GET', '?status=active')).json<{ items: Connection[] }>();
    expect(items).toMatchObject([shown]);
    expect((await acme.call('GET', `/${id}/credentials`)).json()).toMatchObject({ generation: 1, warnings: [] });
    expect((await openBrowser(stack).open(begun.url)).statusCode).toBe(200);
  });

  it('old facts in the ephemeral store are not shown where the secret store has newer ones', async () => {
    const { id } = paused;
    const facts = { v: 1, ...paused.credential };
    await stack.ephemeral.put(ephemeralKeys.facts(id), facts, 600);
    const access = (await stack.secrets.read('live', liveKeys.access(id)))?.data.reveal();
    if (!isAccessRecord(access)) expect.fail('Nothing is handed out.');
    const renewed = { ...access, mooring: { ...access.mooring, generation: 2 } };
    await stack.secrets.write('live', liveKeys.access(id), new Secret(renewed));
    expect((await acme.get(id)).credential).toMatchObject({ generation: 2 });
  });

  it('a connection that is shown while the secret store is unavailable warns that it may be outdated', async () => {
    const codesOf = ({ warnings }: Connection) => warnings.map(({ code }) => code);
    stack.loseSecretStore(true);
    const shown = await acme.get(paused.id);
    stack.loseSecretStore(false);
    expect(shown).toMatchObject({ status: 'paused', credential: { generation: 1 } });
    expect(codesOf(shown)).toEqual(['facts_unconfirmed']);
    expect(codesOf(await acme.get(paused.id))).toEqual([]);
  });

  it('a timeline without a worker shows what is known and does not wait for one', async () => {
    const reply = await acme.call('GET', `/${active.id}/timeline`);
    expect(reply.json()).toMatchObject({ items: [{ event: 'active' }] });
  });

  it('another tenant’s connection is not found without a worker either', async () => {
    const umbrella = platform(stack, await stack.keyFor('umbrella', 'admin'));
    expect((await umbrella.call('GET', `/${active.id}`)).statusCode).toBe(404);
    expect((await umbrella.call('POST', `/${active.id}/pause`)).statusCode).toBe(404);
  });

  it('a connection can be created, listed and opened without a worker', async () => {
    const { connection, invitation } = await acme.invite({ tags: ['orphan'] });
    expect((await openBrowser(stack).open(invitation.url)).statusCode).toBe(200);
    const items = await eventually('the list to show it', async () => {
      const page = (await acme.call('GET', '?tag=orphan')).json<{ items: Connection[] }>();
      return page.items.length > 0 && page.items;
    });
    expect(items).toMatchObject([{ id: connection.id, status: 'awaiting_customer' }]);
  });

  it('a new connection is published to the event stream before any worker has processed it', async () => {
    const listener = platform(stack, await stack.keyFor('listener', 'admin'));
    const { connection } = await listener.invite();
    const [entry] = await stack.ephemeral.readStream('events:listener', null, 10);
    expect(entry?.value).toMatchObject({ connection: connection.id, event: 'invited', status: 'awaiting_customer' });
  });

  it('a verb without a worker gets a 503 that says that it may still be carried out and where to look', async () => {
    const reply = await acme.call('POST', `/${active.id}/pause`);
    expect(reply.json()).toMatchObject({
      status: 503,
      code: 'no_worker_answered',
      detail: expect.stringContaining('may still be carried out'),
      remedy: expect.stringContaining('task queue'),
    });
    expect(reply.headers['retry-after']).toBe('5');
  });

  it('a renewal that a lost worker had stored is shown although the last report of upkeep is older', async () => {
    // The pause of the test above still waits for a worker, so a renewal may be under way.
    stack.loseEphemeralStore(true);
    const access = (await stack.secrets.read('live', liveKeys.access(active.id)))?.data.reveal();
    if (!isAccessRecord(access)) expect.fail('Nothing is handed out.');
    const renewed = { ...access, mooring: { ...access.mooring, generation: 2 } };
    await stack.secrets.write('live', liveKeys.access(active.id), new Secret(renewed));
    expect((await acme.get(active.id)).credential).toMatchObject({ generation: 2 });
    await stack.secrets.write('live', liveKeys.access(active.id), new Secret(access));
  });

  it('a sign-in is accepted without a worker, and completes as soon as one is back', async () => {
    const reply = await begun.browser.open(begun.callback);
    expect(reply.statusCode).toBe(303);
    const path = reply.headers.location ?? '';
    expect((await begun.browser.open(path)).body).toContain('Your sign-in has arrived');
    await stack.startWorker();
    await acme.until(begun.id, 'active');
    expect((await begun.browser.open(path)).body).toContain('Connected');
    await stack.stopWorker();
  });
});
