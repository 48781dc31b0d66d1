import { createInventory } from '../stores/inventory/inventory.ts';
import type { Activities } from '../contracts/activities.ts';
import { createCheckSubmission } from './check-submission.ts';
import type { ActivityDependencies } from './dependencies.ts';
import { createSlots } from '../providers/cli/slots.ts';
import { createDestroySecrets } from './destroy-secrets.ts';
import { createDiscardGrant } from './discard-grant.ts';
import { createDropInventory } from './drop-inventory.ts';
import { createExchangeCode } from './exchange-code.ts';
import { createFinishDiscovery } from './finish-discovery.ts';
import { createKeepFresh } from './keep-fresh.ts';
import { createListProject } from './list-project.ts';
import { createPlanDiscovery } from './plan-discovery.ts';
import { createPromoteGrant } from './promote-grant.ts';
import { createProveGrant } from './prove-grant.ts';
import { createPublishNews } from './publish-news.ts';
import { createRecoverExchange } from './recover-exchange.ts';
import { createRefreshCredential } from './refresh-credential.ts';
import { createRefreshProtocol } from './refresh/protocol.ts';
import {
  createRestoreAccess,
  createRetireCredential,
  createWithdrawAccess,
  createWriteAbout,
} from './retire-credential.ts';
import { createRevokeCredential } from './revoke-credential.ts';
import { createStartDiscovery } from './start-discovery.ts';
import { createResealReply, createStoreSealed } from './store-sealed.ts';
import { createVerifyCredential } from './verify-credential.ts';
import { createWriteTombstone } from './write-tombstone.ts';

/** Every activity of a worker, made of its adapters. Reconciliation has adapters of its own and is added by the worker. */
export function createActivities(deps: ActivityDependencies): Omit<Activities, 'reconcileConnections'> {
  const refresh = createRefreshProtocol(deps);
  const { starter, listsAtOnce } = deps.discovery;
  const discovery = { ...deps, inventory: createInventory(deps), listSlots: createSlots(listsAtOnce) };
  return {
    exchangeCode: createExchangeCode(deps),
    recoverExchange: createRecoverExchange(deps),
    proveGrant: createProveGrant(deps),
    promoteGrant: createPromoteGrant(deps),
    discardGrant: createDiscardGrant(deps),
    keepFresh: createKeepFresh(deps, refresh),
    refreshCredential: createRefreshCredential(deps, refresh),
    storeSealed: createStoreSealed(deps),
    resealReply: createResealReply(deps),
    retireCredential: createRetireCredential(deps),
    withdrawAccess: createWithdrawAccess(deps),
    restoreAccess: createRestoreAccess(deps),
    writeAbout: createWriteAbout(deps),
    revokeCredential: createRevokeCredential(deps),
    destroySecrets: createDestroySecrets(deps),
    writeTombstone: createWriteTombstone(deps),
    verifyCredential: createVerifyCredential(deps),
    publishNews: createPublishNews(deps),
    checkSubmission: createCheckSubmission(deps),
    startDiscovery: createStartDiscovery({ ...discovery, starter }),
    planDiscovery: createPlanDiscovery(discovery),
    listProject: createListProject(discovery),
    finishDiscovery: createFinishDiscovery(discovery),
    dropInventory: createDropInventory(discovery),
  };
}
