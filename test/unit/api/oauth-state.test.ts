import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { createOAuthStates, stateHash, type OAuthStates } from '../../../api/sign-in/oauth-state.ts';
import { ephemeralKeys } from '../../../stores/ephemeral/keys.ts';
import type { EphemeralStore } from '../../../stores/ephemeral/port.ts';
import { createSqliteEphemeralStore } from '../../../stores/ephemeral/sqlite.ts';
import { createManualClock, type ManualClock } from '../../contract/manual-clock.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { keyRing } from './support.ts';

const signIn = {
  provider: 'p',
  region: 'r',
  method: 'm',
  tenant: 'acme',
  connection: 'con_x',
  epoch: 1,
  redirectUri: 'https://mooring.example/callback',
  browserHash: 'digest',
  verifier: 'the-verifier-in-clear',
};
const finished = { resultPath: '/result/x', browserHash: 'digest' };

describe('the state of a sign-in', () => {
  let clock: ManualClock;
  let ephemeral: EphemeralStore;
  let states: OAuthStates;

  beforeEach(async () => {
    clock = createManualClock();
    const path = join(temporaryFolder(), 'ephemeral.db');
    ephemeral = createSqliteEphemeralStore({ path, keyRing, clock });
    onTestFinished(() => ephemeral.close());
    states = createOAuthStates({ ephemeral, keyRing, randomBytes });
  });

  it('the state of a sign-in has 256 random bits and gives back its sign-in', async () => {
    const state = await states.mint(signIn);
    expect(Buffer.from(state, 'base64url')).toHaveLength(32);
    expect(await states.mint(signIn)).not.toBe(state);
    expect(await states.find(state)).toEqual({ open: signIn });
  });

  it('the state of a sign-in expires after exactly ten minutes', async () => {
    const state = await states.mint(signIn);
    clock.advance(599);
    expect(await states.find(state)).toBeDefined();
    clock.advance(1);
    expect(await states.find(state)).toBeUndefined();
  });

  it('the state of a sign-in is stored under its hash, with nothing readable in it', async () => {
    const state = await states.mint(signIn);
    const stored = JSON.stringify(await ephemeral.get(ephemeralKeys.oauthState(stateHash(state))));
    for (const secret of [state, signIn.verifier, signIn.connection, signIn.browserHash]) {
      expect(stored).not.toContain(secret);
      expect(Buffer.from(stored, 'base64url').includes(secret)).toBe(false);
    }
  });

  it('the state of a sign-in does not open when it was moved to another store key', async () => {
    const [one, other] = [await states.mint(signIn), await states.mint({ ...signIn, connection: 'con_y' })];
    const moved = await ephemeral.get(ephemeralKeys.oauthState(stateHash(one)));
    await ephemeral.put(ephemeralKeys.oauthState(stateHash(other)), moved ?? null, 600);
    expect(await states.find(other)).toBeUndefined();
  });

  it('the state of a sign-in is claimed by one of fifty responses, and by that same response again', async () => {
    const state = await states.mint(signIn);
    const claims = await Promise.all(
      Array.from({ length: 50 }, async (_none, index) => await states.claim(state, `code:${index}`)),
    );
    expect(claims.filter(Boolean)).toHaveLength(1);
    expect(await states.claim(state, `code:${claims.indexOf(true)}`)).toBe(true);
    expect(await states.claim(state, 'code:another')).toBe(false);
  });

  it('the claim of a sign-in stores the hash of the code, not the code', async () => {
    const state = await states.mint(signIn);
    await states.claim(state, 'code:a-secret-code');
    const stored = await ephemeral.get(ephemeralKeys.oauthStateClaim(stateHash(state)));
    expect(stored).toMatch(/^[0-9a-f]{64}$/);
  });

  it('a finished sign-in state keeps only the path of its result and the browser digest', async () => {
    const state = await states.mint(signIn);
    await states.finish(state, finished);
    expect(await states.find(state)).toEqual({ finished });
  });

  it.each(['', 'short', '../../x', 'a'.repeat(44), `${'a'.repeat(42)}!`])(
    'the state of a sign-in is unknown when it reads "%s"',
    async (state) => {
      expect(await states.find(state)).toBeUndefined();
    },
  );
});
