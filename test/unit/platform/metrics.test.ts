import { expect, test } from 'vitest';
import { KeyRing } from '../../../platform/key-ring.ts';
import { countKeys, Registry } from '../../../platform/metrics.ts';

test('the metrics show the ids of a process’s keys and their use, but no key material', async () => {
  const keys = ['k3', 'k2', 'k1'].map((id) => KeyRing.generate(id));
  const registry = new Registry();
  countKeys(registry, KeyRing.parse(keys.slice(0, 2).join(','), keys[2]));
  const text = await registry.metrics();
  expect(text.split('\n').filter((line) => line.startsWith('mooring_keys{'))).toEqual([
    'mooring_keys{key="k3",use="seals"} 1',
    'mooring_keys{key="k2",use="opens"} 1',
    'mooring_keys{key="k1",use="verifies"} 1',
  ]);
  for (const key of keys) expect(text).not.toContain(key.split(':')[1]);
});
