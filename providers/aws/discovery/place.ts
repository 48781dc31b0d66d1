import type { RegionSettings } from '../../manifests/settings.ts';
import type { InventoryRow } from '../../../stores/inventory/port.ts';
import type { Loss } from '../../listing/lister.ts';
import { CallFailed, SessionEnded, type RegionCalls } from './calls.ts';

/** Where a list is made. */
export interface Place {
  readonly calls: RegionCalls;
  /** 12 digits: ARNs that a list leaves out are made with it. */
  readonly account: string;
  readonly partition: RegionSettings;
}

export interface Listed {
  readonly rows: readonly InventoryRow[];
  readonly losses: readonly Loss[];
}

/**
 * Parts of one kind, made side by side. A part that failed is a loss; where all have failed, the first failure is thrown.
 */
export async function together(parts: readonly { readonly path: string; readonly made: Promise<Listed> }[]) {
  const settled = await Promise.allSettled(parts.map(async ({ made }) => await made));
  const listed: Listed[] = [];
  const losses: Loss[] = [];
  let first: CallFailed | undefined;
  for (const [index, part] of settled.entries()) {
    if (part.status === 'fulfilled') {
      listed.push(part.value);
      continue;
    }
    if (!isPartly(part.reason)) throw part.reason;
    first ??= part.reason;
    losses.push(lossOf(parts[index]?.path ?? '', part.reason));
  }
  if (listed.length === 0 && first) throw first;
  return {
    rows: listed.flatMap(({ rows }) => rows),
    losses: [...losses, ...listed.flatMap((part) => part.losses)],
  };
}

/** A failure that leaves the rest of a list as it is. The end of the session, or of the work, does not. */
export const isPartly = (error: unknown): error is CallFailed =>
  error instanceof CallFailed && !(error instanceof SessionEnded);

export const lossOf = (path: string, { failure }: CallFailed): Loss => ({ path, ...failure });
