import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { CliError } from './errors.ts';

const forwarded = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2', 'SIGWINCH'] as const;

/**
 * Runs a program on this terminal, without a shell; signals go on to it. Resolves with its exit code, or 128 and the
 * signal's number. Rejects with `CliError` where it cannot be started.
 */
export async function runChild(
  [program = '', ...args]: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): Promise<number> {
  const child = spawn(program, args, { stdio: 'inherit', env: { ...environment } });
  const handlers = forwarded.map((signal) => {
    // A terminal has sent Ctrl-C to the child too: twice would mean "at once" to many programs.
    const isFromTerminal = (signal === 'SIGINT' || signal === 'SIGQUIT') && process.stdin.isTTY;
    const handler = (): void => void (isFromTerminal || child.kill(signal));
    process.on(signal, handler);
    return () => process.removeListener(signal, handler);
  });
  try {
    return await new Promise<number>((resolve, reject) => {
      child.on('error', (error: NodeJS.ErrnoException) => reject(notStarted(program, error)));
      child.on('exit', (code, signal) => resolve(signal ? 128 + constants.signals[signal] : (code ?? 1)));
    });
  } finally {
    for (const remove of handlers) remove();
  }
}

const notStarted = (program: string, { code = 'unknown' }: NodeJS.ErrnoException): CliError =>
  new CliError(
    {
      code: 'command_not_started',
      message: `"${program}" could not be started (${code}).`,
      remedy: 'Check its name, that it is installed, and that you may run it.',
    },
    code === 'ENOENT' ? 127 : 126,
  );

const openers: Readonly<Partial<Record<NodeJS.Platform, readonly string[]>>> = {
  darwin: ['open'],
  win32: ['rundll32', 'url.dll,FileProtocolHandler'],
};

/** Opens an address in the user's browser. Resolves with false where no program for it can be started. */
export async function openInBrowser(url: string): Promise<boolean> {
  const [program = '', ...args] = openers[process.platform] ?? ['xdg-open'];
  const child = spawn(program, [...args, url], { stdio: 'ignore', detached: true });
  return await new Promise((resolve) => {
    child.once('error', () => resolve(false));
    child.once('spawn', () => {
      child.unref();
      resolve(true);
    });
  });
}
