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
