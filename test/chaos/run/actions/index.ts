import type { ActionType } from './action.ts';
import { cloudActions } from './cloud.ts';
import { networkActions } from './network.ts';
import { operatorActions } from './operator.ts';
import { processActions } from './processes.ts';
import { releaseActions } from './releases.ts';
import { storeActions } from './stores.ts';

/** Everything that goes wrong by chance, each as often as its weight says. */
export const actionTypes: readonly ActionType[] = [
  ...processActions,
  ...networkActions,
  ...storeActions,
  ...cloudActions,
  ...operatorActions,
  ...releaseActions,
];
