/** Of a request body, where a route sets no limit of its own. */
export const BODY_LIMIT_BYTES = 64 * 1024;

/** A request must have arrived by then, with its body: a client that sends slowly holds a connection no longer. */
export const REQUEST_TIMEOUT_MS = 30_000;

/** Nothing sent or received for this long. Event streams send a comment every 15 seconds. */
export const IDLE_TIMEOUT_MS = 120_000;

/** Options of Node's HTTP server. */
export const connectionLimits = {
  headersTimeout: 10_000,
  /** How often Node looks for requests that take too long. */
  connectionsCheckingInterval: 1_000,
} as const;
