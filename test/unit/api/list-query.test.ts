import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { listQuery, quote } from '../../../api/temporal/visibility.ts';

describe('the list filter', () => {
  it('always asks for one tenant, and for the newest run of each connection', () => {
    expect(listQuery('acme', {})).toBe(
      `WorkflowType='connection' AND MooringTenant='acme' AND ExecutionStatus!='ContinuedAsNew'`,
    );
  });

  it('has every filter that was given', () => {
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

  it('finds as stopped what was ended from outside, and as nothing else: it could write no status any more', () => {
    const ended = `ExecutionStatus IN ('Terminated','Canceled','Failed','TimedOut')`;
    expect(listQuery('acme', { status: ['active', 'stopped'] })).toContain(
      `AND (MooringStatus IN ('active','stopped') OR ${ended})`,
    );
    expect(listQuery('acme', { status: ['active', 'degraded'] })).toContain(
      `AND MooringStatus IN ('active','degraded') AND ${ended.replace(' IN ', ' NOT IN ')}`,
    );
  });

  it('lets no value leave its quotes', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom("'", '"', '\\', '`', '\n', '\0', 'a', ' ') }), (value) => {
        const dangerous = /[^a ]/.test(value);
        if (dangerous) expect(() => quote(value)).toThrow(RangeError);
        else expect(quote(value)).toBe(`'${value}'`);
      }),
    );
  });
});
