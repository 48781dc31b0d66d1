import { Type, type Static } from 'typebox';
import type { App, AppDependencies } from '../http/app-types.ts';
import { problemReplies } from '../http/problem-schema.ts';
import { ApiProblem } from '../http/problem.ts';

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

const CheckSchema = Type.Object({
  name: Type.Enum(['temporal', 'secret_store', 'ephemeral_store', 'workers']),
  ok: Type.Boolean(),
  sentence: Type.String(),
});
const Readiness = Type.Object({ status: Type.Enum(['ready', 'not_ready']), checks: Type.Array(CheckSchema) });

type Check = Static<typeof CheckSchema>;

/** Whether requests can be served: for load balancers, and for operators who look for what is down. */
function registerReadyz(app: App, deps: AppDependencies): void {
  const { connections, secrets, ephemeral, providers, logger } = deps;

  /**
   * The route is public, so it returns only our own sentences. Messages of libraries may contain addresses and go to
   * the log.
   */
  const check = async (
    name: Check['name'],
    ask: () => Promise<unknown>,
    fine: string,
    down: string,
  ): Promise<Check> => {
    try {
      await ask();
      return { name, ok: true, sentence: fine };
    } catch (error) {
      logger.warn({ err: error, check: name }, 'Not ready.');
      return { name, ok: false, sentence: error instanceof ApiProblem ? error.message : down };
    }
  };

  const everyQueueIsPolled = async (): Promise<void> => {
    const queues = await connections.pollers(providers.all.map(({ manifest }) => manifest.id));
    const missing = queues.filter(({ pollers }) => pollers === 0).map(({ queue, kind }) => `${queue} (${kind})`);
    if (missing.length > 0) throw withoutPollers(missing);
  };

  app.get(
    '/readyz',
    {
      config: { access: 'public' },
      schema: {
        operationId: 'getReadiness',
        summary: 'Whether requests can be served',
        description:
          'For the load balancer: send nothing here while this fails. Fails also while a task queue has no worker.',
        tags: ['operations'],
        response: { 200: Readiness, 503: Readiness, ...problemReplies() },
      },
    },
    async (_request, reply) => {
      const checks = await Promise.all([
        check(
          'temporal',
          async () => await connections.ping(),
          'Temporal answers and knows the namespace.',
          'Temporal does not answer; the log says why.',
        ),
        check(
          'secret_store',
          async () => await secrets.ping(),
          'The secret store answers.',
          'The secret store does not answer, or refuses this process; the log says why.',
        ),
        check(
          'ephemeral_store',
          async () => await ephemeral.ping(),
          'The ephemeral store answers.',
          'The ephemeral store does not answer; the log says why.',
        ),
        check(
          'workers',
          everyQueueIsPolled,
          'Every task queue is polled by a worker.',
          'Whether workers run is not known; the log says why.',
        ),
      ]);
      const ready = checks.every(({ ok }) => ok);
      reply.code(ready ? 200 : 503).header('cache-control', 'no-store');
      return { status: ready ? ('ready' as const) : ('not_ready' as const), checks };
    },
  );
}

const withoutPollers = (queues: readonly string[]): ApiProblem =>
  new ApiProblem({
    status: 503,
    code: 'no_pollers',
    message: `No worker polls: ${queues.join(', ')}.`,
    remedy: 'Start workers, and look at their logs.',
  });
