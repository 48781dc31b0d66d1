import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  accessOf,
  isAccessRecord,
  isCredentialRecord,
  liveKeys,
  newRecord,
  revokingKey,
  type CredentialRecord,
} from '../../../stores/secrets/credential-record.ts';

const connection = { id: 'con_a', tenant: 'acme', provider: 'cloud', region: 'r1', method: 'sign_in' };
const secrets = { access_token: 'at', refresh_token: 'rt', client_secret: 'cs', application_key: 'ak' };
const record = (more: object = {}, mooring: object = {}): CredentialRecord => ({
  ...newRecord(connection),
  ...secrets,
  expires_at: 1_893_459_600,
  ...more,
  mooring: { ...newRecord(connection).mooring, generation: 3, attempt_id: 'attempt', ...mooring },
});

describe('the access record that is handed out of a credential record', () => {
  test('the access record has the leased fields, the expiry and what is known about the credential', () => {
    expect(accessOf(record(), ['access_token'])).toEqual({
      provider: 'cloud',
      endpoint: 'r1',
      auth_method: 'sign_in',
      access_token: 'at',
      expires_at: 1_893_459_600,
      mooring: {
        tenant: 'acme',
        generation: 3,
        attempt_id: 'attempt',
        issued_at_ms: 0,
        ttl_seconds: null,
        renewable: false,
        scopes: [],
        next_refresh_at_ms: null,
      },
    });
  });

  test('the access record never has fields that are not leased, nor internal notes of the refresh', () => {
    const names = Object.keys(secrets);
    fc.assert(
      fc.property(fc.subarray(names), (leased) => {
        const spending = { attempt_id: 'a', started_at_ms: 1, replay: true, replay_refused: true };
        const access = accessOf(record({}, { spending, claim: 'role', refusals: 2 }), leased);
        expect(Object.keys(access).filter((name) => names.includes(name))).toEqual(
          names.filter((n) => leased.includes(n)),
        );
        for (const name of ['spending', 'claim', 'refusals']) expect(access.mooring).not.toHaveProperty(name);
        expect(isAccessRecord(access)).toBe(true);
      }),
    );
  });

  test('an access record is not accepted as a credential record', () => {
    expect(isCredentialRecord(accessOf(record(), ['access_token']))).toBe(false);
  });

  test('a field of a cloud’s reply cannot change the provider that an access record names', () => {
    const access = accessOf(record(), ['provider', 'mooring', 'access_token']);
    expect(access).toMatchObject({ provider: 'cloud', mooring: { tenant: 'acme', generation: 3 } });
  });
});

describe('a document', () => {
  test('a document that a sign-in creates is a credential record', () => {
    expect(isCredentialRecord(newRecord(connection))).toBe(true);
    expect(isCredentialRecord(record())).toBe(true);
  });

  test.each([
    ['a negative time', { issued_at_ms: -1 }],
    ['a fraction of a millisecond', { issued_at_ms: 0.5 }],
    ['a time after the year 9999', { next_refresh_at_ms: 253_402_300_800_000 }],
    ['a lifetime beyond any date', { ttl_seconds: 1e15 }],
    ['text instead of a time', { next_refresh_at_ms: '2030-01-01' }],
    ['no generation', { generation: undefined }],
    ['a fractional generation', { generation: 1.5 }],
    ['scopes that are not text', { scopes: [7] }],
    ['no tenant', { tenant: '' }],
    ['a marker without its time', { spending: { attempt_id: 'a', replay: false, replay_refused: false } }],
    ['a marker of an older build', { spending: { attempt_id: 'a', started_at_ms: 1, replay: false } }],
    ['refusals below zero', { refusals: -1 }],
  ])('a document with %s is not a credential record', (_what, mooring) => {
    expect(isCredentialRecord(record({}, mooring))).toBe(false);
  });

  test('a document of any shape is checked without an error, and the times of an accepted one are valid dates', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (document, time) => {
        expect(isCredentialRecord(document)).toBe(false);
        const given = record({}, { issued_at_ms: time, ttl_seconds: time });
        if (!isCredentialRecord(given)) return;
        const expiresAt = given.mooring.issued_at_ms + (given.mooring.ttl_seconds ?? 0) * 1000;
        expect(() => new Date(expiresAt).toISOString()).not.toThrow();
      }),
    );
  });
});

test('each secret of a connection has its own key below the connection ID', () => {
  const keys = [liveKeys.renewal('con_a'), liveKeys.access('con_a'), liveKeys.about('con_a')];
  expect(keys).toEqual(['con_a/renewal', 'con_a/access', 'con_a/about']);
  expect([revokingKey('con_a'), revokingKey('con_a', 'attempt-1')]).toEqual(['con_a/renewal', 'con_a/attempt-1']);
});
