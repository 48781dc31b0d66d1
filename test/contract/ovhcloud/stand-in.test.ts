import { beforeAll, describe, expect, test } from 'vitest';
import { buildStandIn } from '../../../sandbox/ovhcloud/build.ts';
import { capturedRuns, type RecordedRequest } from './captured-runs.ts';
import { debugEntries } from './debug-log.ts';
import { normalised, replay } from './replay.ts';
import { changedCases } from './scenarios.ts';

/** The real program, by its path, where it is to be held against its own recording; its hanging run takes 180 s. */
const realProgram = process.env['OVHCLOUD_TEST_PROGRAM'];
const timeoutMs = realProgram === undefined ? 30_000 : 200_000;

const STDOUT_CUT = 6_000;
const STDERR_CUT = 1_500;

let program: string;

beforeAll(async () => {
  program = realProgram ?? (await buildStandIn());
});

test('every one of the 274 captured runs is replayed', () => {
  const names = capturedRuns.map((run) => run.case);
  expect(new Set(names).size).toBe(274);
  expect(names).toEqual(expect.arrayContaining(changedCases));
});

describe.concurrent('exit code, output and requests are those of the captured run', () => {
  for (const run of capturedRuns) {
    test(run.case, { timeout: timeoutMs }, async ({ expect: expectHere }) => {
      const actual = await replay(run, program);
      const [stdout, stderr] = [normalised(run.stdout), normalised(run.stderr)];

      expectHere(actual.complaints).toEqual([]);
      expectHere(cut(actual.stdout, run.stdout, STDOUT_CUT)).toBe(cut(stdout, run.stdout, STDOUT_CUT));
      const lines = run.args.includes('--debug') ? debugEntries : wholeText(run.stderr);
      expectHere(lines(actual.stderr)).toEqual(expect.arrayContaining(lines(stderr)));
      expectHere(actual.exit).toBe(run.exit);
      expectHere(sorted(actual.requests)).toEqual(sorted(run.requests));
      expectHere(askedTooEarly(actual.requests)).toEqual([]);
    });
  }
});

/** The recording cut long output off: only what it kept can be compared, less what normalising may have moved. */
function cut(text: string, recorded: string, limit: number): string {
  return [...recorded].length >= limit ? [...text].slice(0, limit - 100).join('') : text;
}

const wholeText =
  (recorded: string) =>
  (text: string): string[] => [cut(text, recorded, STDERR_CUT)];

const sorted = (requests: readonly RecordedRequest[]): string[] =>
  requests.map((request) => Object.values(request).join(' ')).toSorted();

/** Requests run in parallel, and the recording sorted them: yet a detail follows its list, and all follow the clock. */
function askedTooEarly(requests: readonly RecordedRequest[]): string[] {
  const paths = requests.map((request) => request.path);
  return paths.filter((path, index) =>
    paths.slice(index + 1).some((later) => later.endsWith('/auth/time') || path.startsWith(`${later}/`)),
  );
}
