import { describe, expect, it } from 'vitest';
import { createInvitationLinks, createResultLinks } from '../../../api/sign-in/links.ts';
import { KeyRing } from '../../../platform/key-ring.ts';
import { createManualClock } from '../../contract/manual-clock.ts';
import { keyRing } from './support.ts';

const clock = createManualClock(Date.parse('2026-11-23T08:00:00Z'));
const linksOf = (ring: KeyRing) =>
  createInvitationLinks({ keyRing: ring, clock, publicUrl: 'https://mooring.example' });
const links = linksOf(keyRing);
const invitation = { connection: 'con_x', epoch: 3, expiresAt: '2026-11-24T08:00:00.000Z', passcode: undefined };
const tokenOf = (url: string): string => url.split('/').at(-1) ?? '';

describe('an invitation link', () => {
  it('an invitation link is on the public origin and contains connection and epoch', async () => {
    const url = await links.url(invitation);
    expect(url).toMatch(/^https:\/\/mooring\.example\/connect\/[\w.-]+$/);
    expect(await links.open(tokenOf(url))).toMatchObject({ outcome: 'valid', claims: { c: 'con_x', e: 3 } });
  });

  it('an invitation link is the same each time it is made', async () => {
    const later = linksOf(keyRing);
    clock.advance(1);
    expect(await later.url(invitation)).toBe(await links.url(invitation));
  });

  it('an invitation link opens as expired once its time is over', async () => {
    const token = tokenOf(await links.url({ ...invitation, expiresAt: '2026-11-23T08:00:05.000Z' }));
    clock.advance(3600);
    expect(await links.open(token)).toMatchObject({ outcome: 'expired' });
  });

  it('an invitation link is refused when a single character of it was changed', async () => {
    const token = tokenOf(await links.url(invitation));
    for (let at = 0; at < token.length - 1; at += 7) {
      const changed = token.slice(0, at) + (token[at] === 'A' ? 'B' : 'A') + token.slice(at + 1);
      expect(await links.open(changed), `character ${at}`).toEqual({ outcome: 'invalid' });
    }
  });

  it('an invitation link is refused when it is unsigned, malformed or signed by another key ring', async () => {
    const token = tokenOf(await links.url(invitation));
    const unsigned = `${Buffer.from('{"alg":"none","typ":"mooring-invitation+jwt"}').toString('base64url')}.${token.split('.')[1]}.`;
    expect(await links.open(unsigned)).toEqual({ outcome: 'invalid' });
    expect(await linksOf(KeyRing.parse(KeyRing.generate('k1'))).open(token)).toEqual({ outcome: 'invalid' });
    expect(await links.open('no token')).toEqual({ outcome: 'invalid' });
  });

  it('an invitation link stays valid after a key rotation as long as the old key is kept', async () => {
    const old = KeyRing.generate('old');
    const token = tokenOf(await linksOf(KeyRing.parse(old)).url({ ...invitation, passcode: 'tulip' }));
    const rotated = linksOf(KeyRing.parse(`${KeyRing.generate('new')},${old}`));
    const opened = await rotated.open(token);
    expect(opened.outcome).toBe('valid');
    expect(opened.outcome === 'valid' && rotated.admits(opened.claims, 'tulip')).toBe(true);
  });

  it('an invitation link is not accepted as a result link, nor a result link as an invitation link', async () => {
    const results = createResultLinks({ keyRing, clock });
    expect(await results.open(tokenOf(await links.url(invitation)))).toBeUndefined();
    expect(await links.open(tokenOf(await results.path({ c: 'con_x', e: 3, b: 'digest' })))).toEqual({
      outcome: 'invalid',
    });
  });
});

describe('a passcode', () => {
  const claimsOf = async (passcode: string | undefined, epoch = 3) => {
    const opened = await links.open(tokenOf(await links.url({ ...invitation, epoch, passcode })));
    return opened.outcome === 'valid' ? opened.claims : expect.fail('invalid');
  };

  it('the right passcode is accepted, and any other is refused', async () => {
    const claims = await claimsOf('tulip-42');
    expect(links.admits(claims, 'tulip-42')).toBe(true);
    for (const wrong of ['', 'tulip', 'tulip-43', claims.p ?? '']) expect(links.admits(claims, wrong)).toBe(false);
  });

  it('a passcode is not in the claims of its link, and cannot be checked with another key ring', async () => {
    const claims = await claimsOf('tulip-42');
    const stranger = linksOf(KeyRing.parse(KeyRing.generate('k1')));
    expect(JSON.stringify(claims)).not.toContain('tulip');
    expect(stranger.admits(claims, 'tulip-42')).toBe(false);
  });

  it('a passcode is valid for one epoch only', async () => {
    const claims = await claimsOf('tulip-42');
    expect(links.admits({ ...claims, e: 4 }, 'tulip-42')).toBe(false);
  });

  it('no passcode is required where none was set', async () => {
    expect(links.admits(await claimsOf(undefined), '')).toBe(true);
  });
});
