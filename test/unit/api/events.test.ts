import { describe, expect, it, onTestFinished } from 'vitest';
import { eventFrames, newestId, type EventSource } from '../../../api/events/event-frames.ts';
import { createOpenStreams } from '../../../api/events/routes.ts';
import { ephemeralKeys } from '../../../stores/ephemeral/keys.ts';
import { EphemeralStoreUnavailable, type EphemeralStore, type StreamEntry } from '../../../stores/ephemeral/port.ts';
import { composeApp } from './composed-app.ts';

const all = (): boolean => true;
type Begun = Parameters<typeof eventFrames>[1];
const start: Begun = { afterId: null, entries: [] };

/** A stream whose waits are over at once; each wait does what comes next, and the last one is the reader's leaving. */
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
  it('tells each event once, in order, with the id to resume by', async () => {
    const stream = scripted(
      () => stream.append(1, 2),
      () => stream.append(3),
    );
    const frames = await stream.frames();
    expect(idsIn(frames)).toEqual(['1', '2', '3']);
    expect(frames).toContain('id: 3\ndata: {"event":"e3"}\n\n');
  });

  it('goes on behind the id that a reader had, however many came since', async () => {
    const stream = scripted();
    stream.append(...Array.from({ length: 1300 }, (_none, index) => index + 1));
    const begun = { afterId: '100', entries: await stream.source.read('100', 1) };
    expect(idsIn(await stream.frames(begun))).toEqual(
      Array.from({ length: 1200 }, (_none, index) => String(index + 101)),
    );
  });

  it('stays open while the store is away, and loses nothing of what came meanwhile', async () => {
    const stream = scripted(
      () => stream.down(true),
      () => stream.append(1),
      () => stream.down(false),
    );
    expect(idsIn(await stream.frames())).toEqual(['1']);
    expect(stream.troubles).toHaveLength(2);
  });

  it('says that it is alive while nothing happens', async () => {
    const stream = scripted(...Array.from({ length: 30 }, () => () => undefined));
    expect((await stream.frames()).filter((text) => text.startsWith(': still here'))).toHaveLength(2);
  });

  it('ends by itself, so that a revoked key is not told for ever', async () => {
    const stream = scripted(...Array.from({ length: 10_000 }, () => () => undefined));
    expect((await stream.frames()).length).toBeLessThan(100);
  });

  it('that begins now begins behind the newest event', async () => {
    const stream = scripted();
    expect(await newestId(stream.source.read)).toBeNull();
    stream.append(...Array.from({ length: 1300 }, (_none, index) => index + 1));
    expect(await newestId(stream.source.read)).toBe('1300');
  });
});

describe('open streams', () => {
  it('are bounded for each tenant, and one that closes makes room', () => {
    const streams = createOpenStreams();
    const opened = Array.from({ length: 25 }, () => streams.enter('acme'));
    expect(() => streams.enter('acme')).toThrow('25 event streams');
    expect(() => streams.enter('umbrella')).not.toThrow();
    opened[0]?.close();
    expect(() => streams.enter('acme')).not.toThrow();
  });

  it('all end when the process drains, and none begins after', () => {
    const streams = createOpenStreams();
    const before = streams.enter('acme');
    streams.endAll();
    expect([before.signal.aborted, streams.enter('acme').signal.aborted]).toEqual([true, true]);
  });
});

/** The app, listening, and what a reader of its events gets. */
async function served() {
  const composed = await composeApp();
  const { app, deps, keyFor } = composed;
  const origin = await app.listen({ port: 0, host: '127.0.0.1' });
  const headers = await keyFor('acme', 'connections:read');
  const append = async (tenant: string, value: { connection: string; event: string }) =>
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
      /** Reads on until the text has come, or the stream has ended. */
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

  it('tells a tenant what happens to its own connections from now on, and resumes by the last id', async () => {
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

  it('ends when the server drains, so that it holds nobody up', async () => {
    const { app, open } = await served();
    const { until } = await open();
    await until(': open');
    const [told] = await Promise.all([until('never'), app.close()]);
    expect(told).toContain(': open');
  });

  it('is a problem document where the store does not answer, the id is malformed, or the scope is missing', async () => {
    const ephemeral = {
      readStream: () => Promise.reject(new EphemeralStoreUnavailable('down')),
    } as unknown as EphemeralStore;
    const { app, keyFor } = await composeApp({}, { ephemeral });
    const reader = await keyFor('acme', 'connections:read');
    const malformed = await app.inject({ url: '/v1/events', headers: { ...reader, 'last-event-id': 'x' } });
    expect(malformed.json()).toMatchObject({ status: 400, code: 'invalid_request' });
    const writer = await keyFor('acme', 'connections:write');
    expect((await app.inject({ url: '/v1/events', headers: writer })).statusCode).toBe(403);
    const down = await app.inject({ url: '/v1/events', headers: reader });
    expect(down.json()).toMatchObject({ status: 503, code: 'ephemeral_store_unavailable' });
  });
});
