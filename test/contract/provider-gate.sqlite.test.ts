import { join } from 'node:path';
import { describe, onTestFinished } from 'vitest';
import { KeyRing } from '../../platform/key-ring.ts';
import { createSqliteEphemeralStore } from '../../stores/ephemeral/sqlite.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { createManualClock } from './manual-clock.ts';
import { providerGateContract } from './provider-gate.contract.ts';

const keyRing = KeyRing.parse(KeyRing.generate());

describe('the provider gate on SQLite', () => {
  providerGateContract(async () => {
    const clock = createManualClock();
    const path = join(temporaryFolder(), 'ephemeral.db');
    const open = () => {
      const store = createSqliteEphemeralStore({ path, keyRing, clock });
      onTestFinished(async () => await store.close());
      return store;
    };
    return { stores: [open(), open()], clock, letPass: async (_key, seconds) => clock.advance(seconds) };
  });
});
