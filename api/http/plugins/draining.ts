import type { App } from '../app-types.ts';

/**
 * Answers that are sent while the server closes end their connection: a client that keeps it open would hold the
 * process up until it is cut off.
 */
export function registerDraining(app: App): void {
  let draining = false;
  app.addHook('preClose', async () => {
    draining = true;
  });
  app.addHook('onSend', (_request, reply, _payload, done) => {
    if (draining) reply.header('connection', 'close');
    done();
  });
}
