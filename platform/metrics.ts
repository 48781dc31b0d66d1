import { collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { KeyRing } from './key-ring.ts';

export { Registry } from 'prom-client';

/** From a cache hit to a cloud that answers just before its deadline. */
export const secondsBuckets = [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** A process's metrics, with Node's own (memory, event loop, garbage collection). */
export function createRegistry(): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  return registry;
}

/** The keys of this process, by id: one query shows whether a step of a key rotation has reached every process. */
export function countKeys(registry: Registry, keyRing: KeyRing): void {
  const gauge = new Gauge({
    name: 'mooring_keys',
    help: 'Keys of this process: the one that seals, those that open as well, those that verify links only.',
    labelNames: ['key', 'use'],
    registers: [registry],
  });
  const [seals, ...opens] = keyRing.keyIds;
  if (seals !== undefined) gauge.set({ key: seals, use: 'seals' }, 1);
  for (const key of opens) gauge.set({ key, use: 'opens' }, 1);
  for (const key of keyRing.retiredKeyIds) gauge.set({ key, use: 'verifies' }, 1);
}

export type Observe = (operation: string, seconds: number, outcome: 'ok' | 'failed') => void;

/** Creates a histogram of calls by operation and outcome; answers the function that fills it. */
export function operationSeconds(registry: Registry, name: string, help: string): Observe {
  const histogram = new Histogram({
    name,
    help,
    labelNames: ['operation', 'outcome'],
    buckets: secondsBuckets,
    registers: [registry],
  });
  return (operation, seconds, outcome) => histogram.observe({ operation, outcome }, seconds);
}

/**
 * The same object with each asynchronous method measured. `isFault` separates failures from correct refusals, such as a
 * conflict; by default every rejection is a failure.
 */
export function measured<T extends object>(
  target: T,
  observe: Observe,
  now: () => number,
  isFault: (error: unknown) => boolean = () => true,
): T {
  return new Proxy(target, {
    get(object, name) {
      const member: unknown = Reflect.get(object, name, object);
      if (typeof member !== 'function' || typeof name !== 'string') return member;
      return (...args: unknown[]): unknown => {
        const startedAtMs = now();
        const end = (outcome: 'ok' | 'failed'): void => observe(name, (now() - startedAtMs) / 1_000, outcome);
        const answer: unknown = Reflect.apply(member, object, args);
        if (!(answer instanceof Promise)) return answer;
        return answer.then(
          (value: unknown) => {
            end('ok');
            return value;
          },
          (error: unknown) => {
            end(isFault(error) ? 'failed' : 'ok');
            throw error;
          },
        );
      };
    },
  });
}
