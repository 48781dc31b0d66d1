import type { FastifyContextConfig, FastifyReply, FastifyRequest } from 'fastify';
import { connectionIdPattern } from '../../../contracts/ids.ts';
import { iso } from '../../../contracts/time.ts';
import type { Clock } from '../../../platform/clock.ts';
import type { AuditEntry } from '../../../stores/audit/line.ts';
import type { AuditRecorder } from '../../../stores/audit/recorder.ts';
import { plugin } from '../plugin.ts';
import { asActor } from '../principal.ts';

/** What a route knows about its request and the plugin cannot see. */
export interface AuditFacts {
  readonly connection?: string;
  readonly target?: string;
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /**
     * How it is recorded: each request, or repeats within a minute as one line. Default: each, and not at all where it only
     * reads (GET and HEAD). Refusals are counted on every route.
     */
    audit?: 'each' | 'counted';
  }
  interface FastifyRequest {
    auditFacts: AuditFacts | null;
  }
}

const READS: readonly string[] = ['GET', 'HEAD'];
/** No key, no right, too often: recorded wherever it happens. */
const REFUSALS: readonly number[] = [401, 403, 429];
const CONNECTION = new RegExp(connectionIdPattern);
/** Ids of providers and of keys. */
const TARGET = /^[a-z0-9][a-z0-9_.-]{0,62}$/;

export interface AuditDependencies {
  readonly audit: { readonly recorder: AuditRecorder };
  readonly clock: Clock;
}

/**
 * Records who did what. Nothing of a body, a query or a header gets into the record, and of a path only ids: paths of
 * pages carry tokens.
 */
export const auditing = ({ audit, clock }: AuditDependencies) =>
  plugin('audit', ['problems', 'request-log', 'authentication'], (app) => {
    const { recorder } = audit;
    const recorded = new WeakSet<FastifyRequest>();
    app.decorateRequest('auditFacts', null);

    // Not onResponse: it does not run where the caller has hung up, and the verb was served all the same.
    app.addHook('onSend', (request, reply, _payload, done) => {
      const mode = modeOf(request, reply);
      const entry = mode && !recorded.has(request) && entryOf(request, reply, iso(clock.now()));
      if (entry) {
        recorded.add(request);
        recorder.record(entry, { mayRepeat: mode === 'counted' || entry.outcome === 'refused' });
      }
      done();
    });
    app.addHook('onClose', async () => await recorder.close());
  });

/** Adds to what is recorded of this request. Ids only, and nothing secret. */
export function audited(request: FastifyRequest, facts: AuditFacts): void {
  request.auditFacts = { ...request.auditFacts, ...facts };
}

/** Undefined where the request is not recorded. */
function modeOf(
  { method, routeOptions }: FastifyRequest,
  { statusCode }: FastifyReply,
): FastifyContextConfig['audit'] | undefined {
  if (method === 'OPTIONS') return undefined;
  return routeOptions.config.audit ?? (READS.includes(method) && !REFUSALS.includes(statusCode) ? undefined : 'each');
}

/** Undefined where there is no such route. */
function entryOf(request: FastifyRequest, reply: FastifyReply, at: string): AuditEntry | undefined {
  const { principal, auditFacts, routeOptions } = request;
  const action = routeOptions.schema?.operationId;
  if (action === undefined) return undefined;
  const actor = principal && asActor(principal);
  // What a caller without a key or link writes into a path is not recorded: it could fill the record with anything.
  const id = actor ? idIn(request.params) : undefined;
  const connection = auditFacts?.connection ?? (id !== undefined && CONNECTION.test(id) ? id : null);
  const other = id !== undefined && id !== connection && TARGET.test(id) ? id : null;
  return {
    at,
    requestId: request.id,
    callerRequestId: request.callerRequestId,
    actor,
    tenant: principal?.tenant ?? null,
    address: request.ip,
    action,
    connection,
    target: auditFacts?.target ?? other,
    outcome: outcomeOf(reply.statusCode),
    status: reply.statusCode,
    code: request.problemCode,
    count: 1,
    lastAt: at,
  };
}

function outcomeOf(status: number): AuditEntry['outcome'] {
  if (status >= 500) return 'failed';
  return status >= 400 ? 'refused' : 'done';
}

function idIn(params: unknown): string | undefined {
  const id: unknown = typeof params === 'object' && params !== null && 'id' in params ? params.id : undefined;
  return typeof id === 'string' ? id : undefined;
}
