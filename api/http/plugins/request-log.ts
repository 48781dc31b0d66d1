import { plugin } from '../plugin.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** The request id that the caller sent, where it has a safe format. */
    callerRequestId: string | null;
  }
}

const REQUEST_ID = /^[A-Za-z0-9_.-]{8,64}$/;

const callerRequestId = (header: string | string[] | undefined): string | null =>
  typeof header === 'string' && REQUEST_ID.test(header) ? header : null;

/** Always our own: a caller's id may be repeated, and would then name several requests in the log. */
export const newRequestId = (random: () => string): string => `req_${random()}`;

/**
 * One log line for each request. It has the route and not the URL, because query strings contain codes and paths
 * contain tokens.
 */
export const requestLog = plugin('request-log', [], (app) => {
  app.decorateRequest('callerRequestId', null);
  // Callbacks instead of promises, because these hooks run for every request.
  app.addHook('onRequest', (request, reply, done) => {
    reply.header('x-request-id', request.id);
    request.callerRequestId = callerRequestId(request.headers['x-request-id']);
    if (request.callerRequestId !== null) reply.header('x-client-request-id', request.callerRequestId);
    done();
  });
  app.addHook('onResponse', (request, reply, done) => {
    const { principal, callerRequestId: called } = request;
    const apiKey = principal?.apiKey;
    request.log.info(
      {
        method: request.method,
        route: request.routeOptions.url ?? '(none)',
        status: reply.statusCode,
        milliseconds: Math.round(reply.elapsedTime),
        ...(called === null ? {} : { callerRequestId: called }),
        ...(apiKey ? { tenant: apiKey.tenant, keyId: apiKey.id } : {}),
      },
      'request',
    );
    done();
  });
});
