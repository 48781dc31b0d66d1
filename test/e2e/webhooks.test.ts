import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Client, Connection } from '@temporalio/client';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import type { ConnectionEventData, DeliveryView, WebhookEvent } from '../../contracts/webhooks.ts';
import { deliveryWorkflowId } from '../../contracts/webhooks.ts';
import { systemClock } from '../../platform/clock.ts';
import { createDataConverter } from '../../platform/temporal/data-converter.ts';
import type { StackPlan } from '../../scripts/dev/plan.ts';
import { createWebhookEndpoints } from '../../stores/webhooks/endpoints.ts';
import type { StoredEndpoint } from '../../stores/webhooks/port.ts';
import { lockStore, openSecrets, readKeyRing } from '../chaos/support/stack-stores.ts';
import { leaveLittleToFind } from '../chaos/support/resources.ts';
import { startTestStack, type TestStack } from '../chaos/support/test-stack.ts';
import { startWorker, type WorkerProcess } from '../chaos/support/worker-process.ts';
import { createCustomer, type Customer } from '../support/customer.ts';
import { eventually } from '../support/eventually.ts';
import type { Invited } from '../support/platform.ts';

const WITHIN_MS = 60_000;
/** Of the key of `npm start`. */
const TENANT = 'default';

interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** An endpoint of a tenant, as it is written by a receiver: every request is verified before it counts. */
async function startEndpoint() {
  const received: Received[] = [];
  let hold: ServerResponse[] | undefined;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      received.push({ headers: request.headers, body: Buffer.concat(chunks).toString() });
      if (hold) hold.push(response);
      else response.writeHead(204).end();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  let verify: Webhook | undefined;
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hooks`,
    belongsTo: ({ signing }: StoredEndpoint) => void (verify = new Webhook(signing.current.reveal())),
    received,
    /** Of one connection, verified. */
    events: (connection: string): WebhookEvent[] =>
      received
        .map(({ headers, body }) => verify?.verify(body, headers as Record<string, string>) as WebhookEvent)
        .filter(({ data }) => (data as ConnectionEventData).connection.id === connection),
    /** Answers nothing, until the function that this answers is called. */
    holdAnswers() {
      const held: ServerResponse[] = [];
      hold = held;
      return () => {
        hold = undefined;
        for (const response of held) response.writeHead(204).end();
      };
    },
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

const told = (events: readonly WebhookEvent[]): readonly (readonly [number, string])[] =>
  events
    .map(({ type, data }) => [(data as ConnectionEventData).sequence, type.replace('connection.', '')] as const)
    .toSorted(([one], [other]) => one - other);

describe.skipIf(inject('components').temporal === null)('webhooks', { timeout: 180_000 }, () => {
  let stack: TestStack;
  let plan: StackPlan;
  let customer: Customer;
  let endpoint: Awaited<ReturnType<typeof startEndpoint>>;
  let stored: StoredEndpoint;
  let client: Client;
  const workers: WorkerProcess[] = [];

  const addWorker = async (): Promise<void> => {
    if (!plan.processes.worker) throw new Error('The plan has a worker.');
    workers.push(await startWorker(plan.processes.worker));
  };
  const killWorkers = async (): Promise<void> =>
    void (await Promise.all(workers.splice(0).map(async (worker) => await worker.kill())));
  const until = async (connection: string, expected: readonly (readonly [number, string])[]): Promise<void> =>
    void (await eventually(
      expected.map(([, type]) => type).join(', '),
      () => {
        expect(told(endpoint.events(connection))).toEqual(expected);
        return true;
      },
      WITHIN_MS,
    ));

  beforeAll(async () => {
    stack = await startTestStack({}, (planned) => {
      plan = planned;
      return { ...planned, processes: { ...planned.processes, worker: null } };
    });
    customer = createCustomer(stack.info());
    await leaveLittleToFind(customer.cloud);
    endpoint = await startEndpoint();
    const secrets = openSecrets(stack.stateDirectory);
    const endpoints = createWebhookEndpoints({ secrets, clock: systemClock });
    // Before any connection: for ten seconds a process would not look for endpoints again.
    stored = await endpoints.create(TENANT, {
      url: endpoint.url,
      description: null,
      types: [],
      providers: [],
      tags: [],
    });
    await secrets.close();
    endpoint.belongsTo(stored);
    const connection = await Connection.connect({ address: stack.info().temporal });
    client = new Client({ connection, dataConverter: createDataConverter(readKeyRing(stack.stateDirectory), true) });
  }, 120_000);

  afterAll(async () => {
    await killWorkers();
    endpoint.close();
    await client.connection.close();
    await stack.stop();
  }, 90_000);

  test('what happens to a connection is delivered once each, in sequence, and signed', async () => {
    await addWorker();
    const { platform, cloud } = customer;
    const region = 'ovh-ca';
    const { id } = await customer.connect({ region });
    await until(id, [
      [1, 'created'],
      [2, 'signed_in'],
      [3, 'connected'],
    ]);
    await cloud.fault({ region, endpoint: 'token.refresh' }, { kind: 'respond', status: 503 }, null);
    await expect(platform.call('POST', `/v1/connections/${id}/refresh`)).rejects.toMatchObject({ status: 503 });
    await platform.until(id, 'degraded');
    await cloud.clearFaults();
    await platform.until(id, 'active', WITHIN_MS);
    await until(id, [
      [1, 'created'],
      [2, 'signed_in'],
      [3, 'connected'],
      [4, 'degraded'],
      [5, 'recovered'],
    ]);
  });

  test('what the cloud refuses is delivered with the reason, and so is the way back', async () => {
    const { platform, cloud } = customer;
    const [region, account] = ['ovh-us', 'mc24680-ovh'];
    const { id } = await customer.connect({ region }, { account });
    expect(await cloud.revokeOvhAccount(account, region)).toBe(1);
    await expect(platform.call('POST', `/v1/connections/${id}/refresh`)).rejects.toMatchObject({
      code: 'invalid_grant',
    });
    const again = await platform.call<Invited>('POST', `/v1/connections/${id}/reauthorize`);
    await (await customer.signIn(again.invitation.url, { account })).arrive();
    await until(id, [
      [1, 'created'],
      [2, 'signed_in'],
      [3, 'connected'],
      [4, 'action_required'],
      [5, 'invited'],
      [6, 'signed_in'],
      [7, 'reauthorized'],
    ]);
    const refused = endpoint.events(id).find(({ type }) => type === 'connection.action_required');
    expect(refused?.data).toMatchObject({
      previousStatus: 'active',
      problem: { code: 'invalid_grant', remedy: expect.any(String) },
      connection: { id, status: 'action_required', account: { id: account } },
    });
    const all = endpoint.received.map(({ body }) => body).join('\n');
    expect(all).not.toMatch(/access_token|refresh_token|"code":"[^"]{20,}/);
  });

  test('each is delivered through two workers that are killed, and an ephemeral store that is away', async () => {
    await killWorkers();
    await addWorker();
    const region = 'ovh-eu';
    const release = endpoint.holdAnswers();
    const { id } = await customer.connect({ region });
    // The receiver has the event, and the worker dies before it knows.
    await eventually('a delivery under way', () => endpoint.events(id).length > 0, WITHIN_MS);
    await killWorkers();
    release();
    await addWorker();
    const unlock = lockStore(stack.stateDirectory, 'ephemeral');
    await client.workflow.getHandle(id).executeUpdate('pause', { args: [{ tenant: TENANT }] });
    await killWorkers();
    unlock();
    await addWorker();
    // Not over HTTP, where a task that was handed to the dead worker would be answered as 503.
    await client.workflow.getHandle(id).executeUpdate('resume', { args: [{ tenant: TENANT }] });
    const expected = ['created', 'signed_in', 'connected', 'paused', 'resumed'].map((type, index) => [index + 1, type]);
    await eventually(
      'each event',
      () => {
        const byId = new Map(endpoint.events(id).map((event) => [event.id, event]));
        expect(told([...byId.values()])).toEqual(expected);
        return true;
      },
      WITHIN_MS,
    );
    // However often an attempt was made, there is one delivery of each event, and each has ended well.
    for (const event of endpoint.events(id)) {
      const handle = client.workflow.getHandle(deliveryWorkflowId(stored.endpoint.id, event.id));
      expect(((await handle.result()) as DeliveryView).status).toBe('delivered');
    }
  });
});
