import { randomInt } from 'node:crypto';
import { createServer, connect } from 'node:net';
import { StackError } from './state-directory.ts';

/** True when a server could listen on the port now: nothing answers there, on the loopback or on every address. */
export async function isFree(port: number, host = '127.0.0.1'): Promise<boolean> {
  return !(await answers(port, host)) && (await canListen(port, host)) && (await canListen(port, undefined));
}

/** The first free port from `first` on that is not `taken` by another part of the same stack. */
async function nextFreePort(first: number, taken: ReadonlySet<number> = new Set()): Promise<number> {
  for (let port = first; port < first + 200; port++) {
    if (!taken.has(port) && (await isFree(port))) return port;
  }
  throw new Error(`No free port between ${first} and ${first + 199}: stop what listens there.`);
}

/** Below the range for outgoing connections (from 32768), so that none of those takes the port first. */
const [LOWEST, COUNT] = [15_000, 17_000] as const;

/** A random free port, so that two concurrent callers get different ones. */
export async function anyFreePort(): Promise<number> {
  for (let tries = 0; tries < 200; tries++) {
    const port = LOWEST + randomInt(COUNT);
    if (await isFree(port)) return port;
  }
  throw new Error(`No free port was found between ${LOWEST} and ${LOWEST + COUNT - 1}: stop what listens there.`);
}

/** True when something accepts a connection. */
export async function answers(port: number, host = '127.0.0.1'): Promise<boolean> {
  return await new Promise((resolve) => {
    const socket = connect({ port, host });
    const end = (answer: boolean): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(1_000, () => end(false));
    socket.once('connect', () => end(true)).once('error', () => end(false));
  });
}

async function canListen(port: number, host: string | undefined): Promise<boolean> {
  return await new Promise((resolve) => {
    const server = createServer().once('error', () => resolve(false));
    server.listen({ port, ...(host === undefined ? {} : { host }) }, () => server.close(() => resolve(true)));
  });
}

export interface Ports {
  readonly api: number;
  readonly metrics: number;
  readonly sandbox: number;
  readonly temporal: number;
  readonly ui: number;
}

const usual: Ports = { api: 5000, metrics: 5001, sandbox: 5010, temporal: 7233, ui: 8233 };

/**
 * The API's port is part of redirect URIs and bookmarks, so it is never replaced by another. The other parts take the
 * next free port.
 */
export async function choosePorts(environment: NodeJS.ProcessEnv, wanted: Partial<Ports> = {}): Promise<Ports> {
  const api = wanted.api ?? portIn(environment, 'PORT') ?? usual.api;
  if (!(await isFree(api))) {
    throw new StackError(
      `Port ${api} is in use by another program (on macOS, AirPlay Receiver has 5000): stop it, or choose another port ` +
        `for the API, e.g. PORT=${await nextFreePort(api + 80)} npm start.`,
    );
  }
  const taken = new Set([api]);
  const next = async (first: number): Promise<number> => {
    const port = await nextFreePort(first, taken);
    taken.add(port);
    return port;
  };
  return {
    api,
    metrics: await next(wanted.metrics ?? portIn(environment, 'METRICS_PORT') ?? usual.metrics),
    sandbox: await next(wanted.sandbox ?? usual.sandbox),
    temporal: await next(wanted.temporal ?? usual.temporal),
    ui: await next(wanted.ui ?? usual.ui),
  };
}

function portIn(environment: NodeJS.ProcessEnv, name: string): number | undefined {
  const text = environment[name];
  if (!text) return undefined;
  const port = Number(text);
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port;
  throw new StackError(`${name} "${text}" is not valid: it must be a port number, e.g. 5000.`);
}
