import type { JsonObject } from '../../../../../platform/json.ts';
import { whole, type Kind } from '../kind.ts';
import { createSeed } from '../seed.ts';

export const registry: Kind = {
  owner: 'project',
  path: '/containerRegistry',
  endpoint: 'cloud.registry',
  id: 'id',
  listed: whole,
  action: 'publicCloudProject:apiovh:containerRegistry/get',
  row(seed) {
    const region = seed.pick('region', ['GRA11', 'DE1', 'EU-WEST-PAR']);
    return {
      createdAt: seed.moment('created'),
      iamEnabled: false,
      id: seed.uuid(),
      name: `registry-${seed.number}`,
      projectID: seed.owner,
      region,
      size: seed.below('size', 1_000_000_000),
      status: 'READY',
      updatedAt: '2026-02-01T00:00:00Z',
      url: `https://${seed.hex('name', 8)}.c1.${region.toLowerCase()}.container-registry.ovh.net`,
      version: '2.12.2',
    };
  },
};

/** What a registry costs is a request of its own. */
export function registryPlan(registryId: string): JsonObject {
  const seed = createSeed(registryId, 'plan', 0);
  const size = seed.pick('size', ['SMALL', 'MEDIUM']);
  return {
    code: `registry.${size.slice(0, 1).toLowerCase()}-plan-equivalent-hourly-consumption`,
    createdAt: '2023-01-01T00:00:00Z',
    features: { vulnerability: size === 'MEDIUM' },
    id: seed.uuid(),
    name: size,
    registryLimits: { imageStorage: size === 'SMALL' ? 214_748_364_800 : 644_245_094_400, parallelRequest: 15 },
    updatedAt: '2023-01-01T00:00:00Z',
  };
}
