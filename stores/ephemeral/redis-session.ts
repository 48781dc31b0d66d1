import { once } from 'node:events';
import type { Logger } from '../../platform/logger.ts';
import type { Secret } from '../../platform/secret.ts';
import { EphemeralStoreUnavailable } from './port.ts';
import { hostsOf, openRedis, type RedisClient } from './redis-client.ts';

export interface RedisSessionOptions {
  /** As {@link openRedis} takes it; it may hold a password. */
  readonly url: Secret<string>;
  /** Before every key, so that a Redis can be shared. */
  readonly keyPrefix?: string;
  /** For each command, and for the first connection. */
  readonly timeoutMs?: number;
  /** Trusted for `rediss`, in PEM; default: those of Node. */
  readonly authorities?: readonly string[];
  readonly logger?: Logger;
}

/** A client that connects by itself, and whose calls end in time, in a reply or in {@link EphemeralStoreUnavailable}. */
export interface RedisSession<C extends RedisClient> {
  readonly ask: <T>(command: (client: C) => Promise<T>) => Promise<T>;
  readonly close: () => void;
}

const DEFAULT_TIMEOUT_MS = 1_000;

/** `scripts`: commands of our own, by name; `C` declares them. The client sends their digest once Redis has them. */
export function createRedisSession<C extends RedisClient>(
  options: RedisSessionOptions,
  scripts: Record<string, { readonly lua: string }>,
): RedisSession<C> {
  const { keyPrefix = 'mooring:', timeoutMs = DEFAULT_TIMEOUT_MS, logger } = options;
  const host = hostsOf(options.url.reveal());
  const redis = openRedis(options.url.reveal(), options.authorities, {
    scripts,
    keyPrefix,
    connectTimeout: timeoutMs,
    commandTimeout: timeoutMs,
    // Unanswered commands show that the server is unreachable; TCP alone would notice it only after minutes.
    socketTimeout: 5 * timeoutMs,
    // A command that is queued or repeated after its caller timed out would take a value that is then lost.
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    disableClientInfo: true,
    // All commands of one turn of the event loop are sent in one write.
    enableAutoPipelining: true,
  }) as C;
  let lastProblem = 'not connected';
  redis.on('error', (error) => {
    lastProblem = reasonOf(error);
    logger?.warn({ reason: lastProblem }, `The connection to Redis at ${host} has a problem.`);
  });

  const ready = async (): Promise<void> => {
    if (redis.status === 'connecting' || redis.status === 'connect') {
      await once(redis, 'ready', { signal: AbortSignal.timeout(timeoutMs) });
    }
  };

  return {
    async ask(command) {
      try {
        await ready();
        return await command(redis);
      } catch (error) {
        const reason = redis.status === 'ready' ? reasonOf(error) : lastProblem;
        throw new EphemeralStoreUnavailable(
          `Redis at ${host} can't serve: ${reason}. Check that it is up and that REDIS_URL is right.`,
        );
      }
    },
    close: () => redis.disconnect(),
  };
}

/** Only the reason: ioredis adds the command with its values to an error, and Redis quotes arguments. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown reason';
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  return error.message.replace(/, with args beginning with.*/s, '') || code || error.name;
}
