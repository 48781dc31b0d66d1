/** A block of a `text/event-stream` (HTML, 9.2.6). */
export interface StreamBlock {
  /** `message` where the stream names no type. */
  readonly type: string;
  readonly data: string;
  /** Of the last event that had one; null = none had. */
  readonly lastEventId: string | null;
}

export interface StreamReader {
  /** Takes the next piece of text, cut anywhere; returns the events that it completes. */
  push(text: string): StreamBlock[];
  /** What the server asks to wait before the stream is opened again; null = it has not said. */
  readonly retryMs: number | null;
}

/** Parses a stream (HTML, 9.2.6). An event that its stream does not complete is dropped. */
export function createStreamReader(): StreamReader {
  let rest = '';
  let lastEventId: string | null = null;
  let retryMs: number | null = null;
  let type = '';
  let data: string[] = [];

  function readLine(line: string): StreamBlock | undefined {
    if (line === '') {
      const block = data.length === 0 ? undefined : { type: type || 'message', data: data.join('\n'), lastEventId };
      type = '';
      data = [];
      return block;
    }
    const colon = line.indexOf(':');
    const field = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (field === 'data') data.push(value);
    else if (field === 'event') type = value;
    else if (field === 'id' && !value.includes('\0')) lastEventId = value === '' ? null : value;
    else if (field === 'retry' && /^\d+$/.test(value)) retryMs = Number(value);
    return undefined;
  }

  return {
    push(text) {
      rest += text;
      const lines = rest.split(/\r\n|\n|\r(?!$)/);
      rest = lines.pop() ?? '';
      return lines.flatMap((line) => readLine(line) ?? []);
    },
    get retryMs() {
      return retryMs;
    },
  };
}
