import { expect, it } from 'vitest';
import { Registry } from '../../../platform/metrics.ts';
import { listSeconds, measuredActivities } from '../../../worker/measured-activities.ts';
import { emptyTally } from '../../../contracts/discovery-tally.ts';

const connection = { id: 'con_x', tenant: 'acme', provider: 'p', region: 'r', method: 'm' };
type Activities = Parameters<typeof measuredActivities>[0];

it('tells how long a discovery took, where it listed to its end', async () => {
  const registry = new Registry();
  const activities = { finishDiscovery: async () => ({ isNews: false }) } as unknown as Activities;
  const measured = measuredActivities(activities, registry);
  const startedAt = '2026-11-23T08:00:00.000Z';
  const finishedAt = '2026-11-23T08:00:42.000Z';
  const summary = { ...emptyTally, trigger: 'scheduled' as const, startedAt, finishedAt };
  const ended = { connection, epoch: 1, since: startedAt, finishedAt };
  expect(await measured.finishDiscovery({ ...ended, summary })).toEqual({ isNews: false });
  await measured.finishDiscovery({ ...ended, summary: null });
  expect(await registry.metrics()).toContain('mooring_discovery_seconds_sum{provider="p"} 42');
  expect(await registry.metrics()).toContain('mooring_discovery_seconds_count{provider="p"} 1');
});

it('tells how long lists take, by provider, kind and outcome', async () => {
  const registry = new Registry();
  listSeconds(registry)({ provider: 'p', kind: 'volume', outcome: 'complete', seconds: 3 });
  expect(await registry.metrics()).toContain(
    'mooring_discovery_list_seconds_sum{provider="p",kind="volume",outcome="complete"} 3',
  );
});
