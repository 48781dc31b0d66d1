import { createWriteStream, existsSync, openSync, renameSync, statSync, type WriteStream } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';

const KEEP_BYTES = 20 * 1024 * 1024;
const TAIL_LINES = 5;
const SAY_AGAIN_AFTER_MS = 60_000;
const STACK_FRAME = /^\s+at /;
/** pino's level numbers: https://getpino.io/#/docs/api?id=loggerlevels-object. */
const ERROR_LEVEL = 50;

export interface ChildLog {
  /** Takes a child's output in: all of it into the file, errors to the terminal too. */
  readonly attach: (stdout: Readable, stderr: Readable) => void;
  /** The last plain lines on stderr: what a process said before it ended. */
  readonly lastWords: () => string;
  readonly close: () => void;
}

/** The log of one supervised process, over all its lives. Rotated once, at opening, when it has grown large. */
export function openChildLog(path: string, echo: (line: string) => void): ChildLog {
  if (existsSync(path) && statSync(path).size > KEEP_BYTES) renameSync(path, `${path}.1`);
  const file: WriteStream = createWriteStream(path, { fd: openSync(path, 'a', 0o600) });
  let tail: string[] = [];
  const saidAt = new Map<string, number>();

  const take = (line: string, isError: boolean): void => {
    file.write(`${line}\n`);
    const shown = errorIn(line) ?? (isError && !line.startsWith('{') ? line : null);
    if (shown === null || shown.trim() === '' || STACK_FRAME.test(shown)) return;
    if (isError) tail = [...tail, shown].slice(-TAIL_LINES);
    // A process that cannot connect, or keeps failing for the same reason, repeats the same line.
    const now = Date.now();
    if (now - (saidAt.get(shown) ?? 0) < SAY_AGAIN_AFTER_MS) return;
    if (saidAt.size > 1_000) saidAt.clear();
    saidAt.set(shown, now);
    echo(shown);
  };

  return {
    attach(stdout, stderr) {
      tail = [];
      createInterface({ input: stdout }).on('line', (line) => take(line, false));
      createInterface({ input: stderr }).on('line', (line) => take(line, true));
    },
    lastWords: () => tail.join('\n'),
    close: () => void file.end(),
  };
}

/** The message of a JSON log line of level error or above; null for anything else. */
function errorIn(line: string): string | null {
  if (!line.startsWith('{')) return null;
  try {
    const { level, msg, err } = JSON.parse(line) as { level?: number; msg?: string; err?: { message?: string } };
    if (typeof level !== 'number' || level < ERROR_LEVEL) return null;
    return [msg, err?.message].filter((part) => part !== undefined).join(': ');
  } catch {
    return null;
  }
}
