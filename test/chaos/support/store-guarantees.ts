import { liveKeys } from '../../../stores/secrets/credential-record.ts';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import type { OAuthCounters } from '../../../sandbox/client.ts';
import { createCustomer, type Customer } from '../../support/customer.ts';
import { eventually } from '../../support/eventually.ts';
import { liveGeneration } from './stack-stores.ts';
import { openTemporal, type TemporalView } from './temporal-history.ts';
import type { TroubledStore } from './troubled-store.ts';

/** Pending activities count from 1: two tries have failed by then, and the third is due. */
const SEVERAL_TRIES = 3;

/** What holds of refreshes on every secret store, whatever is the matter with it. */
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
  /** The cloud has spent the token and keeps its answer back. */
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
    'nothing is spent while the store %s, and a reply in hand is kept until it is stored',
    { timeout: 90_000 },
    async (kind) => {
      const [asks, waits] = await Promise.all([customer.connect(), customer.connect()]);
      const { asked, hold } = await replyOnItsWay(waits.id);
      trouble(kind);
      await customer.cloud.release(hold);

      await expect(refresh(asks.id)).rejects.toMatchObject({ status: 503, code: 'secret_store_unavailable' });
      // The attempt tries to store its reply for longer than the caller waits: then it is told that it goes on.
      const told = (await asked.catch((error: unknown) => error)) as { outcome?: string; code?: string };
      expect(['in_progress', 'secret_store_unavailable']).toContain(told.outcome ?? told.code);
      await customer.platform.until(waits.id, 'degraded');
      const tries = async () => (await temporal.pendingAttempt(waits.id)) >= SEVERAL_TRIES;
      await eventually('several tries to store the reply', tries, 30_000);
      // The one whose reply waits says so; the other has lost nothing, and its credential is as good as it was.
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

  it('a reply whose record another writer has moved (a 409 of check-and-set) is stored all the same', async () => {
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
