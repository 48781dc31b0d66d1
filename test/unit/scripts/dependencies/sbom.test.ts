import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { productionPackages } from '../../../../scripts/dependencies/production-packages.ts';
import { productionBom } from '../../../../scripts/dependencies/sbom.ts';

const root = join(import.meta.dirname, '../../../..');
const printed = readFileSync(join(root, 'test/data/npm/sbom.json'), 'utf8');
const lock = productionPackages(readFileSync(join(root, 'package-lock.json'), 'utf8'));
const recorded = (JSON.parse(printed) as { components: { name: string; version: string }[] }).components;

/** What the recording has of our own lock file. */
const wanted = recorded
  .filter(({ name }) => name !== 'vitest')
  .map(({ name, version }) => ({ name, version, licence: lock.find((entry) => entry.name === name)?.licence ?? null }));
const bom = productionBom(printed, wanted, 'mooring');

test('the bill of materials is CycloneDX 1.6 under the name of the product, whatever its folder is called', () => {
  expect(bom).toMatchObject({
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    metadata: { component: { name: 'mooring', type: 'application' } },
  });
});

test('the bill of materials has what production installs, also where development needs it too, and nothing else', () => {
  expect(bom.components.map(({ name }) => name).toSorted()).toEqual([
    '@temporalio/client',
    'fast-uri',
    'fast-uri',
    'node-vault',
    'tv4',
  ]);
  expect(bom.components.flatMap(({ properties = [] }) => properties)).toEqual([]);
});

test('the bill of materials names a licence where npm could not read it', () => {
  const licenceOf = (name: string) => bom.components.find((component) => component.name === name)?.licenses;
  expect(licenceOf('tv4')).toEqual([{ license: { id: 'MIT' } }]);
  expect(licenceOf('fast-uri')).toEqual([{ license: { id: 'BSD-3-Clause' } }]);
});

test('the bill of materials refers to no component that it does not list', () => {
  const listed = [bom.metadata.component['bom-ref'], ...bom.components.map((component) => component['bom-ref'])];
  const referred = bom.dependencies.flatMap(({ ref, dependsOn = [] }) => [ref, ...dependsOn]);
  expect(referred.filter((ref) => !listed.includes(ref))).toEqual([]);
  expect(bom.dependencies.find(({ ref }) => ref.startsWith('node-vault@'))?.dependsOn).toEqual(['tv4@1.3.0']);
});

test('a bill that lacks a package which production installs is refused', () => {
  const more = [...wanted, { name: 'left-out', version: '1.0.0', licence: 'MIT' }];
  expect(() => productionBom(printed, more, 'mooring')).toThrow('would lack left-out@1.0.0');
});

test('what an older npm prints is refused with the version that is needed', () => {
  expect(() => productionBom('{}', wanted, 'mooring')).toThrow('npm 10 or newer');
});
