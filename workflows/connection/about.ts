import type { ConnectionAbout } from '../../contracts/activities.ts';
import type { ConnectionState } from './phases.ts';

/** What the connection is started again from, should its workflow be ended from outside. */
export function aboutOf(state: ConnectionState): ConnectionAbout {
  const { ref, name, tags, setup, account, epoch, createdAt, discovery, request } = state;
  return {
    v: 1,
    connection: ref,
    name,
    tags,
    setup,
    account,
    epoch,
    createdAt,
    discovery: discovery && { intervalSeconds: discovery.intervalSeconds, concurrency: discovery.concurrency },
    request,
  };
}
