import { describe, expect, test } from 'vitest';
import { actByOf, attributesOf, changedAttributes } from '../../../workflows/connection/attributes.ts';
import type { ConnectionState } from '../../../workflows/connection/phases.ts';
import {
  after,
  bornAt,
  connected,
  credential,
  grantReceived,
  invitation,
  isoAt,
  newConnection,
} from './connection-events.ts';

const DAY_MS = 86_400_000;
const invitationEnd = isoAt(bornAt + 14 * DAY_MS);
const written = (before: ConnectionState, now: ConnectionState): Record<string, unknown> =>
  Object.fromEntries(changedAttributes(attributesOf(before), now).pairs.map(({ key, value }) => [key.name, value]));

describe('when a person must have acted', () => {
  test('a person must act before the invitation ends, and before the wait for what came in ends', () => {
    expect(actByOf(newConnection())).toBe(invitationEnd);
    const verifying = after(newConnection(), grantReceived('first'));
    expect(actByOf(verifying)).toBe(verifying.phase.status === 'verifying' ? verifying.phase.grant.deadline : null);
  });

  test('no person must act on a connection that renews itself, however often it does', () => {
    const before = connected();
    expect(actByOf(before)).toBeNull();
    const renewed = credential({ generation: 2, expiresAt: isoAt(bornAt + 7_200_000) });
    const refreshed = after(before, {
      type: 'refreshed',
      credential: renewed,
      forced: false,
      replayed: false,
      warnings: null,
    });
    expect(written(before, refreshed)).toEqual({});
  });

  test('a person must act before a credential that cannot be renewed expires, or an open link does, if that is sooner', () => {
    const fixed = credential({ renewable: false, nextRefreshAt: null, expiresAt: isoAt(bornAt + 20 * DAY_MS) });
    const state = { ...connected(), credential: fixed };
    expect(actByOf(state)).toBe(fixed.expiresAt);
    const invited = after(state, { type: 'invited', invitation: invitation(2, { purpose: 'reauthorize' }) });
    expect(actByOf(invited)).toBe(invitationEnd);
    expect(written(state, invited)).toEqual({ MooringActBy: new Date(invitationEnd) });
    expect(actByOf({ ...state, credential: { ...fixed, expiresAt: null } })).toBeNull();
  });

  test('a person must act before what a warning names a day for, and no longer once the warning is gone', () => {
    const secretEnd = isoAt(bornAt + 9 * DAY_MS);
    const soon = { code: 'client_secret_expires', message: 'Soon.', remedy: 'Make another.', until: secretEnd };
    const renewed = { type: 'refreshed', credential: credential(), forced: false, replayed: false } as const;
    const warned = after(connected(), { ...renewed, warnings: [soon] });
    expect(actByOf(warned)).toBe(secretEnd);
    expect(actByOf(after(warned, { ...renewed, warnings: [] }))).toBeNull();
    expect(actByOf(after(warned, { ...renewed, warnings: [{ ...soon, until: 'soon' }] }))).toBeNull();
  });

  test('nobody must act on a connection that ends, and the attribute is removed', () => {
    const before = newConnection();
    const ending = after(before, { type: 'disconnectRequested' });
    expect(written(before, ending)).toMatchObject({ MooringActBy: null, MooringStatus: 'disconnecting' });
  });
});

describe('what a connection is searched by', () => {
  test('the digest of the account is written with the status, when the account is connected and not before', () => {
    const start = newConnection();
    const proven = after(
      start,
      grantReceived('first'),
      { type: 'grantAdvanced', pendingRef: 'first', step: 'proof' },
      {
        type: 'grantAdvanced',
        pendingRef: 'first',
        step: 'promotion',
        account: { id: '1', displayName: null },
        accountDigest: 'digest',
      },
    );
    expect(written(start, proven)).not.toHaveProperty('MooringAccount');
    const active = after(proven, { type: 'promoted', pendingRef: 'first', credential: credential() });
    expect(written(proven, active)).toMatchObject({ MooringAccount: 'digest', MooringStatus: 'active' });
  });

  test('the digests of a name are replaced when it changes, and removed with it', () => {
    const before = connected();
    const named = after(before, { type: 'annotated', name: 'Blue', tags: [], nameDigests: ['blue'] });
    expect(written(before, named)).toEqual({ MooringName: ['blue'] });
    const tagged = after(named, { type: 'annotated', name: 'Blue', tags: ['x'] });
    expect(written(named, tagged)).toEqual({ MooringTags: ['x'] });
    const unnamed = after(tagged, { type: 'annotated', name: null, tags: ['x'], nameDigests: [] });
    expect(written(tagged, unnamed)).toEqual({ MooringName: [] });
  });
});
