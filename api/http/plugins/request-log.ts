import { plugin } from '../plugin.ts';

const REQUEST_ID = /^[A-Za-z0-9_.-]{8,64}$/;

/** The caller's request id if it has a safe format, so that it can be traced; else a new one. */
export function requestIdFrom(header: string | string[] | undefined, random: () => string): string {
  return typeof header === 'string' && REQUEST_ID.test(header) ? header : `req_${random()}`;
}

/**
 * One log line for each request. It has the route and not the URL, because query strings contain codes and paths
 * contain tokens.
 */
export const requestLog = plugin('request-log', [], (app) => {
  // Callbacks instead of promises, because these hooks run for every request.
  app.addHook('onRequest', (request, reply, done) => {
    reply.header('x-request-id', request.id);
    done();
  });
  app.addHook('onResponse', (request, reply, done) => {
    const { apiKey } = request;
    request.log.info(
      {
        method: request.method,
        route: request.routeOptions.url ?? '(none)',
        status: reply.statusCode,
        milliseconds: Math.round(reply.elapsedTime),
        ...(apiKey ? { tenant: apiKey.tenant, keyId: apiKey.id } : {}),
      },
      'request',
    );
    done();
  });
});
