import type { Ledger } from '../client/ledger.ts';
import type { Random } from '../random.ts';
import type { ChaosStack } from '../stack/stack.ts';
import type { Locks } from './locks.ts';
import type { Operator } from './temporal-operator.ts';

/** What `--without` can leave out. */
export const groups = [
  'kills',
  'freezes',
  'servers',
  'network',
  'vault',
  'redis',
  'cloud',
  'operator',
  'deploys',
  'rotation',
] as const;
export type Group = (typeof groups)[number];

/** What an action acts on. */
export interface World {
  readonly stack: ChaosStack;
  readonly ledger: Ledger;
  readonly operator: Operator;
  readonly locks: Locks;
  readonly say: (line: string) => void;
  /** How long a fault lasts; cut short when the quiet begins. */
  readonly pause: (seconds: number) => Promise<void>;
}

/** An action as a seed has decided it, before the run. */
export interface Drawn {
  readonly kind: string;
  readonly group: Group;
  /** What it does, in words. */
  readonly text: string;
  /** Processes and links that it takes for itself; where one is taken already, it is left out. */
  readonly needs: readonly string[];
  /** From the beginning of the fault to its end. */
  run(world: World): Promise<void>;
}

export interface ActionType {
  readonly weight: number;
  readonly group: Group;
  draw(random: Random): Drawn;
}
