import { describe, expect, it } from 'vitest';
import { msToTs } from '../../../platform/temporal/sdk-internals.ts';
import { healthOf } from '../../../worker/connection-health.ts';

const now = Date.parse('2030-01-01T12:00:00Z');
const MINUTE_MS = 60_000;
const states = { scheduled: 1, started: 2, paused: 4 } as const;
type Description = Parameters<typeof healthOf>[0];
type Activity = NonNullable<Description['pendingActivities']>[number];

const minutesAgo = (minutes: number) => msToTs(now - minutes * MINUTE_MS);
const of = (...pendingActivities: Activity[]) => healthOf({ pendingActivities }, now);

describe('the health of a workflow that runs', () => {
  it('a workflow is late once an attempt of an activity is more than two minutes overdue', () => {
    const due = (minutes: number): Activity => ({
      state: states.scheduled,
      nextAttemptScheduleTime: minutesAgo(minutes),
    });
    expect(of(due(3)).late).toBe(true);
    expect(of(due(2)).late).toBe(false);
    expect(of(due(-50)).late).toBe(false);
    expect(of({ state: states.started, scheduledTime: minutesAgo(10) }, due(3)).late).toBe(true);
  });

  it('a workflow is late where no worker has started a first attempt for more than two minutes', () => {
    expect(of({ state: states.scheduled, attempt: 1, scheduledTime: minutesAgo(3) }).late).toBe(true);
    expect(of({ state: states.started, scheduledTime: minutesAgo(3) }).late).toBe(false);
  });

  it('a workflow is paused and not late where an operator paused one of its activities', () => {
    const paused = { state: states.paused, paused: true, nextAttemptScheduleTime: minutesAgo(90) };
    expect(of(paused)).toMatchObject({ paused: true, late: false });
    expect(of({ ...paused, state: states.scheduled })).toMatchObject({ paused: true, late: false });
  });

  it('a workflow is stuck from the third attempt of a workflow task on', () => {
    const stuck = (attempt: number) => healthOf({ pendingWorkflowTask: { attempt } }, now).stuck;
    expect([1, 2, 3, 40].map(stuck)).toEqual([false, false, true, true]);
    expect(healthOf({}, now)).toEqual({ late: false, paused: false, stuck: false, status: null });
  });

  it('the status of a workflow comes from its search attribute, and is null where that holds no string', () => {
    const status = (data: string) => {
      const indexedFields = { MooringStatus: { data: Buffer.from(data) } };
      return healthOf({ workflowExecutionInfo: { searchAttributes: { indexedFields } } }, now).status;
    };
    expect(status('"stopped"')).toBe('stopped');
    expect(status('not JSON')).toBeNull();
    expect(status('["stopped"]')).toBeNull();
  });
});
