import type { ConnectionAbout } from './activities.ts';
import type { ConnectionView, RequestMemo, RevocationOutcome } from './connection.ts';
import { emptyView, FIRST_EPOCH, undiscovered } from './connection-view.ts';
import type { ConnectionInput } from './messages.ts';
import { problems } from './problem.ts';

/**
 * Starts a connection again after its workflow was ended from outside. It is the second argument of the workflow, in
 * place of the state that one run passes to the next.
 */
export interface Restart {
  readonly restart: 1;
  readonly about: ConnectionAbout;
  /** `stopped`: a person decides whether it goes on. `disconnecting`: it was being disconnected, and that goes on. */
  readonly as: 'stopped' | 'disconnecting';
  /** ISO 8601: when it was found; the new status holds since then. */
  readonly at: string;
  /** References of pending grants, still to be revoked and dropped. */
  readonly discards: readonly string[];
  /** Not null = it was revoked already; only the last steps of disconnecting are missing. */
  readonly revocation: RevocationOutcome | null;
}

/** The workflow's first argument. Its invitation is never used: a customer gets a new one. */
export function restartInput({ about }: Restart): ConnectionInput {
  const { connection, name, tags, setup, discovery } = about;
  const invitation = { lifetimeSeconds: 0, passcodeRequired: false, confirm: false };
  return { ...connection, name, tags, setup, discovery, invitation };
}

/** The view for the memo at the start, before any worker has run. The same as `viewOf` makes from the state. */
export function restartView({ about, as, at }: Restart): ConnectionView {
  const { connection, name, tags, setup, account, createdAt, discovery } = about;
  return {
    ...emptyView(connection, as, at),
    name,
    tags,
    problem: as === 'stopped' ? problems.stopped : null,
    account,
    setup,
    discovery: discovery && undiscovered(discovery),
    createdAt,
  };
}

/** For a connection that was never connected, which has no `about` record: rebuilt from the last run's memo. */
export function aboutFromView(view: ConnectionView, request: RequestMemo | null): ConnectionAbout {
  const { id, tenant, provider, region, method, name, tags, setup, account, createdAt, discovery, invitation } = view;
  return {
    v: 1,
    connection: { id, tenant, provider, region, method },
    name,
    tags,
    setup,
    account,
    epoch: invitation?.epoch ?? FIRST_EPOCH,
    createdAt,
    discovery: discovery && { intervalSeconds: discovery.intervalSeconds, concurrency: DISCOVERY_CONCURRENCY },
    request,
  };
}

/** Not part of the view; the API's default. */
const DISCOVERY_CONCURRENCY = 8;
