import type { ConnectionView } from '../../../contracts/connection.ts';
import type { SubmitCredentialsCommand } from '../../../contracts/messages.ts';
import type { JsonObject } from '../../../platform/json.ts';
import type { Logger } from '../../../platform/logger.ts';
import { Secret } from '../../../platform/secret.ts';
import { newRecord } from '../../../stores/secrets/credential-record.ts';
import type { SecretStore } from '../../../stores/secrets/port.ts';
import { ApiProblem } from '../../http/problem.ts';
import type { Asked, ConnectionsGateway } from '../../temporal/gateway.ts';
import type { UpdateOutcome } from '../../temporal/send-update.ts';

/**
 * Puts what was submitted under `pending/`; `fields` are checked against the manifest, `ref` is new. Rejects as the
 * secret store does.
 */
export async function storeValues(
  secrets: Pick<SecretStore, 'write'>,
  view: ConnectionView,
  ref: string,
  fields: Readonly<Record<string, string>>,
): Promise<void> {
  await secrets.write('pending', `${view.id}/${ref}`, pendingRecord(view, fields), { cas: 0 });
}

/**
 * Sends the reference of the stored values to the connection; no message contains the values. When it refuses them, and
 * the request will not be repeated, they are destroyed. Throws `ApiProblem`.
 */
export async function sendSubmission(
  { connections, logger }: { connections: Pick<ConnectionsGateway, 'update' | 'discardSubmission'>; logger: Logger },
  { id, tenant, provider, region, method }: ConnectionView,
  submission: Omit<Asked<SubmitCredentialsCommand>, 'tenant'>,
): Promise<UpdateOutcome<ConnectionView>> {
  const command = { tenant, ...submission };
  try {
    return await connections.update(id, 'submitCredentials', command);
  } catch (error) {
    if (isRefusal(error) || submission.requestId === undefined) {
      const connection = { id, tenant, provider, region, method };
      await connections.discardSubmission({ connection, pendingRef: submission.ref }).catch((err: unknown) => {
        logger.warn({ err, connection: id }, 'Values that a connection did not take stay stored until it ends.');
      });
    }
    throw error;
  }
}

/** A final refusal: the connection or its link has ended. */
export const isRefusal = (error: unknown): boolean =>
  error instanceof ApiProblem && [404, 409, 410].includes(error.status);

/** Generated values of a connection, with their field names in the record. */
const mintedFields = { externalId: 'external_id' } as const;

/** The record of a submission. Generated values come from the connection, never from what was submitted. */
function pendingRecord(view: ConnectionView, fields: Readonly<Record<string, string>>): Secret<JsonObject> {
  const { id, tenant, provider, region, method, setup } = view;
  const minted = Object.entries(mintedFields).flatMap(([name, field]) => {
    const value = setup[name];
    return value === undefined ? [] : [[field, value] as const];
  });
  return new Secret<JsonObject>({
    ...fields,
    ...Object.fromEntries(minted),
    ...newRecord({ id, tenant, provider, region, method }),
  });
}
