import { join } from 'node:path';

import { onTestFinished } from 'vitest';

import type { Clock } from '../../../platform/clock.ts';
import { KeyRing } from '../../../platform/key-ring.ts';
import type { SecretStore } from '../../../stores/secrets/port.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { createSqliteSecretStore } from '../../../stores/secrets/sqlite.ts';

/** An empty secret store of one test alone: the embedded one. */
export function openEmbeddedSecrets(clock: Clock): SecretStore {
  const keyRing = KeyRing.parse(KeyRing.generate());
  const store = createSqliteSecretStore({ path: join(temporaryFolder(), 'secrets.db'), keyRing, clock });
  onTestFinished(async () => await store.close());
  return store;
}
