import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { KeyRing } from '../../../../platform/key-ring.ts';
import { createLogger } from '../../../../platform/logger.ts';
import { createChains } from '../../../../stores/audit/chain.ts';
import { headOf, type AuditEntry, type AuditLine, type ChainHead } from '../../../../stores/audit/line.ts';
import type { AuditStore, ReadOptions } from '../../../../stores/audit/port.ts';
import { createAuditReader } from '../../../../stores/audit/reader.ts';
import { createSqliteAuditStore } from '../../../../stores/audit/sqlite.ts';
import { EphemeralStoreUnavailable } from '../../../../stores/ephemeral/port.ts';
import { createManualClock } from '../../../contract/manual-clock.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';

export const keyRing = KeyRing.parse(KeyRing.generate('k1'));
export const silent = createLogger('audit', 'silent');
export const CHAIN = 'tenant/acme';
const all: ReadOptions = { order: 'oldest_first', after: null, fromMs: null, toMs: null, limit: 100_000 };

/** A read of a credential; `changes` make it another. */
export const entry = (changes: Partial<AuditEntry> = {}): AuditEntry => ({
  at: '2026-11-23T08:00:00.000Z',
  requestId: 'req_1',
  callerRequestId: null,
  actor: { kind: 'key', id: 'k' },
  tenant: 'acme',
  address: '192.0.2.1',
  action: 'getCredentials',
  connection: `con_${'a'.repeat(26)}`,
  target: null,
  outcome: 'done',
  status: 200,
  code: null,
  count: 1,
  lastAt: '2026-11-23T08:00:00.000Z',
  ...changes,
});

/** A store that fails on command, with a clock, and any number of processes that append to it. */
export function auditWorld() {
  const path = join(temporaryFolder(), 'audit.db');
  const stored = createSqliteAuditStore({ path });
  onTestFinished(async () => await stored.close());
  const clock = createManualClock();
  const world = {
    path,
    clock,
    isAway: false,
    /** The next append is done, and its answer is lost. */
    losesAnswer: false,
    appends: 0,
    newProcess: (ring = keyRing, retention = { lines: 1_000, days: 400 }) => {
      const chains = createChains({ store, keyRing: ring, clock, logger: silent, retention });
      return { chains, reader: createAuditReader({ store, chains, keyRing: ring }) };
    },
    texts: async (chain = CHAIN) => (await stored.read(chain, all)).map(({ text }) => text),
    /** Writes a line as somebody who can write to the store. */
    put: async (line: AuditLine, head: ChainHead) => {
      const { seq, recordedAtMs } = headOf(line);
      const whole = [{ seq, recordedAtMs, text: JSON.stringify(line) }];
      await stored.append(CHAIN, head, whole, { lines: 1_000, fromMs: 0 });
    },
    lines: async (chain = CHAIN) => (await world.texts(chain)).map((text) => JSON.parse(text) as AuditEntry),
  };
  const unavailable = () => new EphemeralStoreUnavailable('The store is away.');
  const store: AuditStore = {
    ...stored,
    async last(chain) {
      if (world.isAway) throw unavailable();
      return await stored.last(chain);
    },
    async read(chain, options) {
      if (world.isAway) throw unavailable();
      return await stored.read(chain, options);
    },
    async append(...args) {
      if (world.isAway) throw unavailable();
      world.appends += 1;
      const isAppended = await stored.append(...args);
      if (!world.losesAnswer) return isAppended;
      world.losesAnswer = false;
      throw unavailable();
    },
  };
  return world;
}
