import { describe, expect, it } from 'vitest';
import { ephemeralKeys } from '../../../stores/ephemeral/keys.ts';
import { EphemeralStoreUnavailable } from '../../../stores/ephemeral/port.ts';
import { createProviderPauses } from '../../../stores/provider-pauses.ts';
import { createProviderStates, type ProviderGateState } from '../../../stores/provider-states.ts';
import { createManualClock } from '../../contract/manual-clock.ts';
import { createFaultySecretStore } from '../activities/faulty-secret-store.ts';
import { openEmbeddedSecrets } from './embedded-secrets.ts';

const since = '2026-11-23T08:00:00.000Z';
const problem = { code: 'cloud_unreachable', message: 'The cloud did not answer.', remedy: 'Nothing to do.' };
const ok = { state: 'ok', since: null, problem: null };

function createWorld(stored?: unknown) {
  const clock = createManualClock();
  const secrets = createFaultySecretStore(openEmbeddedSecrets(clock));
  const pauses = createProviderPauses({ secrets, clock });
  const ephemeral = {
    down: false,
    calls: 0,
    async get(key: string) {
      this.calls += 1;
      if (this.down) throw new EphemeralStoreUnavailable('The store is down.');
      return key === ephemeralKeys.providerGate('ovh') ? (stored as never) : undefined;
    },
  };
  return { clock, secrets, pauses, ephemeral, states: createProviderStates({ ephemeral, pauses, clock }) };
}

const open = (now: number): ProviderGateState => ({
  v: 1,
  state: 'open',
  since,
  problem,
  failedProbes: 0,
  probeAtMs: now + 15_000,
  windowsFromMs: now + 15_000,
  windowMs: 120_000,
});

describe('the state of a provider', () => {
  it('a provider is ok where nothing is known about it', async () => {
    expect(await createWorld().states.read('ovh')).toEqual(ok);
  });

  it('a provider is open with its reason while calls are held, and ok while it recovers', async () => {
    const now = createManualClock().now();
    expect(await createWorld(open(now)).states.read('ovh')).toEqual({ state: 'open', since, problem });
    expect(await createWorld(open(now)).states.read('aws')).toEqual(ok);
    const { v, failedProbes, windowsFromMs, windowMs } = open(now);
    const recovering: ProviderGateState = {
      v,
      state: 'recovering',
      closedAtMs: now,
      failedProbes,
      windowsFromMs,
      windowMs,
    };
    expect(await createWorld(recovering).states.read('ovh')).toEqual(ok);
  });

  it('a provider that is paused and open is shown as paused', async () => {
    const { states, pauses, clock } = createWorld(open(createManualClock().now()));
    clock.advance(60);
    await pauses.pause('ovh', 'maintenance');
    expect(await states.read('ovh')).toEqual({
      state: 'paused',
      since: '2026-11-23T08:01:00.000Z',
      problem: expect.objectContaining({ code: 'provider_paused' }),
    });
  });

  it('the state of a provider comes from one store while the other is unavailable, and is ok without both', async () => {
    const { states, pauses, secrets, ephemeral, clock } = createWorld(open(createManualClock().now()));
    secrets.down = true;
    expect((await states.read('ovh')).state).toBe('open');
    ephemeral.down = true;
    clock.advance(1);
    expect(await states.read('ovh')).toEqual(ok);
    secrets.down = false;
    await pauses.pause('ovh', null);
    expect((await states.read('ovh')).state).toBe('paused');
  });

  it('the state of a provider is looked up once a second, however often it is shown', async () => {
    const { states, ephemeral, clock } = createWorld(open(createManualClock().now()));
    for (let n = 0; n < 100; n++) expect((await states.read('ovh')).state).toBe('open');
    expect(ephemeral.calls).toBe(1);
    clock.advance(1);
    await states.read('ovh');
    expect(ephemeral.calls).toBe(2);
  });

  it('the state of a provider is ok for an invalid ID', async () => {
    expect(await createWorld().states.read('../x')).toEqual(ok);
  });
});
