import { describe, expect, it } from 'vitest';
import { Registry } from '../../../platform/metrics.ts';
import type { ConnectionActivities, RefreshInput, RefreshOutcome } from '../../../workflows/contracts/activities.ts';
import type { DiscoveryActivities } from '../../../workflows/contracts/discovery.ts';
import { measuredActivities } from '../../../worker/measured-activities.ts';
import { measuredFetch } from '../../../worker/measured-fetch.ts';
import { createManualClock } from '../../contract/manual-clock.ts';
import { viewWith } from '../api/support.ts';

type Activities = ConnectionActivities & DiscoveryActivities;
const connection = { id: 'con_x', tenant: 'acme', provider: 'p', region: 'r', method: 'm' };

function under(activities: Partial<Activities>) {
  const registry = new Registry();
  const clock = createManualClock();
  return {
    clock,
    measured: measuredActivities(activities as Activities, registry, clock),
    text: async () => await registry.metrics(),
  };
}

const credential = (nextRefreshAt: string | null) => ({
  generation: 1,
  ttlSeconds: 3600,
  lifetimeSeconds: 3600,
  renewable: true,
  scopes: [],
  issuedAt: '2026-11-23T07:00:00.000Z',
  expiresAt: null,
  nextRefreshAt,
});
const refreshDue = (nextRefreshAt: string | null): RefreshInput => ({
  connection,
  expectedGeneration: 1,
  attemptId: 'a',
  jitter: 0,
  view: viewWith({ credential: credential(nextRefreshAt) }),
});

describe('the worker’s metrics', () => {
  it('count refreshes by provider and outcome, and answer what the refresh answered', async () => {
    const outcome: RefreshOutcome = { outcome: 'busy', retryInSeconds: 3 };
    const { measured, text } = under({ refreshCredential: async () => outcome });
    expect(await measured.refreshCredential(refreshDue(null))).toBe(outcome);
    expect(await text()).toContain('mooring_refreshes_total{provider="p",outcome="busy"} 1');
  });

  it('tell how late a due refresh begins, and say nothing of one that is not due', async () => {
    const { measured, text, clock } = under({ refreshCredential: async () => ({ outcome: 'saturated' }) });
    const due = new Date(clock.now()).toISOString();
    clock.advance(4);
    await measured.refreshCredential(refreshDue(due));
    clock.advance(-60);
    await measured.refreshCredential(refreshDue(due));
    await measured.refreshCredential(refreshDue(null));
    expect(await text()).toContain('mooring_refresh_lateness_seconds_sum{provider="p"} 4');
    expect(await text()).toContain('mooring_refresh_lateness_seconds_count{provider="p"} 1');
  });

  it('tell a failed activity from a good one', async () => {
    const { measured, text } = under({ destroySecrets: () => Promise.reject(new Error('away')) });
    await expect(measured.destroySecrets({ connection })).rejects.toThrow('away');
    expect(await text()).toContain('mooring_activity_seconds_count{operation="destroySecrets",outcome="failed"} 1');
  });

  it('count requests to clouds by host and status, never by address', async () => {
    const registry = new Registry();
    const replies = [new Response(null, { status: 429 }), undefined];
    const request = measuredFetch(async () => {
      const reply = replies.shift();
      if (!reply) throw new TypeError('no answer');
      return reply;
    }, registry);
    expect((await request('https://cloud.test/me?token=secret')).status).toBe(429);
    await expect(request(new URL('https://cloud.test/me'))).rejects.toThrow('no answer');
    const text = await registry.metrics();
    expect(text).toContain('mooring_provider_request_seconds_count{host="cloud.test",status="429"} 1');
    expect(text).toContain('mooring_provider_request_seconds_count{host="cloud.test",status="none"} 1');
    expect(text).not.toMatch(/secret|\/me/);
  });
});
