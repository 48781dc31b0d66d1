import { expect, it } from 'vitest';
import { Registry } from '../../../platform/metrics.ts';
import { listSeconds, passSeconds } from '../../../worker/metrics.ts';

it('the metrics report how long discoveries take, by provider', async () => {
  const registry = new Registry();
  passSeconds(registry)({ provider: 'p', seconds: 42 });
  expect(await registry.metrics()).toContain('mooring_discovery_seconds_sum{provider="p"} 42');
  expect(await registry.metrics()).toContain('mooring_discovery_seconds_count{provider="p"} 1');
});

it('the metrics report how long lists take, by provider, kind and outcome', async () => {
  const registry = new Registry();
  listSeconds(registry)({ provider: 'p', kind: 'volume', outcome: 'complete', seconds: 3 });
  expect(await registry.metrics()).toContain(
    'mooring_discovery_list_seconds_sum{provider="p",kind="volume",outcome="complete"} 3',
  );
});
