import { beforeEach, describe, expect, test } from 'vitest';
import { createProveGrant } from '../../../activities/prove-grant.ts';
import { ProviderError, type AuthMethod, type CallContext, type Prepared } from '../../../providers/provider.ts';
import type { JsonObject } from '../../../platform/json.ts';
import { Secret } from '../../../platform/secret.ts';
import { newRecord } from '../../../stores/secrets/credential-record.ts';
import { connection, createUpkeepWorld, inActivity, type UpkeepWorld } from './upkeep-world.ts';

const pendingRef = 'submitted';
const key = `${connection.id}/${pendingRef}`;

/** A method whose submitted key creates an account: each further account would be left over at the cloud. */
function accountMaker() {
  const calls = { prepared: 0, proven: [] as JsonObject[] };
  const script: { fails?: ProviderError; meanwhile?: () => Promise<unknown> } = {};
  const method: AuthMethod = {
    async prepare({ record }: CallContext): Promise<Prepared | undefined> {
      if (record.reveal()['maker_key'] === undefined) return undefined;
      calls.prepared += 1;
      if (script.fails) throw script.fails;
      await script.meanwhile?.();
      return { fields: new Secret({ client_secret: `made-${calls.prepared}` }), dropped: ['maker_key'] };
    },
    prove({ record }) {
      calls.proven.push(record.reveal());
      return Promise.resolve({ account: { id: 'ada', displayName: null }, warnings: [] });
    },
    refresh: () => Promise.reject(new Error('Nothing is refreshed here.')),
    revoke: () => Promise.resolve({ outcome: 'nothing_to_revoke' }),
  };
  return { method, calls, script };
}

let world: UpkeepWorld;
let maker: ReturnType<typeof accountMaker>;
const prove = () => inActivity(createProveGrant(world.deps), { connection, pendingRef, news: null });
const stored = async () => (await world.secrets.read('pending', key))?.data.reveal();
/** The version of each call that destroyed older versions. */
let pruned: number[];

beforeEach(async () => {
  world = await createUpkeepWorld();
  maker = accountMaker();
  pruned = [];
  const prune = world.secrets.prune.bind(world.secrets);
  world.secrets.prune = async (gate, name, version) => {
    await prune(gate, name, version);
    pruned.push(version);
  };
  const manifest = world.cloud.provider.manifest;
  const providers = new Map([['ovh', { manifest, methods: { [connection.method]: maker.method } }]]);
  world = { ...world, deps: { ...world.deps, providers } };
  await world.secrets.write('pending', key, new Secret({ ...newRecord(connection), maker_key: 'used once' }));
});

describe('a submission that is prepared: exchanged for the credential that is kept', () => {
  test('a prepared submission is stored without the key that made it, and the versions with that key are destroyed', async () => {
    expect(await prove()).toMatchObject({ outcome: 'proven' });
    expect(await stored()).toMatchObject({ client_secret: 'made-1', mooring: { tenant: 'acme' } });
    expect(await stored()).not.toHaveProperty('maker_key');
    expect(pruned).toEqual([2]);
    expect(maker.calls.proven).toEqual([expect.not.objectContaining({ maker_key: 'used once' })]);
  });

  test('a submission is prepared once, however often it is proven', async () => {
    await prove();
    await prove();
    expect(maker.calls.prepared).toBe(1);
    expect(await stored()).toMatchObject({ client_secret: 'made-1' });
  });

  test('a submission whose older versions were not destroyed is proven only after a retry has destroyed them', async () => {
    world.secrets.fail('fails', { operation: 'prune' });
    await expect(prove()).rejects.toMatchObject({ type: 'not_yet' });
    expect(maker.calls.proven, 'nothing is proven while the keys are still there').toEqual([]);
    await prove();
    expect(maker.calls.prepared).toBe(1);
    expect(pruned).toEqual([2]);
  });

  test('a submission whose write succeeded without a response is not prepared again', async () => {
    world.secrets.fail('times_out_after_landing', { operation: 'write', gate: 'pending' });
    await expect(prove()).rejects.toMatchObject({ type: 'not_yet' });
    expect(await prove()).toMatchObject({ outcome: 'proven' });
    expect(maker.calls.prepared).toBe(1);
    expect(pruned).toEqual([2]);
  });

  test('a submission whose result could not be stored is prepared again', async () => {
    world.secrets.fail('fails', { operation: 'write', gate: 'pending' });
    await expect(prove()).rejects.toMatchObject({ type: 'not_yet' });
    expect(await stored()).toMatchObject({ maker_key: 'used once' });
    expect(await prove()).toMatchObject({ outcome: 'proven' });
    expect(await stored()).toMatchObject({ client_secret: 'made-2' });
  });

  test('a submission that another attempt has prepared in the meantime stays as that attempt stored it', async () => {
    maker.script.meanwhile = async () => {
      delete maker.script.meanwhile;
      await world.secrets.write('pending', key, new Secret({ ...newRecord(connection), client_secret: 'of another' }));
    };
    await expect(prove()).rejects.toMatchObject({ type: 'not_yet' });
    expect(await prove()).toMatchObject({ outcome: 'proven' });
    expect(await stored()).toMatchObject({ client_secret: 'of another' });
  });

  test.each([
    ['user', 'refused'],
    ['revoked', 'refused'],
  ] as const)(
    'a submission that the cloud refuses (%s) is reported as %s, and stays as it was submitted',
    async (kind, outcome) => {
      const problem = { code: 'iam_policy_creation', message: 'IAM policy creation error.', remedy: 'Allow it.' };
      maker.script.fails = new ProviderError({ class: kind, problem, delivery: 'answered' });
      expect(await prove()).toEqual({ outcome, problem });
      expect(await stored()).toMatchObject({ maker_key: 'used once' });
      expect(pruned).toEqual([]);
    },
  );

  test('preparing a submission is retried where the cloud is unavailable', async () => {
    const problem = { code: 'cloud_unreachable', message: 'No answer.', remedy: 'Wait.' };
    maker.script.fails = new ProviderError({ class: 'transient', problem, delivery: 'unknown' });
    await expect(prove()).rejects.toMatchObject({ type: 'not_yet' });
    delete maker.script.fails;
    expect(await prove()).toMatchObject({ outcome: 'proven' });
  });
});
