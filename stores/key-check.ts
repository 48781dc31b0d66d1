import Type from 'typebox';
import { Compile } from 'typebox/compile';

import { iso } from '../contracts/time.ts';
import type { Clock } from '../platform/clock.ts';
import type { KeyRing } from '../platform/key-ring.ts';
import { Secret } from '../platform/secret.ts';
import { SecretStoreConflict, type SecretStore } from './secrets/port.ts';

const KEY = 'key-check';
const MAX_TRIES = 5;

const byId = Type.Record(Type.String(), Type.String());

/**
 * The document `config/key-check`: what all processes must agree on about the key ring. No key can be found from it.
 */
const KeyCheckDocument = Type.Object({
  /** By key id, what {@link KeyRing.checkValues} gives: every key that a process has had in its ring. */
  keys: byId,
  /**
   * Keys that seal, or have sealed: no process may lack one. By key id, since when it is the first key. Written before
   * the process seals with the key, so that no value is ever sealed with a key that is not marked here.
   */
  needed: Type.Optional(byId),
  /** Check values of keys that were dropped with `npm run key -- retire`: nothing was sealed with them any more. */
  retired: Type.Optional(byId),
});
const isDocument = Compile(KeyCheckDocument);

export interface KeyMarks {
  readonly keys: Readonly<Record<string, string>>;
  readonly needed: Readonly<Record<string, string>>;
  readonly retired: Readonly<Record<string, string>>;
}

/** This process has another key ring than the others, so they could not open the values that it seals. */
export class KeyRingMismatch extends Error {
  override readonly name = 'KeyRingMismatch';
  readonly code = 'key_ring_mismatch';
}

/**
 * `proven`: this process's key ring agrees with all others. `unproven`: no worker with the same first key has started
 * yet; ask again.
 */
export type KeyCheck = 'proven' | 'unproven';

interface KeyCheckDependencies {
  readonly secrets: SecretStore;
  readonly keyRing: KeyRing;
  /** True for a worker; the API's policy only lets it read. */
  readonly mayWrite: boolean;
  readonly clock: Clock;
}

/**
 * Compares the key ring with `config/key-check`. Where it may write, it adds the keys that are new, and marks its first
 * key as needed; where it may not, it waits for a worker to do so. Throws {@link KeyRingMismatch} when
 *
 * - a key of the same id has another value, or no key is in common;
 * - a key is missing with which values are sealed;
 * - the first key was retired, or no process has had it behind another key yet.
 */
export async function checkKeyRing({ secrets, keyRing, mayWrite, clock }: KeyCheckDependencies): Promise<KeyCheck> {
  for (let attempt = 1; ; attempt++) {
    const stored = await readMarks(secrets);
    if (stored) assertAgrees(keyRing, stored.marks);
    const marks = marked(stored?.marks ?? { keys: {}, needed: {}, retired: {} }, keyRing, clock);
    if (stored && JSON.stringify(marks) === JSON.stringify(stored.marks)) return 'proven';
    if (!mayWrite) return stored && keyRing.currentKeyId in stored.marks.needed ? 'proven' : 'unproven';
    try {
      await writeMarks(secrets, marks, stored?.version ?? 0);
      return 'proven';
    } catch (error) {
      // Another process wrote first: compare with its marks.
      if (!(error instanceof SecretStoreConflict) || attempt === MAX_TRIES) throw error;
    }
  }
}

/** What is marked, and the document's version; undefined where no worker has started yet. */
export async function readMarks(secrets: SecretStore): Promise<{ marks: KeyMarks; version: number } | undefined> {
  const stored = await secrets.read('config', KEY);
  if (!stored) return undefined;
  const document = stored.data.reveal();
  if (!isDocument.Check(document)) {
    throw new KeyRingMismatch(
      'The document config/key-check in the secret store is not one that Mooring wrote. Find out who changed it; ' +
        'once it is destroyed, the next worker to start writes it anew.',
    );
  }
  const { keys, needed = {}, retired = {} } = document;
  return { marks: { keys, needed, retired }, version: stored.version };
}

/**
 * Marks a key as dropped: processes may start without it, and it must not be the first key again. Only for a key that
 * nothing is sealed with: the caller must have counted.
 */
export async function releaseKey(secrets: SecretStore, id: string): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const stored = await readMarks(secrets);
    const value = stored?.marks.keys[id];
    if (!stored || value === undefined) return;
    const { [id]: _key, ...keys } = stored.marks.keys;
    const { [id]: _since, ...needed } = stored.marks.needed;
    try {
      await writeMarks(secrets, { keys, needed, retired: { ...stored.marks.retired, [id]: value } }, stored.version);
      return;
    } catch (error) {
      if (!(error instanceof SecretStoreConflict) || attempt === MAX_TRIES) throw error;
    }
  }
}

/**
 * Answers whether a process of Mooring ever had a key with this id. For the payload codec: reads the document each
 * time, because an answer from before another process put a new key first would have its payloads refused.
 */
export function createKeyLookup(secrets: SecretStore): (keyId: string) => Promise<boolean> {
  return async (keyId) => {
    const marks = (await readMarks(secrets))?.marks;
    return marks !== undefined && (Object.hasOwn(marks.keys, keyId) || Object.hasOwn(marks.retired, keyId));
  };
}

async function writeMarks(secrets: SecretStore, marks: KeyMarks, version: number): Promise<void> {
  await secrets.write('config', KEY, new Secret({ ...marks }), { cas: version });
}

/** The marks with this ring's keys added. */
function marked({ keys, needed, retired }: KeyMarks, keyRing: KeyRing, clock: Clock): KeyMarks {
  const own = keyRing.checkValues();
  const added = Object.entries(own).filter(([id]) => !Object.hasOwn(keys, id) && !Object.hasOwn(retired, id));
  // Without any mark (a first start, or a lost document) every key of this ring may be needed.
  const unmarked = Object.keys(needed).length === 0 ? keyRing.keyIds : [keyRing.currentKeyId];
  const first = unmarked.filter((id) => !Object.hasOwn(needed, id) && !Object.hasOwn(retired, id));
  return {
    keys: { ...keys, ...Object.fromEntries(added) },
    needed: { ...needed, ...Object.fromEntries(first.map((id) => [id, iso(clock.now())])) },
    retired,
  };
}

function assertAgrees(keyRing: KeyRing, { keys, needed, retired }: KeyMarks): void {
  const own = keyRing.checkValues();
  const known = { ...retired, ...keys };
  const held = Object.entries({ ...own, ...keyRing.retiredCheckValues() });
  const different = held.filter(([id, value]) => Object.hasOwn(known, id) && known[id] !== value).map(([id]) => id);
  if (different.length > 0) {
    throw new KeyRingMismatch(
      `MOORING_KEYS holds another value for ${quote(different)} than the other processes. ` +
        'Give every process the same key ring; a new key needs a new id.',
    );
  }
  if (!Object.keys(own).some((id) => Object.hasOwn(keys, id))) {
    throw new KeyRingMismatch(
      `MOORING_KEYS has ${quote(Object.keys(own))}, and the other processes have ${quote(Object.keys(keys))}: no key in common. ` +
        'Give every process the same key ring; to rotate, add the new key behind the old one first.',
    );
  }
  const missing = Object.keys(needed).filter((id) => !Object.hasOwn(own, id));
  if (missing.length > 0) {
    throw new KeyRingMismatch(
      `MOORING_KEYS lacks ${quote(missing)}, and values may still be sealed with it. ` +
        `Put it back, behind the first key. "npm run key -- status" says what needs it; "npm run key -- retire ${missing[0]}" lets it go.`,
    );
  }
  const first = keyRing.currentKeyId;
  if (Object.hasOwn(retired, first)) {
    throw new KeyRingMismatch(
      `"${first}" stands first in MOORING_KEYS, and was retired: what it sealed, other processes could not open. ` +
        `Put one of ${quote(Object.keys(needed))} first.`,
    );
  }
  if (!Object.hasOwn(keys, first)) {
    throw new KeyRingMismatch(
      `"${first}" stands first in MOORING_KEYS, and no worker has had it behind another key yet: what it sealed, other processes could not open. ` +
        'Add it behind the old key first, in every process; then move it to the front.',
    );
  }
}

const quote = (ids: readonly string[]): string => ids.map((id) => `"${id}"`).join(', ');
