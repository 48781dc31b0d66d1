import { describe, expect, it } from 'vitest';
import { Secret } from '../../../platform/secret.ts';
import { SecretStoreUnavailable } from '../../../stores/secrets/port.ts';
import { createProviderPauses, pausedProblem, recentPauses } from '../../../stores/provider-pauses.ts';
import { createManualClock } from '../../contract/manual-clock.ts';
import { createFaultySecretStore } from '../activities/faulty-secret-store.ts';
import { openEmbeddedSecrets } from './embedded-secrets.ts';

function createWorld() {
  const clock = createManualClock();
  const secrets = createFaultySecretStore(openEmbeddedSecrets(clock));
  return { clock, secrets, pauses: createProviderPauses({ secrets, clock }) };
}
const since = '2026-11-23T08:00:00.000Z';

describe('a pause of a provider', () => {
  it('a pause of a provider holds, with its start time and reason, until the provider is resumed', async () => {
    const { pauses } = createWorld();
    expect(await pauses.read('ovh')).toBeUndefined();
    expect(await pauses.pause('ovh', 'maintenance')).toEqual({ paused: true, since, reason: 'maintenance' });
    expect(await pauses.read('ovh')).toEqual({ paused: true, since, reason: 'maintenance' });
    expect(await pauses.read('aws')).toBeUndefined();
    await pauses.resume('ovh');
    expect(await pauses.read('ovh')).toBeUndefined();
  });

  it('a repeated pause keeps its start time, and a pause after a resumption has a new one', async () => {
    const { pauses, clock } = createWorld();
    await pauses.pause('ovh', 'maintenance');
    clock.advance(60);
    expect(await pauses.pause('ovh', null)).toEqual({ paused: true, since, reason: null });
    await pauses.resume('ovh');
    expect((await pauses.pause('ovh', null)).since).toBe('2026-11-23T08:01:00.000Z');
  });

  it('resuming a provider that was never paused writes nothing, and resuming never deletes the document', async () => {
    const { pauses, secrets } = createWorld();
    await pauses.resume('ovh');
    expect(secrets.written).toEqual([]);
    await pauses.pause('ovh', null);
    await pauses.resume('ovh');
    expect((await secrets.read('config', 'providers/ovh'))?.data.reveal()).toEqual({
      paused: false,
      since,
      reason: null,
    });
  });

  it.each([
    { paused: 'yes', since, reason: null },
    { paused: true, reason: null },
    { paused: true, since: 'yesterday', reason: null },
    { paused: true, since: '2026-99-99T99:99:99Z', reason: null },
    { paused: true, since, reason: 7 },
  ])('a stored pause of %j is reported as invalid, and can be replaced', async (document) => {
    const { pauses, secrets } = createWorld();
    await secrets.write('config', 'providers/ovh', new Secret(document));
    await expect(pauses.read('ovh')).rejects.toThrow('config/providers/ovh is not the pause of a provider');
    expect(await pauses.pause('ovh', null)).toEqual({ paused: true, since, reason: null });
    await secrets.write('config', 'providers/ovh', new Secret(document));
    await pauses.resume('ovh');
    expect(await pauses.read('ovh')).toBeUndefined();
  });

  it.each(['', '../tenants/acme', 'a/b', 'OVH'])('a pause is refused for the provider ID %j', async (id) => {
    const { pauses } = createWorld();
    await expect(pauses.read(id)).rejects.toThrow(RangeError);
    await expect(pauses.pause(id, null)).rejects.toThrow(RangeError);
    await expect(pauses.resume(id)).rejects.toThrow(RangeError);
  });

  it('the message of a pause is one sentence, with or without a reason', () => {
    const message = (reason: string | null) => pausedProblem('ovh', { paused: true, since, reason }).message;
    expect(message('Maintenance.')).toBe('An operator has paused all work with the provider "ovh": Maintenance.');
    expect(message(null)).toBe('An operator has paused all work with the provider "ovh".');
  });
});

describe('recent pauses', () => {
  it('a cached pause is at most five seconds old, and a write of the same process is read at once', async () => {
    const { pauses, clock } = createWorld();
    const recent = recentPauses(pauses, clock);
    expect(await recent.read('ovh')).toBeUndefined();
    await pauses.pause('ovh', null);
    clock.advance(4.9);
    expect(await recent.read('ovh')).toBeUndefined();
    clock.advance(0.1);
    expect(await recent.read('ovh')).toMatchObject({ paused: true });
    await recent.resume('ovh');
    expect(await recent.read('ovh')).toBeUndefined();
    await recent.pause('ovh', 'again');
    expect(await recent.read('ovh')).toMatchObject({ reason: 'again' });
  });

  it('a cached pause holds while the secret store is unavailable, and an uncached one cannot be read', async () => {
    const { pauses, clock, secrets } = createWorld();
    const recent = recentPauses(pauses, clock);
    await recent.pause('ovh', null);
    expect(await recent.read('ovh')).toMatchObject({ paused: true });
    secrets.down = true;
    clock.advance(60);
    expect(await recent.read('ovh')).toMatchObject({ paused: true });
    await expect(recent.read('aws')).rejects.toThrow(SecretStoreUnavailable);
  });
});
