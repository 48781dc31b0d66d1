import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Batch } from '../../api/batches/schema.ts';
import type { Connection } from '../../api/connections/schema.ts';
import { batchTag } from '../../stores/batches/item-id.ts';
import { ephemeralKeys } from '../../stores/ephemeral/keys.ts';
import { eventually } from '../support/eventually.ts';
import { platform } from './support/connect.ts';
import { inviteRole, makeRole } from './support/role.ts';
import { startStack, temporalAddress, type Stack } from './support/stack.ts';

const address = temporalAddress();

interface ItemsPage {
  readonly items: readonly {
    readonly index: number;
    readonly label: string | null;
    readonly outcome: string;
    readonly connection: string | null;
    readonly problem: { readonly code: string } | null;
  }[];
  readonly next: number | null;
}

describe.skipIf(address === null)('batches', { timeout: 120_000 }, () => {
  let stack: Stack;
  let acme: Record<string, string>;
  let globex: Record<string, string>;
  beforeAll(async () => {
    stack = await startStack(address ?? '');
    acme = await stack.keyFor('acme', 'admin');
    globex = await stack.keyFor('globex', 'admin');
  });

  const call = async (method: 'GET' | 'POST', path: string, payload?: object, headers = acme) =>
    await stack.app.inject({ method, url: `/v1/batches${path}`, headers, ...(payload && { payload }) });
  const create = async (more: object = {}, headers = acme): Promise<Batch> => {
    const reply = await call('POST', '', { provider: 'aws', region: 'aws', ...more }, headers);
    expect(reply.statusCode, reply.body).toBe(201);
    return reply.json<Batch>();
  };
  const add = async (id: string, body: object, more: Record<string, string> = {}) =>
    await call('POST', `/${id}/items`, body, { ...acme, ...more });
  const get = async (id: string) => (await call('GET', `/${id}`)).json<Batch>();
  const until = async (id: string, status: Batch['status']): Promise<Batch> =>
    await eventually(
      `${id} to be ${status}`,
      async () => {
        const batch = await get(id);
        if (batch.status !== status) throw new Error(JSON.stringify(batch.counts));
        return batch;
      },
      60_000,
    );
  const itemsOf = async (id: string, query = ''): Promise<ItemsPage> => {
    const reply = await call('GET', `/${id}/items${query}`);
    expect(reply.statusCode, reply.body).toBe(200);
    return reply.json<ItemsPage>();
  };
  const trusting = (externalId: string | undefined, account = '111122223331') => ({
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: { AWS: `arn:aws:iam::${account}:root` },
        Action: 'sts:AssumeRole',
        ...(externalId !== undefined && { Condition: { StringEquals: { 'sts:ExternalId': externalId } } }),
      },
    ],
  });
  /** Roles as the StackSet of the batch makes them. */
  const makeRoles = async ({ setup }: Batch, count: number): Promise<string[]> =>
    await Promise.all(
      Array.from({ length: count }, async () =>
        stack.cloud.putAwsRole({ name: `m-${randomUUID().slice(0, 8)}`, trustPolicy: trusting(setup['externalId']) }),
      ),
    );
  const asItems = (arns: readonly string[]) => ({ items: arns.map((role_arn) => ({ fields: { role_arn } })) });

  it('a batch gives its one external ID and its guide first, then connects its roles, each an ordinary connection', async () => {
    const batch = await create({ name: 'The whole organisation', tags: ['prod'] });
    expect(batch).toMatchObject({ status: 'open', items: 0, short: { each: { name: 'accountIds' } } });
    const text = JSON.stringify(batch.guide);
    expect(text).toContain(batch.setup['externalId']);
    expect(text).toContain('create-stack-set');
    const arns = await makeRoles(batch, 12);
    const reply = await add(batch.id, asItems(arns));
    expect(reply.statusCode, reply.body).toBe(202);
    const { counts } = await until(batch.id, 'finished');
    expect(counts).toMatchObject({ connected: 12, refused: 0, failed: 0, pending: 0, connecting: 0 });

    const { items } = await itemsOf(batch.id);
    expect(items.map(({ label, outcome }) => [label, outcome])).toEqual(arns.map((arn) => [arn, 'connected']));
    const tagged = await stack.app.inject({ url: `/v1/connections?tag=${batchTag(batch.id)}&limit=50`, headers: acme });
    const connections = tagged.json<{ items: readonly Connection[] }>().items;
    expect(new Set(connections.map(({ id }) => id))).toEqual(new Set(items.map(({ connection }) => connection)));
    for (const { status, tags, setup } of connections) {
      expect({ status, tags }).toEqual({ status: 'active', tags: ['prod', batchTag(batch.id)] });
      expect(setup['externalId']).toBe(batch.setup['externalId']);
    }
    const credentials = await stack.app.inject({
      url: `/v1/connections/${items[0]?.connection}/credentials`,
      headers: acme,
    });
    expect(credentials.statusCode).toBe(200);
  });

  it('a refused item says why and does not stop the others', async () => {
    const batch = await create();
    const [good = ''] = await makeRoles(batch, 1);
    const open = await stack.cloud.putAwsRole({
      name: `open-${randomUUID().slice(0, 8)}`,
      trustPolicy: trusting(undefined),
    });
    await add(batch.id, asItems([open, good]));
    const { counts } = await until(batch.id, 'finished');
    expect(counts).toMatchObject({ connected: 1, refused: 1 });
    const { items, next } = await itemsOf(batch.id, '?outcome=refused');
    expect(next).toBeNull();
    expect(items).toMatchObject([{ index: 0, label: open, problem: { code: 'insecure_trust_policy' } }]);
  });

  it('a role that the tenant has connected already is told with its connection, and is not connected again', async () => {
    const backend = platform(stack, acme);
    const invited = await inviteRole(backend);
    const arn = await makeRole(stack.cloud, invited);
    await backend.call('POST', `/${invited.connection.id}/submission`, { fields: { role_arn: arn } });
    await backend.until(invited.connection.id, 'active');
    const batch = await create();
    await add(batch.id, asItems([arn]));
    const { counts } = await until(batch.id, 'finished');
    expect(counts).toMatchObject({ already_connected: 1, connected: 0 });
    const { items } = await itemsOf(batch.id);
    expect(items).toMatchObject([{ connection: invited.connection.id, problem: { code: 'already_connected' } }]);
  });

  it('a role that another tenant has connected is refused, and nothing of that tenant is told', async () => {
    const theirs = await create({}, globex);
    const [arn = ''] = await makeRoles(theirs, 1);
    const taken = await call('POST', `/${theirs.id}/items`, asItems([arn]), globex);
    expect(taken.statusCode).toBe(202);
    await eventually('their role', async () => {
      const { counts } = (await call('GET', `/${theirs.id}`, undefined, globex)).json<Batch>();
      return counts.connected === 1;
    });
    // With the external ID of this batch let in too, the proof succeeds; the claim decides.
    const batch = await create();
    await stack.cloud.putAwsRole({
      name: arn.split('/').at(-1) ?? '',
      trustPolicy: {
        Version: '2012-10-17',
        Statement: [batch, theirs].flatMap(({ setup }) => trusting(setup['externalId']).Statement),
      },
    });
    await add(batch.id, asItems([arn]));
    await until(batch.id, 'finished');
    const { items } = await itemsOf(batch.id);
    expect(items).toMatchObject([{ outcome: 'refused', problem: { code: 'claimed_by_another_tenant' } }]);
  });

  it('account ids and the name of a role are enough', async () => {
    const batch = await create();
    const name = `org-${randomUUID().slice(0, 8)}`;
    for (const account of ['222233334441', '555566667771']) {
      await stack.cloud.putAwsRole({ name, account, trustPolicy: trusting(batch.setup['externalId']) });
    }
    const reply = await add(batch.id, { from: { accountIds: ['222233334441', '555566667771'], roleName: name } });
    expect(reply.statusCode, reply.body).toBe(202);
    expect((await until(batch.id, 'finished')).counts).toMatchObject({ connected: 2 });
  });

  it('one service principal connects subscriptions in one step, and its secret is in no reply', async () => {
    const [principal] = await stack.cloud.azure.servicePrincipals();
    const { tenantId = '', clientId = '', secret = null } = principal ?? {};
    const client_secret = secret?.value ?? '';
    const unknown = randomUUID();
    const reply = await call('POST', '', {
      provider: 'azure',
      region: 'global',
      common: { tenant_id: tenantId, client_id: clientId, client_secret },
      items: [{ name: 'any', fields: {} }, { fields: { subscription_id: unknown } }],
      deadlineSeconds: 60,
    });
    expect(reply.statusCode, reply.body).toBe(201);
    const { id, method } = reply.json<Batch>();
    expect(method).toBe('client_secret');
    await eventually('the first', async () => (await get(id)).counts.connected === 1, 30_000);
    const page = await itemsOf(id);
    expect(page.items[0]).toMatchObject({ label: 'any', outcome: 'connected' });
    expect(page.items[1]?.label).toBe(unknown);
    expect(JSON.stringify([reply.json(), await get(id), page])).not.toContain(client_secret);
    expect(stack.log()).not.toContain(client_secret);
  });

  it('the same Idempotency-Key is the same batch, and the same items once', async () => {
    const key = { 'idempotency-key': `batch-${randomUUID()}` };
    const body = { provider: 'aws', region: 'aws', name: 'once' };
    const [first, second] = [
      await call('POST', '', body, { ...acme, ...key }),
      await call('POST', '', body, { ...acme, ...key }),
    ];
    expect([first.statusCode, second.statusCode]).toEqual([201, 200]);
    const batch = first.json<Batch>();
    expect(second.json<Batch>()).toMatchObject({ id: batch.id, setup: batch.setup });
    const other = await call('POST', '', { ...body, name: 'another' }, { ...acme, ...key });
    expect(other.json()).toMatchObject({ status: 422, code: 'idempotency_key_reused' });

    const arns = await makeRoles(batch, 3);
    const replies = [await add(batch.id, asItems(arns), key), await add(batch.id, asItems(arns), key)];
    expect(replies.map(({ statusCode }) => statusCode)).toEqual([202, 202]);
    const third = await add(batch.id, asItems([...arns].reverse()), key);
    expect(third.json()).toMatchObject({ status: 422, code: 'idempotency_key_reused' });
    const { items, counts } = await until(batch.id, 'finished');
    expect({ items, connected: counts.connected }).toEqual({ items: 3, connected: 3 });
  });

  it('a batch does not exist for another tenant, whatever is asked of it', async () => {
    const { id } = await create();
    for (const [method, path, body] of [
      ['GET', '', undefined],
      ['GET', '/items', undefined],
      ['POST', '/items', { items: [{ fields: {} }] }],
      ['POST', '/cancel', undefined],
    ] as const) {
      const reply = await call(method, `/${id}${path}`, body, globex);
      expect([path, reply.statusCode, reply.json<{ code: string }>().code]).toEqual([path, 404, 'batch_not_found']);
    }
  });

  it('two batches never have the same external ID, and none is taken from a request', async () => {
    const [one, other] = [await create(), await create()];
    expect(one.setup['externalId']).not.toBe(other.setup['externalId']);
    const asked = await call('POST', '', { provider: 'aws', region: 'aws', setup: { externalId: 'mine' } });
    expect(asked.json()).toMatchObject({ status: 400, code: 'invalid_request' });
    const first = await call('POST', '', {
      provider: 'aws',
      region: 'aws',
      ...asItems(['arn:aws:iam::222233334441:role/x']),
    });
    expect(first.json()).toMatchObject({ status: 422, code: 'external_id_first' });
  });

  it('a method with a sign-in has no batches', async () => {
    const reply = await call('POST', '', { provider: 'ovh', region: 'ovh-eu', method: 'authorization_code' });
    expect(reply.json()).toMatchObject({ status: 422, code: 'sign_in_only' });
  });

  it('progress and the end are events of the tenant, and are recorded with who asked', async () => {
    const batch = await create();
    await add(batch.id, asItems(await makeRoles(batch, 4)));
    await until(batch.id, 'finished');
    const told = await eventually('the end to be told', async () => {
      const entries = await stack.ephemeral.readStream(ephemeralKeys.events('acme'), null, 10_000);
      const events = entries.map(({ value }) => value as { batch?: string; event: string; counts?: Batch['counts'] });
      const own = events.filter((event) => event.batch === batch.id);
      return own.at(-1)?.event === 'batch_finished' && own;
    });
    expect(told.at(-1)).toMatchObject({ counts: { connected: 4 } });
    const { body } = await stack.app.inject({ url: '/v1/audit?action=addBatchItems&limit=50', headers: acme });
    expect(body).toContain(batch.id);
  });

  it('a cancelled batch takes nothing more, and cancelling it again is fine', async () => {
    const { id } = await create();
    expect((await call('POST', `/${id}/cancel`)).statusCode).toBe(202);
    await until(id, 'cancelled');
    expect((await call('POST', `/${id}/cancel`)).json()).toMatchObject({ status: 'cancelled' });
    const late = await add(id, asItems(['arn:aws:iam::222233334441:role/late']));
    expect(late.json()).toMatchObject({ status: 409, code: 'batch_ended' });
  });

  it('items that are not all as they should be are refused whole, and nothing of them is stored', async () => {
    const batch = await create();
    const reply = await add(batch.id, asItems(['arn:aws:iam::222233334441:role/good', 'hunter2']));
    expect(reply.json()).toMatchObject({ status: 400, code: 'invalid_request' });
    expect(reply.body).not.toContain('hunter2');
    expect(await stack.secrets.list('pending', `${batch.id}/`)).toEqual([]);
    expect(await get(batch.id)).toMatchObject({ status: 'open', items: 0 });
  });

  it('5,000 items fit into one request, and 5,001 do not', async () => {
    const batch = await create();
    const arns = Array.from({ length: 5_001 }, (_none, n) => `arn:aws:iam::222233334441:role/absent-${n}`);
    expect((await add(batch.id, asItems(arns))).statusCode).toBe(400);
    const reply = await add(batch.id, asItems(arns.slice(1)));
    expect(reply.statusCode, reply.body).toBe(202);
    expect(reply.json()).toMatchObject({ status: 'running', items: 5_000 });
    await call('POST', `/${batch.id}/cancel`);
    expect((await get(batch.id)).counts.cancelled).toBeGreaterThan(4_000);
  });
});
