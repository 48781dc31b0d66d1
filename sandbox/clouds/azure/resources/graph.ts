import { Type } from 'typebox';
import { Value } from 'typebox/value';

import type { JsonObject } from '../../../../platform/json.ts';
import type { CloudContext, Reply, SandboxRequest } from '../../../core/cloud.ts';
import type { AzureCloud, AzureSettings } from '../settings.ts';
import { armError, type Caller } from './caller.ts';
import type { AzureResource, Estate } from './estate.ts';
import { parseKql, type Kql } from './kql.ts';
import { pageOf } from './pages.ts';

const QuerySchema = Type.Object({
  subscriptions: Type.Array(Type.String(), { minItems: 1, maxItems: 1000 }),
  query: Type.String(),
  options: Type.Optional(
    Type.Object({
      $top: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000 })),
      $skipToken: Type.Optional(Type.String()),
      resultFormat: Type.Optional(Type.String()),
    }),
  ),
});

const WINDOW_MS = 5_000;
const GRAPH_ACTION = 'Microsoft.ResourceGraph/resources/read';
const SUPPORT = 'Please provide below info when asking for support: timestamp = 2026-01-01T00:00:00.0000000Z.';

/** Azure Resource Graph: https://learn.microsoft.com/rest/api/azureresourcegraph/resourcegraph/resources/resources */
export function createResourceGraph({ settings, clock }: CloudContext<AzureSettings>, estate: Estate) {
  const windows = new Map<string, { readonly startedAt: number; used: number }>();

  /** Counts a query of somebody's; answers what is left of their quota. */
  function spend(who: string): { left: number; resetsInSeconds: number } {
    const now = clock.now();
    let window = windows.get(who);
    if (!window || now >= window.startedAt + WINDOW_MS || now < window.startedAt) {
      windows.set(who, (window = { startedAt: now, used: 0 }));
    }
    window.used += 1;
    const resetsInSeconds = Math.max(1, Math.ceil((window.startedAt + WINDOW_MS - now) / 1000));
    return { left: settings().graphQueriesIn5Seconds - window.used, resetsInSeconds };
  }

  // The pages of one query are read one after the other: they are cut from the same rows.
  const last = new Map<string, { readonly of: readonly unknown[]; readonly rows: readonly JsonObject[] }>();

  function rowsOf(cloud: AzureCloud, caller: Caller, subscriptions: readonly string[], kql: Kql) {
    const found = subscriptions.map((id) => estate.resources(cloud, id));
    const who = `${cloud.id}/${caller.id}`;
    const of = [...found, ...subscriptions, kql.text, ...caller.permissions.notActions];
    const known = last.get(who);
    if (known?.of.length === of.length && of.every((part, index) => part === known.of[index])) return known.rows;
    const rows = subscriptions
      // What may not be read is left out without a word.
      .flatMap((id, index) => (found[index] ?? []).filter(({ type }) => caller.may(`${type}/read`, id)))
      .filter(({ type }) => kql.types.includes(type.toLowerCase()))
      .map(rowOf)
      .filter((row) => !kql.isLeftOut(row))
      .map(kql.project);
    last.set(who, { of, rows });
    return rows;
  }

  function answer(cloud: AzureCloud, caller: Caller, body: string): Reply {
    const request = parsed(body);
    const kql = request && parseKql(request.query);
    if (!request || !kql) return withDetails(400, 'BadRequest', 'InvalidQuery', 'Query is invalid.');
    const readable = request.subscriptions.filter((id) => caller.may(GRAPH_ACTION, id));
    if (readable.length === 0) {
      const message = 'Access is denied to the requested resource. The user might not have enough permission.';
      return withDetails(403, 'AccessDenied', 'AccessDenied', message);
    }
    const rows = rowsOf(cloud, caller, readable, kql);
    const { $top = 100, $skipToken = null } = request.options ?? {};
    const page = pageOf(rows, $skipToken, $top, settings().brokenPages['resource-graph']);
    if (!page) return withDetails(400, 'BadRequest', 'InvalidSkipToken', 'Skip token is invalid.');
    return {
      status: 200,
      body: {
        totalRecords: rows.length,
        count: page.rows.length,
        data: page.rows,
        facets: [],
        // "true" is said where rows are left out and no token leads to them; not of a page in the middle.
        resultTruncated: page.token !== null && !kql.hasPages ? 'true' : 'false',
        ...(page.token !== null && kql.hasPages && { $skipToken: page.token }),
      },
    };
  }

  return (cloud: AzureCloud, caller: Caller, { body }: SandboxRequest): Reply => {
    const { left, resetsInSeconds } = spend(`${cloud.id}/${caller.id}`);
    const headers = {
      'x-ms-user-quota-remaining': String(Math.max(0, left)),
      'x-ms-user-quota-resets-after': `00:00:${String(resetsInSeconds).padStart(2, '0')}`,
    };
    if (left < 0) {
      const refused = withDetails(
        429,
        'RateLimiting',
        'RateLimiting',
        'Client application has been throttled and should not attempt to repeat the request until an amount of time has elapsed.',
      );
      return { ...refused, headers: { ...headers, 'retry-after': String(resetsInSeconds) } };
    }
    const reply = answer(cloud, caller, body);
    return { ...reply, headers: { ...headers, ...reply.headers } };
  };
}

function withDetails(status: number, code: string, detail: string, message: string): Reply {
  const reply = armError(status, code, SUPPORT);
  const { error } = reply.body as { error: object };
  return { ...reply, body: { error: { ...error, details: [{ code: detail, message }] } } };
}

function parsed(body: string) {
  let query: unknown;
  try {
    query = JSON.parse(body);
  } catch {
    return undefined;
  }
  return Value.Check(QuerySchema, query) ? query : undefined;
}

/** As its index has it: the type and the kind in lower case, the resource group in ids in upper case. */
function rowOf({ id, type, name, group, power, body }: AzureResource): JsonObject {
  const { properties, kind, id: shownId = id } = body;
  const upper = (text: string): string =>
    text.replace(`/resourceGroups/${group}/`, `/resourceGroups/${group.toUpperCase()}/`);
  return {
    ...body,
    id: typeof shownId === 'string' ? upper(shownId) : shownId,
    name,
    type: type.toLowerCase(),
    resourceGroup: group.toLowerCase(),
    ...(typeof kind === 'string' && { kind: kind.toLowerCase() }),
    properties: {
      ...(properties as JsonObject),
      ...(power !== null && { extended: { instanceView: { powerState: { code: power } } } }),
    },
  };
}
