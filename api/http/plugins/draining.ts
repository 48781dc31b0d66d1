import { plugin } from '../plugin.ts';

/**
 * Answers that are sent while the server closes end their connection: a client that keeps it open would hold the
 * process up until it is cut off.
 */
export const draining = plugin('draining', [], (app) => {
  let isDraining = false;
  app.addHook('preClose', async () => {
    isDraining = true;
  });
  app.addHook('onSend', (_request, reply, _payload, done) => {
    if (isDraining) reply.header('connection', 'close');
    done();
  });
});
