import type { FastifyReply } from 'fastify';
import { Type } from 'typebox';
import type { CommandOf, UpdateName } from '../../contracts/messages.ts';
import type { App, AppDependencies } from '../http/app-types.ts';
import { assertSameBody, requestIdOf } from '../http/idempotency.ts';
import { actorOf, tenantOf } from '../http/principal.ts';
import { problemReplies } from '../http/problem-schema.ts';
import { ApiProblem } from '../http/problem.ts';
import { ConnectionParams, described, IdempotencyHeaders, NameSchema, TagsSchema } from '../http/schema.ts';
import type { Asked, ConnectionsGateway } from '../temporal/gateway.ts';
import { connectionReply, currentReply, updateReply } from './reply.ts';
import { ConnectionSchema, type Connection } from './schema.ts';

/** Problems that every verb on a connection can meet. */
export const verbProblems = (...more: readonly number[]): Record<number, object> =>
  problemReplies(400, 401, 403, 404, 409, 429, 503, ...more);

/** Replies of a verb: 200 when it is completed, 202 when it is accepted and still running. */
export const verbReplies = {
  200: described(ConnectionSchema),
  202: described(ConnectionSchema),
  ...verbProblems(),
} as const;

/** Every verb that takes nothing but the connection and answers what it looks like afterwards. */
const verbs = [
  {
    method: 'DELETE',
    path: 'invitation',
    update: 'revokeInvitation',
    operationId: 'revokeInvitation',
    tag: 'connections',
    summary: 'Revokes the open link',
    description: 'The link stops working at once. Without an open link nothing changes.',
  },
  {
    method: 'POST',
    path: 'confirm',
    update: 'confirm',
    operationId: 'confirmConnection',
    tag: 'connections',
    summary: 'Confirms the account that signed in',
    description: 'For invitations with `confirm`: until then nothing of the account is used.',
  },
  {
    method: 'POST',
    path: 'discover',
    update: 'discover',
    operationId: 'discoverConnection',
    tag: 'resources',
    summary: 'Lists the resources now',
    description:
      'Joins a discovery that is under way. The connection says when it has ended; what it finds is published as events.',
  },
  {
    method: 'POST',
    path: 'verify',
    update: 'verify',
    operationId: 'verifyConnection',
    tag: 'connections',
    summary: 'Asks the cloud whether the credential works',
    description: 'A refusal of the cloud makes the connection `action_required`; nothing is deleted.',
  },
  {
    method: 'POST',
    path: 'pause',
    update: 'pause',
    operationId: 'pauseConnection',
    tag: 'connections',
    summary: 'Pauses upkeep',
    description: 'The credential is kept and no longer renewed.',
  },
  {
    method: 'POST',
    path: 'resume',
    update: 'resume',
    operationId: 'resumeConnection',
    tag: 'connections',
    summary: 'Resumes upkeep',
    description: 'The connection goes on where it was.',
  },
  {
    method: 'POST',
    path: 'recover',
    update: 'recover',
    operationId: 'recoverConnection',
    tag: 'connections',
    summary: 'Goes on with a stopped connection',
    description:
      'For one whose workflow was ended from outside Mooring. What is stored is handed out and renewed again; one that never came in waits for a new invitation.',
  },
] as const satisfies readonly { readonly update: ViewUpdate; readonly [other: string]: string }[];

export function registerVerbs(app: App, { connections }: AppDependencies): void {
  for (const { method, path, update, operationId, tag, summary, description } of verbs) {
    app.route({
      method,
      url: `/v1/connections/:id/${path}`,
      config: { access: 'connections:write' },
      schema: {
        operationId,
        summary,
        description,
        tags: [tag],
        params: ConnectionParams,
        headers: IdempotencyHeaders,
        response: verbReplies,
      },
      handler: async (request, reply) =>
        await sendVerb(connections, reply, request.params.id, update, {
          tenant: tenantOf(request),
          by: actorOf(request),
          ...requestIdOf(update, request.headers['idempotency-key']),
        }),
    });
  }
}

/** The updates that answer what the connection looks like. */
type ViewUpdate = Exclude<UpdateName, 'refresh'>;

/** Sends a verb to its connection. Returns the connection after it, or with 202 the connection while the verb runs. */
async function sendVerb<N extends ViewUpdate>(
  connections: ConnectionsGateway,
  reply: FastifyReply,
  id: string,
  name: N,
  command: Asked<CommandOf<N>>,
): Promise<Connection> {
  const update = await connections.update(id, name, command);
  return await updateReply(connections, reply, { tenant: command.tenant, id }, update);
}

const Annotation = Type.Object(
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
        body: Annotation,
        response: { ...verbReplies, ...problemReplies(413, 415, 422) },
      },
    },
    async (request, reply) => {
      await assertSameBody(deps, 'annotate', request);
      const tenant = tenantOf(request);
      const { name } = request.body;
      return await sendVerb(deps.connections, reply, request.params.id, 'annotate', {
        tenant,
        ...(name != null && { nameDigests: await deps.searchDigests.words(tenant, name) }),
        by: actorOf(request),
        ...requestIdOf('annotate', request.headers['idempotency-key']),
        ...request.body,
      });
    },
  );
}

export function registerDisconnect(app: App, { connections }: AppDependencies): void {
  app.delete(
    '/v1/connections/:id',
    {
      config: { access: 'connections:write' },
      schema: {
        operationId: 'disconnect',
        summary: 'Disconnects',
        description:
          'Revokes at the cloud, however long that takes, destroys every stored secret, and keeps a tombstone. Repeating it is fine.',
        tags: ['connections'],
        params: ConnectionParams,
        response: { 202: described(ConnectionSchema), ...verbProblems() },
      },
    },
    async (request, reply) => {
      const tenant = tenantOf(request);
      const { id } = request.params;
      reply.code(202);
      try {
        const update = await connections.update(id, 'disconnect', { tenant, by: actorOf(request) });
        if (update.outcome === 'served') return connectionReply(update.reply);
      } catch (error) {
        // A connection that has ended is already disconnected.
        if (!(error instanceof ApiProblem) || error.code !== 'connection_ended') throw error;
      }
      return await currentReply(connections, tenant, id);
    },
  );
}
