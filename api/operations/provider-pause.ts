import { Type } from 'typebox';
import { pausedProblem } from '../../stores/provider-pauses.ts';
import type { App, AppDependencies } from '../http/app-types.ts';
import { apiProblems } from '../http/problem.ts';
import { problemReplies } from '../http/problem-schema.ts';
import { ProviderStateSchema } from './provider-state.ts';

const Params = Type.Object({
  id: Type.String({ description: 'The id of the provider, as GET /v1/providers has it.' }),
});

const Body = Type.Object(
  {
    reason: Type.Optional(
      Type.Union([Type.String({ minLength: 1, maxLength: 200, pattern: '^[^\\x00-\\x1F\\x7F]*$' }), Type.Null()], {
        description: 'Shown wherever the pause is.',
      }),
    ),
  },
  { additionalProperties: false },
);

const Reply = Type.Object({ id: Type.String(), ...ProviderStateSchema.properties });

/** An operator's hold on everything that calls a cloud, for all tenants. Both may be repeated. */
export function registerProviderPause(app: App, { providers, providerPauses, providerStates }: AppDependencies): void {
  app.post(
    '/v1/providers/:id/pause',
    {
      config: { access: 'admin' },
      preValidation: async (request) => {
        request.body ??= {};
      },
      schema: {
        operationId: 'pauseProvider',
        summary: 'Pauses all work with a cloud',
        description:
          'For all connections of the installation, within seconds. Nothing is lost: what falls due waits. Paused again, it gets the new reason.',
        tags: ['providers'],
        params: Params,
        body: Body,
        response: { 200: Reply, ...problemReplies(400, 401, 403, 404, 413, 415, 429, 503) },
      },
    },
    async (request) => {
      const id = known(request.params.id);
      const pause = await providerPauses.pause(id, request.body.reason ?? null);
      request.log.warn({ provider: id, reason: pause.reason, by: request.apiKey?.id }, 'The provider was paused.');
      return { id, state: 'paused' as const, since: pause.since, problem: pausedProblem(id, pause) };
    },
  );

  app.post(
    '/v1/providers/:id/resume',
    {
      config: { access: 'admin' },
      schema: {
        operationId: 'resumeProvider',
        summary: 'Resumes work with a cloud',
        description: 'What has waited comes back over a few minutes, not all at once.',
        tags: ['providers'],
        params: Params,
        response: { 200: Reply, ...problemReplies(401, 403, 404, 429, 503) },
      },
    },
    async (request) => {
      const id = known(request.params.id);
      await providerPauses.resume(id);
      request.log.warn({ provider: id, by: request.apiKey?.id }, 'The provider was resumed.');
      // The cloud may be unavailable all the same.
      return { id, ...(await providerStates.read(id)) };
    },
  );

  function known(id: string): string {
    const ids = providers.all.map(({ manifest }) => manifest.id);
    if (!ids.includes(id)) throw apiProblems.providerNotFound(ids);
    return id;
  }
}
