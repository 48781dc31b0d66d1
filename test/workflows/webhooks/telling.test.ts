import { randomUUID } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { describe, expect, inject, test } from 'vitest';
import { createdEvent } from '../../../contracts/webhook-events.ts';
import { deliveryWorkflowId, type ConnectionEventData, type WebhookEvent } from '../../../contracts/webhooks.ts';
import { createDeliveryStarter } from '../../../platform/temporal/delivery-start.ts';
import { eventually } from '../../support/eventually.ts';
import { upkeepOf } from '../support/pending.ts';
import { useWorld } from '../support/world.ts';

interface Got {
  readonly type: string;
  readonly sequence: number;
  readonly id: string;
}

describe.skipIf(inject('components').timeSkipping === null)('what an endpoint is told', () => {
  const world = useWorld();

  /** A tenant of its own with one endpoint; what reaches it, verified as a receiver does. */
  async function newEndpoint(more: { types?: WebhookEvent['type'][] } = {}) {
    const tenant = `t-${randomUUID().slice(0, 8)}`;
    const url = `https://hooks.example/${tenant}`;
    const input = { url, description: null, types: [], providers: [], tags: [], ...more };
    const stored = await world.webhooks.endpoints.create(tenant, input);
    const receiver = new Webhook(stored.signing.current.reveal());
    const events = (): readonly WebhookEvent[] =>
      world.webhooks.received
        .filter((one) => one.url === url)
        .map(({ body, headers }) => {
          // The library knows the machine's time alone, and this is years ahead.
          expect(headers['webhook-signature']).toBe(
            receiver.sign(headers['webhook-id'] ?? '', new Date(Number(headers['webhook-timestamp']) * 1000), body),
          );
          return JSON.parse(body) as WebhookEvent;
        });
    const got = (): readonly Got[] =>
      events().map(({ type, id, data }) => ({
        type: type.replace('connection.', ''),
        id,
        sequence: (data as ConnectionEventData).sequence,
      }));
    return {
      tenant,
      id: stored.endpoint.id,
      events,
      got,
      async gets(...types: string[]): Promise<readonly Got[]> {
        await eventually(types.join(', '), async () => {
          // What a slow machine could not tell at first is told again a little later.
          if (got().length < types.length) await world.pass({ seconds: 5 });
          expect(
            got()
              .map(({ type }) => type)
              .toSorted(),
          ).toEqual(types.toSorted());
          return true;
        });
        return got();
      },
    };
  }

  test('each change of a life is delivered once, and its numbers have no gap', async () => {
    const endpoint = await newEndpoint();
    const connection = await world.connect({ tenant: endpoint.tenant });
    await endpoint.gets('created', 'signed_in', 'connected');
    await connection.send('pause');
    await connection.send('resume');
    // The test server never ends an activity that is cancelled before it began. Temporal itself ends it at once.
    await eventually('upkeep', async () => (await upkeepOf(world, connection)).attempt > 1);
    await connection.send('disconnect');
    await connection.result();
    const got = await endpoint.gets(
      'created',
      'signed_in',
      'connected',
      'paused',
      'resumed',
      'disconnecting',
      'disconnected',
    );
    const inOrder = got.toSorted((one, other) => one.sequence - other.sequence);
    expect(inOrder.map(({ type }) => type)).toEqual([
      'created',
      'signed_in',
      'connected',
      'paused',
      'resumed',
      'disconnecting',
      'disconnected',
    ]);
    expect(inOrder.map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4, 5, 6, 7]);
  });

  test('a failure of the cloud and its end are delivered, and hours of renewals are not', async () => {
    const endpoint = await newEndpoint({ types: ['connection.degraded', 'connection.recovered'] });
    await world.connect({ tenant: endpoint.tenant });
    await world.pass({ hours: 5 });
    expect(endpoint.got()).toEqual([]);
    await world.cloud.fault({ endpoint: 'token.refresh' }, { kind: 'respond', status: 500 }, null);
    await world.pass({ hours: 1 });
    await world.cloud.clearFaults();
    await world.pass({ hours: 1 });
    const got = await endpoint.gets('degraded', 'recovered');
    expect(got.map(({ sequence }) => sequence).toSorted((a, b) => a - b)).toEqual([4, 5]);
  });

  test('a connection that its customer never completed is told as expired', async () => {
    const endpoint = await newEndpoint();
    const connection = await world.start({ tenant: endpoint.tenant, invitation: { lifetimeSeconds: 3_600 } });
    await world.pass({ hours: 2 });
    await connection.result();
    expect(await endpoint.gets('created', 'expired')).toHaveLength(2);
  });

  test('that it was created is told within a day where the API could not, at no cost on the first day', async () => {
    const endpoint = await newEndpoint();
    const connection = await world.start({ tenant: endpoint.tenant });
    await world.pass({ hours: 12 });
    expect(endpoint.got()).toEqual([]);
    await world.pass({ hours: 24 });
    const [created] = (await endpoint.gets('created'), endpoint.events());
    expect(created).toEqual(createdEvent({ ...(await connection.view()), statusSince: created?.timestamp ?? '' }));
    await world.pass({ hours: 72 });
    await endpoint.gets('created');
  });

  test('while the secret store is away nothing is lost, and it is told when the store is back', async () => {
    const endpoint = await newEndpoint();
    const connection = await world.connect({ tenant: endpoint.tenant });
    await endpoint.gets('created', 'signed_in', 'connected');
    world.secrets.down = true;
    await connection.send('pause');
    await world.pass({ minutes: 30 });
    expect(endpoint.got()).toHaveLength(3);
    world.secrets.down = false;
    await world.pass({ minutes: 3 });
    await endpoint.gets('created', 'signed_in', 'connected', 'paused');
  });

  test(
    'what could not be told is handed on from run to run, and a run does not wait for it',
    { timeout: 90_000 },
    async () => {
      const endpoint = await newEndpoint();
      const connection = await world.connect({ tenant: endpoint.tenant });
      await endpoint.gets('created', 'signed_in', 'connected');
      world.secrets.down = true;
      await connection.send('pause');
      await world.pass({ hours: 27 });
      expect((await connection.histories()).length).toBeGreaterThan(1);
      world.secrets.down = false;
      await world.pass({ minutes: 3 });
      await endpoint.gets('created', 'signed_in', 'connected', 'paused');
      await connection.send('resume');
      const got = await endpoint.gets('created', 'signed_in', 'connected', 'paused', 'resumed');
      expect(got.at(-1)?.sequence).toBe(5);
    },
  );

  test('without the ephemeral store each change is delivered once all the same', async () => {
    const endpoint = await newEndpoint();
    world.webhooks.ephemeral.down = true;
    const connection = await world.connect({ tenant: endpoint.tenant });
    await world.pass({ hours: 5 });
    await connection.send('pause');
    expect(await endpoint.gets('created', 'signed_in', 'connected', 'paused')).toHaveLength(4);
  });

  test('a connection ends only when its end is told', async () => {
    const endpoint = await newEndpoint();
    const connection = await world.start({ tenant: endpoint.tenant, invitation: { lifetimeSeconds: 3_600 } });
    world.secrets.fail('fails', { operation: 'list', gate: 'config' });
    await world.pass({ hours: 2 });
    await connection.result();
    expect(await endpoint.gets('created', 'expired')).toHaveLength(2);
  });

  test('an event that is told again does not make a second delivery, not even after the first has ended', async () => {
    const endpoint = await newEndpoint();
    await world.connect({ tenant: endpoint.tenant });
    const got = await endpoint.gets('created', 'signed_in', 'connected');
    const event = endpoint.events()[0] ?? expect.fail();
    const { environment } = world.skipping;
    const handle = environment.client.workflow.getHandle(deliveryWorkflowId(endpoint.id, event.id));
    await handle.result();
    const starter = createDeliveryStarter(environment.client, world.skipping.clock);
    await starter.start({ v: 1, tenant: endpoint.tenant, endpoint: endpoint.id, event });
    await world.pass({ minutes: 5 });
    expect(endpoint.got()).toHaveLength(got.length);
  });
});
