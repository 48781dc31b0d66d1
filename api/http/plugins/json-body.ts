import { plugin } from '../plugin.ts';

/**
 * JSON as Fastify reads it, but for an empty body: clients send "Content-Type: application/json" with every POST, and
 * a verb without a body is complete.
 */
export const jsonBody = plugin('json-body', [], (app) => {
  const parse = app.getDefaultJsonParser('error', 'error');
  app.removeContentTypeParser('application/json');
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (body === '') done(null, undefined);
    else void parse(request, body.toString(), done);
  });
});
