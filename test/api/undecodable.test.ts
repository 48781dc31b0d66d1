import { Client } from '@temporalio/client';
import { beforeAll, describe, expect, it } from 'vitest';
import { initialView } from '../../contracts/connection-view.ts';
import { startOptions } from '../../platform/temporal/connection-start.ts';
import { randomConnectionId } from '../../api/connections/start-connection.ts';
import type { Connection } from '../../api/connections/schema.ts';
import { KeyRing } from '../../platform/key-ring.ts';
import { createDataConverter } from '../../platform/temporal/data-converter.ts';
import type { ConnectionView } from '../../contracts/connection.ts';
import { workflowTypes } from '../../contracts/ids.ts';
import { eventually } from '../support/eventually.ts';
import { platform, type Platform } from './support/connect.ts';
import { inputOf, startStack, temporalAddress, type Stack } from './support/stack.ts';

const address = temporalAddress();

describe.skipIf(address === null)('a connection whose memo cannot be read', () => {
  let stack: Stack;
  let acme: Platform;
  const ids = { good: '', sealed: '', garbage: '', empty: '' };
  beforeAll(async () => {
    stack = await startStack(address ?? '');
    acme = platform(stack, await stack.keyFor('acme', 'admin'));
    ids.good = (await acme.invite({ tags: ['good'] })).connection.id;
    const { connection, options } = stack.client;
    const { namespace } = options;
    const start = async (seed: number, dataConverter: object, spoil: (view: ConnectionView) => unknown) => {
      const input = inputOf({ id: randomConnectionId((size) => Buffer.alloc(size, seed)), tags: ['lost'] });
      const view = spoil(initialView(input, Date.now())) as ConnectionView;
      const memo = { view, request: { digest: 'd', invitationExpiresAt: new Date().toISOString() } };
      const about = startOptions(
        input,
        { ...memo, view: initialView(input, Date.now()) },
        { providerName: 'P', methodName: 'm' },
        { name: [], account: null },
      );
      // No worker polls this queue: the test needs only what the API can read.
      const started = { ...about, memo: memo as never, taskQueue: 'nobody' };
      await new Client({ connection, namespace, dataConverter }).workflow.start(workflowTypes.connection, started);
      return input.id;
    };
    const own = createDataConverter(stack.keyRing, true);
    ids.sealed = await start(1, createDataConverter(KeyRing.parse(KeyRing.generate('k9')), true), (view) => view);
    ids.garbage = await start(2, own, (view) => ({ ...view, warnings: 'none', credential: 7 }));
    ids.empty = await start(3, own, () => null);
  });

  it('a connection whose memo cannot be decrypted is answered with 503 and the missing key', async () => {
    const reply = await acme.call('GET', `/${ids.sealed}`);
    expect(reply.json()).toMatchObject({
      status: 503,
      code: 'view_undecodable',
      remedy: expect.stringContaining('MOORING_KEYS'),
    });
    expect(reply.json<{ detail: string }>().detail).toContain('"k9"');
  });

  it.each(['garbage', 'empty'] as const)('a connection whose memo is %s is answered with 503', async (which) => {
    expect((await acme.call('GET', `/${ids[which]}`)).json()).toMatchObject({ status: 503, code: 'view_undecodable' });
  });

  it('a connection whose memo cannot be read is not found for other tenants', async () => {
    const stranger = platform(stack, await stack.keyFor('globex', 'admin'));
    expect((await stranger.call('GET', `/${ids.sealed}`)).statusCode).toBe(404);
  });

  it('a connection whose memo cannot be read is listed with its problem and its search attributes', async () => {
    const items = await eventually('the list to show all', async () => {
      const page = (await acme.call('GET', '')).json<{ items: Connection[] }>();
      return page.items.length === 4 && page.items;
    });
    const byId = new Map(items.map((item) => [item.id, item]));
    expect(byId.get(ids.good)).toMatchObject({ problem: null, invitation: { epoch: 1 } });
    for (const id of [ids.sealed, ids.garbage, ids.empty]) {
      expect(byId.get(id)).toMatchObject({
        tenant: 'acme',
        provider: 'ovh',
        region: 'ovh-eu',
        method: 'authorization_code',
        status: 'awaiting_customer',
        tags: ['lost'],
        problem: { code: 'view_undecodable' },
      });
    }
    expect(byId.get(ids.sealed)?.problem?.message).toContain('"k9"');
  });

  it('a connection whose memo cannot be read is found by filters and shown as stopped once terminated', async () => {
    await stack.client.workflow.getHandle(ids.sealed).terminate('by mistake');
    const items = await eventually('the list to show it', async () => {
      const page = (await acme.call('GET', '?tag=lost&status=stopped')).json<{ items: Connection[] }>();
      return page.items.length > 0 && page.items;
    });
    expect(items).toMatchObject([{ id: ids.sealed, status: 'stopped', problem: { code: 'view_undecodable' } }]);
  });
});
