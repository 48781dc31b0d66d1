import { createSandboxClient } from '../../sandbox/client.ts';
import { createSandbox, sandboxEnvironment } from '../../sandbox/sandbox.ts';
import { awsRoleContract } from './provider.aws.contract.ts';

awsRoleContract('on the sandbox', async () => {
  const sandbox = createSandbox();
  const url = await sandbox.listen();
  const cloud = createSandboxClient(url);
  const customerAccount = '222233334441';
  return {
    environment: sandboxEnvironment(url),
    ourAccount: '111122223331',
    customerAccount,
    putRole: async (name, trustPolicy) => await cloud.putAwsRole({ name, trustPolicy }),
    deleteRole: async (name) => await cloud.deleteAwsRole(`arn:aws:iam::${customerAccount}:role/${name}`),
    close: async () => await sandbox.close(),
  };
});
