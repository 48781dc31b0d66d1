import { createHash } from 'node:crypto';
import type { JsonObject } from '../platform/json.ts';
import { Secret } from '../platform/secret.ts';
import { SecretStoreConflict, type SecretStore } from '../stores/secrets/port.ts';
import type { ConnectionRef } from '../workflows/contracts/connection.ts';

/** Claimed things have characters that no path may have (an ARN's colons and slashes). */
const keyOf = (claim: string): string => createHash('sha256').update(claim).digest('hex');

/**
 * Takes what must belong to one tenant; `cas = 0` decides between two at once. True where it is ours, also from
 * another connection of the same tenant. Only after a successful proof: else a stranger could squat on an ARN.
 */
export async function takeClaim(secrets: SecretStore, connection: ConnectionRef, claim: string): Promise<boolean> {
  const { tenant, id } = connection;
  try {
    await secrets.write('claims', keyOf(claim), new Secret<JsonObject>({ claim, tenant, connection: id }), { cas: 0 });
    return true;
  } catch (error) {
    if (!(error instanceof SecretStoreConflict)) throw error;
    const taken = await secrets.read('claims', keyOf(claim));
    return taken?.data.reveal()['tenant'] === tenant;
  }
}

/** Gives a claim back, where it is this connection's. */
export async function releaseClaim(secrets: SecretStore, connection: ConnectionRef, claim: string): Promise<void> {
  const taken = await secrets.read('claims', keyOf(claim));
  if (taken?.data.reveal()['connection'] === connection.id) await secrets.destroy('claims', keyOf(claim));
}
