import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { createSandboxClient, type SandboxClient } from '../../../sandbox/client.ts';
import { createSandbox, type Sandbox } from '../../../sandbox/sandbox.ts';

const place = { account: '222233334441', region: 'us-east-1' };

describe("the simulated AWS's resources", () => {
  let sandbox: Sandbox;
  let cloud: SandboxClient;
  beforeAll(async () => {
    sandbox = createSandbox();
    cloud = createSandboxClient(await sandbox.listen());
  });
  beforeEach(async () => await cloud.reset());
  afterAll(async () => await sandbox.close());

  test('resources are the same each time, and as many as were asked for', async () => {
    await cloud.aws.resize(place, { functions: 3 });
    const before = await cloud.aws.arns(place, 'functions');
    expect(before).toEqual([1, 2, 3].map((number) => `arn:aws:lambda:us-east-1:222233334441:function:job-${number}`));
    await cloud.aws.resize(place, { functions: 5 });
    expect((await cloud.aws.arns(place, 'functions')).slice(0, 3)).toEqual(before);
  });

  test('a resource that is deleted stays deleted, and the others keep their places', async () => {
    await cloud.aws.resize(place, { volumes: 3 });
    const [first = '', second = '', third = ''] = await cloud.aws.arns(place, 'volumes');
    await cloud.aws.remove(place, 'volumes', second);
    expect(await cloud.aws.arns(place, 'volumes')).toEqual([first, third]);
    await expect(cloud.aws.remove(place, 'volumes', second)).rejects.toThrow('There is no');
  });

  test('accounts and kinds that are not there are refused with what there is', async () => {
    await expect(cloud.aws.resize({ ...place, account: '999999999999' }, {})).rejects.toThrow('There is no account');
    await expect(cloud.aws.resize(place, { buckets: 1 })).rejects.toThrow('buckets in global');
  });

  test('a list without a signature is refused in the words of its service', async () => {
    const body = new URLSearchParams({ Action: 'DescribeVpcs' });
    const query = await fetch(`${sandbox.url}/aws/aws/ec2/us-east-1/`, { method: 'POST', body });
    expect([query.status, await query.text()]).toEqual([
      403,
      expect.stringContaining('<Code>MissingAuthenticationToken'),
    ]);
    const rest = await fetch(`${sandbox.url}/aws/aws/lambda/us-east-1/2015-03-31/functions`);
    expect(rest.headers.get('x-amzn-errortype')).toBe('MissingAuthenticationToken');
  });
});
