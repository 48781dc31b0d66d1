import type { Json } from '../../platform/json.ts';
import { EphemeralStoreUnavailable, type StreamEntry } from '../../stores/ephemeral/port.ts';

const POLL_MS = 1_000;
const BEAT_EVERY = 15;
/** A stream ends after a quarter of an hour and is opened again by its client: so long a revoked key is still told. */
const POLLS = 900;
const BATCH = 500;

export interface EventSource {
  readonly read: (afterId: string | null, limit: number) => Promise<StreamEntry[]>;
  /** Ends early, and answers false, when the reader has left or the process drains. */
  readonly wait: (milliseconds: number) => Promise<boolean>;
  /** The store does not answer: the stream stays open, and goes on where it was. */
  readonly onUnavailable: (error: EphemeralStoreUnavailable) => void;
}

/**
 * Events as `text/event-stream` (HTML, 9.2), after one id; `begun` was read before, so that a store that does not answer
 * is a problem document. A comment now and then keeps proxies from closing a silent connection.
 */
export async function* eventFrames(
  source: EventSource,
  begun: { readonly afterId: string | null; readonly entries: readonly StreamEntry[] },
  wants: (value: Json) => boolean,
): AsyncGenerator<string> {
  let { afterId } = begun;
  let entries = begun.entries;
  yield ': open\nretry: 2000\n\n';
  for (let poll = 1; poll <= POLLS; poll += 1) {
    while (entries.length > 0) {
      for (const { id, value } of entries) if (wants(value)) yield frame(id, value);
      afterId = entries.at(-1)?.id ?? afterId;
      entries = await readOn(source, afterId);
    }
    if (poll % BEAT_EVERY === 0) yield ': still here\n\n';
    if (!(await source.wait(POLL_MS))) return;
    entries = await readOn(source, afterId);
  }
}

async function readOn(source: EventSource, afterId: string | null): Promise<readonly StreamEntry[]> {
  try {
    return await source.read(afterId, BATCH);
  } catch (error) {
    if (!(error instanceof EphemeralStoreUnavailable)) throw error;
    source.onUnavailable(error);
    return [];
  }
}

/** The newest id at this moment: where a reader begins who wants what comes. */
export async function newestId(read: EventSource['read']): Promise<string | null> {
  let newest: string | null = null;
  for (;;) {
    const entries = await read(newest, BATCH);
    if (entries.length === 0) return newest;
    newest = entries.at(-1)?.id ?? newest;
  }
}

/** JSON has no line ends, so that one `data` line holds it. */
const frame = (id: string, value: Json): string => `id: ${id}\ndata: ${JSON.stringify(value)}\n\n`;
