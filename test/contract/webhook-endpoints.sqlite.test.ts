import { join } from 'node:path';
import { describe } from 'vitest';
import { systemClock } from '../../platform/clock.ts';
import { KeyRing } from '../../platform/key-ring.ts';
import { createSqliteSecretStore } from '../../stores/secrets/sqlite.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { webhookEndpointsContract } from './webhook-endpoints.contract.ts';

describe('webhook endpoints on the embedded store', () => {
  const keyRing = KeyRing.parse(KeyRing.generate());
  const path = join(temporaryFolder(), 'secrets.db');
  const open = async () => createSqliteSecretStore({ path, keyRing, clock: systemClock });
  webhookEndpointsContract(open, open);
});
