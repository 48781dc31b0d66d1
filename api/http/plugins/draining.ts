import { plugin } from '../plugin.ts';

/**
 * While the server closes, every reply also closes its connection. A client that keeps it open would delay the end of
 * the process.
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
