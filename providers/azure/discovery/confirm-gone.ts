import { Value } from 'typebox/value';

import { createSlots } from '../../../platform/slots.ts';
import type { InventoryRow } from '../../../stores/inventory/port.ts';
import type { Absence, AbsentRows, ListFailure } from '../../listing/lister.ts';
import { ProviderError } from '../../provider.ts';
import { azureTypes } from '../manifest/resource-types.ts';
import { SubscriptionSchema } from '../schema.ts';
import { attempted, type Arm } from './arm.ts';
import { armCodeOf, failureOf } from './errors.ts';
import { subscriptionNotEnabled } from './problems.ts';
import { AnyAnswerSchema, resourceIdPattern } from './schema.ts';
import { API_VERSION, isReadable, SUBSCRIPTION } from './subscriptions.ts';

/** Rows beyond these are left to the next passes. Azure takes 250 reads at once, and 25 a second after that. */
const MOST_ROWS = 500;
const AT_ONCE = 4;

/** `unknown`: there is no way to ask about it. */
type Verdict = 'gone' | 'there' | 'unknown' | ListFailure;

/** Azure Resource Manager for questions about one subscription; null = about none. */
export type OpenArm = (subscription: string | null) => Arm;

/**
 * Asks Azure Resource Manager for each row itself. It checks the right before it looks: "not found" is said only to those
 * who may see, and a role that was lost is refused. So this tells a deletion from a lost role, which lists cannot.
 */
export async function confirmGone(open: OpenArm, { kind, projectId, rows }: AbsentRows): Promise<Absence> {
  const gone = new Set<string>();
  const there = new Set<string>();
  let refused: ListFailure | null = null;
  const slots = createSlots(AT_ONCE);
  const arm = open(projectId);

  const note = (verdict: Verdict, { key }: InventoryRow): void => {
    if (verdict === 'gone') gone.add(key);
    else if (verdict === 'there') there.add(key);
    else if (verdict !== 'unknown') refused ??= verdict;
  };
  const each = async <T>(of: readonly T[], work: (one: T) => Promise<void>): Promise<void> =>
    void (await Promise.all(of.map((one) => slots.use(arm.context.signal, async () => await work(one)))));

  const groups = kind === SUBSCRIPTION ? rows.map((row) => [row]) : byGroup(rows);
  // One question for all that went with their resource group.
  await each(
    groups.filter((group) => group.length > 1),
    async (group) => {
      const isGone = (await askGroup(arm, group[0])) === 'gone';
      if (isGone) for (const row of group) note('gone', row);
    },
  );
  const left = inTurns(groups).filter(({ key }) => !gone.has(key));
  await each(left.slice(0, MOST_ROWS), async (row) => {
    // The first refusal is reason enough to keep the others.
    if (refused === null)
      note(kind === SUBSCRIPTION ? await askSubscription(open, row) : await askResource(arm, row), row);
  });
  return { gone, there, refused };
}

const GROUP = /^\/subscriptions\/[^/]+\/resourcegroups\/[^/]+/i;

const byGroup = (rows: readonly InventoryRow[]): readonly (readonly InventoryRow[])[] => [
  ...Map.groupBy(rows, ({ key }) => GROUP.exec(key)?.[0] ?? key).values(),
];

/** The first of each group, then the second of each: a role that was lost on one group is noticed early. */
const inTurns = (groups: readonly (readonly InventoryRow[])[]): readonly InventoryRow[] =>
  groups
    .flatMap((group) => group.map((row, turn) => ({ row, turn })))
    .sort((a, b) => a.turn - b.turn)
    .map(({ row }) => row);

async function askGroup(arm: Arm, row: InventoryRow | undefined): Promise<Verdict> {
  const group = isSafe(row?.id) ? GROUP.exec(row?.id ?? '')?.[0] : undefined;
  if (group === undefined) return 'unknown';
  return await answerTo(arm, `${encodeURI(group)}?api-version=2021-04-01`);
}

async function askResource(arm: Arm, { id, nativeType }: InventoryRow): Promise<Verdict> {
  const type = azureTypes.find(({ name }) => name.toLowerCase() === nativeType);
  if (!type || !isSafe(id)) return 'unknown';
  return await answerTo(arm, `${encodeURI(id)}?api-version=${type.apiVersion}`);
}

/** Azure's own words for it: a 404 of something in between, or of a path that it does not serve, is no deletion. */
const GONE = ['ResourceNotFound', 'ResourceGroupNotFound', 'ParentResourceNotFound', 'SubscriptionNotFound'];

async function answerTo(arm: Arm, path: string): Promise<Verdict> {
  const answer = await attempted(async () => await arm.get(path, AnyAnswerSchema));
  if (!(answer instanceof ProviderError)) return 'there';
  return GONE.includes(armCodeOf(answer) ?? '') ? 'gone' : failureOf(answer);
}

async function askSubscription(open: OpenArm, { id, name }: InventoryRow): Promise<Verdict> {
  const path = `/subscriptions/${encodeURIComponent(id)}?api-version=${API_VERSION}`;
  const answer = await attempted(async () => await open(id).get(path, AnyAnswerSchema));
  if (answer instanceof ProviderError) {
    return armCodeOf(answer) === 'SubscriptionNotFound' ? 'gone' : failureOf(answer);
  }
  if (!Value.Check(SubscriptionSchema, answer)) return 'unknown';
  if (answer.state.toLowerCase() === 'deleted') return 'gone';
  if (isReadable(answer)) return 'there';
  const problem = subscriptionNotEnabled(name, answer.state);
  return { class: 'user', problem, retryAfterSeconds: null, denied: null };
}

/** It becomes a path: a stored id that has another shape is not sent anywhere. */
const isSafe = (id: string | undefined): boolean => new RegExp(resourceIdPattern).test(id ?? '');
