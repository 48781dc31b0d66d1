import type { ServerResponse } from 'node:http';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createMooringClient, type MooringEvent } from '../../../cli/client/index.ts';
import { createStreamReader } from '../../../cli/client/event-stream.ts';
import { lost, problem, serve } from './server.ts';

const frame = (id: string, event: string): string =>
  `id: ${id}\ndata: ${JSON.stringify({ event, connection: 'con_1' })}\n\n`;
const gap = 'event: gap\ndata: {"event":"gap","text":"Read again."}\n\n';

const stream = (...parts: readonly string[]) => endless('retry: 1\n\n', ...parts, null);

/** Stays open where the last part is not null. */
function endless(...parts: readonly (string | null)[]) {
  return (response: ServerResponse): void => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (const part of parts) {
      if (part === null) response.end();
      else response.write(part);
    }
  };
}

async function take(events: AsyncIterable<MooringEvent>, count: number): Promise<MooringEvent[]> {
  const taken: MooringEvent[] = [];
  for await (const event of events) if (taken.push(event) === count) break;
  return taken;
}
const names = (events: readonly MooringEvent[]) => events.map(({ data }) => data.event);

test('a stream that ends is opened again behind the last event', async () => {
  const { url, received } = await serve(stream(frame('1-0', 'a'), frame('2-0', 'b')), stream(frame('3-0', 'c')));

  const events = await take(createMooringClient({ url }).events({ connection: 'con_1' }), 3);

  expect(names(events)).toEqual(['a', 'b', 'c']);
  expect(events.map(({ id }) => id)).toEqual(['1-0', '2-0', '3-0']);
  expect(received.map(({ headers }) => headers['last-event-id'])).toEqual([undefined, '2-0']);
  expect(received[1]?.url).toBe('/v1/events?connection=con_1');
});

test('a stream begins behind the event that is given', async () => {
  const { url, received } = await serve(stream(frame('8-0', 'h')));

  await take(createMooringClient({ url }).events({ lastEventId: '7-0' }), 1);

  expect(received[0]?.headers['last-event-id']).toBe('7-0');
});

test('a gap is told, and does not change where the stream goes on', async () => {
  const { url, received } = await serve(stream(frame('1-0', 'a'), gap), stream(frame('2-0', 'b')));

  const events = await take(createMooringClient({ url }).events(), 3);

  expect(events[1]).toEqual({ type: 'gap', id: null, data: { event: 'gap', text: 'Read again.' } });
  expect(received[1]?.headers['last-event-id']).toBe('1-0');
});

test('a stream that breaks before its first event tells a gap: what came between is not known', async () => {
  const { url } = await serve(stream(), stream(frame('1-0', 'a')));

  expect(names(await take(createMooringClient({ url }).events(), 2))).toEqual(['gap', 'a']);
});

test('a stream from the oldest event on that breaks before its first one begins there again, without a gap', async () => {
  const { url } = await serve(stream(), stream(frame('1-0', 'a')));

  expect(names(await take(createMooringClient({ url }).events({ from: 'oldest' }), 1))).toEqual(['a']);
});

test('a stream that is silent for too long is opened again', async () => {
  const { url, received } = await serve(endless('retry: 1\n\n', frame('1-0', 'a')), stream(frame('2-0', 'b')));

  const events = await take(createMooringClient({ url, silentForMs: 50 }).events(), 2);

  expect(names(events)).toEqual(['a', 'b']);
  expect(received[1]?.headers['last-event-id']).toBe('1-0');
});

test('a server that is away for a while is asked again', async () => {
  const { url } = await serve(stream(frame('1-0', 'a')), lost, lost, stream(frame('2-0', 'b')));

  const events = createMooringClient({ url, retry: { firstWaitMs: 1 } }).events();

  expect(names(await take(events, 2))).toEqual(['a', 'b']);
});

test('a refused stream ends with the error', async () => {
  const { url, received } = await serve(problem(401, 'unauthenticated'));

  await expect(take(createMooringClient({ url }).events(), 1)).rejects.toMatchObject({ code: 'unauthenticated' });
  expect(received).toHaveLength(1);
});

/** A full garbage collection, which ends what only weak references hold. */
function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
}

test('the signal ends a stream that is open, also after the garbage collector has run', async () => {
  const controller = new AbortController();
  const { url } = await serve(endless(frame('1-0', 'a')));
  const events = createMooringClient({ url }).events({ signal: controller.signal });

  await events.next();
  const next = events.next();
  for (let turn = 0; turn < 5; turn += 1) {
    await new Promise((resolve) => setImmediate(resolve));
    collectGarbage();
  }
  controller.abort();

  await expect(next).rejects.toMatchObject({ name: 'AbortError' });
});

test('a stream says the same wherever it is cut', () => {
  const text = `: open\r\nretry: 5\n\n${frame('1-0', 'a')}event: gap\rdata: x\rdata:  y\r\rid\ndata\n\ndata: last`;
  const whole = createStreamReader().push(text);
  expect(whole.map(({ type, data, lastEventId }) => [type, data, lastEventId])).toEqual([
    ['message', '{"event":"a","connection":"con_1"}', '1-0'],
    ['gap', 'x\n y', '1-0'],
    ['message', '', null],
  ]);

  fc.assert(
    fc.property(fc.array(fc.nat({ max: text.length })), (cuts) => {
      const reader = createStreamReader();
      const places = [0, ...cuts.toSorted((a, b) => a - b), text.length];
      const parts = places.slice(1).map((place, index) => text.slice(places[index], place));
      expect(parts.flatMap((part) => reader.push(part))).toEqual(whole);
      expect(reader.retryMs).toBe(5);
    }),
  );
});
