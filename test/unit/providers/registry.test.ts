import { readdirSync } from 'node:fs';

import { describe, expect, test } from 'vitest';

import { manifests } from '../../../providers/manifests/all.ts';
import { sharedFolders } from '../../../scripts/check/providers.ts';
import type { Cli } from '../../../providers/cli/run-cli.ts';
import { createProviders } from '../../../providers/registry.ts';
import { systemClock } from '../../../platform/clock.ts';
import { waysIn } from '../../support/ways.ts';

const root = new URL('../../../providers/', import.meta.url);
const folders = readdirSync(root, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name)
  .filter((name) => !sharedFolders.includes(name))
  .sort();
const cli: Cli = { run: () => Promise.reject(new Error('Nothing is run here.')), close: () => undefined };
const providers = createProviders({ environment: {}, fetch, clock: systemClock, cli });

describe('the registry', () => {
  test('the registry has exactly the providers that have a folder and a manifest', () => {
    expect([...providers.keys()].sort()).toEqual(folders);
    expect(manifests.map(({ id }) => id).sort()).toEqual(folders);
  });

  test.each([...providers])('%s has code for exactly the methods of its manifest', (id, { manifest, methods }) => {
    expect(manifest).toBe(manifests.find((other) => other.id === id));
    expect(Object.keys(methods).sort()).toEqual(manifest.methods.map((method) => method.id).sort());
    const exchanging = Object.keys(methods).filter((method) => 'exchange' in (methods[method] ?? {}));
    const redirecting = manifest.methods.filter(({ flow }) => flow === 'redirect').map((method) => method.id);
    expect(exchanging, 'an exchange where people are redirected').toEqual(redirecting);
  });

  test.each(manifests.flatMap(({ id, methods }) => methods.map((method) => ({ id, method }))))(
    'the variables of $id, $method.id hold leased fields, at least one of them, and otherwise region and end',
    ({ method: { variables, leased } }) => {
      const sources = Object.values(variables);
      expect(sources.filter((source) => ![...leased, 'region', 'expiresAt'].includes(source))).toEqual([]);
      expect(sources.some((source) => leased.includes(source))).toBe(true);
    },
  );

  test.each([...providers])(
    '%s lists resources exactly where a method of its manifest discovers them',
    (_id, provider) => {
      const { manifest, discovery } = provider;
      expect(discovery !== undefined).toBe(manifest.methods.some(({ discovers }) => discovers));
      if (discovery) expect([...discovery.regions.keys()]).toEqual(manifest.regions.map(({ id }) => id));
    },
  );

  test.each(manifests)('the end-to-end tests connect to $id by each of its methods', ({ id, methods }) => {
    const tried = new Set(waysIn.filter(({ cloud }) => cloud === id).map(({ method }) => method));
    expect([...tried].sort()).toEqual(methods.map((method) => method.id).sort());
  });

  test.each([...providers])(
    '%s has a revocation URL in each region exactly where its tokens can be revoked',
    (_id, { manifest }) => {
      const redirecting = manifest.methods.filter((method) => method.flow === 'redirect');
      for (const { revokesBy } of redirecting) {
        for (const { urls } of manifest.regions) expect('revoke' in urls).toBe(revokesBy !== 'nobody');
      }
    },
  );
});
