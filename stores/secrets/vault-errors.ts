import { isConnectFailure } from '../../platform/network-errors.ts';
import { SecretStoreConflict, SecretStoreUnavailable } from './port.ts';
import { isRefusal, refusalTexts, type VaultRefusal } from './vault-client.ts';

/** A call to Vault, and how far it came. */
export interface VaultCall {
  /** For the message, e.g. `write live/con_…`. */
  readonly what: string;
  /** Whether the call changes something. */
  readonly changes: boolean;
  /** Whether the request may have been sent. */
  sent: boolean;
}

/** No local address is free, or TLS failed: nothing was sent either. */
const NOT_CONNECTED = /^(EADDRNOTAVAIL|ERR_TLS_\w+|\w*CERT\w*|UNABLE_TO_\w+)$/;

/** Turns any error of a call to Vault into one of the port's two errors. Vault's own message is kept. */
export function toStoreError(
  error: unknown,
  call: VaultCall,
  address: string,
): SecretStoreConflict | SecretStoreUnavailable {
  if (error instanceof SecretStoreConflict || error instanceof SecretStoreUnavailable) return error;
  if (isRefusal(error)) return fromRefusal(error, call, address);
  const code = networkCode(error);
  const unsent = code !== undefined && (isConnectFailure(code) || NOT_CONNECTED.test(code));
  const ambiguous = call.changes && call.sent && !unsent;
  const reason = code ?? (error instanceof Error ? error.message : 'unknown');
  return new SecretStoreUnavailable(
    `Vault at ${address} can't be reached to ${call.what}: ${reason}. ${networkRemedy(code)}`,
    { ambiguous, cause: error },
  );
}

function fromRefusal(refusal: VaultRefusal, call: VaultCall, address: string) {
  const { statusCode } = refusal.response;
  const texts = refusalTexts(refusal);
  const said = texts.length > 0 ? `${statusCode}: ${texts.join('; ')}` : `${statusCode}`;
  if (statusCode === 400 && texts.some((text) => text.includes('check-and-set parameter did not match'))) {
    return new SecretStoreConflict(`Conflict on "${call.what}": the key is at another version. Nothing was written.`);
  }
  const sealed = statusCode === 503 && texts.some((text) => /\bsealed\b/i.test(text));
  // A 3xx or 4xx, or a sealed Vault, has changed nothing; any other 5xx may have.
  const refusedOutright = sealed || (statusCode >= 300 && statusCode < 500 && statusCode !== 408);
  return new SecretStoreUnavailable(
    `Vault at ${address} refuses to ${call.what} (${said}). ${remedy(statusCode, sealed)}`,
    {
      ambiguous: call.changes && call.sent && !refusedOutright,
      forbidden: statusCode === 403,
      cause: refusal,
    },
  );
}

function remedy(statusCode: number, sealed: boolean): string {
  if (sealed) return 'It is sealed: unseal it; nothing is lost.';
  if (statusCode === 403) return "This process's policy does not allow it: apply deploy/vault/setup.sh again.";
  if (statusCode === 404)
    return 'There is no KV version 2 mount of this name: run deploy/vault/setup.sh, or set VAULT_MOUNT.';
  if (statusCode === 429) return 'It limits the rate of requests; tried again later.';
  if (statusCode >= 300 && statusCode < 400)
    return 'It is a standby that forwards nothing: none is active (a failover is under way), or forwarding is off, so that VAULT_ADDR must name the active node or its load balancer.';
  return 'Its own log says more.';
}

const networkRemedy = (code: string | undefined): string =>
  /CERT|UNABLE_TO/.test(code ?? '')
    ? 'Its certificate is not trusted: let NODE_EXTRA_CA_CERTS name the file of its authority.'
    : 'Check that it is up and that VAULT_ADDR is right.';

/** The system's error may be wrapped, e.g. as AggregateError {code} where a name has two addresses. */
function networkCode(error: unknown): string | undefined {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if ('code' in cause && typeof cause.code === 'string') return cause.code;
  }
  return undefined;
}
