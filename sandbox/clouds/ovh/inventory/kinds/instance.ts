import type { JsonObject } from '../../../../../platform/json.ts';
import { type Kind, textAt } from '../kind.ts';
import type { Seed } from '../seed.ts';
import { placesInUse } from './region.ts';

const flavors = [
  { name: 'b3-8', type: 'ovh.b3.8', vcpus: 2, ram: 8192, disk: 50, bandwidth: 500 },
  { name: 'b3-16', type: 'ovh.b3.16', vcpus: 4, ram: 16_384, disk: 100, bandwidth: 1000 },
  { name: 'c3-8', type: 'ovh.c3.8', vcpus: 4, ram: 8192, disk: 100, bandwidth: 1000 },
  { name: 'r3-32', type: 'ovh.r3.32', vcpus: 4, ram: 32_768, disk: 100, bandwidth: 1000 },
] as const;
const roles = ['web', 'api', 'worker', 'cache', 'build'] as const;

/** One in so many is in rescue mode, and then its row carries a password: Mooring must not keep it. */
const RESCUE_EVERY = 7;

export const instance: Kind = {
  owner: 'project',
  path: '/instance',
  endpoint: 'cloud.instance',
  id: 'id',
  listed: ({ flavor: _flavor, image: _image, sshKey: _key, rescuePassword: _password, ...brief }) => brief,
  action: 'publicCloudProject:apiovh:instance/get',
  row(seed) {
    const region = seed.pick('region', placesInUse);
    const isRescued = seed.number % RESCUE_EVERY === 0;
    const flavor = flavorOf(seed, region);
    const image = imageOf(seed, region);
    return {
      availabilityZone: region === 'EU-WEST-PAR' ? seed.pick('zone', ['eu-west-par-a', 'eu-west-par-b']) : null,
      created: seed.moment('created'),
      currentMonthOutgoingTraffic: seed.below('traffic', 1_000_000_000),
      flavor,
      flavorId: flavor['id'] ?? null,
      id: seed.uuid(),
      image,
      imageId: image['id'] ?? null,
      ipAddresses: [
        address(seed, 'public', `51.210.${(seed.number >> 8) & 255}.${seed.number & 255}`, '51.210.255.254'),
        address(seed, 'private', `10.0.${(seed.number >> 8) & 255}.${seed.number & 255}`, null),
      ],
      monthlyBilling: null,
      name: `${seed.pick('role', roles)}-${seed.number}`,
      operationIds: [],
      planCode: `${textAt(flavor, 'name')}.consumption`,
      region,
      rescuePassword: isRescued ? `rescue-${seed.hex('rescue', 20)}` : null,
      sshKey: {
        fingerPrint: 'aa:bb',
        id: 'a2V5LTE',
        name: 'key-1',
        publicKey: 'ssh-ed25519 AAAA',
        regions: [region],
      },
      sshKeyId: 'a2V5LTE',
      status: isRescued ? 'RESCUE' : seed.below('status', 12) === 0 ? 'SHUTOFF' : 'ACTIVE',
    };
  },
};

const address = (seed: Seed, type: string, ip: string, gatewayIp: string | null): JsonObject => ({
  gatewayIp,
  ip,
  networkId: seed.uuid(`network-${type}`),
  type,
  version: 4,
});

function flavorOf(seed: Seed, region: string): JsonObject {
  const { name, type, vcpus, ram, disk, bandwidth } = seed.pick('flavor', flavors);
  return {
    available: true,
    capabilities: ['resize', 'snapshot'].map((capability) => ({ enabled: true, name: capability })),
    disk,
    id: seed.uuid('flavor'),
    inboundBandwidth: bandwidth,
    name,
    osType: 'linux',
    outboundBandwidth: bandwidth,
    planCodes: { hourly: `${name}.consumption`, license: null, monthly: `${name}.monthly.postpaid` },
    quota: 20,
    ram,
    region,
    type,
    vcpus,
  };
}

const imageOf = (seed: Seed, region: string): JsonObject => ({
  creationDate: '2025-05-12T09:11:22Z',
  flavorType: null,
  id: seed.uuid('image'),
  minDisk: 0,
  minRam: 0,
  name: seed.pick('image', ['Ubuntu 24.04', 'Debian 12', 'Rocky Linux 9']),
  planCode: null,
  region,
  size: 2.2,
  status: 'active',
  tags: [],
  type: 'linux',
  user: 'ubuntu',
  visibility: 'public',
});
