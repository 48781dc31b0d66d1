import { describe, expect, it } from 'vitest';
import { createKnownKeys } from '../../../api/http/plugins/known-keys.ts';
import { createManualClock } from '../../contract/manual-clock.ts';

const keyUntil = (expiresAt: string | null) => ({
  id: 'k',
  tenant: 'acme',
  scopes: ['admin' as const],
  name: 'ci',
  createdAt: '2026-11-01T00:00:00.000Z',
  expiresAt,
});

describe('API keys that were verified', () => {
  it('a verified API key is looked up again after 30 seconds, so that a revoked one is refused by then', () => {
    const clock = createManualClock();
    const known = createKnownKeys(clock);
    known.remember('digest', keyUntil(null));
    clock.advance(29);
    expect(known.fresh('digest')).toBeDefined();
    clock.advance(1);
    expect(known.fresh('digest')).toBeUndefined();
  });

  it('a verified API key is refused when it expires, even within those 30 seconds', () => {
    const clock = createManualClock(Date.parse('2026-11-23T08:00:00Z'));
    const known = createKnownKeys(clock);
    known.remember('digest', keyUntil('2026-11-23T08:00:05.000Z'));
    clock.advance(5);
    expect(known.fresh('digest')).toBeUndefined();
  });

  it('a verified API key is remembered as valid for an hour, unless it was found invalid', () => {
    const clock = createManualClock();
    const known = createKnownKeys(clock);
    known.remember('digest', keyUntil(null));
    clock.advance(3599);
    expect(known.seen('digest')).toBe(true);
    clock.advance(1);
    expect(known.seen('digest')).toBe(false);
    known.remember('digest', keyUntil(null));
    known.forget('digest');
    expect(known.seen('digest')).toBe(false);
  });

  it('the cache of verified API keys is bounded, and the oldest are removed first', () => {
    const known = createKnownKeys(createManualClock());
    for (let index = 0; index <= 10_000; index++) known.remember(`digest-${index}`, keyUntil(null));
    expect(known.fresh('digest-0')).toBeUndefined();
    expect(known.fresh('digest-10000')).toBeDefined();
  });
});
