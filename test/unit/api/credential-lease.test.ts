import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decideLease, leasedCredential } from '../../../api/credentials/lease.ts';
import { isAccessRecord, type AccessRecord } from '../../../stores/secrets/credential-record.ts';
import { accessRecordWith } from './support.ts';

const NOW_MS = Date.parse('2026-11-23T08:00:00Z');
const recordWith = (lifeSeconds: number | null, ttlSeconds: number | null = 3600): AccessRecord =>
  accessRecordWith({
    expires_at: lifeSeconds === null ? null : NOW_MS / 1000 + lifeSeconds,
    mooring: { ttl_seconds: ttlSeconds },
  });

describe('whether a stored credential serves a reader', () => {
  it.each([
    ['serve', 600, 60],
    ['serve', 60, 60],
    ['refresh', 59, 60],
    ['refresh', 0, 0],
    ['refresh', -5, 0],
    ['refresh', 60, 3600],
    ['impossible', 60, 3601],
    ['serve', 4000, 3999],
  ])('the lease decision is "%s" with %i of 3600 seconds left when %i are requested', (lease, left, asked) => {
    expect(decideLease(recordWith(left), asked, NOW_MS).lease).toBe(lease);
  });

  it('the lease decision names the maximum where more is requested than the cloud issues', () => {
    expect(decideLease(recordWith(10, 900), 1000, NOW_MS)).toEqual({ lease: 'impossible', maximumTtlSeconds: 900 });
  });

  it('the lease decision is always "serve" for a credential that does not expire', () => {
    expect(decideLease(recordWith(null, null), 1e6, NOW_MS)).toEqual({ lease: 'serve', remainingSeconds: null });
  });

  it('the lease decision never serves less than was requested, nor an expired credential', () => {
    fc.assert(
      fc.property(fc.integer({ min: -100, max: 5000 }), fc.integer({ min: 0, max: 5000 }), (left, asked) => {
        const decision = decideLease(recordWith(left), asked, NOW_MS);
        if (decision.lease !== 'serve') return;
        expect(left).toBeGreaterThan(0);
        expect(left).toBeGreaterThanOrEqual(asked);
      }),
    );
  });
});

describe('the fields that are handed out', () => {
  it('only the named fields of a record are handed out, and nothing that renews it', () => {
    const record = {
      ...recordWith(60),
      access_token: 'at',
      client_id: 'id',
      refresh_token: 'rt',
      client_secret: 'cs',
      new_field: 'x',
    };
    expect(leasedCredential(record, ['access_token', 'client_id'])).toEqual({ access_token: 'at', client_id: 'id' });
    expect(leasedCredential(record, [])).toEqual({});
  });

  it('a document that is no credential is not an access record', () => {
    for (const document of [undefined, null, {}, { provider: 'p' }, 'text'])
      expect(isAccessRecord(document)).toBe(false);
  });
});
