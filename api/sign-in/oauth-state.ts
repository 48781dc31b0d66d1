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
  /** Bound to a platform: where its browser goes on to, and the digest of the key that it must repeat. */
  platform: Type.Optional(Type.Object({ redirectUri: Type.String(), sessionDigest: Type.String() })),
});
/** What a sign-in must remember between leaving for the cloud and coming back. */
export type SignIn = Static<typeof SignIn>;

/** What is left of one that arrived: enough to show its browser where its result is. */
const Finished = Type.Object({ resultPath: Type.String(), browserHash: Type.String() });
export type Finished = Static<typeof Finished>;

const Entry = Type.Union([Type.Object({ open: SignIn }), Type.Object({ finished: Finished })]);
type Entry = Static<typeof Entry>;

export interface OAuthStates {
  /** Keeps a sign-in for ten minutes; answers the `state` parameter (256 random bits, RFC 6749, 10.12). */
  mint(signIn: SignIn): Promise<string>;
  find(state: string): Promise<Entry | undefined>;
  /**
   * True for the first answer of the cloud, and for that same answer again: a crash between this and the hand-over
   * must not lose the sign-in. False for a different answer: state is single use.
   */
  claim(state: string, answer: string): Promise<boolean>;
  /** After the hand-over: nothing is left to use, and a reload finds its way to the result. */
  finish(state: string, finished: Finished): Promise<void>;
}

export const stateHash = (state: string): string => createHash('sha256').update(state).digest('hex');

export function createOAuthStates(deps: {
  readonly ephemeral: EphemeralStore;
  readonly keyRing: KeyRing;
  readonly randomBytes: (size: number) => Buffer;
}): OAuthStates {
  const { ephemeral, keyRing, randomBytes } = deps;
  // Sealed with its own hash as context: an entry that is moved to another key does not open.
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
