import type { Json } from '../../platform/json.ts';
import type { RedisClient } from './redis-client.ts';
import { createRedisSession, type RedisSessionOptions } from './redis-session.ts';
import type { EphemeralStore, Fence, FieldChange } from './port.ts';

const PING_TTL_MS = 60_000;
const STREAM_ID = /^\d{1,19}-\d{1,19}$/;

/** The ephemeral store on Redis 6.2 or newer (GETDEL, exclusive ranges). */
export function createRedisEphemeralStore(options: RedisSessionOptions): EphemeralStore {
  const { ask, close } = createRedisSession<ScriptedRedis>(options, { changeFields: { lua: CHANGE_FIELDS } });

  return {
    async put(key, value, ttlSeconds) {
      await ask(async (client) => await client.set(key, JSON.stringify(value), 'PX', milliseconds(ttlSeconds)));
    },

    async putIfAbsent(key, value, ttlSeconds) {
      const json = JSON.stringify(value);
      return (await ask(async (client) => await client.set(key, json, 'PX', milliseconds(ttlSeconds), 'NX'))) === 'OK';
    },

    async get(key) {
      return await ask(async (client) => parse(await client.get(key)));
    },

    async take(key) {
      return await ask(async (client) => parse(await client.getdel(key)));
    },

    async delete(key) {
      await ask(async (client) => await client.del(key));
    },

    async increment(key, windowSeconds, by = 1) {
      return await ask(async (client) => {
        // One transaction, because a counter without an expiry would block its caller without end.
        const [, count, leftMs] = await run(
          client.multi().set(key, 0, 'PX', milliseconds(windowSeconds), 'NX').incrby(key, by).pttl(key),
        );
        return { count: Number(count), resetSeconds: Math.ceil(Number(leftMs) / 1_000) };
      });
    },

    async append(stream, value, { keep, ttlSeconds }) {
      return await ask(async (client) => {
        const json = JSON.stringify(value);
        const [id] = await run(
          client
            .multi()
            .xadd(stream, 'MAXLEN', '~', keep, '*', 'value', json)
            .pexpire(stream, milliseconds(ttlSeconds)),
        );
        return String(id);
      });
    },

    async readStream(stream, afterId, limit) {
      const from = afterId !== null && STREAM_ID.test(afterId) ? `(${afterId}` : '-';
      return await ask(async (client) => {
        const entries = await client.xrange(stream, from, '+', 'COUNT', limit);
        return entries.map(([id, fields]) => ({ id, value: parse(fields[1] ?? null) ?? null }));
      });
    },

    async getFields(key, names) {
      if (names?.length === 0) return {};
      return await ask(async (client) => {
        if (names === undefined) return fieldsOf(Object.entries(await client.hgetall(key)));
        const values = await client.hmget(key, ...names);
        return fieldsOf(names.map((name, index) => [name, values[index]]));
      });
    },

    async changeFields(changes, fence, ttlSeconds) {
      const keys = [fence.key, ...changes.map(({ key }) => key)];
      const args = changeFieldsArguments(changes, fence, milliseconds(ttlSeconds));
      return (await ask(async (client) => await client.changeFields(keys.length, ...keys, ...args))) === 1;
    },

    async ping() {
      // A server that lost a failover still answers PING, and takes no writes.
      await ask(async (client) => await client.set('ping', '1', 'PX', PING_TTL_MS));
    },

    async close() {
      close();
    },
  };
}

/** The replies of a transaction, or the first error in it. */
async function run(transaction: ReturnType<RedisClient['multi']>): Promise<unknown[]> {
  const replies = (await transaction.exec()) ?? [];
  return replies.map(([error, reply]) => {
    if (error) throw error;
    return reply;
  });
}

const parse = (text: string | null): Json | undefined => (text === null ? undefined : asJson(text));

/** What is not JSON was written by another program. It must not make the store fail: it is just no value of ours. */
function asJson(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return text;
  }
}

/** At least one millisecond, because Redis refuses an expiry of zero. */
const milliseconds = (seconds: number): number => Math.max(1, Math.round(seconds * 1_000));

/**
 * A script, so that no other command runs between the check of the fence and the writes.
 * KEYS: the fence, then each key that changes. ARGV: the fence's limit, the life in milliseconds, then for each key the
 * number of fields to set with name and value in turn, and the number of fields to unset with their names.
 */
const CHANGE_FIELDS = `
  local fence = tonumber(redis.call('GET', KEYS[1]) or '')
  if fence and fence >= tonumber(ARGV[1]) then return 0 end
  local at = 3
  for k = 2, #KEYS do
    local sets = tonumber(ARGV[at])
    for i = 1, sets do redis.call('HSET', KEYS[k], ARGV[at + 2 * i - 1], ARGV[at + 2 * i]) end
    at = at + 2 * sets + 1
    local unsets = tonumber(ARGV[at])
    for i = 1, unsets do redis.call('HDEL', KEYS[k], ARGV[at + i]) end
    at = at + unsets + 1
    redis.call('PEXPIRE', KEYS[k], ARGV[2])
  end
  return 1`;

/** With the script as a command of the client. */
type ScriptedRedis = RedisClient & {
  changeFields(numberOfKeys: number, ...keysAndArguments: readonly (string | number)[]): Promise<unknown>;
};

function changeFieldsArguments(changes: readonly FieldChange[], fence: Fence, lifeMs: number): (string | number)[] {
  const perKey = changes.flatMap(({ set, unset }) => {
    const fields = Object.entries(set).flatMap(([name, value]) => [name, JSON.stringify(value)]);
    return [fields.length / 2, ...fields, unset.length, ...unset];
  });
  return [fence.below, lifeMs, ...perKey];
}

/** Parsed, without the fields that are absent. */
function fieldsOf(entries: readonly (readonly [string, string | null | undefined])[]): Record<string, Json> {
  return Object.fromEntries(entries.flatMap(([name, text]) => (text == null ? [] : [[name, asJson(text)] as const])));
}
