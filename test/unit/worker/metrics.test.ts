import { describe, expect, it } from 'vitest';
import { Registry } from '../../../platform/metrics.ts';
import type { ConnectionActivities, RefreshInput, RefreshOutcome } from '../../../contracts/activities.ts';
import type { DiscoveryActivities } from '../../../contracts/discovery.ts';
import { createRefreshObserver, measuredActivities, measuredFetch } from '../../../worker/metrics.ts';

type Activities = ConnectionActivities & DiscoveryActivities;
const connection = { id: 'con_x', tenant: 'acme', provider: 'p', region: 'r', method: 'm' };
const refresh: RefreshInput = { connection, askedAtMs: 0, requestId: 'request', minTtlSeconds: null };

function under(activities: Partial<Activities>) {
  const registry = new Registry();
  return {
    measured: measuredActivities(activities as Activities, registry),
    text: async () => await registry.metrics(),
  };
}

describe('attempts to renew', () => {
  const observed = async (...attempts: Parameters<ReturnType<typeof createRefreshObserver>['attempted']>[]) => {
    const registry = new Registry();
    const observer = createRefreshObserver(registry);
    for (const attempt of attempts) observer.attempted(...attempt);
    return await registry.metrics();
  };

  it('attempts to renew are counted by provider and outcome, including those that spent no token', async () => {
    const text = await observed(
      ['p', 'refreshed', 1],
      ['p', 'refreshed', null],
      ['p', 'fresh', null],
      ['p', 'held', null],
      ['q', 'store_unavailable', null],
    );
    expect(text).toContain('mooring_refreshes_total{provider="p",outcome="refreshed"} 2');
    expect(text).toContain('mooring_refreshes_total{provider="p",outcome="fresh"} 1');
    expect(text).toContain('mooring_refreshes_total{provider="p",outcome="held"} 1');
    expect(text).toContain('mooring_refreshes_total{provider="q",outcome="store_unavailable"} 1');
  });

  it('the lateness of a renewal is recorded where the renewal was due, and not otherwise', async () => {
    const text = await observed(
      ['p', 'refreshed', 4],
      ['p', 'refreshed', 0],
      ['p', 'refreshed', null],
      ['p', 'busy', null],
    );
    expect(text).toContain('mooring_refresh_lateness_seconds_sum{provider="p"} 4');
    expect(text).toContain('mooring_refresh_lateness_seconds_count{provider="p"} 2');
  });

  it('the lateness buckets separate a renewal in time from one that is an hour late', async () => {
    const text = await observed(['p', 'refreshed', 0.05], ['p', 'refreshed', 3_599]);
    expect(text).toContain('mooring_refresh_lateness_seconds_bucket{le="0.1",provider="p"} 1');
    expect(text).toContain('mooring_refresh_lateness_seconds_bucket{le="900",provider="p"} 1');
    expect(text).toContain('mooring_refresh_lateness_seconds_bucket{le="3600",provider="p"} 2');
  });
});

describe('the worker’s activities', () => {
  it('a measured activity returns the outcome of the activity itself', async () => {
    const problem = { code: 'invalid_grant', message: 'Withdrawn.', remedy: 'Sign in again.' };
    const outcome: RefreshOutcome = { outcome: 'refused', problem };
    const { measured, text } = under({ refreshCredential: async () => outcome });
    expect(await measured.refreshCredential(refresh)).toBe(outcome);
    expect(await text()).toContain('mooring_activity_seconds_count{operation="refreshCredential",outcome="ok"} 1');
  });

  it('a failed activity is counted as failed and rejects with its own error', async () => {
    const away = new Error('away');
    const { measured, text } = under({ destroySecrets: () => Promise.reject(away) });
    await expect(measured.destroySecrets({ connection })).rejects.toBe(away);
    expect(await text()).toContain('mooring_activity_seconds_count{operation="destroySecrets",outcome="failed"} 1');
  });

  it('measured activities can be enumerated and called by name, as a worker does it', async () => {
    const { measured } = under({ publishNews: async () => ({}), resealReply: async ({ sealed }) => sealed });
    expect(Object.keys(measured).toSorted()).toEqual(['publishNews', 'resealReply']);
    const news = { status: 'active', problem: null, warnings: [], entries: [] } as const;
    await expect(measured.publishNews({ connection, news })).resolves.toEqual({});
  });

  it('no metric label names a connection or a tenant: there would be as many series as connections', async () => {
    const { measured, text } = under({ withdrawAccess: async () => undefined });
    await measured.withdrawAccess({ connection });
    expect(await text()).not.toMatch(/con_x|acme/);
  });
});

describe('requests to clouds', () => {
  it('requests to clouds are counted by host and status, never by their full address', async () => {
    const registry = new Registry();
    const date = 'Mon, 30 Nov 2026 08:00:00 GMT';
    const replies = [new Response(null, { status: 429, headers: { date } }), undefined];
    const dates: unknown[] = [];
    const request = measuredFetch(
      async () => {
        const reply = replies.shift();
        if (!reply) throw new TypeError('no answer');
        return reply;
      },
      registry,
      (...seen) => dates.push(seen),
    );
    expect((await request('https://cloud.test/me?token=secret')).status).toBe(429);
    await expect(request(new URL('https://cloud.test/me'))).rejects.toThrow('no answer');
    const text = await registry.metrics();
    expect(text).toContain('mooring_provider_request_seconds_count{host="cloud.test",status="429"} 1');
    expect(text).toContain('mooring_provider_request_seconds_count{host="cloud.test",status="none"} 1');
    expect(text).not.toMatch(/secret|\/me/);
    expect(dates).toEqual([['cloud.test', date]]);
  });
});
