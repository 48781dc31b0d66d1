import { describe, expect, inject } from 'vitest';

import { callIam } from '../support/aws-iam.ts';
import { awsRoleContract } from './provider.aws.contract.ts';

const { ministack } = inject('components');

/** An access key id of 12 digits is the root of that account. Its server is the whole run's: accounts of our own. */
const ourAccount = '310000000001';
const customerAccount = '310000000002';

describe.skipIf(ministack === null)('with ministack as AWS', () => {
  awsRoleContract('on ministack', () => {
    const url = ministack?.url ?? '';
    const iam = async (parameters: Record<string, string>) =>
      await callIam(url, { accessKeyId: customerAccount, secretAccessKey: 'test' }, parameters);
    return Promise.resolve({
      environment: {
        AWS_ENDPOINT_URL_STS: url,
        AWS_ACCESS_KEY_ID: ourAccount,
        AWS_SECRET_ACCESS_KEY: 'the-operators-secret',
      },
      ourAccount,
      customerAccount,
      async putRole(RoleName, trustPolicy) {
        const document = JSON.stringify(trustPolicy);
        const changed = await iam({ Action: 'UpdateAssumeRolePolicy', RoleName, PolicyDocument: document });
        if (changed.status === 404) {
          const made = await iam({ Action: 'CreateRole', RoleName, AssumeRolePolicyDocument: document });
          expect(made).toMatchObject({ status: 200 });
        } else {
          expect(changed).toMatchObject({ status: 200 });
        }
        return `arn:aws:iam::${customerAccount}:role/${RoleName}`;
      },
      async deleteRole(RoleName) {
        expect(await iam({ Action: 'DeleteRole', RoleName })).toMatchObject({ status: 200 });
      },
      close: () => Promise.resolve(),
    });
  });
});
