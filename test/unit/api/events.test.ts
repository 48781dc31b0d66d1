import { describe, expect, it, onTestFinished } from 'vitest';
import { eventFrames, newestId, type EventSource } from '../../../api/events/event-frames.ts';
import { createOpenStreams } from '../../../api/events/routes.ts';
import { ephemeralKeys } from '../../../stores/ephemeral/keys.ts';
import { EphemeralStoreUnavailable, type EphemeralStore, type StreamEntry } from '../../../stores/ephemeral/port.ts';
import { composeApp } from './composed-app.ts';

const all = (): boolean => true;
type Begun = Parameters<typeof eventFrames>[1];
const start: Begun = { afterId: null, isResumed: false, entries: [] };

/** A stream whose waits end at once. Each wait runs the next step of the script; after the last, the reader leaves. */
function scripted(...duringWaits: readonly (() => void)[]) {
  const entries: StreamEntry[] = [];
  const troubles: EphemeralStoreUnavailable[] = [];
  const script = [...duringWaits];
  let isDown = false;
  const source: EventSource = {
    async read(afterId, limit) {
      if (isDown) throw new EphemeralStoreUnavailable('down');
      return entries.filter(({ id }) => afterId === null || Number(id) > Number(afterId)).slice(0, limit);
    },
    async wait() {
      const next = script.shift();
      next?.();
      return next !== undefined;
    },
    onUnavailable: (error) => troubles.push(error),
  };
  return {
    source,
    troubles,
    trim: (before: number) =>
      entries.splice(
        0,
        entries.findIndex(({ id }) => Number(id) >= before),
      ),
    append: (...ids: number[]) => entries.push(...ids.map((id) => ({ id: String(id), value: { event: `e${id}` } }))),
    down: (value: boolean) => (isDown = value),
    async frames(begun = start, wants: Parameters<typeof eventFrames>[2] = all) {
      const out: string[] = [];
      for await (const text of eventFrames(source, begun, wants)) out.push(text);
      return out;
    },
  };
}
const idsIn = (frames: readonly string[]): string[] => frames.flatMap((text) => /^id: (.*)$/m.exec(text)?.[1] ?? []);

describe('a stream of events', () => {
  it('a stream of events sends each event once, in order, with the id to resume from', async () => {
    const stream = scripted(
      () => stream.append(1, 2),
      () => stream.append(3),
    );
    const frames = await stream.frames();
    expect(idsIn(frames)).toEqual(['1', '2', '3']);
    expect(frames).toContain('id: 3\ndata: {"event":"e3"}\n\n');
  });

  it('a stream of events resumes after the last id of the reader, however many events followed', async () => {
    const stream = scripted();
    stream.append(...Array.from({ length: 1300 }, (_none, index) => index + 1));
    const begun = { afterId: '100', isResumed: true, entries: await stream.source.read('100', 1) };
    expect(idsIn(await stream.frames(begun))).toEqual(
      Array.from({ length: 1200 }, (_none, index) => String(index + 101)),
    );
  });

  it('a stream of events stays open while the store is unavailable, and loses no event', async () => {
    const stream = scripted(
      () => stream.down(true),
      () => stream.append(1),
      () => stream.down(false),
    );
    expect(idsIn(await stream.frames())).toEqual(['1']);
    expect(stream.troubles).toHaveLength(2);
  });

  it('a stream that resumes after an event which is no longer kept begins with a gap event', async () => {
    const stream = scripted();
    stream.append(1, 2, 3);
    const from = async (afterId: string) =>
      await stream.frames({ afterId, isResumed: true, entries: await stream.source.read(afterId, 1) });
    expect(await from('1')).not.toContainEqual(expect.stringContaining('event: gap'));
    stream.trim(3);
    const frames = await from('1');
    expect(frames[1]).toMatch(/^event: gap\ndata: \{"event":"gap".*\}\n\n$/);
    expect(idsIn(frames)).toEqual(['3']);
    expect(await from('3')).not.toContainEqual(expect.stringContaining('event: gap'));
  });

  it('a stream that resumes where nothing is kept any more begins with a gap event', async () => {
    const frames = await scripted().frames({ afterId: '7', isResumed: true, entries: [] });
    expect(frames[1]).toContain('event: gap');
  });

  it('a stream sends a gap event where events were dropped while the store was unavailable', async () => {
    const stream = scripted(
      () => stream.append(1),
      () => stream.down(true),
      () => {
        stream.append(2, 3);
        stream.trim(3);
        stream.down(false);
      },
      () => undefined,
    );
    const frames = await stream.frames();
    const gap = frames.findIndex((text) => text.startsWith('event: gap'));
    expect(gap).toBeGreaterThan(0);
    expect([idsIn(frames.slice(0, gap)), idsIn(frames.slice(gap))]).toEqual([['1'], ['3']]);
  });

  it('a stream of events sends a heartbeat while nothing happens', async () => {
    const stream = scripted(...Array.from({ length: 30 }, () => () => undefined));
    expect((await stream.frames()).filter((text) => text.startsWith(': still here'))).toHaveLength(2);
  });

  it('a stream of events ends by itself, so that a revoked key does not receive events for ever', async () => {
    const stream = scripted(...Array.from({ length: 10_000 }, () => () => undefined));
    expect((await stream.frames()).length).toBeLessThan(100);
  });

  it('the newest id is found behind any number of events, and is null without events', async () => {
    const stream = scripted();
    expect(await newestId(stream.source.read)).toBeNull();
    stream.append(...Array.from({ length: 1300 }, (_none, index) => index + 1));
    expect(await newestId(stream.source.read)).toBe('1300');
  });
});

describe('open streams', () => {
  it('open streams are limited for each tenant, and closing one makes room for another', () => {
    const streams = createOpenStreams();
    const opened = Array.from({ length: 25 }, () => streams.enter('acme'));
    expect(() => streams.enter('acme')).toThrow('25 event streams');
    expect(() => streams.enter('umbrella')).not.toThrow();
    opened[0]?.close();
    expect(() => streams.enter('acme')).not.toThrow();
  });

  it('open streams all end when the process drains, and a later one ends at once', () => {
    const streams = createOpenStreams();
    const before = streams.enter('acme');
    streams.endAll();
    expect([before.signal.aborted, streams.enter('acme').signal.aborted]).toEqual([true, true]);
  });
});

/** The listening app, and a client that reads its events. */
async function served() {
  const composed = await composeApp();
  const { app, deps, keyFor } = composed;
  const origin = await app.listen({ port: 0, host: '127.0.0.1' });
  const headers = await keyFor('acme', 'connections:read');
  const append = async (tenant: string, value: { connection?: string; batch?: string; event: string }) =>
    await deps.ephemeral.append(ephemeralKeys.events(tenant), value, { keep: 100, ttlSeconds: 60 });
  return {
    ...composed,
    append,
    open: async (path = '/v1/events', more: Record<string, string> = {}) => {
      const leave = new AbortController();
      onTestFinished(() => leave.abort());
      const reply = await fetch(origin + path, { headers: { ...headers, ...more }, signal: leave.signal });
      const chunks = reply.body?.pipeThrough(new TextDecoderStream()).getReader();
      let text = '';
      /** Reads until the text has arrived or the stream has ended. */
      const until = async (wanted: string): Promise<string> => {
        while (!text.includes(wanted)) {
          const { done, value } = (await chunks?.read()) ?? { done: true };
          if (done) break;
          text += value ?? '';
        }
        return text;
      };
      return { reply, until };
    },
  };
}

describe('GET /v1/events', () => {
  const one = `con_${'a'.repeat(26)}`;
  const other = `con_${'b'.repeat(26)}`;

  it('GET /v1/events sends a tenant the new events of its own connections, and resumes from the last id', async () => {
    const { append, open } = await served();
    const old = await append('acme', { connection: one, event: 'old' });
    const { reply, until } = await open();
    expect(reply.headers.get('content-type')).toBe('text/event-stream');
    await until(': open');
    await append('umbrella', { connection: other, event: 'foreign' });
    await append('acme', { connection: one, event: 'new' });
    const text = await until('"new"');
    expect(text).not.toMatch(/old|foreign/);
    const resumed = await (await open('/v1/events', { 'last-event-id': old })).until('"new"');
    expect(idsIn(resumed.split('\n\n'))).toHaveLength(1);
    const fromOldest = await (await open('/v1/events?from=oldest')).until('"new"');
    expect(idsIn(fromOldest.split('\n\n'))).toHaveLength(2);
    await append('acme', { connection: other, event: 'of another' });
    await append('acme', { connection: one, event: 'last' });
    expect(await (await open(`/v1/events?from=oldest&connection=${one}`)).until('"last"')).not.toContain('of another');
  });

  it('GET /v1/events sends what a batch tells, but not to a reader of one connection', async () => {
    const { append, open } = await served();
    await append('acme', { batch: `bat_${'a'.repeat(26)}`, event: 'batch_finished' });
    await append('acme', { connection: one, event: 'last' });
    expect(await (await open('/v1/events?from=oldest')).until('"last"')).toContain('batch_finished');
    const ofOne = await (await open(`/v1/events?from=oldest&connection=${one}`)).until('"last"');
    expect(ofOne).not.toContain('batch_finished');
  });

  it('an entry that Mooring did not write is not sent, and the events behind it are', async () => {
    const { append, deps, open } = await served();
    const { until } = await open();
    await until(': open');
    // What a sealed store reads of such an entry.
    await deps.ephemeral.append(ephemeralKeys.events('acme'), null, { keep: 100, ttlSeconds: 60 });
    await append('acme', { connection: one, event: 'new' });
    const text = await until('"new"');
    expect(idsIn(text.split('\n\n'))).toHaveLength(1);
    expect(text).not.toContain('null');
  });

  it('GET /v1/events ends when the server drains, so that the shutdown does not wait for it', async () => {
    const { app, open } = await served();
    const { until } = await open();
    await until(': open');
    const [told] = await Promise.all([until('never'), app.close()]);
    expect(told).toContain(': open');
  });

  it('GET /v1/events is refused where the store does not answer, the id is malformed, or the scope is missing', async () => {
    const fail = () => Promise.reject(new EphemeralStoreUnavailable('down'));
    const ephemeral = { readStream: fail, get: fail, put: fail, increment: fail } as unknown as EphemeralStore;
    const { app, keyFor } = await composeApp({}, { ephemeral });
    const reader = await keyFor('acme', 'connections:read');
    const malformed = await app.inject({ url: '/v1/events', headers: { ...reader, 'last-event-id': 'x' } });
    expect(malformed.json()).toMatchObject({ status: 400, code: 'invalid_request' });
    const writer = await keyFor('acme', 'connections:write');
    expect((await app.inject({ url: '/v1/events', headers: writer })).statusCode).toBe(403);
    const refused = await app.inject({ url: '/v1/events', headers: reader });
    expect(refused.json()).toMatchObject({ status: 503, code: 'ephemeral_store_unavailable' });
  });
});
