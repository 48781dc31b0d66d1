import Type from 'typebox';
import { Compile } from 'typebox/compile';

import type { KeyRing } from '../platform/key-ring.ts';
import { Secret } from '../platform/secret.ts';
import { SecretStoreConflict, type SecretStore } from './secrets/port.ts';

const KEY = 'key-check';
const MAX_TRIES = 5;

/** By key id, what {@link KeyRing.checkValues} gives. */
const keyCheck = Compile(Type.Object({ keys: Type.Record(Type.String(), Type.String()) }));

/** This process holds another key ring than the ones before it: what it sealed, they could not open. */
export class KeyRingMismatch extends Error {
  override readonly name = 'KeyRingMismatch';
  readonly code = 'key_ring_mismatch';
}

/**
 * `proven`: this process's key ring agrees with everybody's. `unproven`: nobody who may write has been here yet,
 * so there is nothing to compare with: ask again.
 */
export type KeyCheck = 'proven' | 'unproven';

/**
 * Compares the key ring with the check values under `config/key-check`, and adds the keys that are new where
 * `mayWrite` (the worker; the API's policy only lets it read). Throws {@link KeyRingMismatch} when a key of the
 * same id differs, or when no key is in common; {@link SecretStoreUnavailable} as the store does.
 */
export async function checkKeyRing(deps: {
  readonly secrets: SecretStore;
  readonly keyRing: KeyRing;
  readonly mayWrite: boolean;
}): Promise<KeyCheck> {
  const { secrets, keyRing, mayWrite } = deps;
  const own = keyRing.checkValues();
  for (let attempt = 1; ; attempt++) {
    const stored = await secrets.read('config', KEY);
    const known = stored ? knownKeys(stored.data) : undefined;
    if (known) compare(own, known);
    const complete = known !== undefined && Object.keys(own).every((id) => id in known);
    if (complete) return 'proven';
    if (!mayWrite) return known ? 'proven' : 'unproven';
    try {
      await secrets.write('config', KEY, new Secret({ keys: { ...known, ...own } }), { cas: stored?.version ?? 0 });
      return 'proven';
    } catch (error) {
      // Another process was first: compare with what it wrote.
      if (!(error instanceof SecretStoreConflict) || attempt === MAX_TRIES) throw error;
    }
  }
}

function compare(own: Record<string, string>, known: Record<string, string>): void {
  const shared = Object.keys(own).filter((id) => Object.hasOwn(known, id));
  const different = shared.filter((id) => own[id] !== known[id]);
  if (different.length > 0) {
    throw new KeyRingMismatch(
      `MOORING_KEYS holds another value for ${quote(different)} than the other processes. ` +
        'Give every process the same key ring; a new key needs a new id.',
    );
  }
  if (shared.length === 0) {
    throw new KeyRingMismatch(
      `MOORING_KEYS has ${quote(Object.keys(own))}, and the other processes have ${quote(Object.keys(known))}: no key in common. ` +
        'Give every process the same key ring; to rotate, put the new key in front and keep the old one behind it.',
    );
  }
}

function knownKeys(data: Secret<unknown>): Record<string, string> {
  const document = data.reveal();
  if (keyCheck.Check(document)) return document.keys;
  throw new KeyRingMismatch(
    'The document config/key-check in the secret store is not one that Mooring wrote. Find out who changed it; ' +
      'once it is destroyed, the next worker to start writes it anew.',
  );
}

const quote = (ids: string[]): string => ids.map((id) => `"${id}"`).join(', ');
