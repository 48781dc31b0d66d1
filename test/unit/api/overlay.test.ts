import { describe, expect, it } from 'vitest';
import { executionOf, type Execution } from '../../../api/temporal/execution.ts';
import { asEnded, withAttributes, withFacts, withReported } from '../../../api/temporal/views.ts';
import { connectionStatuses } from '../../../contracts/connection.ts';
import { viewWith } from './support.ts';

const at = '2026-11-23T08:00:00.000Z';
const closedAt = '2026-11-23T09:00:00.000Z';
const facts = (generation: number) => ({ v: 1 as const, generation, issuedAt: at, expiresAt: at, nextRefreshAt: at });
const credential = (generation: number) => ({ ...facts(generation), expiresAt: null, renewable: true, scopes: ['s'] });
const execution = (changes: Partial<Execution>): Execution => ({ ...executionOf({}), closedAt, ...changes });
const problem = { code: 'why', message: 'm', remedy: 'r' };

describe('newer facts', () => {
  it('newer facts replace those of the view, and keep its other fields', () => {
    const view = withFacts(viewWith({ credential: credential(2) }), facts(3));
    expect(view.credential).toEqual({ ...facts(3), renewable: true, scopes: ['s'] });
  });

  it('facts never take the view back to an older generation, and create no credential where there is none', () => {
    const newer = viewWith({ credential: credential(4) });
    expect(withFacts(newer, facts(3))).toBe(newer);
    expect(withFacts(viewWith(), facts(3)).credential).toBeNull();
    expect(withFacts(newer, undefined)).toBe(newer);
  });
});

describe('what upkeep reported', () => {
  it('the problem that upkeep reported is a single warning on an active connection', () => {
    const view = withReported(viewWith({ status: 'active' }), problem);
    expect(view).toMatchObject({ problem: null, warnings: [problem] });
    expect(withReported(view, problem).warnings).toEqual([problem]);
  });

  it('the problem that upkeep reported replaces the problem of a degraded connection', () => {
    const before = { code: 'before', message: 'm', remedy: 'r' };
    expect(withReported(viewWith({ status: 'degraded', problem: before }), problem)).toMatchObject({
      problem,
      warnings: [],
    });
  });
});

describe('a workflow that was ended from outside', () => {
  it.each(connectionStatuses.filter((status) => status !== 'disconnected' && status !== 'expired'))(
    'a connection that was %s is stopped, without credential or invitation, once ended from outside',
    (status) => {
      const view = viewWith({ status, credential: credential(1) });
      expect(asEnded(view, execution({ state: 'stopped' }))).toMatchObject({
        status: 'stopped',
        statusSince: status === 'stopped' ? view.statusSince : closedAt,
        problem: { code: 'stopped' },
        credential: null,
        invitation: null,
      });
    },
  );

  it.each(['disconnected', 'expired'] as const)(
    'a connection that was %s before its workflow was ended from outside stays as it was',
    (status) => {
      const view = viewWith({ status });
      expect(asEnded(view, execution({ state: 'stopped' }))).toBe(view);
    },
  );

  it('a connection whose workflow completed stays as it was', () => {
    const view = viewWith({ status: 'active' });
    expect(asEnded(view, execution({ state: 'completed' }))).toBe(view);
  });
});

describe('where memo and search attributes differ', () => {
  it('search attributes decide the status over the memo, and a problem of another status is dropped', () => {
    const attributes = { ...executionOf({}).attributes, status: 'active' as const, statusSince: closedAt };
    const view = viewWith({ status: 'degraded', problem });
    expect(withAttributes(view, execution({ attributes }))).toMatchObject({
      status: 'active',
      statusSince: closedAt,
      problem: null,
    });
    const reason = { ...attributes, status: 'action_required' as const, reason: problem.code };
    expect(withAttributes(view, execution({ attributes: reason }))).toMatchObject({
      status: 'action_required',
      problem,
    });
  });
});
