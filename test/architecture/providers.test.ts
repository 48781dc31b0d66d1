import { describe, expect, test } from 'vitest';
import { manifests } from '../../providers/manifests/all.ts';
import { createProviders } from '../../providers/registry.ts';
import { systemClock } from '../../platform/clock.ts';

const providers = createProviders({ environment: {}, fetch, clock: systemClock });

describe('providers', () => {
  test('the registry and the manifests name the same providers', () => {
    expect([...providers.keys()]).toEqual(manifests.map(({ id }) => id));
  });

  test.for(manifests)('provider $id implements exactly the methods that its manifest offers', (manifest) => {
    const methods = providers.get(manifest.id)?.methods ?? {};
    expect(Object.keys(methods).toSorted()).toEqual(manifest.methods.map(({ id }) => id).toSorted());
  });

  test.for(manifests)(
    'provider $id can redeem a code exactly for the methods that redirect the customer',
    (manifest) => {
      const methods = providers.get(manifest.id)?.methods ?? {};
      const redeeming = Object.entries(methods).flatMap(([id, method]) => (method.exchange ? [id] : []));
      expect(redeeming).toEqual(manifest.methods.filter(({ flow }) => flow === 'redirect').map(({ id }) => id));
    },
  );

  test.for(manifests)('provider $id requires only settings that each of its regions has', (manifest) => {
    for (const region of manifest.regions) {
      const required = manifest.methods.flatMap(({ requires }) => requires);
      expect(Object.keys(region.settings)).toEqual(expect.arrayContaining(required));
    }
  });

  test('no two settings of the providers share a variable', () => {
    const names = manifests.flatMap((manifest) => [
      ...manifest.enableVariables,
      ...(manifest.programs ?? []).map(({ variable }) => variable),
      ...manifest.regions.flatMap(({ settings, urls }) => [
        ...Object.values(settings).flatMap((setting) => setting.names),
        ...Object.values(urls).map(({ variable }) => variable),
      ]),
    ]);
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
  });

  test('no two providers share a callback path', () => {
    const paths = manifests.flatMap(({ methods }) => [
      ...new Set(methods.flatMap((method) => (method.flow === 'redirect' ? [method.callbackPath] : []))),
    ]);
    expect(paths.filter((path, index) => paths.indexOf(path) !== index)).toEqual([]);
  });
});
