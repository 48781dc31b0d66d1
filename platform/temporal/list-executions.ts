import type { Client } from '@temporalio/client';
import type { temporal } from '@temporalio/proto';

export type ListedExecution = temporal.api.workflow.v1.IWorkflowExecutionInfo;

export interface ListRequest {
  readonly namespace: string;
  /** Temporal's query language for visibility; left out = every execution. */
  readonly query?: string;
  readonly pageSize: number;
}

/**
 * The executions that a query finds, page by page, as the server returns them. The SDK's own list decodes each memo,
 * and fails if one of them cannot be opened. `within` sets the deadline of each page.
 */
export async function* listExecutions(
  workflowService: Client['workflowService'],
  request: ListRequest,
  within: <T>(call: () => Promise<T>) => Promise<T> = async (call) => await call(),
): AsyncGenerator<readonly ListedExecution[]> {
  let nextPageToken: Uint8Array = new Uint8Array();
  do {
    const token = nextPageToken;
    const page = await within(() => workflowService.listWorkflowExecutions({ ...request, nextPageToken: token }));
    yield page.executions;
    nextPageToken = page.nextPageToken;
  } while (nextPageToken.length > 0);
}
