import type { ServerResponse } from 'node:http';
import { Webhook } from 'standardwebhooks';
import { beforeEach, describe, expect, test } from 'vitest';
import { createDeliverWebhook } from '../../../../activities/webhooks/deliver-webhook.ts';
import { createEndpointPace } from '../../../../activities/webhooks/endpoint-pace.ts';
import { createPost, type Post } from '../../../../activities/webhooks/post.ts';
import type { AttemptOutcome, WebhookEvent } from '../../../../contracts/webhooks.ts';
import { createEgress } from '../../../../platform/egress.ts';
import type { Json } from '../../../../platform/json.ts';
import { createAddressRules } from '../../../../platform/public-address.ts';
import { Secret } from '../../../../platform/secret.ts';
import { SecretStoreUnavailable } from '../../../../stores/secrets/port.ts';
import type { StoredEndpoint } from '../../../../stores/webhooks/port.ts';
import { inActivity } from '../upkeep-world.ts';
import { startReceiver } from './receiver.ts';

const id = `whe_${'a'.repeat(26)}`;
const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
const event: WebhookEvent = {
  id: 'evt_con_a_3_paused',
  type: 'connection.paused',
  timestamp: '2026-11-23T08:00:00.000Z',
  data: { text: 'ü €' },
};
const egress = createEgress({ httpsProxy: undefined, httpProxy: undefined, noProxy: undefined, caFile: undefined });
const toThisMachine = createPost(egress, { rules: createAddressRules('127.0.0.1') });

let stored: StoredEndpoint | undefined;
let away: boolean;
let health: string[];
let disables: boolean;
let held: Map<string, Json>;

beforeEach(() => {
  away = false;
  disables = false;
  health = [];
  held = new Map();
});
function endpointAt(url: string): StoredEndpoint {
  const times = { createdAt: '2026-01-01T00:00:00.000Z', updatedAt: '2026-01-01T00:00:00.000Z' };
  const chosen = { description: null, types: [], providers: [], tags: [] };
  return {
    endpoint: { id, tenant: 'acme', url, ...chosen, ...times, disabled: null, failing: null },
    signing: { current: new Secret(secret), previous: null },
    version: 1,
  };
}

function newActivity({ post = toThisMachine, allowsHttp = true }: { post?: Post; allowsHttp?: boolean } = {}) {
  return createDeliverWebhook({
    endpoints: {
      read: async () => {
        if (away) throw new SecretStoreUnavailable('away', { ambiguous: false });
        return stored;
      },
    },
    post,
    allowsHttp,
    clock: { now: () => Date.now() },
    health: {
      succeeded: async () => void health.push('succeeded'),
      failed: async () => {
        health.push('failed');
        return disables;
      },
      isGone: async () => void health.push('gone'),
    },
    pace: createEndpointPace({
      clock: { now: () => Date.now() },
      ephemeral: {
        get: async (key) => held.get(key),
        put: async (key, value) => void held.set(key, value),
      },
    }),
  });
}

async function attempt(
  more: { activity?: ReturnType<typeof newActivity>; event?: WebhookEvent } = {},
): Promise<AttemptOutcome> {
  const { activity = newActivity(), event: sent = event } = more;
  return await inActivity(activity, { v: 1, tenant: 'acme', endpoint: id, event: sent, attempt: 4 });
}
const answering = async (answer: (response: ServerResponse) => void) => {
  const receiver = await startReceiver(answer);
  stored = endpointAt(receiver.url);
  return receiver;
};
const madeBy = (outcome: AttemptOutcome) => ('attempt' in outcome ? outcome.attempt : expect.fail());

describe('an attempt to deliver', () => {
  test('sends the event as it is, with the headers of the specification, signed so that its library verifies it', async () => {
    const receiver = await answering((response) => response.end('thanks'));
    expect(await attempt()).toMatchObject({
      outcome: 'delivered',
      attempt: { status: 200, answer: 'thanks', problem: null },
    });
    const [{ headers, body }] = receiver.received as [(typeof receiver.received)[0]];
    expect(body).toBe(JSON.stringify(event));
    expect(headers).toMatchObject({
      'content-type': 'application/json',
      'webhook-id': event.id,
      'mooring-delivery-attempt': '4',
      'user-agent': 'Mooring-Webhooks/1',
    });
    expect(new Webhook(secret).verify(body, headers as Record<string, string>)).toEqual(event);
    expect(health).toEqual(['succeeded']);
  });

  test.for([
    [500, 'endpoint_refused'],
    [404, 'endpoint_refused'],
    [301, 'endpoint_redirects'],
  ] as const)('answered with %i has failed', async ([status, code]) => {
    await answering((response) => response.writeHead(status, { location: 'http://127.0.0.1:1/' }).end());
    expect(await attempt()).toMatchObject({
      outcome: 'failed',
      isLast: false,
      attempt: { status, problem: { code } },
    });
    expect(health).toEqual(['failed']);
  });

  test('answered with 410 is the last one, and the endpoint is gone', async () => {
    await answering((response) => response.writeHead(410).end());
    expect(await attempt()).toMatchObject({
      outcome: 'failed',
      isLast: true,
      attempt: { problem: { code: 'endpoint_gone' } },
    });
    expect(health).toEqual(['gone']);
  });

  test('is the last one where the endpoint is disabled because of it', async () => {
    disables = true;
    await answering((response) => response.writeHead(500).end());
    expect(await attempt()).toMatchObject({ outcome: 'failed', isLast: true });
  });

  test('tells what the endpoint asks for by Retry-After', async () => {
    await answering((response) => response.writeHead(503, { 'retry-after': '7200' }).end());
    expect(await attempt()).toMatchObject({ retryAfterSeconds: 7_200 });
  });

  test('without an answer has failed, with the reason', async () => {
    stored = endpointAt('http://127.0.0.1:1/');
    expect(madeBy(await attempt())).toMatchObject({
      status: null,
      answer: null,
      problem: { code: 'endpoint_unreachable' },
    });
  });

  test('shows an answer without the secret that it repeats, and without what looks like one', async () => {
    await answering((response) => response.end(`${secret} ${secret.slice(6)} Bearer abcdefghijkl`));
    const { answer } = madeBy(await attempt());
    expect(answer).not.toContain(secret.slice(6));
    expect(answer).not.toContain('abcdefghijkl');
  });

  test('to an address inside is not made, and says so', async () => {
    const receiver = await answering((response) => response.end());
    const guarded = newActivity({ post: createPost(egress, { rules: createAddressRules('') }) });
    expect(madeBy(await attempt({ activity: guarded })).problem?.code).toBe('endpoint_address_not_allowed');
    expect(receiver.connections()).toBe(0);
  });

  test('to an address without TLS is made under npm start alone', async () => {
    const receiver = await answering((response) => response.end());
    expect(madeBy(await attempt({ activity: newActivity({ allowsHttp: false }) })).problem?.code).toBe(
      'endpoint_not_https',
    );
    expect(receiver.connections()).toBe(0);
  });

  test('sends nothing where the endpoint was deleted, or is disabled; a sample is sent to a disabled one', async () => {
    const receiver = await answering((response) => response.end());
    const { endpoint, ...rest } = endpointAt(receiver.url);
    stored = { ...rest, endpoint: { ...endpoint, disabled: { at: '', reason: 'requested' } } };
    expect(await attempt()).toMatchObject({ outcome: 'disabled' });
    expect(await attempt({ event: { ...event, test: true } })).toMatchObject({ outcome: 'delivered' });
    stored = undefined;
    expect(await attempt()).toMatchObject({ outcome: 'dropped' });
    expect(receiver.received).toHaveLength(1);
    expect(health).toEqual([]);
  });

  test('is not made, and does not count, while the endpoint cannot be read', async () => {
    away = true;
    await expect(attempt()).rejects.toMatchObject({ type: 'not_yet' });
  });

  test.for([429, 502, 504])('after %i no other is made for a while, but samples', async (status) => {
    const receiver = await answering((response) => response.writeHead(status, { 'retry-after': '60' }).end());
    const activity = newActivity();
    expect(await attempt({ activity })).toMatchObject({ outcome: 'failed' });
    await expect(attempt({ activity })).rejects.toMatchObject({ type: 'not_yet', nextRetryDelay: 60_000 });
    expect(receiver.received).toHaveLength(1);
    await attempt({ activity, event: { ...event, test: true } });
    expect(receiver.received).toHaveLength(2);
  });

  test('an endpoint that is slow has five at once, and the next one waits outside', async () => {
    const waiting: ServerResponse[] = [];
    const receiver = await answering((response) => void waiting.push(response));
    const activity = newActivity();
    const five = Array.from({ length: 5 }, async () => await attempt({ activity }));
    await expect.poll(() => waiting.length).toBe(5);
    await expect(attempt({ activity })).rejects.toMatchObject({ type: 'not_yet' });
    for (const response of waiting.splice(0)) response.end();
    await Promise.all(five);
    const sixth = attempt({ activity });
    await expect.poll(() => waiting.length).toBe(1);
    waiting[0]?.end();
    expect(await sixth).toMatchObject({ outcome: 'delivered' });
    expect(receiver.received).toHaveLength(6);
  });
});
