import { SecretStoreConflict, type SecretStore } from '../../stores/secrets/port.ts';
import type { ConnectionView } from '../../workflows/contracts/connection.ts';
import type { SubmitCredentialsCommand } from '../../workflows/contracts/messages.ts';
import type { ConnectionsGateway } from '../connections-gateway.ts';
import type { UpdateOutcome } from '../gateway/send-update.ts';
import { pendingRecord } from './pending-record.ts';

export interface Submission {
  readonly view: ConnectionView;
  /** Of the invitation that is completed with it. */
  readonly epoch: number;
  /** Checked against the manifest. */
  readonly fields: Readonly<Record<string, string>>;
  readonly deadlineSeconds: number | null;
  /** Names what is stored; the same one for a request that is repeated. */
  readonly ref: string;
  readonly requestId?: string;
}

/**
 * Puts what was submitted under `pending/`, create only, and tells the connection its reference: no message carries
 * the values. A reference that the connection refuses stays behind until the connection ends: this process may not
 * delete there. Throws `ApiProblem`, or as the secret store does.
 */
export async function submitValues(
  { secrets, connections }: { readonly secrets: SecretStore; readonly connections: ConnectionsGateway },
  { view, epoch, fields, deadlineSeconds, ref, requestId }: Submission,
): Promise<UpdateOutcome<ConnectionView>> {
  try {
    await secrets.write('pending', `${view.id}/${ref}`, pendingRecord(view, fields), { cas: 0 });
  } catch (error) {
    // The request before this one, or this one's own lost reply, has put it there.
    if (!(error instanceof SecretStoreConflict)) throw error;
  }
  return await connections.update<ConnectionView, SubmitCredentialsCommand>(view.id, 'submitCredentials', {
    tenant: view.tenant,
    epoch,
    ref,
    deadlineSeconds,
    ...(requestId === undefined ? {} : { requestId }),
  });
}
