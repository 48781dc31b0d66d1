import type { Kind } from '../kind.ts';
import { createSeed } from '../seed.ts';

export const server: Kind = {
  owner: 'account',
  path: '/dedicated/server',
  endpoint: 'dedicated.server',
  id: 'name',
  action: 'dedicatedServer:apiovh:get',
  product: 'dedicatedServer',
  row(seed) {
    const place = seed.pick('region', ['rbx', 'gra', 'lim']);
    const serverId = 300_000 + seed.number;
    const block = createSeed(seed.owner, 'server-block', 0).below('ip', 128);
    const ip = `51.${64 + block}.${(seed.number >> 8) & 255}.${seed.number & 255}`;
    const name = `ns${serverId}.ip-${ip.split('.').slice(0, 3).join('-')}.eu`;
    return {
      availabilityZone: `eu-west-${place}-a`,
      bootId: 1,
      bootScript: null,
      commercialRange: seed.pick('range', ['advance', 'rise', 'scale']),
      datacenter: `${place}${1 + seed.below('datacenter', 8)}`,
      efiBootloaderPath: '',
      ip,
      linkSpeed: 1000,
      monitoring: true,
      name,
      newUpgradeSystem: true,
      noIntervention: false,
      os: seed.pick('os', ['debian12_64', 'ubuntu2404-server_64']),
      powerState: 'poweron',
      professionalUse: false,
      rack: `R0${1 + seed.below('rack', 9)}`,
      region: `eu-west-${place}`,
      rescueMail: null,
      rescueSshKey: null,
      reverse: name,
      rootDevice: null,
      serverId,
      state: 'ok',
      supportLevel: 'pro',
    };
  },
};

export const vps: Kind = {
  owner: 'account',
  path: '/vps',
  endpoint: 'vps',
  id: 'name',
  action: 'vps:apiovh:get',
  product: 'vps',
  row: (seed) => ({
    cluster: seed.hex('cluster', 4),
    displayName: `vps ${seed.number}`,
    keymap: null,
    lockStatus: { locked: false },
    memoryLimit: 4096,
    model: {
      availableOptions: [],
      datacenter: [],
      disk: 80,
      maximumAdditionnalIp: 16,
      memory: 4096,
      name: 'vps-comfort-4-8-160',
      offer: 'VPS vps2020-comfort-4-8-160',
      vcore: 2,
      version: '2019v1',
    },
    monitoringIpBlocks: [],
    name: `vps-${seed.hex('name', 8)}.vps.ovh.net`,
    netbootMode: 'local',
    offerType: 'ssd',
    slaMonitoring: false,
    state: 'running',
    vcore: 2,
    zone: 'Region OpenStack: os-gra2',
    zoneType: 'region',
  }),
};
