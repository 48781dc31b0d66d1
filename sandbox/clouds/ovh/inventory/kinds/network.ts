import { whole, type Kind } from '../kind.ts';

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
