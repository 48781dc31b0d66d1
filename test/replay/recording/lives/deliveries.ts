import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import {
  deliverySignals,
  deliveryWorkflowId,
  type DeliveryView,
  type WebhookEvent,
} from '../../../../contracts/webhooks.ts';
import { systemClock } from '../../../../platform/clock.ts';
import { createDeliveryStarter } from '../../../../platform/temporal/delivery-start.ts';
import { createSqliteSecretStore } from '../../../../stores/secrets/sqlite.ts';
import { createWebhookEndpoints } from '../../../../stores/webhooks/endpoints.ts';
import { eventually } from '../../../support/eventually.ts';
import { recordingKeyRing } from '../../recording-keys.ts';
import { handleOf, type Lives } from '../life.ts';

/** Of none of the connections that are recorded beside it. */
const tenant = 'recorded-webhooks';

const eventAbout = (id: string): WebhookEvent => ({
  id,
  type: 'webhook_endpoint.failing',
  timestamp: '2026-01-01T00:00:00.000Z',
  data: {},
});

/** What the endpoint answers to each event, in order; the last one again and again. */
const answers: Readonly<Record<string, readonly number[]>> = {
  evt_at_once: [204],
  evt_after_failures: [500, 302, 500, 204],
  evt_gone: [503, 410],
  evt_cancelled: [500],
};

export const deliveries: Lives = {
  /** Delivered at once, and when a person asks for it; the endpoint gone; cancelled by an operator; without an endpoint. */
  async deliveries(installation) {
    const { client, stateDirectory } = installation;
    const asked = new Map<string, number>();
    const receiver = createServer((request, response) => {
      const id = String(request.headers['webhook-id']);
      const count = asked.get(id) ?? 0;
      asked.set(id, count + 1);
      response.writeHead(answers[id]?.[count] ?? answers[id]?.at(-1) ?? 500).end();
    });
    receiver.listen(0, '127.0.0.1');
    await once(receiver, 'listening');
    const path = join(stateDirectory, 'secrets.db');
    const secrets = createSqliteSecretStore({ path, keyRing: recordingKeyRing, clock: systemClock });
    try {
      const endpoints = createWebhookEndpoints({ secrets, clock: systemClock });
      const filters = { types: [], providers: [], tags: [] };
      const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`;
      const { endpoint } = await endpoints.create(tenant, { url, description: null, ...filters });
      const starter = createDeliveryStarter(client, systemClock);
      const start = async (id: string, to = endpoint.id): Promise<string> => {
        await starter.start({ v: 1, tenant, endpoint: to, event: eventAbout(id) });
        return deliveryWorkflowId(to, id);
      };
      const attempts = async (event: string, count: number): Promise<void> =>
        void (await eventually(`${count} attempts of ${event}`, () => (asked.get(event) ?? 0) >= count, 60_000));
      const all = [await start('evt_at_once'), await start('evt_nowhere', `whe_${'a'.repeat(26)}`)];
      all.push(await start('evt_after_failures'));
      await attempts('evt_after_failures', 2);
      for (const count of [3, 4]) {
        const handle = handleOf(installation, all.at(-1) ?? '');
        // While an attempt is under way, there is nothing to wait less for.
        await eventually(`the workflow to know attempt ${count - 1}`, async () => {
          const view = (await handle.describe()).memo?.['view'] as DeliveryView | undefined;
          return view?.attempts.length === count - 1;
        });
        await handle.signal(deliverySignals.retryNow);
        await attempts('evt_after_failures', count);
      }
      all.push(await start('evt_cancelled'));
      await attempts('evt_cancelled', 2);
      await handleOf(installation, all.at(-1) ?? '').cancel();
      all.push(await start('evt_gone'));
      for (const id of all) {
        await handleOf(installation, id)
          .result()
          .catch(() => undefined);
      }
      return { workflows: all };
    } finally {
      receiver.close();
      await secrets.close();
    }
  },
};
