import { expect, test } from 'vitest';
import { roleBatch } from '../../../providers/aws/manifest/batch.ts';

const setup = { accountId: '111122223333', externalId: 'Mooring-of-the-batch' };
const blocks = roleBatch.guide?.({ region: 'aws', values: {}, setup }) ?? [];
const textOf = (format: string): string => blocks.find((block) => block.format === format)?.text ?? expect.fail();

test('the StackSet makes a role of a known name in every account, with the account and the external ID of the batch', () => {
  const template = textOf('yaml');
  expect(template).toContain('RoleName: Mooring\n');
  expect(template).toContain("Default: '111122223333'");
  expect(template).toContain("Default: 'Mooring-of-the-batch'");
  expect(template).toContain('sts:ExternalId: !Ref ExternalId');
});

test('the commands make the StackSet with service-managed permissions, and may make a role of a given name', () => {
  const commands = textOf('shell');
  expect(commands).toContain('create-stack-set');
  expect(commands).toContain('--permission-model SERVICE_MANAGED');
  // CloudFormation makes no role of a given name without it.
  expect(commands).toContain('--capabilities CAPABILITY_NAMED_IAM');
  expect(commands).toContain('create-stack-instances');
});

test('the role that is made is the one that account ids and its name stand for', () => {
  expect(roleBatch.short?.makes['role_arn']).toBe('arn:{region}:iam::{accountIds}:role/{roleName}');
  expect(blocks.at(-1)?.text).toContain('Mooring as the name of the role');
});
