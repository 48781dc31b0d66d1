import type { JsonObject } from '../../../platform/json.ts';
import { Secret } from '../../../platform/secret.ts';
import { newRecord } from '../../../stores/secrets/credential-record.ts';
import type { ConnectionView } from '../../../contracts/connection.ts';

/** What was minted for a connection, by the name under which its record keeps it. */
const mintedFields = { externalId: 'external_id' } as const;

/** The record that a submission becomes. What was minted is the connection's own, whatever was submitted. */
export function pendingRecord(view: ConnectionView, fields: Readonly<Record<string, string>>): Secret<JsonObject> {
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
