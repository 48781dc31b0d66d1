import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import cookie from '@fastify/cookie';
import Fastify from 'fastify';
import { beforeEach, describe, expect, it, onTestFinished, test } from 'vitest';
import { createCursors } from '../../../api/http/cursor.ts';
import { assertSameBody } from '../../../api/http/idempotency.ts';
import { createBrowserCookie } from '../../../api/sign-in/browser.ts';
import { createInvitationLinks, createResultLinks } from '../../../api/sign-in/links.ts';
import { generatedPasscode } from '../../../api/sign-in/passcode.ts';
import { createOAuthStates } from '../../../api/sign-in/oauth-state.ts';
import { createParkedCodes } from '../../../api/sign-in/platform/parked-codes.ts';
import { createPlatformLinks, isSession } from '../../../api/sign-in/platform/link.ts';
import { digestRequest, isSameRequest } from '../../../api/connections/start-connection.ts';
import { iso } from '../../../contracts/time.ts';
import { KeyRing } from '../../../platform/key-ring.ts';
import { createLogger } from '../../../platform/logger.ts';
import type { EphemeralStore } from '../../../stores/ephemeral/port.ts';
import { createSqliteEphemeralStore } from '../../../stores/ephemeral/sqlite.ts';
import { createManualClock, type ManualClock } from '../../contract/manual-clock.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const [old, fresh] = [KeyRing.generate('k1'), KeyRing.generate('k2')];
const publicUrl = 'https://mooring.example';
const DAY_SECONDS = 24 * 3600;

/** The key ring of an API process at each step of docs/production.md. */
const steps = {
  before: KeyRing.parse(old),
  behind: KeyRing.parse(`${old},${fresh}`),
  inFront: KeyRing.parse(`${fresh},${old}`),
  retired: KeyRing.parse(fresh, old),
  gone: KeyRing.parse(fresh),
};

/** The pairs of steps that two processes can be at during a rolling deployment, in both orders. */
const sideBySide = [
  ['before', 'behind'],
  ['behind', 'before'],
  ['behind', 'inFront'],
  ['inFront', 'behind'],
  ['inFront', 'retired'],
  ['retired', 'inFront'],
  ['retired', 'gone'],
  ['gone', 'retired'],
] as const;

function apiWith(keyRing: KeyRing, ephemeral: EphemeralStore, clock: ManualClock) {
  const browser = createBrowserCookie({ keyRing, randomBytes, publicUrl });
  const app = Fastify();
  app.register(cookie);
  app.get('/ensure', async (request, reply) => browser.ensure(request, reply));
  app.get('/matches/:digest', async (request) =>
    browser.matches(request, (request.params as { digest: string }).digest),
  );
  return {
    keyRing,
    links: createInvitationLinks({ keyRing, clock, publicUrl }),
    results: createResultLinks({ keyRing, clock }),
    platform: createPlatformLinks({ keyRing, clock, publicUrl }),
    cursors: createCursors(keyRing),
    states: createOAuthStates({ ephemeral, keyRing, randomBytes }),
    parked: createParkedCodes({ ephemeral, keyRing }),
    repeat: async (body: unknown) =>
      await assertSameBody({ ephemeral, keyRing, logger: createLogger('api', 'silent') }, 'invite', {
        principal: { tenant: 'acme' },
        params: { id: 'con_1' },
        headers: { 'idempotency-key': 'one' },
        body,
      }),
    app,
  };
}

const tokenOf = (url: string): string => url.split('/').at(-1) ?? '';
const signIn = {
  provider: 'p',
  region: 'r',
  method: 'm',
  tenant: 'acme',
  connection: 'con_1',
  epoch: 1,
  redirectUri: 'https://mooring.example/callback',
  browserHash: 'digest',
  verifier: 'verifier',
};
const answer = { kind: 'code', code: 'a-code', iss: null } as const;
const parkedSignIn = {
  provider: 'p',
  tenant: 'acme',
  connection: 'con_1',
  epoch: 1,
  redirectUri: 'https://mooring.example/callback',
  browserHash: 'digest',
  verifier: 'verifier',
  stateHash: 'hash',
  sessionDigest: 'digest',
  answer,
};

let clock: ManualClock;
let ephemeral: EphemeralStore;
const api = (keyRing: KeyRing) => apiWith(keyRing, ephemeral, clock);

beforeEach(() => {
  clock = createManualClock();
  // The store has its own key, so that the rotation only affects what the API itself seals.
  const keyRing = KeyRing.parse(KeyRing.generate());
  ephemeral = createSqliteEphemeralStore({ path: join(temporaryFolder(), 'ephemeral.db'), keyRing, clock });
  onTestFinished(async () => await ephemeral.close());
});

describe.each(sideBySide)(
  'between an API at "%s" that makes it and an API at "%s" that receives it',
  (giving, taking) => {
    const gives = () => api(steps[giving]);
    const takes = () => api(steps[taking]);
    const expiresAt = () => iso(clock.now() + 90 * DAY_SECONDS * 1000);

    it('an invitation link of one API opens at another rotation step, with its passcode', async () => {
      const token = tokenOf(
        await gives().links.url({ connection: 'con_1', epoch: 1, expiresAt: expiresAt(), passcode: 'tulip' }),
      );
      const { links } = takes();
      const opened = await links.open(token);
      expect(opened).toMatchObject({ outcome: 'valid', claims: { c: 'con_1', e: 1 } });
      if (opened.outcome !== 'valid') return;
      expect(links.admits(opened.claims, 'tulip')).toBe(true);
      expect(links.admits(opened.claims, 'rose')).toBe(false);
    });

    it('a result link of one API opens at another rotation step', async () => {
      const path = await gives().results.path({ c: 'con_1', e: 1, b: 'digest' });
      expect(await takes().results.open(tokenOf(path))).toMatchObject({ c: 'con_1', b: 'digest' });
    });

    it('a platform sign-in link of one API opens at another rotation step, and its session matches', async () => {
      const { url } = await gives().platform.make({
        connection: 'con_1',
        epoch: 1,
        redirectUri: 'https://platform.example/back',
        sessionKey: 'session-key-of-16',
      });
      const { platform, keyRing } = takes();
      const opened = await platform.open(tokenOf(url));
      expect(opened).toMatchObject({ outcome: 'valid' });
      if (opened.outcome !== 'valid') return;
      expect(isSession(keyRing, 'con_1', 'session-key-of-16', opened.claims.k)).toBe(true);
      expect(isSession(keyRing, 'con_1', 'another-session-key', opened.claims.k)).toBe(false);
    });

    it('a browser cookie of one API matches at another rotation step', async () => {
      const ensured = await gives().app.inject('/ensure');
      const [set] = ensured.cookies;
      const cookies = { [set?.name ?? '']: set?.value ?? '' };
      expect((await takes().app.inject({ url: `/matches/${ensured.body}`, cookies })).body).toBe('true');
      const stranger = { [set?.name ?? '']: randomBytes(32).toString('base64url') };
      expect((await takes().app.inject({ url: `/matches/${ensured.body}`, cookies: stranger })).body).toBe('false');
    });

    it('a request digest of one API matches the repeated request at another rotation step, and no other', async () => {
      const request = { open: '["acme","p"]', secret: '["tulip",null]' };
      const digest = digestRequest(gives().keyRing, request);
      const { keyRing } = takes();
      expect(isSameRequest(keyRing, digest, request)).toBe(true);
      expect(isSameRequest(keyRing, digest, { ...request, secret: '["rose",null]' })).toBe(false);
      expect(isSameRequest(keyRing, digest, { ...request, secret: null })).toBe(false);
      expect(isSameRequest(keyRing, digest, { ...request, open: '["acme","q"]' })).toBe(false);
    });

    it('an Idempotency-Key of one API accepts the same body at another rotation step, and no other body', async () => {
      await gives().repeat({ passcode: 'tulip' });
      await takes().repeat({ passcode: 'tulip' });
      await expect(takes().repeat({ passcode: 'rose' })).rejects.toMatchObject({ code: 'idempotency_key_reused' });
    });

    it('a list cursor of one API opens at another rotation step', () => {
      const cursor = gives().cursors.seal('acme', {}, Buffer.from('page'));
      expect(Buffer.from(takes().cursors.open('acme', {}, cursor)).toString()).toBe('page');
    });

    it('the state of a sign-in is found at another rotation step, also once it is finished', async () => {
      const state = await gives().states.mint(signIn);
      expect(await takes().states.find(state)).toEqual({ open: signIn });
      const finished = { resultPath: '/result/x', browserHash: 'digest' };
      await takes().states.finish(state, finished);
      expect(await gives().states.find(state)).toEqual({ finished });
    });

    it('a parked code keeps its handle and is found at another rotation step', async () => {
      const handle = await gives().parked.park('the-state', parkedSignIn);
      expect(await takes().parked.park('the-state', parkedSignIn)).toBe(handle);
      expect(await takes().parked.find(handle)).toEqual(parkedSignIn);
      await takes().parked.drop(handle);
      expect(await gives().parked.find(handle)).toBeUndefined();
    });
  },
);

describe('the retired key', () => {
  it('the retired key verifies a link until its 90 days end, and no longer once the key is removed', async () => {
    const expiresAt = iso(clock.now() + 90 * DAY_SECONDS * 1000);
    const link = { connection: 'con_1', epoch: 1, expiresAt, passcode: 'tulip' };
    const token = tokenOf(await api(steps.before).links.url(link));
    clock.advance(90 * DAY_SECONDS - 1);
    expect(await api(steps.retired).links.open(token)).toMatchObject({ outcome: 'valid' });
    expect(await api(steps.gone).links.open(token)).toEqual({ outcome: 'invalid' });
    clock.advance(1);
    expect(await api(steps.retired).links.open(token)).toMatchObject({ outcome: 'expired' });
  });

  it('the retired key opens nothing that it has sealed', async () => {
    const [before, after] = [api(steps.before), api(steps.retired)];
    const cursor = before.cursors.seal('acme', {}, Buffer.from('page'));
    expect(() => after.cursors.open('acme', {}, cursor)).toThrow(/cursor/i);
    expect(await after.states.find(await before.states.mint(signIn))).toBeUndefined();
    expect(await after.parked.find(await before.parked.park('the-state', parkedSignIn))).toBeUndefined();
  });

  it('a link that is made from an old link is signed with the new key, not the retired one', async () => {
    const expiresAt = iso(clock.now() + DAY_SECONDS * 1000);
    const link = { connection: 'con_1', epoch: 1, expiresAt, passcode: 'tulip' };
    const { links } = api(steps.retired);
    const opened = await links.open(tokenOf(await api(steps.before).links.url(link)));
    if (opened.outcome !== 'valid') throw new Error('The link is valid.');
    const again = tokenOf(await links.again(opened.claims, expiresAt));
    expect(JSON.parse(Buffer.from(again.split('.')[0] ?? '', 'base64url').toString())).toMatchObject({ kid: 'k2' });
    expect(links.admits(opened.claims, 'tulip')).toBe(true);
  });
});

test('a repeat after the rotation gets another passcode for another link, and each link lets in with its own', async () => {
  const expiresAt = iso(clock.now() + DAY_SECONDS * 1000);
  const pairs = await Promise.all(
    [steps.before, steps.retired].map(async (keyRing) => {
      const passcode = generatedPasscode(keyRing, 'con_1', 1);
      const { links } = api(keyRing);
      const opened = await links.open(tokenOf(await links.url({ connection: 'con_1', epoch: 1, expiresAt, passcode })));
      return opened.outcome === 'valid' ? { passcode, claims: opened.claims } : expect.fail('The link is valid.');
    }),
  );
  const { links } = api(steps.retired);
  for (const { claims } of pairs) {
    const fitting = pairs.filter(({ passcode }) => links.admits(claims, passcode));
    expect(fitting.map((pair) => pair.claims)).toEqual([claims]);
  }
});

describe('the digest of a request', () => {
  const request = { open: '["acme","p"]', secret: '["tulip",null]' };

  test('a request digest whose key was removed is compared by all but the value of the secret', () => {
    const digest = digestRequest(steps.before, request);
    expect(isSameRequest(steps.gone, digest, request)).toBe(true);
    expect(isSameRequest(steps.gone, digest, { ...request, open: '["acme","q"]' })).toBe(false);
    expect(isSameRequest(steps.gone, digest, { ...request, secret: null })).toBe(false);
  });

  test('a request digest without a secret needs no key', () => {
    const open = { open: '["acme","p"]', secret: null };
    expect(digestRequest(steps.before, open)).toBe(digestRequest(steps.gone, open));
    expect(isSameRequest(steps.gone, digestRequest(steps.before, open), { ...open, secret: '["x",null]' })).toBe(false);
  });

  test('a request digest depends on the key, so that a passcode cannot be guessed without it', () => {
    const digest = digestRequest(steps.before, request);
    expect(digest).not.toBe(digestRequest(KeyRing.parse(KeyRing.generate('k1')), request));
    expect(digest.split('.').slice(0, 2)).toEqual(digestRequest(steps.gone, request).split('.').slice(0, 2));
  });

  test('a request digest of another format is neither a match nor a mismatch', () => {
    expect(isSameRequest(steps.before, steps.before.digest('invitation', 'x'), request)).toBeUndefined();
  });
});
