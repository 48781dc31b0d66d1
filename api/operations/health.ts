import { Type } from 'typebox';
import type { App, AppDependencies } from '../http/app-types.ts';
import { problemReplies } from '../http/problem-schema.ts';
import { shareAnswers } from '../temporal/share-answers.ts';

export function registerHealth(app: App, deps: AppDependencies): void {
  registerHealthz(app);
  registerReadyz(app, deps);
}

/** The process is alive. Dependencies are not checked, because a restart would not repair them. */
function registerHealthz(app: App): void {
  app.get(
    '/healthz',
    {
      config: { access: 'public' },
      schema: {
        operationId: 'getHealth',
        summary: 'Whether the process is alive',
        description: 'For the supervisor: restart the process when this fails.',
        tags: ['operations'],
        response: { 200: Type.Object({ status: Type.Literal('ok') }), ...problemReplies() },
      },
    },
    async () => ({ status: 'ok' as const }),
  );
}

const names = ['temporal', 'secret_store', 'ephemeral_store', 'workers'] as const;
interface Check {
  readonly name: (typeof names)[number];
  readonly ok: boolean;
}

const Readiness = Type.Object({
  status: Type.Enum(['ready', 'not_ready']),
  checks: Type.Array(
    Type.Object({
      name: Type.Enum([...names], { description: '`workers`: each task queue is polled by a worker.' }),
      ok: Type.Boolean({ description: 'Where it is false, the log says why.' }),
    }),
  ),
});

/** Load balancers ask every few seconds; whoever asks more often must not load Temporal and the stores. */
const KEPT_MS = 1_000;
/** While something is missing, e.g. during a start, it is expected within moments. */
const KEPT_WHILE_MISSING_MS = 250;

/**
 * Whether requests can be served: for load balancers, and for operators who look for what is down. The route is public,
 * so it names parts of Mooring and nothing else: no address, no task queue, no message of a library.
 */
function registerReadyz(app: App, deps: AppDependencies): void {
  const { connections, secrets, ephemeral, providers, logger, clock } = deps;

  const everyQueueIsPolled = async (): Promise<void> => {
    const queues = await connections.pollers(providers.all.map(({ manifest }) => manifest.id));
    const missing = queues.filter(({ pollers }) => pollers === 0).map(({ queue, kind }) => `${queue} (${kind})`);
    if (missing.length > 0) throw new Error(`No worker polls: ${missing.join(', ')}.`);
  };

  const asks: Readonly<Record<Check['name'], () => Promise<unknown>>> = {
    temporal: async () => await connections.ping(),
    secret_store: async () => await secrets.ping(),
    ephemeral_store: async () => await ephemeral.ping(),
    workers: everyQueueIsPolled,
  };

  const check = async (name: Check['name']): Promise<Check> => {
    try {
      await asks[name]();
      return { name, ok: true };
    } catch (error) {
      logger.warn({ err: error, check: name }, 'Not ready.');
      return { name, ok: false };
    }
  };

  const shared = shareAnswers<readonly Check[]>(clock, {
    keptMs: (checks) => (checks.every(({ ok }) => ok) ? KEPT_MS : KEPT_WHILE_MISSING_MS),
    most: 1,
  });

  app.get(
    '/readyz',
    {
      config: { access: 'public' },
      schema: {
        operationId: 'getReadiness',
        summary: 'Whether requests can be served',
        description:
          'For the load balancer: send nothing here while this fails. Fails also while a task queue has no worker. At most a second old.',
        tags: ['operations'],
        response: { 200: Readiness, 503: Readiness, ...problemReplies() },
      },
    },
    async (_request, reply) => {
      const checks = await shared('all', async () => await Promise.all(names.map(check)));
      const ready = checks.every(({ ok }) => ok);
      reply.code(ready ? 200 : 503).header('cache-control', 'no-store');
      return { status: ready ? ('ready' as const) : ('not_ready' as const), checks: [...checks] };
    },
  );
}
