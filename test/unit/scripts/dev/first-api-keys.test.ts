import { join } from 'node:path';
import { expect, test } from 'vitest';
import { KeyRing } from '../../../../platform/key-ring.ts';
import { firstApiKeys } from '../../../../scripts/dev/first-api-keys.ts';
import type { StackPlan } from '../../../../scripts/dev/plan.ts';
import { anyFreePort } from '../../../../scripts/dev/ports.ts';
import { openStateDirectory } from '../../../../scripts/dev/state-directory.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';
import { otherProgram } from './other-program.ts';

async function planned() {
  const directory = openStateDirectory(join(temporaryFolder(), '.mooring'));
  const port = await anyFreePort();
  const plan: StackPlan = {
    addresses: { api: `http://localhost:${port}`, ui: null, sandbox: null },
    temporalAddress: '127.0.0.1:1',
    processes: { temporal: null, sandbox: null, worker: null, api: null },
    standIns: [],
    environment: {
      MOORING_MODE: 'dev',
      MOORING_STATE_DIR: directory.path,
      MOORING_KEYS: KeyRing.generate(),
      PORT: String(port),
    },
    startId: 'start',
  };
  return { plan, directory, port, make: async () => await firstApiKeys(plan, directory, () => {}) };
}

test('the API keys of the last start are kept, and are not sent to what answers on the port of the API', async () => {
  const { make, port } = await planned();
  const { requests } = await otherProgram(String(port));
  const first = await make();
  expect(first.apiKey).toMatch(/^mrg_/);
  expect(first.operatorKey).toMatch(/^mrg_/);
  expect(await make()).toEqual(first);
  expect(requests).toEqual([]);
});

test('a kept API key that the secret store does not have is replaced', async () => {
  const { make, directory } = await planned();
  const unknown = `mrg_${'0'.repeat(16)}_${'a'.repeat(43)}`;
  directory.write('api-key', `${unknown}\n`);
  const { apiKey } = await make();
  expect(apiKey).toMatch(/^mrg_/);
  expect(apiKey).not.toBe(unknown);
});
