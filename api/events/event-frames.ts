import type { Json } from '../../platform/json.ts';
import { EphemeralStoreUnavailable, type StreamEntry } from '../../stores/ephemeral/port.ts';

const POLL_MS = 1_000;
const BEAT_EVERY = 15;
/** A stream ends after 15 minutes, and its client opens it again. A revoked key can receive events for that long. */
const POLLS = 900;
const BATCH = 500;

export interface EventSource {
  readonly read: (afterId: string | null, limit: number) => Promise<StreamEntry[]>;
  /** Returns false early when the client has left or the process drains. */
  readonly wait: (milliseconds: number) => Promise<boolean>;
  /** The store does not answer: the stream stays open and continues later. */
  readonly onUnavailable: (error: EphemeralStoreUnavailable) => void;
}

/**
 * Events as `text/event-stream` (HTML, 9.2), after one id. `begun` is read before the reply starts, so that a store
 * which does not answer gives a problem document. Comments at intervals prevent proxies from closing an idle
 * connection.
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

/** The newest id at this moment: the start for a client that wants only new events. */
export async function newestId(read: EventSource['read']): Promise<string | null> {
  let newest: string | null = null;
  for (;;) {
    const entries = await read(newest, BATCH);
    if (entries.length === 0) return newest;
    newest = entries.at(-1)?.id ?? newest;
  }
}

/** JSON.stringify makes no line breaks, so one `data` line is enough. */
const frame = (id: string, value: Json): string => `id: ${id}\ndata: ${JSON.stringify(value)}\n\n`;
