import { Type } from 'typebox';
import type { KeyRing } from '../../../platform/key-ring.ts';
import { currentReply } from '../../connections/reply.ts';
import { ConnectionSchema } from '../../connections/schema.ts';
import type { App, AppDependencies } from '../../http/app-types.ts';
import { audited } from '../../http/plugins/audit.ts';
import { tenantOf } from '../../http/principal.ts';
import { problemReplies } from '../../http/problem-schema.ts';
import { apiProblems } from '../../http/problem.ts';
import { described } from '../../http/schema.ts';
import type { ConnectionsGateway } from '../../temporal/gateway.ts';
import { isSession, platformProblems } from './link.ts';
import { createParkedCodes, type Parked, type ParkedCodes } from './parked-codes.ts';
import type { PlatformOption } from './routes.ts';

const Body = Type.Object(
  {
    completion: Type.String({ maxLength: 128, description: 'What the browser brought back.' }),
    sessionKey: Type.String({ maxLength: 256, description: 'Of the session in which it came back.' }),
  },
  { additionalProperties: false },
);

const completeSchema = {
  summary: 'Completes a sign-in of your own user',
  description:
    'The cloud’s code is redeemed only now, and only for the session key that the sign-in was begun with. With any other it is dropped, unredeemed.',
  tags: ['platform'],
  body: Body,
  response: { 202: described(ConnectionSchema), ...problemReplies(400, 401, 403, 409, 413, 415, 429, 503) },
};

export function registerComplete(app: App, deps: AppDependencies): void {
  registerCompleteAt(app, deps, '/v1/platform/sign-ins/complete', 'completeSignIn', () => true);
}

/** The same under a path by which platforms already know one cloud, for sign-ins at that cloud. */
export function registerCompleteAlias(
  app: App,
  deps: AppDependencies,
  { manifest, method, name }: PlatformOption,
): void {
  const isOfCloud = ({ provider }: Parked): boolean => provider === manifest.id;
  registerCompleteAt(app, deps, method.callbackPath, `complete${name}`, isOfCloud);
}

function registerCompleteAt(
  app: App,
  deps: AppDependencies,
  path: string,
  operationId: string,
  isServed: (parked: Parked) => boolean,
): void {
  const parked = createParkedCodes(deps);
  app.post(
    path,
    { config: { access: 'connections:write' }, schema: { operationId, ...completeSchema } },
    async (request, reply) => {
      const tenant = tenantOf(request);
      const { completion, sessionKey } = request.body;
      const found = await parked.find(completion);
      if (found?.tenant !== tenant || !isServed(found)) throw platformProblems.unknownCompletion();
      audited(request, { connection: found.connection });
      const id = await completeSignIn({ ...deps, parked }, found, completion, sessionKey);
      reply.code(202);
      return await currentReply(deps.connections, tenant, id);
    },
  );
}

/**
 * The platform confirms that the browser which came back belongs to the user who started the sign-in. Only then is the
 * parked code sent to the connection. With a wrong session key it is dropped without being redeemed, because another
 * person signed in.
 */
async function completeSignIn(
  deps: { readonly parked: ParkedCodes; readonly connections: ConnectionsGateway; readonly keyRing: KeyRing },
  found: Parked,
  completion: string,
  sessionKey: string,
): Promise<string> {
  const { parked, connections, keyRing } = deps;
  const { tenant, connection, epoch, stateHash, browserHash, redirectUri, verifier, answer } = found;
  if (!isSession(keyRing, connection, sessionKey, found.sessionDigest)) {
    await parked.drop(completion);
    throw platformProblems.otherSession();
  }
  const delivered = await connections.callback(tenant, connection, {
    epoch,
    stateHash,
    browserHash,
    redirectUri,
    answer:
      answer.kind === 'error' ? answer : { ...answer, sealedVerifier: keyRing.seal('envelope', verifier, connection) },
  });
  // Drop it only after it was sent: while Temporal does not answer, the code stays, and the call can be repeated.
  await parked.drop(completion);
  if (delivered === 'ended') throw apiProblems.connectionEnded('disconnected or expired');
  return connection;
}
