import type { Static } from 'typebox';
import { Value } from 'typebox/value';

import { createSlots } from '../../../platform/slots.ts';
import type { ListFailure, Loss } from '../../listing/lister.ts';
import { ProviderError } from '../../provider.ts';
import type { AzureType } from '../manifest/resource-types.ts';
import { attempted, type Arm } from './arm.ts';
import { columnsOf } from './columns.ts';
import { lossOf } from './errors.ts';
import { readArmPages, type Pages } from './pages.ts';
import { notSeenByArm } from './problems.ts';
import { PresentSchema, VmStatusSchema } from './schema.ts';

/** What was found, in the columns of the query, and what of which type was not. */
export interface Found {
  readonly resources: readonly unknown[];
  readonly losses: readonly { readonly type: AzureType; readonly loss: Loss }[];
}

/** A bucket of 250 reads is refilled by 25 a second, for each account and subscription. */
const AT_ONCE = 4;

const VM = 'microsoft.compute/virtualmachines';
const DATABASES = 'microsoft.sql/servers/databases';

/**
 * The resources of one subscription by Azure Resource Manager: the list of everything says which types there are, and the
 * list of each type has the same facts as Resource Graph, so that rows do not change with the way they were listed.
 * `cause` is why Resource Graph could not be used. Throws where the list of everything cannot be read.
 */
export async function listByArm(
  arm: Arm,
  subscription: string,
  wanted: readonly AzureType[],
  cause: Pick<ListFailure, 'class' | 'retryAfterSeconds'>,
): Promise<Found> {
  const base = `/subscriptions/${subscription}`;
  const all = await readArmPages(arm, `${base}/resources?api-version=2021-04-01`);
  const present = all.rows.filter((row) => Value.Check(PresentSchema, row));
  const types = new Set(present.map(({ type }) => type.toLowerCase()));
  const slots = createSlots(AT_ONCE);
  const { signal } = arm.context;
  const resources: unknown[] = [];
  const losses: { type: AzureType; loss: Loss }[] = [];

  const listType = async (type: AzureType): Promise<void> => {
    const path = `${base}/providers/${type.name}`;
    const read = await attempted(async () => await ofType(arm, path, type));
    if (read instanceof ProviderError) return void losses.push({ type, loss: lossOf(path, read) });
    for (const row of read.rows) resources.push(row);
    if (read.loss) losses.push({ type, loss: read.loss });
  };

  const isListed = (type: AzureType): boolean => types.has(type.name.toLowerCase()) && !isChild(type);
  await Promise.all(wanted.filter(isListed).map((type) => slots.use(signal, async () => await listType(type))));

  for (const type of wanted) {
    // What is below another resource has no list of its own in a subscription.
    if (isChild(type) && types.has(parentOf(type))) {
      const { class: kind, retryAfterSeconds } = cause;
      losses.push({
        type,
        loss: { path: type.name, class: kind, problem: notSeenByArm, retryAfterSeconds, denied: null },
      });
    }
    // A page that is missing may hold a type that no other page has.
    if (all.loss) losses.push({ type, loss: all.loss });
  }
  return { resources, losses };
}

const isChild = ({ name }: AzureType): boolean => name.toLowerCase() === DATABASES;
const parentOf = ({ name }: AzureType): string => name.toLowerCase().split('/').slice(0, -1).join('/');

async function ofType(arm: Arm, path: string, { name, apiVersion }: AzureType): Promise<Pages> {
  const type = name.toLowerCase();
  const list = `${path}?api-version=${apiVersion}`;
  const pages = await readArmPages(arm, list);
  const rows = pages.rows.map((row) => columnsOf(type, row));
  if (type !== VM) return { ...pages, rows };
  // Only the list of their states says whether machines run.
  const states = await readArmPages(arm, `${list}&statusOnly=true`);
  const power = new Map(
    states.rows.filter((row) => Value.Check(VmStatusSchema, row)).map((row) => [row.id.toLowerCase(), powerOf(row)]),
  );
  return {
    ...pages,
    rows: rows.map((row) => ({ ...row, power: power.get(String(row['id']).toLowerCase()) ?? '' })),
    loss: pages.loss ?? states.loss,
  };
}

const powerOf = ({ properties }: Static<typeof VmStatusSchema>): string =>
  properties.instanceView?.statuses?.find(({ code }) => code?.startsWith('PowerState/'))?.code ?? '';
