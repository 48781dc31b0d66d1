import { createRedisSession, type RedisSessionOptions } from '../ephemeral/redis-session.ts';
import type { RedisClient } from '../ephemeral/redis-client.ts';
import type { AuditStore, LinePlace } from './port.ts';

/**
 * The audit record in Redis: a stream for each chain, whose ids are the time and the number of each line. The braces put
 * nothing else into its slot of a Redis Cluster: the script uses one key.
 */
export function createRedisAuditStore(options: RedisSessionOptions): AuditStore {
  const { ask, close } = createRedisSession<ScriptedRedis>(options, { appendAfter: { lua: APPEND_AFTER } });
  return {
    async last(chain) {
      return await ask(async (client) => linesOf(await client.xrevrange(keyOf(chain), '+', '-', 'COUNT', 1))[0]);
    },

    async append(chain, after, lines, keep) {
      const entries = lines.flatMap((line) => [idOf(line), line.text]);
      return await ask(async (client) => {
        const head = after ? idOf(after) : '';
        return (
          (await client.appendAfter(1, keyOf(chain), head, keep.lines, Math.max(keep.fromMs, 0), ...entries)) === 1
        );
      });
    },

    async read(chain, { order, after, fromMs, toMs, limit }) {
      const key = keyOf(chain);
      const behind = after && `(${idOf(after)}`;
      const [from, to] = [fromMs === null ? '-' : String(fromMs), toMs === null ? '+' : String(toMs)];
      return await ask(async (client) =>
        linesOf(
          order === 'oldest_first'
            ? await client.xrange(key, behind ?? from, to, 'COUNT', limit)
            : await client.xrevrange(key, behind ?? to, from, 'COUNT', limit),
        ),
      );
    },

    async close() {
      close();
    },
  };
}

const keyOf = (chain: string): string => `audit:{${chain}}`;

const idOf = ({ recordedAtMs, seq }: LinePlace): string => `${recordedAtMs}-${seq}`;

const linesOf = (entries: readonly (readonly [id: string, fields: readonly string[]])[]) =>
  entries.map(([id, fields]) => {
    const [recordedAtMs = 0, seq = 0] = id.split('-').map(Number);
    return { recordedAtMs, seq, text: fields[1] ?? '' };
  });

/**
 * A script, so that no other process appends between the check and the writes. KEYS: the stream. ARGV: the id that the
 * newest entry must have, how many entries are kept, since when, then id and line in turn. It trims exactly: a stream
 * that is trimmed to about a length keeps up to a hundred entries more.
 */
const APPEND_AFTER = `
  local newest = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)
  local head = newest[1] and newest[1][1] or ''
  if head ~= ARGV[1] then return 0 end
  for i = 4, #ARGV, 2 do redis.call('XADD', KEYS[1], ARGV[i], 'line', ARGV[i + 1]) end
  redis.call('XTRIM', KEYS[1], 'MAXLEN', '=', ARGV[2])
  redis.call('XTRIM', KEYS[1], 'MINID', '=', ARGV[3])
  return 1`;

type ScriptedRedis = RedisClient & {
  appendAfter(numberOfKeys: number, ...keysAndArguments: readonly (string | number)[]): Promise<unknown>;
};
