import { whole, type Kind } from '../kind.ts';
import { placesInUse } from './region.ts';

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
