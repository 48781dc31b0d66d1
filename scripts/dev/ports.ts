import { randomInt } from 'node:crypto';
import { createServer, connect } from 'node:net';

/** True when a server could listen on the port now: nothing answers there, on the loopback or on every address. */
export async function isFree(port: number, host = '127.0.0.1'): Promise<boolean> {
  return !(await answers(port, host)) && (await canListen(port, host)) && (await canListen(port, undefined));
}

/** The first free port from `first` on that is not `taken` by another part of the same stack. */
export async function nextFreePort(first: number, taken: ReadonlySet<number> = new Set()): Promise<number> {
  for (let port = first; port < first + 200; port++) {
    if (!taken.has(port) && (await isFree(port))) return port;
  }
  throw new Error(`No free port between ${first} and ${first + 199}: stop what listens there.`);
}

/** Below what systems give to outgoing connections (from 32768 on): none of those takes it before it is listened on. */
const [LOWEST, COUNT] = [15_000, 17_000] as const;

/** A port that nobody uses, by chance, so that two who ask at once get two. */
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
