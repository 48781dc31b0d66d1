import { text } from 'node:stream/consumers';
import { parseArgs } from 'node:util';

import { systemClock } from '../../platform/clock.ts';
import { KeyRing } from '../../platform/key-ring.ts';
import { Secret } from '../../platform/secret.ts';
import { SecretStoreConflict } from '../../stores/secrets/port.ts';
import { createSqliteSecretStore } from '../../stores/secrets/sqlite.ts';

/** One of several processes that count up the same key, each step a read and a write at the version it read. */
const {
  path = '',
  keys = '',
  steps = '0',
} = parseArgs({
  options: { path: { type: 'string' }, keys: { type: 'string' }, steps: { type: 'string' } },
}).values;

// All begin at once: processes that start one after the other would never meet.
process.stdout.write('ready\n');
await text(process.stdin);

const store = createSqliteSecretStore({ path, keyRing: KeyRing.parse(keys), clock: systemClock });
let conflicts = 0;
for (let step = 0; step < Number(steps);) {
  const stored = await store.read('live', 'counter');
  const count = Number(stored?.data.reveal()['count'] ?? 0);
  try {
    await store.write('live', 'counter', new Secret({ count: count + 1 }), { cas: stored?.version ?? 0 });
    step++;
  } catch (error) {
    if (!(error instanceof SecretStoreConflict)) throw error;
    conflicts++;
  }
}
await store.close();
process.stdout.write(String(conflicts));
