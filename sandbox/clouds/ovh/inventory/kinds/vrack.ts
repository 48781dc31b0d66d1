import type { Kind } from '../kind.ts';

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
