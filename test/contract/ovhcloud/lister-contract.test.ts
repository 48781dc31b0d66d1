import { beforeAll, describe } from 'vitest';

import { listerContract } from '../lister.contract.ts';
import type { CloudUnderTest } from '../lister.harness.ts';
import { pagedServers, startContractCloud } from './contract-cloud.ts';
import { testProgram } from './lister-harness.ts';

describe('over REST', () => {
  listerContract('OVHcloud over REST', {
    start: async () => await startContractCloud(null),
    paged: pagedServers,
    leftOut: {},
  });
});

describe('by the program', { timeout: 30_000 }, () => {
  let program: string;
  beforeAll(async () => {
    program = await testProgram();
  });
  const isThePrograms = 'the program reads pages itself, and goes round until its time is over';

  listerContract('OVHcloud by the program', {
    start: async () => withoutPages(await startContractCloud(program)),
    paged: pagedServers,
    leftOut: { repeatToken: isThePrograms, cycleTokens: isThePrograms },
  });
});

function withoutPages({ faults, ...cloud }: CloudUnderTest): CloudUnderTest {
  const { repeatToken: _repeated, cycleTokens: _cycled, ...others } = faults;
  return { ...cloud, faults: others };
}
