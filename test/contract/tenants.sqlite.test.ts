import { join } from 'node:path';

import { describe } from 'vitest';

import { systemClock } from '../../platform/clock.ts';
import { KeyRing } from '../../platform/key-ring.ts';
import { createSqliteSecretStore } from '../../stores/secrets/sqlite.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { tenantsContract } from './tenants.contract.ts';

describe('tenants on the embedded store', () => {
  tenantsContract(async () =>
    createSqliteSecretStore({
      path: join(temporaryFolder(), 'secrets.db'),
      keyRing: KeyRing.parse(KeyRing.generate()),
      clock: systemClock,
    }),
  );
});
