import { liveKeys } from '../../../stores/secrets/credential-record.ts';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import type { OAuthCounters } from '../../../sandbox/client.ts';
import { createCustomer, type Customer } from '../../support/customer.ts';
import { eventually } from '../../support/eventually.ts';
import { liveGeneration } from './stack-stores.ts';
import { openTemporal, type TemporalView } from './temporal-history.ts';
import type { TroubledStore } from './troubled-store.ts';

/** The attempts of a pending activity count from 1: at 3, two have failed and the third is due. */
const SEVERAL_TRIES = 3;

/** What is guaranteed for refreshes on every secret store, whatever its fault. */
export function describeStoreGuarantees(start: () => Promise<TroubledStore>, troubles: readonly string[]): void {
  let store: TroubledStore;
  let customer: Customer;
  let temporal: TemporalView;
  let before: OAuthCounters;
  let healed: () => void = () => {};

  beforeAll(async () => {
    store = await start();
    customer = createCustomer(store.stack.info());
    temporal = await openTemporal(store.stack.info().temporal);
  }, 90_000);
  beforeEach(async () => {
    before = await customer.cloud.counters();
  });
  afterEach(() => healed());
  afterAll(async () => {
    await temporal.close();
    await store.close();
  }, 90_000);

  const trouble = (kind: string): void => {
    const end = store.trouble(kind);
    healed = () => {
      healed = () => {};
      end();
    };
  };
  const refresh = (id: string) => customer.platform.call('POST', `/v1/connections/${id}/refresh`);
  /** The cloud has spent the token and holds its response. */
  const replyOnItsWay = async (id: string) => {
    await customer.cloud.fault({ endpoint: 'token.refresh' }, { kind: 'hold_after' });
    const asked = refresh(id);
    asked.catch(() => {});
    return { asked, hold: await customer.cloud.waitForHold('token.refresh') };
  };
  const renewed = async (id: string): Promise<void> => {
    const fits = ({ status, credential }: { status: string; credential: { generation: number } | null }) =>
      status === 'active' && credential?.generation === 2;
    expect(await customer.platform.until(id, fits, 30_000)).toMatchObject({ problem: null });
    expect(await liveGeneration(store.secrets, id)).toBe(2);
  };
  const spentOnceEach = async (refreshes: number): Promise<void> => {
    const after = await customer.cloud.counters();
    expect(after.refreshTokensSpent - before.refreshTokensSpent).toBe(refreshes);
    expect(after.refreshTokensSpentTwice - before.refreshTokensSpentTwice).toBe(0);
  };

  it.each(troubles)(
    'no further token is spent while the secret store %s, and a received response is kept until stored',
    { timeout: 90_000 },
    async (kind) => {
      const [asks, waits] = await Promise.all([customer.connect(), customer.connect()]);
      const { asked, hold } = await replyOnItsWay(waits.id);
      trouble(kind);
      await customer.cloud.release(hold);

      await expect(refresh(asks.id)).rejects.toMatchObject({ status: 503, code: 'secret_store_unavailable' });
      // The attempt retries the store for longer than the caller waits; the caller then gets "in_progress".
      const told = (await asked.catch((error: unknown) => error)) as { outcome?: string; code?: string };
      expect(['in_progress', 'secret_store_unavailable']).toContain(told.outcome ?? told.code);
      await customer.platform.until(waits.id, 'degraded');
      const tries = async () => (await temporal.pendingAttempt(waits.id)) >= SEVERAL_TRIES;
      await eventually('several tries to store the reply', tries, 30_000);
      // One connection reports that its response is not stored yet. The other one lost nothing and is still active.
      expect(await customer.platform.get(waits.id)).toMatchObject({
        status: 'degraded',
        problem: { code: 'secret_store_unavailable' },
      });
      expect(await customer.platform.get(asks.id)).toMatchObject({ status: 'active' });
      await spentOnceEach(1);

      healed();
      await renewed(waits.id);
      await spentOnceEach(1);
    },
  );

  it('a token response is stored although another writer has changed its record (409 of check-and-set)', async () => {
    const { id } = await customer.connect();
    const { asked, hold } = await replyOnItsWay(id);
    const record = await store.secrets.read('live', liveKeys.renewal(id));
    if (!record) throw new Error('A connected connection has a record.');
    await store.secrets.write('live', liveKeys.renewal(id), record.data, { cas: record.version });
    await customer.cloud.release(hold);

    await expect(asked).resolves.toBeDefined();
    await renewed(id);
    await spentOnceEach(1);
  });
}
