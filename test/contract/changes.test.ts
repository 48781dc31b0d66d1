import { randomUUID } from 'node:crypto';
import { join } from 'node:path';

import { describe, inject } from 'vitest';

import { KeyRing } from '../../platform/key-ring.ts';
import { Secret } from '../../platform/secret.ts';
import { createRedisEphemeralStore } from '../../stores/ephemeral/redis.ts';
import { createSqliteEphemeralStore } from '../../stores/ephemeral/sqlite.ts';
import { changesContract } from './changes.contract.ts';
import { createManualClock } from './manual-clock.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const { redis } = inject('components');

describe('the kept changes on SQLite', () => {
  changesContract(async () =>
    createSqliteEphemeralStore({
      path: join(temporaryFolder(), 'ephemeral.db'),
      keyRing: KeyRing.parse(KeyRing.generate()),
      clock: createManualClock(),
    }),
  );
});

describe.skipIf(redis === null)('the kept changes on Redis', () => {
  changesContract(async () =>
    createRedisEphemeralStore({ url: new Secret(redis!.url), keyPrefix: `contract-${randomUUID()}:` }),
  );
});
