import { apiProblems } from '../http/problem.ts';

const STREAMS_PER_TENANT = 25;
const RETRY_AFTER_SECONDS = 30;

/** Streams that are open in this process: a tenant may have so many of them, and all end when it drains. */
export function createOpenStreams() {
  const open = new Map<string, Set<AbortController>>();
  let draining = false;
  return {
    /** Throws the 429 beyond the bound. `close()` is to be called once, whatever becomes of the stream. */
    enter(tenant: string): { readonly signal: AbortSignal; close(): void } {
      const streams = open.get(tenant) ?? new Set();
      if (streams.size >= STREAMS_PER_TENANT) {
        const message = `The tenant has ${STREAMS_PER_TENANT} event streams open already.`;
        throw apiProblems.tooManyRequests(message, RETRY_AFTER_SECONDS);
      }
      const stream = new AbortController();
      if (draining) stream.abort();
      open.set(tenant, streams.add(stream));
      return {
        signal: stream.signal,
        close() {
          stream.abort();
          streams.delete(stream);
          if (streams.size === 0) open.delete(tenant);
        },
      };
    },
    endAll(): void {
      draining = true;
      for (const streams of open.values()) for (const stream of streams) stream.abort();
    },
  };
}
