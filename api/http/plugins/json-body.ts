import type { FastifyRequest } from 'fastify';
import { plugin } from '../plugin.ts';

/**
 * Parses JSON like Fastify, but accepts an empty body: clients send "Content-Type: application/json" with every POST,
 * and most verbs need no body.
 */
export const jsonBody = plugin('json-body', [], (app) => {
  const parse = app.getDefaultJsonParser('error', 'error');
  app.removeContentTypeParser('application/json');
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (body === '') done(null, undefined);
    else void parse(request, body.toString(), done);
  });
});

/** For routes whose body may be left out: the schema then checks an empty object. */
export const optionalBody = async (request: FastifyRequest): Promise<void> => {
  if (request.body === undefined) request.body = {};
};
