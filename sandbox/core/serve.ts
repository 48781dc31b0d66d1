import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';

import type { Operation, Reply, Counters } from './cloud.ts';
import { mostParticular, type FaultAction, type Faults } from './faults.ts';
import type { Holds } from './holds.ts';
import type { Tables } from './tables.ts';

export interface Exchange {
  readonly operation: Operation;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

/**
 * Serves one request of a simulated cloud: latency, the fault script, the work itself as one transaction, the reply.
 * The state is on disk before any of the reply is sent, so a fault in the reply never undoes the work.
 */
export function createServe(deps: {
  tables: Tables;
  faults: Faults;
  holds: Holds;
  countersOf: (cloud: string) => Counters;
  latencyMs: () => Readonly<Record<string, number>>;
  /** Aborted when the sandbox closes: what is still waiting then does nothing more. */
  closing: AbortSignal;
}): (exchange: Exchange) => Promise<void> {
  const { tables, faults, holds, closing } = deps;

  return async ({ operation, request, response }) => {
    const { endpoint } = operation;
    const latency = mostParticular(deps.latencyMs(), endpoint) ?? 0;
    tables.commit(() => deps.countersOf(operation.cloud).add(`requests.${endpoint}`));

    const fault = faults.take(operation, request.url ?? '');
    const hold = (when: 'before' | 'after') => holds.enter(operation, when, () => response.destroyed);
    if (latency > 0) await delay(latency, undefined, { ref: false });
    if (fault?.kind === 'slow') await delay(fault.ms, undefined, { ref: false });
    if (fault?.kind === 'hold_before') await hold('before');
    if (closing.aborted) return;
    if (fault?.kind === 'drop_before') return void request.socket.destroy();

    const reply = scripted(fault) ?? altered(tables.commit(operation.handle), fault);

    if (fault?.kind === 'hold_after') await hold('after');
    if (fault?.kind === 'drop_after') return void request.socket.destroy();
    send(response, { ...reply, headers: { ...operation.headers, ...reply.headers } });
  };
}

function scripted(fault: FaultAction | undefined): Reply | undefined {
  if (fault?.kind === 'respond') {
    return { status: fault.status, body: fault.body, ...(fault.headers && { headers: fault.headers }) };
  }
  if (fault?.kind !== 'refuse') return undefined;
  return {
    status: fault.error === 'invalid_client' ? 401 : 400,
    body: { error: fault.error, ...(fault.description !== undefined && { error_description: fault.description }) },
  };
}

function altered(reply: Reply, fault: FaultAction | undefined): Reply {
  if (fault?.kind !== 'alter') return reply;
  const { status = reply.status, headers, set, unset = [] } = fault;
  const body =
    typeof reply.body === 'object' && reply.body !== null
      ? Object.fromEntries(Object.entries({ ...reply.body, ...set }).filter(([name]) => !unset.includes(name)))
      : reply.body;
  return { status, headers: { ...reply.headers, ...headers }, body };
}

export function send(response: ServerResponse, { status, headers = {}, body }: Reply): void {
  const text = body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body);
  const type = typeof body === 'string' ? 'text/plain; charset=utf-8' : 'application/json';
  response.writeHead(status, {
    'content-type': type,
    'content-length': Buffer.byteLength(text),
    'cache-control': 'no-store',
    ...headers,
  });
  response.end(text);
}
