import { createHash } from 'node:crypto';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Json, JsonObject } from '../../../platform/json.ts';
import type { CapturedRun, RecordedRequest, RequestAuth } from './captured-runs.ts';
import { bigWorld, recordedWorld } from './recorded-world.ts';

/** The simulated API's clock runs ahead, so that a signature proves that `/auth/time` was obeyed. */
const CLOCK_AHEAD_SECONDS = 4_321;

export interface RecordedApi {
  readonly listener: RequestListener;
  /** What was asked and answered, as the recording server noted it: hanging requests are not in it. */
  readonly requests: RecordedRequest[];
  /** Requests that could not be answered, or were wrong in themselves, one sentence each. */
  readonly complaints: string[];
  /** Lets go of requests that hang. */
  release(): void;
}

/** An API that answers one captured run: the statuses are the recorded ones, the bodies the recorded world's. */
export function createRecordedApi(run: CapturedRun, applicationSecret: string): RecordedApi {
  const requests: RecordedRequest[] = [];
  const complaints: string[] = [];
  const hanging = new Set<ServerResponse>();
  const statuses = new Map(run.requests.map((request) => [`${request.method} ${request.path}`, request.status]));

  const answer: RequestListener = (request, response) => {
    const path = request.url ?? '';
    const method = request.method ?? '';
    const auth = authOf(request, applicationSecret);
    if (run.api === 'hang') return void hanging.add(response);
    const status = statuses.get(`${method} ${path}`) ?? 404;
    requests.push({ method, path, status, auth });
    if (status === 0) return void request.socket.destroy();
    const body = status === 200 ? bodyOf(run, path) : recordedError(run, path);
    const text = JSON.stringify(body.json);
    response.writeHead(status, {
      'Content-Length': Buffer.byteLength(text),
      'Content-Type': 'application/json; charset=utf-8',
      'X-IPLB-Instance': '1',
      ...(body.queryId === undefined ? {} : { 'X-Ovh-QueryId': body.queryId }),
    });
    response.end(text);
  };
  return {
    listener: (request, response) => {
      try {
        answer(request, response);
      } catch (error) {
        complaints.push(String(error));
        response.writeHead(500).end();
      }
    },
    requests,
    complaints,
    release: () => {
      for (const response of hanging) response.destroy();
    },
  };
}

interface Body {
  readonly json: Json;
  readonly queryId?: string;
}

function bodyOf(run: CapturedRun, path: string): Body {
  if (path.endsWith('/auth/time')) return { json: Math.floor(Date.now() / 1000) + CLOCK_AHEAD_SECONDS };
  if (path === '/auth/oauth2/token') {
    return { json: { access_token: 'cc-good', token_type: 'Bearer', expires_in: 3599, scope: 'all' } };
  }
  const below = path.replace(/^\/(1\.0|v1)(?=\/)/, '');
  const json = (run.api === 'big' ? bigWorld : recordedWorld).get(below);
  if (json === undefined) throw new Error(`"${run.case}": the recorded world has nothing at ${below}.`);
  if (run.api === 'empty') return { json: [] };
  if (run.api === 'null') return { json: null };
  return { json: run.api === 'nullfields' ? withNullFields(json) : json };
}

/** The `nullfields` API put nulls where every list of regions and services belongs. */
function withNullFields(json: Json): Json {
  if (Array.isArray(json)) return json.map(withNullFields);
  return typeof json === 'object' && json !== null ? { ...json, regions: null, services: null } : json;
}

const API_ERROR =
  /OVHcloud API error \(status code \d+\): (?:(\w+::\w+): )?"(.*?)(?: \(missing IAM permissions: ([^)]*)\))?" \(X-OVH-Query-Id: ([^)]+)\)/;
const TOKEN_ERROR = /oauth2: "(\w+)" "([^"]*)"/;

/** The error body behind the text that the program printed. */
function recordedError(run: CapturedRun, path: string): Body {
  const text = run.stdout.startsWith('{') ? (JSON.parse(run.stdout) as { message: string }).message : run.stdout;
  const token = TOKEN_ERROR.exec(text);
  if (path === '/auth/oauth2/token') return { json: { error: token?.[1] ?? '', error_description: token?.[2] ?? '' } };
  const [, errorClass, message, actions, queryId] = API_ERROR.exec(text) ?? API_ERROR.exec(run.stderr) ?? [];
  if (message === undefined) throw new Error(`"${run.case}": the printed text holds no API error for ${path}.`);
  const json: JsonObject = { message };
  if (errorClass !== undefined) json['class'] = errorClass;
  if (actions !== undefined) json['details'] = { unauthorizedActionsByIAM: actions };
  return queryId === undefined ? { json } : { json, queryId };
}

function authOf(request: IncomingMessage, applicationSecret: string): RequestAuth {
  const authorization = request.headers.authorization ?? '';
  if (authorization.startsWith('Bearer ')) return 'bearer';
  if (authorization.startsWith('Basic ')) return 'basic';
  if (request.headers['x-ovh-signature'] !== undefined) {
    verifySignature(request, applicationSecret);
    return 'signed';
  }
  return request.headers['x-ovh-application'] === undefined ? 'none' : 'application';
}

/** `$1$` + SHA-1 of secret, consumer key, method, URL, body and the server's time. */
function verifySignature(request: IncomingMessage, applicationSecret: string): void {
  const timestamp = String(request.headers['x-ovh-timestamp']);
  const url = `http://${request.headers.host}${request.url}`;
  const signed = [applicationSecret, request.headers['x-ovh-consumer'], request.method, url, '', timestamp].join('+');
  const expected = `$1$${createHash('sha1').update(signed).digest('hex')}`;
  const late = Math.abs(Number(timestamp) - Date.now() / 1000 - CLOCK_AHEAD_SECONDS);
  if (request.headers['x-ovh-signature'] !== expected || late > 60) {
    throw new Error(`The signature of ${request.url} is wrong, or ${late} s away from the server's time.`);
  }
}
