import type { SecretStore } from '../../stores/secrets/port.ts';
import type { ConnectionView } from '../../workflows/contracts/connection.ts';
import type { SubmitCredentialsCommand } from '../../workflows/contracts/messages.ts';
import type { ConnectionsGateway } from '../connections-gateway.ts';
import type { UpdateOutcome } from '../gateway/send-update.ts';
import { pendingRecord } from './pending-record.ts';

/**
 * Puts what was submitted under `pending/`; `fields` are checked against the manifest, `ref` is new. What the connection
 * then refuses stays there until it ends: this process may not delete. Rejects as the secret store does.
 */
export async function storeValues(
  secrets: Pick<SecretStore, 'write'>,
  view: ConnectionView,
  ref: string,
  fields: Readonly<Record<string, string>>,
): Promise<void> {
  await secrets.write('pending', `${view.id}/${ref}`, pendingRecord(view, fields), { cas: 0 });
}

/** Tells the connection what was stored for it, by its reference: no message carries the values. Throws `ApiProblem`. */
export async function tellSubmission(
  connections: Pick<ConnectionsGateway, 'update'>,
  { id, tenant }: ConnectionView,
  submission: Omit<SubmitCredentialsCommand, 'tenant'>,
): Promise<UpdateOutcome<ConnectionView>> {
  return await connections.update<ConnectionView, SubmitCredentialsCommand>(id, 'submitCredentials', {
    tenant,
    ...submission,
  });
}
