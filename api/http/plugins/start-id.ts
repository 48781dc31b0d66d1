import { plugin } from '../plugin.ts';

export const START_ID_HEADER = 'mooring-start-id';

/** Proves to `npm start`, which made the id, that an answer is from the API that it started. */
export const startId = (id: string) =>
  plugin('start-id', [], (app) => {
    app.addHook('onRequest', (_request, reply, done) => {
      reply.header(START_ID_HEADER, id);
      done();
    });
  });
