import { initialView } from '../../contracts/connection-view.ts';
import type { ConnectionView, RequestMemo } from '../../contracts/connection.ts';
import { taskQueues } from '../../contracts/ids.ts';
import type { ConnectionInput } from '../../contracts/messages.ts';
import { inSummary } from '../../contracts/plain-text.ts';
import type { Json } from '../json.ts';
import { startAttributes, type StartDigests } from './start-attributes.ts';
import type { StartOptions } from './typed-client.ts';

export interface StartLabels {
  readonly providerName: string;
  readonly methodName: string;
}

/**
 * The memo at the start. `request` is kept here and not in the ephemeral store: if it were lost, a repeated request
 * would create a second connection or another link.
 */
interface StartMemo {
  readonly view: ConnectionView;
  readonly request: RequestMemo;
}

/** The memo of a connection that is started now; `digest` identifies the request for it. */
export function startMemo(input: ConnectionInput, digest: string, nowMs: number): StartMemo {
  const view = initialView(input, nowMs);
  return { view, request: { digest, invitationExpiresAt: view.invitation?.expiresAt ?? view.createdAt } };
}

/** All options of the start, so that the connection is listed at once and is readable in the Temporal UI. */
export function startOptions(input: ConnectionInput, memo: StartMemo, labels: StartLabels, digests: StartDigests) {
  return {
    workflowId: input.id,
    taskQueue: taskQueues.workflows,
    args: [input],
    // An id belongs to one connection for ever, also after it has ended.
    workflowIdReusePolicy: 'REJECT_DUPLICATE',
    workflowIdConflictPolicy: 'FAIL',
    typedSearchAttributes: startAttributes(memo.view, digests),
    memo: memo as unknown as Record<string, Json>,
    staticSummary: `${labels.providerName} (${input.region}) for ${input.tenant}${input.name ? `: ${inSummary(input.name)}` : ''}`,
    staticDetails: [
      `Keeps one ${labels.providerName} connection of tenant \`${input.tenant}\` alive.`,
      `Method: ${labels.methodName} (\`${input.method}\`), region \`${input.region}\`.`,
      'The current details say what it is doing and why; the pending timer or activity says what comes next.',
    ].join('\n\n'),
  } satisfies StartOptions<'connection'>;
}
