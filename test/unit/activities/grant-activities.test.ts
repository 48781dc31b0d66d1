import { ApplicationFailure } from '@temporalio/common';
import { beforeEach, describe, expect, test } from 'vitest';
import { createDestroySecrets } from '../../../activities/destroy-secrets.ts';
import { createDiscardGrant } from '../../../activities/discard-grant.ts';
import { createPromoteGrant } from '../../../activities/promote-grant.ts';
import { refreshProtocol } from '../../../activities/refresh/protocol.ts';
import type { ProviderManifest } from '../../../activities/providers/manifest-types.ts';
import { createRetireCredential } from '../../../activities/retire-credential.ts';
import { createRevokeCredential } from '../../../activities/revoke-credential.ts';
import { createWriteTombstone } from '../../../activities/write-tombstone.ts';
import { connection, createUpkeepWorld, inActivity, refreshInput, type UpkeepWorld } from './upkeep-world.ts';

let world: UpkeepWorld;
const pendingRef = 'second';
const key = `${connection.id}/${pendingRef}`;
const account = { id: 'ada', displayName: null };

beforeEach(async () => {
  world = await createUpkeepWorld();
  await world.secrets.write('pending', key, world.signedIn(1, 'sign-in'));
});

describe('promoting a grant', () => {
  const promote = () => inActivity(createPromoteGrant(world.deps), { connection, pendingRef, account });

  test('moves it to live/ one generation on, and is done once however often it runs', async () => {
    expect(await promote()).toMatchObject({ generation: 2, ttlSeconds: 3600 });
    expect(await promote()).toMatchObject({ generation: 2 });
    expect(await world.live()).toMatchObject({ refresh_token: 'refresh-token-2', mooring: { generation: 2 } });
    expect(await world.secrets.read('pending', key)).toBeUndefined();
  });

  test.each([
    ['its write landed unheard', 'write', 'times_out_after_landing'],
    ['the pending copy could not be destroyed', 'destroy', 'fails'],
  ] as const)('goes on where %s', async (_what, operation, fault) => {
    world.secrets.fail(fault, { operation });
    await expect(promote()).rejects.toThrow(ApplicationFailure);
    expect(await promote()).toMatchObject({ generation: 2 });
    expect(await world.secrets.read('pending', key)).toBeUndefined();
  });

  test('beside a refresh loses neither: the refresh finds the newer generation', async () => {
    world.cloud.script('hold');
    const refreshing = refreshProtocol(world.deps, refreshInput('attempt'));
    const release = await world.cloud.held();
    await promote();
    release();
    expect(await refreshing).toMatchObject({ outcome: 'already_fresh', facts: { generation: 2 } });
    expect(await world.live()).toMatchObject({ refresh_token: 'refresh-token-2' });
  });
});

describe('discarding a grant', () => {
  const discard = (attempt: number) =>
    inActivity(createDiscardGrant(world.deps), { connection, pendingRef }, { attempt });

  test('revokes it at the cloud, then drops it; once more is no error', async () => {
    await discard(1);
    await discard(2);
    expect(world.cloud.calls.revoked).toEqual(['refresh-token-2']);
    expect(await world.secrets.read('pending', key)).toBeUndefined();
  });

  test('only forgets what somebody submitted: the same keys may be in use elsewhere', async () => {
    const [signIn] = world.cloud.provider.manifest.methods;
    const manifest = {
      ...world.cloud.provider.manifest,
      methods: [{ ...signIn, flow: 'form', fields: [], minted: [] }],
    };
    const providers = new Map([['ovh', { ...world.cloud.provider, manifest: manifest as ProviderManifest }]]);
    await inActivity(createDiscardGrant({ ...world.deps, providers }), { connection, pendingRef });
    expect(world.cloud.calls.revoked).toEqual([]);
    expect(await world.secrets.read('pending', key)).toBeUndefined();
  });

  test('waits for an unavailable cloud, but not for ever: at the last try the stored part goes in any case', async () => {
    world.cloud.script('unreachable', 'unreachable');
    await expect(discard(19)).rejects.toMatchObject({ type: 'not_yet' });
    expect(await world.secrets.read('pending', key)).toBeDefined();
    await discard(20);
    expect(await world.secrets.read('pending', key)).toBeUndefined();
  });
});

describe('disconnecting', () => {
  test('moves live/ to revoking/, revokes that and what was pending, and destroys every secret', async () => {
    await inActivity(createRetireCredential(world.deps), { connection });
    expect(await world.live()).toBeUndefined();
    expect(await inActivity(createRevokeCredential(world.deps), { connection, sealed: null })).toEqual({
      outcome: 'revoked',
      revoked: ['refresh_token'],
    });
    expect(world.cloud.calls.revoked.toSorted()).toEqual(['refresh-token-1', 'refresh-token-2']);
    await inActivity(createDestroySecrets(world.deps), { connection });
    expect(await world.secrets.read('revoking', connection.id)).toBeUndefined();
    expect(await world.secrets.list('pending', `${connection.id}/`)).toEqual([]);
  });

  test('revokes a reply that was never stored', async () => {
    world.secrets.fail('fails', { operation: 'write', gate: 'live', after: 1 });
    const outcome = await refreshProtocol(world.deps, refreshInput('attempt'));
    if (outcome.outcome !== 'sealed') throw new Error('Expected a sealed reply.');
    await inActivity(createRevokeCredential(world.deps), { connection, sealed: outcome.sealed });
    expect(world.cloud.calls.revoked).toContain('refresh-token-3');
  });

  test('retires a credential whose copy was written by a try that was killed', async () => {
    world.secrets.fail('fails', { operation: 'destroy', gate: 'live' });
    const retire = () => inActivity(createRetireCredential(world.deps), { connection });
    await expect(retire()).rejects.toMatchObject({ type: 'not_yet' });
    await retire();
    await retire();
    expect(await world.live()).toBeUndefined();
    expect((await world.secrets.read('revoking', connection.id))?.data.reveal()).toMatchObject({
      refresh_token: 'refresh-token-1',
    });
  });

  test('tells what the cloud refused to revoke', async () => {
    await world.secrets.destroy('pending', key);
    await inActivity(createRetireCredential(world.deps), { connection });
    world.cloud.script('misconfigured');
    expect(await inActivity(createRevokeCredential(world.deps), { connection, sealed: null })).toMatchObject({
      outcome: 'failed',
      problem: { code: 'unsupported_token_type' },
    });
  });

  test('keeps one tombstone, and the first one', async () => {
    const write = (disconnectedAt: string) =>
      inActivity(createWriteTombstone(world.deps), {
        tombstone: { connection, account, revocation: { outcome: 'nothing_to_revoke' }, disconnectedAt },
      });
    await write('2030-01-01T00:00:00.000Z');
    await write('2031-01-01T00:00:00.000Z');
    const stored = await world.secrets.read('tombstones', connection.id);
    expect(stored?.data.reveal()).toMatchObject({ disconnectedAt: '2030-01-01T00:00:00.000Z' });
  });
});
