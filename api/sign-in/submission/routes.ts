import { randomUUID } from 'node:crypto';
import { Type } from 'typebox';
import type { Actor } from '../../../contracts/actor.ts';
import type { ConnectionView } from '../../../contracts/connection.ts';
import type { FormMethodManifest } from '../../../providers/manifests/types.ts';
import { methodUnknown } from '../../connections/guide.ts';
import type { ProviderCatalog } from '../../connections/provider-catalog.ts';
import { connectionReply, updateReply } from '../../connections/reply.ts';
import { verbProblems, verbReplies } from '../../connections/verbs.ts';
import type { App, AppDependencies } from '../../http/app-types.ts';
import { assertSameBody, requestIdOf } from '../../http/idempotency.ts';
import { actorOf, tenantOf } from '../../http/principal.ts';
import { ApiProblem, apiProblems } from '../../http/problem.ts';
import { ConnectionParams, IdempotencyHeaders } from '../../http/schema.ts';
import type { UpdateOutcome } from '../../temporal/send-update.ts';
import { checkValues } from './check-values.ts';
import { createRepeatedSubmissions } from './repeated.ts';
import { isRefusal, storeValues, sendSubmission } from './submit-values.ts';

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
  const repeated = createRepeatedSubmissions(deps.ephemeral);
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
      const found = await connections.view(tenant, id);
      const { view } = found;
      await deps.quotas.submission(tenant);
      const checked = checkValues(formOf(providers, view), body);
      if (!checked.valid) {
        throw apiProblems.invalidRequest(
          checked.mistakes.map(({ field, sentence, hint }) =>
            [`fields.${field}:`, sentence, hint].filter((part) => part !== undefined).join(' '),
          ),
        );
      }
      await assertSameBody(deps, 'submission', request);
      const { requestId } = requestIdOf('submission', request.headers['idempotency-key']);
      const terms = { by: actorOf(request), deadlineSeconds: body.deadlineSeconds ?? null };
      const update = await submit(view, requestId, checked.fields, terms);
      if (!update) return connectionReply(view, found);
      return await updateReply(connections, reply, { tenant, id }, update);
    },
  );

  /** Undefined when the same request was accepted before. */
  async function submit(
    view: ConnectionView,
    requestId: string | undefined,
    fields: Readonly<Record<string, string>>,
    terms: { readonly by: Actor; readonly deadlineSeconds: number | null },
  ): Promise<UpdateOutcome<ConnectionView> | undefined> {
    const { id } = view;
    if (requestId === undefined) {
      const command = { ...terms, epoch: openEpoch(view), ref: randomUUID() };
      await storeValues(deps.secrets, view, command.ref, fields);
      return await sendSubmission(deps, view, command);
    }
    const { step, ref } = await repeated.begin(id, requestId, randomUUID());
    if (step === 'taken') return undefined;
    if (step === 'new') {
      try {
        openEpoch(view);
        await storeValues(deps.secrets, view, ref, fields);
      } catch (error) {
        await repeated.forget(id, requestId);
        throw error;
      }
      await repeated.reached(id, requestId, { step: 'stored', ref });
    }
    // The connection may have received a repeated request before. It then recognises the request id, even if the link
    // has changed.
    const epoch = view.invitation?.epoch ?? 0;
    try {
      const update = await sendSubmission(deps, view, { ...terms, epoch, ref, requestId });
      await repeated.reached(id, requestId, { step: 'taken', ref });
      return update;
    } catch (error) {
      if (isRefusal(error)) await repeated.forget(id, requestId);
      throw error;
    }
  }
}

function formOf(providers: Pick<ProviderCatalog, 'find'>, view: ConnectionView): FormMethodManifest {
  const option = providers.find(view.provider, view.region, view.method);
  if (!option) throw methodUnknown(view);
  if (option.method.flow === 'form') return option.method;
  throw new ApiProblem({
    status: 409,
    code: 'nothing_to_submit',
    message: `The method '${view.method}' takes a sign-in at the cloud, and no values.`,
    remedy: 'Send the customer the link of the connection.',
  });
}

/** Checked before storing, so that values which the connection would refuse are not stored. */
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
