import { describe, expect, it } from 'vitest';
import { isOperatorScope, operatorScopes, tenantScopes, type ApiKeyScope } from '../../../stores/api-key-scopes.ts';
import { EphemeralStoreUnavailable } from '../../../stores/ephemeral/port.ts';
import { composeApp } from './composed-app.ts';
import { openApiOperations } from '../../support/open-api-operations.ts';

const operations = await openApiOperations();

/** Who may call each operation. A new operation fails a test until it stands here. */
const access: readonly (readonly [scopes: string, operationIds: string])[] = [
  [
    '',
    'getOpenApi getHealth getReadiness browseApi getAsset getAccent showInvitation beginPlatformSignIn showResult getProgress receiveCallbackOvhOauth2Callback receiveCallbackAzureCallback receiveCallbackCallback',
  ],
  [
    'connections:read',
    'getBatch listBatchItems listConnections getSummary getBulk listBulkResults getConnection listConnectionEvents getGuide getTimeline listAttempts listResources listResourcesOfConnection getInventory getPermissions summarizeResources listResourceChanges exportResourcesAsNdjson exportResourcesAsCsv exportAllResourcesAsNdjson exportAllResourcesAsCsv streamEvents',
  ],
  [
    'connections:write',
    'createBulk dryRunBulk cancelBulk createBatch addBatchItems cancelBatch createConnection annotateConnection disconnect inviteAgain revokeInvitation reauthorizeConnection confirmConnection discoverConnection verifyConnection pauseConnection resumeConnection recoverConnection tryNow refreshConnection submitValues initiateSignIn completeSignIn initiateOvhAuthorizationCode completeOvhAuthorizationCode refreshOvhAuthorizationCode validateOvhAuthorizationCode',
  ],
  ['credentials:read', 'getCredentials'],
  ['keys:write operator:keys', 'listApiKeys getApiKey createApiKey rotateApiKey revokeApiKey'],
  ['operator:tenants', 'listTenants createTenant getTenant changeTenant'],
  ['webhooks:read', 'listWebhooks getWebhook listWebhookDeliveries getWebhookDelivery getWebhookReplay'],
  [
    'webhooks:write',
    'createWebhook changeWebhook deleteWebhook rollWebhookSecret endWebhookSecretOverlap enableWebhook disableWebhook testWebhook retryWebhookDelivery replayWebhook cancelWebhookReplay',
  ],
  ['admin', 'getOwnTenant changeOwnTenant'],
  ['connections:read operator:providers', 'listProviders'],
  ['operator:providers', 'pauseProvider resumeProvider'],
  ['operator:metrics', 'getMetrics'],
  ['operator:system', 'getSystem'],
  ['admin operator:audit', 'listAudit exportAudit verifyAudit'],
  ['operator:decode', 'decodePayloads encodePayloads'],
];
const words = (text: string): string[] => text.split(' ').filter((word) => word !== '');
const expected = new Map(access.flatMap(([scopes, ids]) => words(ids).map((id) => [id, words(scopes)] as const)));

describe('the operations of the OpenAPI document', () => {
  it('every operation is public, or needs the scopes that are listed for it', () => {
    const declared = new Map(operations.map(({ operationId, scopes }) => [operationId, scopes] as const));
    expect(Object.fromEntries(declared)).toEqual(Object.fromEntries(expected));
  });

  it('every operation that is not public is refused without an API key', async () => {
    const { app } = await composeApp();
    for (const { operationId, method, url, scopes } of operations) {
      if (scopes.length === 0) continue;
      const { statusCode } = await app.inject({ method, url });
      expect([operationId, statusCode]).toEqual([operationId, 401]);
    }
  });

  it.each<ApiKeyScope>([...tenantScopes, ...operatorScopes])(
    'an API key with the scope %s alone may call the operations that take it, and no others',
    async (scope) => {
      const { deps } = await composeApp();
      // A stream of events would go on.
      const readStream = async () => await Promise.reject(new EphemeralStoreUnavailable('down'));
      const composed = await composeApp(
        { codecPathToken: undefined },
        { apiKeys: deps.apiKeys, ephemeral: { ...deps.ephemeral, readStream } },
      );
      const headers = isOperatorScope(scope) ? await composed.operatorKey(scope) : await composed.keyFor('acme', scope);
      for (const { operationId, method, url } of operations) {
        const takes = expected.get(operationId) ?? [];
        if (takes.length === 0) continue;
        const reply = await composed.app.inject({ method, url, headers });
        const isRefused =
          reply.statusCode === 401 || (reply.statusCode === 403 && reply.body.includes('insufficient_scope'));
        const mayCall =
          takes.includes(scope) || (scope === 'admin' && !takes.every((each) => each.startsWith('operator:')));
        expect([operationId, isRefused]).toEqual([operationId, !mayCall]);
      }
    },
  );
});
