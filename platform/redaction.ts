import { visibleText } from '../contracts/plain-text.ts';

/** Values under these names are secret, at any depth. */
const SECRET_NAME =
  /(token|secret|password|passcode|authorization|cookie|verifier|(consumer|application|private|api)[_-]?key|^code$)/i;
const SAFE_NAME = /(expires|ttl|type|present|rotates|_at$|At$)/;
const SECRET_IN_TEXT = [
  /\b(Bearer|Basic)\s+[\w.~+/=-]{8,}/gi,
  /\b(hvs|hvb|mrg)[._][\w.-]{8,}/g,
  /\bwhsec_[\w+/=-]{8,}/g,
  /([?&](?:code|state|token|access_token|refresh_token|client_secret|sig)=)[^&\s"]+/gi,
  /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*-----|$)/g,
  // A JSON web token; access keys of clouds; tokens of code hosts; keys in connection strings.
  /\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*/g,
  /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g,
  /\bAIza[\w-]{35}/g,
  /\b(?:gh[pousr]|github_pat)_\w{20,}/g,
  /\b(?:AccountKey|SharedAccessKey|SharedAccessSignature|Password|Pwd)=[^;\s"]+/gi,
  // The password of an address: `postgres://user:password@host`.
  /(?<=:\/\/[^\s/:@]+:)[^\s/@]+(?=@)/g,
];
export const REDACTED = '[redacted]';

/** Whether a value under this name is secret whatever it looks like. */
export const isSecretName = (name: string): boolean => SECRET_NAME.test(name) && !SAFE_NAME.test(name);

/**
 * Removes from free text whatever looks like a credential: the last protection, in addition to the others. So it is for
 * characters by which text from outside could change how a terminal shows it.
 */
export function redactText(text: string): string {
  return SECRET_IN_TEXT.reduce(
    (clean, pattern) =>
      clean.replace(
        pattern,
        (_all, lead: unknown) => (typeof lead === 'string' && /[?&]/.test(lead) ? lead : '') + REDACTED,
      ),
    visibleText(text),
  );
}
