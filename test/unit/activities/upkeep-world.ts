import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Info } from '@temporalio/activity';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { onTestFinished, vi } from 'vitest';
import type { ActivityDependencies } from '../../../activities/dependencies.ts';
import { projection, withIssue, type Issue } from '../../../activities/records.ts';
import type { AttemptOutcome, Wanted } from '../../../activities/refresh/attempt.ts';
import { createRefreshProtocol } from '../../../activities/refresh/protocol.ts';
import { createProviderGate, type ProviderGate } from '../../../activities/refresh/provider-gate.ts';
import { createLogger } from '../../../platform/logger.ts';
import { KeyRing } from '../../../platform/key-ring.ts';
import { Secret } from '../../../platform/secret.ts';
import { createSqliteEphemeralStore } from '../../../stores/ephemeral/sqlite.ts';
import { createProviderPauses } from '../../../stores/provider-pauses.ts';
import {
  liveKeys,
  newRecord,
  type AccessRecord,
  type CredentialRecord,
  type SpendingMarker,
} from '../../../stores/secrets/credential-record.ts';
import { createSearchDigests } from '../../../stores/search-digests.ts';
import { createSqliteSecretStore } from '../../../stores/secrets/sqlite.ts';
import type { ConnectionAbout, KeepFreshInput } from '../../../contracts/activities.ts';
import type { ConnectionRef } from '../../../contracts/connection.ts';
import { interruptible } from '../../support/provider-gate.ts';
import { createFaultySecretStore } from './faulty-secret-store.ts';
import { createScriptedCloud } from './scripted-cloud.ts';

export const connection: ConnectionRef = {
  id: 'con_aaaaaaaaaaaaaaaaaaaaaaaaaa',
  tenant: 'acme',
  provider: 'ovh',
  region: 'ovh-eu',
  method: 'authorization_code',
};

export const about: ConnectionAbout = {
  v: 1,
  connection,
  name: 'Acme',
  tags: [],
  setup: {},
  account: { id: 'ada', displayName: null },
  epoch: 1,
  createdAt: '2030-01-01T00:00:00.000Z',
  discovery: null,
  request: null,
};

const MINUTE_MS = 60_000;
export const DAY_MS = 24 * 60 * MINUTE_MS;
export const bornAt = Date.parse('2030-01-01T00:00:00.000Z');
/** When the first credential is due: 80 % of its hour. */
export const DUE_MS = 48 * MINUTE_MS;

export type UpkeepWorld = Awaited<ReturnType<typeof createUpkeepWorld>>;

/**
 * Real stores in a folder of this test, a scripted cloud, and one connected account of generation 1 that is renewed
 * next after {@link DUE_MS}. Nothing is random.
 */
export async function createUpkeepWorld(options: { rotates?: boolean } = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'mooring-upkeep-'));
  let now = bornAt;
  const clock = { now: () => now };
  const keyRing = KeyRing.parse(KeyRing.generate());
  const stored = createSqliteSecretStore({ path: join(folder, 'secrets.db'), keyRing, clock });
  const secrets = createFaultySecretStore(stored);
  const ephemeral = interruptible(createSqliteEphemeralStore({ path: join(folder, 'ephemeral.db'), keyRing, clock }));
  const outcomes: AttemptOutcome[] = [];
  onTestFinished(async () => {
    ephemeral.down = false;
    await Promise.all([secrets.close(), ephemeral.close()]);
    await rm(folder, { recursive: true });
    const told = JSON.stringify(outcomes);
    if (cloud.tokens.some((token) => told.includes(token))) throw new Error(`A token stands in ${told}.`);
  });
  const logger = createLogger('worker', 'silent');
  const cloud = createScriptedCloud(options);
  const pauses = createProviderPauses({ secrets: stored, clock });
  const gate = createProviderGate({ ephemeral, pauses, clock, logger, random: () => 0 });
  const notes: Parameters<ProviderGate['note']>[] = [];
  const attempts: Parameters<ActivityDependencies['observer']['attempted']>[] = [];
  let ids = 0;
  const deps: ActivityDependencies = {
    secrets,
    ephemeral,
    providers: new Map([['ovh', cloud.provider]]),
    keyRing,
    clock,
    logger,
    gate: {
      ...gate,
      note: (...note) => {
        notes.push(note);
        return gate.note(...note);
      },
    },
    observer: { attempted: (...attempt) => void attempts.push(attempt) },
    random: () => 0,
    startDiscoveryIfDue: () => Promise.resolve({ nextAt: null }),
    discovery: { starter: { start: () => Promise.resolve('started'), tell: () => Promise.resolve() }, listsAtOnce: 5 },
    searchDigests: createSearchDigests({ secrets: stored, mayWrite: true }),
    tellEndpoints: () => Promise.resolve(),
    newId: () => `attempt-${++ids}`,
  };

  /** What a sign-in gave at this moment, as it stands in a store. */
  const signedIn = (generation: number, attemptId: string, more: Partial<Issue> = {}) =>
    withIssue(newRecord(connection), {
      issued: { fields: new Secret(cloud.issue()), ...cloud.terms },
      attemptId,
      generation,
      issuedAtMs: now,
      nextRefreshAtMs: now + DUE_MS,
      ...more,
    });
  const first = signedIn(1, 'first');
  await stored.write('live', liveKeys.renewal(connection.id), first);
  await stored.write('live', liveKeys.access(connection.id), projection(first.reveal(), ['access_token']));

  const protocol = createRefreshProtocol(deps);
  const read = async (key: string) => (await stored.read('live', key))?.data.reveal();
  const renewal = async () => (await read(liveKeys.renewal(connection.id))) as CredentialRecord | undefined;

  return {
    deps,
    secrets,
    ephemeral,
    pauses,
    cloud,
    keyRing,
    signedIn,
    renewal,
    access: async () => (await read(liveKeys.access(connection.id))) as AccessRecord | undefined,
    about: async () => await read(liveKeys.about(connection.id)),
    /** What the provider's gate was told, and the metrics. */
    notes,
    attempts,
    /** One attempt of this process; no outcome of any may carry a secret, which is looked at when the test has ended. */
    async refresh(wanted: Wanted = due): Promise<AttemptOutcome> {
      const outcome = await protocol(connection, wanted);
      outcomes.push(outcome);
      return outcome;
    },
    /** Writes over the record, whatever its version. */
    async change(mooring: Partial<CredentialRecord['mooring']>) {
      const record = await renewal();
      if (!record) throw new Error('There is no record to change.');
      const next = { ...record, mooring: { ...record.mooring, ...mooring } } as CredentialRecord;
      return await stored.write('live', liveKeys.renewal(connection.id), new Secret(next));
    },
    marker: (ageMs: number, more: Partial<SpendingMarker> = {}): SpendingMarker => ({
      attempt_id: 'attempt-of-another',
      started_at_ms: now - ageMs,
      replay: false,
      replay_refused: false,
      ...more,
    }),
    pass: (milliseconds: number) => void (now += milliseconds),
    asked: (more: Partial<Extract<Wanted, { when: 'asked' }>> = {}): Wanted => ({
      when: 'asked',
      askedAtMs: now,
      requestId: 'request',
      minTtlSeconds: null,
      ...more,
    }),
  };
}

export const due: Wanted = { when: 'due', degradedSince: null };

/** The time that attempts measure themselves by, standing still until the test moves it. */
export function stopAttemptClock(): { pass: (milliseconds: number) => void; passed: () => number } {
  // Whole milliseconds: of fractions, a difference is not exact.
  const start = Math.floor(performance.now());
  let passed = 0;
  const clock = vi.spyOn(performance, 'now').mockImplementation(() => start + passed);
  onTestFinished(() => clock.mockRestore());
  return { pass: (milliseconds) => void (passed += milliseconds), passed: () => passed };
}

export const keepFreshInput = (more: Partial<KeepFreshInput> = {}): KeepFreshInput => ({
  v: 1,
  connection,
  returnAt: new Date(bornAt + DAY_MS).toISOString(),
  degradedSince: null,
  isRefused: false,
  notBefore: null,
  knownWarnings: [],
  discovery: null,
  news: null,
  ...more,
});

/** Runs an activity as Temporal would, at that attempt. */
export async function inActivity<I, O>(
  activity: (input: I) => Promise<O>,
  input: I,
  info: Partial<Info> = {},
): Promise<O> {
  const environment = new MockActivityEnvironment(
    { attempt: 1, scheduledTimestampMs: 0, currentAttemptScheduledTimestampMs: 0, ...info },
    { logger: new DefaultLogger('ERROR') },
  );
  return await environment.run(activity, input);
}
