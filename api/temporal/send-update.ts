import { randomUUID } from 'node:crypto';
import type { Client } from '@temporalio/client';
import { messages, type Command } from '../../contracts/messages.ts';
import { deadlines, within } from './deadlines.ts';
import { pastClosing } from './past-closing.ts';
import { isDeadline, isOvertakenByEnd, isWorkflowGone } from './temporal-errors.ts';
import { temporalProblems } from './temporal-problems.ts';

/** Updates that this API sends. */
export type UpdateName = Exclude<keyof typeof messages, 'oauthCallback' | 'discoveryDone' | 'view' | 'timeline'>;

export type UpdateOutcome<R> =
  | { readonly outcome: 'served'; readonly reply: R }
  /** Taken in for good, and still being served when the wait ended. */
  | { readonly outcome: 'accepted' };

/** A connection changes its run once a day; more than a few in one request is a fault. */
const MOST_RUNS = 3;

/**
 * Two waits, because they mean different things: an update that no worker has accepted is not durable, and a caller
 * must send it again; one that was accepted will be served, whoever goes on waiting. What the end of a run has lost is
 * sent to the next run under the same id. Rejects as Temporal's client does where no run takes it.
 */
export async function sendUpdate<R, C extends Command>(
  client: Client,
  id: string,
  name: UpdateName,
  command: C,
): Promise<UpdateOutcome<R>> {
  const updateId = command.requestId ?? randomUUID();
  for (let runs = 1; runs <= MOST_RUNS; runs++) {
    const outcome = await sendToRun<R, C>(client, id, { name, command, updateId });
    if (outcome !== 'lost') return outcome;
  }
  throw temporalProblems.verbLost(undefined);
}

async function sendToRun<R, C extends Command>(
  client: Client,
  id: string,
  { name, command, updateId }: { readonly name: UpdateName; readonly command: C; readonly updateId: string },
): Promise<UpdateOutcome<R> | 'lost'> {
  const update = await within(client, deadlines.accept, () =>
    pastClosing(() =>
      client.workflow.getHandle(id).startUpdate<R, [C]>(messages[name], {
        args: [command],
        waitForStage: 'ACCEPTED',
        updateId,
      }),
    ),
  );
  try {
    return { outcome: 'served', reply: await within(client, deadlines.serve, () => update.result()) };
  } catch (error) {
    if (isDeadline(error)) return { outcome: 'accepted' };
    if (isOvertakenByEnd(error) || isWorkflowGone(error)) return 'lost';
    throw error;
  }
}
