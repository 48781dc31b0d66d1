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
  it('are laid over the view, and leave what they do not know', () => {
    const view = withFacts(viewWith({ credential: credential(2) }), facts(3));
    expect(view.credential).toEqual({ ...facts(3), renewable: true, scopes: ['s'] });
  });

  it('never take the view back to an older generation, and make no credential where there is none', () => {
    const newer = viewWith({ credential: credential(4) });
    expect(withFacts(newer, facts(3))).toBe(newer);
    expect(withFacts(viewWith(), facts(3)).credential).toBeNull();
    expect(withFacts(newer, undefined)).toBe(newer);
  });
});

describe('what upkeep reported', () => {
  it('is a warning beside an active connection, once', () => {
    const view = withReported(viewWith({ status: 'active' }), problem);
    expect(view).toMatchObject({ problem: null, warnings: [problem] });
    expect(withReported(view, problem).warnings).toEqual([problem]);
  });

  it('is what is wrong with a degraded one', () => {
    const before = { code: 'before', message: 'm', remedy: 'r' };
    expect(withReported(viewWith({ status: 'degraded', problem: before }), problem)).toMatchObject({
      problem,
      warnings: [],
    });
  });
});

describe('a workflow that was ended from outside', () => {
  it.each(connectionStatuses.filter((status) => status !== 'disconnected' && status !== 'expired'))(
    'leaves a connection that was %s stopped: nothing is open, nothing is handed out',
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

  it.each(['disconnected', 'expired'] as const)('leaves what was %s before as it was', (status) => {
    const view = viewWith({ status });
    expect(asEnded(view, execution({ state: 'stopped' }))).toBe(view);
  });

  it('is told from one that completed', () => {
    const view = viewWith({ status: 'disconnected' });
    expect(asEnded(view, execution({ state: 'completed' }))).toBe(view);
  });
});

describe('where memo and search attributes differ', () => {
  it('the attributes decide what the status is, and a problem of another status is not told', () => {
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
