import { describe, expect, it } from 'vitest';
import { msToTs } from '../../../platform/temporal/sdk-internals.ts';
import type { Description } from '../../../api/temporal/description.ts';
import type { PendingActivity } from '../../../platform/temporal/pending-activity.ts';
import { executionOf } from '../../../api/temporal/execution.ts';
import { healthOf } from '../../../api/temporal/health.ts';
import { viewWith } from './support.ts';

const NOW_MS = Date.parse('2026-11-23T08:00:00Z');
const secondsAgo = (seconds: number) => NOW_MS - seconds * 1000;
const iso = (ms: number): string => new Date(ms).toISOString();

const SCHEDULED = 1;
const STARTED = 2;
const PAUSED = 4;
const upkeep = (changes: Partial<PendingActivity>): PendingActivity => ({
  activityId: '1',
  activityType: { name: 'keepFresh' },
  state: SCHEDULED,
  attempt: 5,
  scheduledTime: msToTs(NOW_MS + 60_000),
  activityOptions: { taskQueue: { name: 'mooring-sky' } },
  ...changes,
});
const described = (changes: Partial<Description> = {}): Description => ({
  execution: executionOf({}),
  activities: [],
  task: undefined,
  ...changes,
});
const credential = (nextRefreshAt: string | null) => ({
  v: 1 as const,
  generation: 1,
  issuedAt: iso(secondsAgo(3600)),
  expiresAt: null,
  nextRefreshAt,
  renewable: true,
  scopes: [],
});
const nothing = { reported: undefined, cause: undefined };
const look = (
  description: Description,
  view = viewWith({ status: 'active' }),
  told: typeof nothing | object = nothing,
) => healthOf(description, view, { ...nothing, ...told }, NOW_MS);

describe('whether Mooring keeps up with a connection', () => {
  it.each([
    ['nothing is pending', described()],
    ['the next attempt is to come', described({ activities: [upkeep({})] })],
    [
      'an attempt is a minute overdue, as when workers restart',
      described({ activities: [upkeep({ scheduledTime: msToTs(secondsAgo(60)) })] }),
    ],
    [
      'an attempt runs, however long ago it was due',
      described({ activities: [upkeep({ state: STARTED, scheduledTime: msToTs(secondsAgo(900)) })] }),
    ],
    ['a workflow task is at its second attempt', described({ task: { attempt: 2 } })],
  ])('the health of a connection is ok while %s', (_what, description) => {
    expect(look(description)).toEqual({ state: 'ok', since: null, problem: null });
  });

  it('a connection is late once an attempt waits more than two minutes in its task queue, which is named', () => {
    const due = secondsAgo(121);
    const { state, since, problem } = look(described({ activities: [upkeep({ scheduledTime: msToTs(due) })] }));
    expect({ state, since, code: problem?.code }).toEqual({ state: 'late', since: iso(due), code: 'late' });
    expect(problem?.remedy).toContain("'mooring-sky'");
  });

  it('a connection is late since the most overdue of several attempts was due', () => {
    const [one, other] = [secondsAgo(300), secondsAgo(600)].map((ms) => upkeep({ scheduledTime: msToTs(ms) }));
    expect(look(described({ activities: [one!, other!] })).since).toBe(iso(secondsAgo(600)));
  });

  it('a connection is late while a due renewal has not happened, with the reason that upkeep reported', () => {
    const due = iso(secondsAgo(121));
    const view = viewWith({ status: 'active', credential: credential(due) });
    expect(look(described(), view)).toMatchObject({ state: 'late', since: due, problem: { code: 'late' } });
    const reported = { code: 'provider_paused', message: 'Paused.', remedy: 'Resume it.' };
    expect(look(described(), view, { reported })).toMatchObject({ state: 'late', problem: reported });
  });

  it.each(['degraded', 'paused', 'action_required'] as const)(
    'a missed renewal does not count as late where the connection is %s',
    (status) => {
      const view = viewWith({ status, credential: credential(iso(secondsAgo(3600))) });
      expect(look(described(), view).state).toBe('ok');
    },
  );

  it('a connection whose activity an operator has paused is reported as paused, also where it is overdue', () => {
    const pauseTime = msToTs(secondsAgo(500));
    const paused = upkeep({
      state: PAUSED,
      paused: true,
      pauseInfo: { pauseTime },
      scheduledTime: msToTs(secondsAgo(400)),
    });
    expect(look(described({ activities: [paused] }))).toMatchObject({
      state: 'paused_by_operator',
      since: iso(secondsAgo(500)),
      problem: { code: 'paused_by_operator' },
    });
  });

  it('a connection is stuck from the third attempt of a workflow task, with the cause where it is known', () => {
    const task = { attempt: 3, originalScheduledTime: msToTs(secondsAgo(30)) };
    const late = upkeep({ scheduledTime: msToTs(secondsAgo(900)) });
    const { state, since, problem } = look(described({ task, activities: [late] }), undefined, { cause: 'why' });
    expect({ state, since }).toEqual({ state: 'stuck', since: iso(secondsAgo(30)) });
    expect(problem).toMatchObject({ code: 'connection_stuck', message: expect.stringContaining('attempt 3 (why)') });
    expect(look(described({ task })).problem?.message).toContain('attempt 3.');
  });
});
