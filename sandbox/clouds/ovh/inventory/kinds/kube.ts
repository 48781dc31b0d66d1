import type { Kind } from '../kind.ts';
import { placesInUse } from './region.ts';

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
