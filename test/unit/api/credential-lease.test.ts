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
  ])('is "%s" with %i seconds left of 3600 when %i are asked for', (lease, left, asked) => {
    expect(decideLease(recordWith(left), asked, NOW_MS).lease).toBe(lease);
  });

  it('names the maximum where more is asked for than the cloud issues', () => {
    expect(decideLease(recordWith(10, 900), 1000, NOW_MS)).toEqual({ lease: 'impossible', maximumTtlSeconds: 900 });
  });

  it('is always "serve" for a credential that does not expire', () => {
    expect(decideLease(recordWith(null, null), 1e6, NOW_MS)).toEqual({ lease: 'serve', remainingSeconds: null });
  });

  it('never serves less than was asked for, nor what has expired', () => {
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

describe('what is handed out of a record', () => {
  it('is what a reader uses, and nothing that renews it or that nobody named', () => {
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

  it('is nothing at all of a document that is no credential', () => {
    for (const document of [undefined, null, {}, { provider: 'p' }, 'text'])
      expect(isAccessRecord(document)).toBe(false);
  });
});
