import { afterAll, afterEach, beforeAll } from 'vitest';

import type { JsonObject } from '../../../platform/json.ts';
import type { Cli } from '../../../providers/cli/run-cli.ts';
import type { ListContext, ResourceLister } from '../../../providers/listing/lister.ts';
import type { OvhListerDependencies } from '../../../providers/ovh/discovery/lister.ts';
import { contextAt, listerWith, noProgram, startCli, testProgram } from './lister-harness.ts';
import { recordedWorld, type World } from './recorded-world.ts';
import { startWorldApi, type FaultAt, type WorldApi } from './world-api.ts';

/** An API for each test of a file, and listers by either way; there only while the tests run. */
export interface ListerWorld {
  readonly api: WorldApi;
  /** Starts the API of the next list. */
  start(faultAt?: FaultAt, of?: { readonly world?: World; readonly record?: JsonObject }): Promise<ListContext>;
  lister(source: 'cli' | 'rest', more?: Partial<OvhListerDependencies>): ResourceLister;
}

export function useListerWorld(): ListerWorld {
  let cli: Cli;
  let program: string;
  let api: WorldApi;
  beforeAll(async () => {
    cli = startCli();
    program = await testProgram();
  });
  afterEach(() => api.close());
  afterAll(() => cli.close());
  return {
    get api() {
      return api;
    },
    async start(faultAt, { world = recordedWorld, record } = {}) {
      api = await startWorldApi(world, faultAt);
      return contextAt(api.endpoint, record);
    },
    lister: (source, more) => listerWith({ cli, program: source === 'cli' ? program : noProgram, ...more }),
  };
}
