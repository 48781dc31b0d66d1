import { describe, expect, inject, test } from 'vitest';
import { refusal } from './support/connection.ts';
import { useWorld } from './support/world.ts';

describe.skipIf(inject('components').timeSkipping === null)('a request', () => {
  const world = useWorld();

  test('a timeline entry names who asked, the customer by their link, and an unnamed request has no actor', async () => {
    const by = { kind: 'key', id: 'k' } as const;
    const connection = await world.start();
    await connection.send('invite', {
      invitation: { lifetimeSeconds: 86_400, passcodeRequired: false, confirm: false },
      by,
    });
    await connection.signIn();
    await connection.reaches('active');
    await connection.send('pause', { by });
    await connection.send('resume');
    const customer = { kind: 'customer', id: `${connection.id}/2` };
    const entries = (await connection.timeline()).map(({ event, by: actor }) => [event, actor]);
    expect(entries).toEqual([
      ['invited', undefined],
      ['invited', by],
      ['signed_in', customer],
      ['connected', undefined],
      ['paused', by],
      ['resumed', undefined],
    ]);
  });

  test('a requested refresh joins the refresh that is under way, and two callers spend one token', async () => {
    const connection = await world.connect();
    await world.cloud.fault({ endpoint: 'token.refresh' }, { kind: 'hold_after' });
    const first = connection.refresh();
    const hold = await world.cloud.waitForHold('token.refresh');
    const second = connection.refresh();
    await world.cloud.release(hold);
    const replies = await Promise.all([first, second]);
    expect(replies.map(({ spent }) => spent)).toEqual([true, false]);
    expect(replies.map(({ credential }) => credential.generation)).toEqual([2, 2]);
    expect((await world.cloud.counters()).refreshTokensSpent).toBe(1);
  });

  test('a forced refresh is granted once a minute, also where the last one failed', async () => {
    const connection = await world.connect();
    expect((await connection.refresh()).spent).toBe(true);
    await world.pass({ seconds: 10 });
    expect(await refusal(connection.refresh())).toMatchObject({ code: 'refresh_too_soon', status: 429 });
    await world.pass({ minutes: 1, seconds: 1 });
    await world.cloud.fault({ endpoint: 'token.refresh' }, { kind: 'respond', status: 503 });
    expect(await refusal(connection.refresh())).toMatchObject({ code: 'cloud_unavailable', status: 503 });
    await world.pass({ seconds: 10 });
    expect((await refusal(connection.refresh())).code).toBe('refresh_too_soon');
    // The first, the failed one, and upkeep's own next try ten seconds later.
    expect((await world.cloud.counters()).requests['token.refresh']).toBe(3);
  });

  test('a refresh for a longer life than tokens have is refused, and one for a life still left spends nothing', async () => {
    const connection = await world.connect();
    const refused = await refusal(connection.refresh(3601));
    expect(refused).toMatchObject({ code: 'minimum_life_too_long', status: 422 });
    expect(refused.remedy).toContain('3600');
    expect((await connection.refresh(1800)).spent).toBe(false);
    await world.pass({ minutes: 35 });
    expect(await connection.refresh(1800)).toMatchObject({ spent: true, credential: { generation: 2 } });
  });

  test('a request that is repeated with its id is answered again and executed once', async () => {
    const connection = await world.start();
    const invitation = { lifetimeSeconds: 2 * 86_400, passcodeRequired: false, confirm: false };
    const command = { invitation, requestId: 'the-same' };
    expect((await connection.send('invite', command)).invitation?.epoch).toBe(2);
    expect((await connection.send('invite', command)).invitation?.epoch).toBe(2);
    await world.pass({ hours: 25, minutes: 1 });
    expect((await connection.histories()).length).toBe(2);
    expect((await connection.send('invite', command)).invitation?.epoch, 'in the next run too').toBe(2);
  });

  test('a request that arrives while a run is replaced is served by that run or by the next one', async () => {
    const connection = await world.start();
    // Each costs about six events, so that runs are replaced all the time.
    for (let batch = 1; batch <= 40; batch++) {
      const names = [1, 2, 3, 4].map((each) => `request ${batch}.${each}`);
      const served = await Promise.all(names.map((name) => connection.send('annotate', { name })));
      expect(served.map(({ name }) => name)).toEqual(names);
    }
    expect((await connection.histories()).length).toBeGreaterThanOrEqual(3);
  });

  test("a request of one tenant never reaches another's connection, in one worker and over many runs", async () => {
    const blue = await world.connect({ tenant: 'blue', tags: ['blue'] });
    const green = await world.connect({ tenant: 'green', tags: ['green'] });
    await blue.send('annotate', { name: 'blue one' });
    await green.send('pause');
    await world.pass({ hours: 50 });
    const views = [await blue.view(), await green.view()];
    expect(views).toMatchObject([
      { id: blue.id, tenant: 'blue', name: 'blue one', tags: ['blue'], status: 'active' },
      { id: green.id, tenant: 'green', name: null, tags: ['green'], status: 'paused', credential: { generation: 1 } },
    ]);
    expect(await green.events()).toEqual(['invited', 'signed_in', 'connected', 'paused']);
    expect(await blue.events()).toEqual(['invited', 'signed_in', 'connected']);
    const stranger = blue.handle.executeUpdate('annotate', { args: [{ tenant: 'green', name: 'taken' }] });
    expect(await refusal(stranger)).toMatchObject({ code: 'connection_not_found', status: 404 });
    expect((await blue.view()).name).toBe('blue one');
  });
});
