import { randomUUID } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import type { FormMethodManifest } from '../../providers/manifests/types.ts';
import { asRedirect } from '../connections/provider-catalog.ts';
import type { App } from '../http/app-types.ts';
import { pageReplies, TokenParams } from '../http/page.ts';
import { optionalBody } from '../http/plugins/json-body.ts';
import { actorOf } from '../http/principal.ts';
import type { ApiProblem } from '../http/problem.ts';
import { toProblem } from '../http/to-problem.ts';
import { authorizeEndpoint, beginSignIn, countSignIn } from './begin-sign-in.ts';
import { assertSameOrigin } from './browser.ts';
import type { SignInDependencies } from './dependencies.ts';
import { openInvitation, type ClosedInvitation, type OpenedInvitation } from './open-invitation.ts';
import { brandIfKnown, readBrand, sendBranded } from './pages/brand.ts';
import { closedInvitationPage } from './pages/closed-invitation.ts';
import { invitationPage } from './pages/request.ts';
import { submissionPage, type SubmissionPage } from './pages/submission.ts';
import { checkValues, valuesOf } from './submission/check-values.ts';
import { storeValues, sendSubmission } from './submission/submit-values.ts';
import { tryPasscode } from './try-passcode.ts';

export function registerShowInvitation(app: App, deps: SignInDependencies): void {
  app.get(
    '/connect/:token',
    {
      config: { access: 'public', page: true, audit: 'counted' },
      schema: {
        operationId: 'showInvitation',
        summary: 'Shows an invitation',
        description: 'Who asks, for what, and until when. Renders only: link scanners open links.',
        tags: ['sign-in'],
        params: TokenParams,
        response: pageReplies({
          200: 'The invitation.',
          404: 'Not a link of ours.',
          409: 'A sign-in is being checked.',
          410: 'Expired, replaced, revoked, locked, completed or disconnected.',
          503: 'Cannot be said, or not be connected, at present.',
        }),
      },
    },
    async (request, reply) => {
      const opened = await openInvitation(deps, request, request.params.token);
      if (opened.state !== 'open') return await sendClosed(reply, deps, opened);
      return await sendInvitation(reply, deps, opened, {});
    },
  );
}

export type Open = Extract<OpenedInvitation, { state: 'open' }>;

/** What the customer typed, and what is wrong with it. */
type Typed = Pick<SubmissionPage, 'passcodeProblem' | 'typed' | 'mistakes' | 'notTaken'>;

async function sendInvitation(
  reply: FastifyReply,
  deps: SignInDependencies,
  { claims, expiresAt, view, option }: Open,
  typed: Typed,
): Promise<FastifyReply> {
  const brand = await readBrand(deps.tenants, view.tenant);
  const page = {
    asker: brand.name,
    option,
    view,
    expiresAt,
    passcodeRequired: claims.p !== undefined,
    ...typed,
  };
  // With "no-referrer", browsers send "Origin: null" with the form, and its origin could not be checked.
  reply.header('referrer-policy', 'same-origin');
  if (option.method.flow === 'form') {
    return sendBranded(reply, submissionPage({ ...page, method: option.method }), brand);
  }
  const redirect = asRedirect(option, deps.config.publicUrl);
  return sendBranded(reply, invitationPage(page), brand, { leadsTo: redirect && authorizeEndpoint(redirect) });
}

/** `tenant` is undefined where the link says nothing of its tenant. */
export async function sendClosed(
  reply: FastifyReply,
  { tenants }: Pick<SignInDependencies, 'tenants'>,
  { state, tenant }: ClosedInvitation,
): Promise<FastifyReply> {
  const { page, status } = closedInvitationPage(state);
  return sendBranded(reply.code(status), page, tenant === undefined ? undefined : await brandIfKnown(tenants, tenant));
}

/** The fields depend on the method. A field that is sent twice would be a list, and is refused. */
const Form = Type.Record(Type.String({ maxLength: 200 }), Type.String({ maxLength: 20_000 }));

export function registerContinue(app: App, deps: SignInDependencies): void {
  const { config, ephemeral } = deps;
  app.post(
    '/connect/:token',
    {
      config: { access: 'public', page: true },
      preValidation: optionalBody,
      schema: {
        // Only the page itself uses this route.
        hide: true,
        operationId: 'continueInvitation',
        summary: 'Goes on to the cloud, or takes values in',
        description:
          'Mints state and PKCE verifier for this browser and leads to the cloud’s own sign-in page; or hands over what was submitted.',
        tags: ['sign-in'],
        consumes: ['application/x-www-form-urlencoded'],
        params: TokenParams,
        body: Form,
        response: pageReplies({
          303: 'To the cloud, or to the result.',
          400: 'The form is not valid.',
          403: 'Sent from another site, or with a wrong passcode.',
          404: 'Not a link of ours.',
          409: 'A sign-in is being checked.',
          410: 'Expired, replaced, revoked, locked, completed or disconnected.',
          415: 'Not a form.',
          429: 'Too many tries.',
          503: 'Cannot be said, or not be connected, at present.',
        }),
      },
    },
    async (request, reply) => {
      assertSameOrigin(request, config.publicUrl);
      const opened = await openInvitation(deps, request, request.params.token);
      if (opened.state !== 'open') return await sendClosed(reply, deps, opened);
      const { claims, view, option } = opened;
      const { passcode = '', ...typed } = request.body;
      if (claims.p !== undefined) {
        const verdict = await tryPasscode(deps, opened, passcode.trim());
        if (verdict === 'locked') return await sendClosed(reply, deps, { state: 'locked', tenant: view.tenant });
        if (verdict === 'wrong') {
          const passcodeProblem = 'That is not the passcode of this link. Compare it with what you were sent.';
          return await sendInvitation(reply.code(403), deps, opened, { passcodeProblem, typed });
        }
      }
      await countSignIn(ephemeral, view.id);
      reply.header('cache-control', 'no-store');
      if (option.method.flow === 'form') return await takeValues(deps, request, reply, opened, option.method, typed);
      const redirect = asRedirect(option, config.publicUrl);
      if (!redirect) return await sendClosed(reply, deps, { state: 'unavailable', tenant: view.tenant });
      return reply.redirect(await beginSignIn(deps, request, reply, { claims, view, option: redirect }), 303);
    },
  );
}

/**
 * Submits what was typed and redirects to the result. On a mistake, or when a store does not answer, shows the form
 * again.
 */
async function takeValues(
  deps: SignInDependencies,
  request: FastifyRequest,
  reply: FastifyReply,
  opened: Open,
  method: FormMethodManifest,
  typed: Readonly<Record<string, string>>,
): Promise<FastifyReply> {
  const { claims, view } = opened;
  await deps.quotas.submission(view.tenant);
  const checked = checkValues(method, valuesOf(method, typed));
  if (!checked.valid) {
    return await sendInvitation(reply.code(400), deps, opened, { typed, mistakes: checked.mistakes });
  }
  const browserHash = deps.browser.ensure(request, reply);
  try {
    const ref = randomUUID();
    await storeValues(deps.secrets, view, ref, checked.fields);
    const by = actorOf(request);
    await sendSubmission(deps, view, { by, epoch: claims.e, ref, deadlineSeconds: null });
  } catch (error) {
    const problem = toProblem(error);
    // When it can be tried again, show the form with what was typed. Other errors get a page of their own.
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
