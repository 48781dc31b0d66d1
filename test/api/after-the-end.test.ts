import { beforeAll, describe, expect, it } from 'vitest';
import { connectionIdFor } from '../../api/connections/start-connection.ts';
import type { JsonObject } from '../../platform/json.ts';
import { Secret } from '../../platform/secret.ts';
import type { Tombstone } from '../../contracts/connection.ts';
import { eventually } from '../support/eventually.ts';
import { platform, type Invited, type Platform } from './support/connect.ts';
import { startStack, temporalAddress, type Stack } from './support/stack.ts';

const address = temporalAddress();
const body = { provider: 'ovh', region: 'ovh-eu', name: 'shop' };

describe.skipIf(address === null)('an id whose connection has ended', { timeout: 90_000 }, () => {
  let stack: Stack;
  let acme: Platform;
  beforeAll(async () => {
    stack = await startStack(address ?? '');
    acme = platform(stack, await stack.keyFor('acme', 'admin'));
  });
  const create = (key: string, payload: object = body) => acme.call('POST', '', payload, { 'idempotency-key': key });
  const isForgotten = async (id: string) => {
    const { count } = await stack.client.workflow.count(`WorkflowId='${id}'`);
    const described = await stack.client.workflow
      .getHandle(id)
      .describe()
      .catch(() => undefined);
    return count === 0 && described === undefined;
  };
  /** Deletes the workflow, as Temporal does by itself after the retention time. */
  const forget = async (id: string) => {
    const { namespace } = stack.client.options;
    await stack.client.workflowService.deleteWorkflowExecution({ namespace, workflowExecution: { workflowId: id } });
    await eventually('Temporal to forget', async () => await isForgotten(id), 60_000);
  };

  it('an ended connection is never created again: a repeat gets the ended one, another body is refused', async () => {
    const idempotent = { 'idempotency-key': 'once' };
    const { connection } = (await acme.call('POST', '', body, idempotent)).json<Invited>();
    await acme.call('DELETE', `/${connection.id}`);
    await acme.until(connection.id, 'disconnected');
    await stack.client.workflow.getHandle(connection.id).result();
    const meanwhile = await create('once');
    expect(meanwhile.json()).toMatchObject({ connection: { id: connection.id, status: 'disconnected' } });
    await forget(connection.id);
    const again = await create('once');
    expect([again.statusCode, meanwhile.statusCode]).toEqual([200, 200]);
    expect(again.json()).toMatchObject({ connection: { id: connection.id, status: 'disconnected' } });
    expect((await create('once', { ...body, name: 'other' })).json()).toMatchObject({ code: 'idempotency_key_reused' });
    expect(await isForgotten(connection.id)).toBe(true);
  });

  it('a repeated creation of an expired, never used invitation is answered from its tombstone', async () => {
    const { connection } = (await create('before')).json<Invited>();
    const { memo } = await stack.client.workflow.getHandle(connection.id).describe();
    const { tenant, provider, region, method } = connection;
    const id = connectionIdFor(tenant, 'late');
    const tombstone: Tombstone = {
      connection: { id, tenant, provider, region, method },
      account: null,
      revocation: { outcome: 'nothing_to_revoke' },
      disconnectedAt: new Date().toISOString(),
      status: 'expired',
      request: memo?.['request'] as Tombstone['request'],
    };
    await stack.secrets.write('tombstones', id, new Secret(tombstone as unknown as JsonObject));
    const again = await create('late');
    expect(again.statusCode).toBe(200);
    expect(again.json()).toMatchObject({
      connection: { id, status: 'expired', problem: { code: 'invitation_expired' }, tombstone: null },
    });
    expect((await acme.call('GET', `/${id}`)).headers['mooring-view-source']).toBe('tombstone');
    expect((await acme.call('POST', `/${id}/pause`)).json()).toMatchObject({ status: 409, code: 'connection_ended' });
  });
});
