import { describe, expect, inject, onTestFinished, test } from 'vitest';
import { anyFreePort } from '../../scripts/dev/ports.ts';
import type { StackPlan } from '../../scripts/dev/plan.ts';
import { startStack } from '../../scripts/dev/stack.ts';
import { prepareVault } from '../contract/prepared-vault.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const { temporal, vault, redis } = inject('components');

/** `npm start` with addresses set, against a Vault that grants the policies named. */
async function startOn(policies: readonly ('api' | 'worker' | 'operator')[]) {
  if (!temporal || !vault || !redis) throw new Error('A component is missing: the suite should have been skipped.');
  const prepared = await prepareVault(vault);
  const role = `auth/approle/role/${prepared.mount}`;
  await prepared.asRoot('POST', role, { token_policies: policies.map((name) => `${prepared.mount}-${name}`) });
  const idOf = async (method: string, path: string, field: string): Promise<string> =>
    ((await prepared.asRoot(method, `${role}/${path}`)).body['data'] as Record<string, string>)[field] ?? '';

  const said: string[] = [];
  let plan: StackPlan | undefined;
  const stack = await startStack({
    stateDirectory: temporaryFolder(),
    environment: {
      PATH: process.env['PATH'],
      PORT: String(await anyFreePort()),
      TEMPORAL_ADDRESS: temporal.address,
      TEMPORAL_NAMESPACE: temporal.namespace,
      VAULT_ADDR: prepared.address,
      VAULT_MOUNT: prepared.mount,
      VAULT_ROLE_ID: await idOf('GET', 'role-id', 'role_id'),
      VAULT_SECRET_ID: await idOf('POST', 'secret-id', 'secret_id'),
      REDIS_URL: redis.url,
    },
    ports: { metrics: await anyFreePort(), sandbox: await anyFreePort() },
    say: (line) => said.push(line),
    planned: (made) => (plan = made),
  });
  onTestFinished(stack.stop, 60_000);
  return { info: stack.info(), said, plan, prepared };
}

describe.skipIf(!temporal || !vault || !redis)('the development stack on real parts', { timeout: 120_000 }, () => {
  test('npm start uses the given Temporal, Vault and Redis, and simulates only the clouds and the ovhcloud program', async () => {
    const { info, plan, prepared } = await startOn(['api', 'worker', 'operator']);

    expect(plan?.standIns.map((text) => text.split(':')[0])).toEqual(['Clouds', 'ovhcloud']);
    expect(info).toMatchObject({ temporal: temporal?.address, ui: null, pids: { temporal: null } });
    const { body } = await prepared.asRoot('LIST', `${prepared.mount}/metadata/config/api-keys`);
    const { keys: ids } = body['data'] as { keys: string[] };
    const made = [info.apiKey, info.operatorKey].map((key) => key?.split('_')[1]);
    expect(new Set(made)).toEqual(new Set(ids));
    const answer = await fetch(`${info.api}/v1/connections`, {
      method: 'POST',
      headers: { authorization: `Bearer ${info.apiKey}`, 'content-type': 'application/json' },
      body: JSON.stringify({ provider: 'ovh', region: 'ovh-eu' }),
    });
    expect(answer.status).toBe(201);
  });

  test('npm start runs without an API key where Vault does not let it create one, and says how to create it', async () => {
    const { info, said } = await startOn(['api', 'worker']);

    expect([info.apiKey, info.operatorKey]).toEqual([null, null]);
    expect(said.join('\n')).toMatch(/No API key was made \(.*\)\. Make one as docs\/production\.md says/s);
  });
});
