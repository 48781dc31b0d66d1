import type { KindListing, ListFailure, Listing, Loss } from '../../listing/lister.ts';
import { ProviderError } from '../../provider.ts';
import { azureTypes, readAction, typesOf, type AzureType } from '../manifest/resource-types.ts';
import { readAccess } from './access.ts';
import { attempted, type Arm } from './arm.ts';
import { deniedFailure, failureOf } from './errors.ts';
import { readSubscription } from './read-subscription.ts';
import { readRows } from './rows.ts';

/** The kinds that are wanted of one subscription, read together. */
export async function listResources(arm: Arm, subscription: string, wanted: readonly string[]): Promise<Listing> {
  const types = azureTypes.filter((type) => wanted.some((kind) => typesOf(kind).includes(type)));
  const read = await readSubscription(arm, subscription, types);
  const { source, notice } = read;
  if (read.outcome === 'denied') {
    const { failure } = read;
    return { kinds: wanted.map((kind) => ({ kind, outcome: 'failed', failure })), source, notice };
  }

  const { rows, losses: unreadable } = readRows(arm, { project: subscription, source }, read.resources);
  const seen = new Set(rows.map(({ nativeType }) => nativeType));
  const rights = await readRights(
    arm,
    subscription,
    types.filter(({ name }) => !seen.has(name.toLowerCase())),
  );
  const lossOfType = new Map(read.typeLosses.map(({ type, loss }): [AzureType, Loss] => [type, loss]));

  function listingOf(kind: string): KindListing {
    const own = rows.filter((row) => row.kind === kind);
    const ofTypes = typesOf(kind).map((type) => lossOfType.get(type) ?? rights.missing.get(type));
    const lost = ofTypes.filter((loss) => loss !== undefined);
    const [first] = lost;
    if (first && own.length === 0 && lost.length === ofTypes.length) return { kind, outcome: 'failed', failure: first };
    const isMissing = (loss: Loss): boolean => [...rights.missing.values()].includes(loss);
    const losses = [
      ...(read.outcome === 'read' && read.loss ? [read.loss] : []),
      ...unreadable.filter((one) => one.kind === kind || one.kind === null).map(({ loss }) => loss),
      // Who has roles on resource groups alone sees all that they can ever see: that is no loss.
      ...lost.filter((loss) => rights.hasRole || own.length === 0 || !isMissing(loss)),
    ];
    return { kind, outcome: 'listed', rows: own, losses };
  }
  return { kinds: wanted.map(listingOf), source, notice };
}

interface Rights {
  readonly hasRole: boolean;
  readonly missing: ReadonlyMap<AzureType, Loss>;
}

/**
 * What may not be read is left out of lists without a word, like what does not exist. So the account's rights say which of
 * the two it is, for the types that no row came of.
 */
async function readRights(arm: Arm, subscription: string, unseen: readonly AzureType[]): Promise<Rights> {
  if (unseen.length === 0) return { hasRole: true, missing: new Map() };
  const access = await attempted(async () => await readAccess(arm, subscription));
  const failureFor = (type: AzureType): ListFailure | undefined => {
    if (access instanceof ProviderError) return failureOf(access);
    const action = readAction(type);
    return access.may(action) ? undefined : deniedFailure(action, arm.grantee);
  };
  const missing = unseen.flatMap((type): [AzureType, Loss][] => {
    const failure = failureFor(type);
    return failure ? [[type, { path: type.name, ...failure }]] : [];
  });
  return { hasRole: !(access instanceof ProviderError) && access.hasRole, missing: new Map(missing) };
}
