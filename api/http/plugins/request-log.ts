import { plugin } from '../plugin.ts';

const REQUEST_ID = /^[A-Za-z0-9_.-]{8,64}$/;

/** The caller's id where it is harmless, so that a trace goes through; else one of our own. */
export function requestIdFrom(header: string | string[] | undefined, random: () => string): string {
  return typeof header === 'string' && REQUEST_ID.test(header) ? header : `req_${random()}`;
}

/**
 * One line for each request. The route stands for the address: query strings carry codes, and the paths of
 * invitations carry tokens.
 */
export const requestLog = plugin('request-log', [], (app) => {
  // With callbacks rather than promises: these run for every request.
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
