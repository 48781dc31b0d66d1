import { Type } from 'typebox';
import type { AnnotateCommand } from '../../contracts/messages.ts';
import type { App, AppDependencies } from '../http/app-types.ts';
import { assertSameBody } from '../http/idempotency.ts';
import { tenantOf } from '../http/plugins/authentication.ts';
import { ConnectionParams, IdempotencyHeaders, NameSchema, TagsSchema } from '../http/requests.ts';
import { problemReplies } from '../http/problem-schema.ts';
import { requestIdOf } from '../http/request-id.ts';
import { verbReplies } from './route-replies.ts';
import { sendVerb } from './send-verb.ts';

const Body = Type.Object(
  { name: Type.Optional(NameSchema), tags: Type.Optional(TagsSchema) },
  { additionalProperties: false, minProperties: 1 },
);

export function registerAnnotate(app: App, deps: AppDependencies): void {
  app.patch(
    '/v1/connections/:id',
    {
      config: { access: 'connections:write' },
      schema: {
        operationId: 'annotateConnection',
        summary: 'Renames or tags a connection',
        description: 'What is left out stays as it is; tags are replaced as a whole.',
        tags: ['connections'],
        params: ConnectionParams,
        headers: IdempotencyHeaders,
        body: Body,
        response: { ...verbReplies, ...problemReplies(413, 415, 422) },
      },
    },
    async (request, reply) => {
      await assertSameBody(deps, 'annotate', request);
      return await sendVerb<AnnotateCommand>(deps.connections, reply, request.params.id, 'annotate', {
        tenant: tenantOf(request),
        ...requestIdOf('annotate', request.headers['idempotency-key']),
        ...request.body,
      });
    },
  );
}
