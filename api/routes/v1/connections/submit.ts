import { createHash, randomUUID } from 'node:crypto';
import { Type } from 'typebox';
import type { FormMethodManifest } from '../../../../activities/providers/manifest-types.ts';
import type { ConnectionView } from '../../../../workflows/contracts/connection.ts';
import type { App, AppDependencies } from '../../../app-types.ts';
import { connectionReply } from '../../../connection-reply.ts';
import { wayUnknown } from '../../../guide.ts';
import { assertSameBody } from '../../../idempotency.ts';
import { tenantOf } from '../../../plugins/authentication.ts';
import { ApiProblem, apiProblems } from '../../../problem.ts';
import type { ProviderCatalog } from '../../../provider-catalog.ts';
import { ConnectionParams, IdempotencyHeaders } from '../../../schemas/requests.ts';
import { checkValues } from '../../../submission/check-values.ts';
import { submitValues } from '../../../submission/submit-values.ts';
import { createTakenSubmissions } from '../../../submission/taken.ts';
import { requestIdOf } from './request-id.ts';
import { verbProblems, verbReplies } from './route-replies.ts';

const DAY_SECONDS = 24 * 3600;

const Body = Type.Object(
  {
    variant: Type.Optional(
      Type.String({ maxLength: 64, description: 'Which set of values, where there are several.' }),
    ),
    fields: Type.Record(Type.String({ pattern: '^[a-z0-9_]{1,64}$' }), Type.String({ maxLength: 20_000 }), {
      description: 'By name, as the guide of the connection lists them.',
    }),
    deadlineSeconds: Type.Optional(
      Type.Integer({
        minimum: 60,
        maximum: 90 * DAY_SECONDS,
        description: 'How long to wait until the cloud lets it in. Default: as long as the link lives.',
      }),
    ),
  },
  { additionalProperties: false },
);

export function registerSubmit(app: App, deps: AppDependencies): void {
  const { connections, providers } = deps;
  const taken = createTakenSubmissions(deps.ephemeral);
  app.post(
    '/v1/connections/:id/submission',
    {
      config: { access: 'connections:write' },
      schema: {
        operationId: 'submitValues',
        summary: 'Submits what the connection is made with',
        description:
          'For methods with the flow `form`. The values are checked, kept unproven, and tried until the cloud takes or refuses them; `verification` of the connection says how that goes. Submitted again meanwhile, the newer values count.',
        tags: ['connections'],
        params: ConnectionParams,
        headers: IdempotencyHeaders,
        body: Body,
        response: { ...verbReplies, ...verbProblems(413, 415, 422) },
      },
    },
    async (request, reply) => {
      const tenant = tenantOf(request);
      const { id } = request.params;
      const { body } = request;
      const { view, verification } = await connections.view(tenant, id);
      const checked = checkValues(formOf(providers, view), body);
      if (!checked.valid) {
        throw apiProblems.invalidRequest(
          checked.mistakes.map(({ field, sentence, hint }) =>
            [`fields.${field}:`, sentence, hint].filter((part) => part !== undefined).join(' '),
          ),
        );
      }
      const key = request.headers['idempotency-key'];
      await assertSameBody(deps, 'submission', request);
      const ref = key === undefined ? randomUUID() : refOf(id, key);
      if (key !== undefined && (await taken.has(id, ref))) return connectionReply(view, verification);
      const update = await submitValues(deps, {
        view,
        epoch: openEpoch(view),
        fields: checked.fields,
        deadlineSeconds: body.deadlineSeconds ?? null,
        ref,
        ...requestIdOf('submission', key),
      });
      if (key !== undefined) await taken.add(id, ref);
      if (update.outcome === 'served') return connectionReply(update.reply);
      reply.code(202);
      const now = await connections.view(tenant, id);
      return connectionReply(now.view, now.verification);
    },
  );
}

/** A repeat finds what the request before it has stored, whatever else was lost. */
const refOf = (id: string, key: string): string =>
  createHash('sha256').update(`submission|${id}|${key}`).digest('base64url').slice(0, 32);

function formOf(providers: Pick<ProviderCatalog, 'find'>, view: ConnectionView): FormMethodManifest {
  const way = providers.find(view.provider, view.region, view.method);
  if (!way) throw wayUnknown(view);
  if (way.method.flow === 'form') return way.method;
  throw new ApiProblem({
    status: 409,
    code: 'nothing_to_submit',
    message: `The method '${view.method}' takes a sign-in at the cloud, and no values.`,
    remedy: 'Send the customer the link of the connection.',
  });
}

/** Asked before anything is stored: what the connection would refuse is better not put there. */
function openEpoch({ invitation, status, verification }: ConnectionView): number {
  if (!invitation) {
    throw new ApiProblem({
      status: 409,
      code: 'no_open_invitation',
      message: `The connection is ${status} and takes nothing in at present.`,
      remedy: 'POST /v1/connections/{id}/reauthorize first, or …/invitation where it never was connected.',
    });
  }
  if (verification && verification.step !== 'proof') {
    throw new ApiProblem({
      status: 409,
      code: 'already_verifying',
      message: 'What was submitted before works, and is being taken in.',
      remedy: 'Wait for its outcome: GET the connection, and confirm the account where that is asked for.',
    });
  }
  return invitation.epoch;
}
