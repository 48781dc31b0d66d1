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
