import type { Writable } from 'node:stream';

/**
 * Ends the programs of a worker that was killed with SIGKILL, and so could not end them itself: one small process
 * beside the worker, which gets a line for each program that starts and ends. When its standard input closes, the worker
 * is gone.
 */
export interface OrphanGuard {
  /** `pid` leads a process group; `folder` is removed with it. */
  watch(pid: number, folder: string): void;
  release(pid: number): void;
  /** Nothing is watched any more: the guard's process ends. */
  close(): void;
}

/** The guard's process: its standard input, and a call when it has ended. */
export interface GuardProcess {
  readonly stdin: Writable;
  onExit(listener: () => void): void;
}

export function createOrphanGuard(start: (source: string) => GuardProcess): OrphanGuard {
  const watched = new Map<number, string>();
  let guard: GuardProcess | undefined;

  const tell = (message: Message): void => void guard?.stdin.write(`${JSON.stringify(message)}\n`);
  const ensureStarted = (): void => {
    if (guard !== undefined) return;
    const started = start(`(${guardMain.toString()})()`);
    guard = started;
    // A guard that was itself killed is replaced with the next program, and gets the list of those that still run.
    started.onExit(() => {
      if (guard === started) guard = undefined;
    });
    started.stdin.on('error', () => undefined);
    for (const [pid, folder] of watched) tell({ pid, folder });
  };

  return {
    watch(pid, folder) {
      ensureStarted();
      watched.set(pid, folder);
      tell({ pid, folder });
    },
    release(pid) {
      if (watched.delete(pid)) tell({ pid, folder: null });
    },
    close() {
      const last = guard;
      guard = undefined;
      last?.stdin.end();
    },
  };
}

interface Message {
  readonly pid: number;
  /** null = it has ended. */
  readonly folder: string | null;
}

/** Runs in a process of its own, from its source text: it sees nothing of this module. */
function guardMain(): void {
  const { rmSync } = process.getBuiltinModule('node:fs');
  const GRACE_MS = 2_000;
  const watched = new Map<number, string>();
  let rest = '';

  const signal = (name: 'SIGTERM' | 'SIGKILL'): void => {
    for (const pid of watched.keys()) {
      try {
        process.kill(-pid, name);
      } catch {
        // Its group is gone already.
      }
    }
  };
  process.stdin.setEncoding('utf8');
  process.stdin.on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const { pid, folder } = JSON.parse(line) as Message;
      if (folder === null) watched.delete(pid);
      else watched.set(pid, folder);
    }
  });
  process.stdin.on('end', () => {
    signal('SIGTERM');
    setTimeout(
      () => {
        signal('SIGKILL');
        for (const folder of watched.values()) rmSync(folder, { recursive: true, force: true });
      },
      watched.size === 0 ? 0 : GRACE_MS,
    );
  });
}
