import type { Client, WorkflowHandleWithStartDetails, WorkflowStartOptions } from '@temporalio/client';
import { workflowTypes } from '../../contracts/ids.ts';
import {
  messages,
  type CommandOf,
  type ConnectionQueries,
  type ConnectionSignals,
  type QueryName,
  type ReplyOf,
  type SignalName,
  type UpdateName,
} from '../../contracts/messages.ts';
import type { WorkflowName, Workflows } from '../../contracts/workflows.ts';

/*
 * The Temporal client takes any name with any argument. These take the names of the contracts, each with its own
 * arguments and results. They set no deadline: the caller does.
 */

export type StartOptions<N extends WorkflowName> = WorkflowStartOptions<Workflows[N]>;

export async function startWorkflow<N extends WorkflowName>(
  client: Client,
  name: N,
  options: StartOptions<N>,
): Promise<WorkflowHandleWithStartDetails<Workflows[N]>> {
  return await client.workflow.start<Workflows[N]>(workflowTypes[name], options);
}

export async function signalConnection<N extends SignalName>(
  client: Client,
  id: string,
  name: N,
  message: ConnectionSignals[N],
): Promise<void> {
  await client.workflow.getHandle(id).signal<[ConnectionSignals[N]]>(messages[name], message);
}

export async function queryConnection<N extends QueryName>(
  client: Client,
  id: string,
  name: N,
): Promise<ConnectionQueries[N]> {
  return await client.workflow.getHandle(id).query<ConnectionQueries[N]>(messages[name]);
}

/** Resolves once the workflow has accepted the update, which makes it durable. */
export async function startUpdate<N extends UpdateName>(
  client: Client,
  id: string,
  name: N,
  { command, updateId }: { readonly command: CommandOf<N>; readonly updateId: string },
) {
  return await client.workflow.getHandle(id).startUpdate<ReplyOf<N>, [CommandOf<N>]>(messages[name], {
    args: [command],
    waitForStage: 'ACCEPTED',
    updateId,
  });
}
