import type { components } from './generated/openapi.ts';
import { clientCodes, MooringError } from './error.ts';

export type Connection = components['schemas']['Connection'];
export type ConnectionStatus = Connection['status'];

export interface WaitOptions {
  /** Default: 600 s. */
  readonly timeoutSeconds?: number;
  readonly signal?: AbortSignal;
  /** Called with each new state, the first one included. */
  readonly onChange?: (connection: Connection) => void;
}

export interface WaitDependencies {
  readonly read: (id: string, signal: AbortSignal) => Promise<Connection>;
  readonly sleep: (milliseconds: number, signal: AbortSignal) => Promise<void>;
  readonly now: () => number;
}

const FIRST_POLL_MS = 500;
const LONGEST_POLL_MS = 5_000;

/** From these a connection leaves only when somebody does something. */
const ends: readonly ConnectionStatus[] = ['disconnected', 'expired', 'action_required', 'stopped'];

/**
 * Reads a connection until it has one of the statuses. Rejects with `MooringError`: `ended_otherwise` where it will not
 * get there by itself, `waited_in_vain` after the time.
 */
export async function waitForStatus(
  { read, sleep, now }: WaitDependencies,
  id: string,
  wanted: readonly ConnectionStatus[],
  { timeoutSeconds = 600, signal = new AbortController().signal, onChange }: WaitOptions = {},
): Promise<Connection> {
  const deadline = now() + timeoutSeconds * 1000;
  let updatedAt: string | undefined;
  for (let pollMs = FIRST_POLL_MS; ; pollMs = Math.min(pollMs * 1.5, LONGEST_POLL_MS)) {
    const connection = await read(id, signal);
    if (connection.updatedAt !== updatedAt) onChange?.(connection);
    updatedAt = connection.updatedAt;
    if (wanted.includes(connection.status)) return connection;
    if (ends.includes(connection.status)) throw endedOtherwise(connection, wanted);
    const leftMs = deadline - now();
    if (leftMs <= 0) throw waitedInVain(connection, wanted, timeoutSeconds);
    await sleep(Math.min(pollMs, leftMs), signal);
  }
}

const endedOtherwise = ({ id, status, problem }: Connection, wanted: readonly ConnectionStatus[]): MooringError =>
  new MooringError({
    code: clientCodes.endedOtherwise,
    message: `${id} is ${status}, and does not become ${wanted.join(' or ')} by itself.${problem ? ` ${problem.message}` : ''}`,
    remedy: problem?.remedy ?? 'Read the connection and its timeline: they say what has happened.',
  });

const waitedInVain = (
  { id, status }: Connection,
  wanted: readonly ConnectionStatus[],
  timeoutSeconds: number,
): MooringError =>
  new MooringError({
    code: clientCodes.waitedInVain,
    message: `${id} is ${status} after ${timeoutSeconds} seconds, and not ${wanted.join(' or ')}.`,
    remedy: 'Nothing has failed, and the connection goes on: wait again, or read what it waits for.',
  });
