import { describe, expect, test } from 'vitest';
import type { DiscoverySummary, DiscoveryTally, ListOutcome } from '../../../contracts/discovery.ts';
import {
  differs,
  emptyTally,
  failedList,
  sentenceOf,
  summed,
  tallied,
  withInventoryWarning,
} from '../../../contracts/discovery-tally.ts';
import { initialDiscovery, reduceDiscovery, startsDiscovery } from '../../../workflows/discovery/state.ts';
import {
  parseDiscoveryDone,
  parseInput,
  parsePlaceOutcome,
  parsePlanned,
  parseProgress,
} from '../../../workflows/discovery/parse.ts';

const problem = (code: string) => ({ code, message: 'It says no.', remedy: 'Nothing.' });
const list = (more: Partial<ListOutcome> = {}): ListOutcome => ({
  outcome: 'complete',
  resources: 2,
  changes: { added: 1, removed: 0, changed: 0 },
  problem: null,
  notice: null,
  ...more,
});
const summary = (more: Partial<DiscoveryTally> = {}): DiscoverySummary => ({
  ...emptyTally,
  trigger: 'scheduled',
  startedAt: '2030-01-01T00:00:00.000Z',
  finishedAt: '2030-01-01T00:00:10.000Z',
  ...more,
});
const input = {
  connection: { id: 'con_a', tenant: 'acme', provider: 'cloud', region: 'r1', method: 'm' },
  epoch: 1,
  trigger: 'scheduled',
  since: '2030-01-01T00:00:00.000Z',
  concurrency: 4,
};

describe('a tally', () => {
  test('a tally counts lists by outcome, and keeps each problem once', () => {
    const failed = failedList(problem('permission_missing'));
    const tally = [list(), list({ outcome: 'partial' }), failed, failed].reduce(tallied, emptyTally);
    expect(tally).toMatchObject({ lists: 4, complete: 1, partial: 1, failed: 2, resources: 4, added: 2 });
    expect(tally.problems.map(({ code }) => code)).toEqual(['permission_missing']);
    expect(summed(tally, tally)).toMatchObject({ lists: 8, failed: 4, problems: [{ code: 'permission_missing' }] });
  });

  test('a tally keeps five of many problems', () => {
    const many = Array.from({ length: 20 }, (_, n) => failedList(problem(`p${n}`)));
    expect(many.reduce(tallied, emptyTally).problems).toHaveLength(5);
  });
});

describe('what a pass is told as', () => {
  const blind = summary({ lists: 2, failed: 2, problems: [problem('list_denied'), problem('other')] });
  const partial = summary({ lists: 3, complete: 1, failed: 1, partial: 1, resources: 7, problems: [problem('x')] });

  test('a pass in which every list failed says so with the cause, and does not speak of 0 resources', () => {
    expect(sentenceOf(blind)).toBe(
      'No resources could be listed. The first problem: It says no. The last known ones stay.',
    );
    expect(sentenceOf(summary({ lists: 1, complete: 1 }))).toContain('0 resources found');
    expect(sentenceOf(partial)).toContain('7 resources found');
  });

  test('a connection warns of an inventory that could not be read, or not all of it, until a pass is good', () => {
    const other = problem('secret_expires');
    const warned = withInventoryWarning([other], blind);
    expect(warned).toMatchObject([other, { code: 'inventory_unreadable', remedy: 'Nothing.' }]);
    expect(warned[1]?.message).toContain('It says no.');
    const better = withInventoryWarning(warned, partial);
    expect(better.map(({ code }) => code)).toEqual(['secret_expires', 'inventory_incomplete']);
    expect(withInventoryWarning(better, summary({ lists: 3, complete: 3 }))).toEqual([other]);
    expect(withInventoryWarning(better, null)).toEqual([other]);
  });
});

describe('a pass compared with the one before', () => {
  test.each<[string, DiscoverySummary | null, DiscoverySummary, boolean]>([
    ['differs where it is the first', null, summary(), true],
    ['does not differ where nothing has changed', summary(), summary(), false],
    ['differs where a resource was added', summary(), summary({ added: 1 }), true],
    ['differs where a resource was removed', summary(), summary({ removed: 1 }), true],
    ['differs where a resource has changed', summary(), summary({ changed: 1 }), true],
    ['differs where a list fails', summary(), summary({ failed: 1 }), true],
    ['differs where no list fails any more', summary({ failed: 1 }), summary(), true],
    ['differs where a list is partial', summary(), summary({ partial: 1 }), true],
    ['does not differ where a list fails as before', summary({ failed: 1 }), summary({ failed: 1 }), false],
    [
      'differs where the problem is another one',
      summary({ problems: [problem('a')] }),
      summary({ problems: [problem('b')] }),
      true,
    ],
    [
      'does not differ where the problems are in another order',
      summary({ problems: [problem('a'), problem('b')] }),
      summary({ problems: [problem('b'), problem('a')] }),
      false,
    ],
    ['differs where the cloud’s program is missing', summary(), summary({ notice: problem('ovhcloud_missing') }), true],
  ])('compared with the one before, a pass %s', (_what, before, now, expected) => {
    expect(differs(before, now)).toBe(expected);
  });
});

describe('what a connection knows of its discoveries', () => {
  const state = initialDiscovery({ intervalSeconds: null, concurrency: 4 });

  test('a refusal of a discovery is remembered until a pass succeeds or a new sign-in begins', () => {
    const { discovery, note } = reduceDiscovery(state, { type: 'discoveryRefused', problem: problem('no') });
    expect([discovery.refreshed, note?.[0]]).toEqual([true, 'discovery_refused']);
    expect(startsDiscovery(discovery).refreshed).toBe(false);
    expect(reduceDiscovery(discovery, { type: 'discoveryFinished', summary: summary() }).discovery.refreshed).toBe(
      false,
    );
  });

  test('the timeline records a pass only where it differs from the one before', () => {
    const first = reduceDiscovery(state, { type: 'discoveryFinished', summary: summary() });
    expect(first.note?.[0]).toBe('discovered');
    const again = reduceDiscovery(first.discovery, { type: 'discoveryFinished', summary: summary() });
    expect(again.note).toBeUndefined();
  });
});

describe('what reaches the workflows from outside', () => {
  const garbage: unknown[] = [undefined, null, 7, 'text', [], {}, { connection: {} }, [input]];

  test('valid input of the discovery workflows is accepted as it is', () => {
    expect(parseInput(input)).toBe(input);
    const progress = { remaining: ['p1', null], tally: emptyTally };
    expect(parseProgress(progress)).toBe(progress);
    const further = { ...progress, placesPerActivity: 3 };
    expect(parseProgress(further)).toBe(further);
    const planned = { outcome: 'planned', places: ['p1', 'p2'], placesPerActivity: 3, tally: emptyTally };
    expect(parsePlanned(planned)).toEqual({
      outcome: 'planned',
      remaining: ['p1', 'p2'],
      placesPerActivity: 3,
      tally: emptyTally,
    });
    for (const ended of [
      { outcome: 'ended' },
      { outcome: 'dropped' },
      { outcome: 'unauthorized', problem: problem('no') },
    ]) {
      expect(parsePlanned(ended)).toBe(ended);
    }
    for (const outcome of [
      { outcome: 'listed', tally: emptyTally },
      { outcome: 'dropped', tally: emptyTally },
      { outcome: 'unauthorized', problem: problem('no') },
    ]) {
      expect(parsePlaceOutcome(outcome)).toBe(outcome);
    }
    for (const done of [
      { since: input.since, outcome: 'done', summary: summary() },
      { since: input.since, outcome: 'unauthorized', problem: problem('no') },
    ]) {
      expect(parseDiscoveryDone(done)).toBe(done);
    }
  });

  test('a plan of an older build is read as one, so that its discovery goes on', () => {
    const plan = { outcome: list(), places: ['p1', null], hasEnded: false };
    const tally = { ...emptyTally, lists: 1, complete: 1, resources: 2, added: 1 };
    expect(parsePlanned(plan)).toEqual({ outcome: 'planned', remaining: ['p1', null], tally });
    expect(parsePlanned({ ...plan, hasEnded: true })).toEqual({ outcome: 'ended' });
    expect(parsePlanned({ ...plan, outcome: list({ outcome: 'dropped' }) })).toEqual({ outcome: 'dropped' });
    const refused = list({ outcome: 'unauthorized', problem: problem('no') });
    expect(parsePlanned({ ...plan, outcome: refused })).toEqual({ outcome: 'unauthorized', problem: problem('no') });
  });

  test.each(garbage)('invalid input of the discovery workflows is refused: %j', (value) => {
    for (const parse of [parseInput, parseProgress, parsePlanned, parsePlaceOutcome]) {
      expect(() => parse(value)).toThrow(/^This is no .*[a-z"]\.$/);
    }
    expect(parseDiscoveryDone(value)).toBeUndefined();
  });

  test.each([
    ['epoch', -1],
    ['epoch', '1'],
    ['trigger', 'other'],
    ['since', 'yesterday'],
    ['concurrency', 0],
    ['concurrency', 1e9],
    ['concurrency', 1.5],
  ])('a discovery input whose %s is %j is refused with a message that does not repeat the value', (field, value) => {
    expect(() => parseInput({ ...input, [field]: value })).toThrow(
      `This is no input of a discovery: its field "${field}" is missing or not as it should be.`,
    );
  });
});
