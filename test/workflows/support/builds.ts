import type { Worker } from '@temporalio/worker';
import type { TestServer } from '../../support/dev-server.ts';
import { eventually } from '../../support/eventually.ts';

type Options = Parameters<TestServer['createWorker']>[0];

/** What a build makes of the options that this one's workers are created with. */
export type Build = (options: Options) => Options;

/** A server whose workers can be replaced, all at once, by those of another build: as a deployment does. */
export interface Builds {
  readonly server: TestServer;
  switchTo(build: Build): Promise<void>;
}

export function createBuilds(server: TestServer, first: Build): Builds {
  const known: Options[] = [];
  const workers: Worker[] = [];
  const stop = async (): Promise<void> => {
    for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
    await eventually('the workers to end', () => workers.every((worker) => worker.getState() === 'STOPPED'));
    workers.length = 0;
  };
  return {
    server: {
      ...server,
      async createWorker(options) {
        known.push(options);
        const worker = await server.createWorker(first(options));
        workers.push(worker);
        return worker;
      },
      async close() {
        await stop();
        await server.close();
      },
    },
    async switchTo(build) {
      await stop();
      for (const options of known) {
        const worker = await server.createWorker(build(options));
        workers.push(worker);
        // Ends when it is stopped; a worker that breaks is seen by the test that waits for what it does.
        worker.run().catch(() => undefined);
      }
    },
  };
}
