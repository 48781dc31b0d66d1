import { beforeAll, expect, it } from 'vitest';
import { Secret } from '../../platform/secret.ts';
import { SecretStoreConflict, type SecretStore } from '../../stores/secrets/port.ts';
import { createWebhookEndpoints } from '../../stores/webhooks/endpoints.ts';
import { MOST_ENDPOINTS, TooManyEndpoints, type NewEndpoint, type StoredEndpoint } from '../../stores/webhooks/port.ts';
import { createManualClock } from './manual-clock.ts';

const HOUR_SECONDS = 3_600;
const input = {
  url: 'https://hooks.acme.example/mooring',
  description: 'Billing',
  types: ['connection.connected'],
  providers: ['aws'],
  tags: ['production'],
} satisfies NewEndpoint;
const failing = { since: '2026-11-23T09:00:00.000Z', attempts: 3, warnedAt: null };

const secretsOf = ({ signing }: StoredEndpoint) => ({
  current: signing.current.reveal(),
  previous: signing.previous?.secret.reveal() ?? null,
});

/**
 * What endpoints of webhooks guarantee on every secret store: `open` with the rights of the API, `openWorker` with
 * those of the worker.
 */
export function webhookEndpointsContract(
  open: () => Promise<SecretStore>,
  openWorker: (api: SecretStore) => Promise<SecretStore>,
): void {
  let secrets: SecretStore;
  let clock: ReturnType<typeof createManualClock>;
  let endpoints: ReturnType<typeof createWebhookEndpoints>;
  let ofWorker: ReturnType<typeof createWebhookEndpoints>;
  beforeAll(async () => {
    secrets = await open();
    clock = createManualClock();
    endpoints = createWebhookEndpoints({ secrets, clock });
    ofWorker = createWebhookEndpoints({ secrets: await openWorker(secrets), clock });
  });

  it('an endpoint is read as it was made, with a secret of its own of 32 bytes', async () => {
    const [made, other] = [await endpoints.create('acme', input), await endpoints.create('acme', input)];
    expect(made.endpoint).toEqual({
      ...input,
      id: expect.stringMatching(/^whe_[a-z2-7]{26}$/),
      tenant: 'acme',
      createdAt: '2026-11-23T08:00:00.000Z',
      updatedAt: '2026-11-23T08:00:00.000Z',
      disabled: null,
      failing: null,
    });
    const read = await ofWorker.read('acme', made.endpoint.id);
    expect(read?.endpoint).toEqual(made.endpoint);
    expect(read && secretsOf(read)).toEqual(secretsOf(made));
    const [prefix, encoded = ''] = secretsOf(made).current.split('_');
    expect([prefix, Buffer.from(encoded, 'base64').length]).toEqual(['whsec', 32]);
    expect(secretsOf(other).current).not.toBe(secretsOf(made).current);
  });

  it('an endpoint belongs to its tenant alone', async () => {
    const { endpoint } = await endpoints.create('globex', input);
    expect((await endpoints.list('globex')).map((each) => each.endpoint.id)).toEqual([endpoint.id]);
    expect(await endpoints.read('initech', endpoint.id)).toBeUndefined();
    expect(await endpoints.list('initech')).toEqual([]);
    await endpoints.remove('initech', endpoint.id);
    expect(await endpoints.read('globex', endpoint.id)).toBeDefined();
  });

  it('ids that are unknown or malformed name no endpoint', async () => {
    for (const [tenant, id] of [
      ['acme', `whe_${'a'.repeat(26)}`],
      ['acme', '../acme'],
      ['..', `whe_${'a'.repeat(26)}`],
    ] as const) {
      expect(await endpoints.read(tenant, id)).toBeUndefined();
      await endpoints.remove(tenant, id);
    }
    expect(await endpoints.list('../acme')).toEqual([]);
  });

  it('a document that is no endpoint is not listed', async () => {
    const id = `whe_${'b'.repeat(26)}`;
    await secrets.write('config', `webhooks/odd/${id}`, new Secret({ url: 'gopher://x' }));
    expect([await endpoints.read('odd', id), await endpoints.list('odd')]).toEqual([undefined, []]);
  });

  it('health that the worker notes changes neither the secrets nor the time of the last change', async () => {
    const made = await endpoints.create('health', input);
    clock.advance(HOUR_SECONDS);
    const noted = await ofWorker.change(made, { failing });
    const read = await endpoints.read('health', made.endpoint.id);
    expect(read?.endpoint).toEqual({ ...made.endpoint, failing });
    expect(read?.version).toBe(noted.version);
    expect(read && secretsOf(read)).toEqual(secretsOf(made));
    const disabled = { at: '2026-11-28T08:00:00.000Z', reason: 'failing' } as const;
    const changed = await ofWorker.change(noted, { disabled });
    expect(changed.endpoint).toMatchObject({ disabled, failing, updatedAt: expect.not.stringMatching(/T08:00:00/) });
  });

  it('of two changes that began at the same state only one is made', async () => {
    const made = await endpoints.create('race', input);
    await ofWorker.change(made, { failing });
    for (const change of [
      async () => await endpoints.change(made, { url: 'https://other.example/' }),
      async () => await endpoints.rollSecret(made, null),
      async () => await endpoints.endOverlap(made),
    ]) {
      await expect(change()).rejects.toThrow(SecretStoreConflict);
    }
    expect((await endpoints.read('race', made.endpoint.id))?.endpoint).toMatchObject({ url: input.url, failing });
  });

  it('a rolled secret signs beside the new one until the overlap ends, or is ended', async () => {
    const made = await endpoints.create('roll', input);
    const read = async () => {
      const stored = await ofWorker.read('roll', made.endpoint.id);
      if (!stored) throw new Error('The endpoint is gone.');
      return stored;
    };
    const until = new Date(clock.now() + 24 * HOUR_SECONDS * 1_000).toISOString();
    const rolled = secretsOf(await endpoints.rollSecret(made, until));
    expect(rolled).toEqual({ current: expect.stringMatching(/^whsec_/), previous: secretsOf(made).current });
    expect(rolled.current).not.toBe(rolled.previous);
    clock.advance(24 * HOUR_SECONDS - 1);
    expect(secretsOf(await read())).toEqual(rolled);
    clock.advance(1);
    expect(secretsOf(await read())).toEqual({ ...rolled, previous: null });

    const again = await endpoints.rollSecret(await read(), new Date(clock.now() + HOUR_SECONDS * 1_000).toISOString());
    expect(secretsOf(await endpoints.endOverlap(again))).toEqual({ ...secretsOf(again), previous: null });
    expect((await read()).signing.previous).toBeNull();
    const atOnce = await endpoints.rollSecret(await read(), null);
    expect(secretsOf(atOnce).previous).toBeNull();
  });

  it('a removed endpoint is gone with its secrets, and removing it again does no harm', async () => {
    const { endpoint } = await endpoints.create('gone', input);
    for (let times = 0; times < 2; times += 1) await endpoints.remove('gone', endpoint.id);
    expect(await endpoints.read('gone', endpoint.id)).toBeUndefined();
    expect(await endpoints.list('gone')).toEqual([]);
  });

  it('a tenant never has more endpoints than it may, also when they are made at the same time', async () => {
    for (let made = 1; made < MOST_ENDPOINTS; made += 1) await endpoints.create('many', input);
    const outcomes = await Promise.allSettled(
      Array.from({ length: 4 }, async () => await endpoints.create('many', input)),
    );
    const refused = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason as unknown] : []));
    expect(refused.length).toBeGreaterThanOrEqual(3);
    for (const reason of refused) expect(reason).toBeInstanceOf(TooManyEndpoints);
    expect((await endpoints.list('many')).length).toBeLessThanOrEqual(MOST_ENDPOINTS);
    while ((await endpoints.list('many')).length < MOST_ENDPOINTS) await endpoints.create('many', input);
    await expect(endpoints.create('many', input)).rejects.toThrow(TooManyEndpoints);
  });
}
