import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';

import { systemClock, type Clock } from '../platform/clock.ts';
import { clouds } from './clouds/index.ts';
import { createAddresses } from './core/addresses.ts';
import { controlRoutes } from './core/control.ts';
import { createCounters, type Counters } from './core/cloud.ts';
import { createFaults } from './core/faults.ts';
import { createHolds } from './core/holds.ts';
import { createServe } from './core/serve.ts';
import { createHttpServer } from './core/server.ts';
import { coreDefaults, CoreSettingsSchema, createSettings, type CoreSettings } from './core/settings.ts';
import { createTables } from './core/tables.ts';

export { sandboxEnvironment } from './clouds/index.ts';

export interface SandboxOptions {
  /** A time-skipped test gives the environment's. */
  readonly clock?: Clock;
  /** Random bytes; a test that wants the same tokens each time gives its own. */
  readonly random?: (bytes: number) => Buffer;
  /** Where the state outlives the process. Left out: memory. */
  readonly stateFile?: string;
}

export interface Sandbox {
  /** Port 0 takes a free one. Answers {@link Sandbox.url}. Rejects with the system's error, e.g. `EADDRINUSE`. */
  listen(address?: { host?: string; port?: number }): Promise<string>;
  /** Origin, without a slash at the end; only once it listens. */
  readonly url: string;
  /** Cuts every connection, held requests too. */
  close(): Promise<void>;
}

/** Simulated clouds behind one HTTP server, with a control API below `/_sandbox`; `client.ts` speaks it. */
export function createSandbox(options: SandboxOptions = {}): Sandbox {
  const { clock = systemClock, random = randomBytes, stateFile } = options;
  const tables = createTables(stateFile);
  const faults = createFaults();
  const holds = createHolds();
  const addresses = createAddresses();
  const settings = createSettings(tables, {
    core: { schema: CoreSettingsSchema, defaults: coreDefaults },
    ...Object.fromEntries(clouds.map(({ id, settingsSchema, defaults }) => [id, { schema: settingsSchema, defaults }])),
  });
  const core = () => settings.read('core') as CoreSettings;
  const counters: Record<string, Counters> = Object.fromEntries(
    clouds.map(({ id }) => [id, createCounters(tables, id)]),
  );
  const running = clouds.map((definition) =>
    definition.create({
      tables,
      clock: { now: () => clock.now() + core().clockOffsetSeconds * 1000 },
      random: (bytes) => random(bytes).toString('base64url'),
      // Each cloud reads what its own schema has let in; that the two are of one definition, the list can't express.
      settings: () => settings.read(definition.id) as never,
      counters: counters[definition.id] as Counters,
    }),
  );
  const reset = () => {
    faults.clear();
    tables.clear();
    holds.releaseAll();
  };
  const closing = new AbortController();
  const server = createHttpServer({
    clouds: running,
    control: [
      ...controlRoutes({ settings, faults, holds, counters, clouds: running, addresses, reset }),
      ...running.flatMap((cloud) => cloud.control),
    ],
    addresses,
    serve: createServe({
      tables,
      faults,
      holds,
      countersOf: (cloud) => counters[cloud] as Counters,
      latencyMs: () => core().latencyMs,
      closing: closing.signal,
    }),
  });

  return {
    async listen({ host = '127.0.0.1', port = 0 } = {}) {
      server.listen(port, host);
      await once(server, 'listening');
      return this.url;
    },
    get url() {
      const { address, family, port } = server.address() as AddressInfo;
      return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
    },
    async close() {
      closing.abort();
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
      tables.close();
    },
  };
}
