import { describe, inject } from 'vitest';

import { callIam } from '../support/aws-iam.ts';
import { awsRoleContract } from './provider.aws.contract.ts';

const { ministack } = inject('components');

/** An access key id of 12 digits is the root of that account. Its server is the whole run's: accounts of our own. */
const ourAccount = '310000000001';
const customerAccount = '310000000002';

describe.skipIf(ministack === null)('with ministack as AWS', () => {
  awsRoleContract('on ministack', () => {
    const url = ministack?.url ?? '';
    const keys = { accessKeyId: customerAccount, secretAccessKey: 'test' };
    /** True where it was done, false where there is no such role. */
    async function iam(parameters: Record<string, string>): Promise<boolean> {
      const { status, text } = await callIam(url, keys, parameters);
      if (status !== 200 && status !== 404) throw new Error(`IAM answered ${status}: ${text}`);
      return status === 200;
    }
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
        if (!changed) await iam({ Action: 'CreateRole', RoleName, AssumeRolePolicyDocument: document });
        return `arn:aws:iam::${customerAccount}:role/${RoleName}`;
      },
      async deleteRole(RoleName) {
        await iam({ Action: 'DeleteRole', RoleName });
      },
      close: () => Promise.resolve(),
    });
  });
});
