import { whole, type Kind } from '../kind.ts';
import { placesInUse } from './region.ts';
import { createSeed } from '../seed.ts';
import { instance } from './instance.ts';

/** Object storage (S3): found below each region only, `/region/{region}/storage`, and identified by its name. */
export const bucket: Kind = {
  owner: 'project',
  path: '/storage',
  endpoint: 'cloud.s3',
  id: 'name',
  listed: whole,
  action: 'publicCloudProject:apiovh:region/storage/get',
  row(seed) {
    const region = seed.pick('region', placesInUse);
    const name = `${seed.pick('use', ['assets', 'backups', 'logs', 'exports'])}-${seed.hex('name', 6)}-${seed.number}`;
    return {
      createdAt: seed.moment('created'),
      name,
      objects: [],
      objectsCount: seed.below('count', 5000),
      objectsSize: seed.below('size', 1_000_000_000),
      ownerId: 100_000 + seed.below('owner', 900_000),
      region,
      virtualHost: `https://${name}.s3.${region.toLowerCase()}.io.cloud.ovh.net/`,
    };
  },
};

/** Object storage (Swift). */
export const container: Kind = {
  owner: 'project',
  path: '/storage',
  endpoint: 'cloud.swift',
  id: 'id',
  listed: whole,
  action: 'publicCloudProject:apiovh:storage/get',
  row: (seed) => ({
    archive: false,
    containerType: seed.pick('type', ['private', 'public']),
    id: seed.hex('id', 12),
    name: `swift-${seed.number}`,
    region: seed.pick('region', ['GRA', 'SBG']),
    storedBytes: seed.below('bytes', 1_000_000),
    storedObjects: seed.below('objects', 300),
  }),
};

export const volume: Kind = {
  owner: 'project',
  path: '/volume',
  endpoint: 'cloud.volume',
  id: 'id',
  listed: whole,
  action: 'publicCloudProject:apiovh:volume/get',
  row(seed) {
    const isAttached = seed.number % 3 !== 0;
    const host = isAttached ? instance.row(createSeed(seed.owner, 'instance', seed.index)) : undefined;
    const type = seed.pick('type', ['high-speed', 'classic', 'high-speed-gen2']);
    return {
      attachedTo: host ? [host['id'] ?? null] : [],
      availabilityZone: null,
      bootable: false,
      creationDate: seed.moment('created'),
      description: '',
      id: seed.uuid(),
      name: `vol-${seed.number}`,
      planCode: `volume.${type}.consumption`,
      region: host?.['region'] ?? seed.pick('region', placesInUse),
      size: seed.pick('size', [20, 50, 100, 500]),
      status: isAttached ? 'in-use' : 'available',
      type,
    };
  },
};
