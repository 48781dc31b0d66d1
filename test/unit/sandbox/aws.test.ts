import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';

import type { ProviderError } from '../../../providers/provider.ts';
import { createSandboxClient, type SandboxClient } from '../../../sandbox/client.ts';
import { createSandbox, sandboxEnvironment } from '../../../sandbox/sandbox.ts';
import { awsProvider, awsRole, trusting } from '../../contract/provider.aws.harness.ts';
import { callIam } from '../../support/aws-iam.ts';
import { Secret } from '../../../platform/secret.ts';

const customer = { accessKeyId: 'AKIASANDBOX122223333', secretAccessKey: 'sandbox-aws-2222-secret-access-key' };
const arn = 'arn:aws:iam::222233334441:role/reader';
const externalId = 'ext-1';
const demanding = trusting('111122223331', { StringEquals: { 'sts:ExternalId': externalId } });

describe('the simulated AWS', () => {
  let cloud: SandboxClient;
  let endpoint: string;
  let nowMs: number;
  let environment: Record<string, string>;
  beforeEach(async () => {
    nowMs = Date.now();
    const sandbox = createSandbox({ clock: { now: () => nowMs } });
    onTestFinished(() => sandbox.close());
    environment = sandboxEnvironment(await sandbox.listen());
    endpoint = `${sandbox.url}/aws/aws/`;
    cloud = createSandboxClient(sandbox.url);
  });

  const iam = async (parameters: Record<string, string>, keys = customer) => await callIam(endpoint, keys, parameters);
  const create = async (policy: unknown = demanding) =>
    await iam({ Action: 'CreateRole', RoleName: 'reader', AssumeRolePolicyDocument: JSON.stringify(policy) });
  const proves = async (roleArn = arn) =>
    await awsRole(awsProvider(environment))
      .prove({
        region: 'aws',
        connectionId: 'con_sandbox',
        record: new Secret({ role_arn: roleArn, external_id: externalId }),
        signal: new AbortController().signal,
      })
      .then(
        () => 'proven',
        (error: unknown) => (error as ProviderError).problem.code,
      );

  test('a customer creates, changes and deletes a role with signed requests to IAM', async () => {
    expect(await create()).toMatchObject({ status: 200, text: expect.stringContaining(`<Arn>${arn}</Arn>`) as string });
    expect(await create()).toMatchObject({ status: 409 });
    expect(await proves()).toBe('proven');
    const PolicyDocument = JSON.stringify(trusting('999988887777'));
    expect(await iam({ Action: 'UpdateAssumeRolePolicy', RoleName: 'reader', PolicyDocument })).toMatchObject({
      status: 200,
    });
    expect(await proves()).toBe('role_not_assumable');
    expect(await iam({ Action: 'DeleteRole', RoleName: 'reader' })).toMatchObject({ status: 200 });
    expect(await iam({ Action: 'GetRole', RoleName: 'reader' })).toMatchObject({ status: 404 });
  });

  test('an AWS request with a wrong secret key or without a signature is refused', async () => {
    const forged = await iam({ Action: 'GetRole', RoleName: 'reader' }, { ...customer, secretAccessKey: 'guessed' });
    expect(forged).toMatchObject({ status: 403, text: expect.stringContaining('SignatureDoesNotMatch') as string });
    const bare = await fetch(endpoint, { method: 'POST', body: new URLSearchParams({ Action: 'GetCallerIdentity' }) });
    expect([bare.status, await bare.text()]).toEqual([403, expect.stringContaining('MissingAuthenticationToken')]);
  });

  test('a new or changed role takes effect at STS only after the propagation time', async () => {
    await cloud.change({ aws: { propagationSeconds: 60 } });
    await create();
    expect(await proves()).toBe('role_not_assumable');
    nowMs += 60_000;
    expect(await proves()).toBe('proven');
    await cloud.putAwsRole({ name: 'reader', trustPolicy: trusting('999988887777') });
    expect(await proves(), 'STS goes by the old policy').toBe('proven');
    nowMs += 60_000;
    expect(await proves()).toBe('role_not_assumable');
  });

  test('an explicit Deny wins, and a policy condition that is not simulated is refused', async () => {
    const [allow] = demanding.Statement;
    await create({ ...demanding, Statement: [allow, { ...allow, Effect: 'Deny', Condition: undefined }] });
    expect(await proves()).toBe('role_not_assumable');
    await iam({ Action: 'DeleteRole', RoleName: 'reader' });
    const beyond = trusting('111122223331', { IpAddress: { 'aws:SourceIp': '192.0.2.0/24' } });
    expect(await create(beyond)).toMatchObject({ status: 400 });
  });

  test('the quick-create page creates the role of the template, and allows no script but its own', async () => {
    const page = await fetch(`${environment['AWS_CONSOLE_URL']}/cloudformation/home`);
    expect(page.headers.get('content-security-policy')).toMatch(/default-src 'none'.*script-src 'sha256-/);
    expect(await page.text()).toContain('Acorn Analytics');
    const form = { account: '222233334441', MooringAccountId: '111122223331', ExternalId: externalId };
    const created = await fetch(page.url, { method: 'POST', body: new URLSearchParams(form) });
    const [made = ''] = /arn:aws:iam::222233334441:role\/[\w-]+/.exec(await created.text()) ?? [];
    expect(await proves(made)).toBe('proven');
  });
});
