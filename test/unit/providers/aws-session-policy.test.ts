import { describe, expect, test } from 'vitest';

import { LONGEST_SESSION_POLICY } from '../../../providers/aws/manifest.ts';
import { discovery, listActions } from '../../../providers/aws/manifest/discovery.ts';
import { discoveryPolicy } from '../../../providers/aws/discovery/session-policy.ts';

const own = (statement: unknown) => JSON.stringify({ Version: '2012-10-17', Statement: statement });
const allowed = { Effect: 'Allow', Action: 's3:*', Resource: '*' };

describe('the policy of a session for discovery', () => {
  test('the policy for lists allows the list actions and nothing else, and leaves room for a policy of the connection', () => {
    const policy = discoveryPolicy(undefined);
    expect(JSON.parse(policy)).toEqual({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Action: listActions, Resource: '*' }],
    });
    expect(policy.length).toBeLessThanOrEqual(LONGEST_SESSION_POLICY / 3);
    for (const action of listActions) expect(action).toMatch(/^[a-z0-9-]+:(Describe|List|GetResources)\w*$/);
  });

  test.for([
    { what: 'several statements', statement: [allowed, allowed] },
    { what: 'a single statement', statement: allowed },
  ])("a connection's policy of $what is kept, and everything but lists is denied", ({ statement }) => {
    const { Statement: statements } = JSON.parse(discoveryPolicy(own(statement))) as { Statement: object[] };
    expect(statements.slice(0, -1)).toEqual([statement].flat());
    expect(statements.at(-1)).toEqual({ Effect: 'Deny', NotAction: listActions, Resource: '*' });
  });

  test('a policy of the connection that leaves no room is used alone, never a wider one', () => {
    const long = own([{ ...allowed, Resource: `arn:aws:s3:::${'x'.repeat(1_700)}` }]);
    expect(long.length).toBeLessThanOrEqual(LONGEST_SESSION_POLICY);
    expect(discoveryPolicy(long)).toBe(long);
  });

  test.for(['read only, please', 'null', '[]', '{"Version":"2012-10-17"}'])(
    'a policy that nothing can be added to is sent as it is: %s',
    (policy) => expect(discoveryPolicy(policy)).toBe(policy),
  );

  test('every kind has the exact statement that lets it be listed', () => {
    for (const { needs, grant } of discovery.kinds) {
      expect(JSON.parse(grant)).toEqual({ Effect: 'Allow', Action: needs, Resource: '*' });
      expect(listActions).toEqual(expect.arrayContaining([...needs]));
    }
  });
});
