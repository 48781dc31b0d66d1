import type { Kind } from '../kind.ts';

/** Not Octavia's: those are below each region and are no part of this list. */
export const loadBalancer: Kind = {
  owner: 'project',
  path: '/loadbalancer',
  endpoint: 'cloud.loadbalancer',
  id: 'id',
  action: 'publicCloudProject:apiovh:loadbalancer/get',
  row(seed) {
    const region = seed.pick('region', ['GRA9', 'SBG5', 'DE1']);
    return {
      address: { ipv4: `51.77.0.${seed.number & 255}`, ipv6: null },
      configuration: { applied: 3, latest: 3 },
      createdAt: seed.moment('created'),
      description: 'front',
      egressAddress: { ipv4: [`51.77.1.${seed.number & 255}`], ipv6: [] },
      id: seed.uuid(),
      name: `lb-${seed.number}`,
      networking: { egress: {}, ingress: {} },
      openstackRegion: region,
      region,
      size: seed.pick('size', ['S', 'M', 'L']),
      status: 'RUNNING',
    };
  },
};
