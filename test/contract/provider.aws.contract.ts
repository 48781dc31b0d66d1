import { inspect } from 'node:util';

import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import type { CallContext, Provider } from '../../providers/provider.ts';
import type { JsonObject } from '../../platform/json.ts';
import { Secret } from '../../platform/secret.ts';
import { manifest } from '../../providers/aws/manifest.ts';
import { awsProvider, awsRole, trusting } from './provider.aws.harness.ts';
import { thrown } from './thrown.ts';
import { formMethodContract, type FormMethodHarness } from './provider.form.contract.ts';

/** An AWS (real counterpart or simulated) with one customer's account in it. */
export interface AwsUnderTest {
  /** As the operator would set it. */
  readonly environment: Readonly<Record<string, string>>;
  readonly ourAccount: string;
  readonly customerAccount: string;
  /** Makes the role, or gives it another trust policy. Answers its ARN. */
  putRole(name: string, trustPolicy: object): Promise<string>;
  deleteRole(name: string): Promise<void>;
  close(): Promise<void>;
}

const connectionId = 'con_abcdefghijklmnopqrstuvwxyz';
const externalId = 'Mooring-4f9c2a';
const { signal } = new AbortController();
const DAY_MS = 24 * 60 * 60 * 1000;

/** What Mooring relies on, for roles at every AWS. */
export function awsRoleContract(name: string, start: () => Promise<AwsUnderTest>): void {
  formMethodContract(`AWS role, ${name}`, async () => formHarness(await start()));

  describe(`AWS role: ${name}`, () => {
    let aws: AwsUnderTest;
    let provider: Provider;
    beforeAll(async () => {
      aws = await start();
      provider = awsProvider(aws.environment);
    });
    afterAll(() => aws.close());

    const trust = (condition?: object) => trusting(aws.ourAccount, condition);
    const demanding = (id = externalId) => trust({ StringEquals: { 'sts:ExternalId': id } });
    const holding = (fields: JsonObject): CallContext => ({
      region: 'aws',
      connectionId,
      record: new Secret(fields),
      signal,
    });
    const submitted = (roleArn: string, more: JsonObject = {}): CallContext =>
      holding({ role_arn: roleArn, external_id: externalId, ...more });
    async function connect(roleName: string): Promise<CallContext> {
      const context = submitted(await aws.putRole(roleName, demanding()));
      const { issued } = await awsRole(provider).prove(context);
      return holding({ ...context.record.reveal(), ...issued?.fields.reveal() });
    }

    test('Mooring knows its own account before it asks a customer for a role', async () => {
      await expect(provider.identity?.('aws')).resolves.toMatchObject({ accountId: aws.ourAccount });
    });

    test('a role that demands the external ID is proven and claimed, and gives a session of its account', async () => {
      const roleArn = await aws.putRole('demanding', demanding());
      const { issued, ...proof } = await awsRole(provider).prove(submitted(roleArn));
      expect(proof).toEqual({
        account: { id: aws.customerAccount, displayName: 'demanding' },
        warnings: [],
        claim: roleArn,
      });
      expect(issued).toMatchObject({ ttlSeconds: 3600, renewable: true, warnings: [] });
      const fields = issued?.fields.reveal() ?? {};
      const caller = await callerOf(aws.environment['AWS_ENDPOINT_URL_STS'] ?? '', fields);
      expect(caller).toBe(`arn:aws:sts::${aws.customerAccount}:assumed-role/demanding/${connectionId}`);
    });

    test.for([
      { kind: 'no condition', condition: undefined, opening: 'without an external ID' },
      {
        kind: 'StringEqualsIfExists',
        condition: { StringEqualsIfExists: { 'sts:ExternalId': externalId } },
        opening: 'without an external ID',
      },
      { kind: 'StringLike "*"', condition: { StringLike: { 'sts:ExternalId': '*' } }, opening: 'with any external ID' },
    ])(
      'a trust policy with $kind is refused, and the remedy holds the policy to paste',
      async ({ condition, opening }) => {
        const error = await thrown(awsRole(provider).prove(submitted(await aws.putRole('open', trust(condition)))));
        expect(error).toMatchObject({ class: 'user', problem: { code: 'insecure_trust_policy' } });
        expect(error.message).toContain(`lets Mooring assume the role ${opening}`);
        const pasted: unknown = JSON.parse(error.problem.remedy.slice(error.problem.remedy.indexOf('{')));
        expect(pasted).toEqual(demanding());
        await aws.putRole('open', pasted as object);
        await expect(
          awsRole(provider).prove(submitted(error.message.match(/arn:\S+/)?.[0] ?? '')),
        ).resolves.toBeDefined();
      },
    );

    test('a role that cannot be assumed yet is a transient error, and works once its trust policy is right', async () => {
      const roleArn = `arn:aws:iam::${aws.customerAccount}:role/late`;
      const notYet = { class: 'transient', problem: { code: 'role_not_assumable' } };
      expect(await thrown(awsRole(provider).prove(submitted(roleArn)))).toMatchObject(notYet);
      await aws.putRole('late', trusting('999988887777', { StringEquals: { 'sts:ExternalId': externalId } }));
      expect(await thrown(awsRole(provider).prove(submitted(roleArn)))).toMatchObject(notYet);
      await aws.putRole('late', demanding(externalId.toLowerCase()));
      expect(await thrown(awsRole(provider).prove(submitted(roleArn)))).toMatchObject(notYet);
      await aws.putRole('late', demanding());
      await expect(awsRole(provider).prove(submitted(roleArn))).resolves.toMatchObject({ claim: roleArn });
    });

    test('the error "cannot assume this role" names every cause and its remedy', async () => {
      const roleArn = `arn:aws:iam::${aws.customerAccount}:role/nowhere`;
      const { problem } = await thrown(awsRole(provider).prove(submitted(roleArn)));
      expect(problem.message).toContain('Mooring cannot assume this role');
      for (const cause of ['over 5 minutes', 'another account', 'external ID', 'does not exist', 'SCP']) {
        expect(problem.message).toContain(cause);
      }
      for (const remedy of ['Wait up to 5 minutes', externalId, 'case-sensitive', 'aws sts get-caller-identity']) {
        expect(problem.remedy).toContain(remedy);
      }
    });

    test('a refresh gives a new session of the requested length', async () => {
      const { record } = await connect('renewed');
      const shorter = holding({ ...record.reveal(), duration_seconds: '900' });
      const issued = await awsRole(provider).refresh(shorter);
      expect(issued).toMatchObject({ ttlSeconds: 900, renewable: true });
      expect(issued.fields.reveal()['session_token']).not.toBe(record.reveal()['session_token']);
    });

    test('an active connection is revoked where its trust policy changes, and works again once it is restored', async () => {
      const context = await connect('changing');
      await aws.putRole('changing', demanding('somebody-else'));
      const withdrawn = { class: 'revoked', problem: { code: 'role_withdrawn' } };
      expect(await thrown(awsRole(provider).refresh(context))).toMatchObject(withdrawn);
      expect(await thrown(awsRole(provider).prove(context))).toMatchObject(withdrawn);
      await aws.putRole('changing', demanding());
      await expect(awsRole(provider).refresh(context)).resolves.toMatchObject({ renewable: true });
      await aws.deleteRole('changing');
      expect(await thrown(awsRole(provider).refresh(context))).toMatchObject(withdrawn);
    });

    test('a trust policy that no longer demands the external ID is found by the daily proof', async () => {
      const context = await connect('opening');
      await aws.putRole('opening', trust());
      await expect(awsRole(provider).refresh(context), 'the daily proof is not due').resolves.toBeDefined();
      const dayLaterMs = Date.now() + DAY_MS;
      const dayLater = awsProvider(aws.environment, { clock: { now: () => dayLaterMs } });
      expect(await thrown(awsRole(dayLater).refresh(context))).toMatchObject({
        class: 'user',
        problem: { code: 'insecure_trust_policy' },
      });
      await aws.putRole('opening', demanding());
      const issued = await awsRole(dayLater).refresh(context);
      expect(issued.fields.reveal()['trust_proven_at']).toBe(Math.floor(dayLaterMs / 1000));
    });

    test('no error contains a secret, even when it is printed at full depth', async () => {
      const context = await connect('silent');
      await aws.putRole('silent', trust());
      const opened = await thrown(awsRole(provider).prove(context));
      await aws.deleteRole('silent');
      const errors = [
        opened,
        await thrown(awsRole(provider).prove(context)),
        await thrown(awsRole(provider).refresh(context)),
      ];
      const printed = errors.map((error) => inspect(error, { depth: Infinity, showHidden: true })).join('\n');
      const { secret_access_key, session_token } = context.record.reveal();
      for (const secret of [secret_access_key, session_token, aws.environment['AWS_SECRET_ACCESS_KEY']]) {
        expect(printed).not.toContain(secret as string);
      }
    });
  });
}

function formHarness(aws: AwsUnderTest): FormMethodHarness {
  const form = manifest.methods.find(({ id }) => id === 'role');
  if (form?.flow !== 'form') throw new Error('The AWS manifest has no form for roles.');
  let roles = 0;
  return {
    region: 'aws',
    manifest: form,
    account: aws.customerAccount,
    revocation: 'unsupported',
    method: ({ cloudUrl } = {}) =>
      awsRole(awsProvider({ ...aws.environment, ...(cloudUrl !== undefined && { AWS_ENDPOINT_URL_STS: cloudUrl }) })),
    async submit() {
      const demanding = { StringEquals: { 'sts:ExternalId': externalId } };
      const role = await aws.putRole(`form-${(roles += 1)}`, trusting(aws.ourAccount, demanding));
      return { role_arn: role, external_id: externalId };
    },
    // AWS gives the same answer for "wrong" and "not yet", so a wrong value is retried.
    wrong: { fields: { external_id: 'of-another' }, expected: { class: 'transient', code: 'role_not_assumable' } },
    withdraw: ({ role_arn }) => aws.deleteRole((role_arn as string).split('/').at(-1) ?? ''),
    close: () => aws.close(),
  };
}

/** The identity that AWS reports to the holder of a session. */
async function callerOf(endpoint: string, fields: JsonObject): Promise<string | undefined> {
  const client = new STSClient({
    endpoint,
    region: 'us-east-1',
    maxAttempts: 1,
    credentials: {
      accessKeyId: fields['access_key_id'] as string,
      secretAccessKey: fields['secret_access_key'] as string,
      sessionToken: fields['session_token'] as string,
    },
  });
  try {
    return (await client.send(new GetCallerIdentityCommand({}))).Arn;
  } finally {
    client.destroy();
  }
}
