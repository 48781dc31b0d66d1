import type { Client } from '@temporalio/client';
import { messages, type Command } from '../../workflows/contracts/messages.ts';
import { deadlines, within } from './deadlines.ts';
import { isDeadline, isOvertakenByEnd } from './temporal-errors.ts';

/** Updates that this API sends. */
export type UpdateName = Exclude<keyof typeof messages, 'oauthCallback' | 'discoveryDone' | 'view' | 'timeline'>;

export type UpdateOutcome<R> =
  | { readonly outcome: 'served'; readonly reply: R }
  /** Taken in for good, and still being served when the wait ended. */
  | { readonly outcome: 'accepted' };

/**
 * Two waits, because they mean different things: an update that no worker has accepted is not durable, and a caller
 * must send it again; one that was accepted will be served, whoever goes on waiting.
 */
export async function sendUpdate<R, C extends Command>(
  client: Client,
  id: string,
  name: UpdateName,
  command: C,
): Promise<UpdateOutcome<R>> {
  const { requestId } = command;
  const update = await within(client, deadlines.accept, () =>
    client.workflow.getHandle(id).startUpdate<R, [C]>(messages[name], {
      args: [command],
      waitForStage: 'ACCEPTED',
      ...(requestId === undefined ? {} : { updateId: requestId }),
    }),
  );
  try {
    return { outcome: 'served', reply: await within(client, deadlines.serve, () => update.result()) };
  } catch (error) {
    if (isDeadline(error) || isOvertakenByEnd(error)) return { outcome: 'accepted' };
    throw error;
  }
}
