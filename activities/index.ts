import { createSlots } from '../platform/slots.ts';
import { createInventory } from '../stores/inventory/inventory.ts';
import type { Activities, KeepFreshInput } from '../contracts/activities.ts';
import { createAttemptRecorder } from './attempts.ts';
import { createAdvanceBatch, type BatchTools } from './batches/advance-batch.ts';
import { createTellBatch } from './batches/tell-batch.ts';
import { createApplyBulk, createTellBulk, type BulkTools } from './bulk/apply-bulk.ts';
import type { ActivityDependencies, WebhookTools } from './dependencies.ts';
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
import { createDeliverWebhook } from './webhooks/deliver-webhook.ts';
import { createEndpointHealth } from './webhooks/endpoint-health.ts';
import { createEndpointPace } from './webhooks/endpoint-pace.ts';
import { createEstimateReplay, createReplayPage } from './webhooks/replay-page.ts';

/** Every activity of a worker, except reconciliation, which has other adapters and is added by the worker. */
export function createActivities(
  deps: ActivityDependencies & {
    readonly batches: BatchTools;
    readonly bulk: BulkTools;
    readonly webhooks: WebhookTools;
  },
): Omit<Activities, 'reconcileConnections'> {
  const refresh = createRefreshProtocol(deps);
  const recorded = createAttemptRecorder(deps);
  const { starter, listsAtOnce } = deps.discovery;
  const { webhooks } = deps;
  const replay = { endpoints: webhooks.endpoints, deliveries: webhooks.existing, ephemeral: deps.ephemeral };
  const delivery = {
    ...webhooks,
    clock: deps.clock,
    health: createEndpointHealth({ ...deps, endpoints: webhooks.endpoints }),
    pace: createEndpointPace(deps),
  };
  const discovery = { ...deps, inventory: createInventory(deps), listSlots: createSlots(listsAtOnce) };
  return {
    exchangeCode: recorded('exchange', createExchangeCode(deps)),
    recoverExchange: createRecoverExchange(deps),
    proveGrant: recorded('proof', createProveGrant(deps)),
    promoteGrant: createPromoteGrant(deps),
    discardGrant: recorded('revoke', createDiscardGrant(deps)),
    keepFresh: recorded('renewal', createKeepFresh(deps, refresh), isOrdinary),
    refreshCredential: recorded('renewal', createRefreshCredential(deps, refresh)),
    storeSealed: createStoreSealed(deps),
    resealReply: createResealReply(deps),
    retireCredential: createRetireCredential(deps),
    withdrawAccess: createWithdrawAccess(deps),
    restoreAccess: createRestoreAccess(deps),
    writeAbout: createWriteAbout(deps),
    revokeCredential: recorded('revoke', createRevokeCredential(deps)),
    destroySecrets: createDestroySecrets(deps),
    writeTombstone: createWriteTombstone(deps),
    verifyCredential: recorded('verify', createVerifyCredential(deps)),
    publishNews: createPublishNews(deps),
    checkSubmission: createCheckSubmission(deps),
    startDiscovery: createStartDiscovery({ ...discovery, starter }),
    planDiscovery: recorded('discovery', createPlanDiscovery(discovery), always),
    listProject: recorded('discovery', createListProject(discovery), always),
    finishDiscovery: createFinishDiscovery(discovery),
    dropInventory: createDropInventory(discovery),
    advanceBatch: createAdvanceBatch({ ...deps, ...deps.batches }),
    tellBatch: createTellBatch(deps),
    applyBulk: createApplyBulk({ ...deps, ...deps.bulk }),
    tellBulk: createTellBulk(deps),
    deliverWebhook: createDeliverWebhook(delivery),
    estimateReplay: createEstimateReplay(replay),
    replayPage: createReplayPage(replay),
  };
}

/** While all is well, a renewal is. The first good one after trouble is kept, and shows its end. */
const isOrdinary = ({ degradedSince, isRefused }: KeepFreshInput): boolean => degradedSince === null && !isRefused;

/** Resources and their freshness tell of good lists. */
const always = (): boolean => true;
