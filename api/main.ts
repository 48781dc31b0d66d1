import { setTimeout as sleep } from 'node:timers/promises';
import { ConfigError, loadConfig, type Config } from '../platform/config.ts';
import { createLogger } from '../platform/logger.ts';
import { untilConnected } from '../platform/temporal/connection.ts';
import { runProcess, untilSignal, warnOfRisks } from '../platform/process.ts';
import { manifests } from '../providers/manifests/all.ts';
import { cloudVariables, resolveSettings } from '../providers/manifests/settings.ts';
import { proveKeyRing } from '../stores/prove-key-ring.ts';
import { buildApp } from './app.ts';
import { compose } from './compose.ts';
import { foreignRedirects } from './connections/provider-catalog.ts';

/** Requests in flight wait at most for an update. Requests that are still open after this time are cut off. */
const DRAIN_MS = 25_000;

/** Parses the whole environment. Throws with one sentence for each mistake. */
function configure(environment: NodeJS.ProcessEnv) {
  const config = loadConfig('api', environment, cloudVariables(manifests));
  const providers = manifests.map((manifest) => resolveSettings(manifest, environment));
  const foreign = foreignRedirects(providers, config.publicUrl);
  if (foreign.length > 0) throw new ConfigError(foreign);
  return { config, providers };
}

async function main(): Promise<void> {
  const { config, providers } = configure(process.env);
  const logger = createLogger('api', config.logLevel);
  warnOfRisks(config, logger);
  const stop = new AbortController();
  const composition = compose(config, providers, logger);
  const { deps } = composition;
  const stopped = untilSignal(stop, DRAIN_MS);
  try {
    await proveKeyRing({ ...deps, mayWrite: config.dev }, logger, stop.signal);
    await untilConnected(() => deps.searchDigests.load(), {
      signal: stop.signal,
      sleep: async (milliseconds, signal) => await sleep(milliseconds, undefined, { signal }),
      onWait: (seconds, error) => logger.warn({ err: error, seconds }, 'Waiting for the search key.'),
    });
    const app = await buildApp(deps);
    await app.listen({ port: config.port, host: config.host });
    logger.info({ publicUrl: config.publicUrl, standIns: standIns(config) }, 'The API is up.');
    await stopped;
    logger.info('Draining: no new requests, those in flight are finished.');
    await app.close();
  } catch (error) {
    if (!stop.signal.aborted) throw error;
  } finally {
    await composition.close();
  }
}

const standIns = ({ vault, redisUrl }: Config): string[] => [
  ...(vault ? [] : ['secret store: SQLite instead of Vault']),
  ...(redisUrl ? [] : ['ephemeral store: SQLite instead of Redis']),
];

await runProcess(main);
