/** Every key that Mooring uses in the ephemeral store, in one place. */
export const ephemeralKeys = {
  oauthState: (stateHash: string) => `oauth-state:${stateHash}`,
  oauthStateClaim: (stateHash: string) => `oauth-state-claim:${stateHash}`,
  view: (connectionId: string) => `view:${connectionId}`,
  events: (tenant: string) => `events:${tenant}`,
  rateLimit: (bucket: string) => `rate:${bucket}`,
} as const;
