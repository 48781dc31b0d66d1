import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { listQuery, quote } from '../../../api/temporal/visibility.ts';

describe('the list filter', () => {
  it('the list filter always selects one tenant and the newest run of each connection', () => {
    expect(listQuery('acme', {})).toBe(
      `WorkflowType='connection' AND MooringTenant='acme' AND ExecutionStatus!='ContinuedAsNew'`,
    );
  });

  it('the list filter contains the given provider, region, method, reason and tag', () => {
    const filters = {
      status: ['active', 'degraded'],
      provider: 'p',
      region: 'r',
      method: 'm',
      reason: 'x',
      tag: 'a:b',
    };
    expect(listQuery('acme', filters)).toContain(
      ` AND MooringProvider='p' AND MooringRegion='r' AND MooringAuthMethod='m' AND MooringReason='x' AND MooringTags='a:b'`,
    );
  });

  it('the list filter searches by digests: all words of a name, or any of id, account and name', () => {
    expect(listQuery('acme', { words: ['w1', 'w2'], account: 'd' })).toContain(
      ` AND MooringAccount='d' AND MooringName='w1' AND MooringName='w2'`,
    );
    expect(listQuery('acme', { anyOf: { id: 'con_ab', account: 'd', words: ['w1', 'w2'] } })).toContain(
      ` AND (WorkflowId STARTS_WITH 'con_ab' OR MooringAccount='d' OR (MooringName='w1' AND MooringName='w2'))`,
    );
    expect(listQuery('acme', { anyOf: { id: null, account: 'd', words: [] } })).toContain(` AND (MooringAccount='d')`);
  });

  it('the list filter bounds times in UTC, both ends within', () => {
    const times = {
      statusSinceAfter: '2026-11-01T01:00:00+01:00',
      statusSinceBefore: '2026-11-02T00:00:00Z',
      createdAfter: '2026-11-03T00:00:00Z',
      createdBefore: '2026-11-04T00:00:00Z',
      actBefore: '2026-11-05T00:00:00Z',
    };
    expect(listQuery('acme', { times })).toContain(
      [
        ` AND MooringStatusSince >= '2026-11-01T00:00:00.000Z'`,
        `MooringStatusSince <= '2026-11-02T00:00:00.000Z'`,
        `MooringCreatedAt >= '2026-11-03T00:00:00.000Z'`,
        `MooringCreatedAt <= '2026-11-04T00:00:00.000Z'`,
        `MooringActBy <= '2026-11-05T00:00:00.000Z'`,
      ].join(' AND '),
    );
  });

  it('the list filter finds connections that were ended from outside as stopped, and under no other status', () => {
    const ended = `ExecutionStatus IN ('Terminated','Canceled','Failed','TimedOut')`;
    expect(listQuery('acme', { status: ['active', 'stopped'] })).toContain(
      `AND (MooringStatus IN ('active','stopped') OR ${ended})`,
    );
    expect(listQuery('acme', { status: ['active', 'degraded'] })).toContain(
      `AND MooringStatus IN ('active','degraded') AND ${ended.replace(' IN ', ' NOT IN ')}`,
    );
  });

  it('the list filter lets no value escape its quotes', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom("'", '"', '\\', '`', '\n', '\0', 'a', ' ') }), (value) => {
        const dangerous = /[^a ]/.test(value);
        if (dangerous) expect(() => quote(value)).toThrow(RangeError);
        else expect(quote(value)).toBe(`'${value}'`);
      }),
    );
  });
});
