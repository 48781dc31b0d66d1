import type { FastifyRequest } from 'fastify';
import {
  AuthorizationResponseError,
  OperationProcessingError,
  UnsupportedOperationError,
  validateAuthResponse,
} from 'oauth4webapi';
import { plainText } from '../../contracts/plain-text.ts';
import { namesIssuer } from '../../providers/manifests/settings.ts';
import { asRedirect, type RedirectOption } from '../connections/provider-catalog.ts';
import type { App } from '../http/app-types.ts';
import { messagePage, pageReplies, sendPage } from '../http/page.ts';
import { audited } from '../http/plugins/audit.ts';
import { principalOfLink } from '../http/principal.ts';
import { ApiProblem } from '../http/problem.ts';
import type { Found } from '../temporal/lookup.ts';
import { issuerOf } from './begin-sign-in.ts';
import type { SignInDependencies } from './dependencies.ts';
import { stateHash, type SignIn } from './oauth-state.ts';
import { signInProblems } from './problems.ts';

/** Where the clouds send browsers back to; the paths are data of the manifests. */
export function registerCallbacks(app: App, deps: SignInDependencies): void {
  for (const path of deps.providers.callbacks.keys()) registerCallback(app, deps, path);
}

function registerCallback(app: App, deps: SignInDependencies, path: string): void {
  app.get(
    path,
    {
      config: { access: 'public', page: true, audit: 'each' },
      schema: {
        operationId: `receiveCallback${path.replaceAll(/\W+(\w)/g, (_match, letter: string) => letter.toUpperCase())}`,
        summary: 'Receives the cloud’s redirect',
        description:
          'For the browser that pressed Continue, within 10 minutes, once. Takes `code` and `state`, or `error` (RFC 6749, 4.1.2).',
        tags: ['sign-in'],
        response: pageReplies({
          200: 'A reload of a sign-in that has been handed over.',
          303: 'To the result page.',
          400: 'Incomplete, expired or malformed; or a parameter is repeated, or the issuer is missing.',
          403: 'Not the browser that began it.',
          409: 'Answered before with another code.',
          410: 'The connection has ended, or the link was replaced.',
          503: 'Kept, to be handed over on a reload.',
        }),
      },
    },
    async (request, reply) => {
      // Fastify merges repeated parameters. RFC 6749, 3.1 forbids them, so the check must see the raw query.
      const query = new URLSearchParams(request.url.split('?').slice(1).join('?'));
      const received = await receiveCallback(deps, request, path, query);
      if (received.outcome === 'reloaded') return sendPage(reply, reloadedPage(received.resultPath));
      return reply
        .header('referrer-policy', 'no-referrer')
        .header('cache-control', 'no-store')
        .redirect(received.resultPath, 303);
    },
  );
}

function reloadedPage(resultPath: string) {
  const { message, code } = signInProblems.invalidState();
  return messagePage({
    tone: 'neutral',
    title: message,
    sentences: ['This sign-in has been received already; reloading this page changes nothing.'],
    code,
    link: { href: resultPath, text: 'See how it went' },
  });
}

/**
 * Where the browser goes next: to the result page or back to its platform. On a reload, to a page with a link there.
 */
export type Received =
  | { readonly outcome: 'handed_over'; readonly resultPath: string }
  | { readonly outcome: 'reloaded'; readonly resultPath: string };

/** What a cloud's redirect may contain: RFC 6749, 4.1.2 and 4.1.2.1; RFC 9207; OpenID Connect Session Management, 2. */
const answerParameters = ['code', 'state', 'error', 'error_description', 'error_uri', 'iss', 'session_state'] as const;

/**
 * Checks the cloud's redirect in this order: parameters, state, browser, path, the answer itself, single use of the
 * state. Then sends it to the connection. Throws `ApiProblem` when a check fails.
 */
async function receiveCallback(
  deps: SignInDependencies,
  request: FastifyRequest,
  path: string,
  query: URLSearchParams,
): Promise<Received> {
  const { states, browser } = deps;
  // Which of two values counts would depend on who reads them (RFC 6749, 3.1).
  if (answerParameters.some((name) => query.getAll(name).length > 1)) throw signInProblems.repeatedParameter();
  const state = query.get('state') ?? '';
  const answered = query.get('code') || query.get('error');
  if (state === '') {
    const error = query.get('error');
    throw error !== null && /^[a-z_]{1,64}$/.test(error)
      ? signInProblems.refusedWithoutState(error)
      : signInProblems.missingParameter();
  }
  if (!answered) throw signInProblems.missingParameter();
  const entry = await states.find(state);
  if (!entry) throw signInProblems.invalidState();
  if ('finished' in entry) {
    const { resultPath, browserHash } = entry.finished;
    if (!browser.matches(request, browserHash)) throw signInProblems.invalidState();
    return { outcome: 'reloaded', resultPath };
  }
  const signIn = entry.open;
  const { tenant, connection, epoch } = signIn;
  request.principal = principalOfLink({ tenant, connection, epoch }, request.ip);
  audited(request, { connection });
  if (!browser.matches(request, signIn.browserHash)) throw signInProblems.otherBrowser();
  const option = optionOf(deps, signIn);
  if (option?.method.callbackPath !== path) throw signInProblems.invalidState();
  // Parse the answer before the state is claimed: a malformed answer must not use up the state.
  const answer = authorizationAnswer(option, query, state);
  if (!(await states.claim(state, `${answer.kind}:${answered}`))) throw signInProblems.otherAnswer();
  const { platform } = signIn;
  return platform ? await park(deps, signIn, platform, state, answer) : await handOver(deps, signIn, state, answer);
}

/**
 * Keeps the code until the platform confirms that this browser belongs to its user. Until then the code is not redeemed,
 * and the connection's workflow is not signalled.
 */
async function park(
  { parked, states }: SignInDependencies,
  { provider, tenant, connection, epoch, browserHash, redirectUri, verifier }: SignIn,
  platform: NonNullable<SignIn['platform']>,
  state: string,
  answer: AuthorizationAnswer,
): Promise<Received> {
  const { sessionDigest } = platform;
  const signIn = { provider, tenant, connection, epoch, browserHash, redirectUri, verifier, sessionDigest };
  const back = new URL(platform.redirectUri);
  back.searchParams.set('connection', connection);
  back.searchParams.set('completion', await parked.park(state, { ...signIn, stateHash: stateHash(state), answer }));
  await states.finish(state, { resultPath: back.href, browserHash });
  return { outcome: 'handed_over', resultPath: back.href };
}

async function handOver(
  deps: SignInDependencies,
  signIn: SignIn,
  state: string,
  answer: AuthorizationAnswer,
): Promise<Received> {
  const { connections, keyRing, results, states } = deps;
  const { connection, epoch, browserHash, redirectUri, tenant, verifier } = signIn;
  const before = await connections.viewForLink(connection).catch(() => undefined);
  const over = before && endReason(before, epoch);

  const delivered = await connections
    .callback(tenant, connection, {
      epoch,
      stateHash: stateHash(state),
      browserHash,
      redirectUri,
      answer:
        answer.kind === 'error'
          ? answer
          : { ...answer, sealedVerifier: keyRing.seal('envelope', verifier, connection) },
    })
    .catch((error: unknown) => {
      // State and claim remain, so that reloading the same redirect sends it again.
      throw error instanceof ApiProblem && error.status === 503 ? signInProblems.notHandedOver(error) : error;
    });

  const resultPath = await results.path({
    c: connection,
    e: epoch,
    b: browserHash,
    ...(before ? { u: before.view.updatedAt } : {}),
    ...(answer.kind === 'error' ? { d: answer.error } : {}),
  });
  await states.finish(state, { resultPath, browserHash });
  if (delivered === 'ended') throw signInProblems.ended();
  if (over) throw over;
  return { outcome: 'handed_over', resultPath };
}

/**
 * Why the connection will not use a sign-in that was delivered. A completed link is no reason: its result page shows
 * the result.
 */
function endReason({ view: { invitation, status } }: Found, epoch: number): ApiProblem | undefined {
  if (status === 'disconnecting' || status === 'disconnected' || status === 'expired') return signInProblems.ended();
  const open = invitation ? invitation.epoch === epoch : status !== 'awaiting_customer';
  return open ? undefined : signInProblems.replaced();
}

function optionOf(deps: SignInDependencies, { provider, region, method }: SignIn): RedirectOption | undefined {
  const option = deps.providers.find(provider, region, method);
  return option && asRedirect(option, deps.config.publicUrl);
}

const ERROR_CODE = /^[a-z_]{1,64}$/;
const DESCRIPTION_LENGTH = 300;

export type AuthorizationAnswer =
  | { readonly kind: 'code'; readonly code: string; readonly iss: string | null }
  | { readonly kind: 'error'; readonly error: string; readonly description: string | null };

/** Parses the cloud's redirect (RFC 6749, 4.1.2; `iss` of RFC 9207). Throws `ApiProblem` when it is invalid. */
export function authorizationAnswer(
  option: RedirectOption,
  query: URLSearchParams,
  state: string,
): AuthorizationAnswer {
  const server = { issuer: issuerOf(option) };
  if (namesIssuer(option.region) && !query.get('iss')) throw signInProblems.issuerMissing();
  const client = { client_id: option.region.values['clientId'] ?? '' };
  try {
    const answer = validateAuthResponse(server, client, query, state);
    const code = answer.get('code');
    if (code === null || code === '') throw signInProblems.missingParameter();
    return { kind: 'code', code, iss: answer.get('iss') };
  } catch (error) {
    if (error instanceof AuthorizationResponseError) {
      return {
        kind: 'error',
        error: ERROR_CODE.test(error.error) ? error.error : 'unknown_error',
        description: plainText(error.error_description ?? '', DESCRIPTION_LENGTH) || null,
      };
    }
    if (error instanceof OperationProcessingError || error instanceof UnsupportedOperationError) {
      throw signInProblems.invalidAnswer(error);
    }
    throw error;
  }
}
