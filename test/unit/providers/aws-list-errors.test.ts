import { describe, expect, test } from 'vitest';

import { verdictOf, type Situation } from '../../../providers/aws/discovery/errors.ts';

const asked: Situation = {
  action: 'ec2:DescribeInstances',
  region: 'eu-west-1',
  knowsEverySession: false,
  variable: 'AWS_ENDPOINT_URL_EC2',
  sent: ['ASIAEXAMPLE', 'the-secret-key', 'the-session-token'],
};
const said = (status: number, code: string, message = '', more: Partial<Situation> = {}) =>
  verdictOf({ kind: 'status', status, retryAfterSeconds: null, body: { code, message } }, { ...asked, ...more });

const user = 'User: arn:aws:sts::111122223333:assumed-role/mooring/con_1 is not authorized to perform:';

describe('errors of lists', () => {
  test.for([
    [
      'UnauthorizedOperation',
      `You are not authorized to perform this operation. ${user} ec2:DescribeInstances because no identity-based policy allows the ec2:DescribeInstances action. Encoded authorization failure message: abcDEF`,
      'ec2:DescribeInstances',
    ],
    [
      'AccessDenied',
      `${user} rds:DescribeDBInstances on resource: arn:aws:rds:eu-west-1:111122223333:db:* because no identity-based policy allows the rds:DescribeDBInstances action`,
      'rds:DescribeDBInstances',
    ],
    [
      'AccessDeniedException',
      `${user} ecs:ListClusters on resource: * with an explicit deny in an identity-based policy`,
      'ecs:ListClusters',
    ],
    ['AccessDeniedException', `${user} lambda:ListFunctions on resource: *`, 'lambda:ListFunctions'],
    ['UnauthorizedOperation', 'You are not authorized to perform this operation.', null],
    ['AccessDenied', 'Access Denied', null],
  ] as const)('%s is a missing right, named where AWS names it', ([code, message, action]) => {
    const { sign, failure } = said(403, code, message);
    expect(sign).toBeNull();
    expect(failure).toMatchObject({ class: 'user', problem: { code: 'list_denied' }, denied: { action } });
    expect(failure.problem.remedy).toContain(action ?? 'ec2:DescribeInstances');
    expect(failure.problem.message).not.toContain('Encoded authorization');
  });

  test('a missing right is named also at the end of a long sentence, of which only the beginning is quoted', () => {
    const { failure } = said(403, 'AccessDenied', `${'x '.repeat(300)}${user} ecs:ListClusters on resource: *`);
    expect(failure.denied).toEqual({ action: 'ecs:ListClusters' });
    expect(failure.problem.message.length).toBeLessThan(600);
  });

  test('a missing right comes with the exact statement to add', () => {
    const { failure } = said(
      403,
      'AccessDenied',
      `${user} s3:ListAllMyBuckets because no identity-based policy allows it`,
    );
    expect(failure.problem.remedy).toContain('{"Effect":"Allow","Action":["s3:ListAllMyBuckets"],"Resource":"*"}');
  });

  test.for([
    ['because no session policy allows the x action', 'session policy'],
    ['because no permissions boundary allows the x action', 'permissions boundary'],
    ['with an explicit deny in an identity-based policy', 'out of the policy that denies it'],
  ] as const)('the remedy is about the policy that AWS names: %s', ([why, remedy]) => {
    expect(
      said(403, 'AccessDenied', `${user} ecs:ListClusters on resource: * ${why}`).failure.problem.remedy,
    ).toContain(remedy);
  });

  test('a denial by the organisation has a code of its own, and is for the customer to know', () => {
    const verdict = said(
      403,
      'UnauthorizedOperation',
      `${user} ec2:DescribeInstances with an explicit deny in a service control policy: arn:x`,
    );
    expect(verdict).toMatchObject({
      sign: 'denied_by_organisation',
      failure: {
        class: 'user',
        problem: { code: 'region_denied_by_policy' },
        denied: { action: 'ec2:DescribeInstances' },
      },
    });
  });

  test.for(['InvalidClientTokenId', 'UnrecognizedClientException', 'AuthFailure'])(
    '%s is a region that is not enabled, but where every session is known it is the session',
    (code) => {
      expect(said(403, code)).toMatchObject({
        sign: 'region_disabled',
        failure: { class: 'user', problem: { code: 'region_disabled' } },
      });
      expect(said(403, code, '', { knowsEverySession: true })).toMatchObject({
        sign: 'session_ended',
        failure: { class: 'transient' },
      });
    },
  );

  test.for(['ExpiredToken', 'ExpiredTokenException', 'RequestExpired'])('%s is the end of the session', (code) => {
    expect(said(400, code).sign).toBe('session_ended');
  });

  test.for([
    'RequestLimitExceeded',
    'Throttling',
    'ThrottlingException',
    'TooManyRequestsException',
    'ThrottledException',
    'SlowDown',
  ])('%s is a limit, whatever its status', (code) => {
    for (const status of [400, 429, 503]) {
      expect(said(status, code)).toMatchObject({
        sign: 'throttled',
        failure: { class: 'transient', problem: { code: 'cloud_rate_limited' } },
      });
    }
  });

  test.for([
    [500, 'InternalFailure', 'cloud_unavailable', 'transient'],
    [502, '', 'cloud_unavailable', 'transient'],
    [400, 'NeverHeardOf', 'cloud_answer_unexpected', 'transient'],
    [200, '', 'cloud_answer_unexpected', 'transient'],
    [403, 'RequestTimeTooSkewed', 'clock_skew', 'config'],
  ] as const)('%s %s is %s', ([status, name, code, problemClass]) => {
    expect(said(status, name).failure).toMatchObject({ class: problemClass, problem: { code }, denied: null });
  });

  test('a region without a connection is unreachable, and a call without an answer is only that call', () => {
    const failure = { kind: 'no_answer', reason: 'ENOTFOUND' } as const;
    expect(verdictOf({ ...failure, delivery: 'not_sent' }, asked)).toMatchObject({
      sign: 'not_connected',
      failure: { class: 'transient', problem: { code: 'region_unreachable' } },
    });
    expect(verdictOf({ ...failure, delivery: 'unknown' }, asked)).toMatchObject({
      sign: 'not_answered',
      failure: { class: 'transient', problem: { code: 'cloud_unreachable' } },
    });
  });

  test('what was sent is in no sentence, though AWS repeats it', () => {
    const signature = 'a'.repeat(64);
    const echo = `AWS4-HMAC-SHA256 Credential=ASIAEXAMPLE/20261130, Signature=${signature}; x-amz-security-token: the-session-token`;
    for (const [status, code] of [
      [403, 'AccessDenied'],
      [403, 'SignatureDoesNotMatch'],
      [400, 'NeverHeardOf'],
    ] as const) {
      const text = JSON.stringify(said(status, code, echo));
      for (const secret of ['ASIAEXAMPLE', 'the-session-token', signature]) expect(text).not.toContain(secret);
    }
  });
});
