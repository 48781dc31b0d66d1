import { randomUUID } from 'node:crypto';
import { Type } from 'typebox';
import type { JsonObject } from '../../../platform/json.ts';
import { Secret } from '../../../platform/secret.ts';
import { newRecord } from '../../../stores/secrets/credential-record.ts';
import type { App, AppDependencies } from '../../http/app-types.ts';
import { tenantOf } from '../../http/principal.ts';
import { problemReplies } from '../../http/problem-schema.ts';
import { ApiProblem, apiProblems } from '../../http/problem.ts';
import { nullable } from '../../http/schema.ts';
import { checkValues } from '../submission/check-values.ts';
import { platformProblems } from './link.ts';
import type { PlatformOption } from './routes.ts';

const Body = Type.Object(
  {
    endpoint: Type.String({ description: 'The cloud’s region, endpoint or partition.' }),
    variant: Type.Optional(
      Type.String({ maxLength: 64, description: 'Which set of values, where there are several.' }),
    ),
    fields: Type.Record(Type.String({ pattern: '^[a-z0-9_]{1,64}$' }), Type.String({ maxLength: 20_000 }), {
      description: 'By name, as the method’s form has them.',
    }),
  },
  { additionalProperties: false },
);

const Validated = Type.Object({
  valid: Type.Boolean(),
  account: nullable(Type.Object({ id: Type.String(), displayName: nullable(Type.String()) })),
  problem: nullable(Type.Object({ code: Type.String(), message: Type.String(), remedy: Type.String() })),
});

const PENDING_REF = 'submitted';

/** A worker checks the submitted values like a submission, and destroys them. */
export function registerValidate(app: App, deps: AppDependencies, { manifest, routes, name }: PlatformOption): void {
  const { connections, providers, secrets } = deps;
  const { path, method: methodId } = routes.validate;
  app.post(
    path,
    {
      config: { access: 'connections:write' },
      schema: {
        operationId: `validate${name}`,
        summary: 'Says whether submitted credentials work, and whose they are',
        description: 'Asks the cloud. Nothing is connected, and what was sent is destroyed with the answer.',
        tags: ['platform'],
        body: Body,
        response: { 200: Validated, ...problemReplies(400, 401, 403, 413, 415, 422, 429, 501, 503) },
      },
    },
    async (request, reply) => {
      const { endpoint, variant, fields } = request.body;
      await deps.quotas.validation(tenantOf(request));
      const { method } = providers.choose(manifest.id, endpoint, methodId);
      if (method.flow !== 'form') throw platformProblems.notAvailable(methodId);
      const checked = checkValues(method, { variant, fields });
      if (!checked.valid) {
        throw apiProblems.invalidRequest(checked.mistakes.map(({ field, sentence }) => `fields.${field}: ${sentence}`));
      }
      const id = `val_${randomUUID()}`;
      const connection = { id, tenant: tenantOf(request), provider: manifest.id, region: endpoint, method: methodId };
      const record = new Secret<JsonObject>({ ...checked.fields, ...newRecord(connection) });
      const outcome = await connections.checkSubmission({ connection, pendingRef: PENDING_REF }, async () => {
        await secrets.write('pending', `${id}/${PENDING_REF}`, record, { cas: 0 });
      });
      reply.header('cache-control', 'no-store');
      switch (outcome.outcome) {
        case 'proven':
          return { valid: true, account: outcome.account, problem: null };
        case 'refused':
          return { valid: false, account: null, problem: outcome.problem };
        case 'unavailable':
          throw new ApiProblem({ status: 503, ...outcome.problem });
      }
    },
  );
}
