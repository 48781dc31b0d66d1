import type { LoadedDataConverter, Payload } from '@temporalio/common';
import type { ConnectionView } from '../../contracts/connection.ts';
import type { Problem } from '../../contracts/problem.ts';
import { KeyRingError } from '../../platform/key-ring.ts';
import { decodeOptionalSinglePayload } from '../../platform/temporal/sdk-internals.ts';
import { ApiProblem } from '../http/problem.ts';
import type { Execution } from './execution.ts';
import { parseView } from './parse-view.ts';

/** What is needed to decode payloads of this namespace. */
export interface Decoding {
  readonly dataConverter: LoadedDataConverter;
  readonly namespace: string;
}

export type ReadView =
  | { readonly outcome: 'read'; readonly view: ConnectionView }
  | { readonly outcome: 'undecodable'; readonly problem: Problem };

/**
 * The view in a workflow's memo. Never rejects: in a list, one memo that cannot be decoded must not hide the others.
 */
export async function readView(decoding: Decoding, execution: Execution): Promise<ReadView> {
  try {
    const view = parseView(await readMemo(decoding, execution, 'view'));
    return view ? { outcome: 'read', view } : { outcome: 'undecodable', problem: notAView };
  } catch (error) {
    return { outcome: 'undecodable', problem: error instanceof KeyRingError ? notOpened(error) : notAView };
  }
}

/** A field of a memo; undefined where there is none. Rejects where it can't be decoded. */
export async function readMemo(
  { dataConverter, namespace }: Decoding,
  { id, memo }: Execution,
  name: string,
): Promise<unknown> {
  const context = { type: 'workflow', namespace, workflowId: id } as const;
  return await decodeOptionalSinglePayload<unknown>(dataConverter, memo[name] satisfies Payload | undefined, context);
}

export const viewUndecodable = (problem: Problem): ApiProblem => new ApiProblem({ status: 503, ...problem });

/** For a reply of a workflow that is encrypted with a key which this process does not have. */
export const viewUnopened = (error: KeyRingError): ApiProblem => viewUndecodable(notOpened(error));

const CODE = 'view_undecodable';

/** The message of the key ring names the missing key. */
const notOpened = ({ message }: KeyRingError): Problem => ({
  code: CODE,
  message: `What Temporal keeps of this connection cannot be opened. ${message}`,
  remedy:
    'Nothing is lost, and upkeep does not depend on it. Give every process the key ring (MOORING_KEYS) that holds this key.',
});

const notAView: Problem = {
  code: CODE,
  message: 'What Temporal keeps of this connection is not in a form that this version of Mooring reads.',
  remedy: 'Deploy the version that wrote it, or a newer one; if it persists, report it with the connection id.',
};
