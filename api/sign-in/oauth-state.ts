import { createHash } from 'node:crypto';
import { Type, type Static } from 'typebox';
import { Value } from 'typebox/value';
import { KeyRingError, type KeyRing } from '../../platform/key-ring.ts';
import { ephemeralKeys } from '../../stores/ephemeral/keys.ts';
import type { EphemeralStore } from '../../stores/ephemeral/port.ts';

const STATE_LIFE_SECONDS = 600;
const STATE = /^[A-Za-z0-9_-]{43}$/;

const SignIn = Type.Object({
  provider: Type.String(),
  region: Type.String(),
  method: Type.String(),
  tenant: Type.String(),
  connection: Type.String(),
  epoch: Type.Integer(),
  redirectUri: Type.String(),
  browserHash: Type.String(),
  verifier: Type.String(),
  /**
   * For a platform's sign-in: where the browser goes next, and the digest of the session key that the platform must
   * repeat.
   */
  platform: Type.Optional(Type.Object({ redirectUri: Type.String(), sessionDigest: Type.String() })),
});
/** What is stored of a sign-in while the browser is at the cloud. */
export type SignIn = Static<typeof SignIn>;

/** What remains of a sign-in that has arrived: where its browser finds the result. */
const Finished = Type.Object({ resultPath: Type.String(), browserHash: Type.String() });
export type Finished = Static<typeof Finished>;

const Entry = Type.Union([Type.Object({ open: SignIn }), Type.Object({ finished: Finished })]);
type Entry = Static<typeof Entry>;

export interface OAuthStates {
  /** Stores a sign-in for ten minutes. Returns the `state` parameter (256 random bits, RFC 6749, 10.12). */
  mint(signIn: SignIn): Promise<string>;
  find(state: string): Promise<Entry | undefined>;
  /**
   * True for the first answer of the cloud and for the same answer again, because a crash before `finish` must not lose
   * the sign-in. False for a different answer: a state is single use.
   */
  claim(state: string, answer: string): Promise<boolean>;
  /** After the answer was sent to the connection: the state can no longer be used, and a reload leads to the result. */
  finish(state: string, finished: Finished): Promise<void>;
}

export const stateHash = (state: string): string => createHash('sha256').update(state).digest('hex');

export function createOAuthStates(deps: {
  readonly ephemeral: EphemeralStore;
  readonly keyRing: KeyRing;
  readonly randomBytes: (size: number) => Buffer;
}): OAuthStates {
  const { ephemeral, keyRing, randomBytes } = deps;
  // Encrypted with its own hash as context, so that an entry which is copied to another key cannot be decrypted.
  const seal = (hash: string, entry: Entry): string => keyRing.seal('oauth-state', JSON.stringify(entry), hash);

  const open = (hash: string, sealed: string): Entry | undefined => {
    try {
      const entry: unknown = JSON.parse(keyRing.open('oauth-state', sealed, hash).toString());
      return Value.Check(Entry, entry) ? entry : undefined;
    } catch (error) {
      if (error instanceof KeyRingError) return undefined;
      throw error;
    }
  };

  return {
    async mint(signIn) {
      const state = randomBytes(32).toString('base64url');
      const hash = stateHash(state);
      await ephemeral.put(ephemeralKeys.oauthState(hash), seal(hash, { open: signIn }), STATE_LIFE_SECONDS);
      return state;
    },
    async find(state) {
      if (!STATE.test(state)) return undefined;
      const hash = stateHash(state);
      const sealed = await ephemeral.get(ephemeralKeys.oauthState(hash));
      return typeof sealed === 'string' ? open(hash, sealed) : undefined;
    },
    async claim(state, answer) {
      const key = ephemeralKeys.oauthStateClaim(stateHash(state));
      const claimed = createHash('sha256').update(answer).digest('hex');
      if (await ephemeral.putIfAbsent(key, claimed, STATE_LIFE_SECONDS)) return true;
      return (await ephemeral.get(key)) === claimed;
    },
    async finish(state, finished) {
      const hash = stateHash(state);
      await ephemeral.put(ephemeralKeys.oauthState(hash), seal(hash, { finished }), STATE_LIFE_SECONDS);
      await ephemeral.delete(ephemeralKeys.oauthStateClaim(hash));
    },
  };
}
