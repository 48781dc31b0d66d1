import { createHash } from 'node:crypto';
import { Type, type Static } from 'typebox';
import { Value } from 'typebox/value';
import { KeyRingError, type KeyRing } from '../../../platform/key-ring.ts';
import { ephemeralKeys } from '../../../stores/ephemeral/keys.ts';
import type { EphemeralStore } from '../../../stores/ephemeral/port.ts';

/** Longer than a code lives at any cloud (RFC 6749, 4.1.2 recommends ten minutes at most). */
const PARKED_SECONDS = 600;
const HANDLE = /^[0-9a-f]{64}$/;

const Parked = Type.Object({
  provider: Type.String(),
  tenant: Type.String(),
  connection: Type.String(),
  epoch: Type.Integer(),
  stateHash: Type.String(),
  browserHash: Type.String(),
  redirectUri: Type.String(),
  verifier: Type.String(),
  sessionDigest: Type.String(),
  answer: Type.Union([
    Type.Object({ kind: Type.Literal('code'), code: Type.String(), iss: Type.Union([Type.String(), Type.Null()]) }),
    Type.Object({
      kind: Type.Literal('error'),
      error: Type.String(),
      description: Type.Union([Type.String(), Type.Null()]),
    }),
  ]),
});
/** The cloud's answer to a platform's sign-in, not redeemed yet. */
export type Parked = Static<typeof Parked>;

export interface ParkedCodes {
  /** Returns the handle. It stays the same when the redirect is reloaded. */
  park(state: string, parked: Parked): Promise<string>;
  find(handle: string): Promise<Parked | undefined>;
  drop(handle: string): Promise<void>;
}

export function createParkedCodes({
  ephemeral,
  keyRing,
}: {
  readonly ephemeral: EphemeralStore;
  readonly keyRing: KeyRing;
}): ParkedCodes {
  const hashOf = (handle: string): string => createHash('sha256').update(handle).digest('hex');

  /**
   * A keyed digest, because the state was visible in URLs and must not reveal the handle. During a key rotation another
   * API process may have used another key: the existing handle is then kept.
   */
  const handleOf = async (state: string): Promise<string> => {
    const current = keyRing.digest('oauth-state', `parked|${state}`);
    for (const handle of keyRing.digests('oauth-state', `parked|${state}`)) {
      const parked = await ephemeral.get(ephemeralKeys.parkedCode(hashOf(handle)));
      if (parked !== undefined) return handle;
    }
    return current;
  };

  return {
    async park(state, parked) {
      const handle = await handleOf(state);
      const hash = hashOf(handle);
      const sealed = keyRing.seal('oauth-state', JSON.stringify(parked), `parked|${hash}`);
      await ephemeral.put(ephemeralKeys.parkedCode(hash), sealed, PARKED_SECONDS);
      return handle;
    },
    async find(handle) {
      if (!HANDLE.test(handle)) return undefined;
      const hash = hashOf(handle);
      const sealed = await ephemeral.get(ephemeralKeys.parkedCode(hash));
      if (typeof sealed !== 'string') return undefined;
      try {
        const parked: unknown = JSON.parse(keyRing.open('oauth-state', sealed, `parked|${hash}`).toString());
        return Value.Check(Parked, parked) ? parked : undefined;
      } catch (error) {
        if (error instanceof KeyRingError) return undefined;
        throw error;
      }
    },
    async drop(handle) {
      await ephemeral.delete(ephemeralKeys.parkedCode(hashOf(handle)));
    },
  };
}
