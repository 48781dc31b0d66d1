import { join } from 'node:path';
import { expect, test } from 'vitest';
import { systemClock } from '../../../../platform/clock.ts';
import { loadConfig } from '../../../../platform/config.ts';
import { createEgress } from '../../../../platform/egress.ts';
import { KeyRing } from '../../../../platform/key-ring.ts';
import { firstApiKeys } from '../../../../scripts/dev/first-api-keys.ts';
import type { StackPlan } from '../../../../scripts/dev/plan.ts';
import { anyFreePort } from '../../../../scripts/dev/ports.ts';
import { openStateDirectory } from '../../../../scripts/dev/state-directory.ts';
import { operatorScopes } from '../../../../stores/api-key-scopes.ts';
import { createApiKeys } from '../../../../stores/api-keys.ts';
import { openSecretStore } from '../../../../stores/compose.ts';
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

test('a kept operator’s key that lacks a scope, because it is of an older version, is replaced', async () => {
  const { make, plan, directory } = await planned();
  const secrets = openSecretStore(
    loadConfig('api', plan.environment),
    createEgress(loadConfig('api', plan.environment).egress),
  );
  const scopes = operatorScopes.filter((scope) => scope !== 'operator:tenants');
  const older = await createApiKeys({ secrets, clock: systemClock }).create({
    tenant: null,
    scopes,
    name: 'made by npm start',
    expiresAt: null,
  });
  await secrets.close();
  directory.write('operator-key', `${older.key.reveal()}\n`);
  const { operatorKey } = await make();
  expect(operatorKey).toMatch(/^mrg_/);
  expect(operatorKey).not.toBe(older.key.reveal());
  expect((await make()).operatorKey).toBe(operatorKey);
});

test('a kept API key that the secret store does not have is replaced', async () => {
  const { make, directory } = await planned();
  const unknown = `mrg_${'0'.repeat(16)}_${'a'.repeat(43)}`;
  directory.write('api-key', `${unknown}\n`);
  const { apiKey } = await make();
  expect(apiKey).toMatch(/^mrg_/);
  expect(apiKey).not.toBe(unknown);
});
