import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';

import type { AwsDependencies } from '../../providers/aws/index.ts';
import type { CallContext } from '../../providers/provider.ts';
import type { Environment } from '../../providers/manifests/settings.ts';
import type { JsonObject } from '../../platform/json.ts';
import { Secret } from '../../platform/secret.ts';
import { createSandboxClient, type SandboxClient } from '../../sandbox/client.ts';
import { createSandbox, sandboxEnvironment, type Sandbox } from '../../sandbox/sandbox.ts';
import { answer, issuing, startSts } from './provider.aws.scripted-sts.ts';
import { awsProvider, awsRole, trusting } from './provider.aws.harness.ts';
import { closedPort } from '../support/closed-port.ts';
import { thrown } from './thrown.ts';

const externalId = 'ext-1';
const demanding = trusting('111122223331', { StringEquals: { 'sts:ExternalId': externalId } });

describe('AWS, answer by answer', () => {
  let sandbox: Sandbox;
  let cloud: SandboxClient;
  let environment: Record<string, string>;
  beforeAll(async () => {
    sandbox = createSandbox();
    environment = sandboxEnvironment(await sandbox.listen());
    cloud = createSandboxClient(sandbox.url);
  });
  afterEach(async () => await cloud.reset());
  afterAll(async () => await sandbox.close());

  const role = (changed: Environment = {}, options: Partial<AwsDependencies> = {}) =>
    awsRole(awsProvider({ ...environment, ...changed }, options));
  const submitted = (role_arn: string, more: JsonObject = {}, region = 'aws'): CallContext => ({
    region,
    connectionId: 'con_answers',
    record: new Secret<JsonObject>({ role_arn, external_id: externalId, ...more }),
    signal: new AbortController().signal,
  });
  const roleOf = async (more?: JsonObject) =>
    submitted(await cloud.putAwsRole({ name: 'reader', trustPolicy: demanding }), more);
  test.for([
    { partition: 'aws-cn', ours: '111122223332', theirs: '222233334442' },
    { partition: 'aws-us-gov', ours: '111122223333', theirs: '222233334443' },
  ])('a role of $partition works with the credentials of that partition', async ({ partition, ours, theirs }) => {
    const trustPolicy = trusting(ours, { StringEquals: { 'sts:ExternalId': externalId } }, partition);
    const arn = await cloud.putAwsRole({ name: 'reader', trustPolicy, partition });
    await expect(awsProvider(environment).identity?.(partition)).resolves.toMatchObject({ accountId: ours });
    await expect(role().prove(submitted(arn, {}, partition))).resolves.toMatchObject({ account: { id: theirs } });
  });

  describe('before anything is sent', () => {
    test.for([
      { what: 'a value that is no ARN', record: { role_arn: 'reader' }, code: 'role_arn_invalid' },
      { what: "a user's ARN", record: { role_arn: 'arn:aws:iam::222233334441:user/x' }, code: 'role_arn_invalid' },
      {
        what: 'a role of another partition',
        record: { role_arn: 'arn:aws-cn:iam::222233334442:role/x' },
        code: 'partition_mismatch',
      },
      { what: 'a session of two hours', record: { duration_seconds: '7200' }, code: 'duration_invalid' },
      { what: 'a session of a minute', record: { duration_seconds: '60' }, code: 'duration_invalid' },
      { what: 'a record without an external ID', record: { external_id: '' }, code: 'credential_missing' },
    ])('$what is refused before anything is sent', async ({ record, code }) => {
      const error = await thrown(role().prove(await roleOf(record)));
      expect(error).toMatchObject({ class: 'user', delivery: 'not_sent', problem: { code } });
      expect((await cloud.counters('aws')).requests).toEqual({});
    });

    test('missing AWS credentials are reported with the variable names of their partition', async () => {
      const bare = { ...environment, AWS_SECRET_ACCESS_KEY: '', AWS_US_GOV_ACCESS_KEY_ID: '' };
      const identity = (region: string) => awsProvider(bare).identity?.(region) ?? expect.fail('no identity');
      const error = await thrown(identity('aws'));
      expect(error).toMatchObject({ class: 'config', problem: { code: 'credentials_not_configured' } });
      for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_DEFAULT_REGION']) {
        expect(error.problem.remedy).toContain(name);
      }
      expect((await thrown(identity('aws-us-gov'))).problem.remedy).toContain('AWS_US_GOV_ACCESS_KEY_ID');
      expect((await thrown(identity('aws-mars'))).message).toBe(
        "Invalid partition 'aws-mars'. Must be one of: aws, aws-cn, aws-us-gov",
      );
    });

    test('a disabled connector and an endpoint without TLS are each reported as such', async () => {
      const context = await roleOf();
      const off = await thrown(role({ ENABLE_AWS: 'false' }).prove(context));
      expect(`${off.message} ${off.problem.remedy}`).toBe(
        'AWS connector not enabled. Set ENABLE_AWS=true and restart Mooring.',
      );
      expect(await thrown(role({ AWS_ENDPOINT_URL_STS: 'http://192.0.2.1' }).prove(context))).toMatchObject({
        class: 'config',
        problem: { code: 'insecure_url' },
      });
    });
  });

  describe("Mooring's own identity", () => {
    test('a workload identity replaces the keys where it is switched on', async () => {
      const { AWS_ACCESS_KEY_ID: accessKeyId = '', AWS_SECRET_ACCESS_KEY: secretAccessKey = '' } = environment;
      const keyless = { AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '', AWS_WORKLOAD_IDENTITY: 'true' };
      const workload = () => Promise.resolve({ accessKeyId, secretAccessKey });
      await expect(role(keyless, { workload }).prove(await roleOf())).resolves.toBeDefined();
      const none = () =>
        Promise.reject(Object.assign(new Error('Could not load credentials'), { name: 'CredentialsProviderError' }));
      expect(await thrown(role(keyless, { workload: none }).prove(await roleOf()))).toMatchObject({
        class: 'config',
        problem: { code: 'credentials_not_configured' },
      });
    });

    test.for([
      { what: 'an unknown key', changed: { AWS_ACCESS_KEY_ID: 'AKIAUNKNOWN' } },
      { what: 'a wrong secret', changed: { AWS_SECRET_ACCESS_KEY: 'not-the-secret' } },
    ])('$what of Mooring itself is class config, and says nothing about the role', async ({ changed }) => {
      const context = await roleOf();
      const rejected = { class: 'config', problem: { code: 'operator_credentials_rejected' } };
      expect(await thrown(role(changed).prove(context))).toMatchObject(rejected);
      expect(await thrown(role(changed).refresh(context))).toMatchObject(rejected);
    });
  });

  describe('error codes of STS', () => {
    test.for([
      { code: 'Throttling', status: 400, class: 'transient', problem: 'cloud_rate_limited' },
      { code: 'TooManyRequestsException', status: 429, class: 'transient', problem: 'cloud_rate_limited' },
      { code: 'InternalFailure', status: 500, class: 'transient', problem: 'cloud_unavailable' },
      { code: 'ServiceUnavailable', status: 503, class: 'transient', problem: 'cloud_unavailable' },
      { code: 'ExpiredToken', status: 403, class: 'config', problem: 'operator_credentials_expired' },
      { code: 'RequestExpired', status: 400, class: 'config', problem: 'clock_skew' },
      { code: 'PackedPolicyTooLarge', status: 400, class: 'user', problem: 'session_policy_refused' },
      { code: 'NeverHeardOf', status: 400, class: 'transient', problem: 'cloud_answer_unexpected' },
    ])(
      'STS error $code ($status) is $class, in a proof and in a refresh',
      async ({ code, status, problem, ...verdict }) => {
        const context = await roleOf();
        for (const call of ['prove', 'refresh'] as const) {
          await cloud.fault({ endpoint: 'sts.AssumeRole' }, answer(status, code), null);
          const error = await thrown(role()[call](context));
          expect(error).toMatchObject({ ...verdict, retryAfterSeconds: 7, problem: { code: problem } });
          await cloud.clearFaults();
        }
      },
    );

    const denied = 'User: arn:aws:iam::111122223331:user/m is not authorized to perform: sts:AssumeRole on resource: r';
    test.for([
      { said: `${denied} because no identity-based policy allows the sts:AssumeRole action` },
      { said: `${denied} with an explicit deny in an identity-based policy` },
      { said: `${denied} because no permissions boundary allows the sts:AssumeRole action` },
      { said: `${denied} because no session policy allows the sts:AssumeRole action` },
      { said: `${denied} with an explicit deny in a service control policy` },
    ])("a denial by a policy of Mooring's own identity blames the operator: $said", async ({ said }) => {
      const context = await roleOf();
      await cloud.fault({ endpoint: 'sts.AssumeRole' }, answer(403, 'AccessDenied', said), null);
      const ours = { class: 'config', problem: { code: 'operator_access_denied' } };
      expect(await thrown(role().prove(context))).toMatchObject(ours);
      expect(await thrown(role().refresh(context))).toMatchObject(ours);
    });

    test.for([
      { said: `${denied} because no resource-based policy allows the sts:AssumeRole action` },
      { said: `${denied} with an explicit deny in a resource-based policy` },
      { said: `${denied} with an explicit deny in a resource control policy` },
      { said: denied },
    ])("a denial that names none of Mooring's policies is about the customer's role: $said", async ({ said }) => {
      const context = await roleOf();
      await cloud.fault({ endpoint: 'sts.AssumeRole' }, answer(403, 'AccessDenied', said), null);
      expect(await thrown(role().prove(context))).toMatchObject({ problem: { code: 'role_not_assumable' } });
      expect(await thrown(role().refresh(context))).toMatchObject({ problem: { code: 'role_withdrawn' } });
    });

    test.for([
      { said: 'Signature expired: 20261130T080000Z is now earlier than 20261130T081500Z (20261130T083000Z - 15 min.)' },
      { said: 'Signature not yet current: 20261130T090000Z is still later than 20261130T084500Z' },
    ])("a signature that is out of its time is about this machine's clock, and not about the key", async ({ said }) => {
      await cloud.fault({ endpoint: 'sts.AssumeRole' }, answer(403, 'SignatureDoesNotMatch', said), null);
      expect(await thrown(role().prove(await roleOf()))).toMatchObject({
        class: 'config',
        problem: { code: 'clock_skew' },
      });
    });

    test('a region whose STS is disabled is named, and another AWS_DEFAULT_REGION works', async () => {
      await cloud.change({ aws: { disabledRegions: ['us-east-1'] } });
      const error = await thrown(role().prove(await roleOf()));
      expect(error).toMatchObject({ class: 'user', problem: { code: 'region_disabled' } });
      expect(error.message).toContain('us-east-1');
      expect(error.problem.remedy).toContain('AWS_DEFAULT_REGION');
      const elsewhere = role({ AWS_DEFAULT_REGION: 'eu-west-1' });
      await expect(elsewhere.prove(await roleOf())).resolves.toBeDefined();
    });

    test('a session policy that is longer than AWS takes is refused before anything is sent', async () => {
      const error = await thrown(role().prove(await roleOf({ session_policy: 'x'.repeat(2_049) })));
      expect(error).toMatchObject({
        class: 'user',
        delivery: 'not_sent',
        problem: { code: 'session_policy_too_long' },
      });
    });

    test('a session policy that is not JSON is refused with the message of AWS', async () => {
      const error = await thrown(role().prove(await roleOf({ session_policy: 'read only, please' })));
      expect(error).toMatchObject({ class: 'user', problem: { code: 'session_policy_refused' } });
      expect(error.message).toContain('This policy contains invalid Json');
    });
  });

  describe('the proof of the trust policy', () => {
    /** Lets the first request pass, and applies the fault to the probes after it. */
    async function faultTheProbes(status: number, code: string) {
      await cloud.fault({ endpoint: 'sts.AssumeRole' }, { kind: 'slow', ms: 0 });
      await cloud.fault({ endpoint: 'sts.AssumeRole' }, answer(status, code), null);
    }

    test.for([
      { status: 400, code: 'Throttling' },
      { status: 503, code: 'ServiceUnavailable' },
      { status: 400, code: 'ValidationError' },
      { status: 403, code: 'RegionDisabledException' },
    ])(
      'a trust policy probe answered with $code proves nothing, and the role is not accepted yet',
      async ({ status, code }) => {
        const context = await roleOf();
        await faultTheProbes(status, code);
        const error = await thrown(role().prove(context));
        expect(error).toMatchObject({ class: 'transient', problem: { code: 'trust_policy_unproven' } });
        expect(error.message).toContain(code);
      },
    );

    test('a daily trust proof without an answer leaves the session in use, and stays due', async () => {
      const sts = await startSts((form) =>
        form.get('ExternalId') === externalId ? issuing : answer(503, 'ServiceUnavailable'),
      );
      const { fields } = await role({ AWS_ENDPOINT_URL_STS: sts.url }).refresh(await roleOf({ trust_proven_at: 1 }));
      expect(fields.reveal()).toMatchObject({ session_token: 'the-token', trust_proven_at: 1 });
      expect(sts.seen()).toEqual({ connections: 3, requests: 3 });
    });

    test('a session that AWS does not know yet is a transient error', async () => {
      const provider = awsProvider(environment);
      await provider.identity?.('aws');
      await cloud.fault({ endpoint: 'sts.GetCallerIdentity' }, answer(403, 'InvalidClientTokenId'), null);
      expect(await thrown(awsRole(provider).prove(await roleOf()))).toMatchObject({
        class: 'transient',
        problem: { code: 'session_not_usable_yet' },
      });
    });
  });

  describe('network faults', () => {
    test('a call without an answer is never a refusal, and the error says whether anything was sent', async () => {
      const context = await roleOf();
      await cloud.fault({ endpoint: 'sts.AssumeRole' }, { kind: 'drop_after' });
      expect(await thrown(role().refresh(context))).toMatchObject({ class: 'transient', delivery: 'unknown' });
      const nobody = role({ AWS_ENDPOINT_URL_STS: await closedPort() });
      expect(await thrown(nobody.refresh(context))).toMatchObject({ class: 'transient', delivery: 'not_sent' });
      await cloud.fault({ endpoint: 'sts.AssumeRole' }, { kind: 'hold_before' });
      const late = await thrown(role({}, { deadlineMs: 200 }).refresh(context));
      expect(late).toMatchObject({ class: 'transient', delivery: 'unknown', problem: { code: 'cloud_unreachable' } });
      expect(late.message).toContain('no answer within 0.2 s');
    });

    test('every attempt has its own connection and sends one request', async () => {
      const sts = await startSts(() => answer(403, 'AccessDenied'));
      const impatient = role({ AWS_ENDPOINT_URL_STS: sts.url });
      for (let tries = 0; tries < 3; tries++) await thrown(impatient.prove(await roleOf()));
      expect(sts.seen()).toEqual({ connections: 3, requests: 3 });
    });

    test('revoking an AWS role is reported as unsupported', async () => {
      await expect(role().revoke(await roleOf())).resolves.toMatchObject({ outcome: 'unsupported' });
    });
  });
});
