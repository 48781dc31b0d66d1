import { createHash } from 'node:crypto';
import { goText, isRow, quoted, type Row, type Value } from './go.ts';
import { send, type Answer, type Call } from './transport.ts';

export type Credentials =
  | { readonly kind: 'token'; readonly accessToken: string }
  | { readonly kind: 'application'; readonly key: string; readonly secret: string; readonly consumerKey: string };

export interface ClientSettings {
  readonly endpoint: string;
  readonly credentials: Credentials;
}

type Environment = Readonly<Record<string, string | undefined>>;

const endpoints: Readonly<Record<string, string>> = {
  'ovh-eu': 'https://eu.api.ovh.com/1.0',
  'ovh-ca': 'https://ca.api.ovh.com/1.0',
  'ovh-us': 'https://api.us.ovhcloud.com/1.0',
};

/** From the environment alone. Throws the program's own sentences. */
export function readSettings(environment: Environment): ClientSettings {
  const setting = (name: string): string => environment[`OVH_${name}`] ?? '';
  const [key, secret, consumerKey] = [
    setting('APPLICATION_KEY'),
    setting('APPLICATION_SECRET'),
    setting('CONSUMER_KEY'),
  ];
  const hasKeys = Boolean(key || secret || consumerKey);
  const accessToken = setting('ACCESS_TOKEN');
  if (hasKeys && accessToken !== '') {
    throw new Error("can't use multiple authentication methods: application_key/application_secret, access_token");
  }
  if (!hasKeys && accessToken === '') {
    throw new Error(
      'missing authentication information, you need to provide one of the following: application_key/application_secret, client_id/client_secret, or access_token',
    );
  }
  if (hasKeys && !(key && secret)) {
    throw new Error('invalid authentication config, both application_key and application_secret must be given');
  }
  const name = setting('ENDPOINT') || 'ovh-eu';
  const endpoint = name.includes('/') ? name : endpoints[name];
  if (endpoint === undefined) {
    throw new Error(`unknown endpoint '${name}', consider checking 'Endpoints' list or using an URL`);
  }
  if (accessToken !== '') return { endpoint, credentials: { kind: 'token', accessToken } };
  return { endpoint, credentials: { kind: 'application', key, secret, consumerKey } };
}

export const VERSION = '0.5.0-16-g546f3c8';

export interface Client {
  /** The request with its credentials; application keys need the API's time first. */
  prepare(path: string): Promise<Call>;
  get(path: string): Promise<Value>;
}

export function createClient(settings: ClientSettings): Client {
  const { endpoint, credentials } = settings;
  let clockAheadSeconds: Promise<number> | undefined;

  const base = {
    Accept: 'application/json',
    'Accept-Encoding': 'gzip',
    'User-Agent': `github.com/ovh/go-ovh (ovh-cli/${VERSION})`,
    ...(credentials.kind === 'application' ? { 'X-Ovh-Application': credentials.key } : {}),
  };

  const credentialHeaders = async (url: string): Promise<Record<string, string>> => {
    if (credentials.kind === 'token') return { Authorization: `Bearer ${credentials.accessToken}` };
    const clock = { method: 'GET', url: targetOf(endpoint, '/auth/time'), headers: base } as const;
    clockAheadSeconds ??= readClock(clock);
    const timestamp = String(Math.floor(Date.now() / 1000) + (await clockAheadSeconds));
    const signed = [credentials.secret, credentials.consumerKey, 'GET', url, '', timestamp].join('+');
    return {
      'X-Ovh-Timestamp': timestamp,
      'X-Ovh-Consumer': credentials.consumerKey,
      'X-Ovh-Signature': `$1$${createHash('sha1').update(signed).digest('hex')}`,
    };
  };

  const prepare = async (path: string): Promise<Call> => {
    const url = targetOf(endpoint, path);
    return { method: 'GET', url, headers: { ...base, ...(await credentialHeaders(url)) } };
  };
  return { prepare, get: async (path) => decoded(await send(await prepare(path))) };
}

/** Paths that name a version of their own replace the endpoint's, but for endpoints that end otherwise. */
function targetOf(endpoint: string, path: string): string {
  const names = endpoint.endsWith('/1.0') && /^\/v[12]\//.test(path);
  return (names ? endpoint.slice(0, -'/1.0'.length) : endpoint) + path;
}

async function readClock(call: Call): Promise<number> {
  return Number(decoded(await send(call))) - Math.floor(Date.now() / 1000);
}

/** The body of a success; throws the API's error in the program's words otherwise. */
export function decoded(answer: Answer): Value {
  if (answer.status >= 200 && answer.status < 300) {
    if (answer.body === '') return null;
    try {
      return JSON.parse(answer.body) as Value;
    } catch (error) {
      const isCut = /end of JSON input|Unterminated/.test(String(error));
      throw new Error(
        isCut
          ? 'unexpected end of JSON input'
          : `invalid character ${goCharacter(answer.body)} looking for beginning of value`,
        { cause: error },
      );
    }
  }
  const { errorClass, message, missing } = errorBody(answer.body);
  const text = missing.length > 0 ? `${message} (missing IAM permissions: ${missing.join(', ')})` : message;
  const queryId = answer.headers['x-ovh-queryid'];
  throw new Error(
    `OVHcloud API error (status code ${answer.status}): ${errorClass === '' ? '' : `${errorClass}: `}${quoted(text)}` +
      (queryId === undefined ? '' : ` (X-OVH-Query-Id: ${String(queryId)})`),
  );
}

interface ErrorBody {
  readonly errorClass: string;
  readonly message: string;
  readonly missing: readonly string[];
}

/** The program knows details that are strings; with any other it shows the body as it came. */
function errorBody(text: string): ErrorBody {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return { errorClass: '', message: text, missing: [] };
  }
  if (!isRow(body)) return { errorClass: '', message: text, missing: [] };
  const errorClass = goText(body['class'] ?? '');
  const details: Row = isRow(body['details']) ? body['details'] : {};
  if (Object.values(details).some((detail) => typeof detail !== 'string')) {
    return { errorClass, message: text, missing: [] };
  }
  const missing = ['unauthorizedActionsByAuthentication', 'unauthorizedActionsByIAM']
    .map((name) => goText(details[name] ?? ''))
    .filter((actions) => actions !== '');
  return { errorClass, message: goText(body['message'] ?? ''), missing };
}

const goCharacter = (text: string): string => `'${text.trimStart()[0] ?? ''}'`;
