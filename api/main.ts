import { manifests } from '../activities/providers/manifests.ts';
import { resolveSettings } from '../activities/providers/settings.ts';
import { ConfigError, EXIT_CONFIG, loadConfig, type Config } from '../platform/config.ts';
import { createLogger } from '../platform/logger.ts';
import { KeyRingMismatch } from '../stores/key-check.ts';
import { buildApp } from './app.ts';
import { compose } from './compose.ts';
import { foreignRedirects } from './provider-catalog.ts';
import { proveKeyRing } from './prove-key-ring.ts';

/** In-flight requests wait at most for a served update; what is left after this is cut off. */
const DRAIN_MS = 25_000;

/** The environment as a whole, or every sentence that is wrong with it. */
function configure(environment: NodeJS.ProcessEnv) {
  const config = loadConfig('api', environment);
  const providers = manifests.map((manifest) => resolveSettings(manifest, environment));
  const foreign = foreignRedirects(providers, config.publicUrl);
  if (foreign.length > 0) throw new ConfigError(foreign);
  return { config, providers };
}

async function main(): Promise<void> {
  const { config, providers } = configure(process.env);
  const logger = createLogger('api', config.logLevel);
  const stop = new AbortController();
  const composition = compose(config, providers, logger);
  const { deps } = composition;
  const stopped = untilSignal(stop);
  try {
    await proveKeyRing(config, deps.secrets, logger, stop.signal);
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

/** Resolves at the first SIGTERM or SIGINT. A second one, or a drain that takes too long, ends the process at once. */
async function untilSignal(stop: AbortController): Promise<void> {
  await new Promise<void>((resolve) => {
    const onSignal = (): void => {
      if (stop.signal.aborted) process.exit(1);
      stop.abort();
      setTimeout(() => process.exit(1), DRAIN_MS).unref();
      resolve();
    };
    process.on('SIGTERM', onSignal);
    process.on('SIGINT', onSignal);
  });
}

/** What a person can put right, in one sentence each; anything else with its stack. */
function explain(error: unknown): { sentences: readonly string[]; exitCode: number } {
  if (error instanceof ConfigError) return { sentences: error.sentences, exitCode: EXIT_CONFIG };
  if (error instanceof KeyRingMismatch) return { sentences: [error.message], exitCode: EXIT_CONFIG };
  if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') {
    const sentence = 'The port of the API is in use by another program: stop that, or set PORT to another one.';
    return { sentences: [sentence], exitCode: 1 };
  }
  return { sentences: [error instanceof Error ? (error.stack ?? error.message) : String(error)], exitCode: 1 };
}

try {
  await main();
} catch (error) {
  const { sentences, exitCode } = explain(error);
  for (const sentence of sentences) process.stderr.write(`${sentence}\n`);
  process.exitCode = exitCode;
}
