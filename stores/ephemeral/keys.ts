/** Every key that Mooring uses in the ephemeral store, in one place. */
export const ephemeralKeys = {
  oauthState: (stateHash: string) => `oauth-state:${stateHash}`,
  oauthStateClaim: (stateHash: string) => `oauth-state-claim:${stateHash}`,
  /** An authorization code that waits until the platform completes the sign-in, by the hash of its handle. */
  parkedCode: (handleHash: string) => `parked-code:${handleHash}`,
  /** What a worker last reported of a region: missing settings, and Mooring's own identity there. */
  providerReport: (provider: string, region: string) => `provider-report:${provider}:${region}`,
  /** What the last reconciliation counted, for metrics and readiness. */
  reconcile: 'reconcile',
  /** How many connections run, by the key of their provider's gate. */
  connectionsByGate: 'reconcile:connections',
  /** Ids of connections that the last reconciliation found late, paused or stuck. */
  unwell: 'reconcile:unwell',
  /** When the credential was issued and is renewed next, as of the last renewal. */
  facts: (connectionId: string) => `facts:${connectionId}`,
  /** Status, problem and warnings, as of the last change. */
  condition: (connectionId: string) => `condition:${connectionId}`,
  /** Whether calls to a provider are held; see `activities/refresh/provider-gate.ts`. */
  providerGate: (provider: string) => `provider-gate:${provider}`,
  /** The last answer of a provider that a worker reported, and the calls since then that had no answer. */
  providerAnswer: (provider: string) => `provider-answer:${provider}`,
  providerSilence: (provider: string, row: string) => `provider-silence:${provider}:${row}`,
  /** A running probe, and a caller who was asked to return for one. A round is named by the time of its probe. */
  providerProbe: (provider: string, round: number) => `provider-probe:${provider}:${round}`,
  providerProbeBooking: (provider: string, round: number) => `provider-probe-booking:${provider}:${round}`,
  /** What a request with an Idempotency-Key asked for, by the hash of verb and key. */
  request: (connectionId: string, hash: string) => `request:${connectionId}:${hash}`,
  /** The progress of a submission with an Idempotency-Key. */
  submission: (connectionId: string, requestId: string) => `submission:${connectionId}:${requestId}`,
  /** How many attempts an activity had before the server's count started again. */
  triesBefore: (runId: string, activityId: string) => `tries:${runId}:${activityId}`,
  /** What people know the items of a batch by, and what became of them; in one slot, like an inventory. */
  batchLabels: (batchId: string) => `batch-labels:{${batchId}}`,
  batchItems: (batchId: string) => `batch-items:{${batchId}}`,
  batchFence: (batchId: string) => `batch-fence:{${batchId}}`,
  /** The newest calls to the cloud; those of lists apart. */
  attempts: (connectionId: string) => `attempts:${connectionId}`,
  attemptsOfLists: (connectionId: string) => `attempts-of-lists:${connectionId}`,
  events: (tenant: string) => `events:${tenant}`,
  /** What endpoints of webhooks were told, to be replayed. */
  webhookEvents: (tenant: string) => `webhook-events:${tenant}`,
  /** How many deliveries have failed since an endpoint last took one, and until when it wants fewer. */
  webhookFailures: (endpoint: string) => `webhook-failures:${endpoint}`,
  webhookHeld: (endpoint: string) => `webhook-held:${endpoint}`,
  /**
   * The facts of each partition, and the newest discovery. The braces put a connection's keys into one slot of a Redis
   * Cluster: they are changed together.
   */
  inventory: (connectionId: string) => `inventory:{${connectionId}}`,
  /** The rows of each partition. */
  inventoryRows: (connectionId: string) => `inventory-rows:{${connectionId}}`,
  /** The newest epoch whose inventory was dropped: later writes of that epoch are refused. */
  inventoryDropped: (connectionId: string) => `inventory-dropped:{${connectionId}}`,
  /** What the lists of a tenant changed on a UTC day, and how many bytes of it a tenant or a connection has used. */
  changes: (tenant: string, day: string) => `changes:${tenant}:${day}`,
  changesOfTenant: (tenant: string, day: string) => `changes-of-tenant:${tenant}:${day}`,
  changesOfConnection: (connectionId: string, day: string) => `changes-of-connection:${connectionId}:${day}`,
  /** Set while the first discovery of a connection finds its resources: they are told as one change. */
  firstDiscovery: (connectionId: string) => `first-discovery:${connectionId}`,
  /** How many resources a connection has, by kind and region. */
  resourceCounts: (connectionId: string) => `resource-counts:${connectionId}`,
  rateLimit: (bucket: string) => `rate:${bucket}`,
  /** When and from where an API key was used last. */
  apiKeyUse: (keyId: string) => `api-key-use:${keyId}`,
  /** The ids of API keys that were revoked or changed, for every API process. */
  changedApiKeys: 'changed-api-keys',
} as const;
