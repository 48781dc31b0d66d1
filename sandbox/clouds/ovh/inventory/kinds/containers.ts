import { type Kind, whole } from '../kind.ts';
import { placesInUse } from './region.ts';
import type { JsonObject } from '../../../../../platform/json.ts';
import { createSeed } from '../seed.ts';

export const kube: Kind = {
  owner: 'project',
  path: '/kube',
  endpoint: 'cloud.kube',
  id: 'id',
  action: 'publicCloudProject:apiovh:kube/get',
  row(seed) {
    const region = seed.pick('region', placesInUse);
    const [name, zone] = [seed.hex('name', 6), `c1.${region.toLowerCase()}.k8s.ovh.net`];
    return {
      auditLogsSubscribed: false,
      controlPlaneIsUpToDate: true,
      createdAt: seed.moment('created'),
      customization: { apiServer: { admissionPlugins: { disabled: [], enabled: ['NodeRestriction'] } } },
      id: seed.uuid(),
      ipAllocationPolicy: null,
      isUpToDate: true,
      kubeProxyMode: 'iptables',
      loadBalancersSubnetId: null,
      name: `mks-${seed.number}`,
      nextUpgradeVersions: ['1.34'],
      nodesSubnetId: null,
      nodesUrl: `${name}.nodes.${zone}`,
      plan: seed.pick('plan', ['free', 'standard']),
      privateNetworkConfiguration: null,
      privateNetworkId: null,
      region,
      status: 'READY',
      updatePolicy: 'ALWAYS_UPDATE',
      updatedAt: '2026-09-01T10:00:00Z',
      url: `${name}.${zone}`,
      version: seed.pick('version', ['1.33.2-0', '1.32.6-1']),
    };
  },
};

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
