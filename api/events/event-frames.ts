import type { Json } from '../../platform/json.ts';
import { EphemeralStoreUnavailable, type StreamEntry } from '../../stores/ephemeral/port.ts';

const POLL_MS = 1_000;
const BEAT_EVERY = 15;
/** A stream ends after 15 minutes, and its client opens it again. */
const POLLS = 900;
const BATCH = 500;

export interface EventSource {
  readonly read: (afterId: string | null, limit: number) => Promise<StreamEntry[]>;
  /** Returns false early when the client has left, its key has ended or the process drains. */
  readonly wait: (milliseconds: number) => Promise<boolean>;
  /** The store does not answer: the stream stays open and continues later. */
  readonly onUnavailable: (error: EphemeralStoreUnavailable) => void;
}

/**
 * Events as `text/event-stream` (HTML, 9.2), after one id. `begun` is read before the reply starts, so that a store
 * which does not answer gives a problem document. Comments at intervals prevent proxies from closing an idle
 * connection. Where events after the id may have been dropped before they were read (a client that was away for too
 * long, a store that lost its data), an event of type `gap` comes first.
 */
export async function* eventFrames(
  source: EventSource,
  begun: { readonly afterId: string | null; readonly isResumed: boolean; readonly entries: readonly StreamEntry[] },
  wants: (value: Json) => boolean,
): AsyncGenerator<string> {
  let { afterId, isResumed: mayHaveGap } = begun;
  let entries: readonly StreamEntry[] | undefined = begun.entries;
  yield ': open\nretry: 2000\n\n';
  for (let poll = 1; poll <= POLLS; poll += 1) {
    if (mayHaveGap && afterId !== null && entries) {
      const isGap = await mayMissEvents(source, afterId);
      if (isGap) yield GAP;
      if (isGap !== undefined) mayHaveGap = false;
    }
    while (entries && entries.length > 0) {
      for (const { id, value } of entries) if (wants(value)) yield frame(id, value);
      afterId = entries.at(-1)?.id ?? afterId;
      entries = await readOn(source, afterId);
    }
    if (!entries) mayHaveGap = true;
    if (poll % BEAT_EVERY === 0) yield ': still here\n\n';
    if (!(await source.wait(POLL_MS))) return;
    entries = await readOn(source, afterId);
  }
}

/** Undefined where the store does not answer. */
async function readOn(
  source: EventSource,
  afterId: string | null,
  limit = BATCH,
): Promise<readonly StreamEntry[] | undefined> {
  try {
    return await source.read(afterId, limit);
  } catch (error) {
    if (!(error instanceof EphemeralStoreUnavailable)) throw error;
    source.onUnavailable(error);
    return undefined;
  }
}

/** Whether events after this id may be missing: the oldest one that is kept is newer. Undefined where that is not known. */
async function mayMissEvents(source: EventSource, afterId: string): Promise<boolean | undefined> {
  const kept = await readOn(source, null, 1);
  if (!kept) return undefined;
  const [oldest] = kept;
  return oldest === undefined || isNewer(oldest.id, afterId);
}

/** Ids are `milliseconds-number`, the number 0 where it is left out. */
function isNewer(one: string, other: string): boolean {
  const parts = (id: string) => id.split('-').map(BigInt);
  const [[time = 0n, number = 0n], [otherTime = 0n, otherNumber = 0n]] = [parts(one), parts(other)];
  return time === otherTime ? number > otherNumber : time > otherTime;
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

/** Has no id: a client that reconnects asks for the event before it again. */
const GAP = `event: gap\ndata: ${JSON.stringify({
  event: 'gap',
  text: 'Events after the last one that you received may have been dropped. Read the connections again.',
})}\n\n`;

/** JSON.stringify makes no line breaks, so one `data` line is enough. */
const frame = (id: string, value: Json): string => `id: ${id}\ndata: ${JSON.stringify(value)}\n\n`;
