import { randomUUID } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { FormMethodManifest } from '../../../providers/manifests/types.ts';
import type { SignInDependencies } from '../sign-in-dependencies.ts';
import type { ApiProblem } from '../../http/problem.ts';
import { toProblem } from '../../http/to-problem.ts';
import { checkValues } from './check-values.ts';
import { valuesOf } from './form-names.ts';
import { storeValues, tellSubmission } from './submit-values.ts';
import { sendInvitation, type Open } from '../show-invitation.ts';

/** Hands over what was typed and leads to the result; a mistake, or a store that is down, brings the form back. */
export async function takeValues(
  deps: SignInDependencies,
  request: FastifyRequest,
  reply: FastifyReply,
  opened: Open,
  method: FormMethodManifest,
  typed: Readonly<Record<string, string>>,
): Promise<FastifyReply> {
  const { claims, view } = opened;
  const checked = checkValues(method, valuesOf(method, typed));
  if (!checked.valid) {
    return await sendInvitation(reply.code(400), deps, opened, { typed, mistakes: checked.mistakes });
  }
  const browserHash = deps.browser.ensure(request, reply);
  try {
    const ref = randomUUID();
    await storeValues(deps.secrets, view, ref, checked.fields);
    await tellSubmission(deps, view, { epoch: claims.e, ref, deadlineSeconds: null });
  } catch (error) {
    const problem = toProblem(error);
    // What can be tried again is tried with what was typed; all else is told on a page of its own.
    if (problem.status !== 503) throw error;
    return await sendInvitation(reply.code(503), deps, opened, { typed, notTaken: problemOf(problem) });
  }
  const path = await deps.results.path({
    c: view.id,
    e: claims.e,
    b: browserHash,
    u: view.updatedAt,
    ...(claims.p === undefined ? {} : { p: claims.p }),
  });
  return reply.header('referrer-policy', 'no-referrer').redirect(path, 303);
}

const problemOf = ({ code, message, remedy }: ApiProblem) => ({ code, message, remedy });
