import { describe, expect, test } from 'vitest';
import { manifest } from '../../../providers/ovh/manifest.ts';
import { readProgramOutput, type RawListing } from '../../../providers/ovh/discovery/program-output.ts';
import { ProviderError } from '../../../providers/provider.ts';
import { capturedRun, capturedRuns, type CapturedRun } from '../../contract/ovhcloud/captured-runs.ts';
import { projectId } from '../../contract/ovhcloud/recorded-world.ts';

const region = manifest.regions[0]!;

const read = ({ exit, stdout, stderr }: Pick<CapturedRun, 'exit' | 'stdout' | 'stderr'>): RawListing =>
  readProgramOutput({ outcome: 'exited', exitCode: exit, stdout, stderr }, { kind: 'instance', projectId, region });

/** Class, code, what the sentence must say. */
type Expected = readonly [string, string, RegExp];

const notValid: Expected = ['revoked', 'credential_rejected', /"This credential is not valid"/];
const missingAction: Expected = [
  'user',
  'list_denied',
  /Missing IAM permissions: publicCloudProject:apiovh:instance\/get\./,
];
const misconfigured = (reason: RegExp): Expected => ['config', 'ovhcloud_misconfigured', reason];
const unknownDialect = (what: RegExp): Expected => ['config', 'ovhcloud_dialect_unknown', what];
const unreachable = (reason: RegExp): Expected => ['transient', 'cloud_unreachable', reason];

/** The expected failure for each response of the API. */
const byApi: Readonly<Record<string, Expected>> = {
  '401': ['revoked', 'credential_rejected', /"You must login first"/],
  '403': notValid,
  '403iam': missingAction,
  '404': ['user', 'resource_not_found', /"This service does not exist"/],
  '429': ['transient', 'cloud_rate_limited', /fewer requests/],
  '500': ['transient', 'cloud_unavailable', /HTTP 500/],
  drop: unreachable(/EOF/),
  hang: unreachable(/Client\.Timeout exceeded/),
  detail403: missingAction,
  tokenfail: ['user', 'credential_rejected', /invalid_client \("Client authentication failed"\)/],
  nullfields: ['transient', 'ovhcloud_crashed', /panic: interface conversion/],
};

const byCase: Readonly<Record<string, Expected>> = {
  'X refused': unreachable(/connection refused/),
  'X refused appkey': unreachable(/connection refused/),
  'X dns': unreachable(/no such host/),
  'X bad token': ['revoked', 'credential_rejected', /"You must login first"/],
  'X bad appkey ck': notValid,
  'X appkey without ck': notValid,
  'X bad appkey secret': ['user', 'credential_rejected', /"Invalid signature"/],
  'X cc wrong secret': ['user', 'credential_rejected', /invalid_client/],
  'X no auth': misconfigured(/missing authentication information/),
  'X no auth no endpoint': misconfigured(/missing authentication information/),
  'X token+appkey': misconfigured(/can't use multiple authentication methods/),
  'X conf has app keys, env token, endpoint ovh-eu': misconfigured(/can't use multiple authentication methods/),
  'X conf broken ini': misconfigured(/cannot load configuration: unclosed section/),
  'X cc custom endpoint': misconfigured(/not compatible with endpoint/),
  'X cc with endpoint v1 URL': misconfigured(/not compatible with endpoint/),
  'X unknown endpoint name': misconfigured(/unknown endpoint 'ovh-xx'/),
  'X endpoint trailing slash': ['config', 'endpoint_not_found', /HTTP 404/],
  'X unknown project': ['user', 'resource_not_found', /"This service does not exist"/],
  'X project with slash': ['user', 'resource_not_found', /"This service does not exist"/],
  'X get missing': ['user', 'resource_not_found', /id = nope\) does not exist/],
  'X no project': ['transient', 'ovhcloud_failed', /no project ID configured/],
  'X filter bad': ['transient', 'ovhcloud_failed', /failed to parse filter/],
  'X unknown flag': unknownDialect(/unknown flag: --nope/),
  'X -o json': unknownDialect(/unknown shorthand flag: 'o'/),
  'X json+yaml': unknownDialect(/json yaml/),
  'X unknown root command': unknownDialect(/unknown command "nope"/),
  'X unknown sub + json + project': unknownDialect(/unknown flag: --cloud-project/),
  'X proxy bad CA': ['config', 'tls_untrusted', /unknown authority/],
  // Mooring never runs it. Without a terminal, the program also reports the missing authentication.
  'X login noTTY': misconfigured(/missing authentication information/),
};

function failureOf(run: CapturedRun): ProviderError {
  try {
    read(run);
  } catch (error) {
    if (error instanceof ProviderError) return error;
    throw error;
  }
  throw new Error(`"${run.case}" was read as a success.`);
}

describe('every captured run that failed ends in its class, its code and a sentence with the cause', () => {
  const failed = capturedRuns.filter((run) => run.exit !== 0);

  test('133 captured runs failed', () => {
    expect(failed).toHaveLength(133);
  });

  test.each(failed.map((run) => [run.case, run] as const))(
    'the captured run %s ends in its class, its code and a sentence with the cause',
    (name, run) => {
      const [problemClass, code, sentence] = byCase[name] ?? byApi[run.api] ?? [];
      const error = failureOf(run);
      expect([error.class, error.problem.code]).toEqual([problemClass, code]);
      expect(error.problem.message).toMatch(sentence!);
      expect(error.problem.remedy).toMatch(/[a-z].*\.$/i);
    },
  );
});

describe('an exit code of zero proves nothing', () => {
  test.each([['X unknown command'], ['X unknown sub + json'], ['X group no sub']])(
    'help text instead of a list is reported as an unknown dialect: %s',
    (name) => {
      expect(failureOf(capturedRun(name)).problem.code).toBe('ovhcloud_dialect_unknown');
    },
  );

  test.each([['X table'], ['X table empty'], ['X yaml'], ['X format'], ['X get instance'], ['X config set']])(
    'output that is not a JSON list is an error that does not quote the output: %s',
    (name) => {
      const { problem } = failureOf(capturedRun(name));
      expect(problem.code).toBe('ovhcloud_output_unreadable');
      expect(problem.message).not.toMatch(/web-1|00000001/);
    },
  );

  test('null is read as an empty and complete list', () => {
    expect(read(capturedRun('instances|token|empty'))).toEqual({ rows: [], losses: [] });
  });

  test('a loss on stderr is reported with its path and a missing permission, and the other rows are kept', () => {
    const { rows, losses } = read(capturedRun('X ignore-errors detail403'));
    expect(rows).toHaveLength(1);
    expect(losses).toEqual([
      {
        path: '/cloud/project/0a1b2c3d4e5f60718293a4b5c6d7e8f9/instance/00000002-1111-4222-8333-000000000002',
        class: 'user',
        problem: expect.objectContaining({ code: 'list_denied' }) as unknown,
        retryAfterSeconds: null,
        denied: { action: 'publicCloudProject:apiovh:instance/get' },
      },
    ]);
  });
});

describe('an answer that the program could not read', () => {
  test.each([
    [
      "failed to fetch ids: failed to parse ids: invalid character '<' looking for beginning of value",
      'cloud_answer_unexpected',
    ],
    ['failed to fetch ids: failed to parse ids: unexpected end of JSON input', 'cloud_answer_unexpected'],
    [
      'failed to parse ids: json: cannot unmarshal object into Go value of type []interface {}',
      'cloud_answer_unexpected',
    ],
    [
      'failed to parse ids: failed to extract ID from object, value "hunter2" is not an object',
      'cloud_answer_unexpected',
    ],
    ['failed to fetch ids: failed to parse ids: unexpected EOF', 'cloud_unreachable'],
    ['failed to fetch ids: Get "https://eu.api.ovh.com/1.0/x": stopped after 10 redirects', 'cloud_unreachable'],
  ])('%s: it is the answer that is wrong, not the program', (said, code) => {
    const stdout = JSON.stringify({ message: `🛑 failed to fetch results: ${said}`, error: true });
    const error = failureOf({ ...capturedRun('instances|token|500'), stdout });
    expect([error.class, error.problem.code]).toEqual(['transient', code]);
    expect(error.problem.message).not.toMatch(/crash|hunter2/);
  });
});

test('an error on stderr, as later releases write it, is read like one on stdout', () => {
  const { stdout, ...run } = capturedRun('instances|token|403iam');
  expect(failureOf({ ...run, stdout: '', stderr: stdout })).toEqual(failureOf({ ...run, stdout }));
});

test('a request counts as not sent after a refused connection, and as possibly sent after a dropped one', () => {
  expect(failureOf(capturedRun('X refused')).delivery).toBe('not_sent');
  expect(failureOf(capturedRun('projects|token|drop')).delivery).toBe('unknown');
});
