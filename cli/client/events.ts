import { clientCodes, MooringError } from './error.ts';
import { createStreamReader, type StreamBlock } from './event-stream.ts';

export interface EventData {
  readonly event: string;
  /** A sentence for people. */
  readonly text?: string;
  /** ISO 8601. */
  readonly at?: string;
  /** The connection's id; a batch's event has `batch` in its place. */
  readonly connection?: string;
  readonly batch?: string;
  readonly by?: { readonly kind: string; readonly id: string } | null;
  readonly [member: string]: unknown;
}

export interface MooringEvent {
  /** `gap`: events may be missing before the next one; read the connections again. */
  readonly type: 'event' | 'gap';
  /** What the stream is resumed behind (`lastEventId`); null for a gap. */
  readonly id: string | null;
  readonly data: EventData;
}

export interface EventsOptions {
  /** Of this connection alone. */
  readonly connection?: string;
  /** Where to begin without `lastEventId`. Default: now. */
  readonly from?: 'now' | 'oldest';
  /** Goes on behind this event. */
  readonly lastEventId?: string;
  readonly signal?: AbortSignal;
}

export interface EventsDependencies {
  /** Opens the stream. Rejects with `MooringError` where it is refused or not answered. */
  readonly open: (
    query: Readonly<Record<string, string>>,
    headers: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ) => Promise<Response>;
  readonly sleep: (milliseconds: number, signal: AbortSignal) => Promise<void>;
  /** A stream that is silent for longer is opened again; the API sends something every 15 s. */
  readonly silentForMs: number;
}

const RETRY_MS = 2_000;
const LONGEST_RETRY_MS = 30_000;

const GAP: MooringEvent = {
  type: 'gap',
  id: null,
  data: {
    event: 'gap',
    text: 'The stream broke before its first event, so events may be missing. Read the connections again.',
  },
};

/**
 * The tenant's events as they happen, for ever: a stream that ends or breaks is opened again behind the last event.
 * Rejects with `MooringError` where the API refuses the stream, and with the signal's reason.
 */
export async function* readEvents(
  { open, sleep, silentForMs }: EventsDependencies,
  { connection, from, lastEventId, signal = new AbortController().signal }: EventsOptions = {},
): AsyncGenerator<MooringEvent, void> {
  let last = lastEventId ?? null;
  let failures = 0;
  for (let opened = false; ;) {
    signal.throwIfAborted();
    const reader = createStreamReader();
    try {
      const query = { ...(connection !== undefined && { connection }), ...(from !== undefined && { from }) };
      const response = await open(query, last === null ? {} : { 'last-event-id': last }, signal);
      // Without an id, a stream that is opened again begins at a later "now".
      if (opened && last === null && from !== 'oldest') yield GAP;
      opened = true;
      for await (const text of texts(response, silentForMs, signal)) {
        failures = 0;
        for (const block of reader.push(text)) {
          last = block.lastEventId ?? last;
          const event = eventOf(block);
          if (event) yield event;
        }
      }
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof MooringError && !isPassing(error)) throw error;
      failures += 1;
    }
    await sleep(Math.min((reader.retryMs ?? RETRY_MS) * 2 ** Math.max(0, failures - 1), LONGEST_RETRY_MS), signal);
  }
}

const isPassing = ({ code, status }: MooringError): boolean =>
  code === clientCodes.unreachable || [429, 502, 503, 504].includes(status ?? 0);

/**
 * The text of a stream until it ends, the signal is aborted, or it is silent for too long: a connection that was lost on
 * the way looks just so. The body is cancelled here, because once an answer has begun, Node may forget that its request
 * listens to the signal (the garbage collector takes the request).
 */
async function* texts({ body }: Response, silentForMs: number, signal: AbortSignal): AsyncGenerator<string> {
  const reader = body?.getReader();
  if (!reader) return;
  const decoder = new TextDecoder();
  const cancel = (): void => void reader.cancel().catch(() => {});
  const silence = setTimeout(cancel, silentForMs);
  signal.addEventListener('abort', cancel);
  try {
    for (;;) {
      signal.throwIfAborted();
      const { done, value } = await reader.read();
      if (done) return;
      silence.refresh();
      yield decoder.decode(value, { stream: true });
    }
  } finally {
    clearTimeout(silence);
    signal.removeEventListener('abort', cancel);
    cancel();
  }
}

/** Undefined where the data is not what Mooring sends. */
function eventOf({ type, data, lastEventId }: StreamBlock): MooringEvent | undefined {
  try {
    const parsed: unknown = JSON.parse(data);
    if (typeof parsed !== 'object' || parsed === null || !('event' in parsed)) return undefined;
    const isGap = type === 'gap';
    return { type: isGap ? 'gap' : 'event', id: isGap ? null : lastEventId, data: parsed as EventData };
  } catch {
    return undefined;
  }
}
