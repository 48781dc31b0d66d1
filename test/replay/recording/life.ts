import type { WorkflowHandle } from '@temporalio/client';
import type { Connection } from '../../../api/connections/schema.ts';
import type { ConnectionView } from '../../../contracts/connection.ts';
import type { messages } from '../../../contracts/messages.ts';
import { eventually } from '../../support/eventually.ts';
import type { Installation } from './installation.ts';

/** What is kept of a life. */
export interface Lived {
  /** The workflows whose runs are kept. */
  readonly workflows: readonly string[];
  /** A connection that was continued: the state that its first run handed on is kept under this name. */
  readonly carried?: { readonly name: string; readonly id: string };
}

/** Something that happens to a workflow. Lives of one group go on side by side: each uses a region, or data, of its own. */
export type Life = (installation: Installation) => Promise<Lived>;

export type Lives = Readonly<Record<string, Life>>;

const UPDATES_AT_ONCE = 4;
/** An update that changes nothing costs about six events; a run is continued after 200. */
const MOST_BATCHES = 60;

export const handleOf = ({ client }: Installation, id: string): WorkflowHandle => client.workflow.getHandle(id);

/** Answers once Temporal's own view of a connection says so: no worker or API is asked. */
export async function untilView(
  installation: Installation,
  id: string,
  fits: (view: ConnectionView) => boolean,
  withinMs = 60_000,
): Promise<ConnectionView> {
  return await eventually(
    `what is expected of ${id}`,
    async () => {
      const { memo } = await handleOf(installation, id).describe();
      const view = memo?.['view'] as ConnectionView;
      if (!fits(view)) throw new Error(`It is ${view.status}: ${JSON.stringify(view.problem)}`);
      return view;
    },
    withinMs,
  );
}

export const untilStatus = async (installation: Installation, id: string, status: ConnectionView['status']) =>
  await untilView(installation, id, (view) => view.status === status);

/** Sends the connection's update straight to the workflow, in the name of its tenant. */
export async function send(
  installation: Installation,
  id: string,
  verb: keyof typeof messages,
  more: object = {},
): Promise<unknown> {
  const tenant = (await untilView(installation, id, () => true)).tenant;
  return await handleOf(installation, id).executeUpdate(verb, { args: [{ tenant, ...more }] });
}

/** Sends updates until the run is continued: until it has handed its state to the next one. */
export async function untilContinued(
  installation: Installation,
  id: string,
  verb: 'annotate' | 'disconnect' = 'annotate',
): Promise<void> {
  const handle = handleOf(installation, id);
  const { runId } = await handle.describe();
  for (let batch = 1; batch <= MOST_BATCHES; batch++) {
    await Promise.all(Array.from({ length: UPDATES_AT_ONCE }, async () => await send(installation, id, verb)));
    if ((await handle.describe()).runId !== runId) return;
  }
  throw new Error(`${id} was not continued after ${MOST_BATCHES * UPDATES_AT_ONCE} updates.`);
}

/** Ends a connection as its tenant does, and waits for it. */
export async function leave({ platform }: Installation, id: string): Promise<Connection> {
  await platform.call('DELETE', `/v1/connections/${id}`);
  return await platform.until(id, 'disconnected', 60_000);
}

/** Until upkeep waits for its next attempt: what follows then meets it there, and not before it has begun. */
export async function untilUpkeepWaits(installation: Installation, id: string): Promise<void> {
  await eventually('upkeep to wait', async () => {
    const { raw } = await handleOf(installation, id).describe();
    return raw.pendingActivities?.some(
      ({ activityType, attempt, lastFailure }) =>
        activityType?.name === 'keepFresh' && (attempt ?? 0) > 1 && lastFailure,
    );
  });
}
