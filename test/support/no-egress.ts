import { isIP, Socket } from 'node:net';
import { afterEach } from 'vitest';

/**
 * Nothing leaves the machine: a connection to anything but the loopback address is refused, and fails the test
 * even where the code under test swallows the refusal. (Temporal's native core does not pass here.)
 */
const attempts: string[] = [];

// oxlint-disable-next-line typescript/unbound-method -- called with the socket as its `this` below
const connect = Socket.prototype.connect as (this: Socket, ...args: unknown[]) => Socket;

Socket.prototype.connect = function guarded(this: Socket, ...args: unknown[]): Socket {
  const host = destination(args);
  if (host === undefined || isLoopback(host)) return connect.apply(this, args);
  attempts.push(host);
  this.destroy(new Error(`A test tried to connect to ${host}: tests reach the loopback address only.`));
  return this;
};

afterEach(() => {
  const hosts = attempts.splice(0);
  if (hosts.length > 0) throw new Error(`This test tried to leave the machine, to ${hosts.join(', ')}.`);
});

/** `connect` takes (options), (port, host) or (path), or all of them normalised into one array. */
function destination(args: readonly unknown[]): string | undefined {
  const [first, second] = Array.isArray(args[0]) ? (args[0] as unknown[]) : args;
  if (typeof first === 'object' && first !== null) {
    const { host, path } = first as { host?: string; path?: string };
    return path === undefined ? (host ?? 'localhost') : undefined;
  }
  if (typeof first === 'string' && !/^\d+$/.test(first)) return undefined;
  return typeof second === 'string' ? second : 'localhost';
}

function isLoopback(host: string): boolean {
  const bare = host.replace(/^\[|\]$/g, '');
  if (isIP(bare) === 4) return bare.startsWith('127.');
  return bare === 'localhost' || bare === '::1' || bare.startsWith('::ffff:127.');
}
