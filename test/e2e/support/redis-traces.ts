import { Redis } from 'ioredis';
import type { Trace } from './world.ts';

/** Every key of one Redis database with its value, whatever its type. */
export async function redisTraces(url: string): Promise<Trace[]> {
  const redis = new Redis(url);
  try {
    const keys: string[] = [];
    for await (const found of redis.scanStream({ count: 500 })) keys.push(...(found as string[]));
    return await Promise.all(
      keys.map(async (key) => ({
        place: key,
        bytes: Buffer.from(`${key} ${JSON.stringify(await valueOf(redis, key))}`),
      })),
    );
  } finally {
    redis.disconnect();
  }
}

async function valueOf(redis: Redis, key: string): Promise<unknown> {
  const type = await redis.type(key);
  switch (type) {
    case 'string':
      return await redis.get(key);
    case 'stream':
      return await redis.xrange(key, '-', '+');
    case 'hash':
      return await redis.hgetall(key);
    case 'list':
      return await redis.lrange(key, 0, -1);
    case 'set':
      return await redis.smembers(key);
    case 'zset':
      return await redis.zrange(key, '0', '-1');
    case 'none':
      // Expired since it was seen.
      return null;
    default:
      throw new Error(`The key ${key} is of the type ${type}, which nobody looks into.`);
  }
}
