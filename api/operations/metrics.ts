import { Type } from 'typebox';
import type { App, AppDependencies } from '../http/app-types.ts';
import { registerConnectionsByStatus } from './connections-by-status.ts';
import { registerPollers, registerReconciled } from './worker-metrics.ts';
import { problemReplies } from '../http/problem-schema.ts';

export function registerMetrics(app: App, deps: AppDependencies): void {
  const { metrics } = deps;
  registerConnectionsByStatus(deps);
  registerPollers(deps);
  registerReconciled(deps);
  app.get(
    '/metrics',
    {
      config: { access: 'admin' },
      schema: {
        operationId: 'getMetrics',
        summary: 'Metrics for Prometheus',
        description:
          'Of this process; connections by status, and those that Mooring does not keep up with, across all tenants; who polls the task queues. Needs a key with the scope `admin`.',
        tags: ['operations'],
        response: {
          200: {
            description: 'Prometheus’ text format.',
            content: { 'text/plain': { schema: Type.String({ description: 'Metrics.' }) } },
          },
          ...problemReplies(401, 403, 429, 503),
        },
      },
    },
    async (_request, reply) => await reply.type(metrics.contentType).send(await metrics.metrics()),
  );
}
