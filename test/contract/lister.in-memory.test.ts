import { listerContract } from './lister.contract.ts';
import { createInMemoryCloud } from './lister.in-memory.ts';

listerContract('a cloud in memory', {
  start: () => Promise.resolve(createInMemoryCloud()),
  paged: { kind: 'instance', count: 7 },
  leftOut: {},
});
