import { whole, type Kind } from '../kind.ts';

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
