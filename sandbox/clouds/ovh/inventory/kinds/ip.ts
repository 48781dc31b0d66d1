import type { Kind } from '../kind.ts';
import { createSeed } from '../seed.ts';
import { textAt } from '../text-at.ts';
import { server } from './server.ts';

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
