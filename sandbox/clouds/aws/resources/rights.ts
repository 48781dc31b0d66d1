import { Type, type Static } from 'typebox';
import { Value } from 'typebox/value';

import type { Tables } from '../../../core/tables.ts';
import type { Caller } from '../callers.ts';
import type { AwsSettings } from '../settings.ts';
import { like } from '../trust-policy.ts';

const OneOrMore = Type.Union([Type.String(), Type.Array(Type.String())]);
const PolicySchema = Type.Object({
  Statement: Type.Union([
    Type.Array(
      Type.Object({ Effect: Type.String(), Action: Type.Optional(OneOrMore), NotAction: Type.Optional(OneOrMore) }),
    ),
    Type.Object({ Effect: Type.String(), Action: Type.Optional(OneOrMore), NotAction: Type.Optional(OneOrMore) }),
  ]),
});

/** Which calls a role may make: all that its account's policies do not leave out, within the session's own policy. */
export interface Rights {
  /** IAM actions that a role's policies leave out, with `*`. */
  deny(roleArn: string, actions: readonly string[]): void;
  /** How AWS ends its sentence about the refusal; undefined = the call is allowed. */
  refusal(caller: Caller, action: string): string | undefined;
}

/** What a region deny policy of AWS Control Tower leaves open. */
const EXEMPT: readonly string[] = ['account:*', 'ec2:DescribeRegions'];

export function createRights(tables: Tables, settings: () => AwsSettings): Rights {
  const denied = tables.table<{ readonly actions: readonly string[] }>('aws.denied-actions');
  return {
    deny: (roleArn, actions) => denied.put(roleArn, { actions }),
    refusal({ session, region }, action) {
      if (settings().closedRegions[region] === 'denied' && !fits(EXEMPT, action)) {
        return 'with an explicit deny in a service control policy';
      }
      if (!session) return undefined;
      if (session.policy !== null && !letsThrough(session.policy, action)) {
        return `because no session policy allows the ${action} action`;
      }
      const { actions = [] } = denied.get(session.roleArn) ?? {};
      return fits(actions, action) ? `because no identity-based policy allows the ${action} action` : undefined;
    },
  };
}

/** Allowed by one statement, denied by none. Resources and conditions are not looked at. */
function letsThrough(policy: string, action: string): boolean {
  const document: unknown = JSON.parse(policy);
  if (!Value.Check(PolicySchema, document)) return false;
  const matching = [document.Statement].flat().filter((statement) => isAbout(statement, action));
  return matching.some(({ Effect }) => Effect === 'Allow') && matching.every(({ Effect }) => Effect === 'Allow');
}

type Statement = Extract<Static<typeof PolicySchema>['Statement'], { Effect: string }>;

const isAbout = ({ Action, NotAction }: Statement, action: string): boolean =>
  NotAction === undefined ? fits([Action ?? []].flat(), action) : !fits([NotAction].flat(), action);

const fits = (patterns: readonly string[], action: string): boolean =>
  patterns.some((pattern) => like(pattern.toLowerCase()).test(action.toLowerCase()));
