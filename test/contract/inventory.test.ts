import { randomUUID } from 'node:crypto';
import { join } from 'node:path';

import { describe, inject } from 'vitest';

import { KeyRing } from '../../platform/key-ring.ts';
import { Secret } from '../../platform/secret.ts';
import { createRedisEphemeralStore } from '../../stores/ephemeral/redis.ts';
import { createSqliteEphemeralStore } from '../../stores/ephemeral/sqlite.ts';
import type { EphemeralStore } from '../../stores/ephemeral/port.ts';
import { inventoryAbsenceContract } from './inventory.absence.contract.ts';
import { inventoryContract } from './inventory.contract.ts';
import { inventoryPagesContract } from './inventory.pages.contract.ts';
import { createManualClock } from './manual-clock.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const { redis } = inject('components');

function everyContract(open: () => Promise<EphemeralStore>): void {
  inventoryContract(open);
  inventoryAbsenceContract(open);
  inventoryPagesContract(open);
}

describe('the inventory on SQLite', () => {
  everyContract(async () =>
    createSqliteEphemeralStore({
      path: join(temporaryFolder(), 'ephemeral.db'),
      keyRing: KeyRing.parse(KeyRing.generate()),
      clock: createManualClock(),
    }),
  );
});

describe.skipIf(redis === null)('the inventory on Redis', () => {
  everyContract(async () =>
    createRedisEphemeralStore({ url: new Secret(redis!.url), keyPrefix: `contract-${randomUUID()}:` }),
  );
});
