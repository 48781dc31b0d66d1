import { STATUS_CODES } from 'node:http';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { App } from '../app-types.ts';
import { problemPage, sendPage } from '../page.ts';
import { plugin } from '../plugin.ts';
import type { ProblemDocument } from '../problem-schema.ts';
import { apiProblems, type ApiProblem } from '../problem.ts';
import { toProblem } from '../to-problem.ts';
import { allowedMethods } from './routes.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** The code of the problem that was answered. */
    problemCode: string | null;
  }
}

/** Every error is answered as a problem document (RFC 9457), or as a page on routes for browsers. */
export const problemDocuments = plugin('problems', ['route-rules'], (app) => {
  app.decorateRequest('problemCode', null);
  app.setErrorHandler((error: unknown, request, reply) => {
    const problem = toProblem(error);
    if (problem.status >= 500)
      request.log.error({ err: problem.cause ?? error, problem: problem.code }, problem.message);
    return sendProblem(problem, request, reply);
  });

  app.setNotFoundHandler((request) => {
    throw notFound(app, request);
  });
});

/** Answers a request that no route serves before its body is read. Runs behind the hooks that set headers. */
export const unknownRoutes = plugin('unknown-routes', ['problems', 'security-headers'], (app) => {
  app.addHook('onRequest', (request, _reply, done) => done(request.is404 ? notFound(app, request) : undefined));
});

function notFound({ knownRoutes }: Pick<App, 'knownRoutes'>, { url, method }: FastifyRequest): ApiProblem {
  const allow = allowedMethods(knownRoutes, url.split('?', 1)[0] ?? '/');
  return allow.length > 0 ? apiProblems.methodNotAllowed(method, allow) : apiProblems.routeNotFound();
}

function sendProblem(problem: ApiProblem, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  request.problemCode = problem.code;
  const { retryAfterSeconds, allow } = problem.details;
  if (retryAfterSeconds !== undefined) reply.header('retry-after', retryAfterSeconds);
  if (allow) reply.header('allow', allow.join(', '));
  if (problem.status === 401) reply.header('www-authenticate', 'Bearer realm="mooring"');
  reply.code(problem.status).header('cache-control', 'no-store');
  if (request.routeOptions.config.page) return sendPage(reply, problemPage(problem, request.id));
  const body = JSON.stringify(problemDocument(problem, request.id));
  // A reply schema is looked up by status and media type: text needs none, and every status has the same shape.
  return reply.type('application/problem+json; charset=utf-8').send(body);
}

export const problemDocument = (problem: ApiProblem, requestId: string): ProblemDocument => ({
  type: `urn:mooring:problem:${problem.code}`,
  title: STATUS_CODES[problem.status] ?? 'Problem',
  status: problem.status,
  detail: problem.message,
  code: problem.code,
  remedy: problem.remedy,
  requestId,
  ...mutable(problem.details),
});

function mutable({ errors, variables, allow, ...rest }: ApiProblem['details']): Partial<ProblemDocument> {
  return {
    ...rest,
    ...(errors ? { errors: [...errors] } : {}),
    ...(variables ? { variables: [...variables] } : {}),
    ...(allow ? { allow: [...allow] } : {}),
  };
}
