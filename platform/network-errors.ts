/** Failures of name resolution and of connecting. */
const CONNECT_CODES: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/** True for an error code that says that no connection was made: no byte of the request has left. */
export const isConnectFailure = (code: string): boolean => CONNECT_CODES.has(code);
