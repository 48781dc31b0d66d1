import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { Type } from 'typebox';
import { connectionIdPattern } from '../../contracts/ids.ts';
import type { Json } from '../../platform/json.ts';
import { ephemeralKeys } from '../../stores/ephemeral/keys.ts';
import type { App, AppDependencies } from '../http/app-types.ts';
import { keyOf, tenantOf } from '../http/principal.ts';
import { problemReplies } from '../http/problem-schema.ts';
import { apiProblems } from '../http/problem.ts';
import { eventFrames, newestId, type EventSource } from './event-frames.ts';

const Query = Type.Object(
  {
    connection: Type.Optional(Type.String({ pattern: connectionIdPattern, description: 'Of this connection alone.' })),
    from: Type.Optional(
      Type.Enum(['now', 'oldest'], {
        default: 'now',
        description: 'Where to begin without a Last-Event-ID; `oldest` is up to 7 days or 10,000 events back.',
      }),
    ),
  },
  { additionalProperties: false },
);

const Headers = Type.Object({
  'last-event-id': Type.Optional(
    Type.String({ pattern: '^\\d{1,19}(-\\d{1,19})?$', description: 'Goes on behind this event.' }),
  ),
});

export function registerEvents(app: App, { ephemeral, logger }: AppDependencies): void {
  const streams = createOpenStreams();
  app.addHook('preClose', async () => streams.endAll());
  app.get(
    '/v1/events',
    {
      config: { access: 'connections:read' },
      schema: {
        operationId: 'streamEvents',
        summary: 'What happens, as it happens',
        description:
          'Server-sent events; the data of each is JSON with `connection`, `event`, `at` and `text`, and `by` where somebody asked for it. What a batch tells (`batch_progress`, at most once a second, and `batch_finished`) has `batch`, `items` and `counts` in place of `connection`; what a bulk job tells (`bulk_progress`, `bulk_finished`) has `bulk`, `targets` and `counts`. An event of type `gap` says that others may have been dropped before they were read: read the connections again. A stream ends after 15 minutes at the latest, and with its API key: open it again with the last id.',
        tags: ['events'],
        querystring: Query,
        headers: Headers,
        response: {
          200: {
            description: 'The events.',
            content: {
              'text/event-stream': { schema: Type.Unsafe<Readable>({ type: 'string', description: 'Events.' }) },
            },
          },
          ...problemReplies(400, 401, 403, 429, 503),
        },
      },
    },
    async (request, reply) => {
      const tenant = tenantOf(request);
      const { connection, from = 'now' } = request.query;
      const stream = streams.enter(tenant);
      const session = app.keySessions.open(keyOf(request));
      const ended = AbortSignal.any([stream.signal, session.signal]);
      const close = (): void => {
        stream.close();
        session.close();
      };
      try {
        const source: EventSource = {
          // A key that has ended reads nothing on, however much there is to read.
          read: async (afterId, limit) =>
            ended.aborted ? [] : await ephemeral.readStream(ephemeralKeys.events(tenant), afterId, limit),
          wait: async (milliseconds) => await sleep(milliseconds, true, { signal: ended }).catch(() => false),
          onUnavailable: (error) =>
            logger.warn({ err: error, tenant }, 'An event stream waits for the ephemeral store.'),
        };
        const given = request.headers['last-event-id'];
        const afterId = given ?? (from === 'now' ? await newestId(source.read) : null);
        const begun = { afterId, isResumed: given !== undefined, entries: await source.read(afterId, 1) };
        const wants = (value: Json): boolean => {
          const of = memberOf(value, 'connection');
          if (connection !== undefined) return of === connection;
          return [of, memberOf(value, 'batch'), memberOf(value, 'bulk')].some((member) => member !== undefined);
        };
        const body = Readable.from(eventFrames(source, begun, wants), { objectMode: false });
        body.once('close', close);
        return await reply
          .type('text/event-stream')
          .header('cache-control', 'no-store')
          // A proxy that buffers the reply would delay events. The connection is closed after the stream.
          .header('x-accel-buffering', 'no')
          .header('connection', 'close')
          .send(body);
      } catch (error) {
        close();
        throw error;
      }
    },
  );
}

const memberOf = (value: Json, name: string): Json | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? value[name] : undefined;

const STREAMS_PER_TENANT = 25;
const RETRY_AFTER_SECONDS = 30;

/** The open streams of this process. Their number is limited for each tenant, and all end when the process drains. */
export function createOpenStreams() {
  const open = new Map<string, Set<AbortController>>();
  let draining = false;
  return {
    /** Throws 429 above the limit. `close()` must be called once when the stream ends. */
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
