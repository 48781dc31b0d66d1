import { setTimeout as sleep } from 'node:timers/promises';
import { DefaultLogger, NativeConnection, Runtime, type Worker } from '@temporalio/worker';
import { loadConfig } from '../platform/config.ts';
import { createLogger, type Logger } from '../platform/logger.ts';
import { runProcess, untilSignal, warnOfRisks } from '../platform/process.ts';
import { connectionOptions, untilConnected } from '../platform/temporal/connection.ts';
import { manifests } from '../providers/manifests/all.ts';
import { cloudVariables } from '../providers/manifests/settings.ts';
import { proveKeyRing } from '../stores/prove-key-ring.ts';
import { compose, type Composition } from './compose.ts';
import { healthAddress, serveHealth } from './health.ts';
import { createSdkMetrics } from './metrics.ts';
import { createWorkers } from './workers.ts';

/** Longer than the workers' own grace period, so that they end by themselves. */
const DRAIN_MS = 65_000;
/** Much shorter than the lifetime of a report. */
const REPORTS_EVERY_MS = 60_000;

async function main(): Promise<void> {
  const config = loadConfig('worker', process.env, cloudVariables(manifests));
  const logger = createLogger('worker', config.logLevel);
  warnOfRisks(config, logger);
  const sdkMetrics = await createSdkMetrics();
  installRuntime(logger, sdkMetrics.bindAddress);
  const stop = new AbortController();
  const stopped = untilSignal(stop, DRAIN_MS);
  const composition = compose(config, process.env, logger);
  let workers: readonly Worker[] = [];
  const health = await serveHealth(healthAddress(config), {
    workers: () => workers,
    askTemporal: async (signal) => await composition.askTemporal(signal),
    metrics: async () => (await composition.metrics.metrics()) + (await sdkMetrics.read()),
    listing: async () => await composition.listing(),
  });
  try {
    await proveKeyRing({ ...composition, keyRing: config.keyRing, mayWrite: true }, logger, stop.signal);
    await untilConnected(() => composition.prepareSearch(), {
      signal: stop.signal,
      sleep: async (milliseconds, signal) => await sleep(milliseconds, undefined, { signal }),
      onWait: (seconds, error) => logger.warn({ err: error, seconds }, 'Waiting for the search key.'),
    });
    const connection = await untilConnected(() => NativeConnection.connect(connectionOptions(config.temporal)), {
      signal: stop.signal,
      sleep: async (milliseconds, signal) => await sleep(milliseconds, undefined, { signal }),
      onWait: (seconds, error) => logger.warn({ err: error, seconds }, 'Waiting for Temporal.'),
    });
    // Before the worker reports that it is up, because a customer may connect an account right after that.
    await composition.reportProviders();
    const reporting = setInterval(() => void composition.reportProviders(), REPORTS_EVERY_MS).unref();
    stop.signal.addEventListener('abort', () => clearInterval(reporting), { once: true });
    workers = await createWorkers(
      config,
      connection,
      composition.activities,
      composition.providerWork,
      composition.isKnownKey,
    );
    void keepSchedules(composition, stop.signal, logger);
    const running = Promise.all(workers.map((worker) => worker.run()));
    logger.info({ temporal: config.temporal.address }, 'The worker is up.');
    await Promise.race([running, stopped]);
    logger.info('Draining: what is being refreshed is finished and stored.');
    for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
    await running;
    await connection.close();
  } catch (error) {
    if (!stop.signal.aborted) throw error;
  } finally {
    await health.close();
    await composition.close();
  }
}

/** Runs in the background, because connections do not need the schedules. Never rejects. */
async function keepSchedules(composition: Composition, signal: AbortSignal, logger: Logger): Promise<void> {
  try {
    await untilConnected(() => composition.putSchedules(), {
      signal,
      sleep: async (milliseconds, abort) => await sleep(milliseconds, undefined, { signal: abort }),
      onWait: (seconds, error) =>
        logger.warn({ err: error, seconds }, 'The schedules could not be written; trying again.'),
    });
  } catch (error) {
    if (!signal.aborted) logger.error({ err: error }, 'The schedules could not be written.');
  }
}

/** Temporal's log lines go to our logger. We handle the signals, because the process drains more than the workers. */
function installRuntime(logger: Logger, metricsAddress: string): void {
  const levels = { TRACE: 'trace', DEBUG: 'debug', INFO: 'info', WARN: 'warn', ERROR: 'error' } as const;
  Runtime.install({
    shutdownSignals: [],
    telemetryOptions: { metrics: { prometheus: { bindAddress: metricsAddress, countersTotalSuffix: true } } },
    logger: new DefaultLogger('INFO', ({ level, message, meta }) => logger[levels[level]]({ ...meta }, message)),
  });
}

await runProcess(main);
