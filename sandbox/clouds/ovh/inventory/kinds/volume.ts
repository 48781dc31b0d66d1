import { whole, type Kind } from '../kind.ts';
import { createSeed } from '../seed.ts';
import { instance } from './instance.ts';
import { placesInUse } from './region.ts';

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
