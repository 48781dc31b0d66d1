import { REDACTED } from '../../platform/redaction.ts';

/** Headers that hold a credential, a signature or a part of one. */
const SECRET_HEADER =
  /authorization|cookie|token|secret|signature|credential|password|consumer|application$|api-?key|assertion/i;
/** Fields of a body that do. A `token_type` or a `grant_type` does not. */
const SECRET_FIELD = /(secret|token|password|passcode|assertion|verifier|private_?key|api_?key)$|^code$/i;

/** Shorter values stand in ordinary text by chance. */
const SHORTEST = 8;
/** A gateway may cut what it repeats: what begins like a long secret is one. */
const HEAD_OF = 24;
const HEAD = 16;

/** The secrets of one request, as they were sent. */
export function secretsOf({
  headers,
  body,
}: {
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: URLSearchParams | string | undefined;
}): string[] {
  const inHeaders = Object.entries(headers)
    .filter(([name]) => SECRET_HEADER.test(name))
    .flatMap(([, value]) => partsOf(value));
  return [...new Set([...inHeaders, ...secretFields(body)])].filter((secret) => secret.length >= SHORTEST);
}

/** Of `Bearer …` the token; of `AWS4-HMAC-SHA256 Credential=…, Signature=…` each value; of `Basic …` the password. */
function partsOf(header: string): string[] {
  const [scheme = '', rest] = header.split(/ (.*)/s);
  if (rest === undefined) return [header];
  if (/^basic$/i.test(scheme)) {
    const [, password = ''] = Buffer.from(rest, 'base64').toString('utf8').split(/:(.*)/s);
    return [rest, password];
  }
  const values = rest.split(/[\s,;]+/).map((part) => /^[\w-]+=(.+)$/.exec(part)?.[1] ?? part);
  return [rest, ...values];
}

function secretFields(body: URLSearchParams | string | undefined): string[] {
  if (body === undefined || body === '') return [];
  if (typeof body === 'string' && body.startsWith('{')) return jsonSecrets(body);
  return [...new URLSearchParams(body)].filter(([name]) => SECRET_FIELD.test(name)).map(([, value]) => value);
}

function jsonSecrets(body: string): string[] {
  const secrets: string[] = [];
  try {
    JSON.parse(body, (name, value: unknown) => {
      if (SECRET_FIELD.test(name) && typeof value === 'string') secrets.push(value);
      return value;
    });
  } catch {
    // What is not JSON has no fields.
  }
  return secrets;
}

/** Replaces these values, in each form in which JSON, a URL or a page writes them. */
export function createRedactor(secrets: readonly string[]): (text: string) => string {
  const forms = [...new Set(secrets.filter((secret) => secret !== '').flatMap(formsOf))];
  if (forms.length === 0) return (text) => text;
  // The longest first: a secret may begin with another one.
  const sorted = forms.toSorted((one, other) => other.length - one.length);
  const pattern = new RegExp(sorted.map(patternOf).join('|'), 'g');
  const heads = sorted.map((form) => (form.length >= HEAD_OF ? form.slice(0, HEAD) : form));
  // Lists have megabytes: most hold nothing of it, and this is the quick way to know.
  return (text) => (heads.some((head) => text.includes(head)) ? text.replaceAll(pattern, REDACTED) : text);
}

function formsOf(secret: string): string[] {
  const inJson = JSON.stringify(secret).slice(1, -1);
  const inHtml = secret
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
  return [secret, inJson, inJson.replaceAll('/', String.raw`\/`), encodeURIComponent(secret), inHtml];
}

const escaped = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\/-]/g, String.raw`\$&`);

const patternOf = (form: string): string =>
  form.length >= HEAD_OF ? `${escaped(form)}|${escaped(form.slice(0, HEAD))}[\\w.~+/=%-]*` : escaped(form);
