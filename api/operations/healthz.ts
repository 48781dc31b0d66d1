import { Type } from 'typebox';
import type { App } from '../http/app-types.ts';
import { problemReplies } from '../http/problem-schema.ts';

/** The process is alive. Says nothing of what it depends on: restarting it would not help those. */
export function registerHealthz(app: App): void {
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
