import { createHash } from 'node:crypto';
import type { ClientSettings } from './credentials.ts';
import { logAnswer, logCall } from './debug.ts';
import { because } from './failures.ts';
import { goText, isRow, quoted, type Row, type Value } from './json.ts';
import { send, type Answer, type Call } from './transport.ts';

export const VERSION = '0.5.0-16-g546f3c8';

export interface Client {
  /** Puts the request together, credentials included; this may itself ask for the time or for a token. */
  prepare(path: string): Promise<Call>;
  exchange(call: Call): Promise<Answer>;
  get(path: string): Promise<Value>;
}

export function createClient(settings: ClientSettings, debug: boolean): Client {
  const { endpoint, credentials } = settings;
  let clockAheadSeconds: Promise<number> | undefined;
  let token: Promise<string> | undefined;

  const base = {
    Accept: 'application/json',
    'Accept-Encoding': 'gzip',
    'User-Agent': `github.com/ovh/go-ovh (ovh-cli/${VERSION})`,
    ...(credentials.kind === 'application' ? { 'X-Ovh-Application': credentials.key } : {}),
  };

  const exchange = async (call: Call): Promise<Answer> => {
    if (debug) logCall(call);
    const answer = await send(call);
    if (debug) logAnswer(answer);
    return answer;
  };

  const authenticated = async (method: 'GET', url: string): Promise<Record<string, string>> => {
    switch (credentials.kind) {
      case 'token':
        return { Authorization: `Bearer ${credentials.accessToken}` };
      case 'client':
        token ??= mintToken(credentials);
        return { Authorization: `Bearer ${await token}` };
      case 'application': {
        clockAheadSeconds ??= readClock(exchange, {
          method: 'GET',
          url: targetOf(endpoint, '/auth/time'),
          headers: base,
        });
        const timestamp = String(Math.floor(Date.now() / 1000) + (await clockAheadSeconds));
        const signed = [credentials.secret, credentials.consumerKey, method, url, '', timestamp].join('+');
        return {
          'X-Ovh-Timestamp': timestamp,
          'X-Ovh-Consumer': credentials.consumerKey,
          'X-Ovh-Signature': `$1$${createHash('sha1').update(signed).digest('hex')}`,
        };
      }
    }
  };

  const prepare = async (path: string): Promise<Call> => {
    const url = targetOf(endpoint, path);
    return { method: 'GET', url, headers: { ...base, ...(await authenticated('GET', url)) } };
  };
  return { prepare, exchange, get: async (path) => decoded(await exchange(await prepare(path))) };
}

/** Paths that name a version of their own replace the endpoint's, but for endpoints that end otherwise. */
function targetOf(endpoint: string, path: string): string {
  const names = endpoint.endsWith('/1.0') && /^\/v[12]\//.test(path);
  return (names ? endpoint.slice(0, -'/1.0'.length) : endpoint) + path;
}

async function readClock(exchange: Client['exchange'], call: Call): Promise<number> {
  const time = decoded(await exchange(call));
  return Number(time) - Math.floor(Date.now() / 1000);
}

/** RFC 6749, 4.4: credentials in the header first, in the body where the server refuses that. Never printed. */
async function mintToken(client: { id: string; secret: string; tokenUrl: string }): Promise<string> {
  const form = new URLSearchParams({ grant_type: 'client_credentials', scope: 'all' });
  const headers = { 'Content-Type': 'application/x-www-form-urlencoded', 'User-Agent': 'Go-http-client/1.1' };
  const basic = Buffer.from(`${encodeURIComponent(client.id)}:${encodeURIComponent(client.secret)}`).toString('base64');
  const post = async (more: Record<string, string>, body: string): Promise<Answer> =>
    await send({ method: 'POST', url: client.tokenUrl, headers: { ...headers, ...more }, body });
  try {
    let answer = await post({ Authorization: `Basic ${basic}` }, form.toString());
    if (answer.status !== 200) {
      form.set('client_id', client.id);
      form.set('client_secret', client.secret);
      answer = await post({}, form.toString());
    }
    const body: unknown = JSON.parse(answer.body);
    if (!isRow(body)) throw new Error('oauth2: cannot parse json');
    if (answer.status !== 200) {
      throw new Error(
        `oauth2: ${quoted(goText(body['error'] ?? ''))} ${quoted(goText(body['error_description'] ?? ''))}`,
      );
    }
    return goText(body['access_token'] ?? '');
  } catch (error) {
    throw because('failed to retrieve OAuth2 Access Token', error);
  }
}

/** The body of a success; throws the API's error in the program's words otherwise. */
export function decoded(answer: Answer): Value {
  if (answer.status >= 200 && answer.status < 300) {
    if (answer.body === '') return null;
    try {
      return JSON.parse(answer.body) as Value;
    } catch {
      throw new Error(`invalid character ${goCharacter(answer.body)} looking for beginning of value`);
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
