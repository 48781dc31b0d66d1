import { createSlots } from '../platform/slots.ts';
import { createInventory } from '../stores/inventory/inventory.ts';
import type { Activities } from '../contracts/activities.ts';
import { createAdvanceBatch, type BatchTools } from './batches/advance-batch.ts';
import { createTellBatch } from './batches/tell-batch.ts';
import { createApplyBulk, createTellBulk, type BulkTools } from './bulk/apply-bulk.ts';
import type { ActivityDependencies } from './dependencies.ts';
import { createDiscardGrant } from './discard-grant.ts';
import {
  createDestroySecrets,
  createRetireCredential,
  createRevokeCredential,
  createWriteTombstone,
} from './disconnect.ts';
import { createDropInventory, createFinishDiscovery } from './discovery/finish-discovery.ts';
import { createListProject } from './discovery/list-project.ts';
import { createPlanDiscovery } from './discovery/plan-discovery.ts';
import { createStartDiscovery } from './discovery/start-discovery.ts';
import { createExchangeCode, createRecoverExchange } from './exchange-code.ts';
import { createRestoreAccess, createWithdrawAccess, createWriteAbout } from './live-record.ts';
import { createPromoteGrant } from './promote-grant.ts';
import { createCheckSubmission, createVerifyCredential } from './prove-account.ts';
import { createProveGrant } from './prove-grant.ts';
import { createPublishNews } from './publish-news.ts';
import { createKeepFresh } from './refresh/keep-fresh.ts';
import { createRefreshProtocol } from './refresh/protocol.ts';
import { createRefreshCredential } from './refresh/refresh-credential.ts';
import { createResealReply, createStoreSealed } from './sealed-reply.ts';

/** Every activity of a worker, except reconciliation, which has other adapters and is added by the worker. */
export function createActivities(
  deps: ActivityDependencies & { readonly batches: BatchTools; readonly bulk: BulkTools },
): Omit<Activities, 'reconcileConnections'> {
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
    advanceBatch: createAdvanceBatch({ ...deps, ...deps.batches }),
    tellBatch: createTellBatch(deps),
    applyBulk: createApplyBulk({ ...deps, ...deps.bulk }),
    tellBulk: createTellBulk(deps),
  };
}
