import { readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { KeyRing } from '../../platform/key-ring.ts';
import type { Stack } from '../../scripts/dev/lifecycle.ts';
import { anyFreePort } from '../../scripts/dev/ports.ts';
import { startStack } from '../../scripts/dev/stack.ts';
import { createCustomer, type Customer } from '../support/customer.ts';
import { eventually } from '../support/eventually.ts';
import { makeNamespace } from '../support/namespace.ts';
import type { Invited } from '../support/platform.ts';
import { aDayLater, createKeyCommand } from './key-rotation/key-command.ts';
import { openTemporal, type TemporalSide } from './key-rotation/temporal-side.ts';

const address = inject('components').temporal?.address ?? '';
const WITHIN_MS = 300_000;
/** Temporal deletes a run some time after the request, and later still on a busy machine. */
const FORGOTTEN_WITHIN_MS = 120_000;
const LIFETIME_SECONDS = 90 * 24 * 3600;

/** `npm start`: the key also seals the files that stand in for Vault and Redis. */
describe.skipIf(address === '')('a key rotation under npm start', { timeout: WITHIN_MS }, () => {
  let stateDirectory: string;
  let namespace: string;
  let ports: Readonly<Record<'api' | 'metrics' | 'sandbox', number>>;
  let stack: Stack;
  let customer: Customer;
  let temporal: TemporalSide;

  /** Starts the whole stack again with another key ring, as the documentation says. */
  async function startWith(keys: string | undefined, retired = ''): Promise<void> {
    const { api, ...others } = ports;
    if (keys !== undefined) await writeFile(join(stateDirectory, 'key-ring'), keys);
    stack = await startStack({
      stateDirectory,
      environment: {
        PATH: process.env['PATH'],
        HOME: process.env['HOME'],
        PORT: String(api),
        TEMPORAL_ADDRESS: address,
        TEMPORAL_NAMESPACE: namespace,
        MOORING_RETIRED_KEYS: retired,
      },
      ports: others,
    });
    customer = createCustomer(stack.info());
    temporal = await openTemporal({ address, namespace });
  }
  async function stop(): Promise<void> {
    await temporal?.close();
    await stack?.stop();
  }

  beforeAll(async () => {
    stateDirectory = await mkdtemp(join(tmpdir(), 'mooring-rotation-'));
    const [api = 0, metrics = 0, sandbox = 0] = await Promise.all(Array.from({ length: 3 }, anyFreePort));
    ports = { api, metrics, sandbox };
    namespace = await makeNamespace(address);
    await startWith(undefined);
  }, WITHIN_MS);
  afterAll(async () => {
    await stop();
    await rm(stateDirectory, { recursive: true, force: true });
  }, WITHIN_MS);

  test('npm start seals every stored value again with the new key, and works without the retired one', async () => {
    const k1 = (await readFile(join(stateDirectory, 'key-ring'), 'utf8')).trim();
    const k2 = KeyRing.generate('k2');
    const key = createKeyCommand(() => ({
      MOORING_MODE: 'dev',
      MOORING_STATE_DIR: stateDirectory,
      MOORING_KEYS: readFileSync(join(stateDirectory, 'key-ring'), 'utf8').trim(),
      TEMPORAL_ADDRESS: address,
      TEMPORAL_NAMESPACE: namespace,
    }));
    const { id } = await customer.connect();
    const waiting: Invited = await customer.platform.invite({ invitation: { lifetimeSeconds: LIFETIME_SECONDS } });
    const all = [id, waiting.connection.id];
    const turnAll = async (tag: string): Promise<void> => {
      const patch = async (one: string) =>
        await customer.platform.call('PATCH', `/v1/connections/${one}`, { tags: [tag] });
      await Promise.all(all.map(async (one) => await temporal.turn(one, async () => await patch(one))));
    };

    await stop();
    await startWith(`${k1},${k2}`);
    await turnAll('step-1');
    expect((await key.sealedWith('k1'))['secrets.db']).toBeGreaterThan(0);
    expect(await key.sealedWith('k2')).toMatchObject({ 'secrets.db': 0, 'ephemeral.db': 0 });

    await stop();
    await startWith(`${k2},${k1}`);
    expect(await key.sealedWith('k1')).toMatchObject({ 'secrets.db': 0, 'ephemeral.db': 0 });
    expect(await key.run(['retire', 'k1'], aDayLater)).toMatchObject({
      code: 1,
      output: expect.stringMatching(/memo \([1-9]/) as string,
    });
    await turnAll('step-2');
    await eventually(
      'nothing to be sealed with the old key',
      async () => {
        // Repeated in each try: a run that has just ended is listed a moment later.
        await temporal.forgetEnded();
        const places = Object.entries(await key.sealedWith('k1'));
        expect(places.filter(([, count]) => count > 0)).toEqual([]);
        return true;
      },
      FORGOTTEN_WITHIN_MS,
    );
    expect(await key.run(['retire', 'k1'], aDayLater)).toMatchObject({ code: 0 });

    await stop();
    await startWith(k2, k1);
    const { platform } = customer;
    await (await customer.signIn(waiting.invitation.url)).arrive();
    await platform.until(waiting.connection.id, 'active');
    await platform.call('POST', `/v1/connections/${id}/refresh`);
    for (const one of all) {
      await platform.call('GET', `/v1/connections/${one}/credentials`);
      await platform.call('DELETE', `/v1/connections/${one}`);
      await platform.until(one, 'disconnected');
    }
    const { refreshTokensSpentTwice, codesRedeemedTwice } = await customer.cloud.counters();
    expect({ refreshTokensSpentTwice, codesRedeemedTwice }).toEqual({
      refreshTokensSpentTwice: 0,
      codesRedeemedTwice: 0,
    });
  });
});
