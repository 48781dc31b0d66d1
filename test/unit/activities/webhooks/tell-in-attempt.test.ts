import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { ApplicationFailure } from '@temporalio/common';
import { beforeEach, describe, expect, test } from 'vitest';
import { createKeepFresh } from '../../../../activities/refresh/keep-fresh.ts';
import { createRefreshProtocol } from '../../../../activities/refresh/protocol.ts';
import { createProveGrant } from '../../../../activities/prove-grant.ts';
import { createPublishNews } from '../../../../activities/publish-news.ts';
import type { KeepFreshInput, KeepFreshOutcome } from '../../../../contracts/activities.ts';
import { createdEvent } from '../../../../contracts/webhook-events.ts';
import type { ToTell } from '../../../../stores/webhooks/tell-endpoints.ts';
import { connection, createUpkeepWorld, DUE_MS, keepFreshInput, bornAt, type UpkeepWorld } from '../upkeep-world.ts';

const MINUTE_MS = 60_000;
/** Nothing is random in this world. */
const TELL_AGAIN_MS = 15_000;
const events = [
  createdEvent({ ...connection, name: null, tags: [], account: null, status: 'awaiting_customer', statusSince: '' }),
];

interface Attempt {
  readonly outcome: KeepFreshOutcome | ApplicationFailure;
  /** What the next attempt finds, as Temporal keeps it. */
  readonly heartbeat: unknown;
}

let world: UpkeepWorld;
let told: ToTell[];
let away: boolean;
beforeEach(async () => {
  world = await createUpkeepWorld();
  told = [];
  away = false;
});
const tellEndpoints = async (toTell: ToTell): Promise<void> => {
  if (away) throw new Error('away');
  told.push(toTell);
};

async function attempt(
  number: number,
  heartbeatDetails?: unknown,
  more: Partial<KeepFreshInput> = {},
): Promise<Attempt> {
  const deps = { ...world.deps, tellEndpoints };
  const keepFresh = createKeepFresh(deps, createRefreshProtocol(deps));
  let heartbeat: unknown;
  const info = { attempt: number, scheduledTimestampMs: 0, currentAttemptScheduledTimestampMs: number - 1 };
  const environment = new MockActivityEnvironment(
    { ...info, heartbeatDetails },
    { logger: new DefaultLogger('ERROR') },
  );
  environment.on('heartbeat', (details: unknown) => void (heartbeat = details));
  const input = { ...keepFreshInput(more), events };
  const running = environment.run(keepFresh, input) as Promise<KeepFreshOutcome>;
  const outcome = await running.catch((error: unknown) => error as ApplicationFailure);
  return { outcome, heartbeat: heartbeat ?? heartbeatDetails };
}

describe('the events in the input of upkeep', () => {
  test('are told on the first attempt, and on no later one', async () => {
    const first = await attempt(1);
    expect(told).toEqual([{ tenant: 'acme', events }]);
    const second = await attempt(2, first.heartbeat);
    const third = await attempt(3, second.heartbeat);
    expect(told).toHaveLength(1);
    expect(third.outcome).toBeInstanceOf(ApplicationFailure);
  });

  test('are told again where two workers were killed before they could say that they had told', async () => {
    await attempt(1);
    await attempt(2);
    const third = await attempt(3);
    await attempt(4, third.heartbeat);
    expect(told).toHaveLength(3);
    expect(new Set(told.map(({ events: [event] }) => event?.id)).size).toBe(1);
  });

  test('that could not be told are tried again soon, although no renewal is due', async () => {
    away = true;
    const first = await attempt(1);
    expect(first.outcome).toMatchObject({ nextRetryDelay: TELL_AGAIN_MS });
    away = false;
    const second = await attempt(2, first.heartbeat);
    expect(told).toHaveLength(1);
    expect((second.outcome as ApplicationFailure).nextRetryDelay).toBe(DUE_MS);
  });

  test('that cannot be told delay no renewal', async () => {
    world.pass(DUE_MS);
    const deps = { ...world.deps, tellEndpoints: () => new Promise<void>(() => undefined) };
    const keepFresh = createKeepFresh(deps, createRefreshProtocol(deps));
    const environment = new MockActivityEnvironment({ attempt: 1 }, { logger: new DefaultLogger('ERROR') });
    const running = environment.run(keepFresh, { ...keepFreshInput(), events }).catch((error: unknown) => error);
    await expect.poll(async () => (await world.renewal())?.mooring.generation).toBe(2);
    expect(await running).toMatchObject({ nextRetryDelay: TELL_AGAIN_MS });
  });

  test('an attempt that was asked for early to tell does not ask the cloud before its time', async () => {
    world.pass(DUE_MS);
    const notBefore = new Date(bornAt + DUE_MS + 30 * MINUTE_MS).toISOString();
    const more = { notBefore, degradedSince: new Date(bornAt + DUE_MS).toISOString() };
    away = true;
    const first = await attempt(1, undefined, more);
    expect(first.outcome).toMatchObject({ nextRetryDelay: TELL_AGAIN_MS });
    world.pass(TELL_AGAIN_MS);
    away = false;
    const second = await attempt(2, first.heartbeat, more);
    expect(world.cloud.calls.refresh).toBe(0);
    expect(told).toHaveLength(1);
    expect(second.outcome).toMatchObject({ nextRetryDelay: 30 * MINUTE_MS - TELL_AGAIN_MS });
  });

  test('what upkeep returns says whether they are told', async () => {
    const returnAt = new Date(bornAt).toISOString();
    expect((await attempt(1, undefined, { returnAt })).outcome).toMatchObject({ outcome: 'fresh', told: true });
    away = true;
    expect((await attempt(1, undefined, { returnAt })).outcome).toMatchObject({ outcome: 'fresh', told: false });
  });
});

describe('the events in the input of other activities', () => {
  const run = async <I, O>(activity: (input: I) => Promise<O>, input: I): Promise<O> =>
    await new MockActivityEnvironment({ attempt: 1 }, { logger: new DefaultLogger('ERROR') }).run(activity, input);

  test('publishNews is repeated until they are told, and publishes the entries all the same', async () => {
    const publishNews = createPublishNews({ ...world.deps, tellEndpoints });
    const entries = [{ at: '2030-01-01T00:00:00.000Z', event: 'paused', text: 'Upkeep is paused.' }];
    const input = { connection, news: { status: 'paused', problem: null, warnings: [], entries }, events } as const;
    away = true;
    await expect(run(publishNews, input)).rejects.toMatchObject({ type: 'not_yet' });
    expect(await world.ephemeral.readStream('events:acme', null, 10)).toHaveLength(1);
    away = false;
    expect(await run(publishNews, input)).toEqual({ told: true });
    expect(await run(publishNews, { ...input, events: [] })).toEqual({});
  });

  test('a proof tells them, whether it succeeds or not', async () => {
    const proveGrant = createProveGrant({ ...world.deps, tellEndpoints });
    const input = { connection, pendingRef: 'missing', news: null, events };
    expect(await run(proveGrant, input)).toMatchObject({ outcome: 'refused', told: true });
    world.secrets.down = true;
    await expect(run(proveGrant, input)).rejects.toMatchObject({ type: 'not_yet' });
    expect(told).toHaveLength(2);
  });
});
