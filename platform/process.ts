import { ConfigError, EXIT_CONFIG, type Config } from './config.ts';
import { risks } from './config/risks.ts';
import type { Logger } from './logger.ts';

/**
 * Resolves at the first SIGTERM or SIGINT. A second signal, or a drain that takes too long, ends the process at once.
 */
export async function untilSignal(stop: AbortController, drainMs: number): Promise<void> {
  await new Promise<void>((resolve) => {
    const onSignal = (): void => {
      if (stop.signal.aborted) process.exit(1);
      stop.abort();
      setTimeout(() => process.exit(1), drainMs).unref();
      resolve();
    };
    process.on('SIGTERM', onSignal);
    process.on('SIGINT', onSignal);
  });
}

/** Says at each start which weak settings the operator has allowed, and what may happen. */
export function warnOfRisks({ allowedRisks }: Pick<Config, 'allowedRisks'>, logger: Logger): void {
  for (const risk of allowedRisks) logger.warn({ risk }, `A weak setting is allowed: ${risks[risk]}.`);
}

/** Runs a process's main function. A problem that a person can solve is printed as one sentence, without a stack. */
export async function runProcess(main: () => Promise<void>): Promise<void> {
  try {
    await main();
  } catch (error) {
    const { sentences, exitCode } = explain(error);
    for (const sentence of sentences) process.stderr.write(`${sentence}\n`);
    process.exitCode = exitCode;
  }
}

function explain(error: unknown): { sentences: readonly string[]; exitCode: number } {
  if (error instanceof ConfigError) return { sentences: error.sentences, exitCode: EXIT_CONFIG };
  if (!(error instanceof Error)) return { sentences: [String(error)], exitCode: 1 };
  const code = 'code' in error ? error.code : undefined;
  if (code === 'key_ring_mismatch') return { sentences: [error.message], exitCode: EXIT_CONFIG };
  if (code === 'EADDRINUSE') {
    const port = 'port' in error ? String(error.port) : 'asked for';
    const sentence = `Port ${port} is in use by another program: stop that, or set PORT (API) or METRICS_PORT (worker) to another one.`;
    return { sentences: [sentence], exitCode: 1 };
  }
  return { sentences: [error.stack ?? error.message], exitCode: 1 };
}
