import { Type } from 'typebox';
import type { App, AppDependencies } from '../../app-types.ts';
import { ApiProblem } from '../../problem.ts';
import { problemReplies } from '../../schemas/problem.ts';
import { EphemeralStoreUnavailable } from '../../../stores/ephemeral/port.ts';
import { SecretStoreUnavailable } from '../../../stores/secrets/port.ts';

const CheckSchema = Type.Object({
  name: Type.Enum(['temporal', 'secret_store', 'ephemeral_store']),
  ok: Type.Boolean(),
  sentence: Type.String(),
});
const Readiness = Type.Object({ status: Type.Enum(['ready', 'not_ready']), checks: Type.Array(CheckSchema) });

type CheckName = 'temporal' | 'secret_store' | 'ephemeral_store';

/** Whether requests can be served: for load balancers, and for a person who wonders what is down. */
export function registerReadyz(app: App, { connections, secrets, ephemeral, logger }: AppDependencies): void {
  const check = async (name: CheckName, ping: () => Promise<void>, fine: string) => {
    try {
      await ping();
      return { name, ok: true, sentence: fine };
    } catch (error) {
      logger.warn({ err: error, check: name }, 'Not ready.');
      return { name, ok: false, sentence: sentenceOf(error) };
    }
  };
  app.get(
    '/readyz',
    {
      config: { access: 'public' },
      schema: {
        operationId: 'getReadiness',
        summary: 'Whether requests can be served',
        description: 'For the load balancer: send nothing here while this fails.',
        tags: ['operations'],
        response: { 200: Readiness, 503: Readiness, ...problemReplies() },
      },
    },
    async (_request, reply) => {
      const checks = await Promise.all([
        check('temporal', () => connections.ping(), 'Temporal answers and knows the namespace.'),
        check('secret_store', () => secrets.ping(), 'The secret store answers.'),
        check('ephemeral_store', () => ephemeral.ping(), 'The ephemeral store answers.'),
      ]);
      const ready = checks.every(({ ok }) => ok);
      reply.code(ready ? 200 : 503).header('cache-control', 'no-store');
      return { status: ready ? ('ready' as const) : ('not_ready' as const), checks };
    },
  );
}

/** Only sentences that were written to be read; what a library says goes to the log. */
function sentenceOf(error: unknown): string {
  const readable =
    error instanceof ApiProblem ||
    error instanceof SecretStoreUnavailable ||
    error instanceof EphemeralStoreUnavailable;
  return readable ? error.message : 'It failed in a way that is not known; the log has it.';
}
