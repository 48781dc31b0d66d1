import { Type } from 'typebox';
import type { App, AppDependencies } from '../../http/app-types.ts';
import { connectionReply } from '../../connections/reply.ts';
import { completeSignIn } from './complete-sign-in.ts';
import { createParkedCodes } from './parked-codes.ts';
import { tenantOf } from '../../http/plugins/authentication.ts';
import { ConnectionSchema } from '../../connections/schema.ts';
import { problemReplies } from '../../http/problem-schema.ts';
import { described } from '../../http/schema.ts';
import type { PlatformWay } from './platform-ways.ts';

const Body = Type.Object(
  {
    completion: Type.String({ maxLength: 128, description: 'What the browser brought back.' }),
    sessionKey: Type.String({ maxLength: 256, description: 'Of the session in which it came back.' }),
  },
  { additionalProperties: false },
);

export function registerComplete(app: App, deps: AppDependencies, { manifest, method, name }: PlatformWay): void {
  const parked = createParkedCodes(deps);
  app.post(
    method.callbackPath,
    {
      config: { access: 'connections:write' },
      schema: {
        operationId: `complete${name}`,
        summary: 'Completes a sign-in of your own user',
        description:
          'The cloud’s code is redeemed only now, and only for the session key that the sign-in was begun with. With any other it is dropped, unredeemed.',
        tags: ['platform'],
        body: Body,
        response: { 202: described(ConnectionSchema), ...problemReplies(400, 401, 403, 409, 413, 415, 429, 503) },
      },
    },
    async (request, reply) => {
      const tenant = tenantOf(request);
      const { completion, sessionKey } = request.body;
      const caller = { tenant, provider: manifest.id };
      const id = await completeSignIn({ ...deps, parked }, caller, completion, sessionKey);
      const found = await deps.connections.view(tenant, id);
      reply.code(202);
      return connectionReply(found.view, found);
    },
  );
}
