import { Cluster, Redis, type RedisOptions } from 'ioredis';

/** A `REDIS_URL`: one server, one that Sentinels name, or a Cluster. */
const ADDRESS =
  /^(?<scheme>rediss?)(?:\+(?<kind>sentinel|cluster))?:\/\/(?:(?<userinfo>[^@/]*)@)?(?<hosts>[^/?]+)(?:\/(?<path>[^?]*))?(?:\?(?<query>.*))?$/;

const DEFAULT_PORTS = { sentinel: 26_379, cluster: 6_379 } as const;
const MAX_RECONNECT_DELAY_MS = 2_000;

/** Replies come in the form that each command has by default. */
type Options = Omit<RedisOptions, 'replyMapping' | 'scripts'> & {
  readonly scripts: Record<string, { readonly lua: string }>;
};

/** What both kinds of ioredis clients have: the same commands and events. */
export type RedisClient = Redis;

/** The hosts alone, without user and password. */
export const hostsOf = (url: string): string => ADDRESS.exec(url)?.groups?.['hosts'] ?? 'the configured address';

/**
 * A client of the Redis that a URL names; it connects by itself, again and again:
 *
 * - `redis://user:password@host:6379/0`, with TLS `rediss://`
 * - `redis+sentinel://user:password@host-a:26379,host-b:26379/name/0`; `?sentinelPassword=` where they have their own
 * - `redis+cluster://user:password@host-a:6379,host-b:6379`
 *
 * After a failover, the server that was written to until then takes no writes. The client then connects anew, and gets to
 * the server that its name, or the Sentinels, stand for now.
 */
export function openRedis(url: string, authorities: readonly string[] | undefined, given: Options): RedisClient {
  const options: Options = {
    ...given,
    retryStrategy: reconnectDelayMs,
    reconnectOnError: ({ message }) => message.startsWith('READONLY'),
  };
  const tls = authorities ? { ca: [...authorities] } : {};
  const { scheme, kind, userinfo = '', hosts = '', path = '', query = '' } = ADDRESS.exec(url)?.groups ?? {};
  if (kind !== 'sentinel' && kind !== 'cluster') {
    return new Redis(url, { ...options, ...(scheme === 'rediss' && { tls }) });
  }
  const servers = hosts.split(',').map((address) => serverOf(address, DEFAULT_PORTS[kind]));
  const access = { ...credentialsOf(userinfo), ...(scheme === 'rediss' && { tls }) };
  if (kind === 'cluster') {
    const { keyPrefix, scripts, enableOfflineQueue, enableAutoPipelining, ...redisOptions } = { ...options, ...access };
    return new Cluster(servers, {
      ...(keyPrefix !== undefined && { keyPrefix }),
      scripts,
      ...(enableOfflineQueue !== undefined && { enableOfflineQueue }),
      ...(enableAutoPipelining !== undefined && { enableAutoPipelining }),
      clusterRetryStrategy: reconnectDelayMs,
      redisOptions,
    }) as unknown as RedisClient;
  }
  const [name = '', database = '0'] = path.split('/');
  const sentinelPassword = new URLSearchParams(query).get('sentinelPassword');
  return new Redis({
    ...options,
    ...access,
    sentinels: servers,
    name,
    db: Number(database),
    failoverDetector: true,
    sentinelRetryStrategy: reconnectDelayMs,
    ...(sentinelPassword !== null && { sentinelPassword }),
    ...(scheme === 'rediss' && { enableTLSForSentinelMode: true, sentinelTLS: tls }),
  });
}

const reconnectDelayMs = (attempt: number): number => Math.min(100 * attempt, MAX_RECONNECT_DELAY_MS);

/** `host:port` or `[address]:port`. */
function serverOf(address: string, defaultPort: number): { host: string; port: number } {
  const [, host = address, port] = /^(.*?)(?::(\d+))?$/.exec(address) ?? [];
  return { host: host.replaceAll(/[[\]]/g, ''), port: port === undefined ? defaultPort : Number(port) };
}

function credentialsOf(userinfo: string): { username?: string; password?: string } {
  const [username = '', password] = userinfo.split(':').map(decodeURIComponent);
  return { ...(username !== '' && { username }), ...(password !== undefined && { password }) };
}
