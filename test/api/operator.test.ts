import { beforeAll, describe, expect, it } from 'vitest';
import type { Connection } from '../../api/connections/schema.ts';
import { randomConnectionId } from '../../api/connections/start-connection.ts';
import { countByStatus } from '../../api/temporal/visibility.ts';
import { FIRST_EPOCH, initialView } from '../../contracts/connection-view.ts';
import { startOptions } from '../../platform/temporal/connection-start.ts';
import { providerQueues, workflowTypes } from '../../contracts/ids.ts';
import { eventually } from '../support/eventually.ts';
import { openBrowser } from './support/browser.ts';
import { connect, platform, type Platform } from './support/connect.ts';
import { inputOf, startStack, temporalAddress, type Stack } from './support/stack.ts';

const address = temporalAddress();

describe.skipIf(address === null)('what an operator did in Temporal', { timeout: 60_000 }, () => {
  let stack: Stack;
  let acme: Platform;
  beforeAll(async () => {
    stack = await startStack(address ?? '');
    acme = platform(stack, await stack.keyFor('acme', 'admin'));
  });
  const listed = async (backend: Platform, query = '') =>
    (await backend.call('GET', `?${query}`)).json<{ items: Connection[] }>().items;
  const rowsOf = async (id: string, query = '') => (await listed(acme, query)).filter((row) => row.id === id);
  const countedAsStopped = async () => (await countByStatus(stack.client)).get('stopped');
  const handle = (id: string) => stack.client.workflow.getHandle(id);
  const upkeepOf = async (id: string) =>
    await eventually('upkeep to wait', async () => {
      const { raw } = await handle(id).describe();
      return raw.pendingActivities?.find((pending) => pending.activityType?.name === 'keepFresh');
    });

  describe('a workflow that was terminated', () => {
    let id: string;
    let open: string;
    beforeAll(async () => {
      id = (await connect(stack, acme)).connection.id;
      const invited = await acme.invite();
      open = invited.invitation.url;
      for (const ended of [id, invited.connection.id]) await handle(ended).terminate('by mistake');
    });

    it('a connection whose workflow was terminated is shown as stopped, with a remedy and no credential', async () => {
      expect(await acme.get(id)).toMatchObject({
        status: 'stopped',
        problem: { code: 'stopped', remedy: expect.stringContaining('/recover') },
        credential: null,
        health: null,
        account: { id: expect.any(String) },
      });
    });

    it('a connection whose workflow was terminated is listed and counted only as stopped', async () => {
      await eventually('the list to show it', async () => (await rowsOf(id, 'status=stopped')).length === 1);
      expect(await rowsOf(id)).toMatchObject([{ status: 'stopped', credential: null }]);
      expect(await rowsOf(id, 'status=active&status=awaiting_customer')).toEqual([]);
      expect(await countedAsStopped()).toBe(2);
    });

    it.each(['pause', 'refresh', 'reauthorize', 'try-now'])(
      'a stopped connection refuses %s, and the remedy is to recover it',
      async (verb) => {
        expect((await acme.call('POST', `/${id}/${verb}`)).json()).toMatchObject({
          status: 409,
          code: 'connection_stopped',
          remedy: expect.stringContaining('/recover'),
        });
      },
    );

    it.each([
      ['recovering', 'POST', '/recover'],
      ['disconnecting', 'DELETE', ''],
    ] as const)(
      '%s a stopped connection is refused for now, with the request to repeat it after a minute',
      async (_what, method, path) => {
        const reply = await acme.call(method, `/${id}${path}`);
        expect(reply.json()).toMatchObject({
          status: 409,
          code: 'connection_stopped',
          remedy: expect.stringContaining('Repeat'),
        });
        expect(reply.headers['retry-after']).toBe('60');
      },
    );

    it('the invitation of a stopped connection cannot be opened', async () => {
      expect((await openBrowser(stack).open(open)).statusCode).toBe(410);
    });

    it('a stopped connection of another tenant is not found', async () => {
      const stranger = platform(stack, await stack.keyFor('globex', 'admin'));
      expect((await stranger.call('GET', `/${id}`)).statusCode).toBe(404);
      expect((await stranger.call('DELETE', `/${id}`)).statusCode).toBe(404);
    });
  });

  it('a connection whose workflow was reset is one row in the list and continues to work', async () => {
    const { id } = (await connect(stack, acme)).connection;
    await upkeepOf(id);
    const { events = [] } = await handle(id).fetchHistory();
    const completed = events?.findLast((event) => event.workflowTaskCompletedEventAttributes)?.eventId;
    if (!completed) expect.fail('The history has no workflow task.');
    const { runId } = await handle(id).describe();
    await stack.client.workflowService.resetWorkflowExecution({
      namespace: stack.client.options.namespace,
      workflowExecution: { workflowId: id, runId },
      reason: 'a test',
      workflowTaskFinishEventId: completed,
      requestId: id,
    });
    await eventually('both runs to be seen', async () => {
      const query = `WorkflowId='${id}'`;
      return (await stack.client.workflow.count(query)).count === 2;
    });
    await eventually('one row, active', async () => {
      const rows = await rowsOf(id);
      return rows.length === 1 && rows[0]?.status === 'active';
    });
    expect(await rowsOf(id, 'status=stopped')).toEqual([]);
    expect(await countedAsStopped()).toBe(2);
    expect(await acme.get(id)).toMatchObject({ status: 'active', credential: { generation: 1 } });
    expect((await acme.call('POST', `/${id}/pause`)).json()).toMatchObject({ status: 'paused' });
  });

  it('upkeep that an operator paused is shown as paused, and a try-now request does not resume it', async () => {
    const { id } = (await connect(stack, acme)).connection;
    const { activityId } = await upkeepOf(id);
    const { namespace, identity } = stack.client.options;
    await stack.client.workflowService.pauseActivity({
      namespace,
      identity,
      execution: { workflowId: id },
      id: activityId ?? '',
      reason: 'a test',
    });
    expect(await acme.get(id)).toMatchObject({
      status: 'active',
      health: { state: 'paused_by_operator', since: expect.any(String), problem: { code: 'paused_by_operator' } },
    });
    expect((await acme.call('POST', `/${id}/try-now`)).json()).toMatchObject({
      status: 409,
      code: 'paused_by_operator',
    });
  });

  it('a workflow whose task keeps failing is shown as stuck with its cause, and a verb reports it', async () => {
    const id = randomConnectionId((size) => Buffer.alloc(size, 7));
    const input = inputOf({ id });
    const view = initialView(input, Date.now());
    const options = startOptions(
      input,
      { view, request: { digest: 'd', invitationExpiresAt: view.createdAt } },
      { providerName: 'OVH', methodName: 'm' },
      { name: [], account: null },
    );
    // State of version 99, as a newer build would have passed it to the next run.
    const args = [input, { v: 99 }];
    await stack.client.workflow.start(workflowTypes.connection, { ...options, args });
    const shown = await eventually(
      'it to be stuck',
      async () => {
        const connection = await acme.get(id);
        return connection.health?.state === 'stuck' && connection;
      },
      40_000,
    );
    expect(shown).toMatchObject({
      status: 'awaiting_customer',
      invitation: { epoch: FIRST_EPOCH },
      health: { problem: { code: 'connection_stuck', message: expect.stringContaining('up to version 2') } },
    });
    expect((await acme.call('DELETE', `/${id}/invitation`)).json()).toMatchObject({
      status: 503,
      code: 'connection_stuck',
    });
    await handle(id).terminate('enough');
  });

  it('upkeep that no worker picks up is shown as late, and its queue as not ready', async () => {
    const { id } = (await connect(stack, acme)).connection;
    await upkeepOf(id);
    const readyz = async () => await stack.app.inject('/readyz');
    await eventually('every queue to be polled', async () => (await readyz()).statusCode === 200);
    // As seen by an API whose clock is ahead of every poll and every due time.
    stack.advance(3600);
    try {
      expect(await acme.get(id)).toMatchObject({
        status: 'active',
        health: { state: 'late', problem: { code: 'late' } },
      });
      const reply = await readyz();
      expect(reply.statusCode).toBe(503);
      expect(reply.json()).toMatchObject({ checks: expect.arrayContaining([{ name: 'workers', ok: false }]) });
      expect(reply.body).not.toContain(providerQueues('ovh').now);
      expect(stack.log()).toContain(providerQueues('ovh').now);
    } finally {
      stack.advance(-3600);
    }
  });
});
