import type { Connection } from '../workflows/support/connection.ts';
import type { World } from '../workflows/support/world.ts';

/** Lives of connections that together pass through most of the workflow's code. */
export const lives: Readonly<Record<string, (world: World) => Promise<Connection>>> = {
  async 'active-over-days'(world) {
    const connection = await world.connect();
    await world.pass({ hours: 26 });
    await connection.send('annotate', { name: 'renamed' });
    return connection;
  },

  async 'degraded-and-back'(world) {
    const connection = await world.connect();
    await world.cloud.fault({ endpoint: 'token.refresh' }, { kind: 'respond', status: 503 }, 5);
    await world.pass({ hours: 2 });
    await connection.reaches('active');
    world.secrets.goesDownAfterWrites(1);
    await world.pass({ hours: 1 });
    world.secrets.down = false;
    await world.pass({ minutes: 5 });
    await connection.reaches('active');
    return connection;
  },

  async 're-authorised'(world) {
    const connection = await world.start({ invitation: { confirm: true } });
    await connection.signIn({ decision: 'refuse' });
    await connection.signIn();
    await world.pass({ minutes: 5 });
    await connection.send('confirm');
    await connection.reaches('active');
    await world.cloud.revokeOvhAccount('la12345-ovh');
    await world.pass({ hours: 1 });
    await connection.reaches('action_required');
    await connection.reauthorize();
    await connection.signIn();
    await connection.reaches('active');
    await connection.send('pause');
    await connection.send('resume');
    await connection.refresh();
    return connection;
  },

  async disconnected(world) {
    const connection = await world.connect();
    await world.pass({ hours: 2 });
    await connection.send('disconnect');
    await connection.result();
    return connection;
  },

  async expired(world) {
    const connection = await world.start({ invitation: { lifetimeSeconds: 3600 } });
    await world.pass({ hours: 2 });
    await connection.result();
    return connection;
  },
};
