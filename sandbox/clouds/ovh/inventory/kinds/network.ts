import { whole, type Kind, textAt } from '../kind.ts';
import { createSeed } from '../seed.ts';
import { server } from './server.ts';

const spans = [['GRA11', 'SBG5'], ['GRA11'], ['EU-WEST-PAR', 'DE1', 'WAW1']] as const;

/** One network is in several regions; the program prints a row for each. */
export const network: Kind = {
  owner: 'project',
  path: '/network/private',
  endpoint: 'cloud.network',
  id: 'id',
  listed: whole,
  action: 'publicCloudProject:apiovh:network/private/get',
  row: (seed) => ({
    id: `pn-${1000 + seed.below('vrack', 9000)}_${seed.number}`,
    name: `net-${seed.number}`,
    regions: seed.pick('span', spans).map((region) => ({
      openstackId: seed.uuid(region),
      region,
      status: 'ACTIVE',
    })),
    status: 'ACTIVE',
    type: 'private',
    vlanId: seed.number * 10,
  }),
};

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

/** Blocks, so the id has a slash in it; every fourth one is of version 6. */
export const ip: Kind = {
  owner: 'account',
  path: '/ip',
  endpoint: 'ip',
  id: 'ip',
  action: 'ip:apiovh:get',
  row(seed) {
    const host = server.row(createSeed(seed.owner, 'server', seed.index));
    const isSix = seed.number % 4 === 0;
    return {
      bringYourOwnIp: false,
      campus: 'RBX',
      canBeTerminated: false,
      country: 'fr',
      description: null,
      iam: null,
      ip: isSix ? `2001:41d0:${seed.hex('block', 3)}:${seed.number.toString(16)}::/64` : `${textAt(host, 'ip')}/32`,
      isAdditionalIp: false,
      organisationId: null,
      regions: [host['region'] ?? null],
      rir: 'RIPE',
      routedTo: { serviceName: host['name'] ?? null },
      type: 'dedicated',
      version: isSix ? '6' : '4',
    };
  },
};

export const vrack: Kind = {
  owner: 'account',
  path: '/vrack',
  endpoint: 'vrack',
  id: 'serviceName',
  action: 'vrack:apiovh:get',
  product: 'vrack',
  row: (seed) => ({
    description: '',
    name: `vrack-${seed.number}`,
    serviceName: `pn-${1000 + seed.below('name', 9000)}${seed.number}`,
  }),
};
