import { listActions, listPolicy } from '../manifest/discovery.ts';
import { LONGEST_SESSION_POLICY } from '../manifest.ts';

/**
 * What a session for discovery is narrowed to: the list actions, within what the connection's own session policy allows.
 * ReadOnlyAccess also reads objects, parameters and user data, which a list has no use for.
 *
 * AWS takes one inline policy with a session, so ours is written into the connection's own, as a statement that denies
 * everything else: a denial overrides what the other statements allow. Where that gets too long, or the connection's
 * policy has a form that nothing can be added to, it is used alone: never one that is wider than it.
 */
export function discoveryPolicy(own: string | undefined): string {
  if (own === undefined) return listPolicy();
  const both = withListsOnly(own);
  return both !== undefined && both.length <= LONGEST_SESSION_POLICY ? both : own;
}

const nothingElse = { Effect: 'Deny', NotAction: listActions, Resource: '*' };

function withListsOnly(policy: string): string | undefined {
  try {
    const document: unknown = JSON.parse(policy);
    if (typeof document !== 'object' || document === null || !('Statement' in document)) return undefined;
    return JSON.stringify({ ...document, Statement: [document.Statement, nothingElse].flat() });
  } catch {
    return undefined;
  }
}
