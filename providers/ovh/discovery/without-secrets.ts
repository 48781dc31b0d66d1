import type { Json, JsonObject } from '../../../platform/json.ts';

/** Of instances `rescuePassword`; of others `token`, `metricsToken`; and whatever is named like them. */
const SECRET_NAME = /password|passwd|passphrase|secret|token|credential|private_?key|access_?key|api_?key|kubeconfig/i;
const SECRET_VALUE = /-----BEGIN [A-Z ]*PRIVATE KEY-----/;
/** RFC 3986, 3.2.1: `//user:password@`. */
const USER_INFO = /\/\/[^/@\s]+:[^/@\s]*@/g;

/** A row as it may be stored: fields named like secrets are gone, credentials in addresses struck out. */
export function withoutSecrets(row: JsonObject): JsonObject {
  const kept = Object.entries(row).filter(([name]) => !SECRET_NAME.test(name));
  return Object.fromEntries(kept.map(([name, value]) => [name, cleaned(value)]));
}

function cleaned(value: Json): Json {
  if (Array.isArray(value)) return value.map(cleaned);
  if (typeof value === 'object' && value !== null) return withoutSecrets(value);
  if (typeof value !== 'string') return value;
  return SECRET_VALUE.test(value) ? '[redacted]' : value.replace(USER_INFO, '//[redacted]@');
}
