import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { eventually } from '../../support/eventually.ts';

const root = join(import.meta.dirname, '../../..');
/** Vault's first sign-in, two seconds of bundling, and a machine that is busy with other suites. */
const READY_WITHIN_MS = 120_000;
const STOP_WITHIN_MS = 15_000;

export interface ProductionProcess {
  readonly pid: number;
  /** All that it has said on stdout and stderr. */
  output(): string;
  /** Resolves with the exit code, null where a signal ended it. */
  readonly ended: Promise<number | null>;
  /** Resolves once `address` answers 200; rejects where the process ends instead. */
  ready(address: string): Promise<void>;
  stop(): Promise<void>;
}

/** Where a process runs from: the sources, or a build of them. */
export interface Program {
  readonly name: 'api' | 'worker';
  /** A folder that `build` made. Left out: the sources. */
  readonly build?: string | undefined;
}

/** API or worker as a supervisor starts it in production: this environment, and nothing that was inherited. */
export function startProductionProcess(
  { name, build }: Program,
  environment: Readonly<Record<string, string>>,
): ProductionProcess {
  const program =
    build === undefined
      ? ['--experimental-strip-types', join(root, name, 'main.ts')]
      : ['--enable-source-maps', join(build, name, 'main.js')];
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', ...program], {
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const killWithUs = (): void => void child.kill('SIGKILL');
  process.once('exit', killWithUs);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => void (output += chunk));
  const ended = once(child, 'close').then(([code]: (number | null)[]) => {
    process.off('exit', killWithUs);
    return code ?? null;
  });

  return {
    pid: child.pid ?? 0,
    output: () => output,
    ended,
    async ready(address) {
      await eventually(
        `the ${name} to be ready`,
        async () => {
          // A dead process never becomes ready: the condition is over, and the check below tells it.
          if (child.exitCode !== null) return true;
          return (await fetch(address)).ok;
        },
        READY_WITHIN_MS,
      );
      if (child.exitCode !== null) throw new Error(`The ${name} ended with ${child.exitCode}: ${output}`);
    },
    async stop() {
      const killer = setTimeout(() => child.kill('SIGKILL'), STOP_WITHIN_MS);
      child.kill('SIGTERM');
      await ended;
      clearTimeout(killer);
    },
  };
}
