import { beforeAll, describe, expect, test } from 'vitest';
import { buildStandIn } from '../../../sandbox/ovhcloud/build.ts';
import { capturedRuns, type CapturedRun, type RecordedRequest } from './captured-runs.ts';
import { normalised, replay } from './replay.ts';
import { changedCases, scenarioOf } from './scenarios.ts';

/** Path of the real program, to compare it with its own recording; its hanging run takes 180 s. */
const realProgram = process.env['OVHCLOUD_TEST_PROGRAM'];
const timeoutMs = realProgram === undefined ? 30_000 : 200_000;

const STDOUT_CUT = 6_000;
const STDERR_CUT = 1_500;

let program: string;

beforeAll(async () => {
  program = realProgram ?? (await buildStandIn());
});

/** What Mooring asks for: lists as JSON and help, with a token or application keys from the environment. */
const isMoorings = (run: CapturedRun): boolean => {
  const { flags, env, conf } = scenarioOf(run);
  const others = /^(?:account|config|login)| (?:get|ssh-key) | --(?:debug|filter|format|yaml)/;
  return (
    !('OVH_CLIENT_ID' in env) && flags.includes('--json') && conf === undefined && !others.test(run.args.join(' '))
  );
};

const runs = realProgram === undefined ? capturedRuns.filter(isMoorings) : capturedRuns;

test('the recording has 274 captured runs, of which the stand-in has to replay 227', () => {
  const names = capturedRuns.map((run) => run.case);
  expect(new Set(names).size).toBe(274);
  expect(capturedRuns.filter(isMoorings)).toHaveLength(227);
  expect(names).toEqual(expect.arrayContaining(changedCases));
});

test('the stand-in refuses an option that Mooring never uses, and sends no request', async () => {
  const table = capturedRuns.find(({ case: name }) => name === 'X filter');
  if (!table) throw new Error('the case is gone');
  const { exit, requests, stderr } = await replay(table, await buildStandIn());
  expect({ exit, requests }).toEqual({ exit: 1, requests: [] });
  expect(stderr).toContain('prints JSON only');
});

describe.concurrent('exit code, output and requests equal those of the captured run', () => {
  for (const run of runs) {
    test(run.case, { timeout: timeoutMs }, async () => {
      const actual = await replay(run, program);
      const [stdout, stderr] = [normalised(run.stdout), normalised(run.stderr)];

      expect(actual.complaints).toEqual([]);
      expect(cut(actual.stdout, run.stdout, STDOUT_CUT)).toBe(cut(stdout, run.stdout, STDOUT_CUT));
      // A captured --debug log has times and ports in it.
      if (!run.args.includes('--debug')) {
        expect(cut(actual.stderr, run.stderr, STDERR_CUT)).toBe(cut(stderr, run.stderr, STDERR_CUT));
      }
      expect(actual.exit).toBe(run.exit);
      expect(sorted(actual.requests)).toEqual(sorted(run.requests));
      expect(askedTooEarly(actual.requests)).toEqual([]);
    });
  }
});

/** The recording truncated long output: only that part is compared, less what normalising may have shifted. */
function cut(text: string, recorded: string, limit: number): string {
  return [...recorded].length >= limit ? [...text].slice(0, limit - 100).join('') : text;
}

const sorted = (requests: readonly RecordedRequest[]): string[] =>
  requests.map((request) => Object.values(request).join(' ')).toSorted();

/** Requests run in parallel, so they are compared sorted; but details must follow their list, and all the clock. */
function askedTooEarly(requests: readonly RecordedRequest[]): string[] {
  const paths = requests.map((request) => request.path);
  return paths.filter((path, index) =>
    paths.slice(index + 1).some((later) => later.endsWith('/auth/time') || path.startsWith(`${later}/`)),
  );
}
